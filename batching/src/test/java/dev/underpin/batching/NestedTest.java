package dev.underpin.batching;

import static dev.underpin.batching.Recorded.assertFailed;
import static dev.underpin.batching.Recorded.error;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batch functions that load. */
class NestedTest {
    private final Recorded source = new Recorded();
    private final VirtualTime time = new VirtualTime();
    private final Threads threads = new Threads();
    private final LoadScope scope = LoadScope.builder().time(time).open();
    private final LoadScope pooled =
            LoadScope.builder().time(time).executor(threads).open();

    @AfterEach
    void close() {
        scope.close();
        pooled.close();
        threads.close();
    }

    private static Loader<Integer, String> perKey(
            String name, BiFunction<Integer, LoadScope, Result<String, DomainError>> value) {
        return Loader.named(name).buildPerKey((List<Integer> keys, LoadScope in) -> {
            Map<Integer, Result<String, DomainError>> results = new HashMap<>();
            keys.forEach(key -> results.put(key, value.apply(key, in)));
            return results;
        });
    }

    private BatchFunction<Integer, String> through(Loader<Integer, String> deep) {
        return (keys, in) -> in.loader(deep).loadAll(keys);
    }

    @Test
    void load_loaderInABatchFunction_loadsTogetherToo() {
        var deep = source.loader("deep");
        var a = Loader.named("a").buildPerKey(through(deep));
        var b = Loader.named("b").buildPerKey(through(deep));
        var first = scope.loader(a).loadAsync(1);
        var second = scope.loader(a).loadAsync(2);
        var third = scope.loader(b).loadAsync(11);
        var fourth = scope.loader(b).loadAsync(12);
        assertThat(List.of(fourth.join(), third.join(), second.join(), first.join()))
                .containsExactly(Result.ok("v12"), Result.ok("v11"), Result.ok("v2"), Result.ok("v1"));
        assertThat(source.batches).containsExactlyInAnyOrder(List.of(1, 2), List.of(11, 12));
    }

    @Test
    void load_sameLoaderInABatchFunction_isDispatchedAtOnce() {
        Loader<Integer, String> down = Loader.named("down")
                .maxInFlight(1)
                .buildPerKey((List<Integer> keys, LoadScope in) -> {
                    source.note(keys);
                    int key = keys.get(0);
                    return Map.of(key, key == 0 ? Result.ok("end") : below(in, key));
                });
        self.add(down);
        assertThat(scope.loader(down).load(20)).isEqualTo(Result.ok("end"));
        assertThat(source.batches).hasSize(21);
        // and each has given back its place
        scope.loader(down).clear(20);
        assertThat(scope.loader(down).load(20)).isEqualTo(Result.ok("end"));
        assertThat(scope.loader(down).inFlight).isZero();
    }

    private final List<Loader<Integer, String>> self = new CopyOnWriteArrayList<>();

    private Result<String, DomainError> below(LoadScope in, int key) {
        return in.loader(self.get(0)).load(key - 1);
    }

    @Test
    void loadAsync_joinedInABatchFunction_isDispatchedAtOnce() {
        var deep = source.loader("deep");
        var outer = perKey(
                "outer",
                (key, in) -> in.loader(deep)
                        .loadAsync(key)
                        .thenCompose(value -> in.loader(deep).loadAsync(key + 1))
                        .join());
        assertThat(scope.loader(outer).load(1)).isEqualTo(Result.ok("v2"));
        assertThat(pooled.loader(outer).load(5)).isEqualTo(Result.ok("v6"));
    }

    @Test
    void mapAll_tasksInABatchFunction_loadTogether() {
        var deep = source.loader("deep");
        var outer = Loader.named("outer").buildPerKey((List<Integer> keys, LoadScope in) -> {
            var loader = in.loader(deep);
            List<Result<String, DomainError>> all = in.mapAll(keys, loader::load);
            return IntStream.range(0, keys.size())
                    .boxed()
                    .collect(java.util.stream.Collectors.toMap(keys::get, all::get));
        });
        assertThat(pooled.loader(outer).loadAll(List.of(1, 2, 3))).containsEntry(3, Result.ok("v3"));
        assertThat(source.batches)
                .singleElement()
                .satisfies(batch -> assertThat(batch).containsExactlyInAnyOrder(1, 2, 3));
    }

    /* ---- cycles ---- */

    @Test
    void load_keyOfItsOwnBatch_isACycle() {
        Loader<Integer, String> cyclic =
                perKey("cyclic", (key, in) -> in.loader(self.get(0)).load(key));
        self.add(cyclic);
        DomainError error = error(scope.loader(cyclic).load(1));
        assertThat(error).isEqualTo(new LoadError(BatchingErrors.LOAD_CYCLE, "cyclic", 1));
    }

