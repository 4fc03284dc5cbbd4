package dev.underpin.benchmarks.result;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Question: what does a chain cost whose own call always succeeds, or always fails, in a program in which other chains
 * do both?
 *
 * <p>Dimensions: contestant; share of failures of the measured chain. Before the measurement another chain of the same
 * contestant ran with failures in half of its calls. The JIT compiler keeps one profile for each method and not for each
 * caller, so a library whose steps branch inside a shared method has then lost what it knew about this chain; one whose
 * success and failure are classes with methods of their own keeps it, in the profile of the calls. Every service is such
 * a program: {@link ChainBenchmark} shows the laboratory.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar result.SharedProfileBenchmark -p failures=0,100 -prof gc}
 */
@Question("What does a chain cost in a program whose other chains both succeed and fail?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class SharedProfileBenchmark {
    /** Keeps the JIT compiler from dropping the other chain. */
    public int elsewhere;

    /** Runs the other chain of the contestant to be measured, often enough to be compiled. */
    @Setup
    public void runElsewhere(BenchmarkParams params) {
        String method = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        IntUnaryOperator chain = switch (method) {
            case "ours" -> input -> Ours.ten(Ours.find(input));
            case "vavrEither" -> input -> VavrEither.ten(VavrEither.find(input));
            case "leaky" -> input -> Leaky.ten(Leaky.find(input));
            case "kotlinResult" -> input -> KotlinResult.ten(KotlinResult.find(input));
            case "byHand" -> input -> ByHand.ten(ByHand.find(input));
            default -> input -> input;
        };
        int[] inputs = Inputs.inputs(50);
        for (int round = 0; round < 10; round++) {
            for (int input : inputs) {
                elsewhere += chain.applyAsInt(input);
            }
        }
    }

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
        return Ours.three(Ours.find(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "vavr Either", role = Role.PEER)
    public int vavrEither(Inputs inputs) {
        return VavrEither.three(VavrEither.find(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "LeakyAbstractions Result", role = Role.PEER)
    public int leaky(Inputs inputs) {
        return Leaky.three(Leaky.find(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "kotlin-result", role = Role.PEER)
    public int kotlinResult(Inputs inputs) {
        return KotlinResult.three(KotlinResult.find(inputs.next()));
    }

    /** {@return the outcome of one input} */
    @Benchmark
    @Contestant(value = "sealed records by hand", role = Role.LIMIT)
    public int byHand(Inputs inputs) {
        return ByHand.three(ByHand.find(inputs.next()));
    }
}
