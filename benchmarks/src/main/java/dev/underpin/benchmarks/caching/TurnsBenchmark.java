package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.Cache;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.CacheAside;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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
import org.springframework.cache.caffeine.CaffeineCache;

/**
 * Question: What is left where the compiler cannot see who is called?
 *
 * <p>Dimensions: whether the value is there (the row); contestant. Four caches by turns, each with a loader of its own, and
 * the answer escapes. A miss is a load of the key itself, and an invalidation.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.TurnsBenchmark -prof gc}
 */
@Question("What is left where the compiler cannot see who is called?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class TurnsBenchmark {
    private static final int CACHES = 4;

    private final Loader loader = new Loader();
    private final List<Function<String, Result<String, DomainError>>> results = List.of(
            key -> loader.result(key), key -> loader.result(key), key -> loader.result(key), key -> loader.result(key));
    private final List<Function<String, String>> loaders = List.of(
            key -> loader.apply(key), key -> loader.apply(key), key -> loader.apply(key), key -> loader.apply(key));
    private final List<CacheAside<String, String>> ours =
            results.stream().map(Ours::plain).toList();
    private final List<Cache<String, String>> caffeine =
            loaders.stream().map(each -> Peers.<String>caffeine()).toList();
    private final List<CaffeineCache> spring =
            loaders.stream().map(each -> Peers.spring()).toList();
    private final List<com.alicp.jetcache.Cache<String, String>> jetCache =
            loaders.stream().map(each -> Peers.jetCache()).toList();
    private String[] keys;
    private int next;

    /** Loads every key into every cache, and sees that it is there afterwards. */
    @Setup
    public void fill() {
        keys = Keys.drawn(Draw.ZIPF);
        for (int i = 0; i < CACHES; i++) {
            int at = i;
            Filling.fill(
                    loader,
                    List.of(
                            key -> ours.get(at).get(key).orElseThrow(),
                            key -> caffeine.get(at).get(key, loaders.get(at)),
                            key -> spring.get(at).get(key, () -> loaders.get(at).apply(key)),
                            key -> jetCache.get(at).computeIfAbsent(key, loaders.get(at))));
        }
    }

    int loads() {
        return loader.loads();
    }

    private int turn() {
        return next++ & (CACHES - 1);
    }

    private String key() {
        return keys[next & (keys.length - 1)];
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "CacheAside", role = Role.OURS, row = "hit")
    public void hitOurs(Blackhole hole) {
        int at = turn();
        String key = key();
        hole.consume(ours.get(at).get(key));
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "Caffeine Cache", role = Role.PEER, row = "hit")
    public void hitCaffeine(Blackhole hole) {
        int at = turn();
        String key = key();
        hole.consume(caffeine.get(at).get(key, loaders.get(at)));
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "Spring CaffeineCache", role = Role.PEER, row = "hit")
    public void hitSpring(Blackhole hole) {
        int at = turn();
        String key = key();
        Function<String, String> load = loaders.get(at);
        hole.consume(spring.get(at).get(key, () -> load.apply(key)));
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "JetCache, protected", role = Role.PEER, row = "hit")
    public void hitJetCache(Blackhole hole) {
        int at = turn();
        String key = key();
        hole.consume(jetCache.get(at).computeIfAbsent(key, loaders.get(at)));
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "CacheAside", role = Role.OURS, row = "miss")
    public void missOurs(Blackhole hole) {
        int at = turn();
        String key = key();
        hole.consume(ours.get(at).get(key));
        ours.get(at).invalidate(key);
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "Caffeine Cache", role = Role.PEER, row = "miss")
    public void missCaffeine(Blackhole hole) {
        int at = turn();
        String key = key();
        hole.consume(caffeine.get(at).get(key, loaders.get(at)));
        caffeine.get(at).invalidate(key);
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "Spring CaffeineCache", role = Role.PEER, row = "miss")
    public void missSpring(Blackhole hole) {
        int at = turn();
        String key = key();
        Function<String, String> load = loaders.get(at);
        hole.consume(spring.get(at).get(key, () -> load.apply(key)));
        spring.get(at).evict(key);
    }

    /** Measures it. */
    @Benchmark
    @Contestant(value = "JetCache, protected", role = Role.PEER, row = "miss")
    public void missJetCache(Blackhole hole) {
        int at = turn();
        String key = key();
        hole.consume(jetCache.get(at).computeIfAbsent(key, loaders.get(at)));
        jetCache.get(at).remove(key);
    }
}
