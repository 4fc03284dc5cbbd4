package dev.underpin.batching;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Time that stands still until it is set. What was scheduled last is kept, for somebody to run it. */
final class SetTime implements TimeSource {
    private volatile long nanos;
    private volatile @Nullable Runnable scheduled;

    void set(Duration since) {
        nanos = since.toNanos();
    }

    @Nullable
    Runnable scheduled() {
        return scheduled;
    }

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
        throw new UnsupportedOperationException("nothing sleeps here");
    }

    @Override
    public Future<?> schedule(Duration delay, Runnable task) {
        scheduled = task;
        return new CompletableFuture<Void>();
    }
}
