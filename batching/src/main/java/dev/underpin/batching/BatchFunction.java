package dev.underpin.batching;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
import java.util.Map;

/**
 * Gets the values of many keys at once: one result per key. Must be thread-safe where batches of a loader run side by side.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface BatchFunction<K, V> {
    /**
     * {@return a result for each key} A key without one is missing, as {@link Loader.Builder#missing} says; results of other
     * keys are passed over, unless the loader is told to keep them. What it throws fails all keys of the batch with
     * {@link BatchingErrors#BATCH_FAILED}, and an {@code Error} also flies on the thread that ran it. It should listen to
     * interrupts, by which a batch ends whose time is over or for which nobody waits any more.
     *
     * @param keys at least one key, different ones, in the order in which they were first asked for; immutable
     * @param scope the scope, for loads that this one needs, and for what was bound to it
     */
    Map<K, ? extends Result<? extends V, ? extends DomainError>> load(List<K> keys, LoadScope scope);
}
