package dev.underpin.quickstart.application;

import dev.underpin.caching.Cached;
import dev.underpin.idempotency.Replay;
import dev.underpin.quickstart.application.CustomerActivity.Reading;
import dev.underpin.quickstart.application.Store.Mode;
import dev.underpin.quickstart.domain.CatalogError;
import dev.underpin.quickstart.domain.Category;
import dev.underpin.quickstart.domain.Customer;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.DeliveryTime;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Quantity;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.resilience.Deadline;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;

/** Looking up customers and products, stocking them up and pricing them. Thread-safe. */
public final class Catalog {
    private final Store store;
    private final Products products;
    private final Courier courier;

    public Catalog(Store store, Products products, Courier courier) {
        this.store = store;
        this.products = products;
        this.courier = courier;
    }

    /** {@return the customer} */
    public Result<Customer, DomainError> customer(CustomerId id) {
        return store.inTransaction(Mode.READ, session -> session.customer(id));
    }

    /** {@return the customers, each with what was ordered last, and what it took to read that} All of them, or none. */
    public Result<Counted<List<CustomerActivity>>, DomainError> activities(List<CustomerId> ids, Reading reading) {
        return store.counted(
                "customers",
                () -> store.inTransaction(
                        Mode.READ,
                        session -> reading == Reading.TOGETHER
                                ? session.activities(ids)
                                : session.activitiesOneByOne(ids)));
    }

    /** {@return the product, and how fresh that is} */
    public Result<Cached<Product>, DomainError> product(Sku sku) {
        return products.get(sku);
    }

    /**
     * {@return how long the product is on its way} If the courier does not say it in time, that is assumed, and the answer
     * says so: a page that shows the product does not have to fail with it. A bug of ours is none of the courier's.
     */
    public Result<DeliveryTime, DomainError> deliveryTime(Sku sku, Deadline deadline) {
        return product(sku)
                .flatMap(product -> courier.days(sku, deadline)
                        .map(days -> DeliveryTime.of(sku, days))
                        .recoverWith(error -> isAway(error)
                                ? Result.ok(DeliveryTime.assumed(sku, error.code()))
                                : Result.err(error)));
    }

    private static boolean isAway(DomainError error) {
        return switch (error.kind()) {
            case UNAVAILABLE, TIMEOUT, BAD_GATEWAY, RATE_LIMITED -> true;
            default -> false;
        };
    }

    /** {@return what the client is shown of the product, of which more has arrived} */
    public <A> Result<Replay<A>, DomainError> restock(Once<Product, A> once, Sku sku, Quantity quantity) {
        return store.inTransaction(
                once,
                session -> session.addStock(sku, quantity).onOk(product -> products.changed(List.of(sku), session)));
    }

    /** {@return the product, at its new price} Who asks for it from now on is shown that. */
    public Result<Product, DomainError> price(Sku sku, Money price) {
        return store.inTransaction(
                Mode.WRITE,
                session -> session.setPrice(sku, price).onOk(product -> products.changed(List.of(sku), session)));
    }

    /** {@return how many products of the category have the new price} */
    public Result<Integer, DomainError> price(Category category, Money price) {
        return store.inTransaction(
                Mode.WRITE,
                session -> Result.<Integer, DomainError>ok(session.setPrices(category, price))
                        .filter(count -> count > 0, count -> CatalogError.CATEGORY_NOT_FOUND.error())
                        .onOk(count -> products.changed(category, session)));
    }
}
