package dev.underpin.resilience;

/** Why a {@link Pipeline} made no further attempt. */
public enum StopReason {
    /** The last attempt succeeded. */
    SUCCESS,
    /** Its error does not allow a repeat of this call. */
    NOT_RETRYABLE,
    /** There were as many attempts as the policy allows. */
    ATTEMPTS,
    /** The time left was not enough for the delay before the next attempt. */
    DEADLINE,
    /** The budget of retries was used up. */
    BUDGET,
    /** The dependency asked to be left alone for longer than the policy waits. */
    RETRY_AFTER,
    /** A stage of the pipeline let no attempt through. */
    REJECTED,
    /** The caller was interrupted, or cancelled the call. */
    CANCELLED
}
