package dev.underpin.caching;

import dev.underpin.caching.WriteBehind.WhenFull;
import dev.underpin.caching.WriteBehind.Write;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The keys whose changes wait to be written, and when each is due. Under its lock nothing of others runs but equals and
 * hashCode of keys, and the time source. Thread-safe.
 *
 * <p>A key is in one of three places: among the fresh, in the order in which they became dirty; among the suspects, which
 * have failed alone and wait for their next attempt; or in the hands of the one who writes. A change of a key that is
 * dirty already needs no lock.
 */
final class DirtyKeys<K, V> {
    /** What became of a change. */
    enum Admission {
        ADDED,
        REPLACED,
        FULL,
        CLOSED,
        /** The caller writes it, and ends that with {@link #release}. */
        WRITE_THROUGH
    }

    /** A key, and how many of its changes will have been written once the one that is waited for has been. */
    record Awaited<K, V>(Dirty<K, V> dirty, int until) {
        private boolean isWritten() {
            return dirty.written >= until || (dirty.isGone() && !dirty.givenUp);
        }

        private boolean isSettled() {
            return isWritten() || dirty.isGone();
        }
    }

    static final long NEVER = Long.MAX_VALUE;

    private static final long BASE_NANOS = Duration.ofMillis(100).toNanos();
    private static final long MAX_NANOS = Duration.ofSeconds(30).toNanos();

    private final int max;
    private final long delayNanos;
    private final TimeSource time;
    private final ConcurrentHashMap<K, Dirty<K, V>> entries = new ConcurrentHashMap<>();
    private volatile boolean closed;

    // The rest, and what is mutable in each key but its change, is guarded by the lock.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PriorityQueue<Dirty<K, V>> fresh =
            new PriorityQueue<>(Comparator.comparingLong((Dirty<K, V> dirty) -> dirty.number));
    private final PriorityQueue<Dirty<K, V>> suspects = new PriorityQueue<>((a, b) -> Long.signum(a.due - b.due));
    private int count;
    private long number;
    /** Up to here, fresh keys are due whatever the time. */
    private long hurried;

    private boolean suspectLast;
    private volatile boolean stopped; // written under the lock

    DirtyKeys(int max, long delayNanos, TimeSource time) {
        this.max = max;
        this.delayNanos = delayNanos;
        this.time = time;
    }

    /** {@return how long to wait after so many failures in a row} */
    static long backoffNanos(int failures) {
        return Math.min(MAX_NANOS, BASE_NANOS << Math.min(failures - 1, 20));
    }

    /* ---- callers ---- */

    int size() {
        return entries.size();
    }

    Optional<Write<K, V>> get(K key) {
        Dirty<K, V> dirty = entries.get(key);
        return dirty == null ? Optional.empty() : dirty.read();
    }

    Admission admit(K key, Object change, WhenFull whenFull, Duration maxWait) throws InterruptedException {
        Dirty<K, V> dirty = entries.get(key);
        if (dirty != null && !closed && dirty.replace(change)) {
            return Admission.REPLACED;
        }
        return admitSlowly(key, change, whenFull, maxWait);
    }

    private Admission admitSlowly(K key, Object change, WhenFull whenFull, Duration maxWait)
            throws InterruptedException {
        Patience patience = null;
        lock.lock();
        try {
            Admission admission = tryAdmit(key, change, whenFull);
            while (admission == null) {
                if (patience == null) {
                    patience = new Patience(maxWait);
                }
                if (patience.over) {
                    return Admission.FULL;
                }
                changed.await();
                admission = tryAdmit(key, change, whenFull);
            }
            return admission;
        } finally {
            if (patience != null) {
                patience.end();
            }
            lock.unlock();
        }
    }

    /** {@return null if it may be admitted later} */
    private @Nullable Admission tryAdmit(K key, Object change, WhenFull whenFull) {
        if (closed) {
            return Admission.CLOSED;
        }
        Dirty<K, V> dirty = entries.get(key);
        if (dirty != null) {
            return dirty.replace(change) ? Admission.REPLACED : null;
        }
        if (count < max) {
            add(Dirty.of(key, change));
            return Admission.ADDED;
        }
        return switch (whenFull) {
            case BLOCK -> null;
            case REJECT -> Admission.FULL;
            case WRITE_THROUGH -> {
                entries.put(key, Dirty.held(key)); // so that nobody else writes this key meanwhile
                yield Admission.WRITE_THROUGH;
            }
        };
    }

    private void add(Dirty<K, V> dirty) {
        dirty.number = ++number;
        dirty.since = time.nanoTime();
        entries.put(dirty.key, dirty);
        fresh.add(dirty);
        count++;
        hurryIfHalfFull();
    }

    private void hurryIfHalfFull() {
        if (count >= max - max / 2) {
            hurried = Math.max(hurried, number); // to wait for more would only fill it
        }
    }

