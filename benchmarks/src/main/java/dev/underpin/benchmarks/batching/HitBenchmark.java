package dev.underpin.benchmarks.batching;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
import java.util.Map;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does a key cost that was loaded already?
 *
 * <p>Dimensions: waiting for it or taking a future (the row); contestant. All have 1000 keys, asked for in their order.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar batching.HitBenchmark -prof gc}
 */
@Question("What does a key cost that was loaded already?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class HitBenchmark {
    static final int KEYS = 1000;

    private final Articles articles = new Articles(KEYS);
    private final LoadScope scope = LoadScope.open();
    private final ScopedLoader<Integer, String> ours =
            scope.loader(Loader.named("articles").build(this::batch));
    private final DataLoader<Integer, String> dataLoader = articles.dataLoader();
    private final PlainFloor<Integer, String> plain = new PlainFloor<>(articles::byHand);
    private final FusedFloor<Integer, String> fused = new FusedFloor<>(articles::byHand);
    private int batches;
    private int next;

    private Result<Map<Integer, String>, DomainError> batch(List<Integer> keys) {
        batches++;
        return articles.whole();
    }

    int batches() {
        return batches;
    }

    /** Loads all. */
    @Setup
    public void load() {
        for (Integer key : articles.keys) {
            dataLoader.load(key);
            plain.load(key);
            fused.load(key);
        }
        dataLoader.dispatchAndJoin();
        plain.dispatch();
        fused.dispatch();
        ours.expect(articles.list);
        scope.flush();
    }

    /** Closes the scope. */
    @TearDown
    public void close() {
        scope.close();
    }

    private Integer key() {
        next = next == KEYS - 1 ? 0 : next + 1;
        return articles.keys[next];
    }

    /** {@return the key} */
    @Benchmark
    @Contestant(value = "the key alone", role = Role.BASELINE, row = "the value")
    public Integer baseline() {
        return key();
    }

    /** {@return the result} */
    @Benchmark
    @Contestant(value = "ScopedLoader.load", role = Role.OURS, row = "the value")
    public Result<String, DomainError> valueOurs() {
        return ours.load(key());
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "java-dataloader load, join", role = Role.PEER, row = "the value")
    public String valueDataLoader() {
        return dataLoader.load(key()).join();
    }

    /** {@return the result} */
    @Benchmark
    @Contestant(value = "HashMap of futures by hand", role = Role.REFERENCE, row = "the value")
    public Result<String, DomainError> valuePlain() {
        return plain.load(key()).join();
    }

    /** {@return the result} */
    @Benchmark
    @Contestant(value = "one object per key by hand", role = Role.LIMIT, row = "the value")
    public Result<String, DomainError> valueFused() {
        return fused.load(key()).join();
    }

    /** {@return the future} */
    @Benchmark
    @Contestant(value = "ScopedLoader.loadAsync", role = Role.OURS, row = "a future")
    public CompletableFuture<Result<String, DomainError>> futureOurs() {
        return ours.loadAsync(key());
    }

    /** {@return the future} */
    @Benchmark
    @Contestant(value = "java-dataloader load", role = Role.PEER, row = "a future")
    public CompletableFuture<String> futureDataLoader() {
        return dataLoader.load(key());
    }
}
