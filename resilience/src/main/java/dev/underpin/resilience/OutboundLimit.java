package dev.underpin.resilience;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A quota of calls to one dependency. */
final class OutboundLimit {
    private final long originNanos;
    /** When the bucket will be full again. */
    private final AtomicLong fullNanos = new AtomicLong();

    private final ReentrantLock changing = new ReentrantLock();
    private volatile Bandwidth bandwidth;
    /** What the next call changes to: only a call knows what time it is. */
    private volatile @Nullable Bandwidth next;

    OutboundLimit(Bandwidth bandwidth, long nowNanos) {
        this.bandwidth = bandwidth;
        originNanos = nowNanos;
    }

    /** {@return how long to wait for a permit, or at most zero if one was taken} */
    long tryAcquire(long nowNanos) {
        long now = nowNanos - originNanos;
        if (next != null) {
            change(now);
        }
        Bandwidth limit = bandwidth;
        while (true) {
            long full = fullNanos.get();
            long wait = limit.waitNanos(full, now);
            if (wait > 0 || fullNanos.compareAndSet(full, limit.next(full, now))) {
                return wait;
            }
        }
    }

    /** Takes another quota; the permits used of the old one are used of this one. */
    void reconfigure(Bandwidth to) {
        changing.lock();
        try {
            next = to.equals(bandwidth) ? null : to;
        } finally {
            changing.unlock();
        }
    }

    private void change(long now) {
        changing.lock();
        try {
            Bandwidth from = bandwidth;
            Bandwidth to = next;
            if (to != null) {
                // RACE: who is just taking a permit of the old quota may add its time to the new one.
                fullNanos.updateAndGet(full -> now + to.usedNanos(from.permits() - from.remaining(full, now)));
                bandwidth = to;
                next = null;
            }
        } finally {
            changing.unlock();
        }
    }
}
