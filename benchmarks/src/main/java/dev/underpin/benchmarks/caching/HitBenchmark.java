package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.CacheAside;
import dev.underpin.caching.CacheCounters;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
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
import org.springframework.cache.caffeine.CaffeineCache;

/**
 * Question: What does a value cost that is there?
 *
 * <p>Dimensions: which keys; contestant. All caches have 1024 keys, room for 10000 and a time to live. Peers answer with
 * the bare value, ours and the hand-written one with a Result.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.HitBenchmark -prof gc}
 */
@Question("What does a value cost that is there?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class HitBenchmark {
    private final Loader loader = new Loader();
    private final CacheCounters counters = new CacheCounters();
    private final CacheAside<String, String> ours = Ours.plain(loader::result);
    private final CacheAside<String, String> heard =
            Ours.builder().listener(counters).build(loader::result);
    private final CacheAside<String, String> tagged = Ours.tagged(loader::result);
    private final ByHand byHand = new ByHand(loader::result);
    private final Cache<String, String> caffeine = Peers.caffeine();
    private final AsyncCache<String, String> async = Peers.async();
    private final CaffeineCache spring = Peers.spring();
    private final com.alicp.jetcache.Cache<String, String> jetCache = Peers.jetCache();
    private final com.alicp.jetcache.Cache<String, String> unprotected = Peers.unprotectedJetCache();
    private final com.google.common.cache.Cache<String, String> guava = Peers.guava();
    private final org.cache2k.Cache<String, String> cache2k = Peers.cache2k();

    /** Loads every key into every cache, and sees that it is there afterwards. */
    @Setup
    public void fill() {
        Filling.fill(
                loader,
                List.of(
                        key -> ours.get(key).orElseThrow(),
                        key -> heard.get(key).orElseThrow(),
                        key -> tagged.get(key).orElseThrow(),
                        key -> byHand.get(key).orElseThrow(),
                        key -> caffeine.get(key, loader),
                        key -> async.get(key, loader).join(),
                        key -> spring.get(key, () -> loader.apply(key)),
                        key -> jetCache.computeIfAbsent(key, loader),
                        key -> unprotected.computeIfAbsent(key, loader),
                        key -> guava(key),
                        key -> cache2k.computeIfAbsent(key, loader)));
    }

    private String guava(String key) {
        try {
            return guava.get(key, () -> loader.apply(key));
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /** Closes what others keep open. */
    @TearDown
    public void close() {
        cache2k.close();
    }

    long heard() {
        return counters.hits();
    }

    int loads() {
        return loader.loads();
    }

    /** {@return the key} */
    @Benchmark
    @Contestant(value = "drawing the key", role = Role.BASELINE)
    public String baseline(Cursor cursor) {
        return cursor.next();
    }

    /** {@return something of both} */
    @Benchmark
    @Contestant(value = "drawing the key, System.nanoTime", role = Role.REFERENCE)
    public long nanoTime(Cursor cursor) {
        return cursor.next().length() + System.nanoTime();
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "CacheAside.get", role = Role.OURS)
    public Result<String, DomainError> ours(Cursor cursor) {
        return ours.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "CacheAside.get, counted", role = Role.REFERENCE)
    public Result<String, DomainError> oursCounted(Cursor cursor) {
        return heard.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "CacheAside.get, three tags", role = Role.REFERENCE)
    public Result<String, DomainError> oursTagged(Cursor cursor) {
        return tagged.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "leases in Caffeine by hand", role = Role.LIMIT)
    public Result<String, DomainError> byHand(Cursor cursor) {
        return byHand.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Caffeine Cache.get", role = Role.PEER)
    public String caffeine(Cursor cursor) {
        return caffeine.get(cursor.next(), loader);
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Caffeine AsyncCache.get, join", role = Role.PEER)
    public String async(Cursor cursor) {
        return async.get(cursor.next(), loader).join();
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Spring CaffeineCache.get", role = Role.PEER)
    public String spring(Cursor cursor) {
        String key = cursor.next();
        return spring.get(key, () -> loader.apply(key));
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "JetCache computeIfAbsent, protected", role = Role.PEER)
    public String jetCache(Cursor cursor) {
        return jetCache.computeIfAbsent(cursor.next(), loader);
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "JetCache computeIfAbsent, unprotected", role = Role.REFERENCE)
    public String unprotectedJetCache(Cursor cursor) {
        return unprotected.computeIfAbsent(cursor.next(), loader);
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Guava Cache.get", role = Role.PEER)
    public String guava(Cursor cursor) {
        return guava(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "cache2k computeIfAbsent", role = Role.PEER)
    public String cache2k(Cursor cursor) {
        return cache2k.computeIfAbsent(cursor.next(), loader);
    }
}
