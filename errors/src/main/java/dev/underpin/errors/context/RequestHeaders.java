package dev.underpin.errors.context;

import dev.underpin.errors.internal.SentHeaders;
import dev.underpin.errors.internal.Words;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what a client sent, of which nothing can be trusted. */
final class RequestHeaders {
    private static final int MAX_ACCEPT_LANGUAGE = 256;
    // 00-<32 hex digits: trace>-<16 hex digits: parent>-<2 hex digits: flags>
    private static final int TRACEPARENT = 55;
    private static final int TRACE_FROM = 3;
    private static final int TRACE_TO = 35;
    private static final int PARENT_FROM = 36;
    private static final int PARENT_TO = 52;
    private static final int FLAGS_FROM = 53;

    private RequestHeaders() {}

    /** {@return a header, or null if there is none; also asks in lower case, as HTTP/2 sends it} */
    static @Nullable String read(Function<String, @Nullable String> headers, String name) {
        return SentHeaders.read(headers, name);
    }

    /** {@return whether an id sent by a client may go into logs and headers} */
    static boolean isRequestId(@Nullable String id) {
        return id != null && Words.isRequestId(id);
    }

    /** {@return an id to find log lines by, not to keep a secret with: fast, and not from a secure source} */
    static String newRequestId() {
        var random = ThreadLocalRandom.current();
        long high = (random.nextLong() & ~0xf000L) | 0x4000L; // version 4
        long low = (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L; // variant of RFC 9562
        return new UUID(high, low).toString();
    }

    /** {@return the trace id of a valid W3C {@code traceparent}, else null} */
    static @Nullable String traceId(@Nullable String traceparent) {
        if (traceparent == null || !hasShape(traceparent)) {
            return null;
        }
        boolean valid = isHex(traceparent, 0, 2)
                && !traceparent.startsWith("ff")
                && isHex(traceparent, TRACE_FROM, TRACE_TO)
                && !isZero(traceparent, TRACE_FROM, TRACE_TO)
                && isHex(traceparent, PARENT_FROM, PARENT_TO)
                && !isZero(traceparent, PARENT_FROM, PARENT_TO)
                && isHex(traceparent, FLAGS_FROM, TRACEPARENT);
        return valid ? traceparent.substring(TRACE_FROM, TRACE_TO) : null;
    }

    private static boolean hasShape(String traceparent) {
        int length = traceparent.length();
        // Versions after 00 may add fields, and only at the end.
        boolean longer = length > TRACEPARENT && at(traceparent, TRACEPARENT) && !traceparent.startsWith("00");
        boolean complete = length == TRACEPARENT || longer;
        return complete && at(traceparent, 2) && at(traceparent, TRACE_TO) && at(traceparent, PARENT_TO);
    }

    private static boolean at(String traceparent, int index) {
        return traceparent.charAt(index) == '-';
    }

    private static boolean isHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }

    /** {@return the language a client likes best; English if it names none that can be read} */
    static Locale locale(@Nullable String acceptLanguage) {
        if (acceptLanguage == null || acceptLanguage.length() > MAX_ACCEPT_LANGUAGE) {
            return Locale.ENGLISH;
        }
        try {
            // Best first.
            for (Locale.LanguageRange range : Locale.LanguageRange.parse(acceptLanguage)) {
                Locale locale = Locale.forLanguageTag(range.getRange());
                if (range.getWeight() > 0 && !locale.getLanguage().isEmpty()) {
                    return locale;
                }
            }
            return Locale.ENGLISH;
        } catch (RuntimeException unreadable) {
            // Not only IllegalArgumentException: the parser runs off the end of "-" and ",e".
            return Locale.ENGLISH;
        }
    }
}
