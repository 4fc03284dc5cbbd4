package dev.underpin.result;

/**
 * What a repeat of a failed operation may do. The classes follow the retry guidance beside the canonical codes of
 * {@code google.rpc.Code}; a boolean cannot tell "send it again" from "read again, then decide".
 */
public enum Retry {
    /** A repeat fails the same way. */
    NO,
    /** The same call may be repeated: it certainly had no effect. */
    SAME_CALL,
    /** The call may have had its effect: repeat it only if a second effect does no harm. */
    IF_IDEMPOTENT,
    /** Not the call but the whole read-modify-write around it must be repeated, on fresh data. */
    HIGHER_LEVEL
}
