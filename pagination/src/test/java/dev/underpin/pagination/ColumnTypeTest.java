package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnTypeTest {
    private enum Status {
        OPEN,
        CLOSED
    }

    private static final ColumnType<Status> STATUS = ColumnType.ofEnum(Status.class);

    static Stream<Arguments> values() {
        return Stream.of(
                        all(ColumnType.LONG, 0L, 1L, -1L, 63L, 64L, -64L, -65L, Long.MAX_VALUE, Long.MIN_VALUE),
                        all(ColumnType.LONG, 5673028755079817001L),
                        all(ColumnType.TEXT, "", "a", "' OR true--", "\u0000", "é😀", "x".repeat(500)),
                        all(
                                ColumnType.DECIMAL,
                                BigDecimal.ZERO,
                                new BigDecimal("1.10"),
                                new BigDecimal("1.1"),
                                new BigDecimal("-0.000"),
                                new BigDecimal("1E+1000"),
                                new BigDecimal("1E-1000"),
                                new BigDecimal(BigInteger.ONE.shiftLeft(510).negate())),
                        all(
                                ColumnType.DOUBLE,
                                0.0,
                                -0.0,
                                0.8523489932885906,
                                Double.NaN,
                                Double.POSITIVE_INFINITY,
                                Double.NEGATIVE_INFINITY,
                                Double.MIN_VALUE),
                        all(ColumnType.BOOLEAN, true, false),
                        all(ColumnType.UUID, new UUID(0, 0), new UUID(-1, -1), Row.ID),
                        all(
                                ColumnType.INSTANT,
                                Instant.EPOCH,
                                Instant.parse("2026-01-31T08:00:00.123456789Z"),
                                Instant.parse("2026-01-31T08:00:00.123456Z"),
                                Instant.parse("1969-12-31T23:59:59.999999Z"),
                                Instant.parse("1969-12-31T23:59:59.999999999Z"),
                                Instant.MIN,
                                Instant.MAX),
                        all(ColumnType.DATE, LocalDate.EPOCH, LocalDate.MIN, LocalDate.MAX, LocalDate.of(2026, 1, 31)),
                        all(
                                ColumnType.DATE_TIME,
                                LocalDateTime.MIN,
                                LocalDateTime.MAX,
                                LocalDateTime.parse("2026-01-31T08:00:00.123456789"),
                                LocalDateTime.parse("1969-12-31T23:59:59.999999")),
                        all(STATUS, Status.OPEN, Status.CLOSED))
                .flatMap(list -> list);
    }

    private static Stream<Arguments> all(ColumnType<?> type, Object... values) {
        return Stream.of(values).map(value -> Arguments.of(type, value));
    }

    @ParameterizedTest
    @MethodSource("values")
    <V> void read_whatWasWritten_isTheSame(ColumnType<V> type, V value) throws MalformedCursorException {
        byte[] bytes = written(type, value);
        var in = new CursorReader(bytes, 0, bytes.length);

        assertThat(type.read(in, /* nullable= */ false)).isEqualTo(value);
        assertThat(in.atEnd()).isTrue();
    }

    @Test
    void read_null_isNullWhereAllowed() throws MalformedCursorException {
        byte[] bytes = written(ColumnType.LONG, null);

        assertThat(ColumnType.LONG.read(new CursorReader(bytes, 0, bytes.length), /* nullable= */ true))
                .isNull();
        assertThatThrownBy(() -> ColumnType.LONG.read(new CursorReader(bytes, 0, bytes.length), /* nullable= */ false))
                .isInstanceOf(MalformedCursorException.class);
    }

    @ParameterizedTest
    @MethodSource("values")
    <V> void read_byAnotherType_isMalformed(ColumnType<V> type, V value) {
        byte[] bytes = written(type, value);
        for (ColumnType<?> other : List.of(
                ColumnType.LONG,
                ColumnType.TEXT,
                ColumnType.DECIMAL,
                ColumnType.DOUBLE,
                ColumnType.BOOLEAN,
                ColumnType.UUID,
                ColumnType.INSTANT,
                ColumnType.DATE,
                ColumnType.DATE_TIME)) {
            if (other != type && !(type == STATUS && other == ColumnType.TEXT)) {
                assertThatThrownBy(() -> other.read(new CursorReader(bytes, 0, bytes.length), /* nullable= */ true))
                        .isInstanceOf(MalformedCursorException.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    <V> void read_cutOff_isMalformed(ColumnType<V> type, V value) {
        byte[] bytes = written(type, value);
        for (int length = 0; length < bytes.length; length++) {
            int end = length;
            assertThatThrownBy(() -> type.read(new CursorReader(bytes, 0, end), /* nullable= */ true))
                    .isInstanceOf(MalformedCursorException.class);
        }
    }

    /** Whatever stands behind a tag: a value, or the one exception. */
    @Test
    void read_anyBytes_isAValueOrMalformed() {
        var random = new Random(42);
        List<ColumnType<?>> types = List.of(
                ColumnType.LONG,
                ColumnType.TEXT,
                ColumnType.DECIMAL,
                ColumnType.DOUBLE,
                ColumnType.BOOLEAN,
                ColumnType.UUID,
                ColumnType.INSTANT,
                ColumnType.DATE,
                ColumnType.DATE_TIME,
                STATUS);
        int read = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                bytes[0] = (byte) random.nextInt(14);
            }
            try {
                Object value = types.get(i % types.size())
                        .read(new CursorReader(bytes, 0, bytes.length), /* nullable= */ true);
                read += value == null ? 0 : 1;
            } catch (MalformedCursorException e) {
                assertThat(e.getStackTrace()).isEmpty();
            }
        }
        assertThat(read).as("how many were values").isPositive();
    }

    @Test
    void read_textThatIsNone_isMalformed() {
        for (byte[] utf8 : List.of(new byte[] {(byte) 0xff}, new byte[] {(byte) 0xc0, (byte) 0x80}, new byte[] {
            (byte) 0xed, (byte) 0xa0, (byte) 0x80
        })) {
            var out = new CursorWriter();
            out.octet(Form.TAG_TEXT);
            out.unsigned(utf8.length);
            out.octets(utf8);
            assertMalformed(ColumnType.TEXT, out);
        }
    }

    @Test
    void read_hugeNumbers_areMalformedAtOnce() {
        var scale = new CursorWriter();
        scale.octet(Form.TAG_DECIMAL);
        scale.signed(Integer.MAX_VALUE);
        scale.unsigned(1);
        scale.octet(1);
        assertMalformed(ColumnType.DECIMAL, scale);

        var digits = new CursorWriter();
        digits.octet(Form.TAG_DECIMAL);
        digits.signed(0);
        digits.unsigned(65);
        digits.octets(new byte[65]);
        assertMalformed(ColumnType.DECIMAL, digits);

        var length = new CursorWriter();
        length.octet(Form.TAG_TEXT);
        length.unsigned(Long.MAX_VALUE);
        assertMalformed(ColumnType.TEXT, length);

        var endless = new CursorWriter();
        endless.octet(Form.TAG_LONG);
        endless.octets(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
        assertMalformed(ColumnType.LONG, endless);

        var nanos = new CursorWriter();
        nanos.octet(Form.TAG_INSTANT_NANOS);
        nanos.signed(0);
        nanos.unsigned(1_000_000_000);
        assertMalformed(ColumnType.INSTANT, nanos);

        var second = new CursorWriter();
        second.octet(Form.TAG_INSTANT_NANOS);
        second.signed(Long.MAX_VALUE);
        second.unsigned(1);
        assertMalformed(ColumnType.INSTANT, second);

        var day = new CursorWriter();
        day.octet(Form.TAG_DATE);
        day.signed(Long.MAX_VALUE);
        assertMalformed(ColumnType.DATE, day);
    }

    @Test
    void read_nameThatIsNoConstant_isMalformed() {
        var out = new CursorWriter();
        ColumnType.TEXT.write(out, "GONE");
        assertMalformed(STATUS, out);
    }

    private static void assertMalformed(ColumnType<?> type, CursorWriter out) {
        byte[] bytes = out.toByteArray();
        assertThatThrownBy(() -> type.read(new CursorReader(bytes, 0, bytes.length), /* nullable= */ true))
                .isInstanceOf(MalformedCursorException.class);
    }

    @Test
    void write_whatNoCursorHolds_isRefused() {
        assertThatThrownBy(() -> written(ColumnType.TEXT, "a\ud800")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> written(ColumnType.DECIMAL, new BigDecimal("1E+1001")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> written(ColumnType.DECIMAL, new BigDecimal(BigInteger.ONE.shiftLeft(511))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1-1-1-1-1", "0F8FAD5B-D9CB-469F-A165-70867728950E"})
    void parse_uuid_isStrictAboutItsGroups(String text) {
        assertThat(ColumnType.UUID.parse(text)).isEqualTo(text.length() == 36 ? Row.ID : null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "1x", "0x10", "1_0", "NaN", "Infinity", "1d", "1f", "0x1p3", "1e999", "+", "--1"})
    void parse_numbersThatAreNone_areNull(String text) {
        assertThat(ColumnType.LONG.parse(text)).isNull();
        assertThat(ColumnType.DOUBLE.parse(text)).isNull();
        assertThat(ColumnType.DECIMAL.parse(text.equals("1e999") ? "1e9999" : text))
                .isNull();
    }

    @Test
    void parse_eachType_readsItsUsualForm() {
        assertThat(ColumnType.LONG.parse("-7")).isEqualTo(-7L);
        assertThat(ColumnType.DOUBLE.parse("1.5e3")).isEqualTo(1500.0);
        assertThat(ColumnType.DECIMAL.parse("1.50")).isEqualTo(new BigDecimal("1.50"));
        assertThat(ColumnType.BOOLEAN.parse("true")).isTrue();
        assertThat(ColumnType.BOOLEAN.parse("false")).isFalse();
        assertThat(ColumnType.BOOLEAN.parse("TRUE")).isNull();
        assertThat(ColumnType.DATE.parse("2026-01-31")).isEqualTo(LocalDate.of(2026, 1, 31));
        assertThat(ColumnType.DATE.parse("0000-01-31")).isNull();
        assertThat(ColumnType.DATE.parse("2026-02-30")).isNull();
        assertThat(ColumnType.DATE_TIME.parse("2026-01-31T08:00:00")).isEqualTo(LocalDateTime.of(2026, 1, 31, 8, 0));
        assertThat(ColumnType.DATE_TIME.parse("-0001-01-31T08:00:00")).isNull();
        assertThat(ColumnType.INSTANT.parse("2026-01-31T08:00:00Z")).isEqualTo(Instant.parse("2026-01-31T08:00:00Z"));
        assertThat(ColumnType.DECIMAL.parse("1".repeat(500))).isNull();
        assertThat(STATUS.parse("OPEN")).isEqualTo(Status.OPEN);
        assertThat(STATUS.description()).isEqualTo("one of OPEN, CLOSED");
        assertThat(STATUS.bound(Status.OPEN)).isEqualTo("OPEN");
    }

    @Test
    void as_functions_mapEveryForm() throws MalformedCursorException {
        record OrderNumber(long value) {}
        ColumnType<OrderNumber> type = ColumnType.LONG.as(OrderNumber::new, OrderNumber::value);
        byte[] bytes = written(type, new OrderNumber(7));

        assertThat(type.read(new CursorReader(bytes, 0, bytes.length), /* nullable= */ false))
                .isEqualTo(new OrderNumber(7));
        assertThat(type.parse("7")).isEqualTo(new OrderNumber(7));
        assertThat(type.parse("x")).isNull();
        assertThat(type.bound(new OrderNumber(7))).isEqualTo(7L);
    }

    private static <V> byte[] written(ColumnType<V> type, @Nullable V value) {
        var out = new CursorWriter();
        type.write(out, value);
        return out.toByteArray();
    }

    /* ---- what is next to a value ---- */

    static Stream<Arguments> neighbours() {
        return Stream.of(
                arguments(5L, 4L, 6L),
                arguments(Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MAX_VALUE),
                arguments(Long.MIN_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1),
                arguments("a", "a", "a"),
                arguments(new BigDecimal("1.5"), new BigDecimal("1.5"), new BigDecimal("1.5")),
                arguments(0.0, -Double.MIN_VALUE, Double.MIN_VALUE),
                arguments(Double.NaN, Double.NaN, Double.NaN),
                arguments(Double.POSITIVE_INFINITY, Double.MAX_VALUE, Double.POSITIVE_INFINITY),
                arguments(true, false, true),
                arguments(false, false, true),
                arguments(new UUID(1, 0), new UUID(0, -1), new UUID(1, 1)),
                arguments(new UUID(1, -1), new UUID(1, -2), new UUID(2, 0)),
                arguments(new UUID(0, 0), new UUID(0, 0), new UUID(0, 1)),
                arguments(new UUID(-1, -1), new UUID(-1, -2), new UUID(-1, -1)),
                arguments(
                        Instant.parse("2026-01-31T08:00:00Z"),
                        Instant.parse("2026-01-31T07:59:59.999999999Z"),
                        Instant.parse("2026-01-31T08:00:00.000000001Z")),
                arguments(Instant.MAX, Instant.MAX.minusNanos(1), Instant.MAX),
                arguments(LocalDate.of(2026, 1, 31), LocalDate.of(2026, 1, 30), LocalDate.of(2026, 2, 1)),
                arguments(LocalDate.MIN, LocalDate.MIN, LocalDate.MIN.plusDays(1)),
                arguments(
                        LocalDateTime.of(2026, 1, 31, 8, 0),
                        LocalDateTime.of(2026, 1, 31, 7, 59, 59, 999_999_999),
                        LocalDateTime.of(2026, 1, 31, 8, 0, 0, 1)));
    }

    /** Nothing is between them: where a type has no next value, or none is known, it is the value itself. */
    @ParameterizedTest
    @MethodSource("neighbours")
    void next_anyValue_isBesideIt(Object value, Object below, Object above) {
        assertThat(ColumnType.next(value, /* above= */ false)).isEqualTo(below);
        assertThat(ColumnType.next(value, /* above= */ true)).isEqualTo(above);
    }
}
