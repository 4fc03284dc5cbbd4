package dev.underpin.caching;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a key maps to: a load and then, usually, what it loaded. Its identity is the lease: what takes it out of the map
 * takes away its right to fill the key. One object for both, and one hook instead of a dependent stage for Caffeine, since
 * a miss is paid in allocations.
 *
 * <p>It completes with a slot: with itself once its fields are written, or with another one whose content answers for it.
 * It never completes exceptionally, since Caffeine would log that; what a loader threw is in {@link #state}. Never handed
 * out: a caller that cancels its future must not cancel that of the others.
 */
@SuppressWarnings({"FutureReturnValueIgnored", "ReferenceEquality"}) // a slot is looked at without waiting; markers
class Slot<K, V> extends CompletableFuture<Slot<K, V>> {
    /** The sequence of what no load brought. */
    static final long NO_LOAD = Long.MAX_VALUE;

    private static final Object DONE = new Object();
    private static final Object SETTLED = new Object();
    private static final VarHandle HOOK;
    private static final VarHandle STATE;
    private static final VarHandle COMPANION;
    private static final VarHandle REFRESH_NANOS;

    static {
        try {
            var lookup = MethodHandles.lookup();
            HOOK = lookup.findVarHandle(Slot.class, "hook", Object.class);
            STATE = lookup.findVarHandle(Slot.class, "state", Object.class);
            COMPANION = lookup.findVarHandle(Slot.class, "companion", Slot.class);
            REFRESH_NANOS = lookup.findVarHandle(Slot.class, "refreshNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Where it is, or was: after a clear, the map of the cache is another one. */
    final ConcurrentMap<K, CompletableFuture<Slot<K, V>>> map;

    final K key;

    /**
     * When the claim was made. Of a finished slot, when the load of its value began, be it in another process. RACE: who has
     * just seen it unfinished may read the latter, and take it for a load out of time; that is found out by finishing it.
     */
    long startNanos;

    /** The number of the latest invalidation of a tag when the load began. Written by who loads, before completion. */
    long sequence;

    /** Until when the value is fresh. Written before completion. */
    long freshNanos = -Clock.NEVER;

    /** No attempt to load is made before, unless the value is no longer to be had otherwise. */
    volatile long refreshNanos = -Clock.NEVER;

    /** What a get returns; null where the loader threw. Written before completion. */
    @Nullable
    Result<V, DomainError> result;

    /** The cells of its tags. Written before completion. */
    Tags.Cell[] tags = Tags.NONE;

    /** Who runs the load; then what the loader threw, or the latest {@link Failure} to renew the value. */
    volatile @Nullable Object state;

    /** While this loads, the value before, to fall back to or being refreshed; then the load that refreshes this. */
    private volatile @Nullable Slot<K, V> companion;

    @SuppressWarnings("unused") // by the handle
    private volatile @Nullable Object hook;

    Slot(ConcurrentMap<K, CompletableFuture<Slot<K, V>>> map, K key, long startNanos, long sequence) {
        this.map = map;
        this.key = key;
        this.startNanos = startNanos;
        this.sequence = sequence;
    }

    /** Makes the calling thread the one that runs the load. */
    boolean start() {
        return STATE.compareAndSet(this, null, Thread.currentThread());
    }

    /** {@return who runs the load, as long as it runs} */
    @Nullable
    Thread owner() {
        return state instanceof Thread thread && !isDone() ? thread : null;
    }

    /** {@return what answers for this slot, or null while it loads} */
    @Nullable
    Slot<K, V> value() {
        return getNow(null);
    }

    void previous(Slot<K, V> value) {
        companion = value;
    }

    /** {@return the value before, while this loads} */
    @Nullable
    Slot<K, V> previous() {
        Slot<K, V> value = companion;
        return isDone() ? null : value;
    }

    /** {@return whether this call is the first, who is to set the timer} Marks a field that means nothing before the end. */
    boolean arm() {
        return REFRESH_NANOS.compareAndSet(this, -Clock.NEVER, 1 - Clock.NEVER);
    }

    void disarm() {
        REFRESH_NANOS.compareAndSet(this, 1 - Clock.NEVER, -Clock.NEVER);
    }

    /** {@return the refresh that runs, if any} */
    @Nullable
    Slot<K, V> refreshing() {
        Slot<K, V> running = isDone() ? companion : null;
        return running == null || running.isDone() ? null : running;
    }

    @CanIgnoreReturnValue
    boolean refreshBy(@Nullable Slot<K, V> expected, @Nullable Slot<K, V> next) {
        return COMPANION.compareAndSet(this, expected, next);
    }

    /** {@return whether this call completes it} */
    @CanIgnoreReturnValue
    boolean finish(Slot<K, V> value) {
        Slot<K, V> previous = companion;
        boolean first = complete(value);
        Object waiting = HOOK.getAndSet(this, DONE);
        // Not null again: nobody may start it from now on. A thread that still runs it leaves when it is done.
        if (!STATE.compareAndSet(this, null, SETTLED)) {
            STATE.compareAndSet(this, Thread.currentThread(), SETTLED);
        }
        if (first && previous != null) {
            refreshBy(previous, null);
        }
        if (waiting instanceof BiConsumer) {
            run(waiting);
        }
        return first;
    }

    /** {@return a finished slot for the same key, with an error, not to be kept} */
    Slot<K, V> failed(Result<V, DomainError> error) {
        Slot<K, V> slot = new Slot<>(map, key, startNanos, NO_LOAD);
        slot.result = error;
        slot.complete(slot);
        return slot;
    }

    /** {@return a finished slot for the same key, with what a loader threw, not to be kept} */
    Slot<K, V> thrown(Throwable thrown) {
        Slot<K, V> slot = new Slot<>(map, key, startNanos, NO_LOAD);
        slot.state = thrown;
        slot.complete(slot);
        return slot;
    }

    /** {@return a finished slot with this one's value, past its time, that is not loaded anew before} */
    Slot<K, V> stale(long freshUntilNanos, long retryNanos, @Nullable Failure reason) {
        Slot<K, V> slot = new Slot<>(map, key, startNanos, sequence);
        slot.result = result;
        slot.tags = tags;
        slot.freshNanos = Math.min(freshNanos, freshUntilNanos);
        slot.refreshNanos = retryNanos;
        slot.state = reason;
        slot.complete(slot);
        return slot;
    }

    /**
     * Keeps the one action that Caffeine registers, to weigh the value and to begin its time when it is there. It would
     * cost two objects as a dependent stage, and Caffeine drops the stage.
     */
    @Override
    public CompletableFuture<Slot<K, V>> whenComplete(BiConsumer<? super Slot<K, V>, ? super Throwable> action) {
        if (HOOK.compareAndSet(this, null, action)) {
            // RACE: it may have been finished just before, or was born so. Whoever takes the action out runs it.
            if (isDone() && HOOK.compareAndSet(this, action, DONE)) {
                run(action);
            }
            return this;
        }
        if (isDone()) {
            run(action);
            return this;
        }
        return super.whenComplete(action);
    }

    @SuppressWarnings("unchecked") // only whenComplete writes it
    private void run(Object action) {
        ((BiConsumer<Slot<K, V>, @Nullable Throwable>) action).accept(join(), null);
    }

    /**
     * Why there is no newer value.
     *
     * @param code what loading one failed with
     * @param sequence the number of the latest invalidation of a tag when that load began: one after it asks for another
     */
    record Failure(ErrorCode code, long sequence) {}

    /** The load of a value that is still served: put in its place if that is still there. */
    static final class Refresh<K, V> extends Slot<K, V> {
        /** What holds the place of the value; let go of at the end, or every value would hold the one before. */
        volatile @Nullable Slot<K, V> base;

        Refresh(Slot<K, V> base, Slot<K, V> value, long startNanos, long sequence) {
            super(base.map, base.key, startNanos, sequence);
            this.base = base;
            previous(value);
        }

        @Override
        boolean finish(Slot<K, V> value) {
            boolean first = super.finish(value);
            base = null;
            return first;
        }
    }
}
