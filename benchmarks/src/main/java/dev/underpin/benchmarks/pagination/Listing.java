package dev.underpin.benchmarks.pagination;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.PageSpec;
import java.time.Instant;

/** Orders of one table, each as far from the others as orders get for a database. */
public enum Listing {
    /** One direction, no nulls. */
    UNIFORM("createdAt", "created_at, id"),

    /** Two directions. */
    MIXED("-createdAt,id", "created_at desc, id"),

    /** Led by a column of three values. */
    FEW("status,-createdAt", "status, created_at desc, id desc"),

    /** Led by a column that is null in two of five rows. */
    NULLABLE("deletedAt", "deleted_at nulls last, id");

    static final int SIZE = 50;
    static final String SELECT = "select r.* from r";

    static final PageSpec<Row> SPEC = PageSpec.named("r", Row.class)
            .sort("createdAt", "r.created_at", ColumnType.INSTANT, Row::createdAt)
            .sort("status", "r.status", ColumnType.TEXT, Row::status)
            .sortNullsLast("deletedAt", "r.deleted_at", ColumnType.INSTANT, Row::deletedAt)
            .unique("id", "r.id", ColumnType.LONG, Row::id)
            .size(SIZE, 100)
            .build();

    private final String sort;
    private final String order;

    Listing(String sort, String order) {
        this.sort = sort;
        this.order = order;
    }

    /** {@return the sort that a client asks for} */
    String sort() {
        return sort;
    }

    /** {@return the same behind {@code order by}} */
    String order() {
        return order;
    }

    /** A row; the time of deletion may be null. */
    public record Row(long id, Instant createdAt, String status, Instant deletedAt) {}
}
