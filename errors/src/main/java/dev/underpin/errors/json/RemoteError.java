package dev.underpin.errors.json;

import dev.underpin.errors.internal.FieldPath;
import dev.underpin.errors.internal.SentHeaders;
import dev.underpin.errors.internal.Words;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.spi.TimeSource;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The answer of a remote service that refused or failed. Nothing in it is believed but its shape. */
final class RemoteError {
    static final int MAX_BODY = 256 * 1024;

    private static final int MAX_CODE_LENGTH = 63;
    private static final int MAX_DETAILS = 100;
    private static final int MAX_FIELD_LENGTH = 1024;
    private static final int MAX_ARGS = 16;
    private static final int MAX_ARG_NAME_LENGTH = 64;
    private static final int MAX_HEADER_LENGTH = 256;
    private static final int MAX_INDEX_DIGITS = 9;
    private static final double MAX_WAIT_SECONDS = 365 * 24 * 60 * 60;
    private static final Set<String> LOCATIONS = Set.of("body", "query", "path", "header");

    private final int status;
    private final Function<String, @Nullable String> headers;
    private final @Nullable Map<?, ?> error; // the members of an envelope's error, or of problem details
    private final boolean problem;

    RemoteError(int status, Function<String, @Nullable String> headers, @Nullable Object body) {
        this.status = status;
        this.headers = headers;
        Map<?, ?> root = body instanceof Map<?, ?> map ? map : Map.of();
        if (root.get("error") instanceof Map<?, ?> inner && (isText(inner, "code") || isText(inner, "message"))) {
            error = inner;
            problem = false;
        } else {
            problem = isText(root, "type") || isText(root, "title") || (!root.isEmpty() && isProblemType());
            error = problem ? root : null;
        }
    }

    DomainError toError() {
        var built = DomainError.builder(code()).arg("remoteStatus", status);
        String requestId = requestId();
        if (requestId != null) {
            built.arg("remoteRequestId", requestId);
        }
        Duration retryAfter = retryAfter();
        if (retryAfter != null) {
            built.retryAfter(retryAfter);
        }
        if (error != null && status >= 400 && status < 500) {
            details(error).forEach(built::detail);
        }
        return built.build();
    }

    private ErrorCode code() {
        if (error == null) {
            return ErrorKind.BAD_GATEWAY.code();
        }
        String name = error.get("code") instanceof String string ? string : "";
        ErrorKind kind = kind(name);
        for (ErrorKind other : ErrorKind.values()) {
            if (other.code().name().equals(name)) {
                return kind.code(); // a default code of ours keeps its meaning, whatever status it came with
            }
        }
        try {
            return ErrorCode.of(kind, name, kind.code().text());
        } catch (IllegalArgumentException e) {
            return kind.code();
        }
    }

    private ErrorKind kind(String code) {
        return switch (status) {
            case 400 ->
                code.equals(ErrorKind.VALIDATION.code().name())
                                || (!code.equals(ErrorKind.MALFORMED.code().name()) && hasDetails())
                        ? ErrorKind.VALIDATION
                        : ErrorKind.MALFORMED;
            case 401 -> ErrorKind.UNAUTHENTICATED;
            case 403 -> ErrorKind.FORBIDDEN;
            case 404, 410 -> ErrorKind.NOT_FOUND;
            case 408, 504 -> ErrorKind.TIMEOUT;
            case 409 -> code.equals(ErrorKind.PRECONDITION.code().name()) ? ErrorKind.PRECONDITION : ErrorKind.CONFLICT;
            case 412 -> ErrorKind.PRECONDITION;
            case 422 ->
                code.equals(ErrorKind.VALIDATION.code().name()) ? ErrorKind.VALIDATION : ErrorKind.UNPROCESSABLE;
            case 429 -> ErrorKind.RATE_LIMITED;
            case 499 -> ErrorKind.CANCELLED;
            case 500 -> ErrorKind.INTERNAL;
            case 501 -> ErrorKind.NOT_IMPLEMENTED;
            case 425, 503 -> ErrorKind.UNAVAILABLE; // both ask to come again later
            default -> status >= 400 && status < 500 ? ErrorKind.MALFORMED : ErrorKind.BAD_GATEWAY;
        };
    }

