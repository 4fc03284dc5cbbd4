package dev.underpin.benchmarks.result;

import com.github.michaelbull.result.TryKt;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.result.Result;
import io.vavr.collection.Seq;
import io.vavr.control.Either;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it cost to apply a call that may fail to every item of a list, up to the first failure?
 *
 * <p>Dimensions: contestant; number of items; whether all succeed or the last one fails. The call is inlined where the
 * JIT compiler can, so that what is left is the list and the traversal.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar result.TraverseBenchmark -prof gc}
 */
@Question("What does it cost to apply a call that may fail to every item of a list?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class TraverseBenchmark {
    /** What becomes of the items. */
    public enum Outcome {
        /** Every call succeeds. */
        ALL_SUCCEED,
        /** The call on the last item fails. */
        LAST_FAILS
    }

    /** How many items. */
    @Param({"10", "1000"})
    public int items;

    /** What becomes of them. */
    @Param
    public Outcome outcome = Outcome.ALL_SUCCEED;

    private List<Integer> list = List.of();

    /** Makes the items. */
    @Setup(Level.Trial)
    public void prepare() {
        Integer[] numbers = new Integer[items];
        Arrays.setAll(numbers, i -> 1 + i % 63);
        if (outcome == Outcome.LAST_FAILS) {
            numbers[items - 1] = -1;
        }
        list = List.of(numbers);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "reading the list", role = Role.BASELINE)
    public int baseline() {
        int sum = 0;
        for (Integer item : list) {
            sum += item;
        }
        return sum;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Result.traverse", role = Role.OURS)
    public Result<List<Integer>, Rejected> ours() {
        return Result.traverse(list, Ours::findInlined);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Result.toList, a collector", role = Role.REFERENCE)
    public Result<List<Integer>, Rejected> oursCollected() {
        return list.stream().map(Ours::findInlined).collect(Result.toList());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "vavr Either.traverseRight", role = Role.PEER)
    public Either<Rejected, Seq<Integer>> vavrEither() {
        return Either.traverseRight(list, VavrEither::findInlined);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "kotlin-result tryMap", role = Role.PEER)
    public Object kotlinResult() {
        return TryKt.tryMap(list, KotlinResult::findBoxed);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "loop by hand", role = Role.LIMIT)
    public ByHand.Several byHand() {
        List<Integer> found = new ArrayList<>(list.size());
        for (Integer item : list) {
            if (item < 0) {
                return new ByHand.Several.None(-item);
            }
            found.add(item);
        }
        return new ByHand.Several.All(Collections.unmodifiableList(found));
    }
}
