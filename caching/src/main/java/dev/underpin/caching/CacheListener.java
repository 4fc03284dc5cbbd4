package dev.underpin.caching;

import dev.underpin.result.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Hears what a cache or a write-behind queue does, for metrics. Called on the working thread, or on that of the timer where
 * a time is up; what a method throws is logged at debug level and otherwise ignored. Implementations must be thread-safe,
 * and quick: {@link #onHit} is on the path of every hit. {@link CacheCounters} counts.
 */
public interface CacheListener {
    /**
     * An answer came from the cache, be it a value, an absence or an error that is kept.
     *
     * @param cache its name
     */
    default void onHit(String cache) {}

    /**
     * No answer was there, so it is loaded or waited for.
     *
     * @param cache its name
     */
    default void onMiss(String cache) {}

    /**
     * A miss joins the load of another caller.
     *
     * @param cache its name
     */
    default void onCoalesced(String cache) {}

    /**
     * A load has ended.
     *
     * @param cache its name
     * @param nanos how long it took
     * @param error what it failed with, or null; an absence is an error of kind {@code NOT_FOUND}, an exception one of kind
     *     {@code INTERNAL}
     */
    default void onLoad(String cache, long nanos, @Nullable ErrorCode error) {}

    /**
     * A refresh of a fresh value begins.
     *
     * @param cache its name
     */
    default void onRefresh(String cache) {}

    /**
     * A stale value was served.
     *
     * @param cache its name
     * @param reason why there was no fresh one
     */
    default void onStale(String cache, ErrorCode reason) {}

    /**
     * What was loaded is not kept, since it was invalidated, written or given up meanwhile.
     *
     * @param cache its name
     */
    default void onDiscardedLoad(String cache) {}

    /**
     * The remote level has answered, or failed to.
     *
     * @param cache its name
     * @param nanos how long it took, zero if it was not asked because it fails
     * @param error what it failed with, or null
     */
    default void onRemote(String cache, long nanos, @Nullable ErrorCode error) {}

    /**
     * Messages of other nodes may have been lost, so everything in this process was dropped.
     *
     * @param cache its name
     */
    default void onGap(String cache) {}

    /**
     * A write-behind queue has called its writer.
     *
     * @param queue its name
     * @param writes how many writes it was given
     * @param nanos how long it took
     * @param error what it failed with, or null
     */
    default void onWrite(String queue, int writes, long nanos, @Nullable ErrorCode error) {}

    /**
     * A write is given up and handed to the dead letters.
     *
     * @param queue its name
     * @param error what its last attempt failed with
     */
    default void onDeadLetter(String queue, ErrorCode error) {}
}
