package dev.underpin.batching;

import dev.underpin.result.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Hears what loaders do, for metrics. Called on the working thread; what a method throws is ignored. Implementations must be
 * thread-safe, and quick: {@link #onHit} is on the path of every hit.
 */
public interface BatchListener {
    /**
     * A batch has ended.
     *
     * @param loader the loader's name
     * @param keys how many keys it had
     * @param nanos how long it took
     * @param error what it failed with as a whole, or null; single keys may have failed nevertheless
     */
    default void onBatch(String loader, int keys, long nanos, @Nullable ErrorCode error) {}

    /**
     * An answer was there.
     *
     * @param loader the loader's name
     */
    default void onHit(String loader) {}

    /**
     * A scope closes in which a loader had three batches or more of a single key: something loads one after the other what
     * {@link ScopedLoader#loadAll}, {@link ScopedLoader#expect} or tasks of {@link LoadScope#fork} would load together.
     *
     * @param loader the loader's name
     * @param batches how many batches had one key
     */
    default void onSequentialLoads(String loader, int batches) {}
}
