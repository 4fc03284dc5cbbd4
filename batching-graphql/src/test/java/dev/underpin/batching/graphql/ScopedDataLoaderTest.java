package dev.underpin.batching.graphql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderRegistry;
import org.dataloader.DelegatingDataLoader;
import org.dataloader.instrumentation.DataLoaderInstrumentation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the methods of a DataLoader do. Negative keys fail, zero has no value. */
class ScopedDataLoaderTest {
    private final List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());
    private final Loader<Integer, String> names = Loader.named("names").buildPerKey((keys, scope) -> {
        batches.add(keys);
        Map<Integer, Result<String, DomainError>> values = new LinkedHashMap<>();
        for (int key : keys) {
            if (key != 0) {
                values.put(key, key < 0 ? Result.err(ErrorKind.CONFLICT.code().error()) : Result.ok("name " + key));
            }
        }
        return values;
    });
    private final LoadScope scope = LoadScope.open();
    private final DataLoaderRegistry registry = DataLoaders.registry(scope, names);
    private final DataLoader<Integer, String> loader = registry.getDataLoader("names");

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void load_severalAndDispatch_isOneBatchInOrderWithoutDuplicates() {
        var two = loader.load(2);
        var one = loader.load(1, null);
        var again = loader.load(2);

        assertThat(batches).isEmpty();
        assertThat(loader.dispatchDepth()).isEqualTo(3);
        assertThat(loader.dispatch()).isCompletedWithValue(List.of("name 2", "name 1", "name 2"));
        assertThat(List.of(two.join(), one.join(), again.join())).containsExactly("name 2", "name 1", "name 2");
        assertThat(batches).containsExactly(List.of(2, 1));
        assertThat(loader.dispatchDepth()).isZero();
    }

    @Test
    void dispatch_nothingAsked_callsNothing() {
        assertThat(loader.dispatch()).isCompletedWithValue(List.of());
        assertThat(loader.dispatchWithCounts().getKeysCount()).isZero();
        assertThat(batches).isEmpty();
    }

    @Test
    void dispatchWithCounts_twoLoaders_countsEachOnce() {
        Loader<Integer, String> others = Loader.named("others").build((List<Integer> keys) -> Result.ok(Map.of()));
        DataLoaderRegistry both = DataLoaders.registry(scope, names, others);
        var unused = List.of(
                both.<Integer, String>getDataLoader("names").load(1),
                both.<Integer, String>getDataLoader("names").load(2),
                both.<Integer, String>getDataLoader("others").load(1));

        assertThat(both.dispatchDepth()).isEqualTo(3);
        assertThat(both.dispatchAllWithCount()).isEqualTo(3);
        assertThat(both.dispatchAllWithCount()).isZero();
    }

    @Test
    void dispatchAndJoin_withFailures_givesValues() {
        var unused = List.of(loader.load(1), loader.load(-1), loader.load(0), loader.load(2));

        assertThat(loader.dispatchAndJoin()).containsExactly("name 1", "name 2");
    }

    @Test
    void dispatch_knowsItsTime() {
        var before = loader.getLastDispatchTime();
        var unused = loader.dispatch();

        assertThat(loader.getLastDispatchTime()).isAfterOrEqualTo(before);
        assertThat(loader.getTimeSinceDispatch()).isGreaterThanOrEqualTo(Duration.ZERO);
    }

    @Test
    void loadMany_ofList_keepsOrder() {
        var many = loader.loadMany(List.of(3, 1, 3, 0), Arrays.asList(null, null));

        assertThat(many.join()).containsExactly("name 3", "name 1", "name 3", null);
        assertThat(batches).containsExactly(List.of(3, 1, 0));
        assertThat(loader.loadMany(List.of())).isCompletedWithValue(List.of());
    }

    @Test
    void loadMany_oneFails_failsWithThat() {
        var many = loader.loadMany(List.of(1, -1, -2));
        var single = loader.load(1);

        assertThatThrownBy(many::join).hasCauseInstanceOf(LoadException.class);
        assertThat(single.join()).isEqualTo("name 1");
    }

    @Test
    void loadMany_ofMap_givesMap() {
        Map<Integer, Object> keys = new LinkedHashMap<>();
        keys.put(2, null);
        keys.put(1, null);

        assertThat(loader.loadMany(keys).join()).containsExactly(Map.entry(2, "name 2"), Map.entry(1, "name 1"));
    }

    @Test
    void load_withContext_isRefused() {
        assertThatThrownBy(() -> loader.load(1, "context"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("DataLoader names takes no contexts of keys: what a value depends on belongs to the key");
        assertThatThrownBy(() -> loader.loadMany(List.of(1), List.of("context")))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> loader.loadMany(Map.of(1, "context")))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(loader.dispatchDepth()).isZero();
    }

    @Test
    void load_nullKey_isRefused() {
        assertThatThrownBy(() -> loader.load(null)).isInstanceOf(NullPointerException.class);
        assertThat(loader.dispatchDepth()).isZero();
    }

    @Test
    void load_keyThatThrows_failsItsFuture() {
        Loader<Integer, String> odd =
                Loader.named("odd").canonical((Integer key) -> 10 / key).build(keys -> Result.ok(Map.of(1, "one")));
        DataLoader<Integer, String> dataLoader =
                DataLoaders.registry(scope, odd).getDataLoader("odd");
        var zero = dataLoader.load(0);
        var one = dataLoader.load(1);

        assertThat(one.join()).isEqualTo("one");
        assertThatThrownBy(zero::join).hasCauseInstanceOf(ArithmeticException.class);
        assertThatThrownBy(zero::get).hasCauseInstanceOf(ArithmeticException.class);
    }

    @Test
    void future_completedByItsCaller_touchesNobodyElse() {
        var mine = loader.load(1);
        var other = loader.load(1);
        mine.complete("mine");
        var cancelled = loader.load(2);
        cancelled.cancel(false);

        assertThat(other.join()).isEqualTo("name 1");
        assertThat(loader.load(1).join()).isEqualTo("name 1");
        assertThat(mine.join()).isEqualTo("mine");
        assertThat(batches).containsExactly(List.of(1));
    }

    @Test
    void future_waitedFor_dispatches() throws Exception {
        assertThat(loader.load(1).get()).isEqualTo("name 1");
        assertThat(loader.load(2).get(60, TimeUnit.SECONDS)).isEqualTo("name 2");
        assertThat(loader.load(3).thenApply(String::length).get()).isEqualTo(6);
        assertThat(loader.load(4).thenCompose(name -> loader.load(5)).join()).isEqualTo("name 5");
        assertThatThrownBy(() -> loader.load(-1).get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(LoadException.class);
        assertThatThrownBy(() -> loader.load(-2).join()).hasCauseInstanceOf(LoadException.class);
    }

    @Test
    void get_batchThatTakesLonger_timesOutForThisCaller() throws Exception {
        CountDownLatch ends = new CountDownLatch(1);
        Loader<Integer, String> slow = Loader.named("slow").build((List<Integer> keys) -> {
            QueriesTest.await(ends);
            return Result.ok(Map.of(1, "one"));
        });
        try (var opened = Shop.Opened.withExecutor(true)) {
            DataLoader<Integer, String> dataLoader =
                    DataLoaders.registry(opened.scope(), slow).getDataLoader("slow");
            var one = dataLoader.load(1);

            assertThatThrownBy(() -> one.get(1, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            ends.countDown();
            assertThat(one.get()).isEqualTo("one");
        }
    }

    @Test
    void getIfCompleted_knowsWhatWasLoaded() {
        assertThat(loader.getIfCompleted(1)).isEmpty();
        assertThat(loader.load(1).join()).isEqualTo("name 1");

        assertThat(loader.getIfCompleted(1))
                .get()
                .satisfies(value -> assertThat(value).isCompletedWithValue("name 1"));
        assertThat(loader.getIfPresent(1)).isPresent();
        assertThat(loader.getIfPresent(2)).isEmpty();
        scope.flush();
        assertThat(batches).containsExactly(List.of(1));
    }

    @Test
    void clear_loadsAgain() {
        List<String> handled = new ArrayList<>();
        assertThat(loader.loadMany(List.of(1, 2)).join()).hasSize(2);
        assertThat(loader.clear(1)).isSameAs(loader);
        assertThat(loader.loadMany(List.of(1, 2)).join()).hasSize(2);
        assertThat(loader.clear(2, (nothing, thrown) -> handled.add("one"))).isSameAs(loader);
        assertThat(loader.loadMany(List.of(1, 2)).join()).hasSize(2);
        assertThat(loader.clearAll((nothing, thrown) -> handled.add("all"))).isSameAs(loader);
        assertThat(loader.loadMany(List.of(1, 2)).join()).hasSize(2);
        assertThat(loader.clearAll()).isSameAs(loader);
        assertThat(loader.loadMany(List.of(1, 2)).join()).hasSize(2);

        assertThat(handled).containsExactly("one", "all");
        assertThat(batches).containsExactly(List.of(1, 2), List.of(1), List.of(2), List.of(1, 2), List.of(1, 2));
    }

    @Test
    void clear_betweenLoads_isOneKey() {
        var before = loader.load(1);
        var after = loader.clear(1).load(1);

        assertThat(before.join()).isEqualTo(after.join());
        assertThat(batches).containsExactly(List.of(1));
    }

    @Test
    void prime_isRemembered() {
        assertThat(loader.prime(1, "primed")).isSameAs(loader);
        assertThat(loader.prime(1, "again")).isSameAs(loader);
        assertThat(loader.prime(2, CompletableFuture.completedFuture("future"))).isSameAs(loader);
        CompletableFuture<String> late = new CompletableFuture<>();
        assertThat(loader.prime(3, late)).isSameAs(loader);
        late.complete("late");

        assertThat(loader.loadMany(List.of(1, 2, 3)).join()).containsExactly("primed", "future", "late");
        assertThat(batches).isEmpty();
    }

    @Test
    void prime_withError_loads() {
        assertThat(loader.prime(1, new IllegalStateException())).isSameAs(loader);
        assertThat(loader.prime(2, CompletableFuture.failedFuture(new IllegalStateException())))
                .isSameAs(loader);

        assertThat(loader.loadMany(List.of(1, 2)).join()).containsExactly("name 1", "name 2");
    }

    @Test
    void unwrapped_loadsThroughTheScope() {
        DataLoader<Integer, String> inner = DelegatingDataLoader.unwrap(loader);
        var one = inner.load(1);
        var broken = inner.load(-1);
        var none = inner.load(0);
        var unused = inner.dispatch();

        assertThat(one).isCompletedWithValue("name 1");
        assertThat(none).isCompletedWithValue(null);
        assertThatThrownBy(broken::join).hasCauseInstanceOf(LoadException.class);
        assertThat(loader.load(1).join()).isEqualTo("name 1");
        assertThat(batches).containsExactly(List.of(1, -1, 0));
    }

    @Test
    void registry_instrumented_loadsThroughTheScope() {
        DataLoaderRegistry instrumented = DataLoaderRegistry.newRegistry()
                .instrumentation(new DataLoaderInstrumentation() {})
                .registerAll(registry)
                .build();
        var one = instrumented.<Integer, String>getDataLoader("names").load(1);
        instrumented.dispatchAll();

        assertThat(one).isCompletedWithValue("name 1");
        assertThat(batches).containsExactly(List.of(1));
    }

    @Test
    void registry_namesThatAreTheSame_areRefused() {
        assertThatThrownBy(() -> DataLoaders.registry(scope, names, names))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("names of loaders must differ: names");
    }

    @Test
    void load_withoutMemo_loadsOncePerDispatch() {
        Loader<Integer, String> fresh = Loader.named("fresh").withoutMemo().build((List<Integer> keys) -> {
            batches.add(keys);
            return Result.ok(Map.of(1, "one"));
        });
        DataLoader<Integer, String> dataLoader =
                DataLoaders.registry(scope, fresh).getDataLoader("fresh");

        assertThat(dataLoader.loadMany(List.of(1, 1)).join()).containsExactly("one", "one");
        assertThat(dataLoader.load(1).join()).isEqualTo("one");
        assertThat(batches).containsExactly(List.of(1), List.of(1));
    }

    /** The scope counts the time from the first key of a batch; the others must not be late for it. */
    @Test
    void dispatch_keysThatTakeTime_leaveTogether() {
        VirtualTime time = new VirtualTime();
        Loader<Integer, String> slowKeys = Loader.named("slow-keys")
                .canonical((Integer key) -> {
                    time.advance(Duration.ofSeconds(1));
                    return key;
                })
                .build((List<Integer> keys) -> {
                    batches.add(keys);
                    return Result.ok(Map.of());
                });
        try (LoadScope late = LoadScope.builder().time(time).open()) {
            DataLoader<Integer, String> dataLoader =
                    DataLoaders.registry(late, slowKeys).getDataLoader("slow-keys");

            assertThat(dataLoader.loadMany(List.of(1, 2, 3)).join()).containsExactly(null, null, null);
            assertThat(batches).containsExactly(List.of(1, 2, 3));
        }
    }

    /** Nothing is lost and nothing is loaded twice, whoever asks and dispatches. */
    @Test
    void load_manyThreads_allResolveOnce() throws Exception {
        int threads = 4;
        CyclicBarrier start = new CyclicBarrier(threads);
        List<CompletableFuture<String>> futures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> all = new ArrayList<>();
        try (var opened = Shop.Opened.withExecutor(true)) {
            DataLoader<Integer, String> shared =
                    DataLoaders.registry(opened.scope(), names).getDataLoader("names");
            for (int t = 0; t < threads; t++) {
                Thread thread = new Thread(() -> {
                    try {
                        start.await();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                    for (int key = 1; key <= 1_000; key++) {
                        int next = 1_000 + key;
                        futures.add(shared.load(key).thenCompose(name -> shared.load(next)));
                        if (key % 100 == 0) {
                            var unused = shared.dispatch();
                        }
                    }
                });
                all.add(thread);
                thread.start();
            }
            for (Thread thread : all) {
                thread.join();
            }

            assertThat(CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new)))
                    .succeedsWithin(Duration.ofSeconds(60));
            assertThat(batches.stream().mapToInt(List::size).sum()).isEqualTo(2_000);
        }
    }
}
