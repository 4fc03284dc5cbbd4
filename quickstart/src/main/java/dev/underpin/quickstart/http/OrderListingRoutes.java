package dev.underpin.quickstart.http;

import dev.underpin.errors.Envelope;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import dev.underpin.quickstart.application.OrderSummary;
import dev.underpin.quickstart.application.Orders;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The listings of orders. */
final class OrderListingRoutes {
    private final Orders orders;
    private final Paginator paginator;

    OrderListingRoutes(Orders orders, Paginator paginator) {
        this.orders = orders;
        this.paginator = paginator;
    }

    void register(RoutesConfig routes, Answers answers) {
        var all = answers.to(this::all);
        var ofCustomer = answers.to(this::ofCustomer);
        routes.get("/orders", all);
        routes.head("/orders", all);
        routes.get("/customers/{id}/orders", ofCustomer);
        routes.head("/customers/{id}/orders", ofCustomer);
    }

    private Result<Envelope<List<Map<String, Object>>>, DomainError> all(Context http) {
        return page(http, "/orders", orders.listing(), orders::list);
    }

    private Result<Envelope<List<Map<String, Object>>>, DomainError> ofCustomer(Context http) {
        return Requests.path(http, "id", CustomerId::parse)
                .flatMap(customer -> page(
                        http,
                        "/customers/" + customer + "/orders",
                        orders.listingOfCustomer(),
                        query -> orders.listOf(customer, query)));
    }

    /** Everybody sees the same listings, so the address is all that their cursors are bound to. */
    private Result<Envelope<List<Map<String, Object>>>, DomainError> page(
            Context http,
            String path,
            PageSpec<OrderSummary> spec,
            Function<PageQuery<OrderSummary>, Result<Page<OrderSummary>, DomainError>> list) {
        return Requests.query(http)
                .flatMap(params -> paginator
                        .parse(spec, params, path)
                        .flatMap(query -> list.apply(query)
                                .map(page -> Envelope.of(page.map(order -> Views.summary(order, query.fields()))
                                                .items())
                                        .meta(page.meta())
                                        .headers(page.headers(Requests.address(path, params))))));
    }
}
