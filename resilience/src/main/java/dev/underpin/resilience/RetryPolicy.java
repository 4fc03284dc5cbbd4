package dev.underpin.resilience;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * How often and when a call is repeated. Delays have full jitter: the limit doubles with each attempt up to a maximum, and
 * a delay is any time below it, so that callers which failed together do not come back together
 * (<a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Brooker, Exponential Backoff And
 * Jitter</a>). After an error that asks for less load ({@code RATE_LIMITED}) limits are {@value #THROTTLE_FACTOR} times
 * those of others.
 *
 * <p>An error that says when to come back ({@link DomainError#retryAfter}) is taken at its word, and some jitter is added.
 * If that is later than {@code maxRetryAfter} or than the deadline, the call is not repeated: the caller gets the error,
 * and with it the time. Immutable.
 *
 * @param maxAttempts how many attempts at most, the first included
 * @param baseDelay below it is the first delay
 * @param maxDelay below it are all
 * @param maxRetryAfter what is waited at most because an error says so
 * @param advice what an error says of a repeat; if it throws, what the error itself says counts
 */
public record RetryPolicy(
        int maxAttempts,
        Duration baseDelay,
        Duration maxDelay,
        Duration maxRetryAfter,
        Function<? super DomainError, Retry> advice) {
    /** AWS SDKs since 2026: 50 ms for transient errors, 1 s for throttling. */
    private static final int THROTTLE_FACTOR = 20;

    private static final RetryPolicy STANDARD = new RetryPolicy(
            3, Duration.ofMillis(50), Duration.ofSeconds(20), Duration.ofSeconds(20), DomainError::retry);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if there is not at least one attempt, a duration is negative, or the base delay is
     *     longer than the maximum
     */
    public RetryPolicy {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts must be at least 1: " + maxAttempts);
        }
        Check.notNegative("baseDelay", baseDelay);
        Check.notNegative("maxDelay", maxDelay);
        Check.notNegative("maxRetryAfter", maxRetryAfter);
        if (baseDelay.compareTo(maxDelay) > 0) {
            throw new IllegalArgumentException(
                    "baseDelay must not be longer than maxDelay: " + baseDelay + ", " + maxDelay);
        }
        Objects.requireNonNull(advice, "advice");
    }

    /** {@return 3 attempts, delays below 50 ms and 100 ms; an error may ask for up to 20 s} */
    public static RetryPolicy standard() {
        return STANDARD;
    }

    /** {@return one attempt} */
    public static RetryPolicy none() {
        return STANDARD.attempts(1);
    }

    /**
     * {@return the same with another number of attempts}
     *
     * @param max how many at most, the first included
     */
    public RetryPolicy attempts(int max) {
        return new RetryPolicy(max, baseDelay, maxDelay, maxRetryAfter, advice);
    }

    /**
     * {@return the same with other delays}
     *
     * @param base below it is the first delay
     * @param max below it are all
     */
    public RetryPolicy backoff(Duration base, Duration max) {
        return new RetryPolicy(maxAttempts, base, max, maxRetryAfter, advice);
    }

    /**
     * {@return the same with another patience}
     *
     * @param max what is waited at most because an error says so
     */
    public RetryPolicy retryAfter(Duration max) {
        return new RetryPolicy(maxAttempts, baseDelay, maxDelay, max, advice);
    }

    /**
     * {@return the same with another table of what may be repeated}
     *
     * @param advice what an error says of a repeat
     */
    public RetryPolicy when(Function<? super DomainError, Retry> advice) {
        return new RetryPolicy(maxAttempts, baseDelay, maxDelay, maxRetryAfter, advice);
    }

    static boolean isThrottled(DomainError error) {
        return error.kind() == ErrorKind.RATE_LIMITED;
    }

    /** {@return the nanoseconds before the next attempt, or -1 if the error asks for more than this policy waits} */
    long delayNanos(int attempt, DomainError error, RandomGenerator random) {
        long base = Deadline.nanos(baseDelay);
        long max = Deadline.nanos(maxDelay);
        if (isThrottled(error)) {
            base = Math.min(max, base > max / THROTTLE_FACTOR ? max : base * THROTTLE_FACTOR);
        }
        int doublings = attempt - 1;
        boolean beyond = base > 0 && doublings >= Long.numberOfLeadingZeros(base) - 1;
        long limit = beyond ? max : Math.min(max, base << doublings);
        long delay = below(limit, random);
        Duration hint = error.retryAfter().orElse(Duration.ZERO);
        if (hint.compareTo(maxRetryAfter) > 0) {
            return -1;
        }
        return hint.isNegative() || hint.isZero() ? delay : Math.max(delay, Deadline.nanos(hint) + below(base, random));
    }

    private static long below(long limit, RandomGenerator random) {
        return limit <= 0 ? 0 : (long) (random.nextDouble() * limit);
    }
}
