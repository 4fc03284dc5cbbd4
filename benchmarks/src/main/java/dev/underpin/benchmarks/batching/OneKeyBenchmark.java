package dev.underpin.benchmarks.batching;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.dataloader.DataLoader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does a request cost that loads one key?
 *
 * <p>Dimensions: contestant. An operation makes a loader, and for ours a scope, and loads a key. The function does nothing.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar batching.OneKeyBenchmark -prof gc}
 */
@Question("What does a request cost that loads one key?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class OneKeyBenchmark {
    private final Articles articles = new Articles(1);
    private final Loader<Integer, String> ours = articles.ours();
    private final Integer key = articles.keys[0];

    /** {@return the result} */
    @Benchmark
    @Contestant(value = "LoadScope, load", role = Role.OURS)
    public Result<String, DomainError> ours() {
        try (LoadScope scope = LoadScope.open()) {
            return scope.loader(ours).load(key);
        }
    }

    /** {@return the scope, closed} */
    @Benchmark
    @Contestant(value = "LoadScope without a load", role = Role.REFERENCE)
    public LoadScope unused() {
        LoadScope scope = LoadScope.open();
        scope.close();
        return scope;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "java-dataloader load, dispatchAndJoin, of a list", role = Role.PEER)
    public String dataLoader() {
        return value(articles.dataLoader());
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "java-dataloader load, dispatchAndJoin, of a map", role = Role.PEER)
    public String mappedDataLoader() {
        return value(articles.mappedDataLoader());
    }

    private String value(DataLoader<Integer, String> loader) {
        CompletableFuture<String> value = loader.load(key);
        loader.dispatchAndJoin();
        return value.join();
    }

    /** {@return the result} */
    @Benchmark
    @Contestant(value = "list and HashMap of futures by hand", role = Role.REFERENCE)
    public Result<String, DomainError> plain() {
        PlainFloor<Integer, String> loader = new PlainFloor<>(articles::byHand);
        CompletableFuture<Result<String, DomainError>> future = loader.load(key);
        loader.dispatch();
        return future.join();
    }

    /** {@return the result} */
    @Benchmark
    @Contestant(value = "one object per key by hand", role = Role.LIMIT)
    public Result<String, DomainError> fused() {
        FusedFloor<Integer, String> loader = new FusedFloor<>(articles::byHand);
        CompletableFuture<Result<String, DomainError>> future = loader.load(key);
        loader.dispatch();
        return future.join();
    }
}
