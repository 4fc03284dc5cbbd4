package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.Unit;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of meanings on a database that is made to fail in every way it can be made to. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class VendorErrorsContract {
    /** Stands in every statement and value that must not be told on. */
    static final String SECRET = "sesame";

    static final TxOptions ONCE = TxOptions.standard()
            .timeouts(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(30))
            .attempts(1);
    /** A second, since MariaDB and H2 count no less. */
    static final TxOptions SHORT = ONCE.timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(30));

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private HikariDataSource pool;
    private Transactions transactions;
    private Jdbi direct;
    private Leftovers leftovers;

    /**
     * A failure: how the driver says it, and what it means.
     *
     * @param state the SQLState
     * @param vendor the number of the vendor; 0 where there is none
     * @param constraint the constraint that the error names; empty for none
     */
    record Failure(String state, int vendor, ErrorCode code, Retry retry, String constraint) {
        static Failure of(String state, int vendor, ErrorCode code, Retry retry) {
            return new Failure(state, vendor, code, retry, "");
        }
    }

    /** A statement that is refused whatever others do. */
    record Refusal(String name, Failure failure, String sql) {
        static Refusal of(String name, String state, int vendor, ErrorCode code, String sql) {
            return new Refusal(name, Failure.of(state, vendor, code, Retry.NO), sql);
        }

        Refusal of(String constraint) {
            return new Refusal(
                    name, new Failure(failure.state, failure.vendor, failure.code, failure.retry, constraint), sql);
        }

        @Override
        public String toString() {
            return name + " " + failure.state + " " + failure.vendor;
        }
    }

    /** {@return the address of an empty database} */
    abstract String url() throws Exception;

    abstract String user();

    /** {@return every statement of this database that fails alone} */
    abstract Stream<Refusal> refusals();

    /** {@return the number of the session of a handle} */
    abstract long session(Handle handle);

    /** Waits until a session waits for a lock, by asking. */
    abstract void awaitBlocked(Handle admin, long session);

    @BeforeAll
    void connect() throws Exception {
        String url = url();
        pool = pool(url, user(), 3);
        direct = Jdbi.create(url, user(), "");
        transactions = Transactions.named("shop").build(Jdbi.create(pool));
        direct.useHandle(handle -> {
            handle.execute("create table marks (id integer primary key)");
            handle.execute("create table parents (id integer primary key)");
            handle.execute("create table children (id integer primary key, parent integer not null,"
                    + " constraint children_parent foreign key (parent) references parents (id) on delete no action)");
            handle.execute("create table things (id integer primary key, name varchar(9), amount integer,"
                    + " small smallint, needed varchar(9) not null, born date,"
                    + " constraint things_name unique (name), constraint things_amount check (amount >= 0))");
        });
        leftovers = new Leftovers(pool, direct);
    }

    static HikariDataSource pool(String url, String user, int size) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword("");
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(5_000);
        return new HikariDataSource(config);
    }

    @BeforeEach
    void fill() {
        direct.useHandle(handle -> {
            for (String table : List.of("children", "parents", "things", "marks")) {
                handle.execute("delete from " + table);
            }
            handle.execute("insert into parents values (1)");
            handle.execute("insert into parents values (2)");
            handle.execute("insert into children values (1, 1)");
            handle.execute("insert into things (id, name, needed, amount) values (1, '" + SECRET + "', 'x', 1)");
            handle.execute("insert into things (id, name, needed, amount) values (2, 'two', 'x', 1)");
        });
    }

    @AfterEach
    void nothingIsLeft() throws SQLException {
        leftovers.assertNone();
    }

    @AfterAll
    void disconnect() {
        executor.shutdownNow();
        pool.close();
    }

    HikariDataSource pool() {
        return pool;
    }

    Jdbi direct() {
        return direct;
    }

    Transactions transactions() {
        return transactions;
    }

    ExecutorService executor() {
        return executor;
    }

    /** {@return what a transaction failed with, of which nothing remains} */
    DomainError failure(TxOptions options, Consumer<Handle> body) {
        return failure(transactions, options, body);
    }

    DomainError failure(Transactions among, TxOptions options, Consumer<Handle> body) {
        Result<Unit, DomainError> result = among.inTransaction(options, tx -> {
            if (!options.readOnly()) {
                tx.handle().execute("insert into marks values (1)");
            }
            body.accept(tx.handle());
            return Result.ok(Unit.UNIT);
        });
        assertThat(result.isOk()).as("nothing failed").isFalse();
        assertThat(marks()).isZero();
        return result.fold(value -> null, error -> error);
    }

    int marks() {
        return direct.withHandle(handle -> handle.createQuery("select count(*) from marks")
                .mapTo(Integer.class)
                .one());
    }

    static void assertIs(DomainError error, Failure expected) {
        assertIsOneOf(error, List.of(expected));
    }

    /** Where it is a race what a driver still hears: either, with one meaning. */
    static void assertIsOneOf(DomainError error, List<Failure> either) {
        Failure expected = either.get(0);
        Throwable cause = error.cause().orElseThrow();
        SQLException source = SqlFailure.of(cause).source();
        assertThat(either.stream().map(one -> one.state() + " " + one.vendor()))
                .as("%s", source)
                .contains(source.getSQLState() + " " + source.getErrorCode());
        assertThat(error.code()).isEqualTo(expected.code());
        assertThat(error.kind()).isEqualTo(expected.code().kind());
        assertThat(error.retry()).isEqualTo(expected.retry());
        assertThat(PersistenceErrors.of(cause)).returns(error.code(), DomainError::code);
        assertThat(error.message()).isEqualTo(expected.code().text());
        assertThat(error.args().keySet()).isSubsetOf("constraint", "table", "column");
        assertThat(error.args().getOrDefault("constraint", "").toString().toLowerCase(Locale.ROOT))
                .isEqualTo(expected.constraint());
        assertThat(error.args().toString().toLowerCase(Locale.ROOT))
                .doesNotContain(SECRET, "select ", "insert ", "update ", "key (", "values");
    }

    /* ---- alone ---- */

    @ParameterizedTest
    @MethodSource("refusals")
    void refusedStatement_isItsMeaning(Refusal refusal) {
        assertIs(failure(ONCE, handle -> handle.execute(refusal.sql())), refusal.failure());
    }

    /** Batches fail with an exception of their own, which has the reason behind it. */
    abstract Failure batch();

    @Test
    void refusedBatch_isItsMeaning() {
        DomainError error = failure(ONCE, handle -> {
            PreparedBatch batch = handle.prepareBatch("insert into things (id, name, needed) values (?, ?, 'x')");
            batch.add(7, "seven").add(8, SECRET).add(9, "nine");
            int[] unused = batch.execute();
        });

        assertIs(error, batch());
    }

    /* ---- against others ---- */

    abstract Failure conflict();

    /** Its database calls it by this name. */
    TransactionIsolationLevel conflicting() {
        return TransactionIsolationLevel.REPEATABLE_READ;
    }

    void letItConflict(Handle handle, boolean on) {}

    @Test
    void rowChangedMeanwhile_underSnapshots_isASerializationFailure() {
        DomainError error = failure(ONCE.isolation(conflicting()), handle -> {
            letItConflict(handle, true);
            try {
                handle.createQuery("select amount from things where id = 1")
                        .mapTo(Integer.class)
                        .one();
                direct.useHandle(other -> other.execute("update things set amount = amount + 1 where id = 1"));
                handle.execute("update things set amount = amount + 1 where id = 1");
            } finally {
                letItConflict(handle, false);
            }
        });

        assertIs(error, conflict());
    }

    abstract Failure deadlock();

    /** Whom the database chooses is its own affair. */
    @Test
    void deadlock_isASerializationFailureOfOne() throws Exception {
        var bothHaveOne = new CyclicBarrier(2);
        List<Future<Result<Unit, DomainError>>> both = new ArrayList<>();
        for (int first : List.of(1, 2)) {
            both.add(executor.submit(() -> transactions.inTransaction(ONCE, tx -> {
                tx.handle().execute("update things set amount = amount + 1 where id = ?", first);
                await(bothHaveOne);
                tx.handle().execute("update things set amount = amount + 1 where id = ?", 3 - first);
                return Result.ok(Unit.UNIT);
            })));
        }
        List<DomainError> errors = new ArrayList<>();
        for (Future<Result<Unit, DomainError>> one : both) {
            one.get().onErr(errors::add);
        }

        assertThat(errors).hasSize(1);
        assertIs(errors.get(0), deadlock());
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    abstract Failure lockTimeout();

    @Test
    void lockedRow_waitedForTooLong_isALockTimeout() {
        try (Handle other = direct.open()) {
            other.begin();
            other.execute("update things set amount = 5 where id = 1");
            DomainError error = failure(
                    ONCE.timeouts(Duration.ofSeconds(20), Duration.ofSeconds(1), Duration.ofSeconds(30)), handle -> {
                        handle.execute("update things set amount = 6 where id = 1");
                    });
            other.rollback();

            assertIs(error, lockTimeout());
        }
    }

    /** A savepoint contains it, and the transaction goes on: if the pool has not taken the connection away. */
    @Test
    void lockTimeout_inNested_isContained() {
        try (Handle other = direct.open()) {
            other.begin();
            other.execute("update things set amount = 5 where id = 1");
            TxOptions options = ONCE.timeouts(Duration.ofSeconds(20), Duration.ofSeconds(1), Duration.ofSeconds(30));
            Result<ErrorCode, DomainError> result = transactions.inTransaction(options, tx -> {
                tx.handle().execute("insert into marks values (1)");
                Result<Unit, DomainError> part = tx.nested(inner -> {
                    inner.handle().execute("update things set amount = 6 where id = 1");
                    return Result.ok(Unit.UNIT);
                });
                return Result.ok(part.fold(value -> null, DomainError::code));
            });
            other.rollback();

            assertThat(result).isEqualTo(Result.ok(PersistenceErrors.LOCK_TIMEOUT));
            assertThat(marks()).isEqualTo(1);
        }
    }

    abstract Failure noWait();

    @Test
    void lockedRow_withoutAWait_isALockTimeout() {
        try (Handle other = direct.open()) {
            other.begin();
            other.execute("update things set amount = 5 where id = 1");
            DomainError error =
                    failure(ONCE, handle -> handle.execute("select * from things where id = 1 for update nowait"));
            other.rollback();

            assertIs(error, noWait());
        }
    }

    abstract String slowStatement();

    abstract Failure statementTimeout();

    @Test
    void slowStatement_isAStatementTimeout() {
        assertIs(failure(SHORT, handle -> handle.execute(slowStatement())), statementTimeout());
    }

    abstract String cancel(long session);

    abstract Failure cancelled();

    @Test
    void statement_cancelledByAnother_isAStatementTimeout() throws Exception {
        assertIs(whileBlocked(this::cancel), cancelled());
    }

    abstract String terminate(long session);

    abstract List<Failure> terminated();

    @Test
    void connection_endedByAnother_isUnavailable() throws Exception {
        assertIsOneOf(whileBlocked(this::terminate), terminated());
    }

    /** {@return what a transaction failed with that waited for a row, and that an operator did something to} */
    private DomainError whileBlocked(LongFunction<String> order) throws Exception {
        try (Handle holder = direct.open();
                Handle admin = direct.open()) {
            holder.begin();
            holder.execute("update things set amount = 5 where id = 1");
            var sessions = new ArrayBlockingQueue<Long>(1);
            Future<DomainError> failing = executor.submit(() -> failure(ONCE, handle -> {
                sessions.add(session(handle));
                handle.execute("update things set amount = 6 where id = 1");
            }));
            long session = sessions.take();
            awaitBlocked(admin, session);
            admin.execute(order.apply(session));
            DomainError error = failing.get();
            holder.rollback();
            return error;
        }
    }

    /* ---- of the transaction ---- */

    abstract Failure readOnly();

    @Test
    void write_inAReadOnlyTransaction_isADatabaseError() {
        assertIs(
                failure(TxOptions.reading().attempts(1), handle -> handle.execute("insert into marks values (1)")),
                readOnly());
    }

    /* ---- for others ---- */

    static boolean isEmpty(Handle handle, String query, Object... arguments) {
        return handle.select(query, arguments).mapToMap().list().isEmpty();
    }
}
