package dev.underpin.quickstart.http;

import dev.underpin.errors.Statuses;
import dev.underpin.resilience.ResilienceErrors;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import java.util.Set;
import org.slf4j.event.Level;

/** What can be wrong with a request before any use case sees it, and the statuses HTTP has for that. */
final class HttpErrors {
    /** More than any order can need. */
    static final int MAX_BODY_BYTES = 64 * 1024;

    static final ErrorCode ROUTE_NOT_FOUND =
            ErrorCode.of(ErrorKind.NOT_FOUND, "ROUTE_NOT_FOUND", "There is nothing at this address");
    static final ErrorCode METHOD_NOT_ALLOWED =
            ErrorCode.of(ErrorKind.MALFORMED, "METHOD_NOT_ALLOWED", "This address does not have this method");
    static final ErrorCode REQUEST_TIMEOUT =
            ErrorCode.of(ErrorKind.MALFORMED, "REQUEST_TIMEOUT", "The request did not arrive in time");
    static final ErrorCode BODY_TOO_LARGE =
            ErrorCode.of(ErrorKind.MALFORMED, "BODY_TOO_LARGE", "The body is larger than " + MAX_BODY_BYTES + " bytes");
    static final ErrorCode URI_TOO_LONG = ErrorCode.of(ErrorKind.MALFORMED, "URI_TOO_LONG", "The address is too long");
    static final ErrorCode MEDIA_TYPE_UNSUPPORTED = ErrorCode.of(
            ErrorKind.MALFORMED,
            "MEDIA_TYPE_UNSUPPORTED",
            "The body must be application/json in UTF-8, not compressed");
    static final ErrorCode EXPECTATION_FAILED =
            ErrorCode.of(ErrorKind.MALFORMED, "EXPECTATION_FAILED", "This expectation cannot be met");
    static final ErrorCode HEADERS_TOO_LARGE =
            ErrorCode.of(ErrorKind.MALFORMED, "HEADERS_TOO_LARGE", "The headers are too large");
    static final ErrorCode VERSION_REQUIRED = ErrorCode.of(
            ErrorKind.PRECONDITION,
            "VERSION_REQUIRED",
            "Say which version is to be changed: by an If-Match header, or by a version in the body");
    static final ErrorCode ETAG_MALFORMED =
            ErrorCode.of(ErrorKind.VALIDATION, "ETAG_MALFORMED", "must be * or a list of entity tags, such as \"1\"");
    static final ErrorCode BODY_UNEXPECTED = ErrorCode.of(
            ErrorKind.MALFORMED,
            "BODY_UNEXPECTED",
            "This request has no body; an If-Match header can say which version is meant");

    /** The statuses that no kind has. */
    static final Statuses STATUSES = Statuses.standard()
            .with(METHOD_NOT_ALLOWED, 405)
            .with(REQUEST_TIMEOUT, 408)
            .with(BODY_TOO_LARGE, 413)
            .with(URI_TOO_LONG, 414)
            .with(MEDIA_TYPE_UNSUPPORTED, 415)
            .with(EXPECTATION_FAILED, 417)
            .with(VERSION_REQUIRED, 428)
            .with(HEADERS_TOO_LARGE, 431);

    /** What is refused by design: a breaker has said once, in the log, why it is open. */
    private static final Set<ErrorCode> REFUSALS =
            Set.of(ResilienceErrors.CIRCUIT_OPEN, ResilienceErrors.LOAD_SHED, ResilienceErrors.DEADLINE_EXCEEDED);

    private HttpErrors() {}

    /** {@return at which level an error is logged} That the service is not ready is no failure, and is said often. */
    static Level level(DomainError error) {
        if (REFUSALS.contains(error.code())) {
            return Level.INFO;
        }
        if (error.code().equals(ErrorKind.UNAVAILABLE.code()) && error.cause().isEmpty()) {
            return Level.INFO;
        }
        return STATUSES.http(error) < 500 ? Level.DEBUG : Level.ERROR;
    }

    /** {@return the code for a failure of which the server or the router tells only the status} */
    static ErrorCode of(int status) {
        return switch (status) {
            case 404 -> ROUTE_NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 408 -> REQUEST_TIMEOUT;
            case 413 -> BODY_TOO_LARGE;
            case 414 -> URI_TOO_LONG;
            case 415 -> MEDIA_TYPE_UNSUPPORTED;
            case 417 -> EXPECTATION_FAILED;
            case 431 -> HEADERS_TOO_LARGE;
            case 503 -> ErrorKind.UNAVAILABLE.code();
            // An HTTP version or a transfer coding that nobody knows is what a client sent, not what a server failed
            // at.
            case 501, 505 -> ErrorKind.MALFORMED.code();
            default -> status < 500 ? ErrorKind.MALFORMED.code() : ErrorKind.INTERNAL.code();
        };
    }
}
