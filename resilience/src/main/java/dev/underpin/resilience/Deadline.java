package dev.underpin.resilience;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A point in elapsed time by which an answer is wanted. It travels as the milliseconds that are left, as in gRPC, so that
 * clocks need not agree. Immutable.
 */
public final class Deadline {
    /** The header in which it travels: {@value}. */
    public static final String HEADER = "Request-Deadline-Ms";

    private static final int MAX_DIGITS = 12;

    /** Deadlines are kept within 73 years, so that differences of readings stay exact. */
    private static final long LONGEST_NANOS = Long.MAX_VALUE / 4;

    private final TimeSource time;
    private final long dueNanos;

    Deadline(TimeSource time, long dueNanos) {
        this.time = time;
        this.dueNanos = dueNanos;
    }

    /**
     * {@return the deadline that is so far ahead}
     *
     * @param total how far; zero or less is over already
     * @param time measures
     */
    public static Deadline after(Duration total, TimeSource time) {
        Objects.requireNonNull(time, "time");
        return new Deadline(time, time.nanoTime() + nanos(total));
    }

    /**
     * {@return the deadline that a caller sent; empty if none was, or none that can be read}
     *
     * @param header the value of {@link #HEADER}
     * @param time measures
     */
    public static Optional<Deadline> parse(@Nullable String header, TimeSource time) {
        Objects.requireNonNull(time, "time");
        if (header == null || header.isEmpty() || header.length() > MAX_DIGITS) {
            return Optional.empty();
        }
        long millis = 0;
        for (int i = 0; i < header.length(); i++) {
            int digit = header.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return Optional.empty();
            }
            millis = millis * 10 + digit;
        }
        return Optional.of(after(Duration.ofMillis(millis), time));
    }

    /** {@return how much is left, zero if it has passed} */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, dueNanos - time.nanoTime()));
    }

    /** {@return whether it has passed} */
    public boolean isExpired() {
        return dueNanos - time.nanoTime() <= 0;
    }

    /** {@return the value for {@link #HEADER}}: the milliseconds that are left, rounded down, so that nobody is promised more. */
    public String toHeader() {
        return Long.toString(remaining().toMillis());
    }

    /** {@return what is left as seen by another measure of time} */
    long remainingNanos() {
        return dueNanos - time.nanoTime();
    }

    static long nanos(Duration duration) {
        Objects.requireNonNull(duration, "duration");
        if (duration.isNegative()) {
            return 0;
        }
        return duration.toSeconds() >= LONGEST_NANOS / 1_000_000_000L ? LONGEST_NANOS : duration.toNanos();
    }

    /** {@return how much is left} */
    @Override
    public String toString() {
        return remaining().toString();
    }
}