    private boolean hasDetails() {
        return error != null && error.get(problem ? "errors" : "details") instanceof List<?> list && !list.isEmpty();
    }

    /* ---- details ---- */

    private List<Detail> details(Map<?, ?> from) {
        List<Detail> details = new ArrayList<>();
        if (from.get(problem ? "errors" : "details") instanceof List<?> list) {
            for (Object item : list) {
                if (details.size() == MAX_DETAILS) {
                    break;
                }
                if (item instanceof Map<?, ?> map) {
                    details.add(detail(map));
                }
            }
        }
        return details;
    }

    /** {@return which field, and what is wrong by code} The words for it are ours: theirs may quote what they know. */
    private Detail detail(Map<?, ?> from) {
        String code = from.get("code") instanceof String name && Words.isWord(name, MAX_CODE_LENGTH, "._-")
                ? name
                : JsonErrors.VALUE_INVALID.name();
        String in = from.get("in") instanceof String place && LOCATIONS.contains(place) ? place : null;
        return new Detail(field(from), code, JsonErrors.VALUE_INVALID.text(), args(from.get("params")), in);
    }

    private String field(Map<?, ?> from) {
        if (problem && from.get("pointer") instanceof String pointer) {
            return ofPointer(cut(pointer));
        }
        return from.get(problem ? "parameter" : "field") instanceof String path ? ofPath(cut(path)) : FieldPath.WHOLE;
    }

    private static String cut(String path) {
        return path.length() > MAX_FIELD_LENGTH ? path.substring(0, MAX_FIELD_LENGTH) : path;
    }

    /** {@return a path with all that is no name, index or key in it quoted, escaped and bounded} */
    private static String ofPath(String text) {
        FieldPath path = new FieldPath();
        int at = text.equals(FieldPath.WHOLE) ? text.length() : 0;
        while (at < text.length()) {
            int end = text.charAt(at) == '[' ? bracket(text, at, path) : name(text, at, path);
            at = end < text.length() && text.charAt(end) == '.' ? end + 1 : end;
        }
        return path.toString();
    }

    /** Appends a name, and returns where it ends. */
    private static int name(String text, int from, FieldPath path) {
        int end = from;
        while (end < text.length() && text.charAt(end) != '.' && text.charAt(end) != '[') {
            end++;
        }
        path.name(text.substring(from, end));
        return end;
    }

    /** Appends an index or a key, and returns where its bracket ends. One that does not end is a name to the end. */
    private static int bracket(String text, int from, FieldPath path) {
        if (text.startsWith("[\"", from)) {
            StringBuilder key = new StringBuilder();
            int quote = quoted(text, from + 2, key);
            if (text.startsWith("\"]", quote)) {
                path.key(key.toString());
                return quote + 2;
            }
        } else {
            int end = text.indexOf(']', from);
            if (end > 0) {
                step(text.substring(from + 1, end), path);
                return end + 1;
            }
        }
        path.name(text.substring(from));
        return text.length();
    }

    private static void step(String step, FieldPath path) {
        if (step.isEmpty()) {
            path.element();
        } else if (isIndex(step)) {
            path.index(Integer.parseInt(step));
        } else {
            path.key(step.equals("?") ? null : step);
        }
    }

