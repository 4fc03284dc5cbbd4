package dev.underpin.persistence;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.extension.HandleSupplier;
import org.jdbi.v3.core.transaction.CMTTransactionHandler;
import org.jspecify.annotations.Nullable;

/**
 * Transactions that end as their body says, or say why not. An {@code Ok} is committed; an {@code Err}, an exception and a
 * transaction that the server has given up are rolled back, and nothing of them remains.
 *
 * <ul>
 *   <li>A body that lost against others (a serialization failure, a deadlock; once, a lock that was not granted) or whose
 *       connection broke before the commit runs again as a whole, in a new transaction, until its attempts or its
 *       deadline are used up. It must be able to: what it does outside of the database happens each time.
 *   <li>A statement that failed and was passed over does not go unnoticed: PostgreSQL would answer the commit with a
 *       rollback, and MariaDB would commit a half. The result is {@code TRANSACTION_ABORTED}, unless
 *       {@link Tx#nested} contained it.
 *   <li>If the answer to the commit is lost, PostgreSQL is asked what became of it; where that cannot be told the result
 *       is {@code COMMIT_OUTCOME_UNKNOWN}, never a guess.
 *   <li>A failure of the database is an error by its meaning ({@link PersistenceErrors}); any other exception of the body
 *       is a bug, and thrown on once everything is rolled back.
 *   <li>A transaction has one connection. Inside a body, {@link #inTransaction} on the same {@code Jdbi} joins the
 *       transaction of the thread, and {@link Jdbi#withHandle} has its handle.
 * </ul>
 *
 * <p>Thread-safe; one for a {@code Jdbi}.
 */
public final class Transactions {
    private final String database;
    private final Jdbi jdbi;
    private final TxOptions defaults;
    private final Map<String, ErrorCode> constraints;
    private final Predicate<? super DomainError> commitOn;
    private final TransactionListener listener;
    private final TimeSource time;
    private final RandomGenerator random;
    /** The transactions that are open, by the scopes of their handles. */
    private final Map<HandleSupplier, Tx> open = new ConcurrentHashMap<>();

    private Transactions(Builder builder, Jdbi jdbi) {
        this.database = builder.database;
        this.jdbi = jdbi;
        this.defaults = builder.defaults;
        this.constraints = Map.copyOf(builder.constraints);
        this.commitOn = builder.commitOn;
        this.listener = builder.listener;
        this.time = builder.time;
        this.random = builder.random;
    }

    /**
     * {@return a builder}
     *
     * @param database a name for listeners and logs; never blank
     */
    public static Builder named(String database) {
        if (database.isBlank()) {
            throw new IllegalArgumentException("database must not be blank");
        }
        return new Builder(database);
    }

    /**
     * {@return what the body returns, committed if that is {@code Ok}, or why nothing was} With the default options.
     *
     * @param body what to do, repeatable
     * @param <T> the type of the value
     */
    public <T> Result<T, DomainError> inTransaction(
            Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body) {
        return inTransaction(defaults, body);
    }

    /**
     * {@return what the body returns, committed if that is {@code Ok}, or why nothing was}
     *
     * @param options how it runs; a block that joins a transaction runs as that does
     * @param body what to do, repeatable
     * @param <T> the type of the value
     * @throws IllegalStateException if the thread is inside a handle of the {@code Jdbi} that these transactions did not open,
     *     or in one of ours that has less isolation or is read-only; or if the body ended the
     *     transaction itself, which H2 and SQLite do not tell of SQL
     */
    public <T> Result<T, DomainError> inTransaction(
            TxOptions options, Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(body, "body");
        Tx outer = ofThisThread();
        return outer == null ? new Attempts<T>(this, options, body).run() : outer.join(options, body);
    }

    /** {@return where they run, for what reads or writes besides} */
    public Jdbi jdbi() {
        return jdbi;
    }

    /** {@return the time that their deadlines and waits go by, for what stands on them} */
    public TimeSource time() {
        return time;
    }

    /** {@return what their waits are drawn from, for what stands on them} */
    public RandomGenerator random() {
        return random;
    }

