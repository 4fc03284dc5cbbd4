package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a call allocates that is not repeated: the {@link Attempt} its body gets, and nothing besides. Here every body hands
 * its attempt on, so no compiler can leave that out, and the pipeline has seen calls of every kind before, as in a service.
 * What the compiler leaves out, it does once it has compiled: so it is asked again until it has, or there were more calls
 * than any compiler waits for.
 */
class AllocationTest {
    private static final int CALLS = 1_000;
    private static final int ROUNDS = 3_000;

    /** What resilience4j hands from its window to its judge, which a compiler mostly leaves out. */
    private static final long SNAPSHOT = 40;

    /** What it asks its own table of results with, after a failure. */
    private static final long EITHER = 16;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final Result<String, DomainError> WELL = Result.ok("well");
    private static final Result<String, DomainError> NOT_FOUND =
            Result.err(ErrorKind.NOT_FOUND.code().error());
    private static final Result<String, DomainError> UNAVAILABLE =
            Result.err(ErrorKind.UNAVAILABLE.code().error());

    private static final Result<String, DomainError> INTERNAL =
            Result.err(ErrorKind.INTERNAL.code().error());

    @SuppressWarnings("unused") // keeps a result from being optimised away
    private static volatile Object sink;

    private static long attempt;

    private int calls;

    @BeforeAll
    static void needCompiler() {
        assumeTrue(THREADS.isThreadAllocatedMemoryEnabled(), "this JVM does not count allocated bytes");
        assumeTrue(
                ManagementFactory.getCompilationMXBean() != null
                        && ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                                .noneMatch(argument -> argument.contains("TieredStopAtLevel")),
                "this JVM does not leave out objects");
        attempt = leastBytes(() -> new Attempt(Call.once(), 1, TimeSource.system(), 0), 0, 10);
    }

    @BeforeAll
    static void callOnceInEveryWay() {
        Pipeline pipeline = Pipeline.named("risk")
                .retry(RetryPolicy.standard().backoff(Duration.ZERO, Duration.ZERO))
                .budget(RetryBudget.tokens(Integer.MAX_VALUE, 1, 1))
                .breaker(BreakerPolicy.standard().failureRate(1, 100, 100))
                .build();
        for (int i = 0; i < 20_000; i++) {
            sink = pipeline.call(Call.idempotent(), one -> WELL);
            sink = pipeline.call(Call.idempotent(), one -> one.number() < 3 ? UNAVAILABLE : WELL);
            sink = pipeline.call(Call.idempotent(), one -> UNAVAILABLE);
            sink = pipeline.call(Call.once(), one -> NOT_FOUND);
        }
    }

    @Test
    void leastBytes_oneArray_isItsSize() {
        assertThat(leastBytes(() -> new byte[100], 0, 10)).isEqualTo(120);
    }

    @Test
    void call_successAllStagesButBreaker_allocatesItsAttempt() {
        Pipeline pipeline = Pipeline.named("risk")
                .breaker(BreakerPolicy.none())
                .attemptTimeout(Duration.ofSeconds(1))
                .rateLimit(1_000_000_000, Duration.ofSeconds(100))
                .maxConcurrent(8, Duration.ZERO)
                .build();

        assertThat(leastBytes(() -> pipeline.call(Call.idempotent(), one -> handOn(one, WELL)), attempt, ROUNDS))
                .isEqualTo(attempt);
    }

    @Test
    void call_errorNotRepeated_allocatesItsAttempt() {
        Pipeline pipeline = Pipeline.named("risk").breaker(BreakerPolicy.none()).build();

        assertThat(leastBytes(() -> pipeline.call(Call.once(), one -> handOn(one, NOT_FOUND)), attempt, ROUNDS))
                .isEqualTo(attempt);
        assertThat(leastBytes(() -> pipeline.call(Call.once(), one -> handOn(one, INTERNAL)), attempt, ROUNDS))
                .isEqualTo(attempt);
    }

    @Test
    void call_lastAttemptFailed_allocatesItsAttempt() {
        Pipeline pipeline = Pipeline.named("risk")
                .breaker(BreakerPolicy.none())
                .retry(RetryPolicy.none())
                .build();

        assertThat(leastBytes(() -> pipeline.call(Call.idempotent(), one -> handOn(one, UNAVAILABLE)), attempt, ROUNDS))
                .isEqualTo(attempt);
    }

    @Test
    void call_breaker_addsAtMostWhatResilience4jCountsWith() {
        Pipeline pipeline = Pipeline.named("risk")
                .retry(RetryPolicy.none())
                .breaker(BreakerPolicy.standard().failureRate(1, 100, 100))
                .build();
        long most = attempt + SNAPSHOT;

        assertThat(leastBytes(() -> pipeline.call(Call.idempotent(), one -> handOn(one, WELL)), most, ROUNDS))
                .isLessThanOrEqualTo(most);
        assertThat(leastBytes(
                        () -> pipeline.call(
                                Call.idempotent(), one -> handOn(one, calls++ % 50 == 0 ? WELL : UNAVAILABLE)),
                        most + EITHER,
                        ROUNDS))
                .isLessThanOrEqualTo(most + EITHER);
        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.CLOSED);
    }

    @Test
    void call_openCircuit_allocatesNothing() {
        Pipeline pipeline = Pipeline.named("risk")
                .retry(RetryPolicy.none())
                .breaker(BreakerPolicy.standard().openFor(Duration.ofHours(1), Duration.ofHours(1)))
                .build();
        while (pipeline.state().breaker() == PipelineState.Breaker.CLOSED) {
            sink = pipeline.call(Call.idempotent(), one -> UNAVAILABLE);
        }

        assertThat(leastBytes(() -> pipeline.call(Call.idempotent(), one -> WELL), 0, ROUNDS))
                .isZero();
        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void tryAcquire_knownKey_allocatesNothing() {
        RateLimiter<String> limiter = RateLimiter.named("clients")
                .limit(1_000_000_000, Duration.ofSeconds(100))
                .limit(1_000_000_000, Duration.ofSeconds(200))
                .build();
        String[] keys = new String[512];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "client-" + i;
            sink = limiter.tryAcquire(keys[i]);
        }

        assertThat(leastBytes(() -> limiter.tryAcquire(keys[calls++ & 511]), 0, ROUNDS))
                .isZero();
    }

    private static Result<String, DomainError> handOn(Attempt attempt, Result<String, DomainError> answer) {
        sink = attempt;
        return answer;
    }

    /** {@return what a call allocates in the best of at most so many rounds; the first that is so good ends it} */
    private static long leastBytes(Supplier<Object> call, long good, int rounds) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < rounds && least > good; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                sink = call.get();
            }
            least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS);
        }
        return least;
    }
}
