package dev.underpin.caching;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A listener that counts. One may be given to several caches; then it counts them together. Thread-safe; each count only
 * grows, and counts read together may be of slightly different moments.
 */
public final class CacheCounters implements CacheListener {
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder coalesced = new LongAdder();
    private final LongAdder loads = new LongAdder();
    private final LongAdder failedLoads = new LongAdder();
    private final LongAdder loadNanos = new LongAdder();
    private final LongAdder refreshes = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private final LongAdder discarded = new LongAdder();
    private final LongAdder remoteFailures = new LongAdder();
    private final LongAdder gaps = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder failedWrites = new LongAdder();
    private final LongAdder deadLetters = new LongAdder();

    /** Counts from zero. */
    public CacheCounters() {}

    /** {@return the answers that came from the cache, absences and kept errors among them} */
    public long hits() {
        return hits.sum();
    }

    /** {@return the answers that were not there} */
    public long misses() {
        return misses.sum();
    }

    /** {@return the misses that joined the load of another caller} */
    public long coalesced() {
        return coalesced.sum();
    }

    /** {@return the loads that have ended} */
    public long loads() {
        return loads.sum();
    }

    /** {@return the loads that ended with an error or an exception; an absence is none} */
    public long failedLoads() {
        return failedLoads.sum();
    }

    /** {@return how long all loads took, in nanoseconds} */
    public long loadNanos() {
        return loadNanos.sum();
    }

    /** {@return the refreshes of fresh values} */
    public long refreshes() {
        return refreshes.sum();
    }

    /** {@return the stale values that were served} */
    public long stale() {
        return stale.sum();
    }

    /** {@return the loads whose value was not kept, since it was invalidated, written or given up meanwhile} */
    public long discarded() {
        return discarded.sum();
    }

    /** {@return the failed calls of the remote level} */
    public long remoteFailures() {
        return remoteFailures.sum();
    }

    /** {@return how often everything was dropped because messages may have been lost} */
    public long gaps() {
        return gaps.sum();
    }

    /** {@return the writes that were handed to a writer and succeeded} */
    public long writes() {
        return writes.sum();
    }

    /** {@return the calls of a writer that failed} */
    public long failedWrites() {
        return failedWrites.sum();
    }

    /** {@return the writes that were given up} */
    public long deadLetters() {
        return deadLetters.sum();
    }

    @Override
    public void onHit(String cache) {
        hits.increment();
    }

    @Override
    public void onMiss(String cache) {
        misses.increment();
    }

    @Override
    public void onCoalesced(String cache) {
        coalesced.increment();
    }

    @Override
    public void onLoad(String cache, long nanos, @Nullable ErrorCode error) {
        loads.increment();
        loadNanos.add(nanos);
        if (error != null && error.kind() != ErrorKind.NOT_FOUND) {
            failedLoads.increment();
        }
    }

    @Override
    public void onRefresh(String cache) {
        refreshes.increment();
    }

    @Override
    public void onStale(String cache, ErrorCode reason) {
        stale.increment();
    }

    @Override
    public void onDiscardedLoad(String cache) {
        discarded.increment();
    }

    @Override
    public void onRemote(String cache, long nanos, @Nullable ErrorCode error) {
        if (error != null) {
            remoteFailures.increment();
        }
    }

    @Override
    public void onGap(String cache) {
        gaps.increment();
    }

    @Override
    public void onWrite(String queue, int count, long nanos, @Nullable ErrorCode error) {
        if (error == null) {
            writes.add(count);
        } else {
            failedWrites.increment();
        }
    }

    @Override
    public void onDeadLetter(String queue, ErrorCode error) {
        deadLetters.increment();
    }
}
