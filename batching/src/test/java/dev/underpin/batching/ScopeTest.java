package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks, executors, contexts and what is bound. */
class ScopeTest {
    private final Recorded source = new Recorded();
    private final VirtualTime time = new VirtualTime();
    private final Threads threads = new Threads();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final List<LoadScope> scopes = new ArrayList<>();

    @AfterEach
    void close() {
        goOn.countDown();
        for (LoadScope scope : scopes) {
            assertThat(scope.loader(source.loader("afterwards")).load(-1)).isEqualTo(Result.ok("v-1"));
            scope.close();
        }
        threads.close();
    }

    private LoadScope on(Executor executor) {
        var scope = LoadScope.builder().time(time).executor(executor).open();
        scopes.add(scope);
        return scope;
    }

    /* ---- tasks ---- */

    @Test
    void fork_withoutExecutor_isRefused() {
        try (var scope = LoadScope.open()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> scope.fork(() -> 1))
                    .withMessage("The scope has no executor to run tasks: set it with LoadScope.builder().executor");
        }
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void scope_null_isRefused() {
        var builder = LoadScope.builder();
        assertThatNullPointerException()
                .isThrownBy(() -> builder.executor(null))
                .withMessage("executor");
        assertThatNullPointerException().isThrownBy(() -> builder.context(null)).withMessage("context");
        assertThatNullPointerException().isThrownBy(() -> builder.time(null)).withMessage("time");
        assertThatNullPointerException()
                .isThrownBy(() -> builder.bind(null, ""))
                .withMessage("type");
        assertThatNullPointerException()
                .isThrownBy(() -> builder.bind(String.class, null))
                .withMessage("resource");
        try (var scope = builder.open()) {
            assertThatNullPointerException()
                    .isThrownBy(() -> scope.loader(null))
                    .withMessage("loader");
            assertThatNullPointerException().isThrownBy(() -> scope.fork(null)).withMessage("task");
            assertThatNullPointerException()
                    .isThrownBy(() -> scope.resource(null))
                    .withMessage("type");
            assertThatNullPointerException()
                    .isThrownBy(() -> scope.mapAll(List.of(1), null))
                    .withMessage("f");
        }
    }

    @Test
    void fork_throws_isInItsFuture() {
        var scope = on(threads);
        var task = scope.fork(() -> {
            throw new java.io.IOException("broken");
        });
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(task::get)
                .withCauseInstanceOf(java.io.IOException.class);
    }

    @Test
    void fork_throwsError_isInItsFutureAndFlies() {
        var scope = on(threads);
        var task = scope.fork((Callable<Integer>) () -> {
            throw new AssertionError("broken");
        });
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(task::get)
                .withCauseInstanceOf(AssertionError.class);
        Threads.until(() -> !threads.thrown.isEmpty());
        assertThat(threads.thrown).singleElement().isInstanceOf(AssertionError.class);
    }

    @Test
    void mapAll_tasksThrow_theFirstFliesWhenAllHaveEnded() {
        var scope = on(threads);
        var ended = new AtomicInteger();
        var thrown = catchThrowable(() -> scope.mapAll(List.of(1, 2, 3), item -> {
            ended.incrementAndGet();
            if (item > 1) {
                throw new IllegalArgumentException("item " + item);
            }
            return item;
        }));
        assertThat(thrown).isInstanceOf(IllegalArgumentException.class).hasMessage("item 2");
        assertThat(thrown.getSuppressed())
                .singleElement()
                .satisfies(other -> assertThat(other).hasMessage("item 3"));
        assertThat(ended).hasValue(3);
    }

    @Test
    void mapAll_tasksThrowTheSame_itFlies() {
        var scope = on(threads);
        var same = new AssertionError("same");
        assertThat(catchThrowable(() -> scope.mapAll(List.of(1, 2), item -> {
                    throw same;
                })))
                .isSameAs(same);
    }

