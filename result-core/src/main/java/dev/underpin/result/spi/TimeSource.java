package dev.underpin.result.spi;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Future;

/**
 * Wall time, elapsed time, sleeping and delayed tasks together, so that a test replaces all of them in one step and none
 * is forgotten. Thread-safe.
 */
public interface TimeSource extends InstantSource {
    /**
     * {@return elapsed nanoseconds since an arbitrary origin} Never goes back, and may overflow: compare two readings by
     * {@code a - b > 0}.
     */
    long nanoTime();

    /**
     * Waits.
     *
     * @param duration how long; nothing happens if zero or negative
     * @throws InterruptedException if the thread is interrupted, before or while it waits
     */
    void sleep(Duration duration) throws InterruptedException;

    /**
     * Runs a task once, later.
     *
     * @param delay how much later; at once if zero or negative
     * @param task what to run: short and non-blocking, since the thread is shared; what it throws is kept in the future
     * @return the pending task, to cancel it
     */
    Future<?> schedule(Duration delay, Runnable task);

    /**
     * {@return the time of this machine} Its one daemon thread, {@code underpin-time}, starts on the first
     * {@link #schedule}.
     */
    static TimeSource system() {
        return SystemTime.INSTANCE;
    }
}
