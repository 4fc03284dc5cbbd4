package dev.underpin.errors;

import dev.underpin.errors.internal.LogText;
import dev.underpin.result.DomainError;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of an error as a part of one log line. Those of a server's failure are shown to no client: without the
 * log, nobody would ever see them.
 */
final class LoggableArgs {
    private static final int MAX_ARGS = 10;
    private static final int MAX_CHARS = 128;
    private static final int MAX_NUMBER_BITS = 512; // beyond, printing a number costs more than it tells

    private LoggableArgs() {}

    /**
     * {@return the plain arguments, sorted by name, after a space: {@code  args: attempts=3 host="db-1"}; empty if there
     * are none} Texts stand in quotes, so that a value cannot pass for a further argument.
     */
    static String of(DomainError error) {
        try {
            Map<String, Object> args = error.args();
            return args.isEmpty() ? "" : text(args);
        } catch (Throwable hostile) {
            LoggableThrowable.rethrowIfFatal(hostile);
            return "";
        }
    }

    private static String text(Map<String, Object> args) {
        String[] names = args.keySet().toArray(new String[0]);
        Arrays.sort(names);
        StringBuilder text = new StringBuilder();
        int count = 0;
        for (String name : names) {
            Object value = args.get(name);
            Object plain = isHuge(value) ? null : Params.plain(value);
            if (plain == null) {
                continue;
            }
            if (count++ == MAX_ARGS) {
                text.append(" ...");
                break;
            }
            text.append(' ').append(LogText.of(name, MAX_CHARS)).append('=');
            if (plain instanceof String words) {
                quote(text, LogText.of(words, MAX_CHARS));
            } else {
                text.append(LogText.of(plain.toString(), MAX_CHARS));
            }
        }
        return text.isEmpty() ? "" : " args:" + text;
    }

    private static boolean isHuge(@Nullable Object value) {
        return (value instanceof BigInteger number && number.bitLength() > MAX_NUMBER_BITS)
                || (value instanceof BigDecimal decimal
                        && decimal.unscaledValue().bitLength() > MAX_NUMBER_BITS);
    }

    private static void quote(StringBuilder text, String words) {
        text.append('"');
        for (int i = 0; i < words.length(); i++) {
            char c = words.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c);
        }
        text.append('"');
    }
}
