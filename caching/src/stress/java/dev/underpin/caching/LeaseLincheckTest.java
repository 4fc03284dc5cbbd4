package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.Result;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three threads that load, look and forget at two keys: every history must be one of a plain map. Each load brings a value
 * of its own, so what a load that was overtaken has left behind would be seen.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class LeaseLincheckTest {
    private static final int THREADS = 3;
    private static final int ABSENT = -1;

    @Test
    void cache_everyHistory_isOneOfAMap() {
        new StressOptions()
                .threads(THREADS)
                .actorsPerThread(4)
                .iterations(30)
                .invocationsPerIteration(2_000)
                .sequentialSpecification(Plain.class)
                .check(Raced.class);
    }

    /** That the test can fail: by a cache that looks first and puts later. */
    @Test
    void mapThatIsLookedAtFirst_isRejected() {
        var options = new StressOptions()
                .threads(THREADS)
                .actorsPerThread(4)
                .iterations(30)
                .invocationsPerIteration(2_000)
                .sequentialSpecification(Plain.class);

        assertThatThrownBy(() -> options.check(LookedAtFirst.class)).isInstanceOf(AssertionError.class);
    }

    /** What must be rejected. */
    @Param(name = "key", gen = IntGen.class, conf = "0:1")
    @Param(name = "value", gen = IntGen.class, conf = "0:99")
    public static class LookedAtFirst {
        private final Map<Integer, Integer> values = new ConcurrentHashMap<>();

        @Operation
        public int load(@Param(name = "key") int key, @Param(name = "value") int value) {
            Integer held = values.get(key);
            if (held != null) {
                return held;
            }
            int loaded = 100 * key + value;
            values.put(key, loaded);
            return loaded;
        }

        @Operation
        public void remove(@Param(name = "key") int key) {
            values.remove(key);
        }
    }

    /** What is raced. */
    @Param(name = "key", gen = IntGen.class, conf = "0:1")
    @Param(name = "value", gen = IntGen.class, conf = "0:99")
    public static class Raced {
        private static final ThreadLocal<Integer> NEXT = new ThreadLocal<>();

        private final CacheAside<Integer, Integer> cache = CacheAside.named("raced")
                .tags((Integer value) -> List.of("" + value / 100))
                .build(key -> Result.ok(100 * key + NEXT.get()));

        @Operation
        public int load(@Param(name = "key") int key, @Param(name = "value") int value) {
            NEXT.set(value);
            return cache.get(key).orElse(ABSENT);
        }

        @Operation
        public int loadWithOthers(@Param(name = "key") int key, @Param(name = "value") int value) {
            NEXT.set(value);
            return cache.getAll(List.of(key)).get(key).orElse(ABSENT);
        }

        @Operation
        public int look(@Param(name = "key") int key) {
            return cache.getIfPresent(key).orElse(ABSENT);
        }

        @Operation
        public void remove(@Param(name = "key") int key) {
            cache.invalidate(key);
        }

        @Operation
        public void expire(@Param(name = "key") int key) {
            cache.expire(key);
        }

        @Operation
        public void removeTag(@Param(name = "key") int key) {
            cache.invalidateTag("" + key);
        }

        @Operation
        public void clear() {
            cache.clear();
        }
    }

    /** What it must look like. */
    public static class Plain {
        private final Map<Integer, Integer> map = new HashMap<>();

        public int load(int key, int value) {
            return map.computeIfAbsent(key, absent -> 100 * key + value);
        }

        public int loadWithOthers(int key, int value) {
            return load(key, value);
        }

        public int look(int key) {
            return map.getOrDefault(key, ABSENT);
        }

        public void remove(int key) {
            map.remove(key);
        }

        public void expire(int key) {
            map.remove(key);
        }

        public void removeTag(int key) {
            map.remove(key);
        }

        public void clear() {
            map.clear();
        }
    }
}
