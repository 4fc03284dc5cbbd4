package dev.underpin.resilience;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * So many at a time, and a queue before it: first come, first served, threads and callbacks alike. A place is passed on by
 * who leaves it, so that nobody who comes later takes it from who waits.
 */
final class Bulkhead {
    private final TimeSource time;

    /** Guards what follows; never held while code of others runs. */
    private final ReentrantLock lock = new ReentrantLock();

    private final ArrayDeque<Waiter> queue = new ArrayDeque<>();
    private int places;
    private final int maxQueued;
    private int inFlight;

    Bulkhead(TimeSource time, int places, int maxQueued) {
        this.time = time;
        this.places = places;
        this.maxQueued = maxQueued;
    }

    /** How an entry ended. */
    enum Entry {
        ENTERED,
        /** No place came free in the time, or the queue is full. */
        FULL,
        INTERRUPTED
    }

    /** {@return whether there was a place at once} */
    boolean tryEnter() {
        lock.lock();
        try {
            // Who waits goes first, even if a place has become free by a change of their number.
            boolean free = inFlight < places && queue.isEmpty();
            inFlight += free ? 1 : 0;
            return free;
        } finally {
            lock.unlock();
        }
    }

    /** Waits on this thread for a place, in the order of arrival. */
    Entry enter(long maxWaitNanos) {
        Waiter waiter = new Waiter(Thread.currentThread(), null);
        if (!enqueue(waiter, maxWaitNanos)) {
            return waiter.state == Waiter.State.IN ? Entry.ENTERED : Entry.FULL;
        }
        boolean interrupted = false;
        while (waiter.state == Waiter.State.WAITING && !interrupted) {
            LockSupport.park(this);
            interrupted = Thread.currentThread().isInterrupted();
        }
        boolean left = interrupted && giveUp(waiter);
        waiter.forgetTimer();
        if (left) {
            return Entry.INTERRUPTED;
        }
        return waiter.state == Waiter.State.IN ? Entry.ENTERED : Entry.FULL;
    }

    /**
     * Waits without a thread: the callback hears once whether there was a place, on the calling thread if that is known
     * at once, else on the thread that left a place or on that of the timer: it must be short.
     *
     * @return the waiter, to give up
     */
    Waiter enterLater(long maxWaitNanos, Consumer<Boolean> entered) {
        Waiter waiter = new Waiter(null, entered);
        if (!enqueue(waiter, maxWaitNanos)) {
            entered.accept(waiter.state == Waiter.State.IN);
        }
        return waiter;
    }

    /** Leaves the place to who has waited longest, if anybody has. */
    void leave() {
        Waiter next;
        lock.lock();
        try {
            inFlight--;
            next = admitNext();
        } finally {
            lock.unlock();
        }
        tell(next);
    }

    /** {@return whether the waiter had no place yet; it gets none any more, and its callback hears nothing} */
    boolean giveUp(Waiter waiter) {
        lock.lock();
        try {
            if (waiter.state != Waiter.State.WAITING) {
                return false;
            }
            waiter.state = Waiter.State.OUT;
            queue.remove(waiter);
        } finally {
            lock.unlock();
        }
        waiter.forgetTimer();
        return true;
    }

    /** Takes another number of places; those who are in stay in. */
    void resize(int places) {
        lock.lock();
        try {
            this.places = places;
        } finally {
            lock.unlock();
        }
        Waiter next;
        do {
            lock.lock();
            try {
                next = admitNext();
            } finally {
                lock.unlock();
            }
            tell(next);
        } while (next != null);
    }

    int inFlight() {
        lock.lock();
        try {
            return inFlight;
        } finally {
            lock.unlock();
        }
    }

    private boolean enqueue(Waiter waiter, long maxWaitNanos) {
        lock.lock();
        try {
            if (inFlight < places && queue.isEmpty()) {
                inFlight++;
                waiter.state = Waiter.State.IN;
                return false;
            }
            if (maxWaitNanos <= 0 || queue.size() >= maxQueued) {
                waiter.state = Waiter.State.OUT;
                return false;
            }
            queue.add(waiter);
        } finally {
            lock.unlock();
        }
        boolean timed = false;
        try {
            waiter.timer = time.schedule(Duration.ofNanos(maxWaitNanos), () -> expire(waiter));
            timed = true;
        } finally {
            if (!timed && !giveUp(waiter)) {
                leave(); // no timer and nobody who will enter: the place goes on to the next
            }
        }
        if (waiter.state != Waiter.State.WAITING) {
            waiter.forgetTimer(); // it was let in before it had a timer to forget
        }
        return true;
    }

    private void expire(Waiter waiter) {
        if (giveUp(waiter)) {
            tell(waiter);
        }
    }

    private @Nullable Waiter admitNext() {
        Waiter next = inFlight < places ? queue.poll() : null;
        if (next != null) {
            inFlight++;
            next.state = Waiter.State.IN;
        }
        return next;
    }

    private static void tell(@Nullable Waiter waiter) {
        if (waiter == null) {
            return;
        }
        if (waiter.thread != null) {
            LockSupport.unpark(waiter.thread);
        }
        if (waiter.callback != null) {
            waiter.forgetTimer();
            waiter.callback.accept(waiter.state == Waiter.State.IN);
        }
    }

    /** A thread, or a callback, in the queue. */
    static final class Waiter {
        private enum State {
            WAITING,
            IN,
            OUT
        }

        private final @Nullable Thread thread;
        private final @Nullable Consumer<Boolean> callback;
        private volatile State state = State.WAITING;
        private volatile @Nullable Future<?> timer;

        private Waiter(@Nullable Thread thread, @Nullable Consumer<Boolean> callback) {
            this.thread = thread;
            this.callback = callback;
        }

        private void forgetTimer() {
            Future<?> pending = timer;
            if (pending != null) {
                pending.cancel(false);
            }
        }
    }
}
