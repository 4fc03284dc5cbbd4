package dev.underpin.benchmarks.caching;

import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.cache2k.Cache2kBuilder;
import org.springframework.cache.caffeine.CaffeineCache;

/** The caches of others: of one size and one time to live, and otherwise as they are by default. */
final class Peers {
    static final int SIZE = 10_000;
    static final Duration TTL = Duration.ofMinutes(10);

    private Peers() {}

    static <V> Cache<String, V> caffeine() {
        return expiring().build();
    }

    static <V> AsyncCache<String, V> async() {
        return expiring().executor(Runnable::run).buildAsync();
    }

    static CaffeineCache spring() {
        return new CaffeineCache("products", expiring().build());
    }

    /** With penetration protection: as of everybody else, one caller loads a key. */
    static com.alicp.jetcache.Cache<String, String> jetCache() {
        return jetCache(/* protects= */ true);
    }

    /** As it is by default: everybody who misses a key loads it. */
    static com.alicp.jetcache.Cache<String, String> unprotectedJetCache() {
        return jetCache(/* protects= */ false);
    }

    private static com.alicp.jetcache.Cache<String, String> jetCache(boolean protects) {
        return CaffeineCacheBuilder.createCaffeineCacheBuilder()
                .limit(SIZE)
                .expireAfterWrite(TTL.toSeconds(), TimeUnit.SECONDS)
                .cachePenetrateProtect(protects)
                .buildCache();
    }

    static com.google.common.cache.Cache<String, String> guava() {
        return CacheBuilder.newBuilder().maximumSize(SIZE).expireAfterWrite(TTL).build();
    }

    static LoadingCache<String, String> guava(Loader loader) {
        return CacheBuilder.newBuilder().maximumSize(SIZE).expireAfterWrite(TTL).build(new CacheLoader<>() {
            @Override
            public String load(String key) {
                return loader.apply(key);
            }

            @Override
            public Map<String, String> loadAll(Iterable<? extends String> keys) {
                return loader.all(StreamSupport.stream(keys.spliterator(), /* parallel= */ false)
                        .collect(Collectors.toSet()));
            }
        });
    }

    static org.cache2k.Cache<String, String> cache2k() {
        return Cache2kBuilder.of(String.class, String.class)
                .entryCapacity(SIZE)
                .expireAfterWrite(TTL)
                .build();
    }

    private static Caffeine<Object, Object> expiring() {
        return Caffeine.newBuilder().maximumSize(SIZE).expireAfterWrite(TTL);
    }
}
