package dev.underpin.idempotency;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what has expired in a store, by the store's clock, in the background and in batches. Nothing else depends on it:
 * an expired entry counts as absent whether it was deleted or not. Any number of processes may reap one store.
 *
 * <p>One batch is deleted at a time. Behind a full one the next comes after a pause as long as the batch took, so that at
 * most half the time goes to it; behind any other, and behind one that failed, after about the interval: half of it to one
 * and a half, at random, so that processes do not meet. A store that hangs delays the next batch until it answers. Stops
 * when it is closed. Thread-safe.
 */
public final class Reaper implements AutoCloseable {
    private static final long MIN_PAUSE_NANOS = Duration.ofMillis(1).toNanos();

    private final IdempotencyStore store;
    private final Notices notices;
    private final TimeSource time;
    private final RandomGenerator random;
    private final Executor executor;
    private final long everyNanos;
    private final int batch;

    // All guarded by the lock, which is not held while the store, the executor or the listener works.
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private @Nullable Future<?> next;
    private @Nullable Thread worker; // while a batch runs
    private boolean closed;

    private Reaper(Builder builder) {
        store = builder.store;
        notices = new Notices(builder.listener);
        time = builder.time;
        random = builder.random;
        executor = builder.executor;
        everyNanos = builder.every.toNanos();
        batch = builder.batch;
    }

    /**
     * {@return a builder}
     *
     * @param store where to delete
     */
    public static Builder builder(IdempotencyStore store) {
        return new Builder(store);
    }

    /**
     * Begins no other batch, and waits for the one that runs, if any. The wait ends early if the thread is interrupted,
     * which it then still is; called from within the batch, there is none. To close again does no harm.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (next != null) {
                next.cancel(/* mayInterruptIfRunning= */ false);
                next = null;
            }
            while (worker != null && !worker.equals(Thread.currentThread())) {
                ended.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Makes sure that one more batch comes, unless one is to come already. */
    private void schedule(long nanos) {
        lock.lock();
        try {
            if (!closed && next == null) {
                next = time.schedule(Duration.ofNanos(nanos), this::submit);
            }
        } finally {
            lock.unlock();
        }
    }

    private long interval() {
        return (long) (everyNanos * (0.5 + random.nextDouble()));
    }

    /** On the timer, which must not wait for a store. */
    private void submit() {
        lock.lock();
        try {
            next = null;
        } finally {
            lock.unlock();
        }
        boolean accepted = false;
        try {
            executor.execute(this::reap);
            accepted = true;
        } catch (RuntimeException e) {
            notices.reaped(0, e);
        } finally {
            if (!accepted) { // also where no thread can be started, which is an Error
                schedule(interval());
            }
        }
    }

    private void reap() {
        if (!begin()) {
            return;
        }
        long wait = interval();
        try {
            long start = time.nanoTime();
            int deleted = store.reap(batch);
            long took = time.nanoTime() - start;
            if (deleted >= batch) {
                wait = Math.min(wait, Math.max(MIN_PAUSE_NANOS, took));
            }
            notices.reaped(deleted, null);
        } catch (RuntimeException e) {
            notices.reaped(0, e);
        } finally {
            end();
            schedule(wait);
        }
    }

    private boolean begin() {
        lock.lock();
        try {
            worker = closed ? null : Thread.currentThread();
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            worker = null;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Starts a {@link Reaper}; every option has a default. Confined to one thread. */
    @CanIgnoreReturnValue
    public static final class Builder {
        private static final Duration MIN_EVERY = Duration.ofMillis(1);
        private static final Duration MAX_EVERY = Duration.ofDays(1);

        private final IdempotencyStore store;
        private IdempotencyListener listener = new IdempotencyListener() {};
        private TimeSource time = TimeSource.system();
        private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        private Executor executor = DaemonThread.executor();
        private Duration every = Duration.ofMinutes(1);
        private int batch = 1_000;

        private Builder(IdempotencyStore store) {
            this.store = Objects.requireNonNull(store, "store");
        }

        /**
         * Sets about how long to wait where nothing is left to delete; a minute by default.
         *
         * @param interval a millisecond to a day
         * @return this
         * @throws IllegalArgumentException if it is shorter or longer
         */
        public Builder every(Duration interval) {
            if (interval.compareTo(MIN_EVERY) < 0 || interval.compareTo(MAX_EVERY) > 0) {
                throw new IllegalArgumentException(
                        "interval must be " + MIN_EVERY + " to " + MAX_EVERY + ": " + interval);
            }
            this.every = interval;
            return this;
        }

        /**
         * Sets how many entries one call of the store deletes at most; 1000 by default. More is faster, and holds locks
         * for longer.
         *
         * @param limit at least 1
         * @return this
         * @throws IllegalArgumentException if less than 1
         */
        public Builder batch(int limit) {
            if (limit < 1) {
                throw new IllegalArgumentException("limit must be at least 1: " + limit);
            }
            this.batch = limit;
            return this;
        }

        /**
         * Sets who hears of each batch, by {@link IdempotencyListener#onReaped}; nobody by default.
         *
         * @param listener the listener
         * @return this
         */
        public Builder listener(IdempotencyListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets whose timer starts the batches; that of the machine by default. What has expired is for the store to say.
         *
         * @param time the time
         * @return this
         */
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * Sets what spreads the batches of several processes; unseeded by default.
         *
         * @param random thread-safe
         * @return this
         */
        public Builder random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /**
         * Sets where batches run; a daemon thread of its own by default, which exists while there is something to do.
         *
         * @param batches the executor
         * @return this
         */
        public Builder executor(Executor batches) {
            this.executor = Objects.requireNonNull(batches, "batches");
            return this;
        }

        /** {@return what reaps from now on, the first time after about the interval, until it is closed} */
        public Reaper start() {
            var reaper = new Reaper(this);
            reaper.schedule(reaper.interval());
            return reaper;
        }
    }
}
