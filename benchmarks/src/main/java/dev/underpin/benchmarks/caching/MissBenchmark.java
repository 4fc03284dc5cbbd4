package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.CacheAside;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.cache.caffeine.CaffeineCache;

/**
 * Question: What does a value cost that is not there?
 *
 * <p>Dimensions: contestant. A load of what is there at once, and an invalidation; the loader of ours makes an Ok, 16 of its
 * bytes.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.MissBenchmark -prof gc}
 */
@Question("What does a value cost that is not there?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class MissBenchmark {
    private final Loader loader = new Loader();
    private final CacheAside<String, String> ours = Ours.plain(loader::result);
    private final CacheAside<String, String> tagged = Ours.tagged(loader::result);
    private final ByHand byHand = new ByHand(loader::result);
    private final Cache<String, String> caffeine = Peers.caffeine();
    private final AsyncCache<String, String> async = Peers.async();
    private final CaffeineCache spring = Peers.spring();
    private final com.alicp.jetcache.Cache<String, String> jetCache = Peers.jetCache();
    private final com.alicp.jetcache.Cache<String, String> unprotected = Peers.unprotectedJetCache();
    private final com.google.common.cache.Cache<String, String> guava = Peers.guava();
    private final org.cache2k.Cache<String, String> cache2k = Peers.cache2k();
    private final String[] keys = Keys.all().toArray(String[]::new);
    private int next;

    /** Closes what others keep open. */
    @TearDown
    public void close() {
        cache2k.close();
    }

    int loads() {
        return loader.loads();
    }

    private String key() {
        return keys[next++ & (Keys.ALL - 1)];
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "CacheAside get, invalidate", role = Role.OURS)
    public Result<String, DomainError> ours() {
        String key = key();
        Result<String, DomainError> value = ours.get(key);
        ours.invalidate(key);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "CacheAside get, invalidate, three tags", role = Role.REFERENCE)
    public Result<String, DomainError> oursTagged() {
        String key = key();
        Result<String, DomainError> value = tagged.get(key);
        tagged.invalidate(key);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "leases in Caffeine by hand", role = Role.LIMIT)
    public Result<String, DomainError> byHand() {
        String key = key();
        Result<String, DomainError> value = byHand.get(key);
        byHand.invalidate(key);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Caffeine Cache get, invalidate", role = Role.PEER)
    public String caffeine() {
        String key = key();
        String value = caffeine.get(key, loader);
        caffeine.invalidate(key);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Caffeine AsyncCache get, join, remove", role = Role.PEER)
    public String async() {
        String key = key();
        String value = async.get(key, loader).join();
        async.asMap().remove(key);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Spring CaffeineCache get, evict", role = Role.PEER)
    public String spring() {
        String key = key();
        String value = spring.get(key, () -> loader.apply(key));
        spring.evict(key);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "JetCache computeIfAbsent, remove, protected", role = Role.PEER)
    public String jetCache() {
        String key = key();
        String value = jetCache.computeIfAbsent(key, loader);
        jetCache.remove(key);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "JetCache computeIfAbsent, remove, unprotected", role = Role.REFERENCE)
    public String unprotectedJetCache() {
        String key = key();
        String value = unprotected.computeIfAbsent(key, loader);
        unprotected.remove(key);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Guava Cache get, invalidate", role = Role.PEER)
    public String guava() throws ExecutionException {
        String key = key();
        String value = guava.get(key, () -> loader.apply(key));
        guava.invalidate(key);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "cache2k computeIfAbsent, remove", role = Role.PEER)
    public String cache2k() {
        String key = key();
        String value = cache2k.computeIfAbsent(key, loader);
        cache2k.remove(key);
        return value;
    }
}
