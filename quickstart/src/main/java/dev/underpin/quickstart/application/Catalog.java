package dev.underpin.quickstart.application;

import dev.underpin.idempotency.Replay;
import dev.underpin.quickstart.application.Store.Mode;
import dev.underpin.quickstart.domain.Customer;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Quantity;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;

/** Looking up customers and products, and stocking them up. Thread-safe. */
public final class Catalog {
    private final Store store;

    public Catalog(Store store) {
        this.store = store;
    }

    /** {@return the customer} */
    public Result<Customer, DomainError> customer(CustomerId id) {
        return store.inTransaction(Mode.READ, session -> session.customer(id));
    }

    /** {@return the product} */
    public Result<Product, DomainError> product(Sku sku) {
        return store.inTransaction(Mode.READ, session -> session.product(sku));
    }

    /** {@return what the client is shown of the product, of which more has arrived} */
    public <A> Result<Replay<A>, DomainError> restock(Once<Product, A> once, Sku sku, Quantity quantity) {
        return store.inTransaction(once, session -> session.addStock(sku, quantity));
    }
}
