package dev.underpin.result;

/**
 * The closed set of ways to fail. The kind alone decides the default HTTP status, gRPC code, retry class, circuit
 * breaker outcome, cacheability, rollback and log level, each in a table of the module that owns the decision.
 */
public enum ErrorKind {
    /** The request could not be read: broken syntax or wrong types. */
    MALFORMED("MALFORMED_REQUEST", "The request could not be read", Retry.NO),
    /** The request was read, and at least one field of it is not acceptable. */
    VALIDATION("VALIDATION_FAILED", "The request is not valid", Retry.NO),
    /** The caller is not known. */
    UNAUTHENTICATED("UNAUTHENTICATED", "Authentication is required", Retry.NO),
    /** The caller is known and may not do this. */
    FORBIDDEN("PERMISSION_DENIED", "This is not permitted", Retry.NO),
    /** What was asked for does not exist. */
    NOT_FOUND("NOT_FOUND", "There is no such resource", Retry.NO),
    /** The current state contradicts the request: a duplicate, or a lost race. */
    CONFLICT("CONFLICT", "The request conflicts with the current state", Retry.NO),
    /** A condition the caller attached to the request does not hold. */
    PRECONDITION("PRECONDITION_FAILED", "A precondition of the request does not hold", Retry.NO),
    /** Well-formed and valid, but refused by a rule of the domain. */
    UNPROCESSABLE("BUSINESS_RULE_VIOLATED", "The request violates a business rule", Retry.NO),
    /** The caller asks too often. */
    RATE_LIMITED("RATE_LIMITED", "Too many requests", Retry.SAME_CALL),
    /** The caller has gone, or gave up. */
    CANCELLED("CANCELLED", "The request was cancelled", Retry.NO),
    /** A bug, or data that must not exist. Its text stays generic at every boundary. */
    INTERNAL("INTERNAL_ERROR", "An internal error occurred", Retry.NO),
    /** Known, and not built. */
    NOT_IMPLEMENTED("NOT_IMPLEMENTED", "This is not implemented", Retry.NO),
    /** A dependency answered with something unusable. */
    BAD_GATEWAY("UPSTREAM_FAILED", "A service this one depends on failed", Retry.IF_IDEMPOTENT),
    /** A dependency or this service cannot serve now; nothing was done. */
    UNAVAILABLE("SERVICE_UNAVAILABLE", "The service is temporarily unavailable", Retry.SAME_CALL),
    /** No answer in time; the operation may have completed. */
    TIMEOUT("TIMEOUT", "The operation did not finish in time", Retry.IF_IDEMPOTENT);

    private final ErrorCode code;
    private final Retry retry;

    ErrorKind(String name, String text, Retry retry) {
        this.code = new ErrorCode(this, name, text);
        this.retry = retry;
    }

    /** {@return the code for failures of this kind that need none of their own} Its text reveals nothing. */
    public ErrorCode code() {
        return code;
    }

    /** {@return what a repeat may do, unless the error itself says otherwise} */
    public Retry retry() {
        return retry;
    }
}
