package dev.underpin.benchmarks.resilience;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.resilience.RetryPolicy;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import io.github.resilience4j.core.IntervalFunction;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
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
 * Question: What does it cost to find the delay before a retry?
 *
 * <p>Dimensions: contestant. Attempts 1 to 16 by turns, of which the last six or seven are at the limit. Ours
 * looks for a hint in the error, too. What finds the delay is package-private, and reached by a method handle.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar resilience.BackoffBenchmark -prof gc}
 */
@Question("What does it cost to find the delay before a retry?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class BackoffBenchmark {
    private static final long BASE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final DomainError ERROR = ((Result.Err<String, DomainError>) Service.UNAVAILABLE).error();
    private static final int ATTEMPTS = 16;
    private static final MethodHandle DELAY = delay();

    private final RetryPolicy policy = RetryPolicy.standard();
    private final RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    private final IntervalFunction resilience4j = IntervalFunction.ofExponentialRandomBackoff(
            Duration.ofNanos(BASE_NANOS), 2, 0.5, Duration.ofNanos(MAX_NANOS));
    private int next;

    private static MethodHandle delay() {
        try {
            return MethodHandles.privateLookupIn(RetryPolicy.class, MethodHandles.lookup())
                    .findVirtual(
                            RetryPolicy.class,
                            "delayNanos",
                            MethodType.methodType(long.class, int.class, DomainError.class, RandomGenerator.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no RetryPolicy.delayNanos", e);
        }
    }

    private int attempt() {
        return 1 + (next++ & (ATTEMPTS - 1));
    }

    /** {@return nanoseconds} */
    @Benchmark
    @Contestant(value = "RetryPolicy", role = Role.OURS)
    public long ours() {
        try {
            return (long) DELAY.invokeExact(policy, attempt(), ERROR, random);
        } catch (Throwable impossible) {
            throw new LinkageError("RetryPolicy.delayNanos", impossible);
        }
    }

    /** {@return nanoseconds} */
    @Benchmark
    @Contestant(value = "full jitter by hand", role = Role.LIMIT)
    public long byHand() {
        return ThreadLocalRandom.current().nextLong(Math.min(MAX_NANOS, BASE_NANOS << (attempt() - 1)));
    }

    /** {@return milliseconds} */
    @Benchmark
    @Contestant(value = "resilience4j ofExponentialRandomBackoff", role = Role.PEER)
    public long resilience4j() {
        return resilience4j.apply(attempt());
    }
}
