package dev.underpin.persistence;

import dev.underpin.persistence.internal.Framed;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/**
 * An open transaction, for as long as its body runs. Confined to the thread of the body.
 */
public final class Tx {
    private final Transactions transactions;
    private final Handle handle;
    private final Session session;
    private final TxOptions options;
    private final int attempt;
    private final List<Runnable> afterCommit = new ArrayList<>();
    private int savepoints;
    /** How many blocks that joined are running, one inside the other. */
    private int joined;

    /** Whether the opening has set a savepoint that nobody uses yet. */
    private boolean savepointReady;

    private boolean rollbackOnly;
    private boolean closed;
    /** Set by what JDBI calls after a commit, and after a rollback, its own one of a commit that failed included. */
    private boolean commitRan;

    private boolean rollbackRan;
    /** What a block that joined failed with; the level it ran on may not succeed any more. */
    private @Nullable DomainError failedInside;
    /** What a statement failed with since the last savepoint: a database may have undone more than the statement. */
    private @Nullable SQLException failedStatement;
    /** What no savepoint mends: the database has given up the transaction as a whole. */
    private @Nullable SQLException lost;

    Tx(Transactions transactions, Handle handle, Session session, TxOptions options, int attempt) {
        this.transactions = transactions;
        this.handle = handle;
        this.session = session;
        this.options = options;
        this.attempt = attempt;
    }

    /**
     * {@return the handle of the transaction; it must be neither committed, rolled back nor closed}
     *
     * @throws IllegalStateException if the transaction has ended, as do all methods but {@link #attempt}
     */
    public Handle handle() {
        requireOpen();
        return handle;
    }

    /** {@return which attempt this is, from 1 on} */
    public int attempt() {
        return attempt;
    }

    /**
     * {@return what the body returns, having undone what it did if that is an error} The transaction goes on either way:
     * a savepoint is set before. A failure of the database in the body is an error, too; one that no savepoint mends,
     * such as a deadlock, also ends the transaction, which then runs again as a whole.
     *
     * @param body what to do
     * @param <T> the type of the value
     */
    public <T> Result<T, DomainError> nested(
            Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body) {
        requireOpen();
        String savepoint = savepointReady ? Framed.SAVEPOINT : "underpin_" + ++savepoints;
        savepointReady = false;
        DomainError failedOutside = failedInside;
        int hooks = afterCommit.size();
        if (!savepoint.equals(Framed.SAVEPOINT)) {
            handle.savepoint(savepoint);
        }
        failedInside = null;
        boolean kept = false;
        try {
            Result<T, DomainError> result = transactions.resultOf(body, this);
            if (result.isOk() && failedInside != null) {
                result = Result.err(rolledBackByInner(failedInside));
            } else if (result.isOk() && failedStatement != null) {
                result = Result.err(transactions.aborted(failedStatement));
            } else if (result.isOk() && PostgresErrors.isFailed(handle.getConnection())) {
                result = Result.err(PersistenceErrors.TRANSACTION_ABORTED.error());
            }
            kept = result.isOk();
            return result;
        } finally {
            failedInside = failedOutside;
            if (kept) {
                if (!savepoint.equals(Framed.SAVEPOINT)) { // which the commit releases
                    handle.releaseSavepoint(savepoint);
                }
            } else {
                afterCommit.subList(hooks, afterCommit.size()).clear();
                undo(savepoint);
            }
        }
    }

    private void undo(String savepoint) {
        if (lost == null) {
            if (savepoint.equals(Framed.SAVEPOINT)) {
                session.rollbackToOpening();
            } else {
                handle.rollbackToSavepoint(savepoint);
            }
            session.afterRollbackToSavepoint();
            failedStatement = null;
        }
    }

    /**
     * Runs an action once the transaction is committed, outside of it; not if it is rolled back, or the block that
     * registered it is. In the order they were registered. What an action throws is logged and reported, and changes
     * nothing.
     *
     * @param action the action
     */
    public void afterCommit(Runnable action) {
        requireOpen();
        afterCommit.add(Objects.requireNonNull(action, "action"));
    }

    /**
     * Undoes everything in the end, whatever the body returns. In a block that joined it ends the level that runs on, as an
     * error would: who opened the transaction learns that nothing was written.
     */
    public void setRollbackOnly() {
        requireOpen();
        if (joined == 0) {
            rollbackOnly = true;
        } else if (failedInside == null) {
            failedInside = PersistenceErrors.TRANSACTION_ABORTED.error();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(
                    "The transaction has ended: a Tx must not be kept or handed to other threads");
        }
    }

