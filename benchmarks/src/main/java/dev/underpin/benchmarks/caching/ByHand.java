package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/**
 * What a careful person writes for this one case: a lease in Caffeine's AsyncCache, completed by who loads, which holds the
 * answer with its time, so that a hit reads the clock once. No tags, no refresh, no stale value, no timeout, no listener.
 */
final class ByHand {
    private final AsyncCache<String, Held> cache =
            Caffeine.newBuilder().maximumSize(Peers.SIZE).buildAsync();
    private final ConcurrentMap<String, CompletableFuture<Held>> map = cache.asMap();
    private final Function<String, Result<String, DomainError>> loader;

    ByHand(Function<String, Result<String, DomainError>> loader) {
        this.loader = loader;
    }

    Result<String, DomainError> get(String key) {
        while (true) {
            CompletableFuture<Held> there = map.get(key);
            if (there == null) {
                CompletableFuture<Held> lease = new CompletableFuture<>();
                there = map.putIfAbsent(key, lease);
                if (there == null) {
                    return load(key, lease);
                }
            }
            Held held = there.join();
            if (System.nanoTime() - held.until < 0) {
                return held.answer;
            }
            map.remove(key, there);
        }
    }

    private Result<String, DomainError> load(String key, CompletableFuture<Held> lease) {
        try {
            Result<String, DomainError> answer = loader.apply(key);
            if (!answer.isOk()) {
                map.remove(key, lease);
            }
            lease.complete(new Held(answer, System.nanoTime() + Peers.TTL.toNanos()));
            return answer;
        } catch (RuntimeException | Error e) {
            lease.completeExceptionally(e);
            throw e;
        }
    }

    void invalidate(String key) {
        map.remove(key);
    }

    private record Held(Result<String, DomainError> answer, long until) {}
}
