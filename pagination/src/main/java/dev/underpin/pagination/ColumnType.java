package dev.underpin.pagination;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a column are read from a parameter, bound to a statement and written into a cursor. Nothing is lost
 * on the way: an instant keeps its nanoseconds, a decimal its scale, a double its bits. Immutable and thread-safe.
 *
 * <p>Choose the type of the column, not one that it can be converted to: a {@code numeric} column compared with a
 * double, or a {@code timestamp} with a text, does not use its index.
 *
 * @param <V> the type of the values in Java
 */
public final class ColumnType<V> {
    /** Whole numbers of up to 64 bits, of any integer column. */
    public static final ColumnType<Long> LONG =
            new ColumnType<>("a whole number", new Form.OfLong(), "-9223372036854775808");

    /**
     * Text. A cursor holds the value: sort by an expression that bounds it, such as {@code left(name, 100)}, if rows can
     * have more than about 500 bytes, and read the same from the row; one that is longer makes its page fail. Of an enum of
     * H2, declare {@code cast(kind as varchar)}: it compares with none but its own constants.
     */
    public static final ColumnType<String> TEXT = new ColumnType<>("text", new Form.OfText(), ':' + Template.EMPTY);

    /** Exact decimals. */
    public static final ColumnType<BigDecimal> DECIMAL =
            new ColumnType<>("a decimal number", new Form.OfDecimal(), "cast('-Infinity' as decfloat)");

    /** Floating point numbers, infinities and NaN included; a parameter takes finite ones only. */
    public static final ColumnType<Double> DOUBLE =
            new ColumnType<>("a number", new Form.OfDouble(), "cast('-Infinity' as double precision)");

    /** True and false. */
    public static final ColumnType<Boolean> BOOLEAN = new ColumnType<>("true or false", new Form.OfBoolean(), "false");

    /** UUIDs, in a column of that type. */
    public static final ColumnType<UUID> UUID =
            new ColumnType<>("a UUID", new Form.OfUuid(), "uuid '00000000-0000-0000-0000-000000000000'");

    /** Points in time; of the years 1 to 9999 in a parameter. */
    public static final ColumnType<Instant> INSTANT = new ColumnType<>(
            "a time with offset, such as 2026-01-31T08:00:00Z",
            new Form.OfInstant(),
            "timestamp with time zone '-1000000000-01-01 000000+18'");

    /** Dates without a time; of the years 1 to 9999 in a parameter. */
    public static final ColumnType<LocalDate> DATE =
            new ColumnType<>("a date, such as 2026-01-31", new Form.OfDate(), "date '-1000000000-01-01'");

    /** Dates and times without a zone; of the years 1 to 9999 in a parameter. */
    public static final ColumnType<LocalDateTime> DATE_TIME = new ColumnType<>(
            "a time without offset, such as 2026-01-31T08:00:00",
            new Form.OfDateTime(),
            "timestamp '-1000000000-01-01 000000'");

    private final String description;
    private final Form<V> form;
    private final String least;

    private ColumnType(String description, Form<V> form, String least) {
        this.description = description;
        this.form = form;
        this.least = least;
    }

    /**
     * {@return the type of a text column that holds the names of constants} The database sorts them as text. A row with
     * another text makes its page fail when it is sorted by it; {@link #TEXT} does not.
     *
     * @param type the enum
     * @param <V> the enum
     */
    public static <V extends Enum<V>> ColumnType<V> ofEnum(Class<V> type) {
        String names = Arrays.stream(type.getEnumConstants()).map(Enum::name).collect(Collectors.joining(", "));
        return new ColumnType<>(
                "one of " + names, TEXT.as(name -> Enum.valueOf(type, name), Enum::name).form, TEXT.least);
    }

    /**
     * {@return a type with other values in Java, and the same ones in parameters, statements and cursors}
     *
     * @param read makes the other value; throws IllegalArgumentException or DateTimeException for what is none
     * @param write undoes it
     * @param <W> the other type
     */
    public <W> ColumnType<W> as(Function<? super V, ? extends W> read, Function<? super W, ? extends V> write) {
        Objects.requireNonNull(read, "read");
        Objects.requireNonNull(write, "write");
        Form<V> plain = form;
        return new ColumnType<>(
                description,
                new Form<>() {
                    @Override
                    public W parse(String text) {
                        return Objects.requireNonNull(read.apply(plain.parse(text)), "read returned null");
                    }

                    @Override
                    public void write(CursorWriter out, W value) {
                        plain.write(out, unmapped(value));
                    }

                    @Override
                    public W read(int tag, CursorReader in) throws MalformedCursorException {
                        try {
                            return Objects.requireNonNull(read.apply(plain.read(tag, in)), "read returned null");
                        } catch (IllegalArgumentException | DateTimeException e) {
                            throw new MalformedCursorException();
                        }
                    }

                    @Override
                    public Object bound(W value) {
                        return plain.bound(unmapped(value));
                    }

                    private V unmapped(W value) {
                        return Objects.requireNonNull(write.apply(value), "write returned null");
                    }
                },
                least);
    }

    /** {@return what a value of this type is, as in "must be a whole number"} */
    String description() {
        return description;
    }

    /**
     * {@return what no value in a column of this type is below, as H2 writes it} There is no colon but that of a parameter
     * in it, whoever looks for those.
     */
    String least() {
        return least;
    }

    /** {@return the value of a parameter; null if the text is none} */
    @Nullable
    V parse(String text) {
        try {
            return form.parse(text);
        } catch (IllegalArgumentException | DateTimeException e) {
            return null;
        }
    }

    /** Writes a value, or null, into a cursor. */
    void write(CursorWriter out, @Nullable V value) {
        if (value == null) {
            out.octet(Form.TAG_NULL);
        } else {
            form.write(out, value);
        }
    }

    /** Reads a value, or null if that is allowed. */
    @Nullable
    V read(CursorReader in, boolean nullable) throws MalformedCursorException {
        int tag = in.octet();
        if (tag != Form.TAG_NULL) {
            return form.read(tag, in);
        }
        if (!nullable) {
            throw new MalformedCursorException();
        }
        return null;
    }

    /** {@return the value as a statement gets it} */
    Object bound(V value) {
        return form.bound(value);
    }

    /**
     * {@return a value beyond one that a statement gets, with none between them that a column can have; the same value
     * where there is none, or none is known, as of decimals, and of texts: which is next depends on the collation}
     */
    static Object next(Object bound, boolean above) {
        if (bound instanceof Long value) {
            return value == (above ? Long.MAX_VALUE : Long.MIN_VALUE) ? value : value + (above ? 1 : -1);
        } else if (bound instanceof Double value) {
            return above ? Math.nextUp(value) : Math.nextDown(value);
        } else if (bound instanceof Boolean) {
            return above;
        } else if (bound instanceof UUID value) {
            return next(value, above);
        }
        try {
            if (bound instanceof Instant value) {
                return value.plusNanos(above ? 1 : -1);
            } else if (bound instanceof LocalDateTime value) {
                return value.plusNanos(above ? 1 : -1);
            } else if (bound instanceof LocalDate value) {
                return value.plusDays(above ? 1 : -1);
            }
        } catch (DateTimeException e) {
            return bound; // the first or last there is
        }
        return bound;
    }

    private static UUID next(UUID value, boolean above) {
        long low = value.getLeastSignificantBits() + (above ? 1 : -1);
        boolean carries = low == (above ? 0 : -1);
        long high = value.getMostSignificantBits() + (carries ? above ? 1 : -1 : 0);
        boolean wraps = carries && high == (above ? 0 : -1);
        return wraps ? value : new UUID(high, low);
    }
}
