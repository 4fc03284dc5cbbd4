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
 * Question: what does a failure cost that happens some frames below where it is handled?
 *
 * <p>Dimensions: contestant; frames between, each a real one; share of failures. An exception pays for filling in its
 * stack trace and for unwinding each frame, a value only for the returns.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar result.DepthBenchmark -p failures=100 -prof gc}
 */
@Question("What does a failure cost some frames below where it is handled?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class DepthBenchmark {
    /** The frames between. */
    @Param({"1", "10", "50"})
    public int depth;

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
        return Ours.three(Ours.findBelow(depth, inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "exception", role = Role.REFERENCE)
    public int exception(Inputs inputs) {
        try {
            return Throwing.findBelow(depth, inputs.next()) + 1 + 2 + 3;
        } catch (RejectedException rejected) {
            return -rejected.code();
        }
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "exception without stack", role = Role.REFERENCE)
    public int stackless(Inputs inputs) {
        try {
            return Throwing.findStacklessBelow(depth, inputs.next()) + 1 + 2 + 3;
        } catch (RejectedException rejected) {
            return -rejected.code();
        }
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "sealed records by hand", role = Role.LIMIT)
    public int byHand(Inputs inputs) {
        return ByHand.three(ByHand.findBelow(depth, inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "sentinel", role = Role.REFERENCE)
    public int sentinel(Inputs inputs) {
        return Sentinel.three(Sentinel.findBelow(depth, inputs.next()));
    }
}
