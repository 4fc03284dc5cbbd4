package dev.underpin.persistence.idempotency;

import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.persistence.PersistenceErrors;
import dev.underpin.result.DomainError;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps keys in a table of PostgreSQL, MariaDB, MySQL or H2, by the clock of the server.
 *
 * <p>Each call takes one connection, has committed when it returns, and gives an answer up after ten seconds. What lost
 * against others is run again, and so is a claim whose connection broke. A crash of the server loses nothing: on PostgreSQL
 * a {@code synchronous_commit} of {@code off} is overruled, and {@code innodb_flush_log_at_trx_commit} has to be 1 on
 * MariaDB.
 * The {@code Jdbi} must be that of the primary, never of a replica. Statements for MySQL were never run on one.
 *
 * <p>A call on a thread that is in a handle of the same {@code Jdbi}, such as in a transaction, throws
 * {@link IllegalStateException}: what it writes must not wait for that, nor be undone with it. Thread-safe.
 */
@SuppressWarnings("exports") // see module-info
public final class JdbiIdempotencyStore implements IdempotencyStore {
    private static final Duration MOST_ANSWER = Duration.ofSeconds(10);
    private static final int MOST_ATTEMPTS = 5;
    private static final int MOST_CLAIMS = 100;

    private final @Nullable Jdbi jdbi;
    private final @Nullable Handle transaction;

    private JdbiIdempotencyStore(@Nullable Jdbi jdbi, @Nullable Handle transaction) {
        this.jdbi = jdbi;
        this.transaction = transaction;
    }

    /**
     * {@return a store}
     *
     * @param jdbi where the table is, created by {@code V1__idempotency.up.sql} of this module
     */
    public static IdempotencyStore of(Jdbi jdbi) {
        return new JdbiIdempotencyStore(Objects.requireNonNull(jdbi, "jdbi"), null);
    }

    /** {@return the store of transactions} */
    static JdbiIdempotencyStore on(Jdbi jdbi) {
        return new JdbiIdempotencyStore(jdbi, null);
    }

    /** {@return a store whose writes are part of a transaction} */
    static IdempotencyStore within(Handle transaction) {
        return new JdbiIdempotencyStore(null, transaction);
    }

    @Override
    public Entry claim(Key key, Fingerprint fingerprint, UUID owner, Duration lease, Duration ttl) {
        for (int i = 0; i < MOST_CLAIMS; i++) {
            Optional<Entry> entry = callTwice(
                    (table, handle) -> Optional.ofNullable(table.claim(handle, key, fingerprint, owner, lease, ttl)));
            if (entry.isPresent()) {
                return entry.get();
            }
        }
        throw new IllegalStateException("A key changed hands " + MOST_CLAIMS + " times while it was claimed");
    }

    @Override
    public boolean complete(Key key, UUID owner, byte[] outcome, Duration ttl) {
        return call((table, handle) -> table.complete(handle, key, owner, outcome, ttl));
    }

    @Override
    public boolean advance(Key key, UUID owner, String step, byte[] data) {
        byte[] note = Notes.note(step, data);
        return call((table, handle) -> table.advance(handle, key, owner, note));
    }

    @Override
    public Set<Key> renew(Map<Key, UUID> held, Duration lease) {
        return held.isEmpty() ? Set.of() : call((table, handle) -> table.renew(handle, held, lease));
    }

    @Override
    public boolean release(Key key, UUID owner) {
        return call((table, handle) -> table.leave(handle, key, owner, KeyTable.RELEASED));
    }

    @Override
    public boolean suspend(Key key, UUID owner) {
        return call((table, handle) -> table.leave(handle, key, owner, KeyTable.INDETERMINATE));
    }

    @Override
    public Optional<Entry> find(Key key) {
        return call((table, handle) -> table.find(handle, key));
    }

    @Override
    public boolean settle(Key key, byte @Nullable [] outcome, Duration ttl) {
        return call((table, handle) ->
                outcome == null ? table.reopen(handle, key, ttl) : table.settle(handle, key, outcome, ttl));
    }

