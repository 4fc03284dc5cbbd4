package dev.underpin.benchmarks.caching;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.WriteBehind;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Question: What does it cost to have a value written later?
 *
 * <p>Dimensions: whether a value of the key waits to be written (the row); contestant. New keys come by the thousand to a new
 * queue; they are written between the measurements, and bytes of the row include that. A map of the JDK does less: nobody
 * ever writes what is in it.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.EnqueueBenchmark -prof gc}
 */
@Question("What does it cost to have a value written later?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class EnqueueBenchmark {
    private static final int BATCH = 1000;
    private static final String VALUE = "a value";

    /** A queue all of whose keys wait to be written. */
    @State(Scope.Thread)
    public static class Dirty {
        private final ExecutorService executor = Executors.newSingleThreadExecutor();
        final WriteBehind<String, String> ours = queue(executor);
        final Map<String, String> byHand = new ConcurrentHashMap<>();
        private int next;

        /** Puts every key. */
        @Setup
        public void fill() {
            for (String key : Keys.all()) {
                if (!ours.put(key, VALUE).isOk()) {
                    throw new AssertionError(key + " was refused");
                }
                byHand.put(key, VALUE);
            }
        }

        /** Writes them. */
        @TearDown
        public void close() {
            end(ours);
            executor.shutdown();
        }

        String next() {
            return Keys.all().get(next++ & (Keys.ALL - 1));
        }
    }

    /** A queue that is empty whenever it is put into. */
    @State(Scope.Thread)
    public static class Empty {
        private final ExecutorService executor = Executors.newSingleThreadExecutor();
        final String[] keys = Keys.all().subList(0, BATCH).toArray(String[]::new);
        WriteBehind<String, String> ours;

        /** Makes it. */
        @Setup(Level.Invocation)
        public void make() {
            ours = queue(executor);
        }

        /** Writes what was put. */
        @TearDown(Level.Invocation)
        public void write() {
            end(ours);
        }

        /** Ends the thread of the writer. */
        @TearDown
        public void close() {
            executor.shutdown();
        }
    }

    static WriteBehind<String, String> queue(Executor executor) {
        return WriteBehind.named("views")
                .acceptLossOnCrash()
                .executor(executor)
                .delay(Duration.ofDays(1))
                .build(writes -> Result.ok(), (write, error) -> {
                    throw new AssertionError(write + " was given up");
                });
    }

    static void end(WriteBehind<String, String> queue) {
        if (!queue.close(Duration.ofSeconds(10)).isEmpty()) {
            throw new AssertionError("keys were not written");
        }
    }

    /** {@return that it will be written} */
    @Benchmark
    @Contestant(value = "WriteBehind.put", role = Role.OURS, row = "a key that waits already")
    public Result<Unit, DomainError> again(Dirty queue) {
        return queue.ours.put(queue.next(), VALUE);
    }

    /** {@return the value before} */
    @Benchmark
    @Contestant(value = "ConcurrentHashMap.put", role = Role.REFERENCE, row = "a key that waits already")
    public String againInAMap(Dirty queue) {
        return queue.byHand.put(queue.next(), VALUE);
    }

    /** Measures it. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    @Contestant(value = "WriteBehind.put", role = Role.OURS, row = "a new key")
    public void fresh(Empty queue, Blackhole hole) {
        for (String key : queue.keys) {
            hole.consume(queue.ours.put(key, VALUE));
        }
    }

    /** {@return the map} */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    @Contestant(value = "ConcurrentHashMap.put", role = Role.REFERENCE, row = "a new key")
    public Map<String, String> freshInAMap(Empty queue) {
        Map<String, String> map = new ConcurrentHashMap<>();
        for (String key : queue.keys) {
            map.put(key, VALUE);
        }
        return map;
    }
}
