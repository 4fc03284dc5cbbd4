package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.Replay;
import dev.underpin.persistence.Orders.Mode;
import dev.underpin.persistence.Orders.Point;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.TcpProxy;
import dev.underpin.testkit.TcpProxy.Fault;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of transactions whose server is killed, as a whole or the process that serves them. */
class KilledServersIT {
    private static final TxOptions OPTIONS =
            TxOptions.standard().timeouts(Duration.ofSeconds(40), Duration.ofSeconds(40), Duration.ofSeconds(60));

    private static final Duration LEASE = Duration.ofMinutes(10);

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Kills {
        private final ExecutorService executor = Executors.newCachedThreadPool();
        private MortalServer server;
        private TcpProxy proxy;
        private HikariDataSource pool;
        private Transactions transactions;
        private Jdbi direct;
        private Leftovers leftovers;
        private Orders orders;
        private final List<String> calls = new CopyOnWriteArrayList<>();
        private final BlockingQueue<Future<?>> restarts = new LinkedBlockingQueue<>();

        abstract MortalServer server() throws IOException;

        /** {@return the number of the session of a handle} */
        abstract long session(Handle handle);

        abstract void end(long session);

        /** {@return the folder of the scripts} */
        abstract String scripts();

        @BeforeAll
        void start() throws IOException, SQLException {
            server = server();
            proxy = TcpProxy.to("127.0.0.1", server.port());
            pool = VendorErrorsContract.pool(
                    server.url(proxy.port()) + "?prepareThreshold=0", server.user(), 8); // else no COMMIT is seen
            pool.setConnectionTimeout(40_000);
            transactions = Transactions.named("bank").defaults(OPTIONS).build(Jdbi.create(pool));
            direct = Jdbi.create(server.url(server.port()), server.user(), "");
            direct.useHandle(handle -> handle.execute("create table accounts (id bigint primary key)"));
            Orders.createTables(direct, scripts());
            orders = new Orders(transactions, TimeSource.system(), LEASE, Duration.ZERO, key -> {
                calls.add(key);
                return "told";
            });
            leftovers = new Leftovers(pool, direct);
        }

        @BeforeEach
        void empty() {
            direct.useHandle(handle -> {
                handle.execute("delete from accounts");
                handle.execute("delete from orders");
                handle.execute("delete from underpin_idempotency");
            });
            calls.clear();
        }

        @AfterEach
        void nothingIsLeft() throws SQLException {
            assertThat(proxy.pending()).isFalse();
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
            proxy.inject(Fault.LOSE_REQUEST, TcpProxy.COMMIT, this::killAndRestart);
            Result<Integer, DomainError> result = transactions.inTransaction(Kills::insert);
            awaitRestart();

            assertThat(code(result)).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(ids()).isEmpty();
        }

        @Test
        void server_killedAfterItsAnswerToTheCommit_isUnknown() throws Exception {
            proxy.inject(Fault.LOSE_ANSWER, TcpProxy.COMMIT, this::killAndRestart);
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

        /* ---- requests with keys ---- */

        Orders orders() {
            return orders;
        }

        void endLeases() {
            direct.useHandle(handle -> handle.execute("update underpin_idempotency set lease_until = created_at"));
        }

        private static boolean isIn(Mode mode, Point point) {
            return mode == Mode.STEPS || (mode == Mode.ONE_TRANSACTION && point.compareTo(Point.WRITTEN) <= 0);
        }

        /** Checks that requests of which there is one at each point are executed once, although something happens there. */
        void requestsAtAllPoints_areExecutedOnceAlthough(Happening happens) throws Exception {
            var there = new Semaphore(0);
            var goOn = new CountDownLatch(1);
            Map<String, Future<Result<Replay<String>, DomainError>>> answers = new TreeMap<>();
            for (Mode mode : Mode.values()) {
                for (Point point : Point.values()) {
                    if (isIn(mode, point)) {
                        var first = new AtomicBoolean(true);
                        answers.put(
                                mode + "." + point,
                                executor.submit(() -> orders.place(mode, mode + "." + point, at -> {
                                    if (at == point && first.getAndSet(false)) {
                                        there.release();
                                        awaitUninterruptibly(goOn);
                                    }
                                })));
                    }
                }
            }
            there.acquire(answers.size());
            happens.run();
            goOn.countDown();
            for (var each : answers.entrySet()) {
                assertExecutedOnce(each.getKey(), each.getValue().get());
            }
        }

        private void assertExecutedOnce(String key, Result<Replay<String>, DomainError> first) {
            Mode mode = Mode.valueOf(key.substring(0, key.indexOf('.')));
            if (mode == Mode.ONE_TRANSACTION) { // which runs again by itself
                assertThat(code(first)).as(key).isNull();
            }
            Result<Replay<String>, DomainError> answer = first;
            while (!answer.fold(Replay::replayed, error -> false)) {
                endLeases();
                answer = orders.place(mode, key);
            }
            String value = answer.orElseThrow().value();
            String told = first.fold(Replay::value, error -> value);
            assertThat(told).as(key).isEqualTo(value);
            String id = value.substring(0, 36);
            assertThat(Orders.written(direct, key)).as(key).containsExactly(id, id);
            assertThat(calls.stream()
                            .filter(call ->
                                    call.startsWith(Orders.key(mode, key).hex()))
                            .distinct())
                    .as(key)
                    .hasSize(mode == Mode.STEPS ? 1 : 0);
        }

        /** Where the number of a transaction says nothing any more, the row of the key does. */
        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void server_killedUnderRequests_eachIsExecutedOnceAndTheCommitIsFoundOut(Fault how) throws Exception {
            requestsAtAllPoints_areExecutedOnceAlthough(() -> {
                orders.forget();
                proxy.inject(how, TcpProxy.COMMIT, this::killAndRestart);
                Result<Replay<String>, DomainError> answer = orders.place(Mode.ONE_TRANSACTION, "ONE_TRANSACTION.end");
                awaitRestart();

                assertThat(orders.runs()).isEqualTo(how == Fault.LOSE_REQUEST ? 2 : 1);
                assertThat(orders.committed()).isOne();
                assertThat(answer.orElseThrow().replayed()).isFalse();
                assertExecutedOnce("ONE_TRANSACTION.end", answer);
            });
        }

        private static void awaitUninterruptibly(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Something that happens to a server. */
    interface Happening {
        void run() throws Exception;
    }

    @Nested
    class OnPostgres extends Kills {
        @Override
        MortalServer server() throws IOException {
            return MortalServer.postgres();
        }

        @Override
        String scripts() {
            return "postgresql";
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

        @Test
        void process_killedUnderRequests_eachIsExecutedOnce() throws Exception {
            requestsAtAllPoints_areExecutedOnceAlthough(() -> {
                try (Handle victim = direct().open()) {
                    kill(session(victim));
                } catch (JdbiException e) {
                    // it cannot be closed any more
                }
                assertUnavailableUntilUp();
            });
        }

        /** Of nothing else, while the log is written ten seconds later. */
        @Test
        void claimAndAnswer_whereCommitsAreNotSynchronous_surviveAKill() throws Exception {
            direct().useHandle(handle -> {
                handle.execute("alter system set wal_writer_delay = '10s'");
                handle.execute("select pg_reload_conf()");
                handle.execute("alter database postgres set synchronous_commit = off");
            });
            IdempotencyStore keys = JdbiIdempotencyStore.of(direct());
            var key = Orders.key(Mode.STEPS, "k");
            var owner = UUID.randomUUID();
            Fingerprint fingerprint = Fingerprint.ofBytes(new byte[] {1});
            assertThat(keys.claim(key, fingerprint, owner, LEASE, Duration.ofHours(10))
                            .owner())
                    .isEqualTo(owner);
            killAndRestart();
            awaitRestart();
            assertThat(keys.find(key)).map(IdempotencyStore.Entry::owner).contains(owner);
            assertThat(keys.complete(key, owner, new byte[] {1}, Duration.ofHours(10)))
                    .isTrue();
            killAndRestart();
            awaitRestart();
            direct().useHandle(handle -> {
                handle.execute("alter database postgres reset synchronous_commit");
                handle.execute("alter system reset wal_writer_delay");
                handle.execute("select pg_reload_conf()");
            });

            assertThat(keys.find(key)).map(IdempotencyStore.Entry::state).contains(IdempotencyStore.State.COMPLETED);
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
        String scripts() {
            return "mariadb";
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
