package dev.underpin.benchmarks.result;

import java.util.Random;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Inputs of which a given share fails, in an order no branch predictor can learn by heart.
 *
 * <p>A negative input fails with its absolute value as code. Values stay small enough for the cache of {@link Integer},
 * so that boxing allocates nothing and the bytes counted are those of the contestants.
 */
@State(Scope.Thread)
public class Inputs {
    /** More than the history of a branch predictor holds. */
    private static final int COUNT = 1 << 14;

    /** The share of inputs that fail, in percent. */
    @Param({"0", "1", "10", "50", "100"})
    public int failures;

    private int[] inputs = {};
    private int index;

    /** Computes the inputs of the chosen share, and starts with the first. */
    @Setup(Level.Trial)
    public void prepare() {
        inputs = inputs(failures);
        index = 0;
    }

    /** {@return the next input} */
    int next() {
        return inputs[index++ & (COUNT - 1)];
    }

    /** {@return inputs of which exactly the given share fails} Always the same ones for the same share. */
    static int[] inputs(int percent) {
        var random = new Random(42);
        int failing = COUNT * percent / 100;
        int[] inputs = new int[COUNT];
        for (int i = 0; i < COUNT; i++) {
            int value = 1 + random.nextInt(63);
            inputs[i] = i < failing ? -value : value;
        }
        for (int i = COUNT - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = inputs[i];
            inputs[i] = inputs[j];
            inputs[j] = swapped;
        }
        return inputs;
    }
}
