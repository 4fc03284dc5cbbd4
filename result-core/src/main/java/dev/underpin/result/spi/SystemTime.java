package dev.underpin.result.spi;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The clocks of the machine. */
enum SystemTime implements TimeSource {
    INSTANCE;

    @Override
    public Instant instant() {
        return InstantSource.system().instant();
    }

    @Override
    public long millis() {
        return System.currentTimeMillis();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(saturatedNanos(Objects.requireNonNull(duration, "duration")));
    }

    @Override
    public Future<?> schedule(Duration delay, Runnable task) {
        Objects.requireNonNull(delay, "delay");
        Objects.requireNonNull(task, "task");
        return Timer.SHARED.schedule(task, saturatedNanos(delay), TimeUnit.NANOSECONDS);
    }

    /** {@return nanoseconds, at most a quarter of what a long holds (73 years), so that sums of deadlines stay exact} */
    private static long saturatedNanos(Duration duration) {
        Duration limit = Duration.ofNanos(Long.MAX_VALUE / 4);
        return duration.isNegative() ? 0 : duration.compareTo(limit) > 0 ? limit.toNanos() : duration.toNanos();
    }

    /** Holds the timer, so that its thread exists only once somebody schedules. */
    private static final class Timer {
        static final ScheduledThreadPoolExecutor SHARED = create();

        private static ScheduledThreadPoolExecutor create() {
            var timer = new ScheduledThreadPoolExecutor(1, task -> {
                // The thread outlives whoever schedules first: it must not keep that caller's thread-locals and loader.
                Thread thread = new Thread(
                        null, task, "underpin-time", /* stackSize= */ 0, /* inheritInheritableThreadLocals= */ false);
                thread.setContextClassLoader(SystemTime.class.getClassLoader());
                thread.setDaemon(true);
                return thread;
            });
            // A cancelled timeout must not hold its task until the delay is over.
            timer.setRemoveOnCancelPolicy(true);
            return timer;
        }
    }
}
