package dev.underpin.quickstart.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.errors.Envelope;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.json.Jackson2Codec;
import dev.underpin.quickstart.application.Catalog;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Quantity;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.quickstart.http.Views.CustomerView;
import dev.underpin.quickstart.http.Views.DeliveryTimeView;
import dev.underpin.quickstart.http.Views.ProductView;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes below {@code /customers} and {@code /products}. */
final class CatalogRoutes {
    /** There is one, so all keys are its. */
    private static final String WAREHOUSE = "warehouse";

    private final Catalog catalog;
    private final Gate gate;
    private final Requests requests;
    private final Operation<ProductView> restocking;

    CatalogRoutes(Catalog catalog, Gate gate, Requests requests, ObjectMapper mapper) {
        this.catalog = catalog;
        this.gate = gate;
        this.requests = requests;
        this.restocking = Operation.named("products.restock").build(Jackson2Codec.of(mapper, ProductView.class));
    }

    void register(RoutesConfig routes, Answers answers) {
        var customer = answers.to(http -> Requests.path(http, "id", CustomerId::parse)
                .flatMap(catalog::customer)
                .map(CustomerView::of));
        var product = answers.to(http ->
                Requests.path(http, "sku", Sku::parse).flatMap(catalog::product).map(ProductView::of));
        routes.get("/customers/{id}", customer);
        routes.head("/customers/{id}", customer);
        routes.get("/products/{sku}", product);
        routes.head("/products/{sku}", product);
        var delivery = answers.to(http -> gate.estimate(http, () -> deliveryTime(http)));
        routes.get("/products/{sku}/delivery", delivery);
        routes.head("/products/{sku}/delivery", delivery);
        routes.post("/products/{sku}/restock", answers.to(this::restock));
    }

    /** Where the courier did not say it, both the data and what is said about it tell so. */
    private Result<Envelope<DeliveryTimeView>, DomainError> deliveryTime(Context http) {
        return Requests.path(http, "sku", Sku::parse)
                .flatMap(sku -> catalog.deliveryTime(sku, gate.deadline(http)))
                .map(time -> Envelope.of(DeliveryTimeView.of(time))
                        .meta(time.assumedBecause()
                                .map(code -> Map.<String, Object>of("degraded", true, "because", code.name()))
                                .orElse(Map.of())));
    }

    private Result<Envelope<ProductView>, DomainError> restock(Context http) {
        return Requests.path(http, "sku", Sku::parse)
                .flatMap(sku -> requests.body(http, Restock.class)
                        .flatMap(Restock::parse)
                        .mapError(Requests::inBody)
                        .flatMap(quantity -> Requests.once(http, WAREHOUSE, restocking, ProductView::of)
                                .flatMap(once -> catalog.restock(once, sku, quantity))))
                .map(replay -> Envelope.of(replay.value()).headers(replay.headers()));
    }

    /** The body of {@code POST /products/{sku}/restock}. */
    record Restock(@Nullable Integer quantity) {
        Result<Quantity, DomainError> parse() {
            var v = Validation.start();
            var number = v.check("quantity", Quantity.parse(quantity));
            return v.build(number).mapError(DomainError::widen);
        }
    }
}
