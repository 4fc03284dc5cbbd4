package dev.underpin.errors;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which HTTP status an error gets: what was said about its code, else what was said about its kind, else the standard
 * of the kind. Immutable and thread-safe.
 *
 * <p>The standard: MALFORMED and VALIDATION 400, UNAUTHENTICATED 401, FORBIDDEN 403, NOT_FOUND 404, CONFLICT 409,
 * PRECONDITION 409 (a {@link Renderer} answers 412 if the request was a conditional one), UNPROCESSABLE 422,
 * RATE_LIMITED 429, CANCELLED 499, INTERNAL 500, NOT_IMPLEMENTED 501, BAD_GATEWAY 502, UNAVAILABLE 503, TIMEOUT 504.
 */
public final class Statuses {
    private static final Statuses STANDARD = new Statuses(Map.of(), Map.of());

    private final Map<ErrorKind, Integer> kinds;
    private final Map<ErrorCode, Integer> codes;

    private Statuses(Map<ErrorKind, Integer> kinds, Map<ErrorCode, Integer> codes) {
        this.kinds = kinds;
        this.codes = codes;
    }

    /** {@return the standard table} */
    public static Statuses standard() {
        return STANDARD;
    }

    /**
     * {@return this table with another status for a kind}
     *
     * @param kind the kind
     * @param http a status from 400 to 599
     * @throws IllegalArgumentException if the status is not that of an error
     */
    public Statuses with(ErrorKind kind, int http) {
        Objects.requireNonNull(kind, "kind");
        Map<ErrorKind, Integer> copy = new EnumMap<>(ErrorKind.class);
        copy.putAll(kinds);
        copy.put(kind, checked(http));
        return new Statuses(Collections.unmodifiableMap(copy), codes);
    }

    /**
     * {@return this table with a status for one code}
     *
     * @param code the code
     * @param http a status from 400 to 599
     * @throws IllegalArgumentException if the status is not that of an error, or the code already has another one: two
     *     parts of a service disagree about a published fact
     */
    public Statuses with(ErrorCode code, int http) {
        Objects.requireNonNull(code, "code");
        Integer before = codes.get(code);
        if (before != null && before != http) {
            throw new IllegalArgumentException(
                    "a code must have one status: " + code + " has " + before + " and cannot have " + http);
        }
        Map<ErrorCode, Integer> copy = new HashMap<>(codes);
        copy.put(code, checked(http));
        return new Statuses(kinds, Map.copyOf(copy));
    }

    /**
     * {@return the HTTP status of an error}
     *
     * @param error the error
     */
    public int http(DomainError error) {
        Integer http = own(error);
        return http == null ? standard(error.kind()) : http;
    }

    /**
     * {@return the {@code google.rpc.Code} of an error} It follows from kind and retry advice alone.
     *
     * @param error the error
     */
    public int grpc(DomainError error) {
        return switch (error.kind()) {
            case CANCELLED -> 1;
            case BAD_GATEWAY -> 2; // UNKNOWN: what the dependency meant cannot be told
            case MALFORMED, VALIDATION -> 3;
            case TIMEOUT -> 4;
            case NOT_FOUND -> 5;
            case CONFLICT -> error.retry() == Retry.HIGHER_LEVEL ? 10 : 6; // ABORTED, ALREADY_EXISTS
            case FORBIDDEN -> 7;
            case RATE_LIMITED -> 8;
            case PRECONDITION, UNPROCESSABLE -> 9;
            case NOT_IMPLEMENTED -> 12;
            case INTERNAL -> 13;
            case UNAVAILABLE -> 14;
            case UNAUTHENTICATED -> 16;
        };
    }

    /** {@return whether something other than the standard was said about this error} */
    boolean decides(DomainError error) {
        return own(error) != null;
    }

    private @Nullable Integer own(DomainError error) {
        Integer http = codes.get(error.code());
        return http == null ? kinds.get(error.kind()) : http;
    }

    static int standard(ErrorKind kind) {
        return switch (kind) {
            case MALFORMED, VALIDATION -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case CONFLICT, PRECONDITION -> 409;
            case UNPROCESSABLE -> 422;
            case RATE_LIMITED -> 429;
            case CANCELLED -> 499;
            case INTERNAL -> 500;
            case NOT_IMPLEMENTED -> 501;
            case BAD_GATEWAY -> 502;
            case UNAVAILABLE -> 503;
            case TIMEOUT -> 504;
        };
    }

    private static int checked(int http) {
        if (http < 400 || http > 599) {
            throw new IllegalArgumentException("http must be the status of an error, 400 to 599: " + http);
        }
        return http;
    }
}
