package dev.underpin.errors;

import dev.underpin.errors.internal.Fields;
import dev.underpin.errors.internal.LogText;
import dev.underpin.result.Detail;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of details as they may be sent, in one answer: values that are plain, each in one form whatever writes
 * it. A stream, a throwable or a lazy proxy among them is a bug of the service; it is left out and remembered for the
 * log. Confined to one thread.
 */
final class Params {
    private static final int MAX_ITEMS = 100;
    private static final int MAX_NAME_IN_LOG = 128;

    private @Nullable String leftOut;

    /** {@return the plain arguments of a detail, sorted by name; null if there is none} */
    @Nullable
    Fields of(Detail detail) {
        Map<String, Object> args = detail.args();
        if (args.isEmpty()) {
            return null;
        }
        String[] names = args.keySet().toArray(new String[0]);
        Arrays.sort(names);
        Fields params = new Fields(names.length);
        for (String name : names) {
            Object value = Objects.requireNonNull(args.get(name));
            Object plain = value instanceof List<?> list ? plainList(list) : plain(value);
            if (plain != null) {
                params.add(Text.bounded(name), plain);
            } else if (leftOut == null) {
                leftOut = inLog(name) + " of " + inLog(detail.code()) + ", a "
                        + value.getClass().getName();
            }
        }
        return params.isEmpty() ? null : params;
    }

    /** {@return name, code and type of the first argument that was left out; null if none was} */
    @Nullable
    String leftOut() {
        return leftOut;
    }

    private static @Nullable Object plainList(List<?> list) {
        int size = Math.min(list.size(), MAX_ITEMS);
        Object[] plain = new Object[size];
        for (int i = 0; i < size; i++) {
            Object item = plain(list.get(i));
            if (item == null) {
                return null;
            }
            plain[i] = item;
        }
        return Arrays.asList(plain);
    }

    /** {@return a value that is plain, in the form in which it is shown; null if it is not} */
    static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof String text) {
            return Text.bounded(text);
        }
        if (value instanceof Number number) {
            return isPlain(number) ? number : null;
        }
        if (value == null || value instanceof Boolean) {
            return value;
        }
        if (value instanceof Enum<?> constant) {
            return constant.name();
        }
        boolean hasText = value instanceof Character || value instanceof UUID || isTime(value);
        return hasText ? Text.bounded(value.toString()) : null;
    }

    /** {@return whether a number is one of the immutable ones of the JDK, and finite} */
    private static boolean isPlain(Number number) {
        if (number instanceof Double || number instanceof Float) {
            return Double.isFinite(number.doubleValue());
        }
        return number instanceof Integer
                || number instanceof Long
                || number instanceof Short
                || number instanceof Byte
                || number.getClass() == BigDecimal.class
                || number.getClass() == BigInteger.class;
    }

    private static boolean isTime(Object value) {
        return value.getClass().getPackageName().equals("java.time");
    }

    private static String inLog(String text) {
        return LogText.of(text, MAX_NAME_IN_LOG);
    }
}
