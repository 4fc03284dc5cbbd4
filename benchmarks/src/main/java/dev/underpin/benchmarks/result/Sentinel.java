package dev.underpin.benchmarks.result;

import org.openjdk.jmh.annotations.CompilerControl;

/** The steps with a negative number for a failure: the floor, with no reason and no type to remind anyone of it. */
final class Sentinel {
    private Sentinel() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static int find(int input) {
        return findInlined(input);
    }

    static int findInlined(int input) {
        return input;
    }

    static int one(int found) {
        return found < 0 ? found : found + 1;
    }

    static int three(int found) {
        return found < 0 ? found : found + 1 + 2 + 3;
    }

    static int ten(int found) {
        return found < 0 ? found : found + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10;
    }

    /** The found value, through as many frames as asked for. */
    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static int findBelow(int depth, int input) {
        return depth == 0 ? findInlined(input) : findBelow(depth - 1, input);
    }
}
