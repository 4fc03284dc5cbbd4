package dev.underpin.quickstart.infrastructure;

import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.persistence.KeyedQuery;
import dev.underpin.persistence.Tx;
import dev.underpin.quickstart.application.CustomerActivity;
import dev.underpin.quickstart.application.OrderSummary;
import dev.underpin.quickstart.application.Store;
import dev.underpin.quickstart.domain.CatalogError;
import dev.underpin.quickstart.domain.Category;
import dev.underpin.quickstart.domain.Credit;
import dev.underpin.quickstart.domain.Customer;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Delivery;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.Order;
import dev.underpin.quickstart.domain.OrderError;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.domain.OrderStatus;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Quantity;
import dev.underpin.quickstart.domain.Reference;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What is done in a transaction, in SQL that H2 and PostgreSQL both speak. Confined to its thread.
 *
 * @param tx the transaction
 * @param handle its handle
 * @param activities reads customers with what belongs to them
 * @param hasSnapshotsOnly whether what the database calls serializable are snapshots, as on H2
 */
record JdbiSession(Tx tx, Handle handle, CustomerActivities activities, boolean hasSnapshotsOnly)
        implements Store.Session {
    private static final String PRODUCT = "select sku, name, category, price, stock from products ";
    private static final String ORDER = "select id, version, customer_id, reference, status, total,"
            + " delivery_recipient, delivery_street, delivery_postalcode, delivery_city, delivery_country,"
            + " placed_at, changed_at, shipped_at from orders where id = :id";

    @Override
    public Result<Customer, DomainError> customer(CustomerId id) {
        var row = handle.createQuery("select id, name, email, created_at from customers where id = :id")
                .bind("id", id.value())
                .map((rs, ctx) -> customer(rs))
                .findOne();
        return Result.ofOptional(row, CatalogError.CUSTOMER_NOT_FOUND::error);
    }

    @Override
    public Result<Product, DomainError> product(Sku sku) {
        var row = handle.createQuery(PRODUCT + "where sku = :sku")
                .bind("sku", sku.value())
                .map((rs, ctx) -> product(rs))
                .findOne();
        return Result.ofOptional(row, CatalogError.PRODUCT_NOT_FOUND::error);
    }

    @Override
    public Optional<Credit> credit(CustomerId id) {
        if (hasSnapshotsOnly) { // two orders that read the same sum only meet in a row that both of them change
            handle.execute(
                    "update customers set turns = turns + 1 where id = ? and credit_limit is not null", id.value());
        }
        return handle.createQuery("select c.credit_limit, (select coalesce(sum(o.total), 0) from orders o"
                        + " where o.customer_id = c.id and o.status = 'PLACED') as owed"
                        + " from customers c where c.id = :id and c.credit_limit is not null")
                .bind("id", id.value())
                .map((rs, ctx) ->
                        new Credit(new Money(rs.getBigDecimal("credit_limit")), new Money(rs.getBigDecimal("owed"))))
                .findOne();
    }

    @Override
    public Map<Sku, Product> products(Collection<Sku> skus) {
        return KeyedQuery.of(handle, PRODUCT + "where sku = any(:keys)")
                .fetchOne(
                        skus.stream().map(Sku::value).distinct().toList(),
                        (rs, ctx) -> product(rs),
                        product -> product.sku().value())
                .stream()
                .flatMap(Optional::stream)
                .collect(Collectors.toMap(Product::sku, product -> product));
    }

    @Override
    public Result<Order, OrderError> order(OrderId id) {
        return order(id, ORDER);
    }

    @Override
    public Result<Order, OrderError> orderForUpdate(OrderId id) {
        return order(id, ORDER + " for update");
    }

    private Result<Order, OrderError> order(OrderId id, String sql) {
        // Lines never change, and nobody knows an id before its order is there: they may be read first.
        List<Order.Line> lines = lines(id);
        var row = handle.createQuery(sql)
                .bind("id", id.value())
                .map((rs, ctx) -> order(rs, lines))
                .findOne();
        return Result.ofOptional(row, () -> new OrderError.NoSuchOrder(id));
    }

    List<Order.Line> lines(OrderId id) {
        return handle.createQuery(
                        "select sku, quantity, unit_price from order_lines" + " where order_id = :id order by position")
                .bind("id", id.value())
                .map((rs, ctx) -> line(rs))
                .list();
    }

    @Override
    public Result<List<CustomerActivity>, DomainError> activities(List<CustomerId> ids) {
        return activities.together(tx, ids);
    }

    @Override
    public Result<List<CustomerActivity>, DomainError> activitiesOneByOne(List<CustomerId> ids) {
        return CustomerActivities.oneByOne(this, ids);
    }

    List<OrderSummary> recentOrders(CustomerId customer, int count) {
        return handle.createQuery(OrderListings.SELECT + " where o.customer_id = :customer"
                        + " order by o.placed_at desc, o.id desc fetch first :count rows only")
                .bind("customer", customer.value())
                .bind("count", count)
                .map((rs, ctx) -> OrderListings.summary(rs))
                .list();
    }

    @Override
    public Page<OrderSummary> orders(PageQuery<OrderSummary> query) {
        return OrderListings.all(handle, query);
    }

    @Override
    public Page<OrderSummary> ordersOf(CustomerId customer, PageQuery<OrderSummary> query) {
        return OrderListings.of(customer, handle, query);
    }

    @Override
    public Result<Order, DomainError> insert(Order order) {
        handle.createUpdate("insert into orders (id, version, customer_id, reference, status, total, placed_at,"
                        + " changed_at) values (:id, :version, :customer, :reference, :status, :total, :placed,"
                        + " :changed)")
                .bind("id", order.id().value())
                .bind("version", order.version())
                .bind("customer", order.customer().value())
                .bind("reference", order.reference().map(Reference::value).orElse(null))
                .bind("status", order.status().name())
                .bind("total", order.total().amount())
                .bind("placed", utc(order.placedAt()))
                .bind("changed", utc(order.changedAt()))
                .execute();
        var batch = handle.prepareBatch("insert into order_lines (order_id, position, sku, quantity, unit_price)"
                + " values (:order, :position, :sku, :quantity, :price)");
        int position = 0;
        for (Order.Line line : order.lines()) {
            batch.bind("order", order.id().value())
                    .bind("position", position++)
                    .bind("sku", line.sku().value())
                    .bind("quantity", line.quantity().value())
                    .bind("price", line.unitPrice().amount())
                    .add();
        }
        batch.execute();
        return Result.ok(order);
    }

    @Override
    public Result<Order, DomainError> update(Order order) {
        Optional<Delivery> delivery = order.delivery();
        int rows = handle.createUpdate("update orders set version = :version, status = :status,"
                        + " delivery_recipient = :recipient, delivery_street = :street,"
                        + " delivery_postalcode = :postalCode, delivery_city = :city, delivery_country = :country,"
                        + " changed_at = :changed where id = :id and version = :version - 1")
                .bind("id", order.id().value())
                .bind("version", order.version())
                .bind("status", order.status().name())
                .bind("recipient", delivery.map(Delivery::recipient).orElse(null))
                .bind("street", delivery.map(Delivery::street).orElse(null))
                .bind("postalCode", delivery.map(Delivery::postalCode).orElse(null))
                .bind("city", delivery.map(Delivery::city).orElse(null))
                .bind("country", delivery.map(Delivery::country).orElse(null))
                .bind("changed", utc(order.changedAt()))
                .execute();
        // The row is locked since it was read, so it cannot have moved on: this would be a bug, not a lost race.
        if (rows != 1) {
            throw new IllegalStateException("Order " + order.id() + " is not at version " + (order.version() - 1));
        }
        return Result.ok(order);
    }

    @Override
    public Result<List<Order.Line>, OrderError> takeStock(List<Order.Line> lines) {
        // Always in the same order, or two baskets with the same products lock each other out.
        return Result.traverse(
                lines.stream().sorted(Comparator.comparing(Order.Line::sku)).toList(), this::takeStock);
    }

    private Result<Order.Line, OrderError> takeStock(Order.Line line) {
        // Comparing and taking is one statement: between two, somebody else would take the same piece.
        int taken = handle.createUpdate(
                        "update products set stock = stock - :quantity" + " where sku = :sku and stock >= :quantity")
                .bind("sku", line.sku().value())
                .bind("quantity", line.quantity().value())
                .execute();
        return taken == 1 ? Result.ok(line) : Result.err(new OrderError.OutOfStock(line.sku(), stock(line.sku())));
    }

    private int stock(Sku sku) {
        return handle.createQuery("select stock from products where sku = :sku")
                .bind("sku", sku.value())
                .mapTo(Integer.class)
                .one();
    }

    @Override
    public Result<Product, DomainError> addStock(Sku sku, Quantity quantity) {
        handle.createUpdate("update products set stock = stock + :quantity where sku = :sku")
                .bind("sku", sku.value())
                .bind("quantity", quantity.value())
                .execute();
        return product(sku);
    }

    @Override
    public void returnStock(List<Order.Line> lines) {
        lines.stream()
                .sorted(Comparator.comparing(Order.Line::sku))
                .forEach(line -> handle.createUpdate("update products set stock = stock + :quantity where sku = :sku")
                        .bind("sku", line.sku().value())
                        .bind("quantity", line.quantity().value())
                        .execute());
    }

    @Override
    public Result<Product, DomainError> setPrice(Sku sku, Money price) {
        handle.createUpdate("update products set price = :price where sku = :sku")
                .bind("sku", sku.value())
                .bind("price", price.amount())
                .execute();
        return product(sku);
    }

    @Override
    public int setPrices(Category category, Money price) {
        return handle.createUpdate("update products set price = :price where category = :category")
                .bind("category", category.value())
                .bind("price", price.amount())
                .execute();
    }

    @Override
    public void afterCommit(Runnable action) {
        tx.afterCommit(action);
    }

    static Customer customer(ResultSet rs) throws SQLException {
        return new Customer(
                new CustomerId(rs.getObject("id", UUID.class)),
                rs.getString("name"),
                rs.getString("email"),
                Columns.instant(rs, "created_at"));
    }

    static Product product(ResultSet rs) throws SQLException {
        return new Product(
                new Sku(rs.getString("sku")),
                rs.getString("name"),
                new Category(rs.getString("category")),
                new Money(rs.getBigDecimal("price")),
                rs.getInt("stock"));
    }

    static Order.Line line(ResultSet rs) throws SQLException {
        return new Order.Line(
                new Sku(rs.getString("sku")),
                new Quantity(rs.getInt("quantity")),
                new Money(rs.getBigDecimal("unit_price")));
    }

    private static Order order(ResultSet rs, List<Order.Line> lines) throws SQLException {
        OrderId id = new OrderId(rs.getObject("id", UUID.class));
        return new Order(
                id,
                rs.getLong("version"),
                new CustomerId(rs.getObject("customer_id", UUID.class)),
                Optional.ofNullable(rs.getString("reference")).map(Reference::new),
                status(id, rs.getString("status")),
                lines,
                new Money(rs.getBigDecimal("total")),
                delivery(rs),
                Columns.instant(rs, "placed_at"),
                Columns.instant(rs, "changed_at"),
                Columns.optionalInstant(rs, "shipped_at"));
    }

    /** A status that no code knows is data that must not exist: nothing a caller could do about it, so it throws. */
    private static OrderStatus status(OrderId id, String stored) {
        return OrderStatus.named(stored)
                .orElseThrow(
                        () -> new IllegalStateException("Order " + id + " has the unknown status \"" + stored + '"'));
    }

    private static Optional<Delivery> delivery(ResultSet rs) throws SQLException {
        @Nullable String recipient = rs.getString("delivery_recipient");
        return recipient == null
                ? Optional.empty()
                : Optional.of(new Delivery(
                        recipient,
                        rs.getString("delivery_street"),
                        rs.getString("delivery_postalcode"),
                        rs.getString("delivery_city"),
                        rs.getString("delivery_country")));
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
