package dev.underpin.benchmarks.result;

import dev.underpin.result.Result;
import org.openjdk.jmh.annotations.CompilerControl;

/** The steps with our {@link Result}. */
final class Ours {
    private Ours() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Result<Integer, Rejected> find(int input) {
        return findInlined(input);
    }

    static Result<Integer, Rejected> findInlined(int input) {
        return input < 0 ? Result.err(new Rejected(-input)) : Result.ok(input);
    }

    static int one(Result<Integer, Rejected> found) {
        return found.map(x -> x + 1).fold(x -> x, rejected -> -rejected.code());
    }

    static int three(Result<Integer, Rejected> found) {
        return found.map(x -> x + 1)
                .flatMap(x -> Result.ok(x + 2))
                .map(x -> x + 3)
                .fold(x -> x, rejected -> -rejected.code());
    }

    static int ten(Result<Integer, Rejected> found) {
        return found.map(x -> x + 1)
                .flatMap(x -> Result.ok(x + 2))
                .map(x -> x + 3)
                .flatMap(x -> Result.ok(x + 4))
                .map(x -> x + 5)
                .flatMap(x -> Result.ok(x + 6))
                .map(x -> x + 7)
                .flatMap(x -> Result.ok(x + 8))
                .map(x -> x + 9)
                .flatMap(x -> Result.ok(x + 10))
                .fold(x -> x, rejected -> -rejected.code());
    }

    /** The three steps, read by patterns: no lambda, no further result. */
    static int threeByPattern(Result<Integer, Rejected> found) {
        if (found instanceof Result.Ok<Integer, Rejected> ok) {
            return ok.value() + 1 + 2 + 3;
        }
        return -((Result.Err<Integer, Rejected>) found).error().code();
    }

    /** The found value, through as many frames as asked for. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Result<Integer, Rejected> findBelow(int depth, int input) {
        return depth == 0 ? findInlined(input) : findBelow(depth - 1, input);
    }
}
