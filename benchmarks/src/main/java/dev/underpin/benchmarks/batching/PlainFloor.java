package dev.underpin.benchmarks.batching;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * By hand, as most people write it: a list of the keys to load, a map of futures. For one thread; nothing is split, nothing
 * fails, nobody waits.
 */
final class PlainFloor<K, V> {
    private final Function<List<K>, Map<K, V>> batch;
    private final Map<K, CompletableFuture<Result<V, DomainError>>> futures = new HashMap<>();
    private List<K> queue = new ArrayList<>();

    PlainFloor(Function<List<K>, Map<K, V>> batch) {
        this.batch = batch;
    }

    CompletableFuture<Result<V, DomainError>> load(K key) {
        CompletableFuture<Result<V, DomainError>> present = futures.get(key);
        if (present != null) {
            return present;
        }
        CompletableFuture<Result<V, DomainError>> future = new CompletableFuture<>();
        futures.put(key, future);
        queue.add(key);
        return future;
    }

    void dispatch() {
        List<K> keys = queue;
        queue = new ArrayList<>();
        Map<K, V> values = batch.apply(keys);
        for (K key : keys) {
            futures.get(key).complete(Result.ok(values.get(key)));
        }
    }
}
