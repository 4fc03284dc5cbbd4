package dev.underpin.pagination;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

/**
 * The three forms of a value: in a parameter, in a cursor, in a statement.
 *
 * @param <V> the type of the values in Java
 */
interface Form<V> {
    /** What a cursor begins each value with. Part of the stored format: numbers are never reused. */
    int TAG_NULL = 0;

    int TAG_FALSE = 1;
    int TAG_TRUE = 2;
    int TAG_LONG = 3;
    int TAG_DECIMAL = 4;
    int TAG_DOUBLE = 5;
    int TAG_TEXT = 6;
    int TAG_UUID = 7;
    int TAG_INSTANT_MICROS = 8;
    int TAG_INSTANT_NANOS = 9;
    int TAG_DATE = 10;
    int TAG_DATE_TIME_MICROS = 11;
    int TAG_DATE_TIME_NANOS = 12;

    /**
     * {@return the value of a parameter}
     *
     * @throws IllegalArgumentException if the text is none
     * @throws DateTimeException if the text is none
     */
    V parse(String text);

    /**
     * Writes a value with its tag.
     *
     * @throws IllegalArgumentException if no cursor can hold the value
     */
    void write(CursorWriter out, V value);

    /** Reads what follows the tag. */
    V read(int tag, CursorReader in) throws MalformedCursorException;

    /** {@return the value as a statement gets it} */
    Object bound(V value);

    /**
     * Values that a statement gets as they are.
     *
     * @param <V> the type of the values in Java
     */
    interface Plain<V> extends Form<V> {
        @Override
        default Object bound(V value) {
            return value;
        }
    }

    /** 64-bit integers. */
    final class OfLong implements Plain<Long> {
        @Override
        public Long parse(String text) {
            return Long.valueOf(text);
        }

        @Override
        public void write(CursorWriter out, Long value) {
            out.octet(TAG_LONG);
            out.signed(value);
        }

        @Override
        public Long read(int tag, CursorReader in) throws MalformedCursorException {
            expect(tag, TAG_LONG);
            return in.signed();
        }
    }

    /** Text that is valid Unicode. */
    final class OfText implements Plain<String> {
        @Override
        public String parse(String text) {
            requireUnicode(text);
            if (text.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("no database but H2 stores a NUL");
            }
            return text;
        }

        @Override
        public void write(CursorWriter out, String value) {
            requireUnicode(value);
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            out.octet(TAG_TEXT);
            out.unsigned(utf8.length);
            out.octets(utf8);
        }

        @Override
        public String read(int tag, CursorReader in) throws MalformedCursorException {
            expect(tag, TAG_TEXT);
            return in.text(in.count());
        }

