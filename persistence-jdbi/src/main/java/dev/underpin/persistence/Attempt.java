package dev.underpin.persistence;

import dev.underpin.persistence.internal.Database;
import dev.underpin.persistence.internal.Framed;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.extension.HandleSupplier;
import org.jdbi.v3.core.statement.StatementBuilder;
import org.jdbi.v3.core.transaction.UnableToRestoreAutoCommitStateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the body of a transaction, from its begin to what became of it. */
final class Attempt<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);
    /** Between questions for an outcome: the server may still be at it. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    private static final Duration MOST_PAUSE = Duration.ofMillis(800);

    private final Transactions transactions;
    private final TxOptions options;
    private final int number;
    private final Duration left;
    private final long start;
    private @Nullable Framed framed;
    private List<Runnable> hooks = List.of();
    private @Nullable Result<T, DomainError> result;
    private @Nullable Result<T, DomainError> wanted;
    private @Nullable CommitTrace trace;
    /** What the database did not do as asked, where that decides about another attempt. */
    private SqlFailure.@Nullable Meaning failure;

    private boolean connected;
    private boolean begun;
    private boolean committed;
    private boolean unknown;

    Attempt(Transactions transactions, TxOptions options, int number, Duration left) {
        this.transactions = transactions;
        this.options = options;
        this.number = number;
        this.left = left;
        this.start = transactions.time().nanoTime();
    }

    /** {@return what the body returned, or what the database failed with} */
    Result<T, DomainError> run(Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body) {
        try {
            transactions.jdbi().useHandle(handle -> on(handle, body));
        } catch (SQLException | RuntimeException e) {
            Result<T, DomainError> known = result;
            if (known == null) {
                if (e instanceof RuntimeException bug && SqlFailure.of(e).source() == null) {
                    throw bug;
                }
                failure = SqlFailure.of(e).meaning();
                return Result.err(transactions.error(e)); // there is no connection, or no transaction on it
            }
            LOG.debug("A connection of {} could not be given back in order", transactions.database(), e);
        }
        if (unknown) {
            resolve();
        }
        return Objects.requireNonNull(result);
    }

    private void on(Handle handle, Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body)
            throws SQLException {
        connected = true;
        framed = body instanceof Framed own ? own : null;
        if (left().toNanos() <= 0) { // all of it went into waiting for the connection, which is as good as any
            result = Result.err(transactions.error(new SQLTransientConnectionException(
                    "there was no connection before the deadline of the transaction", "08001")));
            return;
        }
        Connection connection = handle.getConnection();
        var session = new Session(Database.find(connection), handle, options, this::left, framed);
        var tx = new Tx(transactions, handle, session, options, number);
        StatementBuilder statements = handle.getStatementBuilder();
        HandleSupplier scope =
                Objects.requireNonNull(transactions.jdbi().getHandleScope().get());
        boolean broken = true;
        transactions.open().put(scope, tx);
        GuardedDataSource.enter(connection);
        try {
            trace = session.begin();
            begun = true;
            tx.listen(session.isOpened());
            handle.setStatementBuilder(new WatchedStatements(statements, session, tx));
            result = end(tx, session, transactions.resultOf(body, tx));
            broken = unknown;
        } catch (Throwable e) {
            rollback(session, tx, e);
            broken = SqlFailure.of(e).source() != null;
            throw e;
        } finally {
            GuardedDataSource.leave(connection);
            transactions.open().remove(scope);
            tx.close();
            handle.setStatementBuilder(statements);
            leave(session, connection, broken);
        }
    }

    private Result<T, DomainError> end(Tx tx, Session session, Result<T, DomainError> returned) {
        tx.requireNotEnded();
        boolean kept = !tx.isRollbackOnly() && returned.fold(value -> true, transactions::commitsOn);
        DomainError refusal = refusal(tx);
        if (refusal == null && kept) {
            hooks = tx.hooks();
            return commit(session, tx, returned);
        }
        failure = tx.failure();
        rollback(session, tx, null);
        boolean says = tx.isLost() || returned.isOk();
        return refusal != null && says ? Result.err(refusal) : returned;
    }

    /** {@return why a transaction cannot be committed} */
    private @Nullable DomainError refusal(Tx tx) {
        SQLException failed = tx.failedStatement();
        DomainError inner = tx.failedInside();
        if (tx.isLost() && failed != null) {
            return transactions.error(failed);
        }
        if (inner != null) {
            return Tx.rolledBackByInner(inner);
        }
        if (failed != null) {
            return transactions.aborted(failed);
        }
        return PostgresErrors.isFailed(tx.handle().getConnection())
                ? PersistenceErrors.TRANSACTION_ABORTED.error()
                : null;
    }

    private Result<T, DomainError> commit(Session session, Tx tx, Result<T, DomainError> outcome) {
        try {
            session.commit();
            committed = true;
        } catch (UnableToRestoreAutoCommitStateException e) {
            committed = true; // this comes after the commit
        } catch (SQLException | RuntimeException | Error e) {
            if (tx.isCommitRan()) { // so does what the service gave to Handle.afterCommit
                committed = true;
                LOG.error(
                        "An action after a commit on {} failed; the transaction is committed",
                        transactions.database(),
                        e);
                return outcome;
            }
            if (e instanceof Error error) {
                throw error;
            }
            SqlFailure refused = SqlFailure.of(e);
            DomainError refusal = framed == null || refused.source() == null
                    ? null
                    : framed.refusal(refused.source()).orElse(null);
            if (refusal != null) {
                rollback(session, tx, e);
                return Result.err(refusal);
            }
            if (session.wasEnded(refused)) {
                throw Tx.endedItself();
            }
            if (refused.isAnswer() || session.refusesWrites()) { // what only read is read again
                failure = refused.meaning();
                return Result.err(transactions.error(e));
            }
            unknown = true;
            wanted = outcome;
            return Result.err(DomainError.builder(PersistenceErrors.OUTCOME_UNKNOWN)
                    .retry(Retry.IF_IDEMPOTENT)
                    .cause(e)
                    .build());
        }
        return outcome;
    }

    /** Undoes everything; where that fails the server does it, once the connection is gone. */
    private void rollback(Session session, Tx tx, @Nullable Throwable cause) {
        Handle handle = tx.handle();
        try {
            if (!tx.isEnded() || handle.isInTransaction()) { // or the body began another one, which nobody wants
                session.rollback();
            }
        } catch (SQLException | RuntimeException e) {
            LOG.debug(
                    "A transaction on {} was not rolled back, and its connection is dropped",
                    transactions.database(),
                    e);
            if (cause != null) {
                cause.addSuppressed(e);
            }
            drop(handle.getConnection());
        }
    }

    /** Gives the connection back as it was, or sees to it that nobody gets it. */
    private void leave(Session session, Connection connection, boolean broken) {
        try {
            if (!broken) {
                session.end();
                return;
            }
        } catch (SQLException | RuntimeException e) {
            LOG.debug("A connection of {} could not be set back, and is dropped", transactions.database(), e);
        }
        drop(connection);
    }

    /** Ends the connection, and uses it, by which a pool learns that it is gone. */
    private static void drop(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            LOG.debug("A connection could not be aborted", e);
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("select 1");
        } catch (SQLException | RuntimeException e) {
            LOG.trace("A connection that was aborted is gone", e);
        }
    }

    private Duration left() {
        return left.minusNanos(transactions.time().nanoTime() - start);
    }

    /** Asks the server what became of a commit whose answer was lost, ever less often: it may have to recover. */
    private void resolve() {
        Duration pause = FIRST_PAUSE;
        while ((trace != null || framed != null) && left().toMillis() > 0) {
            switch (outcome()) {
                case COMMITTED -> {
                    unknown = false;
                    committed = true;
                    result = wanted;
                    return;
                }
                case ROLLED_BACK -> {
                    unknown = false;
                    failure = SqlFailure.Meaning.UNAVAILABLE;
                    result = Result.err(PersistenceErrors.DATABASE_UNAVAILABLE.error());
                    return;
                }
                case LOST -> {
                    return;
                }
                case NOT_YET -> {
                    try {
                        transactions.time().sleep(pause);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return;
                    }
                    pause = pause.compareTo(MOST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
                }
            }
        }
    }

    /** {@return what the number of the transaction says of it, and where that does not do what its row says} */
    private CommitTrace.Outcome outcome() {
        CommitTrace.Outcome known =
                trace == null ? CommitTrace.Outcome.LOST : trace.outcome(transactions.jdbi(), left());
        if (known != CommitTrace.Outcome.LOST || framed == null) {
            return known;
        }
        trace = null;
        return framed.outcome(left())
                .map(committed -> committed ? CommitTrace.Outcome.COMMITTED : CommitTrace.Outcome.ROLLED_BACK)
                .orElse(CommitTrace.Outcome.NOT_YET);
    }

    /** {@return whether the body did not run, since the connection was broken that a pool had lent} */
    boolean isStale() {
        return connected && !begun;
    }

    boolean isCommitted() {
        return committed;
    }

    List<Runnable> hooks() {
        return hooks;
    }

    /**
     * {@return whether a further attempt may do better} By what this transaction failed with itself, whatever error the body
     * returns of something else. Never where it may have been committed; nor where there was no connection: the pool has
     * tried for as long as it is set to, and who asks again waits before those who come. A body may make something of its
     * own of a lock that was not granted.
     */
    boolean mayRepeat(DomainError error) {
        return !unknown
                && (failure == SqlFailure.Meaning.SERIALIZATION
                        || (isLockTimeout() && error.is(PersistenceErrors.LOCK_TIMEOUT))
                        || (failure == SqlFailure.Meaning.UNAVAILABLE && connected));
    }

    boolean isLockTimeout() {
        return failure == SqlFailure.Meaning.LOCK_TIMEOUT;
    }
}
