package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.persistence.TestServers.Server;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.Unit;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.TcpProxy;
import dev.underpin.testkit.TcpProxy.Fault;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What becomes of transactions whose connection breaks, and what they cost on the wire. */
class TransactionFaultsIT {
    private static final TxOptions OPTIONS =
            TxOptions.standard().timeouts(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(8));

    /** The time of the machine, which can be put forward. */
    private static final class ForwardTime implements TimeSource {
        private volatile long ahead;

        @Override
        public long nanoTime() {
            return System.nanoTime() + ahead;
        }

        @Override
        public Instant instant() {
            return Instant.now().plusNanos(ahead);
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            TimeSource.system().sleep(duration);
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            return TimeSource.system().schedule(delay, task);
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Faults {
        private TcpProxy proxy;
        private HikariDataSource pool;
        private Transactions transactions;
        private Jdbi direct;
        private Leftovers leftovers;

        abstract Server server();

        @BeforeAll
        void connect() throws SQLException, IOException {
            String url = server().newDatabase();
            proxy = TcpProxy.to("127.0.0.1", server().port());
            var config = new HikariConfig();
            config.setJdbcUrl(server().url(proxy.port(), url.substring(url.lastIndexOf('/') + 1)));
            config.addDataSourceProperty("prepareThreshold", "0"); // a commit by its name would not be seen
            config.setUsername(server().user());
            config.setPassword("");
            config.setMaximumPoolSize(2);
            config.setMinimumIdle(0);
            config.setConnectionTimeout(1_000);
            pool = new HikariDataSource(config);
            transactions = Transactions.named("bank").defaults(OPTIONS).build(Jdbi.create(pool));
            direct = Jdbi.create(url, server().user(), "");
            direct.useHandle(handle -> handle.execute("create table accounts (id bigint primary key)"));
            leftovers = new Leftovers(pool, direct);
        }

        @AfterAll
        void disconnect() {
            pool.close();
            proxy.close();
        }

        @AfterEach
        void whatWasToBreak_hasBroken_andNothingIsLeft() throws SQLException {
            boolean pending = proxy.pending();
            proxy.heal();
            assertThat(pending).isFalse();
            leftovers.assertNone();
        }

        @BeforeEach
        void empty() {
            direct.useHandle(handle -> handle.execute("delete from accounts"));
        }

        HikariDataSource pool() {
            return pool;
        }

        Jdbi direct() {
            return direct;
        }

        TcpProxy proxy() {
            return proxy;
        }

        Transactions transactions() {
            return transactions;
        }

        List<Long> ids() {
            return direct.withHandle(handle -> handle.createQuery("select id from accounts order by id")
                    .mapTo(Long.class)
                    .list());
        }

        static Result<Integer, DomainError> insert(Tx tx) {
            tx.handle().execute("insert into accounts values (?)", tx.attempt());
            return Result.ok(tx.attempt());
        }

        static ErrorCode code(Result<?, DomainError> result) {
            return result instanceof Result.Err<?, DomainError> err
                    ? err.error().code()
                    : null;
        }

        /* ---- connections that break ---- */

        @Test
        void connection_brokenInTheBody_isRunAgain() {
            Result<Integer, DomainError> result = transactions.inTransaction(tx -> {
                Result<Integer, DomainError> inserted = insert(tx);
                if (tx.attempt() == 1) {
                    proxy.cut();
                    tx.handle().execute("select 1");
                }
                return inserted;
            });

            assertThat(result).isEqualTo(Result.ok(2));
            assertThat(ids()).containsExactly(2L);
        }

        @Test
        void readOnly_commitAnswerLost_isRunAgain() {
            proxy.inject(Fault.LOSE_ANSWER, TcpProxy.COMMIT);

            assertThat(transactions.inTransaction(TxOptions.reading(), tx -> {
                        tx.handle().createQuery("select 1").mapTo(Integer.class).one();
                        return Result.ok(tx.attempt());
                    }))
                    .isEqualTo(Result.ok(2));
        }

        @Test
        void database_down_isUnavailableWithinTheDeadline() {
            proxy.refuse();
            proxy.cut();
            try {
                Result<Integer, DomainError> result = transactions.inTransaction(OPTIONS.attempts(1), Faults::insert);

                assertThat(code(result)).isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
                assertThat(ids()).isEmpty();
            } finally {
                proxy.heal();
            }
            assertThat(transactions.inTransaction(Faults::insert).isOk()).isTrue();
        }

        /** After a restart a pool can be full of them. */
        @Test
        void connections_brokenWhileInThePool_costNoAttempt() throws SQLException {
            try (var one = pool.getConnection();
                    var two = pool.getConnection()) {
                assertThat(one.isValid(1) && two.isValid(1)).isTrue();
            }
            proxy.cut();

            assertThat(transactions.inTransaction(OPTIONS.attempts(1), Faults::insert))
                    .isEqualTo(Result.ok(1));
        }

        @Test
        void pool_exhausted_isUnavailable() throws SQLException {
            try (var one = pool.getConnection();
                    var two = pool.getConnection()) {
                assertThat(one).isNotSameAs(two);
                assertThat(code(transactions.inTransaction(OPTIONS.attempts(1), Faults::insert)))
                        .isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
            }
            assertThat(transactions.inTransaction(Faults::insert).isOk()).isTrue();
        }

        /** Nothing can be unknown of it. */
        @Test
        void commitOfReads_answerLost_isRunAgain() {
            proxy.inject(Fault.LOSE_ANSWER, TcpProxy.COMMIT);

            assertThat(transactions.inTransaction(TxOptions.reading(), tx -> {
                        assertThat(tx.handle()
                                        .createQuery("select count(*) from accounts")
                                        .mapTo(Integer.class)
                                        .one())
                                .isZero();
                        return Result.ok(tx.attempt());
                    }))
                    .isEqualTo(Result.ok(2));
        }

        /* ---- answers that do not come ---- */

        private final ForwardTime time = new ForwardTime();

        Transactions within(Duration deadline) {
            time.ahead = 0;
            return Transactions.named("bank")
                    .defaults(OPTIONS.timeouts(deadline, deadline, deadline))
                    .time(time)
                    .build(transactions.jdbi());
        }

        /** Far less than the minute that the transactions below began with, far more than the second they may still have. */
        private static final Duration HANG = Duration.ofSeconds(30);

        @Test
        void answer_thatDoesNotCome_isGivenUpAtTheDeadline() {
            Transactions minute = within(Duration.ofMinutes(1));
            Result<Integer, DomainError> result = assertTimeoutPreemptively(
                    HANG,
                    () -> minute.inTransaction(tx -> {
                        Result<Integer, DomainError> inserted = insert(tx);
                        time.ahead = Duration.ofMillis(59_500).toNanos(); // behind the end no statement is begun
                        proxy.freeze();
                        tx.handle().execute("select 1");
                        return inserted;
                    }));
            proxy.heal();

            assertThat(code(result)).isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
            assertThat(ids()).isEmpty();
        }

        @Test
        void answerToTheCommit_thatDoesNotCome_isGivenUpAtTheDeadline() {
            Transactions minute = within(Duration.ofMinutes(1));
            proxy.inject(Fault.HANG_ANSWER, TcpProxy.COMMIT);
            Result<Integer, DomainError> result = assertTimeoutPreemptively(
                    HANG,
                    () -> minute.inTransaction(tx -> {
                        Result<Integer, DomainError> inserted = insert(tx);
                        time.ahead = Duration.ofMinutes(1).toNanos();
                        return inserted;
                    }));
            proxy.heal();

            assertThat(code(result)).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(ids()).containsExactly(1L);
        }

        /** What is asked for the outcome hangs as well. */
        @Test
        void answerLost_andNoneToTheQuestion_isUnknownAtTheDeadline() throws SQLException {
            try (var one = pool.getConnection();
                    var two = pool.getConnection()) {
                assertThat(one.isValid(1) && two.isValid(1)).isTrue(); // so that the question needs no new one
            }
            Transactions second = within(Duration.ofSeconds(1));
            proxy.inject(Fault.LOSE_ANSWER, TcpProxy.COMMIT);
            Result<Integer, DomainError> result = assertTimeoutPreemptively(
                    HANG,
                    () -> second.inTransaction(tx -> {
                        Result<Integer, DomainError> inserted = insert(tx);
                        proxy.freeze();
                        return inserted;
                    }));
            proxy.heal();

            assertThat(code(result)).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(ids()).containsExactly(1L);
        }

        @Test
        void server_frozenBeforeTheBegin_isUnavailable() throws SQLException {
            try (var one = pool.getConnection()) {
                assertThat(one.isValid(1)).isTrue();
            }
            Transactions second = within(Duration.ofSeconds(1));
            proxy.freeze();
            Result<Integer, DomainError> result =
                    assertTimeoutPreemptively(HANG, () -> second.inTransaction(Faults::insert));
            proxy.heal();

            assertThat(code(result)).isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
            assertThat(ids()).isEmpty();
        }

        /* ---- round trips ---- */

        long roundTrips(TxOptions options, int statements) {
            assertThat(transactions
                            .inTransaction(options, tx -> Result.ok(Unit.UNIT))
                            .isOk())
                    .isTrue(); // a connection
            long before = proxy.roundTrips();
            assertThat(transactions
                            .inTransaction(options, tx -> {
                                for (int i = 0; i < statements; i++) {
                                    tx.handle().execute("insert into accounts values (?)", System.nanoTime());
                                }
                                return Result.ok(Unit.UNIT);
                            })
                            .isOk())
                    .isTrue();
            return proxy.roundTrips() - before;
        }
    }

    @Nested
    class OnPostgres extends Faults {
        @Override
        Server server() {
            return TestServers.postgres();
        }

        @Test
        void commit_notForwarded_isFoundRolledBackAndRunAgain() {
            var hooks = new AtomicInteger();
            proxy().inject(Fault.LOSE_REQUEST, TcpProxy.COMMIT);

            Result<Integer, DomainError> result = transactions().inTransaction(tx -> {
                tx.afterCommit(hooks::incrementAndGet);
                return insert(tx);
            });

            assertThat(result).isEqualTo(Result.ok(2));
            assertThat(ids()).containsExactly(2L);
            assertThat(hooks).hasValue(1);
        }

        @Test
        void commit_answerLost_isFoundCommitted() {
            var hooks = new AtomicInteger();
            proxy().inject(Fault.LOSE_ANSWER, TcpProxy.COMMIT);

            Result<Integer, DomainError> result = transactions().inTransaction(tx -> {
                tx.afterCommit(hooks::incrementAndGet);
                return insert(tx);
            });

            assertThat(result).isEqualTo(Result.ok(1));
            assertThat(ids()).containsExactly(1L);
            assertThat(hooks).hasValue(1);
        }

        @Test
        void commit_answerLostAndNobodyToAsk_isUnknown() throws SQLException {
            proxy().inject(Fault.LOSE_ANSWER, TcpProxy.COMMIT);
            Transactions impatient = Transactions.named("bank")
                    .defaults(OPTIONS.timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(2)))
                    .build(transactions().jdbi());
            try (var other = pool().getConnection()) {
                assertThat(other.isValid(1)).isTrue(); // and not free for the question
                Result<Integer, DomainError> result = impatient.inTransaction(tx -> {
                    Result<Integer, DomainError> inserted = insert(tx);
                    proxy().refuse();
                    return inserted;
                });

                assertThat(code(result)).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
                assertThat(((Result.Err<?, DomainError>) result).error().retry())
                        .isEqualTo(Retry.IF_IDEMPOTENT);
                assertThat(ids()).containsExactly(1L);
            } finally {
                proxy().heal();
            }
        }

        /** A server that crashed counts transactions anew from what it had written down: its answer is of another one. */
        @Test
        void commit_ofAServerWithOtherStatistics_isUnknown() {
            var trace = new CommitTrace("1", "2001-01-01 00:00:00+00");

            assertThat(trace.outcome(direct(), Duration.ofSeconds(5))).isEqualTo(CommitTrace.Outcome.LOST);
        }

        @Test
        void silentRollback_isNoticedWithoutAskingTheServer() {
            long plain = roundTrips(OPTIONS, 1);
            long before = proxy().roundTrips();
            Result<String, DomainError> result = transactions().inTransaction(tx -> {
                try (var statement = tx.handle().getConnection().createStatement()) {
                    statement.execute("select 1 / 0"); // not by JDBI, which would tell
                } catch (SQLException e) {
                    // passed over
                }
                return Result.ok("all is well");
            });

            assertThat(code(result)).isEqualTo(PersistenceErrors.TRANSACTION_ABORTED);
            assertThat(proxy().roundTrips() - before).isEqualTo(plain);
        }

        @Test
        void roundTrips_withIsolation_areThree() {
            assertThat(roundTrips(TxOptions.serializable(), 1)).isEqualTo(3);
            assertThat(roundTrips(TxOptions.reading(), 0)).isEqualTo(2);
            assertThat(roundTrips(TxOptions.standard(), 5)).isEqualTo(7);
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends Faults {
        @Override
        Server server() {
            return TestServers.mariaDb();
        }

        /** A backup blocks all commits; the transaction that waits is still open when its own is given up. */
        @Test
        void commit_blockedForTooLong_isRolledBack() {
            try (Handle backup = direct().open()) {
                Result<Integer, DomainError> result = transactions()
                        .inTransaction(
                                OPTIONS.timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(8)),
                                tx -> {
                                    Result<Integer, DomainError> inserted = insert(tx);
                                    backup.execute("flush tables with read lock");
                                    return inserted;
                                });
                backup.execute("unlock tables");

                assertThat(code(result)).isEqualTo(PersistenceErrors.STATEMENT_TIMEOUT);
            }
            assertThat(ids()).isEmpty();
        }

        @Test
        void commit_notForwarded_isUnknown() {
            proxy().inject(Fault.LOSE_REQUEST, TcpProxy.COMMIT);

            assertThat(code(transactions().inTransaction(Faults::insert))).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(ids()).isEmpty();
        }

        @Test
        void commit_answerLost_isUnknown() {
            proxy().inject(Fault.LOSE_ANSWER, TcpProxy.COMMIT);

            assertThat(code(transactions().inTransaction(Faults::insert))).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(ids()).containsExactly(1L);
        }

        @Test
        void roundTrips_withIsolation_areThreeAndOneForEachStatement() {
            assertThat(roundTrips(TxOptions.serializable(), 0)).isEqualTo(3);
            assertThat(roundTrips(TxOptions.reading(), 0)).isEqualTo(3);
            assertThat(roundTrips(TxOptions.standard(), 5)).isEqualTo(8);
        }
    }
}
