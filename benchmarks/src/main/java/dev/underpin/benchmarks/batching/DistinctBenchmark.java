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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does it cost to load different keys together, on one thread?
 *
 * <p>Dimensions: how many keys; one by one or by one call (the row); contestant. An operation makes a loader, and for ours a
 * scope, loads all keys, dispatches and takes all values. The function does nothing. Ours and those by hand answer with a Result
 * for each key, which they make; peers with the bare value.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar batching.DistinctBenchmark -prof gc}
 */
@Question("What does it cost to load different keys together?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class DistinctBenchmark {
    /** How many keys there are. */
    @Param({"1", "10", "100", "1000", "10000"})
    public int n;

    private Articles articles;
    private Loader<Integer, String> ours;
    private Loader<Integer, String> oursPerKey;

    /** Makes the keys. */
    @Setup
    public void prepare() {
        articles = new Articles(n);
        ours = articles.ours();
        oursPerKey = articles.oursPerKey();
    }

    private static Object[] joined(CompletableFuture<?>[] futures) {
        Object[] values = new Object[futures.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = futures[i].join();
        }
        return values;
    }

    private Object[] each(Loader<Integer, String> definition) {
        Integer[] keys = articles.keys;
        CompletableFuture<?>[] futures = new CompletableFuture<?>[keys.length];
        try (LoadScope scope = LoadScope.open()) {
            ScopedLoader<Integer, String> loader = scope.loader(definition);
            for (int i = 0; i < keys.length; i++) {
                futures[i] = loader.loadAsync(keys[i]);
            }
            scope.flush();
            return joined(futures);
        }
    }

    private Object[] each(DataLoader<Integer, String> loader) {
        Integer[] keys = articles.keys;
        CompletableFuture<?>[] futures = new CompletableFuture<?>[keys.length];
        for (int i = 0; i < keys.length; i++) {
            futures[i] = loader.load(keys[i]);
        }
        loader.dispatchAndJoin();
        return joined(futures);
    }

    /** {@return the results} */
    @Benchmark
    @Contestant(value = "loadAsync, flush, join", role = Role.OURS, row = "one by one")
    public Object[] eachOurs() {
        return each(ours);
    }

    /** {@return the results} */
    @Benchmark
    @Contestant(value = "loadAsync, flush, join, result per key", role = Role.REFERENCE, row = "one by one")
    public Object[] eachOursPerKey() {
        return each(oursPerKey);
    }

    /** {@return the values} */
    @Benchmark
    @Contestant(value = "java-dataloader load, dispatchAndJoin, of a list", role = Role.PEER, row = "one by one")
    public Object[] eachDataLoader() {
        return each(articles.dataLoader());
    }

    /** {@return the values} */
    @Benchmark
    @Contestant(value = "java-dataloader load, dispatchAndJoin, of a map", role = Role.PEER, row = "one by one")
    public Object[] eachMappedDataLoader() {
        return each(articles.mappedDataLoader());
    }

    /** {@return the results} */
    @Benchmark
    @Contestant(value = "list and HashMap of futures by hand", role = Role.REFERENCE, row = "one by one")
    public Object[] eachPlain() {
        Integer[] keys = articles.keys;
        CompletableFuture<?>[] futures = new CompletableFuture<?>[keys.length];
        PlainFloor<Integer, String> loader = new PlainFloor<>(articles::byHand);
        for (int i = 0; i < keys.length; i++) {
            futures[i] = loader.load(keys[i]);
        }
        loader.dispatch();
        return joined(futures);
    }

    /** {@return the results} */
    @Benchmark
    @Contestant(value = "one object per key by hand", role = Role.LIMIT, row = "one by one")
    public Object[] eachFused() {
        Integer[] keys = articles.keys;
        CompletableFuture<?>[] futures = new CompletableFuture<?>[keys.length];
        FusedFloor<Integer, String> loader = new FusedFloor<>(articles::byHand);
        for (int i = 0; i < keys.length; i++) {
            futures[i] = loader.load(keys[i]);
        }
        loader.dispatch();
        return joined(futures);
    }

    /** {@return the results} */
    @Benchmark
    @Contestant(value = "ScopedLoader.mapAll", role = Role.OURS, row = "by one call")
    public List<Result<String, DomainError>> allOurs() {
        try (LoadScope scope = LoadScope.open()) {
            return scope.loader(ours).mapAll(articles.list, key -> key, (key, result) -> result);
        }
    }

    /** {@return the results} */
    @Benchmark
    @Contestant(value = "ScopedLoader.loadAll", role = Role.REFERENCE, row = "by one call")
    public Map<Integer, Result<String, DomainError>> mapOurs() {
        try (LoadScope scope = LoadScope.open()) {
            return scope.loader(ours).loadAll(articles.list);
        }
    }

    /** {@return the values} */
    @Benchmark
    @Contestant(value = "java-dataloader loadMany, dispatchAndJoin, of a list", role = Role.PEER, row = "by one call")
    public List<String> allDataLoader() {
        return all(articles.dataLoader());
    }

    /** {@return the values} */
    @Benchmark
    @Contestant(value = "java-dataloader loadMany, dispatchAndJoin, of a map", role = Role.PEER, row = "by one call")
    public List<String> allMappedDataLoader() {
        return all(articles.mappedDataLoader());
    }

    private List<String> all(DataLoader<Integer, String> loader) {
        CompletableFuture<List<String>> values = loader.loadMany(articles.list);
        loader.dispatchAndJoin();
        return values.join();
    }
}
