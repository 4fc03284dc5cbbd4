package dev.underpin.pagination;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;

/** A wall clock that stands where it was put. The one of testkit, which stands above this module, is not to be had. */
final class MovableClock implements TimeSource {
    private Instant now;

    MovableClock(Instant now) {
        this.now = now;
    }

    void advance(Duration by) {
        now = now.plus(by);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public long nanoTime() {
        throw new AssertionError("a cursor has nothing to measure");
    }

    @Override
    public void sleep(Duration duration) {
        throw new AssertionError("a cursor waits for nothing");
    }

    @Override
    public Future<?> schedule(Duration delay, Runnable task) {
        throw new AssertionError("a cursor schedules nothing");
    }
}