    /**
     * Has JDBI tell of its ends, whoever asks for them.
     *
     * @param opened whether the savepoint of an opening is set
     */
    void listen(boolean opened) {
        savepointReady = opened;
        handle.afterCommit(() -> commitRan = true);
        handle.afterRollback(() -> rollbackRan = true);
    }

    boolean isCommitRan() {
        return commitRan;
    }

    boolean isEnded() {
        return commitRan || rollbackRan;
    }

    /**
     * Checks that the body has not ended the transaction.
     *
     * @throws IllegalStateException if it has; what it did after that would be in none
     */
    void requireNotEnded() {
        if (isEnded() || PostgresErrors.isIdle(handle.getConnection())) {
            throw endedItself();
        }
    }

    static IllegalStateException endedItself() {
        return new IllegalStateException(
                "The body of a transaction ended it itself, by Tx.handle() or by SQL: it must not be"
                        + " committed or rolled back, nor run what commits by itself, as DDL does on MariaDB; return an Err, or call"
                        + " setRollbackOnly()");
    }

    /** Ends what a body can do with it. */
    void close() {
        closed = true;
    }

    /** {@return what a block returns that runs as a part of this transaction} Its error ends the level it runs on. */
    <T> Result<T, DomainError> join(
            TxOptions wanted, Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body) {
        if (wanted.isolation().intValue() > options.isolation().intValue()
                || (options.readOnly() && !wanted.readOnly())) {
            throw new IllegalStateException("A block that needs isolation " + name(wanted.isolation())
                    + (wanted.readOnly() ? "" : " and to write") + " cannot join a transaction of isolation "
                    + name(options.isolation()) + (options.readOnly() ? ", read-only" : "")
                    + ": open that with what its parts need");
        }
        boolean returned = false;
        joined++;
        try {
            Result<T, DomainError> result = transactions.resultOf(body, this);
            if (failedInside == null && result instanceof Result.Err<T, DomainError> err) {
                failedInside = err.error();
            }
            returned = true;
            return result;
        } finally {
            joined--;
            if (!returned && failedInside == null) { // it threw
                failedInside = PersistenceErrors.ROLLED_BACK_BY_INNER.error();
            }
        }
    }

    private static String name(TransactionIsolationLevel level) {
        return level == TransactionIsolationLevel.UNKNOWN ? "that the database has by default" : level.name();
    }

    static DomainError rolledBackByInner(DomainError inner) {
        DomainError.Builder error = DomainError.builder(PersistenceErrors.ROLLED_BACK_BY_INNER)
                .args(Map.of("inner", inner.code().name()));
        inner.cause().ifPresent(error::cause);
        return error.build();
    }

    List<Runnable> hooks() {
        return List.copyOf(afterCommit);
    }

    boolean isRollbackOnly() {
        return rollbackOnly;
    }

    @Nullable
    DomainError failedInside() {
        return failedInside;
    }

    @Nullable
    SQLException failedStatement() {
        return lost == null ? failedStatement : lost;
    }

    boolean isLost() {
        return lost != null;
    }

    /** {@return what the database failed with that no savepoint undid; null if nothing} */
    SqlFailure.@Nullable Meaning failure() {
        SQLException failed = failedStatement();
        return failed == null ? null : SqlFailure.of(failed).meaning();
    }

    /**
     * Notes what the body threw, which can be of a failure that no statement of JDBI told of: one while rows are read, or of
     * code that uses the connection itself. A broken connection may also be another one, whose statement may have run.
     */
    void noteThrown(SqlFailure failure) {
        SQLException source = failure.source();
        if (source == null) {
            return;
        }
        if (failure.meaning() != SqlFailure.Meaning.UNAVAILABLE || isDisconnected()) {
            note(source);
        }
    }

    private boolean isDisconnected() {
        try {
            return handle.getConnection().isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    void note(SQLException e) {
        if (failedStatement == null) {
            failedStatement = e;
        }
        SqlFailure.Meaning meaning = SqlFailure.of(e).meaning();
        if (lost == null
                && (meaning == SqlFailure.Meaning.SERIALIZATION || meaning == SqlFailure.Meaning.UNAVAILABLE)) {
            lost = e;
        }
    }
}
