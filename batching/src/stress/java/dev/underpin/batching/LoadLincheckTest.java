package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.Result;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Three threads that load, forget and tell values of two keys in a scope that may be closed: every history must be one of a
 * plain map. What a key loads is how often it was loaded, so a key that is loaded twice, or a value that comes back after it
 * was forgotten, would be seen.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class LoadLincheckTest {
    private static final int ABSENT = -1;

    @Test
    void scope_everyHistory_isOneOfAMap() {
        options().check(Raced.class);
    }

    /** That the test can fail: by a table that looks first and puts later. */
    @Test
    void tableThatIsLookedAtFirst_isRejected() {
        assertThatThrownBy(() -> options().check(LookedAtFirst.class)).isInstanceOf(AssertionError.class);
    }

    private static StressOptions options() {
        return new StressOptions()
                .threads(3)
                .actorsPerThread(4)
                .iterations(30)
                .invocationsPerIteration(2_000)
                .sequentialSpecification(Plain.class);
    }

    /** What is raced. Its owner does not count, so that who waits is the last one, and loads. */
    @Param(name = "key", gen = IntGen.class, conf = "0:1")
    @Param(name = "value", gen = IntGen.class, conf = "1000:1003")
    public static class Raced {
        private final AtomicInteger[] loaded = {new AtomicInteger(), new AtomicInteger()};
        private final LoadScope scope = LoadScope.open();
        private final ScopedLoader<Integer, Integer> loader;

        public Raced() {
            loader = scope.loader(
                    Loader.named("raced").maxWait(Duration.ofHours(1)).build((List<Integer> keys) -> {
                        Map<Integer, Integer> values = new HashMap<>();
                        keys.forEach(key -> values.put(key, loaded[key].incrementAndGet()));
                        return Result.ok(values);
                    }));
            var unused = loader.dispatch.pause();
        }

        @Operation
        public int load(@Param(name = "key") int key) {
            return loader.load(key).orElse(ABSENT);
        }

        @Operation
        public int loadWithOthers(@Param(name = "key") int key) {
            return loader.loadAll(List.of(key)).get(key).orElse(ABSENT);
        }

        @Operation
        public int loadAsync(@Param(name = "key") int key) {
            return loader.loadAsync(key).join().orElse(ABSENT);
        }

        @Operation
        public boolean prime(@Param(name = "key") int key, @Param(name = "value") int value) {
            return loader.prime(key, value);
        }

        @Operation
        public void clear(@Param(name = "key") int key) {
            loader.clear(key);
        }

        @Operation
        public void clearAll() {
            loader.clearAll();
        }

        @Operation
        public void close() {
            scope.close();
        }
    }

    /** What must be rejected. */
    @Param(name = "key", gen = IntGen.class, conf = "0:1")
    @Param(name = "value", gen = IntGen.class, conf = "1000:1003")
    public static class LookedAtFirst {
        private final AtomicInteger[] loaded = {new AtomicInteger(), new AtomicInteger()};
        private final Map<Integer, Integer> values = new ConcurrentHashMap<>();

        @Operation
        public int load(@Param(name = "key") int key) {
            Integer held = values.get(key);
            if (held != null) {
                return held;
            }
            int value = loaded[key].incrementAndGet();
            values.put(key, value);
            return value;
        }

        @Operation
        public void clear(@Param(name = "key") int key) {
            values.remove(key);
        }
    }

    /** What it must look like. */
    public static class Plain {
        private final int[] loaded = new int[2];
        private final Map<Integer, Integer> map = new HashMap<>();
        private boolean closed;

        public int load(int key) {
            return closed ? ABSENT : map.computeIfAbsent(key, absent -> ++loaded[key]);
        }

        public int loadWithOthers(int key) {
            return load(key);
        }

        public int loadAsync(int key) {
            return load(key);
        }

        public boolean prime(int key, int value) {
            return !closed && map.putIfAbsent(key, value) == null;
        }

        public void clear(int key) {
            map.remove(key);
        }

        public void clearAll() {
            map.clear();
        }

        public void close() {
            closed = true;
        }
    }
}
