package dev.underpin.benchmarks.result;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how does the cost of a chain grow with the number of its steps?
 *
 * <p>Dimensions: contestant; steps, one or ten (three: {@link ChainBenchmark}); share of failures. The call before the
 * chain is not inlined.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar result.ChainLengthBenchmark -p failures=0,10,100 -prof gc}
 */
@Question("How does the cost of a chain grow with its steps?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class ChainLengthBenchmark {
    /** How many steps. */
    public enum Steps {
        /** A map. */
        ONE,
        /** Map and flatMap in turn. */
        TEN
    }

    /** How many steps. */
    @Param
    public Steps steps = Steps.ONE;

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "reading the input", role = Role.BASELINE)
    public int baseline(Inputs inputs) {
        return inputs.next();
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "Result", role = Role.OURS)
    public int ours(Inputs inputs) {
        return switch (steps) {
            case ONE -> Ours.one(Ours.find(inputs.next()));
            case TEN -> Ours.ten(Ours.find(inputs.next()));
        };
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "vavr Either", role = Role.PEER)
    public int vavrEither(Inputs inputs) {
        return switch (steps) {
            case ONE -> VavrEither.one(VavrEither.find(inputs.next()));
            case TEN -> VavrEither.ten(VavrEither.find(inputs.next()));
        };
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "LeakyAbstractions Result", role = Role.PEER)
    public int leaky(Inputs inputs) {
        return switch (steps) {
            case ONE -> Leaky.one(Leaky.find(inputs.next()));
            case TEN -> Leaky.ten(Leaky.find(inputs.next()));
        };
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "kotlin-result", role = Role.PEER)
    public int kotlinResult(Inputs inputs) {
        return switch (steps) {
            case ONE -> KotlinResult.one(KotlinResult.find(inputs.next()));
            case TEN -> KotlinResult.ten(KotlinResult.find(inputs.next()));
        };
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "sealed records by hand", role = Role.LIMIT)
    public int byHand(Inputs inputs) {
        return switch (steps) {
            case ONE -> ByHand.one(ByHand.find(inputs.next()));
            case TEN -> ByHand.ten(ByHand.find(inputs.next()));
        };
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "sentinel", role = Role.REFERENCE)
    public int sentinel(Inputs inputs) {
        return switch (steps) {
            case ONE -> Sentinel.one(Sentinel.find(inputs.next()));
            case TEN -> Sentinel.ten(Sentinel.find(inputs.next()));
        };
    }
}