    @Test
    void mapAll_taskThrowsAnUndeclaredException_itFlies() {
        var thrown = new java.io.IOException("undeclared");
        assertThat(catchThrowable(() -> on(threads)
                        .mapAll(
                                List.of(1, 2),
                                item -> item == 1 ? item : ScopeTest.<Integer, RuntimeException>fail(thrown))))
                .isSameAs(thrown);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as another language would
    private static <T, X extends Throwable> T fail(Throwable thrown) throws X {
        throw (X) thrown;
    }

    @Test
    void mapAll_nothing_isNothing() {
        assertThat(on(threads).mapAll(List.of(), item -> item)).isEmpty();
        assertThat(threads.started).isEmpty();
    }

    @Test
    void mapAll_interrupted_cancelsItsTasks() {
        var scope = on(threads);
        var interrupted = new CountDownLatch(2);
        Thread me = Thread.currentThread();
        var begun = new CountDownLatch(2);
        var interrupter = threads.start(() -> {
            Threads.await(begun);
            me.interrupt();
            return 0;
        });
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> scope.mapAll(List.of(1, 2), item -> {
                    begun.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return item;
                }))
                .withCauseInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
        Threads.await(interrupted);
        Threads.until(interrupter::isDone);
    }

    @Test
    void cancel_taskThatHasNotBegun_isNotWaitedFor() throws Exception {
        List<Runnable> kept = new CopyOnWriteArrayList<>();
        var scope = on(kept::add);
        var loader = scope.loader(source.loader());
        var task = scope.fork(() -> loader.load(1));
        var waiting = threads.start(task::get);
        Threads.awaitBlocked(threads.last());
        assertThat(task.cancel(true)).isTrue();
        assertThat(catchThrowable(waiting::get)).hasCauseInstanceOf(CancellationException.class);
        assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
        kept.forEach(Runnable::run);
        assertThat(loader.load(3)).isEqualTo(Result.ok("v3"));
        assertThat(source.batches).containsExactly(List.of(2), List.of(3));
    }

    @Test
    void cancel_taskThatLoads_endsOnlyItsWait() throws Exception {
        var scope = on(threads);
        var loader = scope.loader(source.loader());
        List<Result<String, DomainError>> seen = new CopyOnWriteArrayList<>();
        var task = scope.fork(() -> seen.add(loader.load(1)));
        Threads.awaitBlocked(threads.last());
        assertThat(task.cancel(true)).isTrue();
        Threads.until(() -> !seen.isEmpty());
        Recorded.assertFailed(seen.get(0), BatchingErrors.LOAD_INTERRUPTED);
        assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
        assertThat(source.batches).containsExactly(List.of(2));
    }

    /* ---- executors ---- */

