package dev.underpin.benchmarks.pagination;

import java.time.Instant;
import java.util.UUID;

/** What a listing is sorted by: how many values a cursor has. */
public enum Keys {
    /** A UUID. */
    ONE("id"),

    /** A time and a UUID. */
    TWO("createdAt"),

    /** A time, a text of 12 characters and a UUID. */
    THREE("createdAt,name");

    /** The row whose cursor is made and read; its time has microseconds, as PostgreSQL's. */
    static final Row ROW = new Row(
            UUID.fromString("3f0c8a52-9d7e-4c1b-8a64-5e2f7b90c1d3"),
            Instant.parse("2026-01-31T08:15:30.123456Z"),
            "order-481516");

    private final String sort;

    Keys(String sort) {
        this.sort = sort;
    }

    /** {@return the sort that a client asks for} */
    String sort() {
        return sort;
    }

    /** {@return what of a row is in its cursor; null where it is not} */
    Row of(Row row) {
        return new Row(row.id(), this == ONE ? null : row.createdAt(), this == THREE ? row.name() : null);
    }

    /** A row of the listing, and the position in a cursor. */
    public record Row(UUID id, Instant createdAt, String name) {}
}
