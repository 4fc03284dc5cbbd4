package dev.underpin.benchmarks.batching;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.dataloader.DataLoader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does a key cost that was asked for before, and is not loaded yet?
 *
 * <p>Dimensions: contestant. A loader is asked a thousand times for one key, then dispatches; the figures are those of one time.
 * Futures of ours are each caller's own, so that who cancels one does so for himself; those of peers and by hand are one.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar batching.PendingHitBenchmark -prof gc}
 */
@Question("What does a key cost that was asked for before, and is not loaded yet?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(PendingHitBenchmark.TIMES)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class PendingHitBenchmark {
    static final int TIMES = 1000;

    private final Articles articles = new Articles(1);
    private final Loader<Integer, String> ours = articles.ours();
    private final Integer key = articles.keys[0];

    /** {@return the last result} */
    @Benchmark
    @Contestant(value = "ScopedLoader.loadAsync", role = Role.OURS)
    public Object ours() {
        try (LoadScope scope = LoadScope.open()) {
            ScopedLoader<Integer, String> loader = scope.loader(ours);
            CompletableFuture<?> future = loader.loadAsync(key);
            for (int i = 1; i < TIMES; i++) {
                future = loader.loadAsync(key);
            }
            scope.flush();
            return future.join();
        }
    }

    /** {@return the result} */
    @Benchmark
    @Contestant(value = "ScopedLoader.expect", role = Role.REFERENCE)
    public Object expecting() {
        try (LoadScope scope = LoadScope.open()) {
            ScopedLoader<Integer, String> loader = scope.loader(ours);
            for (int i = 0; i < TIMES; i++) {
                loader.expect(articles.list);
            }
            return loader.load(key);
        }
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "java-dataloader load", role = Role.PEER)
    public Object dataLoader() {
        DataLoader<Integer, String> loader = articles.dataLoader();
        CompletableFuture<?> future = loader.load(key);
        for (int i = 1; i < TIMES; i++) {
            future = loader.load(key);
        }
        loader.dispatchAndJoin();
        return future.join();
    }

    /** {@return the result} */
    @Benchmark
    @Contestant(value = "one object per key by hand", role = Role.LIMIT)
    public Object fused() {
        FusedFloor<Integer, String> loader = new FusedFloor<>(articles::byHand);
        CompletableFuture<?> future = loader.load(key);
        for (int i = 1; i < TIMES; i++) {
            future = loader.load(key);
        }
        loader.dispatch();
        return future.join();
    }
}