    private @Nullable Tx ofThisThread() {
        HandleSupplier scoped = jdbi.getHandleScope().get();
        if (scoped == null) {
            return null;
        }
        Tx tx = open.get(scoped);
        if (tx == null) {
            throw new IllegalStateException(
                    "inTransaction() was called inside a handle of Jdbi (withHandle, inTransaction,"
                            + " an extension or on-demand object) or inside other Transactions, which would decide about its"
                            + " connection: call it outside, and use Jdbi inside");
        }
        return tx;
    }

    /** {@return what a body returns, or what the database failed with in it} */
    <T> Result<T, DomainError> resultOf(
            Function<? super Tx, ? extends Result<? extends T, ? extends DomainError>> body, Tx tx) {
        try {
            return narrowed(body.apply(tx));
        } catch (RuntimeException e) {
            SqlFailure failure = SqlFailure.of(e);
            if (failure.source() == null) {
                throw e;
            }
            tx.noteThrown(failure);
            return Result.err(failure.error(constraints));
        }
    }

    static <T> Result<T, DomainError> narrowed(Result<? extends T, ? extends DomainError> result) {
        return Objects.requireNonNull(result, "the body returned null")
                .<T>map(value -> value)
                .mapError(DomainError::widen);
    }

    DomainError error(Throwable thrown) {
        return SqlFailure.of(thrown).error(constraints);
    }

    /** {@return the error of a transaction whose body went on after a statement had failed} */
    DomainError aborted(SQLException failed) {
        DomainError cause = error(failed);
        return DomainError.builder(PersistenceErrors.TRANSACTION_ABORTED)
                .arg("reason", cause.code().name())
                .cause(failed)
                .build();
    }

    String database() {
        return database;
    }

    Map<HandleSupplier, Tx> open() {
        return open;
    }

    boolean commitsOn(DomainError error) {
        return commitOn.test(error);
    }

    TransactionListener listener() {
        return listener;
    }

    /** Builds {@link Transactions}. Confined to one thread. */
    public static final class Builder {
        private final String database;
        private final Map<String, ErrorCode> constraints = new HashMap<>();
        private TxOptions defaults = TxOptions.standard();
        private Predicate<? super DomainError> commitOn = error -> false;
        private TransactionListener listener = new TransactionListener() {};
        private TimeSource time = TimeSource.system();
        private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

        private Builder(String database) {
            this.database = database;
        }

        /**
         * Sets how transactions run that do not say so; by default {@link TxOptions#standard}.
         *
         * @param options the options
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder defaults(TxOptions options) {
            this.defaults = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Gives the violation of a constraint a code of its own, in place of the one for all its kind.
         *
         * @param constraintName the name of the constraint, or of a unique index, after that of its table and a dot if other
         *     tables have one of that name and the driver tells the table; case does not count
         * @param code what it means
         * @return this
         * @throws IllegalArgumentException if the constraint has a code already
         */
        @CanIgnoreReturnValue
        public Builder constraint(String constraintName, ErrorCode code) {
            Objects.requireNonNull(code, "code");
            if (constraints.putIfAbsent(constraintName.toLowerCase(Locale.ROOT), code) != null) {
                throw new IllegalArgumentException("a constraint must have one code: " + constraintName);
            }
            return this;
        }

        /**
         * Commits in spite of some errors, such as one that counts failed attempts to log in; by default in spite of none.
         * Where a statement failed, or a block that joined, the error is returned and nothing is committed.
         *
         * @param error whether what was written before the error remains
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder commitOn(Predicate<? super DomainError> error) {
            this.commitOn = Objects.requireNonNull(error, "error");
            return this;
        }

        /**
         * Sets who hears of outcomes; by default nobody does.
         *
         * @param listener the listener
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder listener(TransactionListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets the time that deadlines and waits go by; by default that of the machine.
         *
         * @param time the time
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * Sets what waits between attempts are drawn from.
         *
         * @param random the source
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /**
         * {@return the transactions}
         *
         * @param jdbi where they run; its statements keep their configuration
         * @throws IllegalArgumentException if a container commits for it
         */
        public Transactions build(Jdbi jdbi) {
            Objects.requireNonNull(jdbi, "jdbi");
            if (jdbi.getTransactionHandler() instanceof CMTTransactionHandler) {
                throw new IllegalArgumentException(
                        "jdbi must decide about commits itself: CMTTransactionHandler leaves them to a container");
            }
            return new Transactions(this, jdbi);
        }
    }
}
