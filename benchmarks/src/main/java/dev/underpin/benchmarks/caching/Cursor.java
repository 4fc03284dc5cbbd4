package dev.underpin.benchmarks.caching;

import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Where one thread is in the order of keys. */
@State(Scope.Thread)
public class Cursor {
    /** Which keys are asked for. */
    @Param({"ONE", "ZIPF"})
    public Draw draw;

    private String[] drawn;
    private int mask;
    private int next;

    /** Draws the keys. */
    @Setup
    public void draw() {
        drawn = Keys.drawn(draw);
        mask = drawn.length - 1;
    }

    String next() {
        return drawn[next++ & mask];
    }
}