    /** Ends a write of the caller, who alone knows what became of it. */
    void release(K key) {
        lock.lock();
        try {
            Dirty<K, V> held = entries.remove(key);
            if (held != null) {
                held.release();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /* ---- who waits until all is written ---- */

    /** {@return what is dirty now}, and due from now on, unless it has failed and waits for its next attempt. */
    List<Awaited<K, V>> hurry() {
        lock.lock();
        try {
            hurried = Math.max(hurried, number);
            var awaited = new ArrayList<Awaited<K, V>>();
            for (Dirty<K, V> dirty : entries.values()) {
                if (!dirty.isHeld()) {
                    // What is in hand may be older than what was put last: then it is the next write that counts.
                    boolean old = dirty.inHand && !dirty.isNewest();
                    awaited.add(new Awaited<>(dirty, dirty.written + (old ? 2 : 1)));
                }
            }
            return awaited;
        } finally {
            lock.unlock();
        }
    }

    /** {@return all that is dirty}, and due from now on, while nothing can be added. */
    List<Awaited<K, V>> close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            hurried = Long.MAX_VALUE;
            long now = time.nanoTime();
            for (Dirty<K, V> suspect : suspects) {
                suspect.due = now; // all the same: the order stays one
            }
            var awaited = new ArrayList<Awaited<K, V>>();
            for (Dirty<K, V> dirty : entries.values()) {
                dirty.failures = Math.min(1, dirty.failures);
                awaited.add(new Awaited<>(dirty, Integer.MAX_VALUE));
            }
            return awaited;
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@return the keys that were not written until then} An interrupt ends the wait, and is kept.
     *
     * @param closing whether nothing is handed out any more once the wait is over
     */
    Set<K> await(List<Awaited<K, V>> awaited, Duration deadline, boolean closing) {
        var unwritten = new LinkedHashSet<K>();
        boolean interrupted = false;
        var patience = new Patience(deadline);
        lock.lock();
        try {
            for (Awaited<K, V> one : awaited) {
                while (!one.isSettled() && !patience.over && !interrupted && !stopped) {
                    try {
                        changed.await();
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
                if (!one.isWritten()) {
                    unwritten.add(one.dirty.key);
                }
            }
            if (closing) {
                stopped = true;
                changed.signalAll();
            }
        } finally {
            patience.end();
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return Collections.unmodifiableSet(unwritten);
    }

    /* ---- the one who writes ---- */

    boolean isStopped() {
        return stopped;
    }

    /** {@return how long until something is due, not above zero if it is; {@link #NEVER} if nothing waits} */
    long dueInNanos() {
        lock.lock();
        try {
            long now = time.nanoTime();
            Dirty<K, V> first = fresh.peek();
            Dirty<K, V> suspect = suspects.peek();
            return stopped
                    ? NEVER
                    : Math.min(
                            first == null ? NEVER : freshInNanos(first, now),
                            suspect == null ? NEVER : suspect.due - now);
        } finally {
            lock.unlock();
        }
    }

    private long freshInNanos(Dirty<K, V> dirty, long now) {
        return dirty.number <= hurried ? 0 : delayNanos - (now - dirty.since);
    }

    /**
     * {@return what is due, at most so many keys; empty if nothing is} A suspect comes alone, since who is with it would be
     * written twice; and in turn with the fresh, so that neither waits for all of the others.
     */
    List<Dirty<K, V>> next(int maxBatch) {
        lock.lock();
        try {
            var batch = new ArrayList<Dirty<K, V>>();
            long now = time.nanoTime();
            Dirty<K, V> suspect = suspects.peek();
            boolean suspectDue = !stopped && suspect != null && suspect.due - now <= 0;
            if (!(suspectDue && !suspectLast)) {
                takeFresh(batch, maxBatch, now);
            }
            suspectLast = batch.isEmpty() && suspectDue;
            if (suspectLast) {
                batch.add(suspects.remove());
            }
            long next = ++number;
            for (Dirty<K, V> dirty : batch) {
                dirty.inHand = true;
                dirty.nextNumber = next;
                dirty.nextSince = now;
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void takeFresh(List<Dirty<K, V>> batch, int maxBatch, long now) {
        Dirty<K, V> first = fresh.peek();
        while (!stopped && first != null && batch.size() < maxBatch && freshInNanos(first, now) <= 0) {
            batch.add(fresh.remove());
            first = fresh.peek();
        }
    }

    /** What was in hand is in the store. */
    void written(List<Dirty<K, V>> batch) {
        lock.lock();
        try {
            for (Dirty<K, V> dirty : batch) {
                dirty.written++;
                dirty.failures = 0;
                dirty.inHand = false;
                if (!retired(dirty)) {
                    // Changed since it was taken: so its time counts from there.
                    dirty.number = dirty.nextNumber;
                    dirty.since = dirty.nextSince;
                    fresh.add(dirty);
                }
            }
            hurryIfHalfFull();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** It has failed alone, and is tried again later. */
    void retry(Dirty<K, V> dirty) {
        lock.lock();
        try {
            suspect(dirty);
        } finally {
            lock.unlock();
        }
    }

    private void suspect(Dirty<K, V> dirty) {
        dirty.inHand = false;
        dirty.failures++;
        dirty.due = time.nanoTime() + backoffNanos(dirty.failures);
        suspects.add(dirty);
    }

    /** What was in hand is never written; a change that came meanwhile is. */
    void giveUp(Dirty<K, V> dirty) {
        lock.lock();
        try {
            dirty.givenUp = true;
            if (retired(dirty)) {
                dirty.inHand = false;
            } else {
                dirty.givenUp = false;
                suspect(dirty);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean retired(Dirty<K, V> dirty) {
        if (!dirty.retire()) {
            return false;
        }
        entries.remove(dirty.key, dirty);
        count--;
        return true;
    }

    /** What is still in hand was not settled: it stands where it stood. */
    void putBack(List<Dirty<K, V>> batch) {
        lock.lock();
        try {
            for (Dirty<K, V> dirty : batch) {
                if (dirty.inHand) {
                    dirty.inHand = false;
                    (dirty.failures == 0 ? fresh : suspects).add(dirty);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** How long somebody waits. */
    private final class Patience {
        private boolean over; // guarded by the lock
        private final @Nullable Future<?> timer;

        Patience(Duration max) {
            over = max.isNegative() || max.isZero();
            timer = over ? null : time.schedule(max, this::expire);
        }

        private void expire() {
            lock.lock();
            try {
                over = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        void end() {
            if (timer != null) {
                timer.cancel(/* mayInterruptIfRunning= */ false);
            }
        }
    }
}
