package dev.underpin.errors;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** Names of headers we send, and what a header may consist of. */
final class Headers {
    static final String CONTENT_TYPE = "Content-Type";
    static final String LOCATION = "Location";
    static final String REQUEST_ID = "X-Request-Id";
    static final String RETRY_AFTER = "Retry-After";
    static final String VARY = "Vary";

    private Headers() {}

    /**
     * {@return an immutable copy}
     *
     * @throws IllegalArgumentException if a name is no token, differs from another only by case, or a value could end
     *     the header; the message never holds the value
     */
    static Map<String, String> copyOf(Map<String, String> headers) {
        if (headers.isEmpty()) {
            return Map.of();
        }
        Map<String, String> seen = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, value) -> {
            check(name, value);
            if (seen.put(name, value) != null) {
                throw new IllegalArgumentException("headers must differ by more than case: " + name);
            }
        });
        return Map.copyOf(headers);
    }

    private static void check(String name, String value) {
        Objects.requireNonNull(name, "header name");
        Objects.requireNonNull(value, () -> "value of header " + name);
        if (!isToken(name)) {
            throw new IllegalArgumentException("a header name must be a token of letters, digits and !#$%&'*+-.^_`|~");
        }
        if (!isSafe(value)) {
            throw new IllegalArgumentException(
                    "a header value must be free of control characters and of characters beyond Latin-1: " + name);
        }
    }

    private static boolean isToken(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letterOrDigit = c < 0x80 && Character.isLetterOrDigit(c);
            if (!letterOrDigit && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static boolean isSafe(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            // Servers write a header one byte a character: U+010A would leave as a line feed.
            if (c > 0xff || (c != '\t' && Character.isISOControl(c))) {
                return false;
            }
        }
        return true;
    }
}
