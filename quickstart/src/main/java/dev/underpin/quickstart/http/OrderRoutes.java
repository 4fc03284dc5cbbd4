package dev.underpin.quickstart.http;

import dev.underpin.errors.Envelope;
import dev.underpin.errors.validation.BeanValidation;
import dev.underpin.quickstart.application.Orders;
import dev.underpin.quickstart.domain.Order;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.http.OrderRequests.ChangeOrder;
import dev.underpin.quickstart.http.OrderRequests.PlaceOrder;
import dev.underpin.quickstart.http.Views.OrderView;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** The routes below {@code /orders}. */
final class OrderRoutes {
    private final Orders orders;
    private final Requests requests;
    private final BeanValidation beans;

    OrderRoutes(Orders orders, Requests requests, BeanValidation beans) {
        this.orders = orders;
        this.requests = requests;
        this.beans = beans;
    }

    void register(RoutesConfig routes, Answers answers) {
        routes.post("/orders", answers.to(this::place));
        routes.get("/orders/{id}", answers.to(this::get));
        routes.head("/orders/{id}", answers.to(this::get));
        routes.patch("/orders/{id}", answers.to(this::change));
        routes.post("/orders/{id}/cancel", answers.to(this::cancel));
    }

    private Result<Envelope<OrderView>, DomainError> place(Context http) {
        return requests.body(http, PlaceOrder.class)
                .flatMap(PlaceOrder::parse)
                .flatMap(orders::place)
                .mapError(Requests::inBody)
                .map(order -> Envelope.created(OrderView.of(order), "/orders/" + order.id())
                        .headers(Answers.etag(order.version())));
    }

    private Result<Envelope<OrderView>, DomainError> get(Context http) {
        return id(http).flatMap(orders::get).map(OrderRoutes::view);
    }

    private Result<Envelope<OrderView>, DomainError> change(Context http) {
        return id(http).flatMap(id -> requests.body(http, ChangeOrder.class)
                .flatMap(beans::check)
                .mapError(Requests::inBody)
                .flatMap(change -> expected(http, change.version())
                        .flatMap(expected ->
                                orders.deliverTo(id, expected, change.delivery().toDelivery())))
                .map(OrderRoutes::view));
    }

    private Result<Envelope<OrderView>, DomainError> cancel(Context http) {
        return id(http).flatMap(id -> Requests.noBody(http)
                .flatMap(none -> Requests.ifMatch(http))
                .flatMap(expected -> orders.cancel(id, expected.orElse(any -> true)))
                .map(OrderRoutes::view));
    }

    private static Result<OrderId, DomainError> id(Context http) {
        return Requests.path(http, "id", OrderId::parse);
    }

    /** A change without a version would undo somebody else's; who sends both ways means both. */
    private static Result<LongPredicate, DomainError> expected(Context http, @Nullable Long version) {
        Optional<LongPredicate> body = Optional.ofNullable(version).map(sent -> current -> current == sent);
        return Requests.ifMatch(http)
                .flatMap(header -> Result.ofOptional(
                        header.map(tags -> body.map(tags::and).orElse(tags)).or(() -> body),
                        HttpErrors.VERSION_REQUIRED::error));
    }

    private static Envelope<OrderView> view(Order order) {
        return Envelope.of(OrderView.of(order)).headers(Answers.etag(order.version()));
    }
}
