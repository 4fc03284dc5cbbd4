package dev.underpin.benchmarks.result;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import kotlin.jvm.functions.Function1;
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
 * Question: what does a chain cost whose functions the JIT compiler cannot inline, because the same step runs with many
 * of them?
 *
 * <p>Dimensions: contestant; share of failures. Three steps, each with the next of eight functions.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar result.MegamorphicBenchmark -p failures=0,10,100 -prof gc}
 */
@Question("What does a chain cost whose functions cannot be inlined?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class MegamorphicBenchmark {
    private static final Function<Integer, Integer>[] FUNCTIONS = functions();

    private static final Function1<Integer, Integer>[] KOTLIN_FUNCTIONS = kotlinFunctions();

    private int index;

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "reading the input", role = Role.BASELINE)
    public int baseline(Inputs inputs) {
        return inputs.next();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Result", role = Role.OURS)
    public int ours(Inputs inputs) {
        return Ours.find(inputs.next()).map(next()).map(next()).map(next()).fold(x -> x, rejected -> -rejected.code());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "vavr Either", role = Role.PEER)
    public int vavrEither(Inputs inputs) {
        return VavrEither.find(inputs.next())
                .map(next())
                .map(next())
                .map(next())
                .fold(rejected -> -rejected.code(), x -> x);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "LeakyAbstractions Result", role = Role.PEER)
    public int leaky(Inputs inputs) {
        return Leaky.find(inputs.next())
                .mapSuccess(next())
                .mapSuccess(next())
                .mapSuccess(next())
                .orElseMap(rejected -> -rejected.code());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "kotlin-result", role = Role.PEER)
    public int kotlinResult(Inputs inputs) {
        Object found = KotlinResult.find(inputs.next());
        return KotlinResult.fold(KotlinResult.map(
                KotlinResult.map(KotlinResult.map(found, nextOfKotlin()), nextOfKotlin()), nextOfKotlin()));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "sealed records by hand", role = Role.LIMIT)
    public int byHand(Inputs inputs) {
        ByHand.Outcome outcome = ByHand.find(inputs.next());
        Function<Integer, Integer> first = next();
        Function<Integer, Integer> second = next();
        Function<Integer, Integer> third = next();
        if (outcome instanceof ByHand.Outcome.Found found) {
            return third.apply(second.apply(first.apply(found.value())));
        }
        return ByHand.code(outcome);
    }

    private Function<Integer, Integer> next() {
        return FUNCTIONS[index++ & 7];
    }

    private Function1<Integer, Integer> nextOfKotlin() {
        return KOTLIN_FUNCTIONS[index++ & 7];
    }

    // A class of its own for each, as each lambda of a program has.
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Function<Integer, Integer>[] functions() {
        return new Function[] {
            (Function<Integer, Integer>) x -> x + 1,
            (Function<Integer, Integer>) x -> x + 2,
            (Function<Integer, Integer>) x -> x + 3,
            (Function<Integer, Integer>) x -> x + 4,
            (Function<Integer, Integer>) x -> x + 5,
            (Function<Integer, Integer>) x -> x + 6,
            (Function<Integer, Integer>) x -> x + 7,
            (Function<Integer, Integer>) x -> x + 8
        };
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Function1<Integer, Integer>[] kotlinFunctions() {
        return new Function1[] {
            (Function1<Integer, Integer>) x -> x + 1,
            (Function1<Integer, Integer>) x -> x + 2,
            (Function1<Integer, Integer>) x -> x + 3,
            (Function1<Integer, Integer>) x -> x + 4,
            (Function1<Integer, Integer>) x -> x + 5,
            (Function1<Integer, Integer>) x -> x + 6,
            (Function1<Integer, Integer>) x -> x + 7,
            (Function1<Integer, Integer>) x -> x + 8
        };
    }
}
