package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.batching.BatchingErrors;
import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.persistence.batching.BatchFetch;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.Unit;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What loaders of statements do on any database, with a pool of one connection. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BatchFetchContract {
    record Customer(long id, String code, UUID guid, int size) {}

    record Order(long id, long customer) {}

    private static final int CUSTOMERS = 1_200;
    private static final ErrorCode REFUSED = ErrorKind.UNPROCESSABLE.code();
    private static final String BY_ID = "select c.* from customers c where c.id = any(:keys)";
    private static final String BY_CUSTOMER =
            "select o.* from orders o where o.customer = any(:keys) order by o.id desc";
    private static final RowMapper<Customer> CUSTOMER = (rs, context) -> new Customer(
            rs.getLong("id"), rs.getString("code"), UUID.fromString(rs.getString("guid")), rs.getInt("size"));
    private static final RowMapper<Order> ORDER = (rs, context) -> new Order(rs.getLong("id"), rs.getLong("customer"));

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> statements = Collections.synchronizedList(new ArrayList<>());
    private final Set<Thread> ranOn = Collections.synchronizedSet(new HashSet<>());
    private String url;
    private HikariDataSource pool;
    private Jdbi jdbi;
    private Transactions transactions;
    private Loader<Long, Customer> customers;
    private Loader<Long, List<Order>> orders;

    /** {@return the address of an empty database} */
    abstract String url() throws Exception;

    abstract String user();

    abstract void stop() throws Exception;

    /** {@return whether a snapshot refuses to lock a row that was changed behind it} */
    abstract boolean refusesStaleSnapshots();

    @BeforeAll
    void create() throws Exception {
        url = url();
        pool = pool(1, 5_000);
        jdbi = Jdbi.create(pool);
        transactions = Transactions.named("shop").build(jdbi);
        customers = BatchFetch.byKey(patient("customers").maxBatch(500), jdbi, BY_ID, CUSTOMER, Customer::id);
        orders = BatchFetch.manyByKey(patient("orders"), jdbi, BY_CUSTOMER, ORDER, Order::customer);
        jdbi.useHandle(handle -> {
            handle.execute("create table customers (id bigint primary key, code varchar(40) not null unique,"
                    + " guid uuid not null unique, size integer not null)");
            handle.execute("create table orders (id bigint primary key, customer bigint not null)");
            var batch = handle.prepareBatch("insert into customers values (?, ?, ?, ?)");
            for (long id = 1; id <= CUSTOMERS; id++) {
                batch.add(id, "c" + id, guid(id), (int) id);
            }
            handle.useTransaction(same -> assertThat(batch.execute()).hasSize(CUSTOMERS));
            handle.execute("insert into orders values (11, 1), (12, 1), (13, 1), (21, 2)");
        });
        jdbi.setSqlLogger(new SqlLogger() {
            @Override
            public void logBeforeExecution(StatementContext context) {
                statements.add(context.getRawSql());
                ranOn.add(Thread.currentThread());
            }
        });
    }

    /** Batches leave when everybody waits, however slow the machine. */
    private static Loader.Builder<Object> patient(String name) {
        return Loader.named(name).maxWait(Duration.ofSeconds(30));
    }

    HikariDataSource pool(int size, long millis) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user());
        config.setPassword("");
        config.setMaximumPoolSize(size);
        config.setConnectionTimeout(millis);
        return new HikariDataSource(config);
    }

    @AfterAll
    void drop() throws Exception {
        threads.shutdownNow();
        pool.close();
        stop();
    }

    @BeforeEach
    void forget() {
        statements.clear();
        ranOn.clear();
    }

    @AfterEach
    void everyConnectionIsBack() {
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    private static UUID guid(long id) {
        return new UUID(0x0190_a5b0_0000_7000L + (id << 32), 0x8000_0000_0000_0000L + id);
    }

    private static void insert(Handle handle, long id) {
        handle.execute("insert into customers values (?, ?, ?, 0)", id, "c" + id, guid(id));
    }

    private static DomainError error(Result<?, DomainError> result) {
        return result.fold(
                value -> {
                    throw new AssertionError("no error, but " + value);
                },
                error -> error);
    }

    private static ErrorCode code(Result<?, DomainError> result) {
        return error(result).code();
    }

    private static Throwable cause(Result<?, DomainError> result) {
        return error(result).cause().orElseThrow();
    }

    private Customer customer(long id) {
        return new Customer(id, "c" + id, guid(id), (int) id);
    }

    /* ---- what is loaded ---- */

    @Test
    void byKey_rowsAndGaps_areValuesAndKeyNotFound() {
        try (LoadScope scope = LoadScope.open()) {
            Map<Long, Result<Customer, DomainError>> loaded =
                    scope.loader(customers).loadAll(List.of(7L, 99_999L, 3L, 7L));

            assertThat(loaded.keySet()).containsExactly(7L, 99_999L, 3L);
            assertThat(loaded.get(7L)).isEqualTo(Result.ok(customer(7)));
            assertThat(loaded.get(3L)).isEqualTo(Result.ok(customer(3)));
            assertThat(code(loaded.get(99_999L))).isEqualTo(BatchingErrors.KEY_NOT_FOUND);
        }
        assertThat(statements).hasSize(1);
    }

    @Test
    void byKey_ownErrorForGaps_isTheirs() {
        var loader = BatchFetch.byKey(
                Loader.named("customers").missing((Long id) -> REFUSED.error()), jdbi, BY_ID, CUSTOMER, Customer::id);
        try (LoadScope scope = LoadScope.open()) {
            assertThat(code(scope.loader(loader).load(99_999L))).isEqualTo(REFUSED);
        }
    }

    @Test
    void manyByKey_someNoneAndMany_areListsInTheOrderOfTheStatement() {
        try (LoadScope scope = LoadScope.open()) {
            assertThat(scope.loader(orders).loadAll(List.of(2L, 1L, 3L)))
                    .containsExactly(
                            Map.entry(2L, Result.ok(List.of(new Order(21, 2)))),
                            Map.entry(1L, Result.ok(List.of(new Order(13, 1), new Order(12, 1), new Order(11, 1)))),
                            Map.entry(3L, Result.ok(List.of())));
        }
        assertThat(statements).hasSize(1);
    }

    @Test
    void byKey_keysOfEachClass_findTheirRows() {
        assertFinds(loader(BY_ID, Customer::id), List.of(1L, 2L));
        assertFinds(loader(BY_ID, customer -> (int) customer.id()), List.of(1, 2));
        assertFinds(loader(BY_ID, customer -> (short) customer.id()), List.of((short) 1, (short) 2));
        assertFinds(loader("select * from customers where code = any(:keys)", Customer::code), List.of("c1", "c2"));
        assertFinds(
                loader("select * from customers where guid = any(:keys)", Customer::guid), List.of(guid(1), guid(2)));
    }

    private <K> Loader<K, Customer> loader(String sql, Function<Customer, K> key) {
        return BatchFetch.byKey(Loader.named("customers"), jdbi, sql, CUSTOMER, key);
    }

    private <K> void assertFinds(Loader<K, Customer> loader, List<K> keys) {
        try (LoadScope scope = LoadScope.open()) {
            assertThat(scope.loader(loader).loadAll(keys).values())
                    .containsExactly(Result.ok(customer(1)), Result.ok(customer(2)));
        }
    }

    @ParameterizedTest
    @CsvSource({"500, 3", "1200, 2", "1000, 2", "400, 3"})
    void loadAll_manyKeys_areSlicedByBatchAndStatement(int maxBatch, int expected) {
        List<Long> keys = LongStream.rangeClosed(1, CUSTOMERS).boxed().toList();
        var loader =
                BatchFetch.byKey(Loader.named("customers").maxBatch(maxBatch), jdbi, BY_ID, CUSTOMER, Customer::id);
        Result<Integer, DomainError> found = transactions.inTransaction(TxOptions.reading(), tx -> {
            try (LoadScope scope = BatchFetch.open(tx)) {
                Map<Long, Result<Customer, DomainError>> loaded =
                        scope.loader(loader).loadAll(keys);
                loaded.forEach((key, row) -> assertThat(row).isEqualTo(Result.ok(customer(key))));
                return Result.ok(loaded.size());
            }
        });

        assertThat(found).isEqualTo(Result.ok(CUSTOMERS));
        assertThat(statements).hasSize(expected);
    }

    /* ---- inside a transaction ---- */

    @Test
    void open_rowsThatAreNotCommitted_areSeenAndForgottenWithThem() {
        Result<Customer, DomainError> seen = transactions.inTransaction(tx -> {
            insert(tx.handle(), 5_001);
            try (LoadScope scope = BatchFetch.open(tx)) {
                Result<Customer, DomainError> loaded = scope.loader(customers).load(5_001L);
                assertThat(loaded.isOk()).isTrue();
                return Result.err(REFUSED.error());
            }
        });

        assertThat(code(seen)).isEqualTo(REFUSED);
        try (LoadScope scope = LoadScope.open()) {
            assertThat(code(scope.loader(customers).load(5_001L))).isEqualTo(BatchingErrors.KEY_NOT_FOUND);
        }
    }

    /** Two levels, for fifty tasks: two statements, on the one connection and the one thread that there are for it. */
    @Test
    void boundScope_fiftyTasksAndPoolOfOne_runOnTheThreadOfTheBody() {
        Result<List<Integer>, DomainError> sizes = transactions.inTransaction(tx -> {
            insert(tx.handle(), 5_002);
            statements.clear();
            ranOn.clear();
            try (LoadScope scope = LoadScope.builder()
                    .executor(threads)
                    .bind(Handle.class, tx.handle())
                    .open()) {
                ScopedLoader<Long, Customer> byId = scope.loader(customers);
                ScopedLoader<Long, List<Order>> ofCustomer = scope.loader(orders);
                List<Long> ids = new ArrayList<>(LongStream.range(1, 50).boxed().toList());
                ids.add(5_002L);
                List<Integer> counts = scope.mapAll(
                        ids,
                        id -> byId.load(id)
                                .flatMap(customer -> ofCustomer.load(customer.id()))
                                .map(List::size)
                                .orElse(-1));
                assertThat(counts).startsWith(3, 1, 0).endsWith(0).doesNotContain(-1);
                tx.setRollbackOnly();
                return Result.ok(counts);
            }
        });

        assertThat(sizes.isOk()).isTrue();
        assertThat(statements).hasSize(2);
        assertThat(ranOn).containsExactly(Thread.currentThread());
    }

    /** Who forgets to open it with the transaction has its connection all the same, where there is one thread. */
    @Test
    void plainScope_insideABody_hasTheConnectionOfIt() {
        Result<Boolean, DomainError> seen = transactions.inTransaction(tx -> {
            insert(tx.handle(), 5_003);
            tx.setRollbackOnly();
            try (LoadScope scope = LoadScope.open()) {
                return Result.ok(scope.loader(customers).load(5_003L).isOk());
            }
        });

        assertThat(seen).isEqualTo(Result.ok(true));
    }

    @Test
    void boundHandle_ofAnotherDatabase_isNotUsed() throws SQLException {
        try (HikariDataSource other = pool(1, 5_000)) {
            Transactions elsewhere = Transactions.named("other").build(Jdbi.create(other));
            Result<Boolean, DomainError> found = elsewhere.inTransaction(tx -> {
                insert(tx.handle(), 5_004); // which only its own connection sees
                tx.setRollbackOnly();
                try (LoadScope scope = BatchFetch.open(tx)) {
                    return Result.ok(scope.loader(customers).load(5_004L).isOk());
                }
            });

            assertThat(found).isEqualTo(Result.ok(false));
        }
    }

    @Test
    void nested_undone_isForgottenWithAScopeOfItsOwn() {
        Result<Boolean, DomainError> found = transactions.inTransaction(tx -> {
            try (LoadScope outer = BatchFetch.open(tx)) {
                Result<Unit, DomainError> undone = tx.nested(part -> {
                    insert(part.handle(), 5_005);
                    try (LoadScope scope = BatchFetch.open(part)) {
                        assertThat(scope.loader(customers).load(5_005L).isOk()).isTrue();
                    }
                    return Result.err(REFUSED.error());
                });
                assertThat(code(undone)).isEqualTo(REFUSED);
                return Result.ok(outer.loader(customers).load(5_005L).isOk());
            }
        });

        assertThat(found).isEqualTo(Result.ok(false));
    }

    /* ---- what fails ---- */

    @ParameterizedTest
    @ValueSource(strings = {"select 1", "select * from customers where id in (:keys)"})
    void byKey_statementWithoutPlace_isRefusedAtOnce(String sql) {
        assertThatThrownBy(() -> loader(sql, Customer::id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("any(:keys)");
        assertThatThrownBy(() -> BatchFetch.manyByKey(Loader.named("c"), jdbi, sql, CUSTOMER, Customer::id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("any(:keys)");
    }

    /** Bugs, which leave the transaction as it is. */
    @Test
    void bugs_areBatchFailedWithWhatWasThrown() {
        var twoOfOneKey = BatchFetch.byKey(Loader.named("orders"), jdbi, BY_CUSTOMER, ORDER, Order::customer);
        var foreignKey = BatchFetch.byKey(Loader.named("orders"), jdbi, BY_CUSTOMER, ORDER, Order::id);
        var noSuchClass =
                BatchFetch.byKey(Loader.named("customers"), jdbi, BY_ID, CUSTOMER, customer -> (double) customer.id());
        Result<String, DomainError> result = transactions.inTransaction(tx -> {
            try (LoadScope scope = BatchFetch.open(tx)) {
                Result<Order, DomainError> two = scope.loader(twoOfOneKey).load(1L);
                Result<Order, DomainError> foreign = scope.loader(foreignKey).load(2L);
                Result<Customer, DomainError> wrong = scope.loader(noSuchClass).load(1.0);
                assertThat(List.of(code(two), code(foreign), code(wrong))).containsOnly(BatchingErrors.BATCH_FAILED);
                assertThat(cause(two)).isInstanceOf(IllegalStateException.class).hasMessageContaining("unique");
                assertThat(cause(foreign))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("not asked for");
                assertThat(cause(wrong)).isInstanceOf(IllegalArgumentException.class);
                return Result.ok("committed");
            }
        });

        assertThat(result).isEqualTo(Result.ok("committed"));
    }

    @Test
    void failure_outsideOfTransactions_isThatOfEachKeyAndNotRemembered() {
        var later = BatchFetch.byKey(
                Loader.named("later"), jdbi, BY_ID.replace("customers", "later"), CUSTOMER, Customer::id);
        try (LoadScope scope = LoadScope.open()) {
            Map<Long, Result<Customer, DomainError>> failed =
                    scope.loader(later).loadAll(List.of(1L, 2L));
            assertThat(failed.values()).hasSize(2).allSatisfy(result -> {
                assertThat(code(result)).isEqualTo(PersistenceErrors.DATABASE_ERROR);
                assertThat(error(result).retry()).isEqualTo(Retry.NO);
                assertThat(cause(result)).isInstanceOf(JdbiException.class);
            });

            jdbi.useHandle(handle -> handle.execute("create table later as select * from customers where id = 1"));

            assertThat(scope.loader(later).load(1L)).isEqualTo(Result.ok(customer(1)));
            assertThat(code(scope.loader(later).load(2L))).isEqualTo(BatchingErrors.KEY_NOT_FOUND);
        } finally {
            jdbi.useHandle(handle -> handle.execute("drop table if exists later"));
        }
    }

    @Test
    void failure_passedOverInABody_isNotCommitted() {
        var never = loader(BY_ID.replace("customers", "never"), Customer::id);
        Result<String, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx.handle(), 5_006);
            try (LoadScope scope = BatchFetch.open(tx)) {
                assertThat(code(scope.loader(never).load(1L))).isEqualTo(PersistenceErrors.DATABASE_ERROR);
                return Result.ok("went on");
            }
        });

        assertThat(code(result)).isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
        assertThat(error(result).args()).containsEntry("reason", "DATABASE_ERROR");
        try (LoadScope scope = LoadScope.open()) {
            assertThat(scope.loader(customers).load(5_006L).isOk()).isFalse();
        }
    }

    /** What a block is told once its transaction has failed is not what the transaction has to say after it. */
    @Test
    void failure_insideNested_isContainedAndNotRemembered() {
        var never = loader(BY_ID.replace("customers", "never"), Customer::id);
        Result<Customer, DomainError> result = transactions.inTransaction(tx -> {
            try (LoadScope scope = BatchFetch.open(tx)) {
                Result<Customer, DomainError> contained = tx.nested(part -> {
                    Result<Customer, DomainError> failed = scope.loader(never).load(1L);
                    assertThat(code(failed)).isEqualTo(PersistenceErrors.DATABASE_ERROR);
                    Result<Customer, DomainError> after =
                            scope.loader(customers).load(8L);
                    assertThat(after.isOk() || code(after).equals(PersistenceErrors.TRANSACTION_ABORTED))
                            .isTrue();
                    return after;
                });
                assertThat(code(contained)).isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
                return scope.loader(customers).load(8L);
            }
        });

        assertThat(result).isEqualTo(Result.ok(customer(8)));
    }

    /** No logger of statements hears of it, and nobody throws it on. */
    @Test
    void failure_whileRowsAreRead_runsTheTransactionAgain() {
        var runs = new AtomicInteger();
        var codes = new ArrayList<ErrorCode>();
        var breaking = BatchFetch.byKey(
                Loader.named("customers"),
                jdbi,
                BY_ID,
                (rs, context) -> {
                    if (runs.get() == 1) {
                        throw new SQLException("the server gave it up", "40001");
                    }
                    return CUSTOMER.map(rs, context);
                },
                Customer::id);
        Result<Integer, DomainError> result = transactions.inTransaction(tx -> {
            runs.incrementAndGet();
            try (LoadScope scope = BatchFetch.open(tx)) {
                scope.loader(breaking).load(1L).onErr(error -> codes.add(error.code()));
                return Result.ok(tx.attempt());
            }
        });

        assertThat(result).isEqualTo(Result.ok(2));
        assertThat(codes).containsExactly(PersistenceErrors.SERIALIZATION_FAILED);
    }

    /** Each has one row and loads that of the other, and passes over it if it cannot have it. */
    @Test
    void deadlock_ofTwoBatches_isToldToOneAndBothFinish() throws Exception {
        try (HikariDataSource two = pool(2, 5_000)) {
            Jdbi own = Jdbi.create(two);
            Transactions both = Transactions.named("shop").build(own);
            Loader<Long, Customer> locking =
                    BatchFetch.byKey(Loader.named("locking"), own, BY_ID + " for update", CUSTOMER, Customer::id);
            var locked = new CountDownLatch(2);
            List<DomainError> errors = Collections.synchronizedList(new ArrayList<>());
            List<Future<Result<Integer, DomainError>>> all = new ArrayList<>();
            for (long id = 1; id <= 2; id++) {
                long first = id;
                all.add(threads.submit(() ->
                        both.inTransaction(TxOptions.standard().attempts(20), tx -> {
                            try (LoadScope scope = BatchFetch.open(tx)) {
                                Result<Customer, DomainError> mine =
                                        scope.loader(locking).load(first);
                                if (mine.isOk()) {
                                    locked.countDown();
                                    await(locked);
                                    mine = scope.loader(locking).load(3 - first);
                                }
                                mine.onErr(errors::add);
                                return Result.ok(tx.attempt());
                            }
                        })));
            }

            List<Result<Integer, DomainError>> results =
                    List.of(all.get(0).get(), all.get(1).get());
            assertThat(results).allMatch(Result::isOk).anyMatch(Result.ok(1)::equals);
            assertThat(results).anyMatch(result -> !result.equals(Result.ok(1)));
            assertThat(errors).isNotEmpty().allSatisfy(error -> {
                assertThat(error.code()).isEqualTo(PersistenceErrors.SERIALIZATION_FAILED);
                assertThat(error.retry()).isEqualTo(Retry.HIGHER_LEVEL);
            });
        }
    }

    /** Somebody changed the row behind the snapshot, which the body reads with a lock, and passes over that it may not. */
    @Test
    void serialization_ofABatch_runsTheTransactionAgain() {
        try (HikariDataSource two = pool(2, 5_000)) {
            Jdbi own = Jdbi.create(two);
            Loader<Long, Customer> locking =
                    BatchFetch.byKey(Loader.named("locking"), own, BY_ID + " for update", CUSTOMER, Customer::id);
            Loader<Long, Customer> plain = BatchFetch.byKey(Loader.named("plain"), own, BY_ID, CUSTOMER, Customer::id);
            List<DomainError> errors = new ArrayList<>();
            Result<Integer, DomainError> result = Transactions.named("shop")
                    .build(own)
                    .inTransaction(TxOptions.standard().isolation(TransactionIsolationLevel.REPEATABLE_READ), tx -> {
                        try (LoadScope scope = BatchFetch.open(tx)) {
                            assertThat(scope.loader(plain).load(30L).isOk()).isTrue();
                            if (tx.attempt() == 1) {
                                jdbi.useHandle(
                                        other -> other.execute("update customers set code = 'thirty' where id = 30"));
                            }
                            scope.loader(locking).load(30L).onErr(errors::add);
                            return Result.ok(tx.attempt());
                        }
                    });
            jdbi.useHandle(other -> other.execute("update customers set code = 'c30' where id = 30"));

            assertThat(result).isEqualTo(Result.ok(refusesStaleSnapshots() ? 2 : 1));
            assertThat(errors)
                    .extracting(DomainError::code)
                    .hasSize(refusesStaleSnapshots() ? 1 : 0)
                    .allMatch(PersistenceErrors.SERIALIZATION_FAILED::equals);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void scope_afterItsTransaction_saysSoAndKeepsWhatItHas() {
        var kept = new AtomicReference<LoadScope>();
        var ended = new AtomicReference<Tx>();
        Result<Customer, DomainError> loaded = transactions.inTransaction(tx -> {
            kept.set(BatchFetch.open(tx));
            ended.set(tx);
            return kept.get().loader(customers).load(1L);
        });
        try (LoadScope scope = kept.get()) {
            Result<Customer, DomainError> late = scope.loader(customers).load(2L);

            assertThat(scope.loader(customers).load(1L)).isEqualTo(loaded);
            assertThat(code(late)).isEqualTo(BatchingErrors.BATCH_FAILED);
            assertThat(cause(late)).isInstanceOf(IllegalStateException.class).hasMessageContaining("is closed");
        }
        assertThat(code(kept.get().loader(customers).load(3L))).isEqualTo(BatchingErrors.SCOPE_CLOSED);
        assertThatThrownBy(() -> BatchFetch.open(ended.get()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has ended");
    }

    /** The hazard that the documentation names: it ends by the time of the pool, and says what it was. */
    @Test
    void pool_whoseConnectionsTheTasksHold_isUnavailable() throws Exception {
        try (HikariDataSource small = pool(1, 250)) {
            Jdbi own = Jdbi.create(small);
            var loader = BatchFetch.byKey(Loader.named("customers"), own, BY_ID, CUSTOMER, Customer::id);
            try (LoadScope scope = LoadScope.open();
                    Handle held = own.open()) {
                Map<Long, Result<Customer, DomainError>> loaded =
                        scope.loader(loader).loadAll(List.of(1L, 2L));

                assertThat(held.isClosed()).isFalse();
                assertThat(loaded.values()).hasSize(2).allSatisfy(result -> {
                    assertThat(code(result)).isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
                    assertThat(error(result).retry()).isEqualTo(Retry.SAME_CALL);
                });
            }
        }
    }

    /** Two wait for a key, and the one that runs the statement is interrupted while it waits for a connection. */
    @Test
    void interrupted_runner_leavesTheStatementToWhoElseWaits() throws Exception {
        var runner = new CompletableFuture<Thread>();
        Jdbi own = Jdbi.create(() -> {
            runner.complete(Thread.currentThread());
            return pool.getConnection();
        });
        var loader = BatchFetch.byKey(Loader.named("customers"), own, BY_ID, CUSTOMER, Customer::id);
        try (LoadScope scope = LoadScope.open()) {
            CompletableFuture<Result<Customer, DomainError>> first;
            CompletableFuture<Result<Customer, DomainError>> second;
            try (Handle held = jdbi.open()) {
                first = CompletableFuture.supplyAsync(() -> scope.loader(loader).load(9L), threads);
                second =
                        CompletableFuture.supplyAsync(() -> scope.loader(loader).load(9L), threads);
                runner.get().interrupt();
                assertThat(CompletableFuture.anyOf(first, second).get()).isNotEqualTo(Result.ok(customer(9)));
                assertThat(held.isClosed()).isFalse();
            }
            List<Result<Customer, DomainError>> results = List.of(first.get(), second.get());

            assertThat(results).contains(Result.ok(customer(9)));
            assertThat(results)
                    .filteredOn(result -> !result.isOk())
                    .extracting(BatchFetchContract::code)
                    .containsExactly(BatchingErrors.LOAD_INTERRUPTED);
        }
    }
}
