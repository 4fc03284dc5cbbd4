package dev.underpin.resilience;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** Time that stands where it is put. What is scheduled is kept, the last of it to be run by hand. */
final class StoppedTime implements TimeSource {
    volatile long nanos;
    volatile @Nullable FutureTask<?> scheduled;

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(nanos);
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public void sleep(Duration duration) {
        throw new UnsupportedOperationException("nobody sleeps here");
    }

    @Override
    public Future<?> schedule(Duration delay, Runnable task) {
        FutureTask<?> future = new FutureTask<>(task, null);
        scheduled = future;
        return future;
    }
}
