package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.Cache;
import com.google.common.cache.LoadingCache;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.CacheAside;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Question: What do 100 values cost together?
 *
 * <p>Dimensions: whether all are there (the row); contestant. Those that are missing are loaded by one call. The time is that of
 * all 100.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.BulkBenchmark -prof gc}
 */
@Question("What do 100 values cost together?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class BulkBenchmark {
    private static final int MANY = 100;
    private static final int MISSING = 10;

    private final Loader loader = new Loader();
    private final CacheAside<String, String> ours = Ours.builder().buildBulk(loader::results);
    private final Cache<String, String> caffeine = Peers.caffeine();
    private final LoadingCache<String, String> guava = Peers.guava(loader);
    private final com.alicp.jetcache.Cache<String, String> jetCache = Peers.jetCache();
    private final List<String> keys = Keys.all().subList(0, MANY);
    private final Set<String> set = new LinkedHashSet<>(keys);
    private final List<String> missing = IntStream.range(0, MISSING)
            .mapToObj(i -> keys.get(i * MANY / MISSING))
            .toList();

    /** Loads the keys into every cache, and sees that they are there afterwards. */
    @Setup
    public void fill() {
        Filling.fill(
                loader,
                List.of(
                        key -> ours.get(key).orElseThrow(),
                        key -> caffeine.get(key, loader),
                        guava::getUnchecked,
                        key -> jetCache.computeIfAbsent(key, loader)));
    }

    int loads() {
        return loader.loads();
    }

    /** {@return the values by key} */
    @Benchmark
    @Contestant(value = "CacheAside.getAll", role = Role.OURS, row = "all there")
    public Map<String, Result<String, DomainError>> hitsOurs() {
        return ours.getAll(keys);
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "CacheAside.get, 100 times", role = Role.REFERENCE, row = "all there")
    public void hitsOneByOne(Blackhole hole) {
        for (String key : keys) {
            hole.consume(ours.get(key));
        }
    }

    /** {@return the values by key} */
    @Benchmark
    @Contestant(value = "CacheAside.get, 100 times, into a map", role = Role.REFERENCE, row = "all there")
    public Map<String, Result<String, DomainError>> hitsCollected() {
        Map<String, Result<String, DomainError>> found = new LinkedHashMap<>(2 * MANY);
        for (String key : keys) {
            found.put(key, ours.get(key));
        }
        return found;
    }

    /** {@return the values by key} */
    @Benchmark
    @Contestant(value = "Caffeine Cache.getAll", role = Role.PEER, row = "all there")
    public Map<String, String> hitsCaffeine() {
        return caffeine.getAll(keys, loader::all);
    }

    /** {@return the values by key} */
    @Benchmark
    @Contestant(value = "Caffeine Cache.getAllPresent", role = Role.REFERENCE, row = "all there")
    public Map<String, String> hitsCaffeinePresent() {
        return caffeine.getAllPresent(keys);
    }

    /** {@return the values by key} */
    @Benchmark
    @Contestant(value = "Guava LoadingCache.getAll", role = Role.PEER, row = "all there")
    public Map<String, String> hitsGuava() throws ExecutionException {
        return guava.getAll(keys);
    }

    /** {@return the values by key} */
    @Benchmark
    @Contestant(value = "JetCache getAll, which loads nothing", role = Role.REFERENCE, row = "all there")
    public Map<String, String> hitsJetCache() {
        return jetCache.getAll(set);
    }

    /** {@return the values by key} */
    @Benchmark
    @Contestant(value = "CacheAside invalidate 10, getAll", role = Role.OURS, row = "ten missing")
    public Map<String, Result<String, DomainError>> missesOurs() {
        missing.forEach(ours::invalidate);
        return ours.getAll(keys);
    }

    /** {@return the values by key} */
    @Benchmark
    @Contestant(value = "Caffeine Cache invalidate 10, getAll", role = Role.PEER, row = "ten missing")
    public Map<String, String> missesCaffeine() {
        missing.forEach(caffeine::invalidate);
        return caffeine.getAll(keys, loader::all);
    }

    /** {@return the values by key} */
    @Benchmark
    @Contestant(value = "Guava LoadingCache invalidate 10, getAll", role = Role.PEER, row = "ten missing")
    public Map<String, String> missesGuava() throws ExecutionException {
        missing.forEach(guava::invalidate);
        return guava.getAll(keys);
    }
}