    @Override
    public int reap(int limit) {
        return call((table, handle) -> table.reap(handle, limit));
    }

    /** Asks the table, on a connection of its own, until nobody is in the way. */
    <R> R call(Question<R> question) {
        return call(MOST_ANSWER, /* breaksToPass= */ 0, question);
    }

    /** As well, and once more if the connection broke: for what comes to the same if it was done before. */
    <R> R callTwice(Question<R> question) {
        return call(MOST_ANSWER, /* breaksToPass= */ 1, question);
    }

    /** As {@link #call(Question)}, waiting for an answer no longer than that. */
    <R> R call(Duration most, Question<R> question) {
        return call(most, /* breaksToPass= */ 0, question);
    }

    private <R> R call(Duration most, int breaksToPass, Question<R> question) {
        if (transaction != null) {
            return unchecked(() -> ask(transaction, question));
        }
        Jdbi own = Objects.requireNonNull(jdbi);
        requireOutside(own, "A store of idempotency keys");
        int breaks = 0;
        for (int attempt = 1; ; attempt++) {
            try {
                return unchecked(() -> own.withHandle(handle -> answered(handle, most, question)));
            } catch (JdbiException e) {
                boolean passes = isRace(e) || (isBreak(e) && ++breaks <= breaksToPass);
                if (attempt == MOST_ATTEMPTS || !passes) {
                    throw e;
                }
            }
        }
    }

    /** {@return whether there was a connection, and is no more} A pool that has none to give has tried long enough. */
    private static boolean isBreak(JdbiException failure) {
        return !(failure instanceof ConnectionException)
                && PersistenceErrors.of(failure).is(PersistenceErrors.DATABASE_UNAVAILABLE);
    }

    static void requireOutside(Jdbi jdbi, String what) {
        if (jdbi.getHandleScope().get() != null) {
            throw new IllegalStateException(what + " was called inside a transaction or handle of its Jdbi, which would"
                    + " decide what becomes of what it writes: call it outside");
        }
    }

    /** {@return whether a statement lost against another} H2 lets two insert the same key, and has the one fail. */
    private static boolean isRace(JdbiException failure) {
        DomainError error = PersistenceErrors.of(failure);
        return error.is(PersistenceErrors.SERIALIZATION_FAILED) || error.is(PersistenceErrors.ALREADY_EXISTS);
    }

    private static <R> R answered(Handle handle, Duration most, Question<R> question) throws SQLException {
        Connection connection = handle.getConnection();
        int before = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, millis(most));
        try {
            R answer = ask(handle, question);
            if (!connection.getAutoCommit()) {
                connection.commit(); // JDBI takes such a connection for one in a transaction of somebody else
            }
            return answer;
        } finally {
            if (!connection.isClosed()) {
                connection.setNetworkTimeout(Runnable::run, before);
            }
        }
    }

    private static int millis(Duration most) {
        Duration shorter = most.compareTo(MOST_ANSWER) < 0 ? most : MOST_ANSWER;
        return (int) Math.max(1, shorter.toMillis());
    }

    private static <R> R ask(Handle handle, Question<R> question) throws SQLException {
        return question.ask(KeyTable.of(handle.getConnection()), handle);
    }

    private static <R> R unchecked(CheckedSupplier<R> call) {
        try {
            return call.get();
        } catch (SQLException e) {
            throw new StoreException(e);
        }
    }

    /** A question to the table. */
    @FunctionalInterface
    interface Question<R> {
        R ask(KeyTable table, Handle handle) throws SQLException;
    }

    @FunctionalInterface
    private interface CheckedSupplier<R> {
        R get() throws SQLException;
    }

    /** What the driver said of a statement that JDBI did not send. */
    private static final class StoreException extends JdbiException {
        private static final long serialVersionUID = 1;

        StoreException(SQLException cause) {
            super(cause);
        }
    }
}
