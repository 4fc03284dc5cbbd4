package dev.underpin.persistence;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.TcpProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Faults at random moments under eight threads of transactions, or of requests with keys, for as long as {@code chaos.time}
 * says; then what each was told is compared with what is in the database. For the profile {@code chaos}; the seed that it prints, given as
 * {@code chaos.seed}, repeats the faults but not the moments.
 */
class RandomFaults {
    private static final Duration TIME = Duration.parse(System.getProperty("chaos.time", "PT2M"));
    private static final long SEED = Long.getLong("chaos.seed", System.nanoTime());
    private static final TxOptions OPTIONS = TxOptions.standard()
            .timeouts(Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(5))
            .attempts(4);

    private static final Duration LEASE = Duration.ofSeconds(3);

    private enum Fault {
        BREAK_ONE(20),
        CUT_BEFORE_COMMIT(20),
        CUT_BEHIND_COMMIT(20),
        BREAK_ALL(5),
        FREEZE(5),
        END_A_SESSION(15),
        CANCEL_A_STATEMENT(10),
        KILL_A_PROCESS(2),
        KILL_THE_SERVER(1),
        /** If there is one: the next lives from then on. */
        KILL_A_WORKER(4);

        private static final int ALL =
                Stream.of(values()).mapToInt(fault -> fault.weight).sum();
        private final int weight;

        Fault(int weight) {
            this.weight = weight;
        }

        static Fault next(SplittableRandom random) {
            int left = random.nextInt(ALL);
            for (Fault fault : values()) {
                left -= fault.weight;
                if (left < 0) {
                    return fault;
                }
            }
            throw new IllegalStateException();
        }
    }

    @Timeout(value = 1, unit = TimeUnit.DAYS) // as long as it was told to take
    abstract static class Run {
        private final SplittableRandom random = new SplittableRandom(SEED);
        private final Map<Fault, Integer> faults = new TreeMap<>();
        private final List<WorkerProcess> processes = new CopyOnWriteArrayList<>();
        private final CountDownLatch never = new CountDownLatch(1);

        abstract MortalServer server() throws IOException;

        /** {@return the sessions of others in the database} */
        abstract List<Long> sessions(Handle handle);

        abstract String end(long session);

        abstract String cancel(long session);

        abstract void killProcess(long session);

        /** {@return the folder of the scripts} */
        abstract String scripts();

        @Test
        void transactions_underRandomFaults_endAsTold() throws Exception {
            ExecutorService executor = Executors.newCachedThreadPool();
            try (MortalServer server = server();
                    var proxy = TcpProxy.to("127.0.0.1", server.port());
                    HikariDataSource pool = VendorErrorsContract.pool(
                            server.url(proxy.port()) + "?prepareThreshold=0", server.user(), 10)) {
                pool.setConnectionTimeout(2_000);
                Jdbi direct = Jdbi.create(server.url(server.port()), server.user(), "");
                var transactions = Transactions.named("bank").build(Jdbi.create(pool));
                var ledger = new Ledger(transactions, OPTIONS, direct);
                long end = System.nanoTime() + TIME.toNanos();
                List<Future<?>> all =
                        ledger.start(executor, 8, new SplittableRandom(SEED), () -> System.nanoTime() - end < 0);
                inflictUntil(end, server, proxy, direct);
                for (Future<?> one : all) {
                    one.get();
                }
                proxy.heal();
                awaitUp(direct);
                new Leftovers(pool, direct).assertNone();
                print(ledger);

                ledger.assertTold();
            } finally {
                executor.shutdownNow();
            }
        }

        /** Some of the workers are threads here, some are processes that get killed. */
        @Test
        void requests_underRandomFaults_takeEffectOnce() throws Exception {
            ExecutorService executor = Executors.newCachedThreadPool();
            Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
            UnaryOperator<String> downstream = key -> Clients.count(calls, key);
            try (MortalServer server = server();
                    var proxy = TcpProxy.to("127.0.0.1", server.port());
                    HikariDataSource pool = VendorErrorsContract.pool(
                            server.url(proxy.port()) + "?prepareThreshold=0", server.user(), 10)) {
                pool.setConnectionTimeout(2_000);
                Jdbi direct = Jdbi.create(server.url(server.port()), server.user(), "");
                Orders.createTables(direct, scripts());
                var orders = new Orders(
                        Transactions.named("shop").defaults(OPTIONS).build(Jdbi.create(pool)),
                        TimeSource.system(),
                        LEASE,
                        Duration.ZERO,
                        downstream);
                var place = new WorkerProcess.Place(pool.getJdbcUrl(), server.user(), LEASE.toMillis(), 5_000);
                for (int i = 0; i < 2; i++) {
                    processes.add(WorkerProcess.start(downstream));
                }
                Clients.Worker process = (mode, key) -> processes
                        .get(ThreadLocalRandom.current().nextInt(processes.size()))
                        .place(place, mode, key)
                        .join();
                var clients = new Clients(orders, direct, List.of(process, process), calls);
                long end = System.nanoTime() + TIME.toNanos();
                List<Future<?>> all =
                        clients.start(executor, 12, new SplittableRandom(SEED), () -> System.nanoTime() - end < 0);
                inflictUntil(end, server, proxy, direct);
                proxy.heal();
                for (Future<?> one : all) {
                    one.get();
                }
                awaitUp(direct);
                print(clients);

                clients.assertEachTookEffectOnce();
                for (WorkerProcess one : processes) {
                    one.kill();
                }
                new Leftovers(pool, direct).assertNone();
            } finally {
                for (WorkerProcess one : processes) {
                    one.kill();
                }
                executor.shutdownNow();
            }
        }

