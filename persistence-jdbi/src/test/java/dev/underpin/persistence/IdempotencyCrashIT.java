package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.idempotency.Idempotency;
import dev.underpin.idempotency.IdempotencyErrors;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotencyStore.State;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.Replay;
import dev.underpin.persistence.Orders.Mode;
import dev.underpin.persistence.Orders.Point;
import dev.underpin.persistence.TestServers.Server;
import dev.underpin.persistence.WorkerProcess.Place;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.TcpProxy;
import dev.underpin.testkit.TcpProxy.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of requests whose process is killed: one process takes each of them to another point, all hang there, and it is
 * killed. Then another process is asked for the same.
 */
class IdempotencyCrashIT {
    private static final Duration LEASE = Duration.ofSeconds(3);

    /** What the next process does. */
    private enum Then {
        EXECUTES,
        REPLAYS,
        /** It cannot know, and an operator has to. */
        ASKS
    }

    /**
     * A crash.
     *
     * @param at the point, or what had no answer any more
     * @param written whether the order was written by then
     * @param calls how often it was told by then, and in the end
     */
    record Crash(Mode mode, String at, boolean written, List<Integer> calls, Then then) {
        String key() {
            return mode + "." + at;
        }
    }

    static Stream<Crash> crashes() {
        Stream<Crash> inOneTransaction = Stream.concat(
                Stream.of("claim", "CLAIMED", "WRITING", "WRITTEN")
                        .map(at -> new Crash(Mode.ONE_TRANSACTION, at, false, List.of(0, 0), Then.EXECUTES)),
                Stream.of(new Crash(Mode.ONE_TRANSACTION, "end", true, List.of(0, 0), Then.REPLAYS)));
        Stream<Crash> inFirstStep = Stream.of(Mode.STEPS, Mode.TOLD_ONCE)
                .flatMap(mode -> Stream.of("claim", "CLAIMED", "WRITING", "WRITTEN", "end", "STEPPED")
                        .map(at -> new Crash(
                                mode, at, at.equals("end") || at.equals("STEPPED"), List.of(0, 1), Then.EXECUTES)));
        Stream<Crash> inSecondStep = Stream.of(
                new Crash(Mode.STEPS, "CALLING", true, List.of(0, 1), Then.EXECUTES),
                new Crash(Mode.STEPS, "CALLED", true, List.of(1, 2), Then.EXECUTES), // by the same key
                new Crash(Mode.STEPS, "ENDING", true, List.of(1, 1), Then.EXECUTES),
                new Crash(Mode.STEPS, "completion", true, List.of(1, 1), Then.REPLAYS),
                new Crash(Mode.TOLD_ONCE, "CALLING", true, List.of(0, 1), Then.ASKS),
                new Crash(Mode.TOLD_ONCE, "CALLED", true, List.of(1, 1), Then.ASKS),
                new Crash(Mode.TOLD_ONCE, "ENDING", true, List.of(1, 1), Then.EXECUTES));
        return Stream.of(inOneTransaction, inFirstStep, inSecondStep).flatMap(all -> all);
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Crashes {
        /** By the order, its calls in their sequence: each has a key for downstream. */
        private final Map<String, List<String>> calls = new ConcurrentHashMap<>();

        private final List<TcpProxy> proxies = new ArrayList<>();
        private String url;
        private Jdbi direct;
        private HikariDataSource pool;
        private IdempotencyStore keys;
        private Orders orders;

        abstract Server server();

        abstract String scripts();

        @BeforeAll
        void crash() throws Exception {
            url = server().newDatabase();
            direct = Jdbi.create(url, server().user(), "");
            Orders.createTables(direct, scripts());
            pool = VendorErrorsContract.pool(url, server().user(), 4);
            var transactions = Transactions.named("shop").build(Jdbi.create(pool));
            keys = JdbiIdempotencyStore.of(transactions.jdbi());
            Duration longer = Duration.ofMinutes(1); // than the lease of who was killed
            orders = new Orders(transactions, TimeSource.system(), LEASE, longer, this::called);
            try (WorkerProcess process = WorkerProcess.start(this::called)) {
                for (Crash crash : crashes().toList()) {
                    hang(process, crash);
                }
            }
            for (TcpProxy proxy : proxies) {
                proxy.close();
            }
        }

        private String called(String key) {
            calls.computeIfAbsent(key, unused -> new CopyOnWriteArrayList<>()).add(key);
            return "told";
        }

        private void hang(WorkerProcess process, Crash crash) throws Exception {
            if (crash.at().equals(crash.at().toUpperCase(Locale.ROOT))) {
                process.placeUpTo(Point.valueOf(crash.at()), place(url), crash.mode(), crash.key());
                return;
            }
            var proxy = TcpProxy.to("127.0.0.1", server().port());
            proxies.add(proxy);
            switch (crash.at()) {
                case "claim" ->
                    proxy.inject(
                            Fault.HANG_ANSWER,
                            crash.mode() == Mode.ONE_TRANSACTION
                                    ? "savepoint underpin_opened"
                                    : "insert into underpin_idempotency");
                case "end" -> proxy.inject(Fault.HANG_ANSWER, TcpProxy.COMMIT);
                default -> proxy.inject(Fault.HANG_ANSWER, "set state = 1, outcome");
            }
            var unused = process.place(
                    place(server().url(proxy.port(), url.substring(url.lastIndexOf('/') + 1))),
                    crash.mode(),
                    crash.key());
            proxy.awaitWithheld();
        }

        private Place place(String by) {
            return new Place(by, server().user(), LEASE.toMillis(), 60_000);
        }

        @AfterAll
        void disconnect() {
            pool.close();
        }

        private List<String> callsOf(Crash crash) {
            String downstream = crash.mode() == Mode.TOLD_ONCE
                    ? crash.key()
                    : Orders.key(crash.mode(), crash.key()).hex() + ":tell";
            return calls.getOrDefault(downstream, List.of());
        }

        @ParameterizedTest
        @MethodSource("dev.underpin.persistence.IdempotencyCrashIT#crashes")
        void process_killed_requestIsExecutedOnce(Crash crash) {
            List<String> written = Orders.written(direct, crash.key());
            assertThat(written).hasSize(crash.written() ? 2 : 0);
            assertThat(callsOf(crash)).hasSize(crash.calls().get(0));

            Result<Replay<String>, DomainError> answer = orders.place(crash.mode(), crash.key());
            if (crash.then() == Then.ASKS) {
                String told = answer.fold(Replay::value, error -> error.code().name());
                assertThat(told).isEqualTo(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN.name());
                answer = decided(crash, written.get(0));
            } else {
                assertThat(answer.orElseThrow().replayed()).isEqualTo(crash.then() == Then.REPLAYS);
            }
            String value = answer.orElseThrow().value();
            String id = value.substring(0, 36);
            assertThat(Orders.written(direct, crash.key())).containsExactly(id, id);
            assertThat(written).allMatch(id::equals);
            assertThat(callsOf(crash)).hasSize(crash.calls().get(1));
            assertThat(keys.find(Orders.key(crash.mode(), crash.key())))
                    .map(IdempotencyStore.Entry::state)
                    .contains(State.COMPLETED);
            assertThat(orders.place(crash.mode(), crash.key())).isEqualTo(Result.ok(new Replay<>(value, true)));
        }

        /** {@return what is answered once an operator has asked downstream, and says what became of it} */
        private Result<Replay<String>, DomainError> decided(Crash crash, String id) {
            Operation<String> operation = orders.operation(crash.mode());
            Idempotency idempotency = orders.idempotency();
            Result<Boolean, DomainError> decided = callsOf(crash).isEmpty()
                    ? idempotency.release(operation, Orders.TENANT, crash.key())
                    : idempotency.resolve(operation, Orders.TENANT, crash.key(), Result.ok(id + " found out"));
            assertThat(decided).isEqualTo(Result.ok(true));
            return orders.place(crash.mode(), crash.key());
        }
    }

    @Nested
    class OnPostgres extends Crashes {
        @Override
        Server server() {
            return TestServers.postgres();
        }

        @Override
        String scripts() {
            return "postgresql";
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends Crashes {
        @Override
        Server server() {
            return TestServers.mariaDb();
        }

        @Override
        String scripts() {
            return "mariadb";
        }
    }
}
