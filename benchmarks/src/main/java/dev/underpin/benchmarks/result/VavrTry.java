package dev.underpin.benchmarks.result;

import io.vavr.control.Try;

/** The steps with vavr's {@link Try}, over a producer that throws: what it is made for. */
final class VavrTry {
    private VavrTry() {}

    static Try<Integer> find(int input) {
        return Try.of(() -> Throwing.find(input));
    }

    static Try<Integer> findInlined(int input) {
        return Try.of(() -> Throwing.findInlined(input));
    }

    static int one(Try<Integer> found) {
        return found.map(x -> x + 1).fold(VavrTry::code, x -> x);
    }

    static int three(Try<Integer> found) {
        return found.map(x -> x + 1)
                .flatMap(x -> Try.success(x + 2))
                .map(x -> x + 3)
                .fold(VavrTry::code, x -> x);
    }

    private static int code(Throwable thrown) {
        return -((RejectedException) thrown).code();
    }
}
