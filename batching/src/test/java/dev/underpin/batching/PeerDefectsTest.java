package dev.underpin.batching;

import static dev.underpin.batching.Recorded.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What was seen to go wrong in java-dataloader 6.0.0, a test for each. */
class PeerDefectsTest {
    private final Recorded source = new Recorded();
    private final Threads threads = new Threads();
    private final LoadScope scope =
            LoadScope.builder().time(new VirtualTime()).executor(threads).open();
    private final ScopedLoader<Integer, String> loader = scope.loader(source.loader());

    @AfterEach
    void close() {
        scope.close();
        threads.close();
    }

    @Test
    void p1_batchThrowsErrorWithoutMemo_futureCompletes() {
        var broken = scope.loader(Loader.named("broken").withoutMemo().build((List<Integer> keys) -> {
            throw new AssertionError("broken");
        }));
        var future = broken.loadAsync(1);
        assertThat(catchThrowable(() -> broken.load(2))).isInstanceOf(AssertionError.class);
        assertThat(future).isDone();
        assertFailed(future.join(), BatchingErrors.BATCH_FAILED);
    }

    @Test
    void p2_oneCallerCancels_othersAndLaterOnesAreServed() {
        var first = loader.loadAsync(1);
        var second = loader.loadAsync(1);
        var alone = loader.loadAsync(2);
        assertThat(first.cancel(true)).isTrue();
        assertThat(alone.cancel(true)).isTrue();
        assertThat(second.join()).isEqualTo(Result.ok("v1"));
        assertThat(loader.loadAsync(1).join()).isEqualTo(Result.ok("v1"));
        assertThat(source.batches).containsExactly(List.of(1)); // what nobody wants is not fetched
    }

    @Test
    void p3_callerCompletesItsFuture_othersDoNotSeeIt() {
        var first = loader.loadAsync(1);
        var second = loader.loadAsync(1);
        assertThat(first.complete(Result.ok("POISON"))).isTrue();
        assertThat(List.of(second.join(), loader.load(1))).containsOnly(Result.ok("v1"));
    }

    @Test
    void p4_failedBatchOfACanonicalKey_isNotRememberedAndCanBeCleared() {
        record Key(String tenant, int id, Object context) {}
        var fails = new CopyOnWriteArrayList<>(List.of(1, 2));
        var byId = scope.loader(Loader.named("users")
                .canonical((Key key) -> List.of(key.tenant, key.id))
                .keep(error -> true)
                .build((List<Key> keys) -> {
                    if (!fails.isEmpty()) {
                        fails.subList(0, 1).clear();
                        throw new IllegalStateException("broken");
                    }
                    return source.get(keys);
                }));
        assertFailed(byId.load(new Key("acme", 1, new Object())), BatchingErrors.BATCH_FAILED);
        assertFailed(byId.load(new Key("acme", 1, new Object())), BatchingErrors.BATCH_FAILED);
        byId.clear(new Key("acme", 1, new Object()));
        assertThat(byId.load(new Key("acme", 1, "x")).isOk()).isTrue();
        byId.clear(new Key("acme", 1, new Object()));
        assertThat(byId.load(new Key("acme", 1, "y"))).isEqualTo(Result.ok("v" + new Key("acme", 1, "y")));
    }

    @Test
    void p5_failingBatchIsFlushed_itsFuturesSaySo() {
        var broken = scope.loader(Loader.named("broken").build((List<Integer> keys) -> {
            throw new IllegalStateException("broken");
        }));
        var futures = List.of(broken.loadAsync(1), broken.loadAsync(2));
        scope.flush();
        futures.forEach(future -> assertFailed(future.join(), BatchingErrors.BATCH_FAILED));
    }

    private final List<Loader<Integer, String>> self = new CopyOnWriteArrayList<>();

    @Test
    void p6_batchLoadsItsOwnKey_isACycle() {
        Loader<Integer, String> cyclic = Loader.named("cyclic")
                .buildPerKey((List<Integer> keys, LoadScope in) ->
                        Map.of(keys.get(0), in.loader(self.get(0)).load(keys.get(0))));
        self.add(cyclic);
        assertFailed(scope.loader(cyclic).load(1), BatchingErrors.LOAD_CYCLE);
    }

    @Test
    void p7_chain_resolvesWithoutDispatch() {
        assertThat(loader.loadAsync(1)
                        .thenCompose(one -> loader.loadAsync(2))
                        .thenCompose(two -> loader.loadAsync(3))
                        .join())
                .isEqualTo(Result.ok("v3"));
    }

    @Test
    void p8_loadClearLoad_isOneKey() {
        var first = loader.loadAsync(1);
        loader.clear(1);
        var second = loader.loadAsync(1);
        assertThat(List.of(second.join(), first.join())).containsOnly(Result.ok("v1"));
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void p9_batchSortsItsKeys_valuesStayWithTheirKeys() {
        var sorting = scope.loader(Loader.named("sorting").build((List<Integer> keys) -> {
            assertThat(catchThrowable(() -> keys.sort(null))).isInstanceOf(UnsupportedOperationException.class);
            return source.get(keys);
        }));
        assertThat(sorting.loadAll(List.of(2, 1)))
                .containsExactly(Map.entry(2, Result.ok("v2")), Map.entry(1, Result.ok("v1")));
    }

    @Test
    void p10_slowContinuationOfOneKey_doesNotDelayAnother() {
        var goOn = new CountDownLatch(1);
        var slow = loader.loadAsync(1).thenAccept(value -> Threads.await(goOn));
        var quick = loader.loadAsync(2).thenApply(value -> value);
        scope.flush();
        assertThat(quick.join()).isEqualTo(Result.ok("v2"));
        assertThat(slow).isNotDone();
        goOn.countDown();
        assertThat(slow).succeedsWithin(java.time.Duration.ofSeconds(10));
    }

    @Test
    void p11_manyBatches_runFourAtOnce() {
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        var four = new CountDownLatch(4);
        var wide = scope.loader(Loader.named("wide").maxBatch(10).build((List<Integer> keys) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            four.countDown();
            Threads.await(four);
            running.decrementAndGet();
            return source.get(keys);
        }));
        assertThat(wide.loadAll(IntStream.range(0, 1_000).boxed().toList())).hasSize(1_000);
        assertThat(most).hasValue(4);
    }

    @Test
    void p12_someKeysFail_othersKeepTheirValues() {
        var half = scope.loader(Loader.named("half").build((List<Integer> keys) -> Result.ok(Map.of(1, "one"))));
        var all = half.loadAll(List.of(1, 2));
        assertThat(all).containsEntry(1, Result.ok("one"));
        assertFailed(all.get(2), BatchingErrors.KEY_NOT_FOUND);
    }

    @Test
    void p13_deepChainDispatchedFromWithin_doesNotOverflowTheStack() {
        try (var alone = LoadScope.builder().time(new VirtualTime()).open()) {
            assertThat(chain(alone, alone.loader(source.loader()), 20_000).join())
                    .isEqualTo(Result.ok("v0"));
        }
    }

    private static CompletableFuture<Result<String, dev.underpin.result.DomainError>> chain(
            LoadScope scope, ScopedLoader<Integer, String> loader, int key) {
        return loader.loadAsync(key)
                .thenCompose(value -> key == 0 ? loader.loadAsync(0) : chain(scope, loader, key - 1));
    }
}
