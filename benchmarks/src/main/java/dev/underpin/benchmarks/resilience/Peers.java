package dev.underpin.benchmarks.resilience;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.Policy;
import dev.failsafe.Timeout;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** resilience4j and Failsafe, set up as ours is: the same window, rate, attempts, and table of what is a failure. */
final class Peers {
    static final int WINDOW = 100;
    static final int ATTEMPTS = 3;
    static final int PLACES = 64;

    /** More than a measurement uses. */
    static final int PERMITS = 1_000_000_000;

    static final Duration PERMITS_PER = Duration.ofSeconds(100);
    static final Duration TIMEOUT = Duration.ofSeconds(5);
    static final Duration OPEN = Duration.ofHours(1);

    private Peers() {}

    static CircuitBreaker breaker(boolean stackTraces) {
        return CircuitBreaker.of(
                "payments",
                CircuitBreakerConfig.custom()
                        .failureRateThreshold(100)
                        .slidingWindow(WINDOW, WINDOW, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .waitDurationInOpenState(OPEN)
                        .writableStackTraceEnabled(stackTraces)
                        .recordResult(Peers::isFailure)
                        .build());
    }

    static Retry retry() {
        return Retry.of(
                "payments",
                RetryConfig.<Result<String, DomainError>>custom()
                        .maxAttempts(ATTEMPTS)
                        .waitDuration(Duration.ZERO)
                        .retryOnResult(Service::isRepeated)
                        .build());
    }

    /** {@return retry and breaker around a service} */
    static Supplier<Result<String, DomainError>> retried(Supplier<Result<String, DomainError>> service) {
        return Retry.decorateSupplier(retry(), CircuitBreaker.decorateSupplier(breaker(true), service));
    }

    /** {@return retry, breaker, limit and bulkhead around a service} */
    static Supplier<Result<String, DomainError>> all(Supplier<Result<String, DomainError>> service) {
        RateLimiter limit = RateLimiter.of(
                "payments",
                RateLimiterConfig.custom()
                        .limitForPeriod(PERMITS)
                        .limitRefreshPeriod(PERMITS_PER)
                        .timeoutDuration(Duration.ZERO)
                        .build());
        Bulkhead bulkhead = Bulkhead.of(
                "payments",
                BulkheadConfig.custom()
                        .maxConcurrentCalls(PLACES)
                        .maxWaitDuration(Duration.ZERO)
                        .build());
        return retried(RateLimiter.decorateSupplier(limit, Bulkhead.decorateSupplier(bulkhead, service)));
    }

    static dev.failsafe.CircuitBreaker<Result<String, DomainError>> failsafeBreaker() {
        return dev.failsafe.CircuitBreaker.<Result<String, DomainError>>builder()
                .handleResultIf(Service::isFailure)
                .withFailureThreshold(WINDOW, WINDOW)
                .withDelay(OPEN)
                .build();
    }

    static dev.failsafe.RetryPolicy<Result<String, DomainError>> failsafeRetry() {
        return dev.failsafe.RetryPolicy.<Result<String, DomainError>>builder()
                .handleResultIf(Service::isRepeated)
                .withMaxAttempts(ATTEMPTS)
                .build();
    }

    static Timeout<Result<String, DomainError>> failsafeTimeout() {
        return Timeout.<Result<String, DomainError>>builder(TIMEOUT)
                .withInterrupt()
                .build();
    }

    /** {@return policies of Failsafe, the outermost first} */
    static FailsafeExecutor<Result<String, DomainError>> failsafe(
            List<? extends Policy<Result<String, DomainError>>> policies) {
        return Failsafe.with(policies);
    }

    /** {@return retry and breaker of Failsafe} */
    static FailsafeExecutor<Result<String, DomainError>> failsafeRetried() {
        return failsafe(List.of(failsafeRetry(), failsafeBreaker()));
    }

    /** {@return retry, breaker and timeout of Failsafe} */
    static FailsafeExecutor<Result<String, DomainError>> failsafeTimed() {
        return failsafe(List.of(failsafeRetry(), failsafeBreaker(), failsafeTimeout()));
    }

    /** {@return all of Failsafe that ours has too} */
    static FailsafeExecutor<Result<String, DomainError>> failsafeAll() {
        return failsafe(List.of(
                failsafeRetry(),
                failsafeBreaker(),
                dev.failsafe.RateLimiter.<Result<String, DomainError>>burstyBuilder(PERMITS, PERMITS_PER)
                        .build(),
                dev.failsafe.Bulkhead.of(PLACES),
                failsafeTimeout()));
    }

    @SuppressWarnings("unchecked") // what the service answers with; resilience4j does not know the type
    private static boolean isFailure(Object answer) {
        return Service.isFailure((Result<String, DomainError>) answer);
    }
}
