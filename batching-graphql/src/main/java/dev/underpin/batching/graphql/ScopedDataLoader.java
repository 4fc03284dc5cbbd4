package dev.underpin.batching.graphql;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderFactory;
import org.dataloader.DelegatingDataLoader;
import org.dataloader.DispatchResult;
import org.dataloader.Try;
import org.jspecify.annotations.Nullable;

/**
 * A loader of a scope as a DataLoader. The delegate has nothing to do but to be transformed; what comes of that loads through
 * the scope, too.
 */
final class ScopedDataLoader<K, V> extends DelegatingDataLoader<K, V> {
    /** What was asked for and has not left, in order. Guarded by the lock of the rounds, as all that can change here. */
    List<Wanted<K, V>> waiting = new ArrayList<>();

    private @Nullable Group<K, V> last;
    private int left;
    private final ScopedLoader<K, V> loader;
    private final Rounds rounds;

    ScopedDataLoader(String name, LoadScope scope, ScopedLoader<K, V> loader, Rounds rounds) {
        super(DataLoaderFactory.newDataLoaderWithTry(
                name, keys -> load(scope, loader, keys), /* default options */ null));
        this.loader = loader;
        this.rounds = rounds;
    }

    private static <K, V> CompletionStage<List<Try<V>>> load(LoadScope scope, ScopedLoader<K, V> loader, List<K> keys) {
        List<CompletableFuture<V>> values = new ArrayList<>(keys.size());
        List<CompletableFuture<Result<V, DomainError>>> loaded = new ArrayList<>(keys.size());
        for (K key : keys) {
            loaded.add(loader.loadAsync(key));
        }
        scope.flush();
        for (CompletableFuture<Result<V, DomainError>> one : loaded) {
            CompletableFuture<V> value = new CompletableFuture<>();
            var unused = one.whenComplete((result, thrown) -> Wanted.settle(value, result, thrown));
            values.add(value);
        }
        return all(values)
                .handle((unused, thrown) -> values.stream()
                        .map(value -> Try.tryFuture(value).join())
                        .toList());
    }

    private static CompletableFuture<Void> all(Collection<? extends CompletableFuture<?>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new));
    }

    @Override
    public CompletableFuture<V> load(K key) {
        Wanted<K, V> wanted = new Wanted<>(rounds, loader, Objects.requireNonNull(key, "key"));
        rounds.add(this, wanted);
        return wanted;
    }

    @Override
    public CompletableFuture<V> load(K key, @Nullable Object keyContext) {
        requireNone(keyContext);
        return load(key);
    }

    @Override
    public CompletableFuture<List<V>> loadMany(List<K> keys) {
        Map<Integer, CompletableFuture<V>> values = new LinkedHashMap<>();
        for (K key : keys) {
            values.put(values.size(), load(key));
        }
        return joined(values).thenApply(all -> new ArrayList<>(all.values()));
    }

    @Override
    public CompletableFuture<List<V>> loadMany(List<K> keys, List<Object> keyContexts) {
        keyContexts.forEach(this::requireNone);
        return loadMany(keys);
    }

    @Override
    public CompletableFuture<Map<K, V>> loadMany(Map<K, ?> keysAndContexts) {
        keysAndContexts.values().forEach(this::requireNone);
        Map<K, CompletableFuture<V>> values = new LinkedHashMap<>();
        for (K key : keysAndContexts.keySet()) {
            values.put(key, load(key));
        }
        return joined(values);
    }

    /** {@return the values of futures, or the failure of the first that failed} */
    private <A> CompletableFuture<Map<A, V>> joined(Map<A, CompletableFuture<V>> futures) {
        CompletableFuture<Map<A, V>> joined = new Awaited<>(rounds);
        var unused = all(futures.values()).whenComplete((nothing, thrown) -> join(futures, joined));
        return joined;
    }

    private static <A, V> void join(Map<A, CompletableFuture<V>> futures, CompletableFuture<Map<A, V>> joined) {
        Map<A, V> values = new LinkedHashMap<>();
        for (Map.Entry<A, CompletableFuture<V>> entry : futures.entrySet()) {
            CompletableFuture<V> future = entry.getValue();
            if (future.isCompletedExceptionally()) {
                var unused = future.whenComplete((value, thrown) -> joined.completeExceptionally(thrown));
                return;
            }
            values.put(entry.getKey(), future.join());
        }
        var unused = joined.complete(values);
    }

    private void requireNone(@Nullable Object keyContext) {
        if (keyContext != null) {
            throw new UnsupportedOperationException("DataLoader " + getName()
                    + " takes no contexts of keys: what a value depends on belongs to the key");
        }
    }

    @Override
    public CompletableFuture<List<V>> dispatch() {
        return dispatchWithCounts().getPromisedResults();
    }

    @Override
    public DispatchResult<V> dispatchWithCounts() {
        var unused = delegate.dispatch(); // it knows the time of the last one
        rounds.dispatch();
        return rounds.report(this);
    }

    @Override
    public List<V> dispatchAndJoin() {
        List<V> values = new ArrayList<>(dispatch().join());
        while (dispatchDepth() > 0) {
            values.addAll(dispatch().join());
        }
        return values;
    }

    @Override
    public int dispatchDepth() {
        return rounds.waiting(this);
    }

    /** {@return what waits, which leaves} */
    Group<K, V> take() {
        Group<K, V> group = new Group<>(rounds, waiting);
        waiting = new ArrayList<>();
        last = group;
        left += group.size();
        return group;
    }

    DispatchResult<V> report() {
        DispatchResult<V> report =
                new DispatchResult<>(last == null ? CompletableFuture.completedFuture(List.of()) : last.landed(), left);
        last = null;
        left = 0;
        return report;
    }

    @Override
    public Optional<CompletableFuture<V>> getIfPresent(K key) {
        return getIfCompleted(key);
    }

    @Override
    public Optional<CompletableFuture<V>> getIfCompleted(K key) {
        CompletableFuture<Result<V, DomainError>> loaded = loader.loadAsync(key);
        if (!loaded.isDone()) {
            var unused = loaded.cancel(false); // nobody wants it: it is not loaded
            return Optional.empty();
        }
        CompletableFuture<V> value = new CompletableFuture<>();
        Wanted.settle(value, loaded.join(), null);
        return Optional.of(value);
    }

    @Override
    public DataLoader<K, V> clear(K key) {
        loader.clear(key);
        return this;
    }

    @Override
    public DataLoader<K, V> clear(K key, BiConsumer<Void, Throwable> handler) {
        loader.clear(key);
        handler.accept(null, null);
        return this;
    }

    @Override
    public DataLoader<K, V> clearAll() {
        loader.clearAll();
        return this;
    }

    @Override
    public DataLoader<K, V> clearAll(BiConsumer<Void, Throwable> handler) {
        loader.clearAll();
        handler.accept(null, null);
        return this;
    }

    @Override
    public DataLoader<K, V> prime(K key, V value) {
        loader.prime(key, value);
        return this;
    }

    @Override
    public DataLoader<K, V> prime(K key, Exception error) {
        return this;
    }

    @Override
    public DataLoader<K, V> prime(K key, CompletableFuture<V> value) {
        var unused = value.thenAccept(known -> loader.prime(key, known));
        return this;
    }
}
