package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.persistence.TcpProxy.AtCommit;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
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

/** What becomes of transactions whose server is killed, as a whole or the process that serves them. */
class KilledServersIT {
    private static final TxOptions OPTIONS =
            TxOptions.standard().timeouts(Duration.ofSeconds(40), Duration.ofSeconds(40), Duration.ofSeconds(60));

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Kills {
        private final ExecutorService executor = Executors.newCachedThreadPool();
        private MortalServer server;
        private TcpProxy proxy;
        private HikariDataSource pool;
        private Transactions transactions;
        private Jdbi direct;
        private Leftovers leftovers;
        private final BlockingQueue<Future<?>> restarts = new LinkedBlockingQueue<>();

        abstract MortalServer server() throws IOException;

        /** {@return the number of the session of a handle} */
        abstract long session(Handle handle);

        abstract void end(long session);

        @BeforeAll
        void start() throws IOException, SQLException {
            server = server();
            proxy = new TcpProxy(server.port());
            pool = VendorErrorsContract.pool(
                    server.url(proxy.port()) + "?prepareThreshold=0", server.user(), 8); // else no COMMIT is seen
            pool.setConnectionTimeout(40_000);
            transactions = Transactions.named("bank").defaults(OPTIONS).build(Jdbi.create(pool));
            direct = Jdbi.create(server.url(server.port()), server.user(), "");
            direct.useHandle(handle -> handle.execute("create table accounts (id bigint primary key)"));
            leftovers = new Leftovers(pool, direct);
        }

        @BeforeEach
        void empty() {
            direct.useHandle(handle -> handle.execute("delete from accounts"));
        }

        @AfterEach
        void nothingIsLeft() throws SQLException {
            assertThat(proxy.hasBroken()).isTrue();
            leftovers.assertNone();
        }

        @AfterAll
        void stop() throws IOException {
            executor.shutdownNow();
            pool.close();
            proxy.close();
            server.close();
        }

        Jdbi direct() {
            return direct;
        }

        MortalServer mortal() {
            return server;
        }

        Transactions transactions() {
            return transactions;
        }

        ExecutorService executor() {
            return executor;
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

        void killAndRestart() {
            server.kill();
            restarts.add(executor.submit(() -> {
                server.start();
                return Unit.UNIT;
            }));
        }

        void awaitRestart() throws Exception {
            restarts.take().get();
        }

        /** {@return what a transaction ends with to which something happens in its first run, after it has written} */
        Result<Integer, DomainError> whileInTheBody(LongConsumer happens) {
            return transactions.inTransaction(tx -> {
                Result<Integer, DomainError> inserted = insert(tx);
                if (tx.attempt() == 1) {
                    happens.accept(session(tx.handle()));
                }
                tx.handle().execute("insert into accounts values (?)", 100 + tx.attempt());
                return inserted;
            });
        }

        @Test
        void session_endedInTheBody_isRunAgain() {
            assertThat(whileInTheBody(this::end)).isEqualTo(Result.ok(2));
            assertThat(ids()).containsExactly(2L, 102L);
        }

        @Test
        void server_killedInTheBody_isRunAgainOnceItIsBack() throws Exception {
            Result<Integer, DomainError> result = whileInTheBody(session -> killAndRestart());
            awaitRestart();

            assertThat(result).isEqualTo(Result.ok(2));
            assertThat(ids()).containsExactly(2L, 102L);
        }

        /** A server that was killed tells no outcome: its numbers may be given again. */
        @Test
        void server_killedBeforeItHeardOfTheCommit_isUnknown() throws Exception {
            proxy.breakNext(AtCommit.CUT_BEFORE, this::killAndRestart);
            Result<Integer, DomainError> result = transactions.inTransaction(Kills::insert);
            awaitRestart();

            assertThat(code(result)).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(ids()).isEmpty();
        }

        @Test
        void server_killedAfterItsAnswerToTheCommit_isUnknown() throws Exception {
            proxy.breakNext(AtCommit.CUT_BEHIND, this::killAndRestart);
            Result<Integer, DomainError> result = transactions.inTransaction(Kills::insert);
            awaitRestart();

            assertThat(code(result)).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(ids()).containsExactly(1L);
        }

        /** Wherever they are just then. */
        @Test
        void server_killedUnderManyTransactions_toldTheTruth() throws Exception {
            var goOn = new AtomicBoolean(true);
            var ledger = new Ledger(transactions, OPTIONS, direct);
            List<Future<?>> all = ledger.start(executor, 6, new SplittableRandom(7), goOn::get);
            ledger.awaitEnds(200);
            killAndRestart();
            awaitRestart();
            ledger.awaitEnds(200);
            goOn.set(false);
            for (Future<?> one : all) {
                one.get();
            }
            leftovers.assertNone();

            ledger.assertTold();
        }
    }

    @Nested
    class OnPostgres extends Kills {
        @Override
        MortalServer server() throws IOException {
            return MortalServer.postgres();
        }

        @Override
        long session(Handle handle) {
            return handle.createQuery("select pg_backend_pid()")
                    .mapTo(Long.class)
                    .one();
        }

        @Override
        void end(long session) {
            direct().useHandle(handle -> handle.execute("select pg_terminate_backend(?::int)", session));
        }

        private void kill(long process) {
            ProcessHandle handle = ProcessHandle.of(process).orElseThrow();
            assertThat(handle.parent()).isEqualTo(parent());
            assertThat(handle.destroyForcibly()).isTrue();
            handle.onExit().join();
        }

        private Optional<ProcessHandle> parent() {
            try {
                return Optional.of(mortal().process());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The server ends all sessions then, recovers, and says meanwhile that it starts up. */
        @Test
        void process_killedInTheBody_isRunAgainOnceTheServerHasRecovered() {
            Result<Integer, DomainError> result = whileInTheBody(session -> {
                kill(session);
                assertUnavailableUntilUp();
            });

            assertThat(result).isEqualTo(Result.ok(2));
            assertThat(ids()).containsExactly(2L, 102L);
        }

        private void assertUnavailableUntilUp() {
            while (true) {
                try (Connection connection =
                        DriverManager.getConnection(mortal().url(mortal().port()), mortal().user(), "")) {
                    assertThat(connection.isValid(5)).isTrue();
                    return;
                } catch (SQLException e) {
                    assertThat(PersistenceErrors.of(e).code())
                            .as("%s", e)
                            .isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
                }
            }
        }

        /* ---- during the commit ---- */

        /** {@return what a transaction ends with to which something happens while the server is at its first commit} */
        private Result<Integer, DomainError> whileItCommits(LongConsumer happens) throws Exception {
            direct().useHandle(handle -> {
                handle.execute("create or replace function wait_for_seven() returns trigger language plpgsql as"
                        + " $$ begin perform pg_advisory_xact_lock(7); return null; end $$");
                handle.execute("create constraint trigger slow after insert on accounts deferrable initially deferred"
                        + " for each row execute function wait_for_seven()");
            });
            Connection holder = DriverManager.getConnection(mortal().url(mortal().port()), mortal().user(), "");
            try (var lock = holder.createStatement();
                    Handle admin = direct().open()) {
                lock.execute("select pg_advisory_lock(7)");
                var sessions = new ArrayBlockingQueue<Long>(10);
                Future<Result<Integer, DomainError>> committing = executor()
                        .submit(() -> transactions().inTransaction(tx -> {
                            sessions.add(session(tx.handle()));
                            return insert(tx);
                        }));
                long session = sessions.take();
                while (VendorErrorsContract.isEmpty(
                        admin,
                        "select 1 from pg_stat_activity where pid = ? and wait_event = 'advisory' and query = 'COMMIT'",
                        session)) {
                    Thread.onSpinWait();
                }
                happens.accept(session);
                holder.close(); // and with it goes the lock
                return committing.get();
            } finally {
                holder.close();
                direct().useHandle(handle -> handle.execute("drop trigger slow on accounts"));
            }
        }

        @Test
        void session_endedWhileItCommits_isFoundRolledBackAndRunAgain() throws Exception {
            assertThat(whileItCommits(this::end)).isEqualTo(Result.ok(2));
            assertThat(ids()).containsExactly(2L);
        }

        @Test
        void commit_cancelled_isRolledBack() throws Exception {
            Result<Integer, DomainError> result = whileItCommits(session ->
                    direct().useHandle(handle -> handle.execute("select pg_cancel_backend(?::int)", session)));

            assertThat(code(result)).isEqualTo(PersistenceErrors.STATEMENT_TIMEOUT);
            assertThat(ids()).isEmpty();
        }

        @Test
        void process_killedWhileItCommits_isUnknown() throws Exception {
            Result<Integer, DomainError> result = whileItCommits(session -> {
                kill(session);
                assertUnavailableUntilUp();
            });

            assertThat(code(result)).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(ids()).isEmpty();
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends Kills {
        @Override
        MortalServer server() throws IOException {
            return MortalServer.mariaDb();
        }

        @Override
        long session(Handle handle) {
            return handle.createQuery("select connection_id()")
                    .mapTo(Long.class)
                    .one();
        }

        @Override
        void end(long session) {
            direct().useHandle(handle -> handle.execute("kill connection " + session));
        }
    }
}
