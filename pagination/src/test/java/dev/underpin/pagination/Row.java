package dev.underpin.pagination;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of the listing that most tests are about. */
record Row(
        UUID id,
        Instant createdAt,
        BigDecimal total,
        String status,
        @Nullable Instant deletedAt) {
    static final UUID ID = UUID.fromString("0f8fad5b-d9cb-469f-a165-70867728950e");
    static final Instant CREATED = Instant.parse("2026-01-31T08:00:00.123456Z");
    static final Row ONE = new Row(ID, CREATED, new BigDecimal("12.50"), "OPEN", null);

    /** {@return the spec, to be added to} */
    static PageSpec.Builder<Row> spec() {
        return PageSpec.named("orders", Row.class)
                .sort("createdAt", "o.created_at", ColumnType.INSTANT, Row::createdAt)
                .sort("total", "o.total", ColumnType.DECIMAL, Row::total)
                .sort("status", "o.status", ColumnType.TEXT, Row::status)
                .sortNullsLast("deletedAt", "o.deleted_at", ColumnType.INSTANT, Row::deletedAt)
                .sortNullsFirst("deletedFirst", "o.deleted_at", ColumnType.INSTANT, Row::deletedAt)
                .unique("id", "o.id", ColumnType.UUID, Row::id);
    }
}
