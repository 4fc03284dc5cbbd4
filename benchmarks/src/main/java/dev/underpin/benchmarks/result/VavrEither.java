package dev.underpin.benchmarks.result;

import io.vavr.control.Either;
import org.openjdk.jmh.annotations.CompilerControl;

/** The steps with vavr's {@link Either}. */
final class VavrEither {
    private VavrEither() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Either<Rejected, Integer> find(int input) {
        return findInlined(input);
    }

    static Either<Rejected, Integer> findInlined(int input) {
        return input < 0 ? Either.left(new Rejected(-input)) : Either.right(input);
    }

    static int one(Either<Rejected, Integer> found) {
        return found.map(x -> x + 1).fold(rejected -> -rejected.code(), x -> x);
    }

    static int three(Either<Rejected, Integer> found) {
        return found.map(x -> x + 1)
                .flatMap(x -> Either.right(x + 2))
                .map(x -> x + 3)
                .fold(rejected -> -rejected.code(), x -> x);
    }

    static int ten(Either<Rejected, Integer> found) {
        return found.map(x -> x + 1)
                .flatMap(x -> Either.<Rejected, Integer>right(x + 2))
                .map(x -> x + 3)
                .flatMap(x -> Either.<Rejected, Integer>right(x + 4))
                .map(x -> x + 5)
                .flatMap(x -> Either.<Rejected, Integer>right(x + 6))
                .map(x -> x + 7)
                .flatMap(x -> Either.<Rejected, Integer>right(x + 8))
                .map(x -> x + 9)
                .flatMap(x -> Either.<Rejected, Integer>right(x + 10))
                .fold(rejected -> -rejected.code(), x -> x);
    }
}
