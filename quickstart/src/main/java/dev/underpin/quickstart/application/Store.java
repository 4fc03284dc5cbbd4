package dev.underpin.quickstart.application;

import dev.underpin.idempotency.Execution;
import dev.underpin.idempotency.Replay;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.quickstart.domain.Category;
import dev.underpin.quickstart.domain.Credit;
import dev.underpin.quickstart.domain.Customer;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.Order;
import dev.underpin.quickstart.domain.OrderError;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Quantity;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the use cases need of a database: the edge between them and SQL. */
public interface Store {
    /** What work needs of its transaction. */
    enum Mode {
        /** It sees the data of one moment, and changes nothing. */
        READ,
        /** It changes rows that it names. */
        WRITE,
        /**
         * It decides by rows that another may add to at the same time, so it runs as if work of this mode was done one
         * after the other. It loses against others more often.
         */
        WRITE_IN_TURN
    }

    /**
     * {@return what the work returns} A failure rolls everything back; so does an exception, which flies. Work that lost
     * against others runs again from its start.
     */
    <T> Result<T, DomainError> inTransaction(
            Mode mode, Function<? super Session, ? extends Result<? extends T, ? extends DomainError>> work);

    /**
     * {@return the order that a step of an execution is about} What the work changes and the note that it did are one
     * transaction: whoever takes the execution over finds both, or neither.
     */
    Result<OrderId, DomainError> inStep(
            Execution run,
            String step,
            Mode mode,
            Function<? super Session, ? extends Result<OrderId, ? extends DomainError>> work);

    /** {@return the answer of a request} What the work changes, the key and the answer are one transaction. */
    <T, A> Result<Replay<A>, DomainError> inTransaction(
            Once<T, A> once, Function<? super Session, ? extends Result<? extends T, ? extends DomainError>> work);

    /**
     * {@return what the work returns, and how many statements that took}
     *
     * @param name what is counted, for logs
     */
    <T> Result<Counted<T>, DomainError> counted(String name, Supplier<Result<T, DomainError>> work);

    /** {@return what the listing of all orders can be asked for} */
    PageSpec<OrderSummary> orders();

    /** {@return what the listing of the orders of one customer can be asked for} */
    PageSpec<OrderSummary> ordersOfCustomer();

    /** One transaction, for as long as its work runs. */
    interface Session {
        /** {@return the customer} */
        Result<Customer, DomainError> customer(CustomerId id);

        /** {@return the customers with what they ordered last} Reads each level for all of them at once. */
        Result<List<CustomerActivity>, DomainError> activities(List<CustomerId> ids);

        /** {@return the same} Reads one after the other: what is easily written, and takes a statement for each part. */
        Result<List<CustomerActivity>, DomainError> activitiesOneByOne(List<CustomerId> ids);

        /** {@return the product} */
        Result<Product, DomainError> product(Sku sku);

        /** {@return the credit of the customer, if it has a limit} */
        Optional<Credit> credit(CustomerId id);

        /** {@return those of the products that exist} */
        Map<Sku, Product> products(Collection<Sku> skus);

        /** {@return the order} */
        Result<Order, OrderError> order(OrderId id);

        /** {@return the order, which nobody else changes until this transaction ends} */
        Result<Order, OrderError> orderForUpdate(OrderId id);

        /** {@return a page of all orders} */
        Page<OrderSummary> orders(PageQuery<OrderSummary> query);

        /** {@return a page of the orders of one customer} */
        Page<OrderSummary> ordersOf(CustomerId customer, PageQuery<OrderSummary> query);

        /** {@return the order, once it is stored} */
        Result<Order, DomainError> insert(Order order);

        /** {@return the order, once its last version is replaced by this one} */
        Result<Order, DomainError> update(Order order);

        /** {@return the lines, once the stock is taken for all of them} */
        Result<List<Order.Line>, OrderError> takeStock(List<Order.Line> lines);

        /** {@return the product, with more of it in stock} */
        Result<Product, DomainError> addStock(Sku sku, Quantity quantity);

        /** Gives back what {@link #takeStock} took. */
        void returnStock(List<Order.Line> lines);

        /** {@return the product, at another price} */
        Result<Product, DomainError> setPrice(Sku sku, Money price);

        /** {@return how many products there are of the category, all at that price now} */
        int setPrices(Category category, Money price);

        /** Runs an action once this transaction is committed; not if it is rolled back or runs again. */
        void afterCommit(Runnable action);
    }
}