    @Test
    void loadAll_someKeysOfItsOwnBatch_onlyTheseAreCycles() {
        Map<Integer, Result<String, DomainError>> seen = new HashMap<>();
        Loader<Integer, String> cyclic = Loader.named("cyclic").buildPerKey((List<Integer> keys, LoadScope in) -> {
            if (keys.contains(1)) {
                seen.putAll(in.loader(self.get(0)).loadAll(List.of(1, 2, 3)));
            }
            Map<Integer, Result<String, DomainError>> values = new HashMap<>();
            keys.forEach(key -> values.put(key, Result.ok("v" + key)));
            return values;
        });
        self.add(cyclic);
        assertThat(scope.loader(cyclic).loadAll(List.of(1, 2)))
                .containsEntry(1, Result.ok("v1"))
                .containsEntry(2, Result.ok("v2"));
        assertFailed(seen.get(1), BatchingErrors.LOAD_CYCLE);
        assertFailed(seen.get(2), BatchingErrors.LOAD_CYCLE);
        assertThat(seen).containsEntry(3, Result.ok("v3"));
    }

    @Test
    void loadAsync_keyOfItsOwnBatch_isACycleWhenItIsJoined() {
        Loader<Integer, String> cyclic = perKey(
                "cyclic", (key, in) -> in.loader(self.get(0)).loadAsync(key).join());
        self.add(cyclic);
        assertFailed(scope.loader(cyclic).load(1), BatchingErrors.LOAD_CYCLE);
    }

    @Test
    void load_thereAndBackAcrossLoaders_isACycle() {
        Loader<Integer, String> a =
                perKey("a", (key, in) -> in.loader(self.get(1)).load(key));
        Loader<Integer, String> b =
                perKey("b", (key, in) -> in.loader(self.get(0)).load(key));
        self.addAll(List.of(a, b));
        DomainError error = error(scope.loader(a).load(7));
        assertThat(error).isEqualTo(new LoadError(BatchingErrors.LOAD_CYCLE, "a", 7));
    }

    @Test
    void load_thereAndBackAcrossThreads_isACycle() throws Exception {
        var both = new CyclicBarrier(2);
        Loader<Integer, String> a = perKey("a", (key, in) -> crossing(both, in, 1, key));
        Loader<Integer, String> b = perKey("b", (key, in) -> crossing(both, in, 0, key));
        self.addAll(List.of(a, b));
        var one = scope.loader(a).loadAsync(1);
        var flushing = threads.start(() -> {
            scope.flush();
            return 0;
        });
        Threads.until(() -> both.getNumberWaiting() == 1);
        var other = scope.loader(b).load(1);
        assertThat(flushing.get()).isZero();
        var results = List.of(one.join(), other);
        assertThat(results).allSatisfy(result -> assertFailed(result, BatchingErrors.LOAD_CYCLE));
    }

    private Result<String, DomainError> crossing(CyclicBarrier both, LoadScope in, int other, int key) {
        try {
            both.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return in.loader(self.get(other)).load(key);
    }

    @Test
    void load_manyKeysDeepInOtherThreads_findsItsWayQuickly() throws Exception {
        // Each level waits for all keys of the next one, on a thread of its own: looked into one by one, the last load
        // would
        // take 300 to the fifth steps.
        List<Integer> keys = IntStream.range(0, 300).boxed().toList();
        int levels = 6;
        var reached = new CountDownLatch(levels);
        var goOn = new CountDownLatch(1);
        for (int i = 0; i < levels; i++) {
            int level = i;
            self.add(Loader.named("level" + i).buildPerKey((List<Integer> asked, LoadScope in) -> {
                reached.countDown();
                Threads.await(goOn);
                if (level == 0) {
                    return Map.of(0, Result.ok("end"));
                }
                return in.loader(self.get(level - 1)).loadAll(keys);
            }));
        }
        var futures = new CopyOnWriteArrayList<java.util.concurrent.CompletableFuture<?>>();
        for (var loader : self) {
            keys.forEach(key -> futures.add(pooled.loader(loader).loadAsync(key)));
        }
        pooled.flush();
        Threads.await(reached);
        goOn.countDown();
        assertThat(pooled.loader(self.get(levels - 1)).load(0)).isEqualTo(Result.ok("end"));
        futures.forEach(future -> assertThat(future.join()).isNotNull());
    }
}
