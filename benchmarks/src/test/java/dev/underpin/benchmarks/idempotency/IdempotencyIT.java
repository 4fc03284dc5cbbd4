package dev.underpin.benchmarks.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.idempotency.KeyDatabase.Commit;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Replay;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All forms do the same, and what each costs the server is counted. */
class IdempotencyIT {
    private static final String KEYS = "select count(*) from underpin_idempotency";

    private static KeyDatabase database;

    @BeforeAll
    static void start() throws IOException {
        database = KeyDatabase.start(Commit.UNFLUSHED);
        System.setProperty(Commit.UNFLUSHED.port(), Integer.toString(database.port()));
    }

    @AfterAll
    static void close() throws IOException {
        System.clearProperty(Commit.UNFLUSHED.port());
        database.close();
    }

    /** Exact: where one of them changes, a library has changed. */
    @ParameterizedTest
    @CsvSource({
        "ours, 5",
        "byHand, 4",
        "bare, 4",
        "bareByHand, 3",
        "claimAndUpdate, 5",
        "serializable, 7",
        "threeCommits, 6",
        "leased, 7"
    })
    void execute_anyForm_hasItsEffectOnceInThoseRoundTrips(String method, int roundTrips) throws Exception {
        var benchmark = new ExecuteBenchmark();
        benchmark.commit = Commit.UNFLUSHED;
        benchmark.prepare(method);
        try {
            boolean keyed = !method.startsWith("bare");
            IdempotentRequest request = new Requests().fresh();

            assertThat(benchmark.execute(request)).isEqualTo(new Replay<>(Requests.ANSWER, false));
            assertThat(benchmark.execute(request)).isEqualTo(new Replay<>(Requests.ANSWER, keyed));

            int executions = keyed ? 1 : 2;
            assertThat(KeyDatabase.number(benchmark.pool(), "select count(*) from orders"))
                    .isEqualTo(executions);
            assertThat(KeyDatabase.number(benchmark.pool(), "select sum(1000000 - balance) from accounts"))
                    .isEqualTo((long) executions * Form.AMOUNT);
            assertThat(
                            KeyDatabase.number(
                                    benchmark.pool(),
                                    "select count(*) from underpin_idempotency where state = 1 and octet_length(outcome) >= 200"))
                    .isEqualTo(keyed ? 1 : 0);
            assertThat(benchmark.roundTrips(method)).isEqualTo(roundTrips);
        } finally {
            benchmark.close();
        }
    }

    @Test
    void costs_keyInItsTransaction_areMoreThanThoseOfTheTransaction() throws Exception {
        ServerCosts ours = costs("ours");
        ServerCosts bare = costs("bare");

        assertThat(ours.walBytes()).isBetween(bare.walBytes() + 300, bare.walBytes() + 1500);
        assertThat(ours.rowBytes()).isBetween(300.0, 1200.0);
        assertThat(bare.rowBytes()).isNaN();
    }

    private static ServerCosts costs(String method) throws SQLException, IOException {
        var benchmark = new ExecuteBenchmark();
        benchmark.commit = Commit.UNFLUSHED;
        benchmark.prepare(method);
        try {
            return benchmark.costs(/* batch= */ 20);
        } finally {
            benchmark.close();
        }
    }

    /** A claim that fails and a repeat that is none throw. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "claimOurs",
                "claimByHand",
                "claimAnsweredOurs",
                "claimAnsweredByHand",
                "repeatOurs",
                "repeatLeased",
                "repeatByHand"
            })
    void store_anyMethod_findsWhatItExpects(String method) throws Exception {
        var benchmark = new StoreBenchmark();
        benchmark.prepare(method);
        try {
            benchmark.empty();
            assertThat(StoreBenchmark.class
                            .getMethod(method, StoreBenchmark.Client.class)
                            .invoke(benchmark, new StoreBenchmark.Client()))
                    .isNotNull();
        } finally {
            benchmark.close();
        }
    }

    @Test
    void reap_bothWays_deleteABatch() throws SQLException {
        var benchmark = new ReapBenchmark();
        benchmark.expired = 3 * ReapBenchmark.BATCH;
        benchmark.prepare();
        try {
            benchmark.fill();

            assertThat(benchmark.ours()).isEqualTo(ReapBenchmark.BATCH);
            assertThat(benchmark.byKey()).isEqualTo(ReapBenchmark.BATCH);
            assertThat(KeyDatabase.number(benchmark.pool(), KEYS)).isEqualTo(ReapBenchmark.BATCH);
        } finally {
            benchmark.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"idle", "whileReaping", "whileReapingWithoutPause"})
    void liveClaim_anyMethod_saysHowLongClaimsTook(String method) throws Exception {
        var benchmark = new LiveClaimBenchmark();
        boolean reaping = !method.equals("idle");
        benchmark.expired = reaping ? 50_000 : 1; // enough not to run out of them
        benchmark.prepare(method);
        try {
            benchmark.start();
            for (int i = 0; i < 3; i++) {
                LiveClaimBenchmark.class.getMethod(method).invoke(benchmark);
            }
            benchmark.stop();

            long rows = KeyDatabase.number(benchmark.pool(), KEYS);
            long deleted = benchmark.expired + 3 - rows;
            assertThat(deleted % ReapBenchmark.BATCH).isZero();
            assertThat(deleted > 0).isEqualTo(reaping);
            assertThat(new Counts().afterIteration(null, null, null))
                    .filteredOn(result -> result.getLabel().equals(Counts.PREFIX + LiveClaimBenchmark.P99))
                    .singleElement()
                    .satisfies(result -> assertThat(result.getScore()).isPositive());
        } finally {
            benchmark.close();
        }
    }
}
