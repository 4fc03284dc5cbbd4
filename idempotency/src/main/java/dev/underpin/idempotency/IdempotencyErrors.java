package dev.underpin.idempotency;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;

/**
 * What can come of an idempotent request besides its own answer. None repeats the key. Those of kind
 * {@link ErrorKind#CONFLICT} tell apart a request that runs, one whose effect is not known, and one whose worker was
 * replaced.
 */
public final class IdempotencyErrors {
    /** The operation needs a key, and none was sent. */
    public static final ErrorCode IDEMPOTENCY_KEY_REQUIRED =
            ErrorCode.of(ErrorKind.MALFORMED, "IDEMPOTENCY_KEY_REQUIRED", "An idempotency key is required");

    /** The key is not one, or several were sent. */
    public static final ErrorCode IDEMPOTENCY_KEY_INVALID = ErrorCode.of(
            ErrorKind.MALFORMED,
            "IDEMPOTENCY_KEY_INVALID",
            "The idempotency key must be sent once, as 1 to {max} visible ASCII characters without quotes and commas");

    /** The key was used before, for a request that said something else. */
    public static final ErrorCode IDEMPOTENCY_KEY_REUSED = ErrorCode.of(
            ErrorKind.UNPROCESSABLE,
            "IDEMPOTENCY_KEY_REUSED",
            "The idempotency key was used for another request; take a new one");

    /** The same request is running. Its error says how long to wait before it is sent again. */
    public static final ErrorCode IDEMPOTENCY_IN_PROGRESS = ErrorCode.of(
            ErrorKind.CONFLICT, "IDEMPOTENCY_IN_PROGRESS", "The same request is in progress; send it again later");

    /** The request was interrupted where nobody knows whether its effect happened: an operator decides. */
    public static final ErrorCode IDEMPOTENCY_OUTCOME_UNKNOWN = ErrorCode.of(
            ErrorKind.CONFLICT,
            "IDEMPOTENCY_OUTCOME_UNKNOWN",
            "Whether the request had its effect is not known and is being looked into");

    /** This worker was too slow, and another has taken the request over. */
    public static final ErrorCode IDEMPOTENCY_LEASE_LOST = ErrorCode.of(
            ErrorKind.CONFLICT, "IDEMPOTENCY_LEASE_LOST", "The request has been taken over by another worker");

    /** The request was executed; its answer was too large to keep. It is not executed again. */
    public static final ErrorCode IDEMPOTENCY_ANSWER_NOT_KEPT = ErrorCode.of(
            ErrorKind.CONFLICT,
            "IDEMPOTENCY_ANSWER_NOT_KEPT",
            "The request was executed, and its answer was too large to be given again");

    /** The request was executed; its stored answer cannot be read. It is not executed again. */
    public static final ErrorCode IDEMPOTENCY_ANSWER_UNREADABLE = ErrorCode.of(
            ErrorKind.INTERNAL, "IDEMPOTENCY_ANSWER_UNREADABLE", "The stored answer of the request cannot be read");

    /**
     * The store failed. Where nothing was executed the same call may be repeated; where a step was, only under the same
     * key.
     */
    public static final ErrorCode IDEMPOTENCY_STORE_FAILED = ErrorCode.of(
            ErrorKind.UNAVAILABLE, "IDEMPOTENCY_STORE_FAILED", "Idempotency keys cannot be checked at the moment");

    /** The service is shutting down; nothing was executed. */
    public static final ErrorCode IDEMPOTENCY_CLOSED =
            ErrorCode.of(ErrorKind.UNAVAILABLE, "IDEMPOTENCY_CLOSED", "The service is shutting down");

    private IdempotencyErrors() {}
}
