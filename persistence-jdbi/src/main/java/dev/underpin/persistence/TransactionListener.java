package dev.underpin.persistence;

import dev.underpin.result.ErrorCode;

/**
 * Hears of every outcome and every rerun, for metrics. Called on the thread of the transaction; what a listener throws is
 * ignored. Methods may be added, with a default.
 */
public interface TransactionListener {
    /**
     * A transaction was committed.
     *
     * @param database the name its {@link Transactions} have
     * @param attempts how often it ran, 1 or more
     * @param nanos how long it took, all attempts and waits
     */
    default void onCommit(String database, int attempts, long nanos) {}

    /**
     * A transaction was given up, or rolled back as it asked.
     *
     * @param database the name its {@link Transactions} have
     * @param reason the code of its error; {@code TRANSACTION_ABORTED} if it asked for it, {@code INTERNAL_ERROR} if it
     *     threw what is no failure of the database
     */
    default void onRollback(String database, ErrorCode reason) {}

    /**
     * A transaction runs once more.
     *
     * @param database the name its {@link Transactions} have
     * @param attempt the number of the next attempt, 2 or more
     * @param reason the code of what the last one failed with
     */
    default void onRetry(String database, int attempt, ErrorCode reason) {}

    /**
     * An action after a commit threw; the transaction is committed all the same.
     *
     * @param database the name its {@link Transactions} have
     * @param thrown what was thrown
     */
    default void onHookFailure(String database, Throwable thrown) {}
}
