package dev.underpin.resilience;

import java.time.Duration;

/**
 * So many permits per period, as the generic cell rate algorithm counts them (ITU-T I.371): the state is one reading of
 * the clock, the time at which the bucket will be full again. All permits may be used at once; then they come back evenly.
 *
 * @param permits how many
 * @param period in which time
 * @param stepNanos one permit, rounded up, so that never more are given than allowed
 */
record Bandwidth(int permits, Duration period, long stepNanos) {
    static Bandwidth of(int permits, Duration period) {
        Check.atLeast(1, "permits", permits);
        Check.positive("period", period);
        long nanos = Deadline.nanos(period);
        if (nanos / permits < 100) {
            throw new IllegalArgumentException(
                    "permits must not be more than one in 100 ns: " + permits + " per " + period);
        }
        return new Bandwidth(permits, period, (nanos + permits - 1) / permits);
    }

    /** {@return the full time after one more permit} */
    long next(long fullNanos, long nowNanos) {
        return Math.max(fullNanos, nowNanos) + stepNanos;
    }

    /** {@return how long to wait until a permit would be given; at most zero if one is} */
    long waitNanos(long fullNanos, long nowNanos) {
        return next(fullNanos, nowNanos) - nowNanos - permits * stepNanos;
    }

    /** {@return how many permits are left} */
    int remaining(long fullNanos, long nowNanos) {
        long used = Math.max(0, fullNanos - nowNanos);
        return (int) Math.max(0, (permits * stepNanos - used) / stepNanos);
    }

    /** {@return after what time the bucket is full again if so many permits are used} More than there are count as all. */
    long usedNanos(int used) {
        return Math.min(used, permits) * stepNanos;
    }
}
