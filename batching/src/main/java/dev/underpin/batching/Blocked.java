package dev.underpin.batching;

import org.jspecify.annotations.Nullable;

/** A thread that waits, and may be given a batch to run meanwhile. Guarded by the lock of the dispatch. */
final class Blocked implements Waiter {
    final Thread thread;

    /** Whose keys it waits for; null if it waits for something else. */
    final @Nullable ScopedLoader<?, ?> loader;

    /** The slots that it waits for, if any. */
    Slot<?, ?>[] slots = NONE;

    /** How many of them have no result. */
    int missing = 1;

    /** Who counts again when this wakes; null if the thread did not count when it began to wait. */
    Members.@Nullable Member member;

    /** Whether it counts again already. */
    boolean counted;

    /** The batch that its thread runs and in which it waits. */
    @Nullable
    Batch<?, ?> inside;

    /** What the same thread waited for already, if it is the owner. */
    @Nullable
    Blocked outer;

    /** What it is to run, or runs. */
    @Nullable
    Batch<?, ?> work;

    /** Runs a batch. */
    boolean busy;

    /** Is the owner, has run a batch and tells those who waited, and runs nothing that was registered. */
    boolean telling;

    /** Waits for a task. */
    boolean forTask;

    /** Waits for a limited time: it should rather not be given a batch. */
    boolean limited;

    /** Volatile, since the thread looks at it without the lock. */
    volatile boolean timedOut;

    /** The future that it waits for, which its caller may complete. */
    @Nullable
    LoadFuture<?> future;

    /** Has been unparked for good. */
    boolean told;

    /** The next one of those whom the same batch has woken. */
    @Nullable
    Blocked toldNext;

    /** Waits no more, though there is no result. */
    private boolean gone;

    /** There is a result. Volatile, since the thread looks at it without the lock. */
    volatile boolean woken;

    private @Nullable Waiter next;

    static final Slot<?, ?>[] NONE = {};

    Blocked(Thread thread, @Nullable ScopedLoader<?, ?> loader) {
        this.thread = thread;
        this.loader = loader;
    }

    /** {@return whether it can be given a batch} */
    boolean isIdle() {
        return isLive() && !timedOut && !busy && work == null;
    }

    /**
     * {@return whether it may run a batch} In a batch only what it needs: the other batch might wait for the one that it is
     * in, which could not go on below it.
     */
    boolean accepts(Batch<?, ?> batch) {
        return isIdle() && (inside == null || loader == null || loader == batch.loader);
    }

    void leave() {
        gone = true;
    }

    @Override
    public @Nullable Waiter next() {
        return next;
    }

    @Override
    public void next(@Nullable Waiter waiter) {
        next = waiter;
    }

    @Override
    public boolean isLive() {
        return !gone && !woken;
    }
}
