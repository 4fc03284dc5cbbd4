package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Interleavings and failures in which somebody could be forgotten. The longest wait of the loaders is so long that a key which is
 * left to it does not come back in the time of a test.
 */
@Timeout(20)
class DispatchFaultsTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final Queue<List<?>> batches = new ConcurrentLinkedQueue<>();

    /* ---- interrupts ---- */

    @Test
    void load_functionThatTakesTheInterrupt_endsAndKeepsIt() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        Loader<Integer, String> loader = loader("names", keys -> {
            entered.countDown();
            sleepForever();
        });
        AtomicBoolean flag = new AtomicBoolean();
        AtomicReference<Thread> caller = new AtomicReference<>();
        FutureTask<Result<String, DomainError>> load = started(caller, () -> {
            try (LoadScope scope = LoadScope.open()) {
                return scope.loader(loader).load(1);
            } finally {
                flag.set(Thread.currentThread().isInterrupted());
            }
        });

        entered.await();
        caller.get().interrupt();

        assertThat(code(load.get())).isEqualTo(BatchingErrors.LOAD_INTERRUPTED);
        assertThat(flag).isTrue();
    }

    @Test
    void loadAll_sameKeyTwiceAndInterrupted_leavesTheKeysOfOthers() throws Exception {
        try (LoadScope scope = LoadScope.open()) {
            ScopedLoader<Integer, String> loader = scope.loader(loader("names", keys -> {}));
            AtomicReference<Thread> twice = new AtomicReference<>();
            AtomicReference<Thread> once = new AtomicReference<>();
            var both = started(twice, () -> loader.loadAll(List.of(1, 1)));
            awaitBlocked(twice);
            var other = started(once, () -> loader.load(2));
            awaitBlocked(once);

            twice.get().interrupt();
            assertThat(code(both.get().get(1))).isEqualTo(BatchingErrors.LOAD_INTERRUPTED);

            assertThat(loader.load(3)).isEqualTo(Result.ok("v3"));
            assertThat(other.get()).isEqualTo(Result.ok("v2"));
            assertThat(batches).hasToString("[[2, 3]]");
        }
    }

    @Test
    void loadAll_interruptedBetweenTwoKeys_leavesTheKeysOfOthers() throws Exception {
        Loader<Object, String> definition = loader("names", keys -> {});
        try (LoadScope scope = LoadScope.open()) {
            ScopedLoader<Object, String> loader = scope.loader(definition);
            AtomicReference<Thread> one = new AtomicReference<>();
            AtomicReference<Thread> another = new AtomicReference<>();
            var other = started(one, () -> loader.load(7));
            awaitBlocked(one);

            var both = started(another, () -> loader.loadAll(List.of(new Interrupting(), new Interrupting())));
            assertThat(both.get().values()).allMatch(result -> code(result).equals(BatchingErrors.LOAD_INTERRUPTED));

            assertThat(loader.load(8)).isEqualTo(Result.ok("v8"));
            assertThat(other.get()).isEqualTo(Result.ok("v7"));
        }
    }

    /** A key that interrupts who compares it. */
    private static final class Interrupting {
        @Override
        public int hashCode() {
            return 5;
        }

        @Override
        @SuppressWarnings("EqualsHashCode")
        public boolean equals(@Nullable Object o) {
            Thread.currentThread().interrupt();
            return o == this;
        }
    }

    @Test
    void interruptedRunner_whoseOwnKeyIsQueued_leavesTheQueueWhole() throws Exception {
        Queue<Runnable> asked = new ConcurrentLinkedQueue<>();
        AtomicReference<LoadScope> opened = new AtomicReference<>();
        AtomicBoolean flushes = new AtomicBoolean();
        try (LoadScope scope = LoadScope.builder()
                .executor(task -> {
                    asked.add(task);
                    if (flushes.get()) {
                        opened.get().flush();
                    }
                })
                .open()) {
            opened.set(scope);
            CountDownLatch entered = new CountDownLatch(1);
            ScopedLoader<Integer, String> names = scope.loader(loader("names", keys -> {}));
            ScopedLoader<Integer, String> others = scope.loader(
                    Loader.named("others").maxWait(LONG).maxBatch(1).build((List<Integer> keys) -> {
                        if (entered.getCount() > 0) {
                            entered.countDown();
                            sleepForever();
                        }
                        return values(keys);
                    }));
            var wanted = others.loadAsync(1);
            AtomicReference<Thread> runner = new AtomicReference<>();
            var queued = started(runner, () -> names.load(1));
            entered.await();

            flushes.set(true);
            runner.get().interrupt();

            assertThat(code(queued.get())).isEqualTo(BatchingErrors.LOAD_INTERRUPTED);
            asked.forEach(Runnable::run);
            assertThat(wanted).isCompletedWithValue(Result.ok("v1"));
        }
    }

    @Test
    void interruptedRunner_whoseFunctionSaysSoInAResult_leavesTheBatchToOthers() throws Exception {
        AtomicReference<Thread> runner = new AtomicReference<>();
        CountDownLatch entered = new CountDownLatch(1);
        Loader<Integer, String> inner = Loader.named("inner")
                .maxWait(LONG)
                .maxBatch(2)
                .build((List<Integer> keys) -> {
                    if (entered.getCount() > 0) {
                        runner.set(Thread.currentThread());
                        entered.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                            throw new IllegalStateException(e);
                        }
                    }
                    return values(keys);
                });
        Loader<Integer, String> outer = Loader.named("outer")
                .maxWait(LONG)
                .maxBatch(2)
                .buildPerKey((List<Integer> keys, LoadScope scope) -> {
                    return scope.loader(inner).loadAll(keys);
                });
        try (LoadScope scope = LoadScope.open()) {
            AtomicReference<Thread> first = new AtomicReference<>();
            AtomicReference<Thread> second = new AtomicReference<>();
            var one = started(first, () -> scope.loader(outer).load(1));
            awaitBlocked(first);
            var two = started(second, () -> scope.loader(outer).load(2));
            entered.await();

            runner.get().interrupt();

            boolean isFirst = runner.get().equals(first.get());
            assertThat(code((isFirst ? one : two).get())).isEqualTo(BatchingErrors.LOAD_INTERRUPTED);
            assertThat((isFirst ? two : one).get()).isEqualTo(Result.ok(isFirst ? "v2" : "v1"));
        }
    }

    @Test
    void load_ofABatchThatNobodyWantedAnyMore_isNotFailedByItsInterrupt() throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch rejoined = new CountDownLatch(1);
        Loader<Integer, String> loader = Loader.named("names")
                .maxWait(LONG)
                .maxBatch(1)
                .build((List<Integer> keys) -> {
                    if (entered.getCount() > 0) {
                        entered.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            interrupted.countDown();
                            awaitQuietly(rejoined);
                            throw new IllegalStateException(e);
                        }
                    }
                    return values(keys);
                });
        try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
            var abandoned = scope.loader(loader).loadAsync(1);
            entered.await();
            assertThat(abandoned.cancel(true)).isTrue();
            interrupted.await();

            var wanted = scope.loader(loader).loadAsync(1);
            rejoined.countDown();

            assertThat(wanted.get()).isEqualTo(Result.ok("v1"));
        } finally {
            executor.shutdownNow();
        }
    }

    /* ---- who counts, and who runs ---- */

    @Test
    void owner_awaitsWhatEndsMeanwhile_stillRunsWhatItWaitsIn() throws Exception {
        try (LoadScope scope =
                LoadScope.builder().bind(String.class, "connection").open()) {
            Dispatch dispatch = scope.loader(loader("unused", keys -> {})).dispatch;
            ScopedLoader<Integer, String> before = scope.loader(loader("before", keys -> {
                var unused = dispatch.await(LoadFuture.completed(dispatch, "x"), null);
            }));
            ScopedLoader<Integer, String> names = scope.loader(loader("names", keys -> {}));
            AtomicReference<Thread> other = new AtomicReference<>();
            var first = started(other, () -> before.load(1));
            awaitBlocked(other);

            assertThat(names.load(2)).isEqualTo(Result.ok("v2"));
            assertThat(first.get()).isEqualTo(Result.ok("v1"));
        }
    }

    @Test
    void cancel_futureThatAnotherThreadJoins_dropsTheKey() throws Exception {
        try (LoadScope scope = LoadScope.open()) {
            ScopedLoader<Integer, String> loader = scope.loader(loader("names", keys -> {}));
            var future = loader.loadAsync(1);
            AtomicReference<Thread> joiner = new AtomicReference<>();
            var joined = started(joiner, future::join);
            awaitBlocked(joiner);

            assertThat(future.cancel(true)).isTrue();

            assertThatThrownBy(joined::get).hasCauseInstanceOf(CancellationException.class);
            assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
            assertThat(batches).hasToString("[[2]]");
        }
    }

    @Test
    void executor_thatFoundNoPlace_isAskedAgainWhenThereIsOne() throws Exception {
        Queue<Runnable> asked = new ConcurrentLinkedQueue<>();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Loader<Integer, String> loader = Loader.named("names")
                .maxWait(LONG)
                .maxBatch(1)
                .maxInFlight(1)
                .build((List<Integer> keys) -> {
                    if (keys.contains(1)) {
                        entered.countDown();
                        awaitQuietly(go);
                    }
                    return values(keys);
                });
        try (LoadScope scope = LoadScope.builder().executor(asked::add).open()) {
            var one = scope.loader(loader).loadAsync(1);
            var two = scope.loader(loader).loadAsync(2);
            var waiting =
                    started(new AtomicReference<>(), () -> scope.loader(loader).load(1));
            entered.await();
            runAll(asked);
            go.countDown();
            assertThat(waiting.get()).isEqualTo(Result.ok("v1"));

            runAll(asked);

            assertThat(one).isCompletedWithValue(Result.ok("v1"));
            assertThat(two).isCompletedWithValue(Result.ok("v2"));
        }
    }

    @Test
    void owner_wokenWhileItRunsAnotherBatch_countsBeforeOthersGoOn() throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool();
        AtomicReference<Thread> goesOn = new AtomicReference<>();
        CountDownLatch slowBegan = new CountDownLatch(1);
        CountDownLatch firstLoaded = new CountDownLatch(1);
        Loader<Integer, String> names = loader("names", keys -> awaitQuietly(slowBegan));
        Loader<Integer, String> slow = Loader.named("slow")
                .maxWait(LONG)
                .listener(new BatchListener() {
                    @Override
                    public void onBatch(String loader, int keys, long nanos, @Nullable ErrorCode error) {
                        while (batches.size() == 1 && !isWaitingFor(goesOn.get(), "names")) {
                            LockSupport.unpark(goesOn.get()); // as a wait may end at any time
                            Thread.onSpinWait();
                        }
                    }
                })
                .build((List<Integer> keys) -> {
                    slowBegan.countDown();
                    awaitQuietly(firstLoaded);
                    return values(keys);
                });
        try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
            var unused = scope.loader(slow); // which is the first that the owner is given
            Future<?> one = scope.fork(() -> {
                assertThat(scope.loader(names).load(1)).isEqualTo(Result.ok("v1"));
                firstLoaded.countDown();
                return 1;
            });
            Future<Result<String, DomainError>> two = scope.fork(() -> {
                goesOn.set(Thread.currentThread());
                assertThat(scope.loader(slow).load(1)).isEqualTo(Result.ok("v1"));
                return scope.loader(names).load(3);
            });

            assertThat(scope.loader(names).load(1)).isEqualTo(Result.ok("v1"));
            assertThat(scope.loader(names).load(2)).isEqualTo(Result.ok("v2"));

            assertThat(two.get()).isEqualTo(Result.ok("v3"));
            assertThat(one.get()).isEqualTo(1);
            assertThat(batches).hasToString("[[1], [3, 2]]");
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void batch_thatNobodyIsFreeToRun_doesNotWaitForAnotherBatch() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        CountDownLatch loaded = new CountDownLatch(1);
        Loader<Integer, String> slow = loader("slow", keys -> awaitQuietly(loaded));
        Loader<Integer, String> quick =
                Loader.named("quick").maxWait(Duration.ofMillis(5)).build(DispatchFaultsTest::values);
        try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
            var unused = scope.loader(slow);
            Future<Result<String, DomainError>> limited = scope.fork(() -> {
                Result<String, DomainError> result = scope.loader(quick).load(1, LONG);
                loaded.countDown();
                return result;
            });

            assertThat(scope.loader(slow).load(1)).isEqualTo(Result.ok("v1"));
            assertThat(limited.get()).isEqualTo(Result.ok("v1"));
        } finally {
            executor.shutdownNow();
        }
    }

    /* ---- code of others ---- */

    @Test
    void executor_thatThrows_failsNoLoadAndForgetsNobody() {
        AtomicBoolean throwing = new AtomicBoolean(true);
        Loader<Integer, String> definition =
                Loader.named("names").maxWait(LONG).maxBatch(2).build(DispatchFaultsTest::values);
        try (LoadScope scope = LoadScope.builder()
                .executor(task -> {
                    if (throwing.get()) {
                        throw new IllegalStateException("no thread");
                    }
                    task.run();
                })
                .open()) {
            ScopedLoader<Integer, String> loader = scope.loader(definition);
            var one = loader.loadAsync(1).thenApply(result -> result.orElse("?") + "!");
            var two = loader.loadAsync(2).thenApply(result -> result.orElse("?") + "!");

            assertThat(one.join()).isEqualTo("v1!");
            assertThat(two.join()).isEqualTo("v2!");
            assertThat(loader.load(3)).isEqualTo(Result.ok("v3"));
        }
    }

    @Test
    void continuations_executorThatThrows_allRun() {
        AtomicBoolean throwing = new AtomicBoolean(true);
        try (LoadScope scope = LoadScope.builder()
                .executor(task -> {
                    if (throwing.get()) {
                        throw new IllegalStateException("no thread");
                    }
                    task.run();
                })
                .open()) {
            ScopedLoader<Integer, String> loader = scope.loader(loader("names", keys -> {}));
            var one = loader.loadAsync(1).thenApply(result -> result.orElse("?") + "!");
            var two = loader.loadAsync(2).thenApply(result -> result.orElse("?") + "!");

            assertThat(one.join()).isEqualTo("v1!");
            assertThat(two.join()).isEqualTo("v2!");
            assertThat(loader.load(3)).isEqualTo(Result.ok("v3"));
        }
    }

    @Test
    void listener_thatThrowsAnError_keepsNobodyWaiting() throws Exception {
        Loader<Integer, String> definition = Loader.named("names")
                .maxWait(LONG)
                .listener(new BatchListener() {
                    @Override
                    public void onBatch(String loader, int keys, long nanos, @Nullable ErrorCode error) {
                        throw new AssertionError("of the listener");
                    }
                })
                .build(DispatchFaultsTest::values);
        try (LoadScope scope = LoadScope.open()) {
            ScopedLoader<Integer, String> loader = scope.loader(definition);
            AtomicReference<Thread> waiting = new AtomicReference<>();
            var other = started(waiting, () -> loader.load(1));
            awaitBlocked(waiting);

            assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
            assertThat(other.get()).isEqualTo(Result.ok("v1"));
        }
    }

    @Test
    void get_forEver_isNoOverflow() throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool();
        try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
            ScopedLoader<Integer, String> loader = scope.loader(loader("names", keys -> {}));

            assertThat(loader.loadAsync(1).get(Long.MAX_VALUE, TimeUnit.DAYS)).isEqualTo(Result.ok("v1"));
            assertThat(loader.loadAsync(2).get(Long.MAX_VALUE, TimeUnit.SECONDS))
                    .isEqualTo(Result.ok("v2"));
            assertThat(loader.load(3, Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Result.ok("v3"));
            assertThat(scope.fork(() -> loader.load(4)).get(Long.MAX_VALUE, TimeUnit.DAYS))
                    .isEqualTo(Result.ok("v4"));
        } finally {
            executor.shutdownNow();
        }
    }

    /* ---- what the tests are made of ---- */

    private <K> Loader<K, String> loader(String name, Consumer<List<K>> first) {
        return Loader.named(name).maxWait(LONG).build((List<K> keys) -> {
            first.accept(keys);
            batches.add(List.copyOf(keys));
            return values(keys);
        });
    }

    private static <K> Result<Map<K, String>, DomainError> values(List<K> keys) {
        Map<K, String> values = new HashMap<>();
        keys.forEach(key -> values.put(key, "v" + key));
        return Result.ok(values);
    }

    private static @Nullable ErrorCode code(Result<?, DomainError> result) {
        return result instanceof Result.Err<?, DomainError> err ? err.error().code() : null;
    }

    private static <T> FutureTask<T> started(AtomicReference<Thread> thread, java.util.concurrent.Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread made = new Thread(task);
        made.setDaemon(true);
        thread.set(made);
        made.start();
        return task;
    }

    private static void awaitBlocked(AtomicReference<Thread> thread) {
        while (!(LockSupport.getBlocker(thread.get()) instanceof Blocked)) {
            Thread.onSpinWait();
        }
    }

    private static boolean isWaitingFor(Thread thread, String loader) {
        return LockSupport.getBlocker(thread) instanceof Blocked blocked
                && blocked.loader != null
                && blocked.loader.loader.name().equals(loader);
    }

    private static void runAll(Queue<Runnable> tasks) {
        List<Runnable> taken = new ArrayList<>();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            taken.add(task);
        }
        taken.forEach(Runnable::run);
    }

    private static void sleepForever() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(15, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
