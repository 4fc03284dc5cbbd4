package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.Cache;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.CacheAside;
import dev.underpin.caching.CacheCounters;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.cache.caffeine.CaffeineCache;

/**
 * Question: What does a value cost that threads ask for at once?
 *
 * <p>Dimensions: threads (the row); which keys; contestant. The time is that of one thread, so with fewer cores than
 * threads it is longer by what they share.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.HitThreadsBenchmark -prof gc}
 */
@Question("What does a value cost that threads ask for at once?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class HitThreadsBenchmark {
    private final Loader loader = new Loader();
    private final CacheAside<String, String> ours = Ours.plain(loader::result);
    private final CacheAside<String, String> counted =
            Ours.builder().listener(new CacheCounters()).build(loader::result);
    private final ByHand byHand = new ByHand(loader::result);
    private final Cache<String, String> caffeine = Peers.caffeine();
    private final CaffeineCache spring = Peers.spring();
    private final com.alicp.jetcache.Cache<String, String> jetCache = Peers.jetCache();

    /** Loads every key into every cache, and sees that it is there afterwards. */
    @Setup
    public void fill() {
        Filling.fill(
                loader,
                List.of(
                        key -> ours.get(key).orElseThrow(),
                        key -> counted.get(key).orElseThrow(),
                        key -> byHand.get(key).orElseThrow(),
                        key -> caffeine.get(key, loader),
                        key -> spring.get(key, () -> loader.apply(key)),
                        key -> jetCache.computeIfAbsent(key, loader)));
    }

    int loads() {
        return loader.loads();
    }

    /** {@return the value} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "CacheAside.get", role = Role.OURS, row = "threads: 2")
    public Result<String, DomainError> oursTwo(Cursor cursor) {
        return ours.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "CacheAside.get, counted", role = Role.REFERENCE, row = "threads: 2")
    public Result<String, DomainError> countedOursTwo(Cursor cursor) {
        return counted.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "leases in Caffeine by hand", role = Role.LIMIT, row = "threads: 2")
    public Result<String, DomainError> byHandTwo(Cursor cursor) {
        return byHand.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "Caffeine Cache.get", role = Role.PEER, row = "threads: 2")
    public String caffeineTwo(Cursor cursor) {
        return caffeine.get(cursor.next(), loader);
    }

    /** {@return the value} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "Spring CaffeineCache.get", role = Role.PEER, row = "threads: 2")
    public String springTwo(Cursor cursor) {
        String key = cursor.next();
        return spring.get(key, () -> loader.apply(key));
    }

    /** {@return the value} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "JetCache computeIfAbsent, protected", role = Role.PEER, row = "threads: 2")
    public String jetCacheTwo(Cursor cursor) {
        return jetCache.computeIfAbsent(cursor.next(), loader);
    }

    /** {@return the value} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "CacheAside.get", role = Role.OURS, row = "threads: 4")
    public Result<String, DomainError> oursFour(Cursor cursor) {
        return ours.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "CacheAside.get, counted", role = Role.REFERENCE, row = "threads: 4")
    public Result<String, DomainError> countedOursFour(Cursor cursor) {
        return counted.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "leases in Caffeine by hand", role = Role.LIMIT, row = "threads: 4")
    public Result<String, DomainError> byHandFour(Cursor cursor) {
        return byHand.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "Caffeine Cache.get", role = Role.PEER, row = "threads: 4")
    public String caffeineFour(Cursor cursor) {
        return caffeine.get(cursor.next(), loader);
    }

    /** {@return the value} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "Spring CaffeineCache.get", role = Role.PEER, row = "threads: 4")
    public String springFour(Cursor cursor) {
        String key = cursor.next();
        return spring.get(key, () -> loader.apply(key));
    }

    /** {@return the value} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "JetCache computeIfAbsent, protected", role = Role.PEER, row = "threads: 4")
    public String jetCacheFour(Cursor cursor) {
        return jetCache.computeIfAbsent(cursor.next(), loader);
    }

    /** {@return the value} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "CacheAside.get", role = Role.OURS, row = "threads: 8")
    public Result<String, DomainError> oursEight(Cursor cursor) {
        return ours.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "CacheAside.get, counted", role = Role.REFERENCE, row = "threads: 8")
    public Result<String, DomainError> countedOursEight(Cursor cursor) {
        return counted.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "leases in Caffeine by hand", role = Role.LIMIT, row = "threads: 8")
    public Result<String, DomainError> byHandEight(Cursor cursor) {
        return byHand.get(cursor.next());
    }

    /** {@return the value} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "Caffeine Cache.get", role = Role.PEER, row = "threads: 8")
    public String caffeineEight(Cursor cursor) {
        return caffeine.get(cursor.next(), loader);
    }

    /** {@return the value} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "Spring CaffeineCache.get", role = Role.PEER, row = "threads: 8")
    public String springEight(Cursor cursor) {
        String key = cursor.next();
        return spring.get(key, () -> loader.apply(key));
    }

    /** {@return the value} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "JetCache computeIfAbsent, protected", role = Role.PEER, row = "threads: 8")
    public String jetCacheEight(Cursor cursor) {
        return jetCache.computeIfAbsent(cursor.next(), loader);
    }
}
