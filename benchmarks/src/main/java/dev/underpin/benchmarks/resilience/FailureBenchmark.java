package dev.underpin.benchmarks.resilience;

import dev.failsafe.FailsafeExecutor;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.RemoteCall;
import dev.underpin.resilience.RetryPolicy;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does a call cost that fails?
 *
 * <p>Dimensions: how it fails (the row); contestant. The failure is an error value, which counts for the breaker
 * if it is UNAVAILABLE. Of 100 answers one is good, so no breaker opens. Three attempts are made without a delay
 * between them.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar resilience.FailureBenchmark -prof gc}
 */
@Question("What does a call cost that fails?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class FailureBenchmark {
    private final Supplier<Result<String, DomainError>> absent = Service.answering(Service.NOT_FOUND);
    private final Supplier<Result<String, DomainError>> failing = Service.failing(Service.UNAVAILABLE);
    private final RemoteCall<String> absentBody = Ours.body(absent);
    private final RemoteCall<String> failingBody = Ours.body(failing);
    private final Pipeline waiting = Ours.waiting().build();
    private final Pipeline once = Ours.waiting().retry(RetryPolicy.none()).build();
    private final Pipeline repeating =
            Ours.waiting().retry(Ours.repeating()).budget(Ours.plenty()).build();
    private final ByHand absentByHand = new ByHand(absent, Peers.ATTEMPTS);
    private final ByHand onceByHand = new ByHand(failing, 1);
    private final ByHand repeatedByHand = new ByHand(failing, Peers.ATTEMPTS);
    private final Supplier<Result<String, DomainError>> absentRetried = Peers.retried(absent);
    private final Supplier<Result<String, DomainError>> recorded =
            CircuitBreaker.decorateSupplier(Peers.breaker(true), failing);
    private final Supplier<Result<String, DomainError>> retried = Peers.retried(failing);
    private final FailsafeExecutor<Result<String, DomainError>> failsafe = Peers.failsafeRetried();
    private final FailsafeExecutor<Result<String, DomainError>> failsafeOnce =
            Peers.failsafe(List.of(Peers.failsafeBreaker()));

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS, row = "NOT_FOUND")
    public Result<String, DomainError> notFoundOurs() {
        return waiting.call(Ours.CALL, absentBody);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "the same by hand, on resilience4j's counter", role = Role.LIMIT, row = "NOT_FOUND")
    public Result<String, DomainError> notFoundByHand() {
        return absentByHand.call();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.PEER, row = "NOT_FOUND")
    public Result<String, DomainError> notFoundResilience4j() {
        return absentRetried.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Failsafe Retry, CircuitBreaker", role = Role.PEER, row = "NOT_FOUND")
    public Result<String, DomainError> notFoundFailsafe() {
        return failsafe.get(absent::get);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "deadline, one attempt, breaker", role = Role.OURS, row = "UNAVAILABLE, one attempt")
    public Result<String, DomainError> unavailableOurs() {
        return once.call(Ours.CALL, failingBody);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j's onError by hand", role = Role.LIMIT, row = "UNAVAILABLE, one attempt")
    public Result<String, DomainError> unavailableByHand() {
        return onceByHand.call();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j CircuitBreaker, recordResult", role = Role.PEER, row = "UNAVAILABLE, one attempt")
    public Result<String, DomainError> unavailableResilience4j() {
        return recorded.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Failsafe CircuitBreaker", role = Role.PEER, row = "UNAVAILABLE, one attempt")
    public Result<String, DomainError> unavailableFailsafe() {
        return failsafeOnce.get(failing::get);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS, row = "UNAVAILABLE, three attempts")
    public Result<String, DomainError> retriedOurs() {
        return repeating.call(Ours.CALL, failingBody);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(
            value = "the same by hand, on resilience4j's counter",
            role = Role.LIMIT,
            row = "UNAVAILABLE, three attempts")
    public Result<String, DomainError> retriedByHand() {
        return repeatedByHand.call();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.PEER, row = "UNAVAILABLE, three attempts")
    public Result<String, DomainError> retriedResilience4j() {
        return retried.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Failsafe Retry, CircuitBreaker", role = Role.PEER, row = "UNAVAILABLE, three attempts")
    public Result<String, DomainError> retriedFailsafe() {
        return failsafe.get(failing::get);
    }
}
