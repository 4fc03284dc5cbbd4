package dev.underpin.benchmarks.resilience;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * What a careful person writes around the counters of resilience4j: no exception for an error value, one reading of the
 * clock at each end, a budget. No half-open generations, no delays, no listener, no settings.
 */
final class ByHand {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int CAPACITY = 500;
    private static final Result<String, DomainError> OPEN =
            Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code()).build());
    private static final RuntimeException FAILURE = new IllegalStateException("an error value");

    private final CircuitBreaker breaker = Peers.breaker(true);
    private final AtomicInteger tokens = new AtomicInteger(CAPACITY);
    private final Supplier<Result<String, DomainError>> service;
    private final int attempts;

    ByHand(Supplier<Result<String, DomainError>> service, int attempts) {
        this.service = service;
        this.attempts = attempts;
    }

    Result<String, DomainError> call() {
        long start = System.nanoTime();
        long due = start + DEADLINE_NANOS;
        Result<String, DomainError> answer = attempt(start);
        for (int made = 1; made < attempts && Service.isRepeated(answer) && answer != OPEN; made++) {
            long now = System.nanoTime();
            if (due - now <= 0) {
                return answer;
            }
            answer = attempt(now);
        }
        if (answer.isOk() && tokens.get() < CAPACITY) {
            tokens.incrementAndGet();
        }
        return answer;
    }

    void open() {
        breaker.transitionToOpenState();
    }

    private Result<String, DomainError> attempt(long start) {
        if (!breaker.tryAcquirePermission()) {
            return OPEN;
        }
        Result<String, DomainError> answer;
        try {
            answer = service.get();
        } catch (RuntimeException | Error e) {
            breaker.onError(System.nanoTime() - start, TimeUnit.NANOSECONDS, e);
            throw e;
        }
        long took = System.nanoTime() - start;
        if (Service.isFailure(answer)) {
            breaker.onError(took, TimeUnit.NANOSECONDS, FAILURE);
        } else {
            breaker.onSuccess(took, TimeUnit.NANOSECONDS);
        }
        return answer;
    }
}
