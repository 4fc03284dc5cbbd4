package dev.underpin.benchmarks.resilience;

import dev.failsafe.FailsafeExecutor;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.RemoteCall;
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
 * Question: What does a call cost that succeeds at once?
 *
 * <p>Dimensions: which stages (the row); contestant. The call answers with what was made beforehand. resilience4j
 * has no timeout for a call on the thread of its caller, and neither peer a deadline or a budget.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar resilience.SuccessBenchmark -prof gc}
 */
@Question("What does a call cost that succeeds at once?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class SuccessBenchmark {
    private final Supplier<Result<String, DomainError>> service = Service.answering(Service.WELL);
    private final RemoteCall<String> body = Ours.body(service);
    private final List<RemoteCall<String>> bodies = List.of(
            attempt -> service.get(), attempt -> service.get(), attempt -> service.get(), attempt -> service.get());
    private int next;
    private final Pipeline waiting = Ours.waiting().build();
    private final Pipeline interrupting = Ours.interrupting().build();
    private final Pipeline all = Ours.all().build();
    private final ByHand byHand = new ByHand(service, Peers.ATTEMPTS);
    private final Supplier<Result<String, DomainError>> breaker =
            CircuitBreaker.decorateSupplier(Peers.breaker(true), service);
    private final Supplier<Result<String, DomainError>> retried = Peers.retried(service);
    private final Supplier<Result<String, DomainError>> limited = Peers.all(service);
    private final FailsafeExecutor<Result<String, DomainError>> failsafe = Peers.failsafeRetried();
    private final FailsafeExecutor<Result<String, DomainError>> failsafeTimed = Peers.failsafeTimed();
    private final FailsafeExecutor<Result<String, DomainError>> failsafeAll = Peers.failsafeAll();

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "plain call", role = Role.BASELINE, row = "retry and breaker")
    public Result<String, DomainError> baseline() {
        return service.get();
    }

    /** {@return elapsed time} */
    @Benchmark
    @Contestant(value = "two readings of the clock", role = Role.REFERENCE, row = "retry and breaker")
    public long twoNanoTimes() {
        long start = System.nanoTime();
        return System.nanoTime() - start;
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS, row = "retry and breaker")
    public Result<String, DomainError> ours() {
        return waiting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "the same, four calls by turns", role = Role.REFERENCE, row = "retry and breaker")
    public Result<String, DomainError> oursByTurns() {
        return waiting.call(Ours.CALL, bodies.get(next++ & 3));
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "the same by hand, on resilience4j's counter", role = Role.LIMIT, row = "retry and breaker")
    public Result<String, DomainError> byHand() {
        return byHand.call();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j CircuitBreaker", role = Role.REFERENCE, row = "retry and breaker")
    public Result<String, DomainError> breakerOnly() {
        return breaker.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.PEER, row = "retry and breaker")
    public Result<String, DomainError> resilience4j() {
        return retried.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Failsafe Retry, CircuitBreaker", role = Role.PEER, row = "retry and breaker")
    public Result<String, DomainError> failsafe() {
        return failsafe.get(service::get);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Pipeline, standard", role = Role.OURS, row = "with a timeout")
    public Result<String, DomainError> timedOurs() {
        return interrupting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Failsafe Retry, CircuitBreaker, Timeout", role = Role.PEER, row = "with a timeout")
    public Result<String, DomainError> timedFailsafe() {
        return failsafeTimed.get(service::get);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Pipeline, all stages", role = Role.OURS, row = "all stages")
    public Result<String, DomainError> allOurs() {
        return all.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(
            value = "resilience4j Retry, CircuitBreaker, RateLimiter, Bulkhead",
            role = Role.PEER,
            row = "all stages")
    public Result<String, DomainError> allResilience4j() {
        return limited.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Failsafe, the same and Timeout", role = Role.PEER, row = "all stages")
    public Result<String, DomainError> allFailsafe() {
        return failsafeAll.get(service::get);
    }
}
