package dev.underpin.idempotency;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the leases of all runs of this process. The timer of the time source, which must not block, looks for those that
 * are due and cancels those whose lease may end soon; an executor asks the store, for all of them together.
 */
final class Heartbeat {
    private static final int BEATS_IN_LEASE = 3;
    private static final int RETRIES_IN_LEASE = 12;

    private final IdempotencyStore store;
    private final TimeSource time;
    private final Executor executor;
    private final Notices notices;
    private final ReentrantLock lock = new ReentrantLock();

    // All guarded by the lock, which is not held while the store or the executor works.
    private final Map<LeasedRun, Beat> held = new LinkedHashMap<>();
    private boolean renewing;
    private long nextTickNanos;
    private @Nullable Future<?> nextTick;

    Heartbeat(IdempotencyStore store, TimeSource time, Executor executor, Notices notices) {
        this.store = store;
        this.time = time;
        this.executor = executor;
        this.notices = notices;
    }

    /** Begins to renew the lease of a run, which was asked for at {@code claimedNanos}. */
    void add(LeasedRun run, long claimedNanos) {
        lock.lock();
        try {
            held.put(run, new Beat(run, claimedNanos));
        } finally {
            lock.unlock();
        }
        scheduleTick();
    }

    void remove(LeasedRun run) {
        lock.lock();
        try {
            held.remove(run);
            if (held.isEmpty() && nextTick != null) {
                nextTick.cancel(/* mayInterruptIfRunning= */ false);
                nextTick = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void tick() {
        List<LeasedRun> ended = new ArrayList<>();
        List<Beat> due = new ArrayList<>();
        lock.lock();
        try {
            nextTick = null;
            long now = time.nanoTime();
            held.values().removeIf(beat -> {
                boolean over = now - beat.deadlineNanos >= 0;
                if (over) {
                    ended.add(beat.run);
                }
                return over;
            });
            if (!renewing && held.values().stream().anyMatch(beat -> now - beat.nextNanos >= 0)) {
                renewing = true;
                // Those that are due soon come along: one call then keeps them together from now on.
                held.values().stream().filter(beat -> beat.isNear(now)).forEach(due::add);
            }
        } finally {
            lock.unlock();
        }
        ended.forEach(LeasedRun::lose);
        if (!due.isEmpty()) {
            submit(due);
        }
        scheduleTick();
    }

    private void submit(List<Beat> due) {
        try {
            executor.execute(() -> renew(due));
        } catch (RuntimeException | Error e) { // such as that no thread can be started, which may pass
            failed(due, e);
            renewed();
        }
    }

    private void renew(List<Beat> due) {
        try {
            Map<Duration, List<Beat>> byLease = new LinkedHashMap<>();
            due.forEach(beat -> byLease.computeIfAbsent(beat.run.lease(), lease -> new ArrayList<>())
                    .add(beat));
            byLease.forEach(this::renew);
        } finally {
            renewed();
        }
        scheduleTick();
    }

    private void renew(Duration lease, List<Beat> beats) {
        Map<IdempotencyStore.Key, UUID> owners = new LinkedHashMap<>();
        // Of two runs of one key the later one can only be there because the earlier lost it.
        beats.forEach(beat -> owners.put(beat.run.key(), beat.run.owner()));
        long askedNanos = time.nanoTime();
        Set<IdempotencyStore.Key> kept;
        try {
            kept = store.renew(owners, lease);
        } catch (RuntimeException | Error e) {
            failed(beats, e);
            return;
        }
        List<LeasedRun> lost = new ArrayList<>();
        lock.lock();
        try {
            for (Beat beat : beats) {
                IdempotencyStore.Key key = beat.run.key();
                if (kept.contains(key) && beat.run.owner().equals(owners.get(key))) {
                    beat.renewedAt(askedNanos);
                } else if (held.remove(beat.run) != null) {
                    lost.add(beat.run);
                }
            }
        } finally {
            lock.unlock();
        }
        lost.forEach(LeasedRun::lose);
    }

    /** Tries again soon; a run is cancelled when its deadline comes, and no sooner. */
    private void failed(List<Beat> beats, Throwable thrown) {
        lock.lock();
        try {
            long now = time.nanoTime();
            beats.forEach(beat -> beat.nextNanos = now + beat.leaseNanos / RETRIES_IN_LEASE);
        } finally {
            lock.unlock();
        }
        RuntimeException failure = thrown instanceof RuntimeException known
                ? known
                : new IllegalStateException("Leases could not be renewed", thrown);
        beats.forEach(beat -> notices.storeFailed(beat.run.operation(), failure));
    }

    private void renewed() {
        lock.lock();
        try {
            renewing = false;
        } finally {
            lock.unlock();
        }
    }

    /** Makes sure that the next tick comes when the next run is due. */
    private void scheduleTick() {
        lock.lock();
        try {
            if (held.isEmpty()) {
                return;
            }
            long now = time.nanoTime();
            long wait = Long.MAX_VALUE;
            for (Beat beat : held.values()) {
                // While the store is being asked, nothing but a deadline can be due.
                long next = renewing ? beat.deadlineNanos : beat.nextNanos;
                wait = Math.min(wait, Math.min(next - now, beat.deadlineNanos - now));
            }
            if (nextTick != null) {
                if (nextTickNanos - now <= wait) {
                    return;
                }
                nextTick.cancel(/* mayInterruptIfRunning= */ false);
            }
            nextTickNanos = now + wait;
            nextTick = time.schedule(Duration.ofNanos(Math.max(0, wait)), this::tick);
        } finally {
            lock.unlock();
        }
    }

    /** When a run is due; guarded by the lock. */
    private static final class Beat {
        final LeasedRun run;
        final long leaseNanos;
        long nextNanos;
        long deadlineNanos;

        Beat(LeasedRun run, long askedNanos) {
            this.run = run;
            this.leaseNanos = run.lease().toNanos();
            renewedAt(askedNanos);
        }

        void renewedAt(long askedNanos) {
            nextNanos = askedNanos + leaseNanos / BEATS_IN_LEASE;
            deadlineNanos = askedNanos + run.reliableNanos();
        }

        boolean isNear(long now) {
            return now - (nextNanos - leaseNanos / BEATS_IN_LEASE / 2) >= 0;
        }
    }
}
