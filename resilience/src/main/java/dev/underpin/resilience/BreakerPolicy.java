package dev.underpin.resilience;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * When a circuit breaker opens, and how it finds out that it may close. Immutable.
 *
 * <p>It opens when the share of failures, or of slow calls, reaches its rate; each attempt counts once, and a call that
 * never reached the dependency not at all. The first open wait is {@code openFor}; each one that follows without a
 * recovery is twice as long, up to {@code maxOpenFor}; and each is multiplied by a random factor between 0.5 and 1.5, so
 * that a fleet does not come back as one. Then as many calls as {@code probes} are let through: they decide.
 *
 * @param failureRate the share of failures that opens it, above 0 and at most 1
 * @param slowRate the share of slow calls that opens it, above 0 and at most 1
 * @param slowAfter a call is slow if it takes longer
 * @param window how many calls are looked at, or 0 if it is those of a period
 * @param period of which period calls are looked at, whole seconds; zero if it is a number of calls
 * @param minimumCalls fewer calls say nothing
 * @param openFor the first open wait
 * @param maxOpenFor the longest open wait, before it is multiplied
 * @param probes how many calls are let through to find out whether the dependency is back; 0 turns the breaker off
 */
public record BreakerPolicy(
        double failureRate,
        double slowRate,
        Duration slowAfter,
        int window,
        Duration period,
        int minimumCalls,
        Duration openFor,
        Duration maxOpenFor,
        int probes) {
    /** Each has a place in memory. */
    private static final int MOST_CALLS = 1_000_000;

    /** Far less than one in a window, and still a rate where it becomes a float. */
    private static final double LEAST_RATE = 1e-12;

    private static final BreakerPolicy STANDARD = new BreakerPolicy(
            0.5, 1, Duration.ofMinutes(1), 100, Duration.ZERO, 20, Duration.ofSeconds(5), Duration.ofMinutes(1), 10);
    private static final BreakerPolicy NONE = new BreakerPolicy(
            0.5, 1, Duration.ofMinutes(1), 100, Duration.ZERO, 20, Duration.ofSeconds(5), Duration.ofMinutes(1), 0);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one of them is not as described
     */
    public BreakerPolicy {
        rate("failureRate", failureRate);
        rate("slowRate", slowRate);
        Check.positive("slowAfter", slowAfter);
        Check.atLeast(0, "window", window);
        Check.atMost(MOST_CALLS, "window", window);
        Check.notNegative("period", period);
        if (window > 0 == period.toSeconds() > 0
                || !period.truncatedTo(ChronoUnit.SECONDS).equals(period)
                || period.toSeconds() > 3_600) {
            throw new IllegalArgumentException(
                    "window must be a number of calls, or else period one of whole seconds up to an hour: " + window
                            + ", " + period);
        }
        Check.atLeast(1, "minimumCalls", minimumCalls);
        if (window > 0 && minimumCalls > window) {
            throw new IllegalArgumentException(
                    "minimumCalls must not be above the window of " + window + ": " + minimumCalls);
        }
        Check.positive("openFor", openFor);
        Check.positive("maxOpenFor", maxOpenFor);
        if (openFor.compareTo(maxOpenFor) > 0) {
            throw new IllegalArgumentException(
                    "openFor must not be longer than maxOpenFor: " + openFor + ", " + maxOpenFor);
        }
        Check.atLeast(0, "probes", probes);
        Check.atMost(MOST_CALLS, "probes", probes);
    }

    private static void rate(String name, double rate) {
        Check.share(name, rate);
        if (rate < LEAST_RATE) {
            throw new IllegalArgumentException(name + " must be at least " + LEAST_RATE + ": " + rate);
        }
    }

    /**
     * {@return opens at half of the last 100 calls, if there are 20; waits 5 s at first and at most a minute; 10 probes}
     * Slow calls that succeed are well.
     */
    public static BreakerPolicy standard() {
        return STANDARD;
    }

    /** {@return no breaker} */
    public static BreakerPolicy none() {
        return NONE;
    }

    /**
     * {@return the same, looking at the last calls}
     *
     * @param rate the share of failures that opens it, above 0 and at most 1
     * @param window how many calls are looked at
     * @param minimumCalls fewer calls say nothing
     */
    public BreakerPolicy failureRate(double rate, int window, int minimumCalls) {
        return new BreakerPolicy(
                rate, slowRate, slowAfter, window, Duration.ZERO, minimumCalls, openFor, maxOpenFor, probes);
    }

    /**
     * {@return the same, looking at the calls of the last seconds}
     *
     * @param rate the share of failures that opens it, above 0 and at most 1
     * @param period of which period calls are looked at, whole seconds, at most an hour
     * @param minimumCalls fewer calls say nothing
     */
    public BreakerPolicy failureRate(double rate, Duration period, int minimumCalls) {
        return new BreakerPolicy(rate, slowRate, slowAfter, 0, period, minimumCalls, openFor, maxOpenFor, probes);
    }

    /**
     * {@return the same, opening also if calls are slow}
     *
     * @param after a call is slow if it takes longer
     * @param rate the share of slow calls that opens it, above 0 and at most 1
     */
    public BreakerPolicy slow(Duration after, double rate) {
        return new BreakerPolicy(failureRate, rate, after, window, period, minimumCalls, openFor, maxOpenFor, probes);
    }

    /**
     * {@return the same with other open waits}
     *
     * @param first the first one
     * @param max the longest one, before it is multiplied
     */
    public BreakerPolicy openFor(Duration first, Duration max) {
        return new BreakerPolicy(failureRate, slowRate, slowAfter, window, period, minimumCalls, first, max, probes);
    }

    /**
     * {@return the same with another number of probes}
     *
     * @param calls how many calls are let through to find out whether the dependency is back
     * @throws IllegalArgumentException if there is none
     */
    public BreakerPolicy probes(int calls) {
        return new BreakerPolicy(
                failureRate,
                slowRate,
                slowAfter,
                window,
                period,
                minimumCalls,
                openFor,
                maxOpenFor,
                Check.atLeast(1, "probes", calls));
    }

    boolean isOff() {
        return probes == 0;
    }

    /** {@return the longest wait after so many that did not help, before it is multiplied} */
    long waitNanos(int reopened) {
        long first = Deadline.nanos(openFor);
        long max = Deadline.nanos(maxOpenFor);
        return reopened >= Long.numberOfLeadingZeros(first) - 1 ? max : Math.min(max, first << reopened);
    }
}
