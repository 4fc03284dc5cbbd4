package dev.underpin.resilience;

import dev.underpin.result.DomainError;
import io.github.resilience4j.core.functions.Either;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The stages of a pipeline as they are set at the moment: replaced as a whole, while what they count lives on.
 *
 * @param deadlineNanos how long all attempts may take together
 * @param attemptNanos how long one may take
 * @param maxWaitNanos how long one waits for a place
 */
record Stages(
        boolean enabled,
        long deadlineNanos,
        long attemptNanos,
        boolean interrupting,
        RetryPolicy policy,
        Retry retry,
        RetryBudget budget,
        @Nullable Breaker breaker,
        @Nullable OutboundLimit limit,
        @Nullable Bulkhead bulkhead,
        long maxWaitNanos,
        Function<? super DomainError, Outcome> outcome,
        Function<? super Exception, ? extends DomainError> translate,
        Executor executor,
        @Nullable Duration critical,
        Notices notices) {

    /** {@return the part of resilience4j that decides whether there is another attempt, and after how many nanoseconds} */
    static Retry retry(String name, RetryPolicy policy, RandomGenerator random) {
        RetryConfig config = RetryConfig.<DomainError>custom()
                .maxAttempts(policy.maxAttempts())
                .retryOnResult(error -> true) // what may not be repeated is not shown to it
                .intervalBiFunction((attempt, failure) -> delay(policy, attempt, failure, random))
                .build();
        return Retry.of(name, config);
    }

    private static long delay(
            RetryPolicy policy, int attempt, Either<Throwable, DomainError> failure, RandomGenerator random) {
        return policy.delayNanos(attempt, failure.get(), random);
    }

    Outcome outcomeOf(DomainError error) {
        return error instanceof Rejection ? Outcome.IGNORE : notices.ask(outcome, error, Outcome::of);
    }

    dev.underpin.result.Retry advice(DomainError error) {
        return notices.ask(policy.advice(), error, DomainError::retry);
    }

    DomainError translated(Exception thrown) {
        Exception failure = Thrown.unwrapped(thrown) instanceof Exception inner ? inner : thrown;
        // An interrupt is the caller's, whatever a table makes of its exception.
        return Thrown.isInterrupt(failure)
                ? Thrown.classify(failure)
                : notices.ask(translate, failure, Thrown::classify);
    }
}
