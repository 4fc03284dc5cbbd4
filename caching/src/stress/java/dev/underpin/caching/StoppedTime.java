package dev.underpin.caching;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** Time that stands still until it is set, and at which nothing that was scheduled ever falls due. */
final class StoppedTime implements TimeSource {
    private volatile long nanos;

    void set(Duration since) {
        nanos = since.toNanos();
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
        return new CompletableFuture<Void>();
    }
}
