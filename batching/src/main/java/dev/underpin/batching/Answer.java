package dev.underpin.batching;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What became of a batch: a result for each key. Asked without a lock, since maps and keys are the user's. */
sealed interface Answer<K, V> {
    /** {@return the result of a key} */
    Result<V, DomainError> of(K key);

    /** {@return whether a result is to be remembered} */
    boolean isKept(Result<V, DomainError> result);

    /** {@return what the batch failed with as a whole} */
    @Nullable
    DomainError failure();

    /** {@return the keys that have a result, asked for or not} */
    Set<K> keys();

    /** {@return the answer that is nothing} */
    static <K, V> Answer<K, V> none(Loader<K, V> loader, List<K> keys) {
        return new Failed<>(new LoadError(BatchingErrors.BATCH_CONTRACT, loader.name, keys, List.of(), null));
    }

    static <K, V> Answer<K, V> ofWhole(
            Loader<K, V> loader, Result<? extends Map<K, ? extends V>, ? extends DomainError> result) {
        if (result instanceof Result.Err<? extends Map<K, ? extends V>, ? extends DomainError> err) {
            return new Failed<>(err.error());
        }
        return new OfAll<>(loader, ((Result.Ok<? extends Map<K, ? extends V>, ?>) result).value());
    }

    private static <V> Result<V, DomainError> contract(Loader<?, V> loader, Object key) {
        return Result.err(new LoadError(BatchingErrors.BATCH_CONTRACT, loader.name, key));
    }

    /** All keys fail alike. */
    final class Failed<K, V> implements Answer<K, V> {
        private final DomainError error;
        private final Result<V, DomainError> result;

        Failed(DomainError error) {
            this.error = error;
            this.result = Result.err(error);
        }

        @Override
        public Result<V, DomainError> of(K key) {
            return result;
        }

        @Override
        public boolean isKept(Result<V, DomainError> result) {
            return false;
        }

        @Override
        public DomainError failure() {
            return error;
        }

        @Override
        public Set<K> keys() {
            return Set.of();
        }
    }

    /** Values, or none. */
    record OfAll<K, V>(Loader<K, V> loader, Map<K, ? extends V> values) implements Answer<K, V> {
        @Override
        public Result<V, DomainError> of(K key) {
            V value = values.get(key);
            if (value != null) {
                return Result.ok(value);
            }
            return values.containsKey(key) ? contract(loader, key) : Result.err(loader.missing(key));
        }

        @Override
        public boolean isKept(Result<V, DomainError> result) {
            return keeps(loader, result);
        }

        @Override
        public @Nullable DomainError failure() {
            return null;
        }

        @Override
        public Set<K> keys() {
            return values.keySet();
        }
    }

    /** Results, or none. */
    record OfEach<K, V>(Loader<K, V> loader, Map<K, ? extends Result<? extends V, ? extends DomainError>> results)
            implements Answer<K, V> {
        @Override
        public Result<V, DomainError> of(K key) {
            Result<? extends V, ? extends DomainError> result = results.get(key);
            if (result != null) {
                return Result.widen(result);
            }
            return results.containsKey(key) ? contract(loader, key) : Result.err(loader.missing(key));
        }

        @Override
        public boolean isKept(Result<V, DomainError> result) {
            return keeps(loader, result);
        }

        @Override
        public @Nullable DomainError failure() {
            return null;
        }

        @Override
        public Set<K> keys() {
            return results.keySet();
        }
    }

    private static boolean keeps(Loader<?, ?> loader, Result<?, DomainError> result) {
        if (!loader.remembers) {
            return false;
        }
        if (!(result instanceof Result.Err<?, DomainError> err)) {
            return true;
        }
        DomainError error = err.error();
        // what a scope itself fails with, here or in a load inside the function, is of the moment
        return (!(error instanceof LoadError) || error.is(BatchingErrors.KEY_NOT_FOUND)) && loader.keeps(error);
    }
}
