package dev.underpin.idempotency;

import dev.underpin.result.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Hears what became of each request, and of each batch of a reaper, once, for metrics. Called on the thread that has the
 * outcome; what a method throws is ignored. Implementations must be thread-safe.
 */
public interface IdempotencyListener {
    /**
     * A request was executed.
     *
     * @param operation the name of the operation
     * @param nanos how long its body took
     * @param error why it failed, or null
     */
    default void onExecuted(String operation, long nanos, @Nullable ErrorCode error) {}

    /**
     * A stored answer was given again.
     *
     * @param operation the name of the operation
     */
    default void onReplayed(String operation) {}

    /**
     * A request was not executed, or its outcome is not known.
     *
     * @param operation the name of the operation
     * @param reason one of {@link IdempotencyErrors}
     */
    default void onRejected(String operation, ErrorCode reason) {}

    /**
     * A worker lost its lease while it ran.
     *
     * @param operation the name of the operation
     */
    default void onLeaseLost(String operation) {}

    /**
     * The store failed. Heard besides the outcome, and also where that does not show it: when a lease was renewed, or
     * when the answer of a finished execution was stored.
     *
     * @param operation the name of the operation
     * @param failure what the store threw
     */
    default void onStoreFailed(String operation, RuntimeException failure) {}

    /**
     * A {@link Reaper} deleted a batch of what had expired, or failed to.
     *
     * @param deleted how many entries, often none
     * @param failure what the store or the executor threw, or null
     */
    default void onReaped(int deleted, @Nullable RuntimeException failure) {}
}
