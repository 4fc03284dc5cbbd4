package dev.underpin.quickstart.application;

import dev.underpin.idempotency.Replay;
import dev.underpin.quickstart.application.Store.Mode;
import dev.underpin.quickstart.domain.Customer;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.DeliveryTime;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Quantity;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.resilience.Deadline;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;

/** Looking up customers and products, and stocking them up. Thread-safe. */
public final class Catalog {
    private final Store store;
    private final Courier courier;

    public Catalog(Store store, Courier courier) {
        this.store = store;
        this.courier = courier;
    }

    /** {@return the customer} */
    public Result<Customer, DomainError> customer(CustomerId id) {
        return store.inTransaction(Mode.READ, session -> session.customer(id));
    }

    /** {@return the product} */
    public Result<Product, DomainError> product(Sku sku) {
        return store.inTransaction(Mode.READ, session -> session.product(sku));
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
        return store.inTransaction(once, session -> session.addStock(sku, quantity));
    }
}
