package dev.underpin.caching;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import org.jspecify.annotations.Nullable;

/**
 * What a load came to.
 *
 * @param result what the loader returned; null if it threw
 * @param thrown what it threw
 * @param loadNanos how long it took
 * @param maxNanos how long it may be kept at most; zero if not at all
 * @param ageNanos how long ago another process loaded it
 */
record Outcome<V>(
        @Nullable Result<V, DomainError> result,
        @Nullable Throwable thrown,
        long loadNanos,
        long maxNanos,
        long ageNanos) {
    static <V> Outcome<V> of(Result<V, DomainError> result, long loadNanos) {
        return new Outcome<>(result, null, loadNanos, Clock.NEVER, 0);
    }

    static <V> Outcome<V> thrown(Throwable thrown) {
        return new Outcome<>(null, thrown, 0, 0, 0);
    }

    @Nullable
    ErrorCode code() {
        return result == null ? CachingErrors.CACHE_LOAD_FAILED : code(result);
    }

    static @Nullable ErrorCode code(Result<?, ? extends DomainError> result) {
        return result instanceof Result.Err<?, ? extends DomainError> err
                ? err.error().code()
                : null;
    }

    Outcome<V> atMost(long nanos) {
        return new Outcome<>(result, thrown, loadNanos, Math.min(maxNanos, nanos), ageNanos);
    }
}
