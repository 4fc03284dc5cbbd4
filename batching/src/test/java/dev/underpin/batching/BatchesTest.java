package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sizes of batches, how many run at once, and that the tasks of a scope share them. */
class BatchesTest {
    private final Recorded source = new Recorded();
    private final VirtualTime time = new VirtualTime();

    private Loader<Integer, String> ofAtMost(int keys) {
        return Loader.named("numbers").maxBatch(keys).build((List<Integer> asked) -> source.get(asked));
    }

    @Test
    void loadAll_moreThanABatch_splitsInOrder() {
        try (var scope = LoadScope.open()) {
            assertThat(scope.loader(ofAtMost(2)).loadAll(List.of(1, 2, 3))).hasSize(3);
        }
        assertThat(source.batches).containsExactly(List.of(1, 2), List.of(3));
    }

    @Test
    void mapAll_fourFullBatchesAndAKey_hasResultsInOrder() {
        List<Integer> keys = IntStream.range(0, 21).boxed().toList();
        try (var scope = LoadScope.open()) {
            assertThat(scope.loader(ofAtMost(5)).mapAll(keys, key -> key, (key, value) -> value.orElseThrow()))
                    .containsExactlyElementsOf(
                            keys.stream().map(key -> "v" + key).toList());
        }
        assertThat(source.batches).extracting(List::size).containsExactly(5, 5, 5, 5, 1);
    }

    @Test
    void loadAsync_fullBatch_leavesWithoutAnybodyWaiting() throws Exception {
        try (var threads = new Threads();
                var scope = LoadScope.builder().executor(threads).time(time).open()) {
            var loader = scope.loader(ofAtMost(2));
            CompletableFuture<?> first = loader.loadAsync(1);
            CompletableFuture<?> second = loader.loadAsync(2);
            CompletableFuture<?> third = loader.loadAsync(3);
            Threads.until(() -> first.isDone() && second.isDone());
            assertThat(third).isNotDone();
        }
        assertThat(source.batches).containsExactly(List.of(1, 2));
    }

    @Test
    void load_fullBatchWhileOthersRun_leavesAtOnceOnTheCallersThread() throws Exception {
        try (var threads = new Threads();
                var scope = LoadScope.builder().executor(threads).time(time).open()) {
            var loader = scope.loader(ofAtMost(1));
            Future<Thread> task = scope.fork(() -> {
                assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
                return Thread.currentThread();
            });
            Threads.until(task::isDone); // nobody waits in the scope meanwhile: this thread counts, and runs
            assertThat(source.threads).containsExactly(task.get());
        }
    }

    @Test
    void loadAsync_duplicatesAndHits_doNotCountTowardsABatch() {
        try (var scope = LoadScope.builder().time(time).open()) {
            var loader = scope.loader(ofAtMost(2));
            var unused = loader.loadAll(List.of(8, 9));
            List<CompletableFuture<?>> futures = new ArrayList<>();
            for (int key : new int[] {1, 1, 8, 1, 9, 2, 1, 3}) {
                futures.add(loader.loadAsync(key));
            }
            futures.forEach(CompletableFuture::join);
        }
        assertThat(source.batches).containsExactly(List.of(8, 9), List.of(1, 2), List.of(3));
    }

    @Test
    void loadAsync_fromTasksOfOneLevel_isOneBatchInOrder() {
        try (var scope = LoadScope.builder().time(time).open()) {
            var loader = scope.loader(source.loader());
            List<CompletableFuture<?>> inner = new CopyOnWriteArrayList<>();
            CompletableFuture<?> outer = CompletableFuture.completedFuture(1)
                    .thenAccept(key -> {
                        inner.add(loader.loadAsync(key));
                        inner.add(CompletableFuture.completedFuture(2).thenCompose(loader::loadAsync));
                    })
                    .thenRun(() -> inner.add(loader.loadAsync(3)));
            outer.join();
            scope.flush();
            assertThat(inner).hasSize(3).allMatch(CompletableFuture::isDone);
        }
        assertThat(source.batches).containsExactly(List.of(1, 2, 3));
    }

    @Test
    void mapAll_tasksOfFourLevels_isABatchPerLevel() {
        try (var threads = new Threads();
                var scope = LoadScope.builder().executor(threads).time(time).open()) {
            var loader = scope.loader(source.loader());
            List<Integer> items = IntStream.range(0, 20).boxed().toList();
            assertThat(scope.mapAll(items, item -> {
                        for (int level = 0; level < 4; level++) {
                            assertThat(loader.load(item + 100 * level))
                                    .isEqualTo(Result.ok("v" + (item + 100 * level)));
                        }
                        return -item;
                    }))
                    .containsExactlyElementsOf(items.stream().map(item -> -item).toList());
        }
        assertThat(source.batches).hasSize(4).allMatch(batch -> batch.size() == 20);
    }

