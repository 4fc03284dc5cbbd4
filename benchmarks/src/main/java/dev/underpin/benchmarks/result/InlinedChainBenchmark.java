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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what is left of a chain of three steps if the JIT compiler sees the call that may fail as well?
 *
 * <p>Dimensions: contestant; share of failures. As {@link ChainBenchmark}, with the call inlined.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar result.InlinedChainBenchmark -p failures=0,10,100 -prof gc}
 */
@Question("What is left of that chain if the JIT compiler sees the call as well?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class InlinedChainBenchmark {
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
        return Ours.three(Ours.findInlined(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "Result, read by pattern", role = Role.REFERENCE)
    public int oursByPattern(Inputs inputs) {
        return Ours.threeByPattern(Ours.findInlined(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "vavr Either", role = Role.PEER)
    public int vavrEither(Inputs inputs) {
        return VavrEither.three(VavrEither.findInlined(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "vavr Try", role = Role.PEER)
    public int vavrTry(Inputs inputs) {
        return VavrTry.three(VavrTry.findInlined(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "LeakyAbstractions Result", role = Role.PEER)
    public int leaky(Inputs inputs) {
        return Leaky.three(Leaky.findInlined(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "HubSpot algebra", role = Role.PEER)
    public int hubSpot(Inputs inputs) {
        return HubSpot.three(HubSpot.findInlined(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "kotlin-result", role = Role.PEER)
    public int kotlinResult(Inputs inputs) {
        return KotlinResult.three(KotlinResult.findInlined(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "sealed records by hand", role = Role.LIMIT)
    public int byHand(Inputs inputs) {
        return ByHand.three(ByHand.findInlined(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "exception", role = Role.REFERENCE)
    public int exception(Inputs inputs) {
        return Throwing.threeInlined(inputs.next());
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "exception without stack", role = Role.REFERENCE)
    public int stackless(Inputs inputs) {
        return Throwing.threeStacklessInlined(inputs.next());
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "sentinel", role = Role.REFERENCE)
    public int sentinel(Inputs inputs) {
        return Sentinel.three(Sentinel.findInlined(inputs.next()));
    }
}
