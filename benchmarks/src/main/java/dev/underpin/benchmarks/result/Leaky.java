package dev.underpin.benchmarks.result;

import com.leakyabstractions.result.Result;
import com.leakyabstractions.result.Results;
import org.openjdk.jmh.annotations.CompilerControl;

/** The steps with the {@link Result} of LeakyAbstractions. */
final class Leaky {
    private Leaky() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Result<Integer, Rejected> find(int input) {
        return findInlined(input);
    }

    static Result<Integer, Rejected> findInlined(int input) {
        return input < 0 ? Results.failure(new Rejected(-input)) : Results.success(input);
    }

    static int one(Result<Integer, Rejected> found) {
        return found.mapSuccess(x -> x + 1).orElseMap(rejected -> -rejected.code());
    }

    static int three(Result<Integer, Rejected> found) {
        return found.mapSuccess(x -> x + 1)
                .flatMapSuccess(x -> Results.<Integer, Rejected>success(x + 2))
                .mapSuccess(x -> x + 3)
                .orElseMap(rejected -> -rejected.code());
    }

    static int ten(Result<Integer, Rejected> found) {
        return found.mapSuccess(x -> x + 1)
                .flatMapSuccess(x -> Results.<Integer, Rejected>success(x + 2))
                .mapSuccess(x -> x + 3)
                .flatMapSuccess(x -> Results.<Integer, Rejected>success(x + 4))
                .mapSuccess(x -> x + 5)
                .flatMapSuccess(x -> Results.<Integer, Rejected>success(x + 6))
                .mapSuccess(x -> x + 7)
                .flatMapSuccess(x -> Results.<Integer, Rejected>success(x + 8))
                .mapSuccess(x -> x + 9)
                .flatMapSuccess(x -> Results.<Integer, Rejected>success(x + 10))
                .orElseMap(rejected -> -rejected.code());
    }
}
