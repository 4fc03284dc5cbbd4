package dev.underpin.quickstart.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.caching.Cached;
import dev.underpin.caching.Cached.Freshness;
import dev.underpin.caching.http.CacheControl;
import dev.underpin.caching.http.ETag;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.json.Json;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.json.Jackson2Codec;
import dev.underpin.quickstart.application.Catalog;
import dev.underpin.quickstart.domain.Category;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Quantity;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.quickstart.http.Views.CategoryView;
import dev.underpin.quickstart.http.Views.DeliveryTimeView;
import dev.underpin.quickstart.http.Views.ProductView;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The routes below {@code /products} and {@code /categories}. */
final class CatalogRoutes {
    /** There is one, so all keys are its. */
    private static final String WAREHOUSE = "warehouse";

    private static final int NOT_MODIFIED = 304;

    private final Catalog catalog;
    private final Gate gate;
    private final Requests requests;
    private final Json json;
    private final Operation<ProductView> restocking;

    CatalogRoutes(Catalog catalog, Gate gate, Requests requests, Json json, ObjectMapper mapper) {
        this.catalog = catalog;
        this.gate = gate;
        this.requests = requests;
        this.json = json;
        this.restocking = Operation.named("products.restock").build(Jackson2Codec.of(mapper, ProductView.class));
    }

    void register(RoutesConfig routes, Answers answers) {
        var product = answers.to(this::product);
        routes.get("/products/{sku}", product);
        routes.head("/products/{sku}", product);
        routes.put("/products/{sku}/price", answers.to(this::priceProduct));
        routes.put("/categories/{category}/price", answers.to(this::priceCategory));
        var delivery = answers.to(http -> gate.estimate(http, () -> deliveryTime(http)));
        routes.get("/products/{sku}/delivery", delivery);
        routes.head("/products/{sku}/delivery", delivery);
        routes.post("/products/{sku}/restock", answers.to(this::restock));
    }

    private Result<Envelope<ProductView>, DomainError> product(Context http) {
        return Requests.path(http, "sku", Sku::parse)
                .flatMap(catalog::product)
                .map(found -> view(found, Requests.ifNoneMatch(http)));
    }

    /** The same for everybody, so shared caches may keep it, for as long as it is fresh here. A stale one says so. */
    private Envelope<ProductView> view(Cached<Product> found, @Nullable String ifNoneMatch) {
        ProductView view = ProductView.of(found.value());
        // Weak, because it is that of the data alone.
        ETag tag = new ETag(ETag.of(json.write(view)).value(), /* weak= */ true);
        Map<String, String> headers = new HashMap<>(tag.headers());
        headers.putAll(CacheControl.of(found).shared().headers());
        if (tag.matchesIfNoneMatch(ifNoneMatch)) {
            return new Envelope<>(view, NOT_MODIFIED, ETag.notModified(headers), Map.of());
        }
        return Envelope.of(view)
                .headers(headers)
                .meta(
                        found.freshness() == Freshness.STALE_ON_ERROR
                                ? Map.of(
                                        "degraded",
                                        true,
                                        "ageSeconds",
                                        found.age().toSeconds())
                                : Map.of());
    }

    private Result<ProductView, DomainError> priceProduct(Context http) {
        return Requests.path(http, "sku", Sku::parse)
                .flatMap(sku -> price(http).flatMap(price -> catalog.price(sku, price)))
                .map(ProductView::of);
    }

    private Result<CategoryView, DomainError> priceCategory(Context http) {
        return Requests.path(http, "category", Category::parse)
                .flatMap(category -> price(http)
                        .flatMap(price -> catalog.price(category, price)
                                .map(count -> new CategoryView(category.value(), price.amount(), count))));
    }

    private Result<Money, DomainError> price(Context http) {
        return requests.body(http, SetPrice.class).flatMap(SetPrice::parse).mapError(Requests::inBody);
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

    /** The body of {@code PUT /products/{sku}/price} and of {@code PUT /categories/{category}/price}. */
    record SetPrice(@Nullable BigDecimal price) {
        Result<Money, DomainError> parse() {
            var v = Validation.start();
            var amount = v.check("price", Product.parsePrice(price));
            return v.build(amount).mapError(DomainError::widen);
        }
    }
}
