package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.idempotency.IdempotencyErrors;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotencyStore.State;
import dev.underpin.idempotency.Replay;
import dev.underpin.persistence.Orders.Mode;
import dev.underpin.persistence.Orders.Point;
import dev.underpin.persistence.TestServers.Server;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.TcpProxy;
import dev.underpin.testkit.TcpProxy.Fault;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
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

/** What becomes of requests with a key whose connection breaks, wherever that is. */
class IdempotencyFaultsIT {
    private static final TxOptions OPTIONS =
            TxOptions.standard().timeouts(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(8));
    private static final Duration LEASE = Duration.ofMinutes(10);

    /** The least that the pool takes. */
    private static final long SOON_MILLIS = 250;

    // What a statement is known by on the wire.
    private static final String LOOK = "select state, owner";
    private static final String BEGIN = "savepoint underpin_opened";
    private static final String CLAIM = "insert into underpin_idempotency";
    private static final String NOTE = "set steps = ";
    private static final String COMPLETE = "set state = 1, outcome";

    /** What says to send a request again. */
    private static final Set<String> UNANSWERED = Set.of(
            IdempotencyErrors.IDEMPOTENCY_STORE_FAILED.name(),
            PersistenceErrors.DATABASE_UNAVAILABLE.name(),
            PersistenceErrors.OUTCOME_UNKNOWN.name());

    /** The time of the machine, which can be put forward; what is to run later does so then, and no sooner. */
    private static class ForwardTime implements TimeSource {
        private final List<FutureTask<?>> tasks = new ArrayList<>();
        private long ahead;

        @Override
        public synchronized long nanoTime() {
            return System.nanoTime() + ahead;
        }

        @Override
        public Instant instant() {
            return Instant.now();
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            TimeSource.system().sleep(duration);
        }

        @Override
        public synchronized Future<?> schedule(Duration delay, Runnable task) {
            var later = new FutureTask<>(task, null);
            tasks.add(later);
            return later;
        }

