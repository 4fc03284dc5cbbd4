package dev.underpin.quickstart.infrastructure;

import dev.underpin.batching.BatchingErrors;
import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.persistence.Tx;
import dev.underpin.persistence.batching.BatchFetch;
import dev.underpin.quickstart.application.CustomerActivity;
import dev.underpin.quickstart.application.CustomerActivity.Item;
import dev.underpin.quickstart.application.CustomerActivity.Recent;
import dev.underpin.quickstart.application.OrderSummary;
import dev.underpin.quickstart.domain.CatalogError;
import dev.underpin.quickstart.domain.Customer;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Order;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** Customers with what they ordered last: by loaders, of which each reads a level, or one after the other. Thread-safe. */
final class CustomerActivities {
    private final Loader<UUID, Customer> customers;
    private final Loader<UUID, List<OrderSummary>> orders;
    private final Loader<UUID, List<LineOf>> lines;
    private final Loader<String, Product> products;

    private record LineOf(UUID order, Order.Line line) {}

    CustomerActivities(Jdbi jdbi) {
        customers = BatchFetch.byKey(
                Loader.named("customers").missing((UUID id) -> CatalogError.CUSTOMER_NOT_FOUND.error()),
                jdbi,
                "select id, name, email, created_at from customers where id = any(:keys)",
                (row, context) -> JdbiSession.customer(row),
                customer -> customer.id().value());
        orders = BatchFetch.manyByKey(
                Loader.named("recentOrders"),
                jdbi,
                "select o.* from (select o.*, row_number() over (partition by o.customer_id"
                        + " order by o.placed_at desc, o.id desc) as place from orders o where o.customer_id = any(:keys)) o"
                        + " where o.place <= " + CustomerActivity.ORDERS + " order by o.placed_at desc, o.id desc",
                (row, context) -> OrderListings.summary(row),
                order -> order.customer().value());
        lines = BatchFetch.manyByKey(
                Loader.named("lines"),
                jdbi,
                "select order_id, sku, quantity, unit_price from order_lines where order_id = any(:keys)"
                        + " order by order_id, position",
                (row, context) -> new LineOf(row.getObject("order_id", UUID.class), JdbiSession.line(row)),
                LineOf::order);
        products = BatchFetch.byKey(
                Loader.named("products"),
                jdbi,
                "select sku, name, category, price, stock from products where sku = any(:keys)",
                (row, context) -> JdbiSession.product(row),
                product -> product.sku().value());
    }

    /** Reads level by level, each for all at once. What is put together then is in the scope already. */
    Result<List<CustomerActivity>, DomainError> together(Tx tx, List<CustomerId> ids) {
        List<UUID> keys = ids.stream().map(CustomerId::value).toList();
        try (LoadScope scope = BatchFetch.open(tx)) {
            var loaded = new Loaded(
                    scope.loader(customers), scope.loader(orders), scope.loader(lines), scope.loader(products));
            return ahead(loaded.customers, keys)
                    .flatMap(known -> ahead(loaded.orders, keys))
                    .flatMap(recent -> ahead(
                            loaded.lines,
                            flat(recent).stream()
                                    .map(order -> order.id().value())
                                    .toList()))
                    .map(all -> loaded.products.loadAll(flat(all).stream()
                            .map(of -> of.line().sku().value())
                            .toList()))
                    .flatMap(any -> Result.traverse(keys, loaded::activity));
        }
    }

    /** {@return the values of all keys, which are remembered} */
    private static <K, V> Result<List<V>, DomainError> ahead(ScopedLoader<K, V> loader, Collection<K> keys) {
        return loader.loadAll(keys).values().stream().collect(Result.toList());
    }

    private static <T> List<T> flat(List<List<T>> lists) {
        return lists.stream().flatMap(List::stream).toList();
    }

    /** What a scope has loaded. */
    private record Loaded(
            ScopedLoader<UUID, Customer> customers,
            ScopedLoader<UUID, List<OrderSummary>> orders,
            ScopedLoader<UUID, List<LineOf>> lines,
            ScopedLoader<String, Product> products) {
        Result<CustomerActivity, DomainError> activity(UUID id) {
            return customers
                    .load(id)
                    .flatMap(customer -> orders.load(id)
                            .flatMap(recent -> Result.traverse(recent, this::recent))
                            .map(recent -> new CustomerActivity(customer, recent)));
        }

        private Result<Recent, DomainError> recent(OrderSummary order) {
            return lines.load(order.id().value())
                    .flatMap(all -> Result.traverse(all, of -> item(of.line())))
                    .map(items -> new Recent(order, items));
        }

        private Result<Item, DomainError> item(Order.Line line) {
            return products.load(line.sku().value())
                    .map(Optional::of)
                    .recoverWith(error -> error.is(BatchingErrors.KEY_NOT_FOUND)
                            ? Result.ok(Optional.<Product>empty())
                            : Result.err(error))
                    .map(product -> new Item(line, product));
        }
    }

    /** As it comes about when each part is read where it is needed: a statement for each customer, order and line. */
    static Result<List<CustomerActivity>, DomainError> oneByOne(JdbiSession session, List<CustomerId> ids) {
        return Result.traverse(
                ids,
                id -> session.customer(id)
                        .map(customer -> new CustomerActivity(
                                customer,
                                session.recentOrders(id, CustomerActivity.ORDERS).stream()
                                        .map(order -> new Recent(order, items(session, order)))
                                        .toList())));
    }

    private static List<Item> items(JdbiSession session, OrderSummary order) {
        return session.lines(order.id()).stream()
                .map(line -> new Item(
                        line, session.product(line.sku()).fold(Optional::of, gone -> Optional.<Product>empty())))
                .toList();
    }
}