    /** Unescapes a quoted key, and returns where its closing quote is, or would be. */
    private static int quoted(String text, int from, StringBuilder key) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c == '\\' && text.startsWith("u", at) && isHex(text, at + 1)) {
                key.append((char) Integer.parseInt(text, at + 1, at + 5, 16));
                at += 5;
            } else if (c == '\\' && at < text.length()) {
                key.append(text.charAt(at++));
            } else {
                key.append(c);
            }
        }
        return at;
    }

    private static boolean isHex(String text, int from) {
        for (int i = from; i < from + 4; i++) {
            if (i >= text.length() || text.charAt(i) >= 0x80 || Character.digit(text.charAt(i), 16) < 0) {
                return false;
            }
        }
        return true;
    }

    /** {@return the path of a JSON pointer in a URI fragment}: {@code items[2].price} for {@code #/items/2/price}. */
    private static String ofPointer(String pointer) {
        FieldPath path = new FieldPath();
        int from = pointer.indexOf('/') + 1;
        while (from > 0) {
            int end = pointer.indexOf('/', from);
            String step = unescaped(pointer.substring(from, end < 0 ? pointer.length() : end));
            if (isIndex(step)) {
                path.index(Integer.parseInt(step));
            } else {
                path.name(step);
            }
            from = end + 1;
        }
        return path.toString();
    }

    private static boolean isIndex(String step) {
        return !step.isEmpty()
                && step.length() <= MAX_INDEX_DIGITS
                && (step.length() == 1 || step.charAt(0) != '0')
                && step.chars().allMatch(RemoteError::isDigit);
    }

    private static String unescaped(String step) {
        String decoded;
        try {
            decoded = URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            decoded = step; // no percent encoding
        }
        return decoded.replace("~1", "/").replace("~0", "~");
    }

    /** {@return the limits: numbers and booleans} A text would be words of the remote service again. */
    private static Map<String, Object> args(@Nullable Object params) {
        Map<String, Object> args = new LinkedHashMap<>();
        if (params instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                if (args.size() < MAX_ARGS
                        && name instanceof String key
                        && Words.isWord(key, MAX_ARG_NAME_LENGTH, "_")
                        && isLimit(value)) {
                    args.put(key, value);
                }
            });
        }
        return args;
    }

    private static boolean isLimit(@Nullable Object value) {
        return value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || (value instanceof Double real && Double.isFinite(real));
    }

    /* ---- request id and retry ---- */

    private @Nullable String requestId() {
        Object id = error == null ? null : error.get("requestId");
        if (id instanceof String inBody && Words.isRequestId(inBody)) {
            return inBody;
        }
        String inHeader = header("X-Request-Id");
        return inHeader != null && Words.isRequestId(inHeader) ? inHeader : null;
    }

    private @Nullable Duration retryAfter() {
        String header = header("Retry-After");
        Duration wait = header == null || header.length() > MAX_HEADER_LENGTH ? null : delay(header.strip());
        if (wait != null || error == null || !(error.get("retryAfterSeconds") instanceof Number seconds)) {
            return wait;
        }
        return delay(Math.ceil(seconds.doubleValue()));
    }

    private @Nullable Duration delay(String header) {
        if (!header.isEmpty() && header.chars().allMatch(RemoteError::isDigit)) {
            return delay(Double.parseDouble(header));
        }
        Instant until = date(header);
        if (until == null) {
            return null;
        }
        // The remote clock, if it tells: what counts is the distance, and clocks differ.
        String date = header("Date");
        Instant now = date == null ? null : date(date.strip());
        Duration wait = Duration.between(now == null ? TimeSource.system().instant() : now, until);
        return wait.isNegative() ? Duration.ZERO : delay((double) wait.toSeconds());
    }

    private static @Nullable Duration delay(double seconds) {
        return seconds >= 0 ? Duration.ofSeconds((long) Math.min(seconds, MAX_WAIT_SECONDS)) : null;
    }

    /** {@return the instant of an HTTP date} The two obsolete forms that HTTP still asks to accept are not. */
    private static @Nullable Instant date(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /* ---- shared ---- */

    private boolean isProblemType() {
        String type = header("Content-Type");
        return type != null && type.strip().toLowerCase(Locale.ROOT).startsWith("application/problem+json");
    }

    private @Nullable String header(String name) {
        return SentHeaders.read(headers, name);
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isText(Map<?, ?> map, String name) {
        return map.get(name) instanceof String;
    }
}
