package dev.underpin.pagination;

/** Which SQL seeks on a database, and where rows without a value are in it if nothing is said. */
public enum Dialect {
    /** PostgreSQL, and databases that plan as it does: row values, one arm for each run of keys. */
    POSTGRESQL(Comparison.WIDE_ROW_VALUE, Arms.CASCADE_OF_SELECTS, /* nullsLargest= */ true),
    /** MySQL 8: one condition spelled out with {@code or}; row values would walk the index. */
    MYSQL(Comparison.SPELLED_OUT, Arms.OR, /* nullsLargest= */ false),
    /** MariaDB: as MySQL. */
    MARIADB(Comparison.SPELLED_OUT, Arms.OR, /* nullsLargest= */ false),
    /** SQLite: as PostgreSQL, with strict row values; nulls are smallest. */
    SQLITE(Comparison.ROW_VALUE, Arms.UNION_OF_SELECTS, /* nullsLargest= */ false),
    /** H2 from 2.3: one arm for each key, with a bound on every column that nulls could be in front of. */
    H2(Comparison.ONE_KEY, Arms.CASCADE, /* nullsLargest= */ false),
    /** SQL Server: no row values, {@code top} in each arm. Text only; never run. */
    SQL_SERVER(Comparison.ONE_KEY, Arms.UNION_OF_SELECTS, /* nullsLargest= */ false),
    /** Oracle 12: no row values. Text only; never run. */
    ORACLE(Comparison.ONE_KEY, Arms.UNION_OF_SELECTS, /* nullsLargest= */ true);

    /** How keys of one direction are compared with those of a position. */
    enum Comparison {
        /** {@code (a, b) > (:x, :y)}. */
        ROW_VALUE,
        /**
         * {@code (a, b) >= (:x, :y) and (a, b) <> (:x, :y)}, where {@code b} is unique. PostgreSQL takes a row value for as
         * rare as its first column alone: at the largest {@code a} it expects no row behind, and would rather sort what
         * another index gives.
         */
        WIDE_ROW_VALUE,
        /** {@code a > :x or (a = :x and b > :y)}. */
        SPELLED_OUT,
        /** {@code a > :x}; each key is an arm of its own. */
        ONE_KEY
    }

    /** How the arms of a condition come together. */
    enum Arms {
        /**
         * {@code with a1 as (...), a2 as (... limit what a1 left) select * from a1 union all select * from a2}. In a
         * plain union H2 runs every arm to its limit, needed or not.
         */
        CASCADE,
        /**
         * As {@link #CASCADE}, with {@code select * from (... limit) limit what a1 left}. In a plain union PostgreSQL
         * sorts each arm that has a key fixed, and reads it to its limit for that.
         */
        CASCADE_OF_SELECTS,
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

    /**
     * {@return whether a statement can look up what another part of it found} MariaDB chooses what it reads of an index
     * before it runs any part: a range that ends where a subquery says is a walk there.
     */
    boolean seeksWhatItFound() {
        return this == H2 || this == SQLITE;
    }

    /** {@return whether an arm is run only if those before it left something} */
    boolean inTurn() {
        return arms == Arms.CASCADE || arms == Arms.CASCADE_OF_SELECTS;
    }

    /**
     * {@return whether what refers to an arm has to depend on a value that is another each time} What H2 selects from
     * {@code with} it gives again when the statement is run again, as long as none of the parameters has changed that it
     * takes for those of the reference: none, if they stand in the arm, a tenant's among them.
     */
    boolean repeatsArms() {
        return this == H2;
    }

    /**
     * {@return whether H2 has to be told in values where a walk begins} It knows no strict bounds, finds none by {@code is
     * not null}, and chooses the index that has most of the columns in the condition.
     */
    boolean seeksValues() {
        return this == H2;
    }

    /** {@return the condition that a key has a value} */
    String hasValue(SortKey<?, ?> key) {
        return key.column() + (seeksValues() ? " >= " + key.type().least() : " is not null");
    }

    /**
     * {@return the condition that a key has no value} With {@code is null} alone, MariaDB 11.4 may look up the nulls, and
     * walk them to the position; the other half, which no row passes, makes a range of it, which ends with the position.
     */
    String hasNone(String column) {
        return arms == Arms.OR ? '(' + column + " is null or " + column + " > null)" : column + " is null";
    }

    /**
     * {@return what an arm is sorted by for a key} H2 writes {@code with} anew before it plans it, and a column that is
     * also selected as a number, which its choice of an index ignores; it no longer does for what becomes a column later.
     */
    String sortedBy(String column) {
        return this == H2 ? "case when 1 = 1 then " + column + " end" : column;
    }

    /**
     * {@return whether no count stops at a limit} With one, H2 goes on with an {@code in} where the last count of the same
     * statement stopped, and counts rows of whoever that was for.
     */
    boolean countsAll() {
        return this == H2;
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

    /** {@return an order for a limit where none matters: SQL Server has no limit without one} */
    String anyOrder() {
        return this == SQL_SERVER ? "order by (select null)" : "";
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
