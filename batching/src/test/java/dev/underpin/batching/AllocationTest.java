package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bytes, which a loaded machine does not change; times are left to the benchmarks. */
@Tag("optimized")
class AllocationTest {
    private static final int CALLS = 1_000;
    private static final int ROUNDS = 3_000;

    @SuppressWarnings("unused") // keeps what a call makes from being optimised away
    private Object last = "";

    private int calls;

    @Test
    void leastBytes_oneArray_isItsSize() {
        assertThat(leastBytes(() -> new byte[100], 10)).isEqualTo(120);
    }

    @Test
    void load_hit_allocatesNothing() {
        Integer[] keys = IntStream.range(1_000, 1_512).boxed().toArray(Integer[]::new);
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(new Recorded().loader());
            assertThat(loader.loadAll(List.of(keys))).hasSize(512);
            assertThat(leastBytes(() -> loader.load(keys[calls++ & 511]), ROUNDS))
                    .isZero();
        }
    }

    /** {@return what a call allocates in the best of at most so many rounds; the first without any ends it} */
    private long leastBytes(Supplier<?> call, int rounds) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < rounds && least > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                last = call.get();
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / CALLS);
        }
        return least;
    }
}
