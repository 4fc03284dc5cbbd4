package dev.underpin.persistence;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a transaction until it is committed, or no further attempt would help. */
final class Attempts<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);
    private static final long FIRST_DELAY_MILLIS = 10;
    private static final long MOST_DELAY_MILLIS = 250;
    /** How often a pool may have lent a connection that was broken before it does count as an attempt. */
    private static final int MOST_STALE = 10;

    private final Transactions transactions;
    private final TxOptions options;
    private final Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body;
    private final long start;

    Attempts(
            Transactions transactions,
            TxOptions options,
            Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body) {
        this.transactions = transactions;
        this.options = options;
        this.body = body;
        this.start = transactions.time().nanoTime();
    }

    Result<T, DomainError> run() {
        int lockTimeouts = 0;
        int number = 1;
        int stale = 0;
        List<Throwable> causes = new ArrayList<>();
        for (int failed = 1; ; failed++) {
            var attempt = new Attempt<T>(transactions, options, number, left());
            Result<T, DomainError> result = resultOf(attempt);
            if (attempt.isCommitted()) {
                committed(attempt, number);
                return result;
            }
            DomainError error = result.fold(value -> PersistenceErrors.TRANSACTION_ABORTED.error(), failure -> failure);
            if (attempt.isLockTimeout()) {
                lockTimeouts++;
            }
            boolean free = attempt.isStale() && ++stale <= MOST_STALE;
            boolean mayRepeat = !result.isOk() && attempt.mayRepeat(error) && lockTimeouts <= 1;
            if (!mayRepeat || (!free && number >= options.attempts()) || !waitedAfter(failed)) {
                error.cause()
                        .ifPresent(last -> causes.stream()
                                .filter(cause -> !cause.equals(last))
                                .forEach(last::addSuppressed));
                tell(listener -> listener.onRollback(transactions.database(), error.code()));
                return result;
            }
            error.cause().ifPresent(causes::add);
            if (!free) {
                int next = ++number;
                tell(listener -> listener.onRetry(transactions.database(), next, error.code()));
            }
        }
    }

    private Result<T, DomainError> resultOf(Attempt<T> attempt) {
        try {
            return attempt.run(body);
        } catch (Throwable e) { // a bug, which is thrown on
            tell(listener -> listener.onRollback(transactions.database(), ErrorKind.INTERNAL.code()));
            throw e;
        }
    }

    private Duration left() {
        return options.deadline().minusNanos(transactions.time().nanoTime() - start);
    }

    /** {@return whether there is time for another attempt, after a wait that keeps apart those that met} */
    private boolean waitedAfter(int failed) {
        long most = Math.min(MOST_DELAY_MILLIS, FIRST_DELAY_MILLIS << Math.min(failed - 1, 10));
        Duration delay = Duration.ofMillis(transactions.random().nextLong(most + 1));
        if (left().compareTo(delay) <= 0 || Thread.currentThread().isInterrupted()) {
            return false;
        }
        try {
            transactions.time().sleep(delay);
            return left().toNanos() > 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void committed(Attempt<T> attempt, int number) {
        long nanos = transactions.time().nanoTime() - start;
        tell(listener -> listener.onCommit(transactions.database(), number, nanos));
        for (Runnable hook : attempt.hooks()) {
            try {
                hook.run();
            } catch (Throwable e) { // an error, too, would tell the caller that nothing was committed
                LOG.error(
                        "An action after a commit on {} failed; the transaction is committed",
                        transactions.database(),
                        e);
                tell(listener -> listener.onHookFailure(transactions.database(), e));
            }
        }
    }

    private void tell(Consumer<TransactionListener> event) {
        try {
            event.accept(transactions.listener());
        } catch (Throwable e) {
            LOG.debug("A transaction listener failed", e);
        }
    }
}
