package dev.underpin.quickstart.infrastructure;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.persistence.KeysetQuery;
import dev.underpin.quickstart.application.OrderSummary;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.domain.OrderStatus;
import dev.underpin.quickstart.domain.Reference;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The listings of orders: what they can be sorted and filtered by, and their SQL. Their indexes are in V3. */
final class OrderListings {
    static final PageSpec<OrderSummary> ALL =
            spec("orders").filter("customer", "o.customer_id", ColumnType.UUID).build();
    static final PageSpec<OrderSummary> OF_CUSTOMER = spec("orders of a customer")
            .filterPrefix("reference", "o.reference")
            .build();

    /** Who needs a number of pages needs it for the first few. */
    private static final int COUNTED = 1_000;

    static final String SELECT =
            "select o.id, o.customer_id, o.reference, o.status, o.total, o.placed_at, o.shipped_at from orders o";

    private OrderListings() {}

    private static PageSpec.Builder<OrderSummary> spec(String name) {
        return PageSpec.named(name, OrderSummary.class)
                .sort("placedAt", "o.placed_at", ColumnType.INSTANT, OrderSummary::placedAt)
                .sort(
                        "total",
                        "o.total",
                        ColumnType.DECIMAL,
                        order -> order.total().amount())
                .sort("status", "o.status", ColumnType.TEXT, OrderSummary::storedStatus)
                .sortNullsLast(
                        "shippedAt",
                        "o.shipped_at",
                        ColumnType.INSTANT,
                        order -> order.shippedAt().orElse(null))
                .unique("id", "o.id", ColumnType.UUID, order -> order.id().value())
                .defaultSort("-placedAt")
                .filter("status", "o.status", ColumnType.ofEnum(OrderStatus.class))
                .filterRange("total", "o.total", ColumnType.DECIMAL)
                .filterRange("placedAt", "o.placed_at", ColumnType.INSTANT)
                .fields("id", "customer", "reference", "status", "total", "placedAt", "shippedAt")
                .size(20, 100);
    }

    static Page<OrderSummary> all(Handle handle, PageQuery<OrderSummary> query) {
        return KeysetQuery.of(handle, SELECT).countUpTo(COUNTED).fetch(query, (row, context) -> summary(row));
    }

    static Page<OrderSummary> of(CustomerId customer, Handle handle, PageQuery<OrderSummary> query) {
        return KeysetQuery.of(handle, SELECT)
                .where("o.customer_id = :customer")
                .bind("customer", customer.value())
                .countUpTo(COUNTED)
                .fetch(query, (row, context) -> summary(row));
    }

    static OrderSummary summary(ResultSet row) throws SQLException {
        return new OrderSummary(
                new OrderId(row.getObject("id", UUID.class)),
                new CustomerId(row.getObject("customer_id", UUID.class)),
                Optional.ofNullable(row.getString("reference")).map(Reference::new),
                row.getString("status"),
                new Money(row.getBigDecimal("total")),
                Columns.instant(row, "placed_at"),
                Columns.optionalInstant(row, "shipped_at"));
    }
}
