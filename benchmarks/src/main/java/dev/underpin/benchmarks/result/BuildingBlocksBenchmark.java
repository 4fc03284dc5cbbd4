package dev.underpin.benchmarks.result;

import com.leakyabstractions.result.Results;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import io.vavr.control.Either;
import java.util.concurrent.TimeUnit;
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
 * Question: what does each operation allocate that a chain is made of?
 *
 * <p>Dimensions: operation (the row); contestant. Every answer escapes, so nothing is optimised away; values and reasons
 * are made beforehand. Read the bytes: the times are near the resolution of the harness.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar result.BuildingBlocksBenchmark -prof gc}
 */
@Question("What does each operation allocate that a chain is made of?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class BuildingBlocksBenchmark {
    private static final ErrorCode CODE =
            ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_NOT_FOUND", "There is no such order");

    // Fields and not constants, so that the JIT compiler knows as little as it would in a service.
    private Integer value = 1;
    private Rejected reason = new Rejected(1);
    private Result<Integer, Rejected> ok = Result.ok(value);
    private Result<Integer, Rejected> err = Result.err(reason);
    private Either<Rejected, Integer> right = Either.right(value);
    private Either<Rejected, Integer> left = Either.left(reason);

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Result.ok", role = Role.OURS, row = "ok")
    public Result<Integer, Rejected> okOurs() {
        return Result.ok(value);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "vavr Either.right", role = Role.PEER, row = "ok")
    public Either<Rejected, Integer> okVavr() {
        return Either.right(value);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "LeakyAbstractions success", role = Role.PEER, row = "ok")
    public Object okLeaky() {
        return Results.success(value);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Result.ok()", role = Role.OURS, row = "ok without a value")
    public Result<Unit, Rejected> unitOurs() {
        return Result.ok();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Result.err", role = Role.OURS, row = "err")
    public Result<Integer, Rejected> errOurs() {
        return Result.err(reason);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "vavr Either.left", role = Role.PEER, row = "err")
    public Either<Rejected, Integer> errVavr() {
        return Either.left(reason);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "LeakyAbstractions failure", role = Role.PEER, row = "err")
    public Object errLeaky() {
        return Results.failure(reason);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "map on Err", role = Role.OURS, row = "map on err")
    public Result<Integer, Rejected> mapOnErrOurs() {
        return err.map(x -> x + 1);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "vavr map on Left", role = Role.PEER, row = "map on err")
    public Either<Rejected, Integer> mapOnErrVavr() {
        return left.map(x -> x + 1);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "flatMap on Err", role = Role.OURS, row = "flatMap on err")
    public Result<Integer, Rejected> flatMapOnErrOurs() {
        return err.flatMap(Result::ok);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "vavr flatMap on Left", role = Role.PEER, row = "flatMap on err")
    public Either<Rejected, Integer> flatMapOnErrVavr() {
        return left.flatMap(Either::right);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "mapError on Ok", role = Role.OURS, row = "mapError on ok")
    public Result<Integer, Rejected> mapErrorOnOkOurs() {
        return ok.mapError(rejected -> new Rejected(rejected.code() + 1));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "vavr mapLeft on Right", role = Role.PEER, row = "mapError on ok")
    public Either<Rejected, Integer> mapErrorOnOkVavr() {
        return right.mapLeft(rejected -> new Rejected(rejected.code() + 1));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "widen", role = Role.OURS, row = "widen")
    public Result<Object, Object> widenOurs() {
        return Result.widen(ok);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "vavr narrow", role = Role.PEER, row = "widen")
    public Either<Object, Object> widenVavr() {
        return Either.narrow(right);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "ErrorCode.error", role = Role.OURS, row = "error of a code")
    public DomainError errorOurs() {
        return CODE.error();
    }
}