        private void print(Object ledger) {
            System.out.println(
                    getClass().getSimpleName() + ", seed " + SEED + ", " + TIME + ": " + ledger + ", faults " + faults);
        }

        private void inflictUntil(long end, MortalServer server, TcpProxy proxy, Jdbi direct) throws Exception {
            while (System.nanoTime() - end < 0) {
                boolean unused = never.await(10 + random.nextInt(200), TimeUnit.MILLISECONDS);
                Fault fault = Fault.next(random);
                faults.merge(fault, 1, Integer::sum);
                inflict(fault, server, proxy, direct);
            }
            proxy.heal();
        }

        /** The last fault may have been one to recover from. */
        private void awaitUp(Jdbi direct) throws InterruptedException {
            while (true) {
                try (Handle handle = direct.open()) {
                    handle.execute("select 1");
                    return;
                } catch (JdbiException e) {
                    boolean unused = never.await(100, TimeUnit.MILLISECONDS);
                }
            }
        }

        private void inflict(Fault fault, MortalServer server, TcpProxy proxy, Jdbi direct) throws Exception {
            switch (fault) {
                case BREAK_ONE -> proxy.cutOne(random);
                case CUT_BEFORE_COMMIT -> breakCommit(proxy, TcpProxy.Fault.LOSE_REQUEST);
                case CUT_BEHIND_COMMIT -> breakCommit(proxy, TcpProxy.Fault.LOSE_ANSWER);
                case BREAK_ALL -> proxy.cut();
                case FREEZE -> {
                    proxy.freeze();
                    boolean unused = never.await(random.nextInt(4_000), TimeUnit.MILLISECONDS);
                    proxy.heal();
                }
                case END_A_SESSION -> toOne(direct, this::end);
                case CANCEL_A_STATEMENT -> toOne(direct, this::cancel);
                case KILL_A_PROCESS -> {
                    try (Handle handle = direct.open()) {
                        List<Long> sessions = sessions(handle);
                        if (!sessions.isEmpty()) {
                            killProcess(sessions.get(random.nextInt(sessions.size())));
                        }
                    } catch (JdbiException e) {
                        // it recovers from the last one
                    }
                }
                case KILL_THE_SERVER -> {
                    server.kill();
                    server.start();
                }
                case KILL_A_WORKER -> {
                    if (!processes.isEmpty()) {
                        int any = random.nextInt(processes.size());
                        WorkerProcess killed = processes.get(any);
                        processes.set(any, WorkerProcess.start(killed.downstream()));
                        killed.kill();
                    }
                }
            }
        }

        /** One of the next. */
        private void breakCommit(TcpProxy proxy, TcpProxy.Fault how) {
            var commits = new AtomicInteger(random.nextInt(5));
            proxy.inject(how, sent -> TcpProxy.COMMIT.test(sent) && commits.getAndDecrement() <= 0);
        }

        private void toOne(Jdbi direct, LongFunction<String> order) {
            try (Handle handle = direct.open()) {
                List<Long> sessions = sessions(handle);
                if (!sessions.isEmpty()) {
                    handle.execute(order.apply(sessions.get(random.nextInt(sessions.size()))));
                }
            } catch (JdbiException e) {
                // gone meanwhile, or the server recovers
            }
        }
    }

    @Nested
    class OnPostgres extends Run {
        @Override
        MortalServer server() throws IOException {
            return MortalServer.postgres();
        }

        @Override
        String scripts() {
            return "postgresql";
        }

        @Override
        List<Long> sessions(Handle handle) {
            return handle.createQuery("select pid from pg_stat_activity where datname = current_database()"
                            + " and pid <> pg_backend_pid() and backend_type = 'client backend'")
                    .mapTo(Long.class)
                    .list();
        }

        @Override
        String end(long session) {
            return "select pg_terminate_backend(" + session + ")";
        }

        @Override
        String cancel(long session) {
            return "select pg_cancel_backend(" + session + ")";
        }

        @Override
        void killProcess(long session) {
            ProcessHandle.of(session).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends Run {
        @Override
        MortalServer server() throws IOException {
            return MortalServer.mariaDb();
        }

        @Override
        String scripts() {
            return "mariadb";
        }

        @Override
        List<Long> sessions(Handle handle) {
            return handle.createQuery("select id from information_schema.processlist"
                            + " where db = database() and id <> connection_id()")
                    .mapTo(Long.class)
                    .list();
        }

        @Override
        String end(long session) {
            return "kill connection " + session;
        }

        @Override
        String cancel(long session) {
            return "kill query " + session;
        }

        @Override
        void killProcess(long session) {} // it has one for all
    }
}
