package dev.underpin.benchmarks.resilience;

import dev.failsafe.FailsafeExecutor;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.RemoteCall;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does a call cost when threads share what guards it?
 *
 * <p>Dimensions: threads (the row); contestant. The time is that of one thread, so with fewer cores than threads
 * it is longer by what they share.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar resilience.ThreadsBenchmark -prof gc}
 */
@Question("What does a call cost when threads share what guards it?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class ThreadsBenchmark {
    private final Supplier<Result<String, DomainError>> service = Service.answering(Service.WELL);
    private final RemoteCall<String> body = Ours.body(service);
    private final Pipeline waiting = Ours.waiting().build();
    private final Pipeline interrupting = Ours.interrupting().build();
    private final Supplier<Result<String, DomainError>> retried = Peers.retried(service);
    private final FailsafeExecutor<Result<String, DomainError>> failsafe = Peers.failsafeRetried();

    /** {@return the answer} */
    @Benchmark
    @Threads(1)
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS, row = "threads: 1")
    public Result<String, DomainError> oursOne() {
        return waiting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(1)
    @Contestant(value = "Pipeline, standard", role = Role.REFERENCE, row = "threads: 1")
    public Result<String, DomainError> timedOursOne() {
        return interrupting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(1)
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.PEER, row = "threads: 1")
    public Result<String, DomainError> resilience4jOne() {
        return retried.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(1)
    @Contestant(value = "Failsafe Retry, CircuitBreaker", role = Role.PEER, row = "threads: 1")
    public Result<String, DomainError> failsafeOne() {
        return failsafe.get(service::get);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS, row = "threads: 2")
    public Result<String, DomainError> oursTwo() {
        return waiting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "Pipeline, standard", role = Role.REFERENCE, row = "threads: 2")
    public Result<String, DomainError> timedOursTwo() {
        return interrupting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.PEER, row = "threads: 2")
    public Result<String, DomainError> resilience4jTwo() {
        return retried.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(2)
    @Contestant(value = "Failsafe Retry, CircuitBreaker", role = Role.PEER, row = "threads: 2")
    public Result<String, DomainError> failsafeTwo() {
        return failsafe.get(service::get);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS, row = "threads: 4")
    public Result<String, DomainError> oursFour() {
        return waiting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "Pipeline, standard", role = Role.REFERENCE, row = "threads: 4")
    public Result<String, DomainError> timedOursFour() {
        return interrupting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.PEER, row = "threads: 4")
    public Result<String, DomainError> resilience4jFour() {
        return retried.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(4)
    @Contestant(value = "Failsafe Retry, CircuitBreaker", role = Role.PEER, row = "threads: 4")
    public Result<String, DomainError> failsafeFour() {
        return failsafe.get(service::get);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS, row = "threads: 8")
    public Result<String, DomainError> oursEight() {
        return waiting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "Pipeline, standard", role = Role.REFERENCE, row = "threads: 8")
    public Result<String, DomainError> timedOursEight() {
        return interrupting.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.PEER, row = "threads: 8")
    public Result<String, DomainError> resilience4jEight() {
        return retried.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Threads(8)
    @Contestant(value = "Failsafe Retry, CircuitBreaker", role = Role.PEER, row = "threads: 8")
    public Result<String, DomainError> failsafeEight() {
        return failsafe.get(service::get);
    }
}
