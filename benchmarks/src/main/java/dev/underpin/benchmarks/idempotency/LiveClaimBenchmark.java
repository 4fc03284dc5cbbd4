package dev.underpin.benchmarks.idempotency;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.Question;
import dev.underpin.benchmarks.idempotency.KeyDatabase.Commit;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotencyStore.Entry;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Question: what do claims feel of the deleting of expired keys?
 *
 * <p>Dimensions: how many rows have expired; whether a {@code Reaper} deletes them in batches of 1000, or another thread does without its pauses, or nobody. {@code p99 µs} is the time within which 99 of 100 claims were done, of each iteration.
 * PostgreSQL is on the same machine, and its commits do not wait for the disk.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar report --preset idempotency --out <directory>}
 */
@Question("What do claims feel of the deleting of expired keys?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class LiveClaimBenchmark {
    /** What is counted beside time and bytes. */
    public static final String P99 = "p99 µs";

    /** More than are claimed in an iteration. */
    private static final int MOST = 1 << 18;

    /** How many rows have expired. */
    @Param("100000")
    public int expired = 100_000;

    private final Requests requests = new Requests();
    private final long[] nanos = new long[MOST];
    private HikariDataSource pool;
    private IdempotencyStore store;
    private String method;
    private int claims;
    private Deleting deleting;

    /** Connects. */
    @Setup(Level.Trial)
    public void prepare(BenchmarkParams params) throws SQLException {
        prepare(params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1));
    }

    void prepare(String method) throws SQLException {
        this.method = method;
        pool = KeyDatabase.pool(KeyDatabase.portOfThisRun(Commit.UNFLUSHED), 2);
        KeyDatabase.create(pool);
        store = JdbiIdempotencyStore.of(Jdbi.create(pool));
    }

    /** Writes rows that have expired, and begins to delete them. */
    @Setup(Level.Iteration)
    public void start() throws SQLException, InterruptedException {
        KeyDatabase.empty(pool);
        KeyDatabase.expired(pool, expired);
        claims = 0;
        deleting = switch (method) {
            case "whileReaping" -> Deleting.byReaper(store);
            case "whileReapingWithoutPause" -> Deleting.withoutPause(store);
            case "idle" -> null;
            default -> throw new IllegalArgumentException("no reaper of " + method);
        };
    }

    /** Ends the deleting, and says how long claims took. */
    @TearDown(Level.Iteration)
    public void stop() throws InterruptedException {
        if (deleting != null) {
            deleting.end();
        }
        Arrays.sort(nanos, 0, claims);
        Counts.set(P99, nanos[(int) (0.99 * (claims - 1))] / 1000.0);
    }

    /** Closes the connections. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    HikariDataSource pool() {
        return pool;
    }

    private Entry claim() {
        IdempotentRequest request = requests.fresh();
        long start = System.nanoTime();
        Entry entry = store.claim(
                IdempotencyStore.Key.of(request.tenant(), Requests.ORDER.name(), request.key()),
                request.fingerprint(),
                UUID.randomUUID(),
                Requests.ORDER.lease(),
                Requests.ORDER.ttl());
        nanos[claims++] = System.nanoTime() - start;
        return entry;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "while a Reaper deletes", role = Role.OURS)
    public Entry whileReaping() {
        return claim();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "while batch after batch is deleted, without a pause", role = Role.REFERENCE)
    public Entry whileReapingWithoutPause() {
        return claim();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "while nothing is deleted", role = Role.REFERENCE)
    public Entry idle() {
        return claim();
    }
}