    @Test
    void mapAll_tasks_runBatchesOnTheThreadThatOpenedTheScope() throws Exception {
        var tenant = new ThreadLocal<String>();
        tenant.set("acme");
        List<String> seen = new CopyOnWriteArrayList<>();
        var loader = Loader.named("numbers").build((List<Integer> keys) -> {
            seen.add(String.valueOf(tenant.get()));
            return source.get(keys);
        });
        try (var threads = new Threads();
                var scope = LoadScope.builder().executor(threads).time(time).open()) {
            var scoped = scope.loader(loader);
            assertThat(scope.mapAll(IntStream.range(0, 100).boxed().toList(), scoped::load))
                    .hasSize(100);
        }
        assertThat(seen).containsExactly("acme");
        assertThat(source.threads).containsExactly(Thread.currentThread());
    }

    @Test
    void loadAll_manyBatches_runsNoMoreAtOnceThanAllowed() throws Exception {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        var three = new CountDownLatch(3);
        var loader = Loader.named("numbers").maxBatch(10).maxInFlight(3).build((List<Integer> keys) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            three.countDown();
            Threads.await(three); // as many as may do run at once
            running.decrementAndGet();
            return source.get(keys);
        });
        List<Integer> keys = IntStream.range(0, 1_000).boxed().toList();
        try (var threads = new Threads();
                var scope = LoadScope.builder().executor(threads).time(time).open()) {
            assertThat(scope.loader(loader).loadAll(keys))
                    .hasSize(1_000)
                    .allSatisfy((key, value) -> assertThat(value).isEqualTo(Result.ok("v" + key)));
        }
        assertThat(most).hasValue(3);
        assertThat(source.batches).hasSize(100);
    }

    @Test
    void loadAll_oneSliceFails_failsOnlyItsKeys() {
        var loader = Loader.named("numbers").maxBatch(2).build((List<Integer> keys) -> {
            if (keys.contains(3)) {
                throw new IllegalStateException("broken");
            }
            return source.get(keys);
        });
        try (var scope = LoadScope.open()) {
            var all = scope.loader(loader).loadAll(List.of(1, 2, 3, 4, 5));
            assertThat(all).containsEntry(1, Result.ok("v1")).containsEntry(5, Result.ok("v5"));
            Recorded.assertFailed(all.get(3), BatchingErrors.BATCH_FAILED);
            Recorded.assertFailed(all.get(4), BatchingErrors.BATCH_FAILED);
        }
    }

    @Test
    void keys_batchFunction_cannotChangeThem() {
        List<List<Integer>> kept = new ArrayList<>();
        var loader = Loader.named("numbers").build((List<Integer> keys) -> {
            kept.add(keys);
            assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> keys.sort(null));
            assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> keys.set(0, 9));
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .isThrownBy(() -> keys.subList(0, 1).clear());
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> keys.get(2));
            return source.get(keys);
        });
        try (var scope = LoadScope.open()) {
            assertThat(scope.loader(loader).loadAll(List.of(2, 1)).values())
                    .extracting(Object.class::cast)
                    .containsExactly(Result.ok("v2"), Result.ok("v1"));
        }
        assertThat(kept).containsExactly(List.of(2, 1));
    }

    @Test
    void flush_twoLoadersManyThreads_everyKeyIsLoadedOnce() throws Exception {
        var other = new Recorded();
        try (var threads = new Threads();
                var scope = LoadScope.builder().executor(threads).open()) {
            var first = scope.loader(ofAtMost(100));
            var second = scope.loader(other.loader("others"));
            List<CompletableFuture<?>> futures = new CopyOnWriteArrayList<>();
            List<Future<Integer>> loading = new ArrayList<>();
            for (int twice = 0; twice < 2; twice++) {
                loading.add(threads.start(() -> {
                    for (int key = 0; key < 1_000; key++) {
                        futures.add(first.loadAsync(key));
                        futures.add(second.loadAsync(key));
                    }
                    return 0;
                }));
            }
            List<Future<Integer>> flushing = new ArrayList<>();
            for (int twice = 0; twice < 2; twice++) {
                flushing.add(threads.start(() -> {
                    while (!loading.stream().allMatch(Future::isDone)) {
                        scope.flush();
                    }
                    return 0;
                }));
            }
            for (Future<Integer> task : flushing) {
                assertThat(task.get()).isZero();
            }
            scope.flush();
            assertThat(futures)
                    .hasSize(4_000)
                    .allSatisfy(future -> assertThat(future.join()).isNotNull());
        }
        for (Recorded each : List.of(source, other)) {
            assertThat(each.batches.stream().flatMap(List::stream))
                    .hasSize(1_000)
                    .doesNotHaveDuplicates();
        }
    }
}
