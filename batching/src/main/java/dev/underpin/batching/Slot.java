package dev.underpin.batching;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A key that was asked for: the node of a hash table, the element of a queue, and what holds the result. One object, since
 * there is one for every key.
 *
 * <p>Everything but the result is guarded by the lock of the dispatch. The result is written once, by who runs the batch
 * or ends it, and read by anybody; chains of the table are read without the lock by who then takes a result or looks again
 * with the lock.
 */
@SuppressWarnings("ReferenceEquality") // a mark is itself
class Slot<K, V> {
    private static final VarHandle STATE;
    private static final VarHandle NEXT;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Slot.class, "state", Object.class);
            NEXT = MethodHandles.lookup().findVarHandle(Slot.class, "next", Slot.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The state of the last one of a queue. */
    static final Object LAST = new Object();

    /** As it was asked for first. */
    final K key;

    final int hash;

    /** The next one of its chain. */
    @SuppressWarnings("unused") // by its handle
    private @Nullable Slot<K, V> next;

    /** Queued: the next one of the queue, or {@link #LAST}; taken: its {@link Batch}; loaded: its result. */
    private Object state = LAST;

    /** Null if nobody waits. */
    @Nullable
    Waiter waiters;

    Slot(K key, int hash) {
        this.key = key;
        this.hash = hash;
    }

    /** {@return by what it is told from others} */
    Object identity() {
        return key;
    }

    @SuppressWarnings("unchecked")
    final @Nullable Slot<K, V> next() {
        return (Slot<K, V>) NEXT.getAcquire(this);
    }

    final void next(@Nullable Slot<K, V> slot) {
        NEXT.setRelease(this, slot);
    }

    /** {@return the result, if there is one} */
    @SuppressWarnings("unchecked")
    final @Nullable Result<V, DomainError> result() {
        Object now = STATE.getAcquire(this);
        // Classes, not their interface: that check is slow where it fails, and it fails for every key that is asked for
        // first.
        return now instanceof Result.Ok || now instanceof Result.Err ? (Result<V, DomainError>) now : null;
    }

    final void finish(Result<V, DomainError> result) {
        STATE.setRelease(this, result);
    }

    final boolean isQueued() {
        Object now = STATE.getAcquire(this);
        return now == LAST || now instanceof Slot;
    }

    /** {@return the batch that it was taken into, if it has no result yet} */
    final @Nullable Batch<?, ?> batch() {
        return STATE.getAcquire(this) instanceof Batch<?, ?> batch ? batch : null;
    }

    final void take(Batch<K, V> batch) {
        state = batch;
    }

    /** {@return the next one of the queue} */
    @SuppressWarnings("unchecked")
    final @Nullable Slot<K, V> behind() {
        return state == LAST ? null : (Slot<K, V>) state;
    }

    final void behind(Slot<K, V> slot) {
        state = slot;
    }

    final void add(Waiter waiter) {
        waiter.next(waiters);
        waiters = waiter;
    }

    /** {@return whether the value is wanted} Forgets the newest of those that wait no more; each of them once. */
    final boolean isWanted() {
        while (waiters != null && !waiters.isLive()) {
            waiters = waiters.next();
        }
        return waiters != null;
    }

    /** A key that is told from others by something else than itself. */
    static final class Canonical<K, V> extends Slot<K, V> {
        private final Object identity;

        Canonical(K key, Object identity, int hash) {
            super(key, hash);
            this.identity = identity;
        }

        @Override
        Object identity() {
            return identity;
        }
    }
}
