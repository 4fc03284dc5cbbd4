package dev.underpin.persistence;

import java.time.Duration;
import java.util.Objects;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/**
 * How a transaction runs. Settings end with the transaction; nothing of them reaches the next borrower of the connection.
 *
 * @param isolation the isolation; {@code UNKNOWN} for what the database has by default
 * @param readOnly whether the database refuses to write
 * @param statementTimeout how long one statement may take; zero for no limit but the deadline
 * @param lockTimeout how long to wait for a lock; zero for what the database has by default
 * @param deadline how long everything may take, all attempts and waits: a statement gets no more than what was left when
 *     its attempt began, and an answer is given up a second after the deadline. How long a pool waits for a connection is a
 *     setting of the pool, which should be shorter
 * @param attempts how often the body runs at most, if it loses against others
 */
public record TxOptions(
        TransactionIsolationLevel isolation,
        boolean readOnly,
        Duration statementTimeout,
        Duration lockTimeout,
        Duration deadline,
        int attempts) {
    private static final Duration MAX = Duration.ofDays(1);
    private static final TxOptions STANDARD = new TxOptions(
            TransactionIsolationLevel.UNKNOWN,
            /* readOnly= */ false,
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            3);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a duration is negative or longer than a day, the deadline is zero, there is no
     *     attempt, or the isolation is {@code NONE}
     */
    public TxOptions {
        Objects.requireNonNull(isolation, "isolation");
        if (isolation == TransactionIsolationLevel.NONE) {
            throw new IllegalArgumentException("isolation must be one of a transaction: NONE");
        }
        requireDuration("statementTimeout", statementTimeout);
        requireDuration("lockTimeout", lockTimeout);
        requireDuration("deadline", deadline);
        if (deadline.isZero()) {
            throw new IllegalArgumentException("deadline must be positive: " + deadline);
        }
        if (attempts < 1 || attempts > 100) {
            throw new IllegalArgumentException("attempts must be from 1 to 100: " + attempts);
        }
    }

    private static void requireDuration(String name, Duration duration) {
        if (duration.isNegative() || duration.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(name + " must be from 0 to 1 day: " + duration);
        }
    }

    /** {@return the isolation of the database, 10 s for a statement, 5 s for a lock, 30 s for all, 3 attempts} */
    public static TxOptions standard() {
        return STANDARD;
    }

    /** {@return the standard with {@code SERIALIZABLE} and 5 attempts: to lose against others is normal there} */
    public static TxOptions serializable() {
        return STANDARD.isolation(TransactionIsolationLevel.SERIALIZABLE).attempts(5);
    }

    /**
     * {@return the standard, read-only, with one snapshot for all statements} A block with these joins a transaction only
     * where that was opened with {@code REPEATABLE_READ} or above: else it would have no snapshot.
     */
    public static TxOptions reading() {
        return new TxOptions(
                TransactionIsolationLevel.REPEATABLE_READ,
                /* readOnly= */ true,
                STANDARD.statementTimeout,
                STANDARD.lockTimeout,
                STANDARD.deadline,
                STANDARD.attempts);
    }

    /**
     * {@return the same with another isolation}
     *
     * @param level the isolation
     */
    public TxOptions isolation(TransactionIsolationLevel level) {
        return new TxOptions(level, readOnly, statementTimeout, lockTimeout, deadline, attempts);
    }

    /**
     * {@return the same with other timeouts}
     *
     * @param statement how long one statement may take
     * @param lock how long to wait for a lock
     * @param all how long everything may take
     */
    public TxOptions timeouts(Duration statement, Duration lock, Duration all) {
        return new TxOptions(isolation, readOnly, statement, lock, all, attempts);
    }

    /**
     * {@return the same with another number of attempts}
     *
     * @param max how often the body runs at most; 1 for a body that must not be repeated
     */
    public TxOptions attempts(int max) {
        return new TxOptions(isolation, readOnly, statementTimeout, lockTimeout, deadline, max);
    }
}
