package dev.underpin.pagination;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something a listing can be sorted by.
 *
 * @param name what clients call it
 * @param column its SQL expression, as it stands in every clause
 * @param type the type of its values
 * @param value reads it from a row
 * @param nulls where rows without a value are
 * @param unique whether no two rows have the same value
 * @param <T> the type of the rows
 * @param <V> the type of its values
 */
record SortKey<T, V>(
        String name,
        String column,
        ColumnType<V> type,
        Function<? super T, ? extends @Nullable V> value,
        Nulls nulls,
        boolean unique) {
    /** Where rows without a value are, whatever the direction. */
    enum Nulls {
        /** There are none. */
        NONE,
        FIRST,
        LAST
    }

    boolean nullable() {
        return nulls != Nulls.NONE;
    }

    /** Writes the value of a row into a cursor. */
    void write(CursorWriter out, T row) {
        @Nullable V v = value.apply(row);
        if (v == null && !nullable()) {
            throw new IllegalStateException(
                    "A row has no \"" + name + "\", which is declared with sort(...): declare where nulls are,"
                            + " with sortNullsFirst(...) or sortNullsLast(...)");
        }
        try {
            type.write(out, v);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("A cursor cannot hold the \"" + name + "\" of a row", e);
        }
    }

    /** {@return what a statement gets for the value of a row; null if there is none} */
    @Nullable
    Object bound(T row) {
        @Nullable V v = value.apply(row);
        return v == null ? null : type.bound(v);
    }

    /** {@return what a statement gets for the next value of a cursor; null if there is none} */
    @Nullable
    Object readBound(CursorReader in) throws MalformedCursorException {
        @Nullable V v = type.read(in, nullable());
        return v == null ? null : type.bound(v);
    }

    /** {@return this key in a direction, with nulls where they were declared to be} */
    Order<T> in(boolean descending) {
        return new Order<>(this, descending, nulls == Nulls.FIRST);
    }

    /**
     * A key in one direction.
     *
     * @param key what
     * @param descending whether the largest comes first
     * @param nullsFirst whether rows without a value come first; means nothing where there are none
     * @param <T> the type of the rows
     */
    record Order<T>(SortKey<T, ?> key, boolean descending, boolean nullsFirst) {
        /** {@return the same read from its end: rows without a value change sides, too} */
        Order<T> reversed() {
            return new Order<>(key, !descending, !nullsFirst);
        }
    }
}
