package dev.underpin.benchmarks.result;

import com.hubspot.algebra.Result;
import org.openjdk.jmh.annotations.CompilerControl;

/** The steps with the {@link Result} of HubSpot's algebra. */
final class HubSpot {
    private HubSpot() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Result<Integer, Rejected> find(int input) {
        return findInlined(input);
    }

    static Result<Integer, Rejected> findInlined(int input) {
        return input < 0 ? Result.err(new Rejected(-input)) : Result.ok(input);
    }

    static int one(Result<Integer, Rejected> found) {
        return found.mapOk(x -> x + 1).match(rejected -> -rejected.code(), x -> x);
    }

    static int three(Result<Integer, Rejected> found) {
        return found.mapOk(x -> x + 1)
                .flatMapOk(x -> Result.ok(x + 2))
                .mapOk(x -> x + 3)
                .match(rejected -> -rejected.code(), x -> x);
    }
}