    @Test
    void fork_executorRefuses_isRefusedAndNotWaitedFor() {
        var scope = on(task -> {
            throw new RejectedExecutionException("full");
        });
        assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> scope.fork(() -> 1));
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> scope.mapAll(List.of(1, 2), item -> item));
    }

    @Test
    void flush_executorRefuses_runsHere() {
        for (Executor executor : List.<Executor>of(Runnable::run, task -> {
            throw new RejectedExecutionException("full");
        })) {
            var future = on(executor).loader(source.loader()).loadAsync(1);
            scopes.get(scopes.size() - 1).flush();
            assertThat(future).isCompletedWithValue(Result.ok("v1"));
        }
        assertThat(source.threads).containsOnly(Thread.currentThread());
    }

    @Test
    void load_executorFailsToStartAThread_harmsNobody() {
        var scope = on(task -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        var loader = scope.loader(Loader.named("numbers").maxBatch(1).build((List<Integer> keys) -> source.get(keys)));
        assertThat(loader.loadAll(List.of(1, 2, 3))).hasSize(3);
        assertThat(loader.loadAsync(4).join()).isEqualTo(Result.ok("v4"));
    }

    @Test
    void fork_directExecutor_runsHere() throws Exception {
        var scope = on(Runnable::run);
        var loader = scope.loader(source.loader());
        var task = scope.fork(() -> loader.load(1));
        assertThat(task).isDone();
        assertThat(task.get()).isEqualTo(Result.ok("v1"));
        assertThat(scope.mapAll(List.of(2, 3), loader::load)).containsExactly(Result.ok("v2"), Result.ok("v3"));
        assertThat(source.batches).containsExactly(List.of(1), List.of(2), List.of(3));
    }

    @Test
    void loadAll_directExecutor_runsEachBatchOnItsOwn() {
        var scope = on(Runnable::run);
        var outer = new AtomicInteger();
        var deep = source.loader("deep");
        var nesting = Loader.named("nesting").maxBatch(1).buildPerKey((List<Integer> keys, LoadScope in) -> {
            assertThat(outer.incrementAndGet()).isEqualTo(1); // never one in the midst of another
            var results = in.loader(deep).loadAll(keys);
            outer.decrementAndGet();
            return results;
        });
        assertThat(scope.loader(nesting).loadAll(List.of(1, 2, 3)))
                .hasSize(3)
                .allSatisfy((key, value) -> assertThat(value).isEqualTo(Result.ok("v" + key)));
    }

    @Test
    void tick_directExecutor_runsNoBatchOnTheThreadOfTheTime() {
        var scope = on(Runnable::run);
        var future = scope.loader(source.loader()).loadAsync(1);
        Threads.until(() -> {
            time.advance(Duration.ofMillis(10)); // this thread is that of the time
            return future.isDone();
        });
        assertThat(source.threads).singleElement().isNotSameAs(Thread.currentThread());
    }

    @Test
    void fork_fewerThreadsThanTasks_allAreLoaded() {
        assertSaturated(new ThreadPoolExecutor(2, 2, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>()));
    }

    @Test
    void fork_callerRunsPolicy_allAreLoaded() {
        assertSaturated(new ThreadPoolExecutor(
                1, 2, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), new ThreadPoolExecutor.CallerRunsPolicy()));
    }

    private void assertSaturated(ThreadPoolExecutor pool) {
        var scope = on(pool);
        var loader = scope.loader(
                Loader.named("numbers").maxWait(Duration.ofMillis(1)).build((List<Integer> keys) -> source.get(keys)));
        var all = new java.util.concurrent.FutureTask<>(() -> 0);
        threads.execute(() -> Threads.until(() -> {
            time.advance(Duration.ofMillis(1));
            return all.isDone();
        }));
        try {
            List<Integer> items = IntStream.range(0, 50).boxed().toList();
            assertThat(scope.mapAll(
                            items,
                            item -> loader.load(item).orElse("?")
                                    + loader.loadAsync(100 + item)
                                            .thenCompose(value -> loader.loadAsync(200 + item))
                                            .join()
                                            .orElse("?")))
                    .containsExactlyElementsOf(items.stream()
                            .map(item -> "v" + item + "v" + (200 + item))
                            .toList());
        } finally {
            all.run();
            assertThat(pool.shutdownNow()).isNotNull();
        }
    }

    /* ---- what is bound ---- */

    @Test
    void resource_bound_isSeenByBatchesOnTheThreadThatOpenedTheScope() {
        var running = new AtomicInteger();
        var perConnection = Loader.named("rows").maxBatch(10).buildPerKey((List<Integer> keys, LoadScope in) -> {
            assertThat(running.incrementAndGet()).isEqualTo(1);
            StringBuilder connection = in.resource(StringBuilder.class).orElseThrow();
            source.note(keys);
            running.decrementAndGet();
            return keys.stream()
                    .collect(java.util.stream.Collectors.toMap(key -> key, key -> Result.ok(connection + " " + key)));
        });
        try (var scope = LoadScope.builder()
                .time(time)
                .executor(threads)
                .bind(StringBuilder.class, new StringBuilder("connection"))
                .open()) {
            var loader = scope.loader(perConnection);
            assertThat(scope.mapAll(
                            IntStream.range(0, 50).boxed().toList(),
                            item -> loader.load(item).orElseThrow()))
                    .hasSize(50)
                    .startsWith("connection 0", "connection 1");
            assertThat(loader.loadAll(IntStream.range(50, 75).boxed().toList())).hasSize(25);
        }
        assertThat(source.threads).hasSize(8).containsOnly(Thread.currentThread());
    }

    @Test
    void resource_onAnotherThread_isRefused() {
        try (var scope = LoadScope.builder()
                .time(time)
                .executor(threads)
                .bind(String.class, "connection")
                .open()) {
            assertThat(scope.resource(String.class)).contains("connection");
            assertThat(scope.resource(Integer.class)).isEmpty();
            var task = scope.fork(() -> scope.resource(String.class));
            assertThat(catchThrowable(task::get))
                    .hasRootCauseInstanceOf(IllegalStateException.class)
                    .hasRootCauseMessage(
                            "What is bound as java.lang.String belongs to the thread that opened the scope; "
                                    + "ask for it in a batch function, not in a task");
        }
    }

    @Test
    void flush_boundAndOnAnotherThread_leavesItToTheThreadThatOpenedTheScope() throws Exception {
        try (var scope =
                LoadScope.builder().time(time).bind(String.class, "connection").open()) {
            var loader = scope.loader(source.loader());
            var future = loader.loadAsync(1);
            var flushing = threads.start(() -> {
                scope.flush();
                return 0;
            });
            assertThat(flushing.get()).isZero();
            assertThat(future).isNotDone();
            var waiting = threads.start(() -> loader.load(2));
            Threads.awaitBlocked(threads.last());
            scope.flush();
            assertThat(future).isCompletedWithValue(Result.ok("v1"));
            assertThat(waiting.get()).isEqualTo(Result.ok("v2"));
        }
        assertThat(source.threads).containsOnly(Thread.currentThread());
    }

    /* ---- context ---- */

    private final ThreadLocal<String> tenant = new ThreadLocal<>();

    private LoadScope in(Executor context) {
        var scope = LoadScope.builder()
                .time(time)
                .executor(threads)
                .context(context)
                .open();
        scopes.add(scope);
        return scope;
    }

    @Test
    void context_tasksAndBatchesOfOtherThreads_runInIt() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        var scope = in(task -> {
            tenant.set("acme");
            try {
                task.run();
            } finally {
                tenant.remove();
            }
        });
        var loader = scope.loader(Loader.named("numbers").build((List<Integer> keys) -> {
            seen.add("batch of " + tenant.get());
            return source.get(keys);
        }));
        var task = scope.fork(() -> seen.add("task of " + tenant.get()));
        assertThat(task.get()).isTrue();
        var future = loader.loadAsync(1);
        scope.flush();
        Threads.until(future::isDone);
        assertThat(seen).containsExactly("task of acme", "batch of acme");
        tenant.set("mine");
        assertThat(loader.load(2)).isEqualTo(Result.ok("v2")); // this is the thread whose context it is
        assertThat(seen).endsWith("batch of mine");
    }

    @Test
    void context_whatWasRegistered_runsInIt() {
        var scope = in(task -> {
            tenant.set("acme");
            try {
                task.run();
            } finally {
                tenant.remove();
            }
        });
        var loader = scope.loader(source.loader());
        var seen = loader.loadAsync(1).thenApply(value -> "of " + tenant.get());
        assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
        assertThat(seen.join()).isEqualTo("of acme");
    }

    @Test
    void context_failsForWhatWasRegistered_runsWithoutIt() {
        var scope = in(task -> {
            throw new IllegalStateException("no context");
        });
        var loader = scope.loader(source.loader());
        var seen = loader.loadAsync(1).thenApply(value -> "of " + tenant.get());
        assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
        assertThat(seen.join()).isEqualTo("of null");
    }

    @Test
    void context_fails_failsWhatItWasToRun() throws Exception {
        assertContextFails(task -> {
            throw new IllegalStateException("no context");
        });
    }

    @Test
    void context_doesNotRun_failsWhatItWasToRun() throws Exception {
        assertContextFails(task -> {});
    }

    private void assertContextFails(Executor context) throws Exception {
        var scope = in(context);
        var loader = scope.loader(source.loader());
        Future<Integer> task = scope.fork(() -> 1);
        assertThat(catchThrowable(task::get)).hasCauseInstanceOf(IllegalStateException.class);
        var future = loader.loadAsync(1);
        scope.flush();
        Threads.until(future::isDone);
        Recorded.assertFailed(future.join(), BatchingErrors.BATCH_FAILED);
        assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
    }
}
