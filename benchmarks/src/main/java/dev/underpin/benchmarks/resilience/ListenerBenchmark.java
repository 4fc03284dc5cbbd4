package dev.underpin.benchmarks.resilience;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.PipelineListener;
import dev.underpin.resilience.RemoteCall;
import dev.underpin.resilience.StopReason;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.retry.Retry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
 * Question: What does it cost to hear of calls?
 *
 * <p>Dimensions: whether somebody listens (the row); contestant. Listeners count calls, ours also their time.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar resilience.ListenerBenchmark -prof gc}
 */
@Question("What does it cost to hear of calls?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class ListenerBenchmark {
    private final Supplier<Result<String, DomainError>> service = Service.answering(Service.WELL);
    private final RemoteCall<String> body = Ours.body(service);
    private final Counting listener = new Counting();
    private final LongAdder counted = new LongAdder();
    private final Pipeline silent = Ours.waiting().build();
    private final Pipeline heard = Ours.waiting().listener(listener).build();
    private final Supplier<Result<String, DomainError>> silentResilience4j = Peers.retried(service);
    private final Supplier<Result<String, DomainError>> heardResilience4j = heard();

    private Supplier<Result<String, DomainError>> heard() {
        CircuitBreaker breaker = Peers.breaker(true);
        breaker.getEventPublisher().onSuccess(event -> counted.increment());
        return Retry.decorateSupplier(Peers.retry(), CircuitBreaker.decorateSupplier(breaker, service));
    }

    /** Counts calls and their time. */
    private static final class Counting implements PipelineListener {
        private final LongAdder calls = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        @Override
        public void onCall(String pipeline, int attempts, long took, StopReason stopped, @Nullable ErrorCode error) {
            calls.increment();
            nanos.add(took);
        }
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS, row = "no listener")
    public Result<String, DomainError> silentOurs() {
        return silent.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.PEER, row = "no listener")
    public Result<String, DomainError> silentResilience4j() {
        return silentResilience4j.get();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "deadline, retry, budget, breaker", role = Role.OURS, row = "a listener")
    public Result<String, DomainError> heardOurs() {
        return heard.call(Ours.CALL, body);
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.PEER, row = "a listener")
    public Result<String, DomainError> heardResilience4j() {
        return heardResilience4j.get();
    }
}
