package dev.underpin.benchmarks.resilience;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.resilience.RateLimiter;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import io.github.bucket4j.Bucket;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does a permit of one of many clients cost?
 *
 * <p>Dimensions: number of keys, drawn by Zipf's law; contestant. There is a permit each time, and every key is
 * known. Maps of others grow without bound, ours does not. Bucket4j reads a clock of milliseconds, as it does by
 * default.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar resilience.KeyedLimitBenchmark -prof gc}
 */
@Question("What does a permit of one of many clients cost?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class KeyedLimitBenchmark {
    private static final int DRAWS = 1 << 16;
    private static final long STEP_NANOS = Peers.PERMITS_PER.toNanos() / Peers.PERMITS;

    /** How many keys there are. */
    @Param({"1", "1000", "100000"})
    public int clients;

    private final RateLimiter<String> ours = RateLimiter.named("clients")
            .limit(Peers.PERMITS, Peers.PERMITS_PER)
            .maxKeys(100_000)
            .build();
    private final ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, AtomicLong> byHand = new ConcurrentHashMap<>();
    private final String[] drawn = new String[DRAWS];
    private int next;

    /** Draws the keys, and makes the entries of all. */
    @Setup
    public void draw() {
        String[] keys = new String[clients];
        double[] upTo = new double[clients];
        double sum = 0;
        for (int i = 0; i < clients; i++) {
            keys[i] = "client-" + i;
            sum += 1.0 / (i + 1);
            upTo[i] = sum;
            if (!ours.tryAcquire(keys[i]).isOk()) {
                throw new AssertionError("refused at once");
            }
            buckets.put(keys[i], bucket());
            byHand.put(keys[i], new AtomicLong());
        }
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < DRAWS; i++) {
            int at = Arrays.binarySearch(upTo, random.nextDouble() * sum);
            drawn[i] = keys[at < 0 ? -at - 1 : at];
        }
    }

    private static Bucket bucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(Peers.PERMITS).refillGreedy(Peers.PERMITS, Peers.PERMITS_PER))
                .build();
    }

    private String key() {
        return drawn[next++ & (DRAWS - 1)];
    }

    /** {@return the key} */
    @Benchmark
    @Contestant(value = "reading the key", role = Role.BASELINE)
    public String baseline() {
        return key();
    }

    /** {@return whether there was a permit} */
    @Benchmark
    @Contestant(value = "RateLimiter.tryAcquire", role = Role.OURS)
    public Result<Unit, DomainError> ours() {
        return ours.tryAcquire(key());
    }

    /** {@return how long to wait} */
    @Benchmark
    @Contestant(value = "a map of AtomicLong by hand", role = Role.LIMIT)
    public long byHand() {
        AtomicLong entry = byHand.computeIfAbsent(key(), unknown -> new AtomicLong());
        long now = System.nanoTime();
        while (true) {
            long full = entry.get();
            long after = Math.max(full, now) + STEP_NANOS;
            long wait = after - now - Peers.PERMITS * STEP_NANOS;
            if (wait > 0 || entry.compareAndSet(full, after)) {
                return wait;
            }
        }
    }

    /** {@return whether there was a permit} */
    @Benchmark
    @Contestant(value = "a map of Bucket4j's local buckets", role = Role.PEER)
    public boolean bucket4j() {
        return buckets.computeIfAbsent(key(), unknown -> bucket()).tryConsume(1);
    }
}
