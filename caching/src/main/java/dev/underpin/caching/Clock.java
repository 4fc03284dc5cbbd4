package dev.underpin.caching;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.underpin.result.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/**
 * Elapsed nanoseconds since the cache was made, so never negative and never overflowing, and a copy of them for Caffeine
 * that costs no second reading of the clock: a millisecond late at most where the cache is in use, and on the dot again
 * with its next call where it is not.
 */
final class Clock implements Ticker {
    /** What never comes. Sums of two of it do not overflow. */
    static final long NEVER = Long.MAX_VALUE / 4;

    private static final long COARSE_NANOS = 1_000_000;
    private static final VarHandle COARSE;

    static {
        try {
            COARSE = MethodHandles.lookup().findVarHandle(Clock.class, "coarse", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final TimeSource time;
    private final long origin;

    @SuppressWarnings("unused") // by the handle
    private long coarse;

    Clock(TimeSource time) {
        this.time = time;
        origin = time.nanoTime();
    }

    TimeSource time() {
        return time;
    }

    long now() {
        long now = time.nanoTime() - origin;
        // RACE: another thread may have written a later time. The copy is then early by less than that thread's
        // reading.
        if (now - (long) COARSE.getOpaque(this) > COARSE_NANOS) {
            COARSE.setOpaque(this, now);
        }
        return now;
    }

    @Override
    public long read() {
        return (long) COARSE.getOpaque(this);
    }

    /** {@return nanoseconds, at most {@link #NEVER}} */
    static long nanos(Duration duration) {
        return duration.compareTo(Duration.ofNanos(NEVER)) >= 0 ? NEVER : duration.toNanos();
    }
}
