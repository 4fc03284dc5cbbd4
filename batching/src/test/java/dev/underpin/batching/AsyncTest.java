package dev.underpin.batching;

import static dev.underpin.batching.Recorded.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Futures: what a caller may do with its own, what waits for them, and what is registered on them. */
class AsyncTest {
    private final Recorded source = new Recorded();
    private final VirtualTime time = new VirtualTime();
    private final Threads threads = new Threads();

    @AfterEach
    void closeThreads() {
        threads.close();
    }

    private LoadScope alone() {
        return LoadScope.builder().time(time).open();
    }

    private LoadScope on(Executor executor) {
        return LoadScope.builder().time(time).executor(executor).open();
    }

    /* ---- cancelled ---- */

    @Test
    void cancel_oneOfTwoCallers_leavesTheOther() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var first = loader.loadAsync(1);
            var second = loader.loadAsync(1);
            assertThat(first.cancel(true)).isTrue();
            assertThat(second.join()).isEqualTo(Result.ok("v1"));
            assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
        }
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void cancel_allCallersOfAQueuedKey_isNotLoaded() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var futures = List.of(loader.loadAsync(1), loader.loadAsync(1));
            var other = loader.loadAsync(2);
            futures.forEach(future -> assertThat(future.cancel(false)).isTrue());
            assertThat(other.join()).isEqualTo(Result.ok("v2"));
        }
        assertThat(source.batches).containsExactly(List.of(2));
    }

    @Test
    void cancel_everything_callsNothing() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var futures = List.of(loader.loadAsync(1), loader.loadAsync(2));
            futures.forEach(future -> assertThat(future.cancel(false)).isTrue());
            scope.flush();
            time.advance(Duration.ofMinutes(1));
            assertThat(source.batches).isEmpty();
            assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
        }
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void cancel_keyOfABatchThatWaitsForItsTurn_isLeftOut() {
        var one = Loader.named("numbers").maxBatch(2).maxInFlight(1).build((List<Integer> keys) -> source.get(keys));
        try (var scope = alone()) {
            var loader = scope.loader(one);
            var futures = List.of(loader.loadAsync(1), loader.loadAsync(2), loader.loadAsync(3), loader.loadAsync(4));
            assertThat(futures.get(0).cancel(false)).isTrue();
            assertThat(futures.get(2).cancel(false)).isTrue();
            assertThat(futures.get(3).cancel(false)).isTrue();
            var again = loader.loadAsync(3);
            assertThat(futures.get(1).join()).isEqualTo(Result.ok("v2"));
            assertThat(again.join()).isEqualTo(Result.ok("v3"));
        }
        assertThat(source.batches).containsExactly(List.of(2), List.of(3));
    }

    @Test
    void cancel_batchThatNobodyStartedAndWants_isNotRun() {
        var one = Loader.named("numbers").maxBatch(1).build((List<Integer> keys) -> source.get(keys));
        try (var scope = alone()) {
            var loader = scope.loader(one);
            assertThat(loader.loadAsync(1).cancel(false)).isTrue();
            assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
            scope.flush();
            assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
        }
        assertThat(source.batches).containsExactly(List.of(2), List.of(1));
    }

    @Test
    void cancel_allCallersOfARunningBatch_interruptsItAndNobodyElse() {
        var began = new CountDownLatch(1);
        var calls = new AtomicInteger();
        var interrupted = new CompletableFuture<Boolean>();
        var stuck = Loader.named("stuck").build((List<Integer> keys) -> {
            if (calls.incrementAndGet() == 1) {
                began.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    interrupted.complete(true);
                    throw new IllegalStateException(e);
                }
            }
            return source.get(keys);
        });
        try (var scope = on(threads)) {
            var loader = scope.loader(stuck);
            var future = loader.loadAsync(1);
            scope.flush();
            Threads.await(began);
            assertThat(future.cancel(true)).isTrue();
            assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
            assertThat(interrupted.join()).isTrue();
        }
    }

    @Test
    void load_afterAllCallersOfARunningBatchLeft_isNotFailedByTheirInterrupt() {
        var began = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var calls = new AtomicInteger();
        var stuck = Loader.named("stuck").build((List<Integer> keys) -> {
            if (calls.incrementAndGet() == 1) {
                began.countDown();
                boolean interrupted = false;
                while (!interrupted || goOn.getCount() > 0) {
                    interrupted |= Thread.interrupted();
                    Thread.onSpinWait();
                }
                return Result.err(
                        DomainError.builder(ErrorKind.UNAVAILABLE.code()).build());
            }
            return source.get(keys);
        });
        try (var scope = on(threads)) {
            var loader = scope.loader(stuck);
            var future = loader.loadAsync(1);
            scope.flush();
            Threads.await(began);
            assertThat(future.cancel(true)).isTrue();
            var later = loader.loadAsync(1);
            goOn.countDown();
            assertThat(later.join()).isEqualTo(Result.ok("v1"));
        }
    }

    @Test
    void cancel_whileAnotherThreadJoins_wakesIt() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var future = loader.loadAsync(1);
            var joining = threads.start(future::join);
            Threads.awaitBlocked(threads.last());
            assertThat(future.cancel(false)).isTrue();
            assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
                    .isThrownBy(joining::get)
                    .withCauseInstanceOf(CancellationException.class);
            scope.flush();
        }
        assertThat(source.batches).isEmpty();
    }

    @Test
    void cancel_manyOfOneKey_leavesNothingBehind() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var kept = loader.loadAsync(1);
            for (int i = 0; i < 1_000; i++) {
                assertThat(loader.loadAsync(1).cancel(false)).isTrue();
            }
            Waiter waiter = java.util.Objects.requireNonNull(loader.find(1, ScopedLoader.hash(1))).waiters;
            assertThat(waiter).isSameAs(kept);
            assertThat(kept.join()).isEqualTo(Result.ok("v1"));
            assertThat(java.util.Objects.requireNonNull(loader.find(1, ScopedLoader.hash(1))).waiters)
                    .isNull();
        }
    }

    /* ---- completed by the caller ---- */

    @Test
    void complete_ownFuture_touchesNobodyElse() {
        Result<String, DomainError> poison = Result.ok("poison");
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var first = loader.loadAsync(1);
            var second = loader.loadAsync(1);
            var third = loader.loadAsync(1);
            assertThat(first.complete(poison)).isTrue();
            assertThat(third.completeExceptionally(new IllegalStateException("poison")))
                    .isTrue();
            assertThat(second.join()).isEqualTo(Result.ok("v1"));
            assertThat(first).isCompletedWithValue(poison);
            assertThat(first.complete(poison)).isFalse();
            assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
        }
    }

    @Test
    void complete_afterItIsLoaded_changesNothing() {
        try (var scope = alone()) {
            var future = scope.loader(source.loader()).loadAsync(1);
            scope.flush();
            assertThat(future.complete(Result.ok("poison"))).isFalse();
            assertThat(future.cancel(true)).isFalse();
            assertThat(future.join()).isEqualTo(Result.ok("v1"));
        }
    }

    /* ---- waiting ---- */

    @Test
    void join_chain_isDispatchedAtEachLevel() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var chain = loader.loadAsync(1)
                    .thenCompose(one -> loader.loadAsync(2))
                    .thenCompose(two -> loader.loadAsync(3))
                    .thenApply(three -> three.orElse("?"));
            var side = loader.loadAsync(4);
            assertThat(chain.join()).isEqualTo("v3");
            assertThat(side).isCompletedWithValue(Result.ok("v4"));
        }
        assertThat(source.batches).containsExactly(List.of(1, 4), List.of(2), List.of(3));
    }

    @Test
    void join_chainInTasks_isABatchPerLevel() {
        try (var scope = on(threads)) {
            var loader = scope.loader(source.loader());
            assertThat(scope.mapAll(
                            List.of(1, 2, 3),
                            key -> loader.loadAsync(key)
                                    .thenCompose(one -> loader.loadAsync(key + 10))
                                    .join()))
                    .containsExactly(Result.ok("v11"), Result.ok("v12"), Result.ok("v13"));
        }
        assertThat(source.batches).extracting(List::size).containsExactly(3, 3);
    }

    @Test
    void join_deepChain_doesNotOverflowTheStack() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            assertThat(chain(loader, 10_000).join()).isEqualTo(Result.ok("v0"));
        }
        assertThat(source.batches).hasSize(10_001);
    }

    private static CompletableFuture<Result<String, DomainError>> chain(ScopedLoader<Integer, String> loader, int key) {
        var future = loader.loadAsync(key);
        return key == 0 ? future : future.thenCompose(value -> chain(loader, key - 1));
    }

    @Test
    void join_interrupted_goesOnAndKeepsTheFlag() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var future = loader.loadAsync(1);
            Thread.currentThread().interrupt();
            assertThat(future.join()).isEqualTo(Result.ok("v1"));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void get_interrupted_throwsAndIsStillLoaded() {
        try (var scope = alone()) {
            var future = scope.loader(source.loader()).loadAsync(1);
            var derived = future.thenApply(value -> value);
            for (var one : List.of(future, derived)) {
                Thread.currentThread().interrupt();
                assertThatExceptionOfType(InterruptedException.class).isThrownBy(one::get);
                Thread.currentThread().interrupt();
                assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> one.get(1, TimeUnit.DAYS));
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(derived.join()).isEqualTo(Result.ok("v1"));
        }
    }

    @Test
    void get_timeIsOver_throwsAndIsStillLoaded() throws Exception {
        var scope = alone();
        var loader = scope.loader(
                Loader.named("patient").maxWait(Duration.ofDays(1)).build((List<Integer> keys) -> source.get(keys)));
        var futures = new CopyOnWriteArrayList<CompletableFuture<Result<String, DomainError>>>();
        var late = threads.start(() -> {
            var future = loader.loadAsync(1);
            futures.add(future);
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> future.get(1, TimeUnit.MILLISECONDS));
            var derived = future.thenApply(value -> value);
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> derived.get(1, TimeUnit.MILLISECONDS));
            return 0;
        });
        while (!late.isDone()) {
            Threads.awaitBlockedOrEnded(threads.last());
            time.advance(Duration.ofMillis(1));
        }
        assertThat(late.get()).isZero();
        assertThat(futures.get(0).get(Long.MAX_VALUE, TimeUnit.DAYS)).isEqualTo(Result.ok("v1"));
        scope.close();
    }

    @Test
    void get_futureOfAnEarlierLoad_isThere() throws Exception {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var unused = loader.load(1);
            assertThat(loader.loadAsync(1).get()).isEqualTo(Result.ok("v1"));
            assertThat(loader.loadAsync(1).get(0, TimeUnit.SECONDS)).isEqualTo(Result.ok("v1"));
        }
    }

    @Test
    void allOf_waitThatNobodySees_isEndedByTheTime() {
        var loader =
                Loader.named("numbers").maxWait(Duration.ofMillis(7)).build((List<Integer> keys) -> source.get(keys));
        try (var scope = alone()) {
            var scoped = scope.loader(loader);
            CompletableFuture<?> all = CompletableFuture.allOf(scoped.loadAsync(1), scoped.loadAsync(2));
            time.advance(Duration.ofNanos(6_999_999));
            assertThat(source.batches).isEmpty();
            time.advance(Duration.ofNanos(1)); // nobody waits here, so it is ready, and a thread comes for it later
            Threads.until(() -> {
                time.advance(Duration.ofMillis(1));
                return all.isDone();
            });
        }
        assertThat(source.batches).containsExactly(List.of(1, 2));
    }

    /* ---- what was registered ---- */

    @Test
    void thenApply_withoutExecutor_runsOnTheThreadOfTheBatch() {
        try (var scope = alone()) {
            var ran = scope.loader(source.loader()).loadAsync(1).thenApply(value -> Thread.currentThread());
            scope.flush();
            assertThat(ran).isCompletedWithValue(Thread.currentThread());
        }
    }

    @Test
    void thenApply_withExecutor_runsOnIt() {
        try (var scope = on(threads)) {
            var loader = scope.loader(source.loader());
            var ran = loader.loadAsync(1).thenApply(value -> Thread.currentThread());
            assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
            assertThat(ran.join()).isIn(threads.started);
            assertThat(loader.loadAsync(1)
                            .thenApplyAsync(value -> Thread.currentThread())
                            .join())
                    .isIn(threads.started);
        }
        assertThat(source.threads).containsExactly(Thread.currentThread());
    }

    @Test
    void thenApply_slowOne_doesNotDelayOthers() {
        var goOn = new CountDownLatch(1);
        try (var scope = on(threads)) {
            var loader = scope.loader(source.loader());
            var slow = loader.loadAsync(1).thenApply(value -> {
                Threads.await(goOn);
                return value;
            });
            var quick = loader.loadAsync(2).thenApply(value -> value);
            var plain = loader.loadAsync(3);
            scope.flush();
            assertThat(quick.join()).isEqualTo(Result.ok("v2"));
            assertThat(plain.join()).isEqualTo(Result.ok("v3"));
            assertThat(slow).isNotDone();
            goOn.countDown();
            assertThat(slow.join()).isEqualTo(Result.ok("v1"));
        }
    }

    @Test
    void thenApply_slowOneWithoutExecutor_doesNotDelayWhoBlocks() throws Exception {
        var goOn = new CountDownLatch(1);
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var slow = loader.loadAsync(1).thenApply(value -> {
                Threads.await(goOn);
                return value;
            });
            var blocked = threads.start(() -> loader.load(2));
            Threads.awaitBlocked(threads.last());
            var flushing = threads.start(() -> {
                scope.flush();
                return 0;
            });
            assertThat(blocked.get()).isEqualTo(Result.ok("v2"));
            goOn.countDown();
            assertThat(flushing.get()).isZero();
            assertThat(slow).isCompletedWithValue(Result.ok("v1"));
        }
    }

    @Test
    void thenApply_throws_isOfItsOwnFuture() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            CompletableFuture<?> broken = loader.loadAsync(1).thenApply(value -> {
                throw new AssertionError("broken");
            });
            assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
            assertThat(broken).isCompletedExceptionally();
        }
    }

    @Test
    void thenApply_executorRefuses_runsOnTheThreadOfTheBatch() {
        assertRunsHere(task -> {
            throw new RejectedExecutionException("full");
        });
        assertRunsHere(task -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        assertRunsHere(Runnable::run);
    }

    private void assertRunsHere(Executor executor) {
        try (var scope = on(executor)) {
            var loader = scope.loader(source.loader());
            var first = loader.loadAsync(1).thenApply(value -> Thread.currentThread());
            var second = loader.loadAsync(2).thenApply(value -> Thread.currentThread());
            assertThat(loader.load(3)).isEqualTo(Result.ok("v3"));
            assertThat(List.of(first, second))
                    .allSatisfy(one -> assertThat(one).isCompletedWithValue(Thread.currentThread()));
        }
    }

    @Test
    void thenCompose_twoOnABatchThread_loadTogether() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var chains = List.of(
                    loader.loadAsync(1).thenCompose(value -> loader.loadAsync(11)),
                    loader.loadAsync(2).thenCompose(value -> loader.loadAsync(12)));
            chains.forEach(chain -> assertThat(chain.join().isOk()).isTrue());
        }
        assertThat(source.batches).containsExactly(List.of(1, 2), List.of(11, 12));
    }

    @Test
    void thenApply_loadInIt_isDispatchedAtOnce() {
        try (var scope = alone()) {
            var loader = scope.loader(source.loader());
            var nested = loader.loadAsync(1).thenApply(value -> loader.load(2));
            assertThat(nested.join()).isEqualTo(Result.ok("v2"));
        }
        assertThat(source.batches).containsExactly(List.of(1), List.of(2));
    }

    @Test
    void thenApply_missingKey_isAResultToo() {
        var empty = Loader.named("empty").build((List<Integer> keys) -> Result.ok(Map.<Integer, String>of()));
        try (var scope = alone()) {
            assertFailed(scope.loader(empty).loadAsync(1).join(), BatchingErrors.KEY_NOT_FOUND);
        }
    }
}
