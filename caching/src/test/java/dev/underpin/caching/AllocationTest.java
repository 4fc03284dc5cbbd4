package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Bytes, which a loaded machine does not change; times are left to the benchmarks. */
@Tag("optimized")
class AllocationTest {
    private static final int CALLS = 1_000;
    private static final int ROUNDS = 3_000;
    private static final Result<String, DomainError> VALUE = Result.ok("value");

    @SuppressWarnings("unused") // keeps what a call makes from being optimised away
    private Object last = "";

    private int calls;

    @Test
    void leastBytes_oneArray_isItsSize() {
        assertThat(leastBytes(() -> new byte[100], 0, 10)).isEqualTo(120);
    }

    @Test
    void get_hit_allocatesNothing() {
        CacheAside<String, String> cache = CacheAside.named("measured").build(key -> VALUE);
        String[] keys = fill(cache);

        assertThat(leastBytes(() -> cache.get(keys[calls++ & 511]), 0, ROUNDS)).isZero();
    }

    @Test
    void get_hitWithTags_allocatesNothing() {
        CacheAside<String, String> cache = CacheAside.named("measured")
                .tags((String value) -> List.of("one", "two", "three"))
                .build(key -> VALUE);
        String[] keys = fill(cache);

        assertThat(leastBytes(() -> cache.get(keys[calls++ & 511]), 0, ROUNDS)).isZero();
    }

    private String[] fill(CacheAside<String, String> cache) {
        String[] keys = new String[512];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "key-" + i;
            last = cache.get(keys[i]);
        }
        return keys;
    }

    /** {@return what a call allocates in the best of at most so many rounds; the first that is so good ends it} */
    private long leastBytes(Supplier<?> call, long good, int rounds) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < rounds && least > good; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                last = call.get();
            }
            least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / CALLS);
        }
        return least;
    }
}
