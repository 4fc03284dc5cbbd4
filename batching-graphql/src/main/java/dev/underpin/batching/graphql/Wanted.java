package dev.underpin.batching.graphql;

import dev.underpin.batching.BatchingErrors;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A key that one caller asked for, and its future. The caller may complete it; the key is then left out if it can be. */
final class Wanted<K, V> extends Awaited<V> {
    private final ScopedLoader<K, V> loader;
    private final K key;

    /** What the scope gave for it; null until the key has left. */
    private volatile @Nullable CompletableFuture<Result<V, DomainError>> loaded;

    Wanted(Rounds rounds, ScopedLoader<K, V> loader, K key) {
        super(rounds);
        this.loader = loader;
        this.key = key;
    }

    /** Tells the scope that the key will be asked for. */
    void announce() {
        try {
            loader.expect(List.of(key));
        } catch (RuntimeException e) { // of the key
            loaded = CompletableFuture.failedFuture(e);
        }
    }

    /** Asks the scope. */
    void leave() {
        if (loaded == null) {
            try {
                loaded = loader.loadAsync(key);
            } catch (RuntimeException e) { // of the key, or of an executor
                loaded = CompletableFuture.failedFuture(e);
            }
        }
    }

    /** {@return what the scope gave} */
    CompletableFuture<Result<V, DomainError>> loaded() {
        return Objects.requireNonNull(loaded);
    }

    /** Completes it with what was loaded, which is there. */
    void arrive() {
        CompletableFuture<Result<V, DomainError>> own = loaded();
        if (own.isCompletedExceptionally()) {
            var unused = own.whenComplete((result, thrown) -> settle(this, result, thrown));
        } else if (!isDone()) {
            settle(this, own.join(), null);
        }
    }

    /** Completes a future of a value with the result of a load. */
    static <V> void settle(
            CompletableFuture<V> future, @Nullable Result<V, DomainError> result, @Nullable Throwable thrown) {
        if (thrown != null || result == null) {
            var unused = future.completeExceptionally(thrown == null ? new NullPointerException("result") : thrown);
            return;
        }
        try {
            var unused = result.fold(
                    future::complete,
                    error -> error.is(BatchingErrors.KEY_NOT_FOUND)
                            ? future.complete(null)
                            : future.completeExceptionally(new LoadException(error)));
        } catch (RuntimeException e) { // of an error of the user's
            var unused = future.completeExceptionally(e);
        }
    }

    /** Who waits for what is being loaded waits in the scope, which sees that a batch waits for itself. */
    @Override
    public V join() {
        if (!isDone()) {
            rounds.dispatch();
            CompletableFuture<Result<V, DomainError>> own = loaded;
            if (own != null && !own.isCompletedExceptionally()) {
                Result<V, DomainError> result = own.join();
                settle(this, result, null);
            }
        }
        return super.join();
    }

    @Override
    public V get() throws InterruptedException, ExecutionException {
        if (!isDone()) {
            rounds.dispatch();
            CompletableFuture<Result<V, DomainError>> own = loaded;
            if (own != null && !own.isCompletedExceptionally()) {
                Result<V, DomainError> result = own.get();
                settle(this, result, null);
            }
        }
        return super.get();
    }
}
