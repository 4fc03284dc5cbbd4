package dev.underpin.batching;

import org.jspecify.annotations.Nullable;

/** The batches of a scope: those that nobody runs yet, and those in flight. Guarded by the lock of the dispatch. */
@SuppressWarnings("ReferenceEquality") // threads, slots and batches are what they are
final class Batches {
    /** In order. */
    private @Nullable Batch<?, ?> firstReady;

    private @Nullable Batch<?, ?> lastReady;

    /** Those that somebody runs or is about to, newest first. */
    private @Nullable Batch<?, ?> flights;

    /** When the last one has landed. */
    private long landedNanos = Long.MIN_VALUE;

    boolean isEmpty() {
        return flights == null && firstReady == null;
    }

    @Nullable
    Batch<?, ?> ready() {
        return firstReady;
    }

    @Nullable
    Batch<?, ?> flights() {
        return flights;
    }

    void add(Batch<?, ?> batch) {
        if (lastReady == null) {
            firstReady = batch;
        } else {
            lastReady.next = batch;
        }
        lastReady = batch;
    }

    /** Takes out one that is ready. */
    void remove(@Nullable Batch<?, ?> before, Batch<?, ?> batch) {
        if (before == null) {
            firstReady = batch.next;
        } else {
            before.next = batch.next;
        }
        if (lastReady == batch) {
            lastReady = before;
        }
        batch.next = null;
    }

    /** One that was ready has got a thread. */
    void launch(Batch<?, ?> batch, Thread thread, long now) {
        batch.runner = thread;
        batch.loader.inFlight++;
        batch.next = flights;
        flights = batch;
        batch.clocked = true;
        batch.sinceNanos = now;
    }

    /** One is not in flight any more. */
    void land(Batch<?, ?> batch, long now) {
        Batch<?, ?> before = null;
        for (Batch<?, ?> one = flights; one != null && one != batch; one = one.next) {
            before = one;
        }
        if (before == null) {
            flights = batch.next;
        } else {
            before.next = batch.next;
        }
        batch.next = null;
        batch.runner = null;
        batch.loader.inFlight--;
        landedNanos = now;
    }

    /** {@return since when one that is ready waits for somebody to run it: the last progress, if there was any} */
    long readySince(Batch<?, ?> batch) {
        return Math.max(batch.sinceNanos, landedNanos);
    }

    /** One that its thread does not run becomes the first of those that are ready. */
    void giveBack(Batch<?, ?> batch, long now) {
        land(batch, now);
        if (!batch.isEnded()) {
            batch.started = false;
            batch.offered = false;
            batch.clocked = false;
            batch.next = firstReady;
            firstReady = batch;
            if (lastReady == null) {
                lastReady = batch;
            }
        }
    }

    /** {@return whether one is in flight whose time is not over} */
    boolean isFlying() {
        for (Batch<?, ?> batch = flights; batch != null; batch = batch.next) {
            if (!batch.isEnded()) {
                return true;
            }
        }
        return false;
    }

    /** {@return the one that a thread runs, the innermost} */
    @Nullable
    Batch<?, ?> current(Thread thread) {
        for (Batch<?, ?> batch = flights; batch != null; batch = batch.next) {
            if (batch.runner == thread && batch.started && batch.waits == null) {
                return batch;
            }
        }
        return null;
    }

    /** {@return whether a slot is loaded by a thread, or by one that waits, in its batch, for such a slot} */
    boolean isLoadedBy(Thread thread, Slot<?, ?> slot) {
        return flights != null && isLoadedBy(thread, slot, 0);
    }

    private boolean isLoadedBy(Thread thread, Slot<?, ?> slot, int depth) {
        Batch<?, ?> batch = slot.batch();
        if (batch == null || !batch.started || depth > 100) {
            return false;
        }
        if (batch.runner == thread) {
            return true;
        }
        Blocked inside = batch.waits;
        Batch<?, ?> seen = null;
        for (Slot<?, ?> next : inside == null ? Blocked.NONE : inside.slots) {
            // Neighbours are mostly of one batch: looked into once, or depths would multiply.
            if (next.batch() != seen && isLoadedBy(thread, next, depth + 1)) {
                return true;
            }
            seen = next.batch();
        }
        return false;
    }

    /** {@return whether the interrupt of a thread is one of ours, for a batch that it still runs} */
    boolean isInterrupted(Thread thread) {
        for (Batch<?, ?> batch = flights; batch != null; batch = batch.next) {
            if (batch.runner == thread && batch.interrupted) {
                return true;
            }
        }
        return false;
    }
}
