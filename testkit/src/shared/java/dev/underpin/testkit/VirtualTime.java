package dev.underpin.testkit;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TimeSource} that stands still until it is told to move.
 *
 * <p>{@link #advance} moves it and runs the tasks that fall due on the way: on the calling thread, in order of due time,
 * those due together in order of scheduling. While a task runs, the time is the one it was due at. What a task schedules
 * within the same window runs in the same advance; a task that schedules itself again without delay therefore keeps the
 * advance from returning.
 *
 * <p>{@link #sleep} never waits: it advances the time by its own duration, on the calling thread.
 *
 * <p>{@link #nanoTime} starts one microsecond before {@link Long#MAX_VALUE}, so that code which compares two readings by
 * {@code <} instead of by their difference fails in the first test. Wall time starts at the given instant, by default
 * {@value #START}, and both move together. Time ends 292 years after its start, or with {@link Instant#MAX}: what would
 * go further stops there.
 *
 * <p>Thread-safe. A test that asserts an order advances from one thread. Advances that overlap, from several threads or
 * from inside a task, do not add up: each ends at least its own duration after its call, every task still runs once and
 * starts in order, but while it runs, another thread may move the time on.
 */
public final class VirtualTime implements TimeSource {
    private static final String START = "2026-01-01T00:00:00Z";
    private static final long NANO_ORIGIN = Long.MAX_VALUE - 1_000;

    /*
     * The lock guards the position of time and the pending tasks, and is never held while a task or any other code of
     * the user runs: a task may advance, sleep, schedule and cancel, and a task that hangs blocks only the thread that
     * runs it.
     *
     * INVARIANT: no pending task is due before the current position. It holds for a new task because delays are not
     * negative, and for the others because the position passes no task without taking it out. So tasks are taken in
     * order of due time, whichever threads take them, and the position never goes back.
     */
    private final ReentrantLock lock = new ReentrantLock();

    private final TreeSet<Pending> pending = new TreeSet<>(Pending.BY_TURN);
    private final Instant start;
    private final long endNanos;
    private Duration jumped = Duration.ZERO;
    private long nowNanos;
    private long scheduled;

    /** Starts at {@value #START}. */
    public VirtualTime() {
        this(Instant.parse(START));
    }

    /**
     * Starts at an instant.
     *
     * @param start the wall time at the start
     */
    public VirtualTime(Instant start) {
        this.start = Objects.requireNonNull(start, "start");
        this.endNanos = saturatedNanos(Duration.between(start, Instant.MAX));
    }

    /**
     * Moves the time, and runs what falls due. What a task throws is kept in its future, as
     * {@link TimeSource#schedule} says, and stops nothing.
     *
     * @param by how far; zero runs the tasks that are due now
     * @throws IllegalArgumentException if negative: time does not go back
     */
    public void advance(Duration by) {
        if (Objects.requireNonNull(by, "by").isNegative()) {
            throw new IllegalArgumentException("by must not be negative: " + by);
        }
        long target = after(by);
        boolean more = true;
        while (more) {
            more = step(target);
        }
    }

    /**
     * Moves the wall clock and nothing else, as setting the clock of a machine does: no task falls due by it.
     *
     * @param by how far; back if negative
     */
    public void jumpWallClock(Duration by) {
        lock.lock();
        try {
            jumped = jumped.plus(by);
        } finally {
            lock.unlock();
        }
    }

    /** {@return how many tasks are scheduled that have neither begun nor been cancelled} */
    public int pending() {
        lock.lock();
        try {
            return pending.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Instant instant() {
        lock.lock();
        try {
            return start.plusNanos(nowNanos).plus(jumped);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long nanoTime() {
        return NANO_ORIGIN + elapsedNanos(); // overflows, on purpose
    }

    /**
     * Advances the time by the duration, and runs what falls due meanwhile, on this thread.
     *
     * <p>An interrupt ends the sleep at the time it comes: a task that interrupts the sleeping thread is the last that
     * runs, and the time stays where it was due.
     *
     * @param duration how long; nothing happens if zero or negative: no task runs, and an interrupt stays pending
     * @throws InterruptedException if the thread is interrupted, before or by a task; its flag is cleared
     */
    @Override
    public void sleep(Duration duration) throws InterruptedException {
        Objects.requireNonNull(duration, "duration");
        if (duration.isNegative() || duration.isZero()) {
            return;
        }
        endIfInterrupted();
        long target = after(duration);
        boolean more = true;
        while (more) {
            more = step(target);
            endIfInterrupted();
        }
    }

    /**
     * Keeps a task until time has moved to where it is due.
     *
     * <p>The future of a pending task is completed by whoever advances: a thread that waits for it needs another that
     * does. A cancelled task never runs and is not held.
     *
     * @param delay how much later; a task without delay is due now, and runs with the next advance, be it of zero
     * @param task what to run; what it throws is kept in the future, an {@link Error} too
     */
    @Override
    public Future<?> schedule(Duration delay, Runnable task) {
        Objects.requireNonNull(delay, "delay");
        Objects.requireNonNull(task, "task");
        lock.lock();
        try {
            var added = new Pending(task, after(delay), scheduled++);
            pending.add(added);
            return added;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs the next task that is due by the target, at its time; if there is none, moves to the target.
     *
     * @return whether a task ran, so that there may be more
     */
    private boolean step(long targetNanos) {
        Pending next = take(targetNanos);
        if (next == null) {
            return false;
        }
        // RACE: it may have been cancelled since it was taken; then this does nothing.
        next.run();
        return true;
    }

    private @Nullable Pending take(long targetNanos) {
        lock.lock();
        try {
            if (pending.isEmpty() || pending.first().dueNanos > targetNanos) {
                nowNanos = Math.max(nowNanos, targetNanos); // another thread, or the task itself, may be further
                return null;
            }
            Pending next = pending.first();
            pending.remove(next);
            nowNanos = next.dueNanos;
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** {@return the position a duration from now, or the end of time} */
    private long after(Duration duration) {
        long nanos = saturatedNanos(duration);
        lock.lock();
        try {
            return nanos > endNanos - nowNanos ? endNanos : nowNanos + nanos;
        } finally {
            lock.unlock();
        }
    }

    private long elapsedNanos() {
        lock.lock();
        try {
            return nowNanos;
        } finally {
            lock.unlock();
        }
    }

    private void forget(Pending task) {
        lock.lock();
        try {
            pending.remove(task);
        } finally {
            lock.unlock();
        }
    }

    private static void endIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("sleep interrupted");
        }
    }

    private static long saturatedNanos(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        Duration limit = Duration.ofNanos(Long.MAX_VALUE);
        return duration.compareTo(limit) > 0 ? Long.MAX_VALUE : duration.toNanos();
    }

    /** A task and its turn. */
    private final class Pending extends FutureTask<@Nullable Void> {
        static final Comparator<Pending> BY_TURN =
                Comparator.comparingLong((Pending task) -> task.dueNanos).thenComparingLong(task -> task.order);

        private final long dueNanos;
        private final long order;

        Pending(Runnable task, long dueNanos, long order) {
            super(task, null);
            this.dueNanos = dueNanos;
            this.order = order;
        }

        /** Lets go of a task that was cancelled before its turn. */
        @Override
        protected void done() {
            forget(this);
        }
    }
}