        void forward(Duration by) {
            List<FutureTask<?>> due;
            synchronized (this) {
                ahead += by.toNanos();
                due = List.copyOf(tasks);
                tasks.clear();
            }
            due.forEach(FutureTask::run);
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Faults {
        private final ForwardTime time = new ForwardTime();
        private final List<String> calls = new ArrayList<>();
        private TcpProxy proxy;
        private String address;
        private HikariDataSource pool;
        private Jdbi direct;
        private IdempotencyStore keys;
        private Orders orders;
        private Leftovers leftovers;

        abstract Server server();

        /** {@return the folder of the scripts} */
        abstract String scripts();

        /** Ends all other sessions of a database. */
        abstract void endSessions(Handle handle);

        @BeforeAll
        void connect() throws SQLException, IOException {
            String url = server().newDatabase();
            proxy = TcpProxy.to("127.0.0.1", server().port());
            address = server().url(proxy.port(), url.substring(url.lastIndexOf('/') + 1))
                    + "?prepareThreshold=0"; // a commit by its name would not be seen
            pool = pool(10_000);
            direct = Jdbi.create(url, server().user(), "");
            Orders.createTables(direct, scripts());
            keys = JdbiIdempotencyStore.of(direct);
            orders = orders(pool, TimeSource.system());
            leftovers = new Leftovers(pool, direct);
        }

        private HikariDataSource pool(long connectionMillis) {
            var config = new HikariConfig();
            config.setJdbcUrl(address);
            config.setUsername(server().user());
            config.setPassword("");
            config.setMaximumPoolSize(4);
            config.setMinimumIdle(0);
            config.setConnectionTimeout(connectionMillis);
            return new HikariDataSource(config);
        }

        private Orders orders(HikariDataSource on, TimeSource timeOfTransactions) {
            var transactions = Transactions.named("shop")
                    .defaults(OPTIONS)
                    .time(timeOfTransactions)
                    .build(Jdbi.create(on));
            return new Orders(transactions, time, LEASE, Duration.ZERO, key -> {
                calls.add(key);
                return "told";
            });
        }

        @BeforeEach
        void empty() {
            direct.useHandle(handle -> {
                handle.execute("delete from orders");
                handle.execute("delete from underpin_idempotency");
            });
            orders.forget();
            calls.clear();
            pool.getHikariPoolMXBean().softEvictConnections(); // of which some may be gone without its knowing
        }

        @AfterEach
        void whatWasToBreak_hasBroken_andNothingIsLeft() throws SQLException {
            boolean pending = proxy.pending();
            proxy.heal();
            assertThat(pending).isFalse();
            leftovers.assertNone();
        }

        @AfterAll
        void disconnect() throws IOException {
            pool.close();
            proxy.close();
        }

        /* ---- what is asked and seen ---- */

        Orders orders() {
            return orders;
        }

        TcpProxy proxy() {
            return proxy;
        }

        private void takeDown() {
            proxy.refuse();
            proxy.cut();
        }

        private void endSessions() {
            direct.useHandle(this::endSessions);
        }

        /** Does something when it comes to a point for the first time. */
        private static Consumer<Point> first(Point where, Runnable action) {
            var done = new AtomicBoolean();
            return point -> {
                if (point == where && done.compareAndSet(false, true)) {
                    action.run();
                }
            };
        }

        static ErrorCode code(Result<?, DomainError> result) {
            return result instanceof Result.Err<?, DomainError> err
                    ? err.error().code()
                    : null;
        }

        /** As time does. */
        void endLease() {
            direct.useHandle(handle -> handle.execute("update underpin_idempotency set lease_until = created_at"));
        }

        private Optional<State> state(Mode mode) {
            return keys.find(Orders.key(mode, "k")).map(IdempotencyStore.Entry::state);
        }

        /** Checks that an order was written once and told once, and that whoever asks again hears the same. */
        void assertPlaced(Mode mode, Result<Replay<String>, DomainError> answer) {
            assertThat(code(answer)).isNull();
            String value = answer.orElseThrow().value();
            String id = value.substring(0, 36);
            assertThat(Orders.written(direct, "k")).containsExactly(id, id);
            assertThat(calls.stream().distinct()).hasSize(mode == Mode.ONE_TRANSACTION ? 0 : 1);
            assertThat(state(mode)).contains(State.COMPLETED);
            assertThat(orders.place(mode, "k")).isEqualTo(Result.ok(new Replay<>(value, true)));
        }

        void assertNothingDone() {
            assertThat(orders.runs()).isZero();
            assertThat(Orders.written(direct, "k")).isEmpty();
            assertThat(calls).isEmpty();
        }

        /* ---- both modes ---- */

        /** In steps a note can meet a connection that the pool does not know to be gone: then the request is sent again. */
        @ParameterizedTest
        @EnumSource(names = {"ONE_TRANSACTION", "STEPS"})
        void connections_brokenOrEndedAnywhere_requestIsExecutedOnce(Mode mode) {
            for (Point point : Point.values()) {
                for (Runnable fault : List.<Runnable>of(proxy::cut, this::endSessions)) {
                    empty();
                    Result<Replay<String>, DomainError> answer = orders.place(mode, "k", first(point, fault));
                    while (mode == Mode.STEPS && !state(mode).equals(Optional.of(State.COMPLETED))) {
                        assertThat(answer.isOk()
                                        || UNANSWERED.contains(code(answer).name()))
                                .as("%s", answer)
                                .isTrue();
                        endLease();
                        answer = orders.place(mode, "k");
                    }
                    assertPlaced(mode, answer);
                }
            }
        }

        @ParameterizedTest
        @EnumSource
        void database_down_nothingIsExecuted(Mode mode) {
            Result<Replay<String>, DomainError> answer;
            try (HikariDataSource hasty = pool(SOON_MILLIS)) {
                takeDown();
                answer = orders(hasty, TimeSource.system()).place(mode, "k");
            }

            assertThat(code(answer)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
            assertNothingDone();
        }

        @ParameterizedTest
        @EnumSource
        void database_silent_nothingIsExecuted(Mode mode) {
            Result<Replay<String>, DomainError> answer;
            try (HikariDataSource hasty = pool(SOON_MILLIS)) {
                proxy.freeze();
                answer = orders(hasty, TimeSource.system()).place(mode, "k");
                proxy.heal();
            }

            assertThat(code(answer)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
            assertNothingDone();
        }

        /* ---- one transaction ---- */

        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void look_broken_isMadeAgain(Fault how) {
            proxy.inject(how, LOOK);
            Result<Replay<String>, DomainError> answer = orders.place(Mode.ONE_TRANSACTION, "k");

            assertThat(orders.runs()).isOne();
            assertPlaced(Mode.ONE_TRANSACTION, answer);
        }

        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void claimOfATransaction_broken_isMadeAgain(Fault how) {
            proxy.inject(how, BEGIN);
            Result<Replay<String>, DomainError> answer = orders.place(Mode.ONE_TRANSACTION, "k");

            assertThat(orders.runs()).isOne();
            assertPlaced(Mode.ONE_TRANSACTION, answer);
        }

        /** The row of the key tells, also where the database does not tell of transactions. */
        @Test
        void commit_notForwarded_isFoundRolledBackAndExecutedAgain() {
            proxy.inject(Fault.LOSE_REQUEST, TcpProxy.COMMIT);
            Result<Replay<String>, DomainError> answer = orders.place(Mode.ONE_TRANSACTION, "k");

            assertThat(orders.runs()).isEqualTo(2);
            assertThat(orders.committed()).isOne();
            assertPlaced(Mode.ONE_TRANSACTION, answer);
        }

        @Test
        void commit_answerLost_isFoundCommitted() {
            proxy.inject(Fault.LOSE_ANSWER, TcpProxy.COMMIT);
            Result<Replay<String>, DomainError> answer = orders.place(Mode.ONE_TRANSACTION, "k");

            assertThat(answer.orElseThrow().replayed()).isFalse();
            assertThat(orders.runs()).isOne();
            assertThat(orders.committed()).isOne();
            assertPlaced(Mode.ONE_TRANSACTION, answer);
        }

        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void commit_brokenAndNobodyToAsk_isUnknownUntilItIsSentAgain(Fault how) {
            Orders impatient;
            Result<Replay<String>, DomainError> answer;
            try (HikariDataSource hasty = pool(SOON_MILLIS)) {
                impatient = orders(
                        hasty,
                        new ForwardTime() { // to whom a pause is as long as all else
                            @Override
                            public void sleep(Duration duration) {
                                forward(OPTIONS.deadline());
                            }
                        });
                connect(hasty);
                proxy.inject(how, TcpProxy.COMMIT);
                answer = impatient.place(Mode.ONE_TRANSACTION, "k", first(Point.WRITTEN, proxy::refuse));
                proxy.heal();
            }

            assertThat(code(answer)).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(impatient.runs()).isOne();
            assertThat(impatient.committed()).isZero();
            Result<Replay<String>, DomainError> later = orders.place(Mode.ONE_TRANSACTION, "k");
            assertThat(later.orElseThrow().replayed()).isEqualTo(how == Fault.LOSE_ANSWER);
            assertPlaced(Mode.ONE_TRANSACTION, later);
        }

        /** However long a server takes to let it in. */
        private static void connect(HikariDataSource hasty) {
            while (hasty.getHikariPoolMXBean().getIdleConnections() == 0) {
                try (Connection connection = hasty.getConnection()) {
                    assertThat(connection.isClosed()).isFalse();
                } catch (SQLException e) {
                    // not yet
                }
            }
        }

        /* ---- steps ---- */

        /** By the same owner, whose it is if the first claim arrived. */
        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void claim_broken_isMadeAgain(Fault how) {
            proxy.inject(how, CLAIM);

            assertPlaced(Mode.STEPS, orders.place(Mode.STEPS, "k"));
            assertThat(orders.runs()).isOne();
        }

        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void noteOfACall_broken_goesOnBehindWhatIsNoted(Fault how) {
            Result<Replay<String>, DomainError> failed =
                    orders.place(Mode.STEPS, "k", first(Point.CALLED, () -> proxy.inject(how, NOTE)));
            List<String> ids = Orders.written(direct, "k");
            endLease();
            Result<Replay<String>, DomainError> answer = orders.place(Mode.STEPS, "k");

            assertThat(code(failed)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
            assertThat(calls).hasSize(how == Fault.LOSE_REQUEST ? 2 : 1);
            assertThat(Orders.written(direct, "k")).isEqualTo(ids);
            assertPlaced(Mode.STEPS, answer);
        }

        /** What was done was done, and is told. */
        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void completion_broken_isToldAndFoundAgain(Fault how) {
            Result<Replay<String>, DomainError> first =
                    orders.place(Mode.STEPS, "k", first(Point.ENDING, () -> proxy.inject(how, COMPLETE)));

            assertThat(state(Mode.STEPS)).contains(how == Fault.LOSE_REQUEST ? State.RUNNING : State.COMPLETED);
            endLease();
            Result<Replay<String>, DomainError> second = orders.place(Mode.STEPS, "k");
            assertThat(second.orElseThrow().replayed()).isEqualTo(how == Fault.LOSE_ANSWER);
            assertThat(second.orElseThrow().value())
                    .isEqualTo(first.orElseThrow().value());
            assertThat(calls).hasSize(1);
            assertPlaced(Mode.STEPS, second);
        }

        /** {@return what is answered first to an order, and then, if the commit of its step was broken} */
        Result<Replay<String>, DomainError> placedThoughItsCommitIsBroken(Fault how) {
            proxy.inject(how, TcpProxy.COMMIT);
            return orders.place(Mode.STEPS, "k");
        }

        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void noteThatACallBegins_broken_doesNotCall(Fault how) {
            Result<Replay<String>, DomainError> failed =
                    orders.place(Mode.TOLD_ONCE, "k", first(Point.STEPPED, () -> proxy.inject(how, NOTE)));
            assertThat(code(failed)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
            endLease();
            if (how == Fault.LOSE_ANSWER) { // who takes over cannot know that there was no call
                assertThat(code(orders.place(Mode.TOLD_ONCE, "k")))
                        .isEqualTo(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN);
                assertThat(orders.idempotency().release(orders.operation(Mode.TOLD_ONCE), Orders.TENANT, "k"))
                        .isEqualTo(Result.ok(true));
            }
            assertThat(calls).isEmpty();
            assertPlaced(Mode.TOLD_ONCE, orders.place(Mode.TOLD_ONCE, "k"));
        }

        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void noteThatACallEnded_broken_isAQuestionToAnOperator(Fault how) {
            Consumer<Point> cut = first(Point.CALLED, () -> proxy.inject(how, NOTE));
            for (int i = 0; i < 2; i++) {
                assertThat(code(orders.place(Mode.TOLD_ONCE, "k", cut)))
                        .isEqualTo(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN);
            }
            String answer = Orders.written(direct, "k").get(0) + " found out";
            assertThat(orders.idempotency()
                            .resolve(orders.operation(Mode.TOLD_ONCE), Orders.TENANT, "k", Result.ok(answer)))
                    .isEqualTo(Result.ok(true));
            Result<Replay<String>, DomainError> later = orders.place(Mode.TOLD_ONCE, "k");

            assertThat(later).isEqualTo(Result.ok(new Replay<>(answer, true)));
            assertThat(calls).hasSize(1);
            assertPlaced(Mode.TOLD_ONCE, later);
        }

        /* ---- leases ---- */

        /** Loses the lease of a worker at a point, as when its heartbeat does not come through, and has another take over. */
        private void loseLease(Point where, Runnable cut, Runnable mend) throws Exception {
            var there = new CountDownLatch(1);
            var interrupted = new CountDownLatch(1);
            var replaced = new CountDownLatch(1);
            var answer = new FutureTask<>(() -> orders.place(Mode.STEPS, "k", first(where, () -> {
                there.countDown();
                awaitInterrupt();
                interrupted.countDown();
                awaitUninterruptibly(replaced); // and goes on in spite of it
            })));
            new Thread(answer, "worker").start();
            there.await();
            cut.run();
            time.forward(LEASE.dividedBy(2)); // asks for more
            time.forward(LEASE.dividedBy(3).plusSeconds(1));
            interrupted.await();
            Duration left = keys.find(Orders.key(Mode.STEPS, "k")).orElseThrow().leaseLeft();
            mend.run();
            Result<Replay<String>, DomainError> second;
            do { // what was asked for before may still come through
                endLease();
                second = orders.place(Mode.STEPS, "k");
            } while (IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS.equals(code(second)));
            replaced.countDown();
            Result<Replay<String>, DomainError> first = answer.get();

            assertThat(left).isPositive();
            assertThat(orders.runs()).isEqualTo(2);
            assertThat(first)
                    .isEqualTo(Result.ok(new Replay<>(second.orElseThrow().value(), true)));
            assertThat(calls).hasSize(1);
            assertPlaced(Mode.STEPS, second);
        }

        private static void awaitInterrupt() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                // as expected
            }
        }

        private static void awaitUninterruptibly(CountDownLatch latch) {
            while (true) {
                try {
                    latch.await();
                    return;
                } catch (InterruptedException e) {
                    // it goes on, as some do
                }
            }
        }

        @Test
        void heartbeat_cut_workerIsCancelledBeforeItsLeaseEnds() throws Exception {
            loseLease(Point.CLAIMED, this::takeDown, proxy::heal);
        }

        @Test
        void heartbeat_withoutAnswer_workerIsCancelledAndWhatItWritesThenIsUndone() throws Exception {
            loseLease(Point.WRITTEN, proxy::freeze, proxy::heal);
        }
    }

    @Nested
    class OnPostgres extends Faults {
        @Override
        Server server() {
            return TestServers.postgres();
        }

        @Override
        String scripts() {
            return "postgresql";
        }

        @Override
        void endSessions(Handle handle) {
            handle.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where datname = current_database() and pid <> pg_backend_pid()");
        }

        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void commitOfAStep_broken_isResolved(Fault how) {
            Result<Replay<String>, DomainError> answer = placedThoughItsCommitIsBroken(how);

            assertThat(orders().runs()).isOne();
            assertPlaced(Mode.STEPS, answer);
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends Faults {
        @Override
        Server server() {
            return TestServers.mariaDb();
        }

        @Override
        String scripts() {
            return "mariadb";
        }

        @Override
        void endSessions(Handle handle) {
            handle.createQuery("select id from information_schema.processlist"
                            + " where db = database() and id <> connection_id()")
                    .mapTo(Long.class)
                    .list()
                    .forEach(id -> {
                        try {
                            handle.execute("kill connection " + id);
                        } catch (JdbiException e) {
                            // it has gone meanwhile
                        }
                    });
        }

        /** It tells nobody of a transaction; the note of the step does, to whoever takes over. */
        @ParameterizedTest
        @EnumSource(names = {"LOSE_REQUEST", "LOSE_ANSWER"})
        void commitOfAStep_broken_isUnknownUntilTheRequestIsTakenOver(Fault how) {
            Result<Replay<String>, DomainError> answer = placedThoughItsCommitIsBroken(how);

            assertThat(code(answer)).isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
            assertThat(code(orders().place(Mode.STEPS, "k"))).isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
            endLease();
            assertPlaced(Mode.STEPS, orders().place(Mode.STEPS, "k"));
        }
    }
}
