package dev.underpin.benchmarks.result;

import org.openjdk.jmh.annotations.CompilerControl;

/** The steps with exceptions: a success is the bare value, a failure is thrown. */
final class Throwing {
    private Throwing() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Integer find(int input) {
        return findInlined(input);
    }

    static Integer findInlined(int input) {
        if (input < 0) {
            throw RejectedException.withStack(-input);
        }
        return input;
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Integer findStackless(int input) {
        return findStacklessInlined(input);
    }

    static Integer findStacklessInlined(int input) {
        if (input < 0) {
            throw RejectedException.stackless(-input);
        }
        return input;
    }

    static int three(int input) {
        try {
            return find(input) + 1 + 2 + 3;
        } catch (RejectedException rejected) {
            return -rejected.code();
        }
    }

    static int threeStackless(int input) {
        try {
            return findStackless(input) + 1 + 2 + 3;
        } catch (RejectedException rejected) {
            return -rejected.code();
        }
    }

    static int threeInlined(int input) {
        try {
            return findInlined(input) + 1 + 2 + 3;
        } catch (RejectedException rejected) {
            return -rejected.code();
        }
    }

    static int threeStacklessInlined(int input) {
        try {
            return findStacklessInlined(input) + 1 + 2 + 3;
        } catch (RejectedException rejected) {
            return -rejected.code();
        }
    }

    /** The found value, through as many frames as asked for. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Integer findBelow(int depth, int input) {
        return depth == 0 ? findInlined(input) : findBelow(depth - 1, input);
    }

    /** The same without a stack trace. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Integer findStacklessBelow(int depth, int input) {
        return depth == 0 ? findStacklessInlined(input) : findStacklessBelow(depth - 1, input);
    }
}
