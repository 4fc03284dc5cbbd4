package dev.underpin.pagination;

/** Which SQL seeks on a database, and where rows without a value are in it if nothing is said. */
public enum Dialect {
    /** PostgreSQL, and databases that plan as it does: row values, one arm for each run of keys. */
    POSTGRESQL(Comparison.ROW_VALUE, Arms.CASCADE, /* nullsLargest= */ true),
    /** MySQL 8: one condition spelled out with {@code or}; row values would walk the index. */
    MYSQL(Comparison.SPELLED_OUT, Arms.OR, /* nullsLargest= */ false),
    /** MariaDB: as MySQL. */
    MARIADB(Comparison.SPELLED_OUT, Arms.OR, /* nullsLargest= */ false),
    /** SQLite: as PostgreSQL, but nulls are smallest. */
    SQLITE(Comparison.ROW_VALUE, Arms.UNION_OF_SELECTS, /* nullsLargest= */ false),
    /** H2 from 2.2: a bound on the first column of each arm. */
    H2(Comparison.BOUNDED, Arms.UNION, /* nullsLargest= */ false),
    /** SQL Server: no row values, {@code top} in each arm. Text only; never run. */
    SQL_SERVER(Comparison.ONE_KEY, Arms.UNION_OF_SELECTS, /* nullsLargest= */ false),
    /** Oracle 12: no row values. Text only; never run. */
    ORACLE(Comparison.ONE_KEY, Arms.UNION_OF_SELECTS, /* nullsLargest= */ true);

    /** How keys of one direction are compared with those of a position. */
    enum Comparison {
        /** {@code (a, b) > (:x, :y)}. */
        ROW_VALUE,
        /** {@code a > :x or (a = :x and b > :y)}. */
        SPELLED_OUT,
        /** {@code a >= :x and (a > :x or (a = :x and b > :y))}. */
        BOUNDED,
        /** {@code a > :x}; each key is an arm of its own. */
        ONE_KEY
    }

    /** How the arms of a condition come together. */
    enum Arms {
        /**
         * {@code with a1 as (...), a2 as (... limit what a1 left) select * from a1 union all select * from a2}. In a
         * plain union PostgreSQL sorts each arm that has a key fixed, and reads it to its limit for that.
         */
        CASCADE,
        /** {@code (select ... limit) union all (select ... limit)}. */
        UNION,
        /** {@code select * from (select ... limit) union all select * from (...)}. */
        UNION_OF_SELECTS,
        /** In one condition. */
        OR
    }

    private final Comparison comparison;
    private final Arms arms;
    private final boolean nullsLargest;

    Dialect(Comparison comparison, Arms arms, boolean nullsLargest) {
        this.comparison = comparison;
        this.arms = arms;
        this.nullsLargest = nullsLargest;
    }

    Comparison comparison() {
        return comparison;
    }

    Arms arms() {
        return arms;
    }

    /** {@return whether a plain {@code order by} puts rows without a value where the order wants them} */
    boolean isNative(SortKey.Order<?> order) {
        boolean nullsFirst = nullsLargest == order.descending();
        return !order.key().nullable() || order.nullsFirst() == nullsFirst;
    }

    /** {@return whether no column can stand before a {@code *} that names no table} */
    boolean wantsStarFirst() {
        return this == MYSQL || this == MARIADB || this == ORACLE;
    }

    /** {@return the pattern of what begins with a text, escaped by an exclamation mark: a backslash is two on some} */
    String prefix(String text) {
        String special = this == SQL_SERVER ? "[!%_\\[]" : "[!%_]";
        return text.replaceAll(special, "!$0") + '%';
    }

    /** {@return what ends a statement that gives at most so many rows} */
    String limit(String limit) {
        return switch (this) {
            case POSTGRESQL, MYSQL, MARIADB, SQLITE -> " limit :" + limit;
            case H2, ORACLE -> " fetch first :" + limit + " rows only";
            case SQL_SERVER -> " offset 0 rows fetch next :" + limit + " rows only";
        };
    }

    /** {@return what ends a statement that leaves out so many rows, and gives at most so many of the rest} */
    String limit(String limit, String offset) {
        return switch (this) {
            case POSTGRESQL, MYSQL, MARIADB, SQLITE -> " limit :" + limit + " offset :" + offset;
            case H2, ORACLE, SQL_SERVER -> " offset :" + offset + " rows fetch next :" + limit + " rows only";
        };
    }
}
