package dev.underpin.benchmarks.resilience;

import dev.failsafe.CircuitBreakerOpenException;
import dev.failsafe.FailsafeExecutor;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.RemoteCall;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
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
 * Question: What does a call cost that an open circuit refuses?
 *
 * <p>Dimensions: contestant. The circuit stays open. Ours tells when it will ask again, so it makes a new error
 * now and then; by hand it is always the same. Exceptions are caught by the caller.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar resilience.OpenBenchmark -prof gc}
 */
@Question("What does a call cost that an open circuit refuses?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class OpenBenchmark {
    private final Supplier<Result<String, DomainError>> service = Service.answering(Service.WELL);
    private final RemoteCall<String> body = Ours.body(service);
    private final Pipeline pipeline = Ours.open();
    private final ByHand byHand = new ByHand(service, Peers.ATTEMPTS);
    private final Supplier<Result<String, DomainError>> traced = opened(/* stackTraces= */ true);
    private final Supplier<Result<String, DomainError>> untraced = opened(/* stackTraces= */ false);
    private final dev.failsafe.CircuitBreaker<Result<String, DomainError>> failsafeBreaker = Peers.failsafeBreaker();
    private final FailsafeExecutor<Result<String, DomainError>> failsafe = Peers.failsafe(List.of(failsafeBreaker));

    /** Opens the breakers. */
    public OpenBenchmark() {
        byHand.open();
        failsafeBreaker.open();
    }

    private Supplier<Result<String, DomainError>> opened(boolean stackTraces) {
        CircuitBreaker breaker = Peers.breaker(stackTraces);
        breaker.transitionToOpenState();
        return CircuitBreaker.decorateSupplier(breaker, service);
    }

    private static Object refused(Supplier<Result<String, DomainError>> call) {
        try {
            return call.get();
        } catch (CallNotPermittedException e) {
            return e;
        }
    }

    /** {@return the refusal} */
    @Benchmark
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS)
    public Result<String, DomainError> ours() {
        return pipeline.call(Ours.CALL, body);
    }

    /** {@return the refusal} */
    @Benchmark
    @Contestant(value = "a shared error by hand, on resilience4j's counter", role = Role.LIMIT)
    public Result<String, DomainError> byHand() {
        return byHand.call();
    }

    /** {@return the refusal} */
    @Benchmark
    @Contestant(value = "resilience4j CircuitBreaker", role = Role.PEER)
    public Object resilience4j() {
        return refused(traced);
    }

    /** {@return the refusal} */
    @Benchmark
    @Contestant(value = "resilience4j CircuitBreaker without stack traces", role = Role.PEER)
    public Object untraced() {
        return refused(untraced);
    }

    /** {@return the refusal} */
    @Benchmark
    @Contestant(value = "Failsafe CircuitBreaker", role = Role.PEER)
    public Object failsafe() {
        try {
            return failsafe.get(service::get);
        } catch (CircuitBreakerOpenException e) {
            return e;
        }
    }
}
