package dev.underpin.benchmarks.resilience;

import dev.failsafe.FailsafeExecutor;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.resilience.Attempt;
import dev.underpin.resilience.Pipeline;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does an asynchronous call cost that is complete at once?
 *
 * <p>Dimensions: contestant. Ours has a timeout for each attempt, so those of the peers that have one, too, are
 * its peers. Failsafe takes each call to another thread, as its manual says.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar resilience.AsyncBenchmark -prof gc}
 */
@Question("What does an asynchronous call cost that is complete at once?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class AsyncBenchmark {
    private final Supplier<CompletionStage<Result<String, DomainError>>> service = new Completed();
    private final Function<Attempt, CompletionStage<Result<String, DomainError>>> body = attempt -> service.get();
    private final Pipeline pipeline = Ours.interrupting().build();
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "resilience4j");
        thread.setDaemon(true);
        return thread;
    });
    private final CircuitBreaker breaker = Peers.breaker(true);
    private final Supplier<CompletionStage<Result<String, DomainError>>> retried = Retry.decorateCompletionStage(
            Peers.retry(), scheduler, CircuitBreaker.decorateCompletionStage(breaker, service));
    private final Supplier<CompletionStage<Result<String, DomainError>>> timed = Retry.decorateCompletionStage(
            Peers.retry(),
            scheduler,
            CircuitBreaker.decorateCompletionStage(
                    Peers.breaker(true),
                    TimeLimiter.decorateCompletionStage(TimeLimiter.of(Peers.TIMEOUT), scheduler, service)));
    private final FailsafeExecutor<Result<String, DomainError>> failsafe = Peers.failsafeRetried();
    private final FailsafeExecutor<Result<String, DomainError>> failsafeTimed = Peers.failsafeTimed();

    /** Answers with a stage that is complete. */
    private static final class Completed implements Supplier<CompletionStage<Result<String, DomainError>>> {
        private final CompletableFuture<Result<String, DomainError>> stage =
                CompletableFuture.completedFuture(Service.WELL);

        @Override
        public CompletionStage<Result<String, DomainError>> get() {
            return stage;
        }
    }

    /** A cancelled timeout must not hold its task until the delay is over. */
    public AsyncBenchmark() {
        scheduler.setRemoveOnCancelPolicy(true);
    }

    /** Ends the thread. */
    @TearDown
    public void stop() {
        scheduler.shutdownNow();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "plain call", role = Role.BASELINE)
    public Result<String, DomainError> baseline() {
        return service.get().toCompletableFuture().join();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Pipeline.callAsync", role = Role.OURS)
    public Result<String, DomainError> ours() {
        return pipeline.callAsync(Ours.CALL, body).join();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j Retry, CircuitBreaker, TimeLimiter", role = Role.PEER)
    public Result<String, DomainError> resilience4j() {
        return timed.get().toCompletableFuture().join();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "resilience4j Retry, CircuitBreaker", role = Role.REFERENCE)
    public Result<String, DomainError> untimedResilience4j() {
        return retried.get().toCompletableFuture().join();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Failsafe Retry, CircuitBreaker, Timeout", role = Role.PEER)
    public Result<String, DomainError> failsafe() {
        return failsafeTimed.getStageAsync(service::get).join();
    }

    /** {@return the answer} */
    @Benchmark
    @Contestant(value = "Failsafe Retry, CircuitBreaker", role = Role.REFERENCE)
    public Result<String, DomainError> untimedFailsafe() {
        return failsafe.getStageAsync(service::get).join();
    }
}
