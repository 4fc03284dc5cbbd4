package dev.underpin.persistence.idempotency;

import dev.underpin.idempotency.Execution;
import dev.underpin.idempotency.IdempotencyErrors;
import dev.underpin.idempotency.IdempotencyListener;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.Replay;
import dev.underpin.persistence.Transactions;
import dev.underpin.persistence.Tx;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.result.spi.Codec;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Executes requests once, whose effect lies in one database: the key is claimed, the effect had and the answer stored in one
 * transaction on one connection. All of it is there, or nothing is, whatever dies when.
 *
 * <ul>
 *   <li>A duplicate gets the stored answer, be it a value, which is marked as a repeat, or an error that the operation keeps;
 *       or one of {@link IdempotencyErrors}. It gets that in one round trip, without a transaction.
 *   <li>A duplicate that comes while the first is running is told so at once, or waits without a connection
 *       ({@link Operation.Builder#maxWait}). On MySQL it waits with one, for as long as transactions wait for locks.
 *   <li>An error that the operation keeps undoes what the body did, and is stored under the same lock. Any other error undoes
 *       everything, the key included: the request may be sent again. So does an exception, which is thrown on.
 *   <li>If the answer to a commit is lost the row of the key tells what became of it, on MariaDB as well.
 *   <li>If the database fails, nothing is executed.
 * </ul>
 *
 * <p>What a body does outside of the database happens whenever it runs, and is not undone: that belongs into steps of
 * {@link dev.underpin.idempotency.Idempotency}, which {@link #step} gives transactions. An operation is executed by one of
 * both, not now by the one and then by the other. Thread-safe.
 */
@SuppressWarnings("exports") // see module-info
public final class IdempotentTransactions {
    private final Transactions transactions;
    private final IdempotencyListener listener;

    private IdempotentTransactions(Transactions transactions, IdempotencyListener listener) {
        this.transactions = Objects.requireNonNull(transactions, "transactions");
        this.listener = Objects.requireNonNull(listener, "listener");
    }

    /**
     * {@return idempotent transactions, of which nobody hears}
     *
     * @param transactions how they run; the table of keys is in their database
     */
    public static IdempotentTransactions of(Transactions transactions) {
        return new IdempotentTransactions(transactions, new IdempotencyListener() {});
    }

    /**
     * {@return the same, whose outcomes a listener hears}
     *
     * @param listener the listener
     */
    public IdempotentTransactions listener(IdempotencyListener listener) {
        return new IdempotentTransactions(transactions, listener);
    }

    /**
     * {@return the answer of the request, of this execution or of an earlier one}
     *
     * @param operation what is asked for
     * @param request who asks
     * @param body what to do, repeatable as that of every transaction
     * @param <T> the type of the answer
     * @throws IllegalStateException if the thread is in a transaction or handle of the same {@code Jdbi}: whether an answer
     *     is kept may not depend on what comes after it
     */
    public <T> Result<Replay<T>, DomainError> execute(
            Operation<T> operation,
            IdempotentRequest request,
            Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body) {
        Objects.requireNonNull(body, "body");
        return execute(operation, request, () -> Result.ok(Unit.UNIT), (tx, prepared) -> body.apply(tx));
    }

    /**
     * {@return the answer of the request, of this execution or of an earlier one} Something is prepared for it before there is a
     * transaction, and without holding a connection; not for a repeat. An error of that is returned, and kept by nobody.
     *
     * @param operation what is asked for
     * @param request who asks
     * @param prepare what to do before: something that may be done more than once, such as asking another service
     * @param body what to do with that, repeatable as that of every transaction
     * @param <P> the type of what is prepared
     * @param <T> the type of the answer
     * @throws IllegalStateException if the thread is in a transaction or handle of the same {@code Jdbi}
     */
    public <P, T> Result<Replay<T>, DomainError> execute(
            Operation<T> operation,
            IdempotentRequest request,
            Supplier<? extends Result<? extends P, ? extends DomainError>> prepare,
            BiFunction<? super Tx, ? super P, ? extends Result<? extends T, ? extends DomainError>> body) {
        Objects.requireNonNull(operation, "operation");
        Objects.requireNonNull(prepare, "prepare");
        Objects.requireNonNull(body, "body");
        var once = new Once<P, T>(transactions, operation, request, prepare, body);
        long start = transactions.time().nanoTime();
        while (true) {
            Result<Replay<T>, DomainError> answer = once.attempt();
            if (!once.isInProgress() || !waited(operation, start)) {
                once.tell(listener);
                return answer;
            }
        }
    }

    /** Sleeps until the next poll, holding nothing. {@return whether there is one} */
    private boolean waited(Operation<?> operation, long startNanos) {
        Duration waited = Duration.ofNanos(transactions.time().nanoTime() - startNanos);
        return operation.poll(waited, transactions.random()).filter(this::slept).isPresent();
    }

    private boolean slept(Duration duration) {
        try {
            transactions.time().sleep(duration);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * {@return the result of a step of a leased execution, whose effect is in this database} The effect and the note that it was
     * had are one transaction: it is had once, whoever takes the request over, and not at all if the lease was lost.
     *
     * <p>At REPEATABLE READ and above on PostgreSQL, and on MariaDB with {@code innodb_snapshot_isolation}, it has to be
     * shorter than a third of the lease: a renewal beside it changes the row of the key, and makes it run again.
     *
     * @param run the execution, of an {@link dev.underpin.idempotency.Idempotency} whose store has its table in the same
     *     database
     * @param name unique and stable within the operation
     * @param codec of the value
     * @param body what to do, repeatable as that of every transaction
     * @param <T> the type of the value
     * @throws IllegalStateException if the thread is in a transaction or handle of the same {@code Jdbi}, or as
     *     {@link Execution#stepNoting} says
     */
    public <T> Result<T, DomainError> step(
            Execution run,
            String name,
            Codec<T> codec,
            Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body) {
        Objects.requireNonNull(body, "body");
        JdbiIdempotencyStore.requireOutside(transactions.jdbi(), "A step");
        return run.stepNoting(
                name,
                codec,
                note -> transactions.inTransaction(tx -> Result.<T, DomainError>widen(body.apply(tx))
                        .flatMap(value -> note.write(JdbiIdempotencyStore.within(tx.handle()), value)
                                ? Result.ok(value)
                                : Result.err(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST.error()))));
    }
}
