package dev.underpin.errors;

import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Names of headers we send, and what a header may consist of. */
final class Headers {
    static final String CONTENT_TYPE = "Content-Type";
    static final String LOCATION = "Location";
    static final String REQUEST_ID = "X-Request-Id";
    static final String RETRY_AFTER = "Retry-After";
    static final String VARY = "Vary";

    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";
    // One of these that does not fit the bytes sent lets the next answer on the connection begin anywhere.
    private static final NavigableSet<String> OF_THE_SERVER = namesInAnyCase();

    private Headers() {}

    private static NavigableSet<String> namesInAnyCase() {
        NavigableSet<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(List.of("Connection", "Content-Length", "Transfer-Encoding"));
        return names;
    }

    /** {@return the headers of a success} A request id among the given ones loses: it must be the one in the log. */
    static Map<String, String> ofSuccess(Map<String, String> given, boolean body, String requestId) {
        if (given.isEmpty()) {
            return body ? Map.of(CONTENT_TYPE, JSON, REQUEST_ID, requestId) : Map.of(REQUEST_ID, requestId);
        }
        Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(given);
        if (body) {
            all.putIfAbsent(CONTENT_TYPE, JSON);
        } else {
            all.remove(CONTENT_TYPE);
        }
        all.put(REQUEST_ID, requestId);
        return all;
    }

    /** {@return the headers of an error; ours win over the given ones} */
    static Map<String, String> ofError(@Nullable Map<String, String> given, boolean problem, String vary, Shown shown) {
        String type = problem ? PROBLEM : JSON;
        if (given == null && shown.retryAfterSeconds() < 0) {
            return Map.of(CONTENT_TYPE, type, REQUEST_ID, shown.requestId(), VARY, vary);
        }
        Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        if (given != null) {
            all.putAll(given);
        }
        all.put(CONTENT_TYPE, type);
        all.put(REQUEST_ID, shown.requestId());
        all.put(VARY, vary);
        if (shown.retryAfterSeconds() >= 0) {
            all.put(RETRY_AFTER, Long.toString(shown.retryAfterSeconds()));
        }
        return all;
    }

    /**
     * {@return an immutable copy}
     *
     * @throws IllegalArgumentException if a name is no token or one that only the server sets, differs from another only
     *     by case, or a value could end the header; the message never holds the value
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
        if (OF_THE_SERVER.contains(name)) {
            throw new IllegalArgumentException("a header that says where the answer ends is the server's: " + name);
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
