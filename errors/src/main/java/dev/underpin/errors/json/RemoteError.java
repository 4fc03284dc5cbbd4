package dev.underpin.errors.json;

import dev.underpin.errors.internal.FieldPath;
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
    private static final int MAX_MESSAGE_LENGTH = 2048;
    private static final int MAX_ARGS = 16;
    private static final int MAX_ARG_LENGTH = 256;
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
            case 404 -> ErrorKind.NOT_FOUND;
            case 409 -> code.equals(ErrorKind.PRECONDITION.code().name()) ? ErrorKind.PRECONDITION : ErrorKind.CONFLICT;
            case 412 -> ErrorKind.PRECONDITION;
            case 422 ->
                code.equals(ErrorKind.VALIDATION.code().name()) ? ErrorKind.VALIDATION : ErrorKind.UNPROCESSABLE;
            case 429 -> ErrorKind.RATE_LIMITED;
            case 499 -> ErrorKind.CANCELLED;
            case 500 -> ErrorKind.INTERNAL;
            case 501 -> ErrorKind.NOT_IMPLEMENTED;
            case 503 -> ErrorKind.UNAVAILABLE;
            case 504 -> ErrorKind.TIMEOUT;
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

    private Detail detail(Map<?, ?> from) {
        String code = from.get("code") instanceof String name && isWord(name, MAX_CODE_LENGTH, "._-")
                ? name
                : JsonErrors.VALUE_INVALID.name();
        String in = from.get("in") instanceof String place && LOCATIONS.contains(place) ? place : null;
        String message = from.get(problem ? "detail" : "message") instanceof String text
                ? bounded(text, MAX_MESSAGE_LENGTH)
                : JsonErrors.VALUE_INVALID.text();
        return new Detail(field(from), code, message, args(from.get("params")), in);
    }

    private String field(Map<?, ?> from) {
        if (from.get("pointer") instanceof String pointer && problem) {
            return field(bounded(pointer, MAX_FIELD_LENGTH));
        }
        Object field = from.get(problem ? "parameter" : "field");
        return field instanceof String path ? bounded(path, MAX_FIELD_LENGTH) : FieldPath.WHOLE;
    }

    /** {@return the path of a JSON pointer in a URI fragment}: {@code items[2].price} for {@code #/items/2/price}. */
    private static String field(String pointer) {
        FieldPath path = new FieldPath();
        int from = pointer.indexOf('/') + 1;
        while (from > 0) {
            int end = pointer.indexOf('/', from);
            String step = unescaped(pointer.substring(from, end < 0 ? pointer.length() : end));
            if (step.length() < 10 && !step.isEmpty() && step.chars().allMatch(RemoteError::isDigit)) {
                path.index(Integer.parseInt(step));
            } else {
                path.name(step);
            }
            from = end + 1;
        }
        return path.toString();
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

    private static Map<String, Object> args(@Nullable Object params) {
        Map<String, Object> args = new LinkedHashMap<>();
        if (params instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                Object kept = arg(value);
                if (args.size() < MAX_ARGS && name instanceof String key && isArgName(key) && kept != null) {
                    args.put(key, kept);
                }
            });
        }
        return args;
    }

    private static @Nullable Object arg(@Nullable Object value) {
        if (value instanceof String string) {
            return bounded(string, MAX_ARG_LENGTH);
        }
        if (value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            return value;
        }
        if (value instanceof Double real && Double.isFinite(real)) {
            return value;
        }
        if (value instanceof List<?> list) {
            List<Object> kept = new ArrayList<>();
            for (Object item : list) {
                Object scalar = item instanceof List ? null : arg(item);
                if (kept.size() < MAX_ARGS && scalar != null) {
                    kept.add(scalar);
                }
            }
            return List.copyOf(kept);
        }
        return null;
    }

    /* ---- request id and retry ---- */

    private @Nullable String requestId() {
        Object id = error == null ? null : error.get("requestId");
        if (id instanceof String inBody && isRequestId(inBody)) {
            return inBody;
        }
        String inHeader = header("X-Request-Id");
        return inHeader != null && isRequestId(inHeader) ? inHeader : null;
    }

    private @Nullable Duration retryAfter() {
        String header = header("Retry-After");
        Duration wait = header == null || header.length() > MAX_ARG_LENGTH ? null : delay(header.strip());
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
        try {
            return headers.apply(name);
        } catch (RuntimeException e) {
            return null;
        }
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isText(Map<?, ?> map, String name) {
        return map.get(name) instanceof String;
    }

    private static String bounded(String text, int max) {
        if (text.length() <= max) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max;
        return text.substring(0, end) + '\u2026';
    }

    private static boolean isArgName(String name) {
        return isWord(name, 64, "_");
    }

    private static boolean isRequestId(String id) {
        return isWord(id, 128, "._-");
    }

    private static boolean isWord(String text, int maxLength, String others) {
        if (text.isEmpty() || text.length() > maxLength) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && others.indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }
}