        /** A lone surrogate has no encoding; what replaces it is another text, at another place of the order. */
        private static void requireUnicode(String text) {
            int point;
            for (int i = 0; i < text.length(); i += Character.charCount(point)) {
                point = text.codePointAt(i);
                if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                    throw new IllegalArgumentException("a text with half a surrogate pair");
                }
            }
        }
    }

    /** Decimals of any sane size. */
    final class OfDecimal implements Plain<BigDecimal> {
        private static final int MAX_SCALE = 1000;
        private static final int MAX_BYTES = 64;
        /** What a parameter can say: no more than MySQL's largest decimal. */
        private static final int MAX_PRECISION = 65;

        private static final int MAX_TEXT = 200;

        @Override
        public BigDecimal parse(String text) {
            if (text.length() > MAX_TEXT) {
                throw new IllegalArgumentException("too many digits");
            }
            BigDecimal value = new BigDecimal(text);
            if (value.precision() > MAX_PRECISION || Math.abs((long) value.scale()) > MAX_PRECISION) {
                throw new IllegalArgumentException("more digits than a column can have");
            }
            return value;
        }

        @Override
        public void write(CursorWriter out, BigDecimal value) {
            byte[] unscaled = sane(value).unscaledValue().toByteArray();
            out.octet(TAG_DECIMAL);
            out.signed(value.scale());
            out.unsigned(unscaled.length);
            out.octets(unscaled);
        }

        @Override
        public BigDecimal read(int tag, CursorReader in) throws MalformedCursorException {
            expect(tag, TAG_DECIMAL);
            long scale = in.signed();
            int count = in.count();
            if (scale < -MAX_SCALE || scale > MAX_SCALE || count < 1 || count > MAX_BYTES) {
                throw new MalformedCursorException();
            }
            return new BigDecimal(new BigInteger(in.octets(count)), (int) scale);
        }

        /** Digits written out are what makes a small token a large statement. */
        private static BigDecimal sane(BigDecimal value) {
            if (Math.abs((long) value.scale()) > MAX_SCALE
                    || value.unscaledValue().bitLength() >= 8 * MAX_BYTES) {
                throw new IllegalArgumentException("a decimal of more than 154 digits or 1000 places");
            }
            return value;
        }
    }

    /** Doubles, bit by bit. */
    final class OfDouble implements Plain<Double> {
        @Override
        public Double parse(String text) {
            if (text.chars().anyMatch(c -> "0123456789+-.eE".indexOf(c) < 0)) {
                throw new IllegalArgumentException("hexadecimal, or with a suffix");
            }
            double value = Double.parseDouble(text);
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("beyond the largest double");
            }
            return value;
        }

        @Override
        public void write(CursorWriter out, Double value) {
            out.octet(TAG_DOUBLE);
            out.fixed64(Double.doubleToLongBits(value));
        }

        @Override
        public Double read(int tag, CursorReader in) throws MalformedCursorException {
            expect(tag, TAG_DOUBLE);
            return Double.longBitsToDouble(in.fixed64());
        }
    }

    /** True and false. */
    final class OfBoolean implements Plain<Boolean> {
        @Override
        public Boolean parse(String text) {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("neither true nor false");
            };
        }

        @Override
        public void write(CursorWriter out, Boolean value) {
            out.octet(value ? TAG_TRUE : TAG_FALSE);
        }

        @Override
        public Boolean read(int tag, CursorReader in) throws MalformedCursorException {
            if (tag == TAG_TRUE) {
                return true;
            }
            expect(tag, TAG_FALSE);
            return false;
        }
    }

    /** UUIDs in their usual form. */
    final class OfUuid implements Plain<UUID> {
        private static final int LENGTH = 36;

        @Override
        public UUID parse(String text) {
            if (text.length() != LENGTH) { // the JDK also reads 1-1-1-1-1
                throw new IllegalArgumentException("not of 36 characters");
            }
            UUID value = UUID.fromString(text);
            if (!value.toString().equalsIgnoreCase(text)) {
                throw new IllegalArgumentException("not grouped as usual");
            }
            return value;
        }

        @Override
        public void write(CursorWriter out, UUID value) {
            out.octet(TAG_UUID);
            out.fixed64(value.getMostSignificantBits());
            out.fixed64(value.getLeastSignificantBits());
        }

        @Override
        public UUID read(int tag, CursorReader in) throws MalformedCursorException {
            expect(tag, TAG_UUID);
            long high = in.fixed64();
            return new UUID(high, in.fixed64());
        }
    }

    /** Points in time. */
    final class OfInstant implements Plain<Instant> {
        @Override
        public Instant parse(String text) {
            Instant value = Instant.parse(text);
            Moments.requireYear(value.atOffset(ZoneOffset.UTC).getYear());
            return value;
        }

        @Override
        public void write(CursorWriter out, Instant value) {
            Moments.write(out, TAG_INSTANT_MICROS, TAG_INSTANT_NANOS, value);
        }

        @Override
        public Instant read(int tag, CursorReader in) throws MalformedCursorException {
            return Moments.read(tag, TAG_INSTANT_MICROS, TAG_INSTANT_NANOS, in);
        }
    }

    /** Dates. */
    final class OfDate implements Plain<LocalDate> {
        @Override
        public LocalDate parse(String text) {
            LocalDate value = LocalDate.parse(text);
            Moments.requireYear(value.getYear());
            return value;
        }

        @Override
        public void write(CursorWriter out, LocalDate value) {
            out.octet(TAG_DATE);
            out.signed(value.toEpochDay());
        }

        @Override
        public LocalDate read(int tag, CursorReader in) throws MalformedCursorException {
            expect(tag, TAG_DATE);
            try {
                return LocalDate.ofEpochDay(in.signed());
            } catch (DateTimeException e) {
                throw new MalformedCursorException();
            }
        }
    }

    /** Dates and times without a zone. */
    final class OfDateTime implements Plain<LocalDateTime> {
        @Override
        public LocalDateTime parse(String text) {
            LocalDateTime value = LocalDateTime.parse(text);
            Moments.requireYear(value.getYear());
            return value;
        }

        @Override
        public void write(CursorWriter out, LocalDateTime value) {
            Moments.write(out, TAG_DATE_TIME_MICROS, TAG_DATE_TIME_NANOS, value.toInstant(ZoneOffset.UTC));
        }

        @Override
        public LocalDateTime read(int tag, CursorReader in) throws MalformedCursorException {
            Instant value = Moments.read(tag, TAG_DATE_TIME_MICROS, TAG_DATE_TIME_NANOS, in);
            try {
                return LocalDateTime.ofInstant(value, ZoneOffset.UTC);
            } catch (DateTimeException e) {
                throw new MalformedCursorException();
            }
        }
    }

    /** What instants and zoneless times have in common: microseconds in one number, where that loses nothing. */
    final class Moments {
        private static final int NANOS = 1_000_000_000;
        private static final long MAX_SECOND = Long.MAX_VALUE / 1_000_000 - 1;

        private Moments() {}

        static void requireYear(int year) {
            if (year < 1 || year > 9999) {
                throw new IllegalArgumentException("not of the years 1 to 9999");
            }
        }

        static void write(CursorWriter out, int microsTag, int nanosTag, Instant value) {
            long second = value.getEpochSecond();
            int nano = value.getNano();
            if (nano % 1000 == 0 && Math.abs(second) < MAX_SECOND) {
                out.octet(microsTag);
                out.signed(second * 1_000_000 + nano / 1000);
            } else {
                out.octet(nanosTag);
                out.signed(second);
                out.unsigned(nano);
            }
        }

        static Instant read(int tag, int microsTag, int nanosTag, CursorReader in) throws MalformedCursorException {
            try {
                if (tag == microsTag) {
                    long micros = in.signed();
                    return Instant.ofEpochSecond(
                            Math.floorDiv(micros, 1_000_000L), 1000L * Math.floorMod(micros, 1_000_000L));
                }
                expect(tag, nanosTag);
                long second = in.signed();
                long nano = in.unsigned();
                if (nano < 0 || nano >= NANOS) {
                    throw new MalformedCursorException();
                }
                return Instant.ofEpochSecond(second, nano);
            } catch (DateTimeException e) {
                throw new MalformedCursorException();
            }
        }
    }

    private static void expect(int tag, int expected) throws MalformedCursorException {
        if (tag != expected) {
            throw new MalformedCursorException();
        }
    }
}
