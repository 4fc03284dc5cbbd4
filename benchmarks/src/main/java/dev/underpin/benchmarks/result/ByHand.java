package dev.underpin.benchmarks.result;

import java.util.List;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * The steps as a careful person writes them for this one case: a sealed pair of records, read once by pattern, without
 * lambdas and without a further record for each step.
 */
final class ByHand {
    private ByHand() {}

    sealed interface Outcome {
        record Found(int value) implements Outcome {}

        record Missing(int code) implements Outcome {}
    }

    sealed interface Several {
        record All(List<Integer> values) implements Several {}

        record None(int code) implements Several {}
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Outcome find(int input) {
        return findInlined(input);
    }

    static Outcome findInlined(int input) {
        return input < 0 ? new Outcome.Missing(-input) : new Outcome.Found(input);
    }

    static int one(Outcome outcome) {
        if (outcome instanceof Outcome.Found found) {
            return found.value() + 1;
        }
        return code(outcome);
    }

    static int three(Outcome outcome) {
        if (outcome instanceof Outcome.Found found) {
            return found.value() + 1 + 2 + 3;
        }
        return code(outcome);
    }

    static int ten(Outcome outcome) {
        if (outcome instanceof Outcome.Found found) {
            return found.value() + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10;
        }
        return code(outcome);
    }

    static int code(Outcome outcome) {
        return -((Outcome.Missing) outcome).code();
    }

    /** The found value, through as many frames as asked for. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Outcome findBelow(int depth, int input) {
        return depth == 0 ? findInlined(input) : findBelow(depth - 1, input);
    }
}
