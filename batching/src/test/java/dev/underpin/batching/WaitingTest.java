package dev.underpin.batching;

import static dev.underpin.batching.Recorded.assertFailed;
import static dev.underpin.batching.Recorded.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Waits: which of them the scope sees, how long they last, and what an interrupt does. */
class WaitingTest {
    private static final Duration WAIT = Duration.ofMillis(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Recorded source = new Recorded();
    private final VirtualTime time = new VirtualTime();
    private final Threads threads = new Threads();
    private final LoadScope scope =
            LoadScope.builder().time(time).executor(threads).open();
    private final LoadScope alone = LoadScope.builder().time(time).open();
    private final Loader<Integer, String> numbers = numbers("numbers");
    private final CountDownLatch goOn = new CountDownLatch(1);

    private Loader<Integer, String> numbers(String name) {
        return Loader.named(name).maxWait(WAIT).batchTimeout(TIMEOUT).build((List<Integer> keys) -> source.get(keys));
    }

    @AfterEach
    void close() {
        goOn.countDown();
        assertThat(Thread.interrupted()).isFalse();
        assertThat(scope.loader(source.loader("afterwards")).load(-1)).isEqualTo(Result.ok("v-1"));
        scope.close();
        alone.close();
        threads.close();
    }

    private void advanceUntilDone(Future<?> future) {
        Threads.until(() -> {
            time.advance(Duration.ofMillis(1));
            return future.isDone();
        });
    }

    /* ---- foreign waits ---- */

    @Test
    void load_anotherTaskWaitsForSomethingForeign_isLoadedWithinMaxWait() throws Exception {
        var loader = scope.loader(numbers);
        var stuck = scope.fork(() -> {
            Threads.await(goOn);
            return loader.load(2);
        });
        var waiting = scope.fork(() -> loader.load(1));
        Threads.awaitBlocked(threads.last());
        time.advance(WAIT.minusNanos(1));
        assertThat(source.batches).isEmpty();
        advanceUntilDone(waiting);
        assertThat(waiting.get()).isEqualTo(Result.ok("v1"));
        assertThat(source.batches).containsExactly(List.of(1));
        goOn.countDown();
        assertThat(stuck.get()).isEqualTo(Result.ok("v2"));
    }

    @Test
    void load_taskBegins_startsTheWaitAnew() throws Exception {
        var loader = scope.loader(numbers);
        var first = scope.fork(() -> loader.load(1));
        Threads.awaitBlocked(threads.last());
        time.advance(WAIT.minusNanos(1));
        var began = new CountDownLatch(1);
        var second = scope.fork(() -> {
            began.countDown();
            Threads.await(goOn);
            return loader.load(2);
        });
        Threads.await(began);
        time.advance(WAIT.minusNanos(1));
        assertThat(source.batches).isEmpty();
        goOn.countDown();
        assertThat(second.get()).isEqualTo(Result.ok("v2"));
        assertThat(first.get()).isEqualTo(Result.ok("v1"));
        assertThat(source.batches).containsExactly(List.of(1, 2));
    }

    @Test
    void blocking_task_holdsNobodyUp() throws Exception {
        var loader = scope.loader(numbers);
        var stuck = scope.fork(() -> scope.blocking(() -> {
            Threads.await(goOn);
            return "done";
        }));
        var waiting = scope.fork(() -> loader.load(1));
        assertThat(waiting.get()).isEqualTo(Result.ok("v1"));
        assertThat(stuck).isNotDone();
        goOn.countDown();
        assertThat(stuck.get()).isEqualTo("done");
    }

    @Test
    void blocking_threadThatOpenedTheScope_letsTasksLoadOnTheirOwn() throws Exception {
        var loader = scope.loader(numbers);
        String seen = scope.blocking(() -> {
            var task = scope.fork(() -> loader.load(1));
            Threads.until(task::isDone);
            return "seen";
        });
        assertThat(seen).isEqualTo("seen");
        assertThat(source.threads).isNotEmpty().doesNotContain(Thread.currentThread());
    }

    @Test
    void blocking_loadInIt_isLoadedAndTheThreadCountsAfterwards() {
        var loader = alone.loader(numbers);
        assertThat(alone.blocking(() -> alone.blocking(() -> loader.load(1)))).isEqualTo(Result.ok("v1"));
        var other = threads.start(() -> loader.load(2));
        Threads.awaitBlocked(threads.last()); // this thread counts, and runs
        assertThat(source.batches).containsExactly(List.of(1));
        assertThat(loader.load(3)).isEqualTo(Result.ok("v3"));
        Threads.until(other::isDone);
        assertThat(source.batches).containsExactly(List.of(1), List.of(2, 3));
    }

    @Test
    void blocking_throws_countsAgain() {
        var loader = alone.loader(numbers);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> alone.blocking(() -> {
                    throw new IllegalStateException("foreign");
                }));
        var other = threads.start(() -> loader.load(2));
        Threads.awaitBlocked(threads.last());
        assertThat(source.batches).isEmpty();
        advanceUntilDone(other);
    }

    @Test
    void load_threadThatDoesNotCount_isLoadedWithinMaxWait() throws Exception {
        var loader = alone.loader(numbers);
        var stranger = threads.start(() -> loader.load(1));
        Threads.awaitBlocked(threads.last());
        time.advance(WAIT.minusNanos(1));
        assertThat(source.batches).isEmpty();
        advanceUntilDone(stranger);
        assertThat(stranger.get()).isEqualTo(Result.ok("v1"));
        assertThat(source.threads).containsExactly(threads.last());
    }

    @Test
    void load_threadThatDoesNotCount_joinsTheBatchOfOthers() throws Exception {
        var loader = alone.loader(numbers);
        var stranger = threads.start(() -> loader.load(1));
        Threads.awaitBlocked(threads.last());
        assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
        assertThat(stranger.get()).isEqualTo(Result.ok("v1"));
        assertThat(source.batches).containsExactly(List.of(1, 2));
    }

    @Test
    void loadAsync_nobodyWaitsAndNoExecutor_isRunByAThreadOfItsOwn() {
        var loader = alone.loader(numbers);
        var future = loader.loadAsync(1);
        advanceUntilDone(future);
        assertThat(future).isCompletedWithValue(Result.ok("v1"));
        assertThat(source.threads).singleElement().satisfies(thread -> {
            assertThat(thread.isDaemon()).isTrue();
            assertThat(thread.getName()).isEqualTo("underpin-batch");
        });
    }

    @Test
    void loadAsync_oneOfManyExpectedKeys_isLoadedThoughNobodyBlocks() {
        var loader = alone.loader(
                Loader.named("pairs").maxBatch(2).maxWait(WAIT).build((List<Integer> keys) -> source.get(keys)));
        var future = loader.expect(List.of(1, 2)).loadAsync(1);
        advanceUntilDone(future);
        assertThat(source.batches).containsExactly(List.of(1, 2));
    }

    @Test
    void loadAsync_nobodyWaitsAndAnotherLoaderIsSlow_doesNotWaitForThat() throws Exception {
        var began = new CountDownLatch(1);
        var slow = alone.loader(Loader.named("slow").build((List<Integer> keys) -> {
            began.countDown();
            Threads.await(goOn);
            return source.get(keys);
        }));
        var slowly = threads.start(() -> slow.load(1));
        Threads.until(() -> {
            time.advance(Duration.ofMillis(1)); // this thread does not wait
            return began.getCount() == 0;
        });
        var future = alone.loader(numbers).loadAsync(2);
        Duration spent = Duration.ZERO;
        while (!future.isDone() && spent.compareTo(Duration.ofSeconds(1)) < 0) {
            time.advance(WAIT);
            spent = spent.plus(WAIT);
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
        assertThat(future).isCompletedWithValue(Result.ok("v2"));
        assertThat(slowly).isNotDone();
        goOn.countDown();
        assertThat(slowly.get()).isEqualTo(Result.ok("v1"));
    }

    @Test
    void loadAsync_nobodyWaitsAndAnExecutor_isRunByIt() {
        var future = scope.loader(numbers).loadAsync(1);
        advanceUntilDone(future);
        assertThat(source.threads).containsExactly(threads.last());
    }

    @Test
    void load_slowLoaderBeside_doesNotHoldUpTheNextLevel() throws Exception {
        var slow = Loader.named("slow").build((List<Integer> keys) -> {
            Threads.await(goOn);
            return source.get(keys);
        });
        var slowly = scope.loader(slow);
        var loader = scope.loader(numbers);
        var held = scope.fork(() -> slowly.load(1));
        var quick = scope.fork(() -> {
            for (int key = 10; key < 14; key++) {
                assertThat(loader.load(key)).isEqualTo(Result.ok("v" + key));
            }
            goOn.countDown(); // what held it up would hang here
            return "quick";
        });
        assertThat(held.get()).isEqualTo(Result.ok("v1"));
        assertThat(quick.get()).isEqualTo("quick");
    }

    /* ---- limited waits ---- */

    @Test
    void load_timeIsOver_endsOnlyThisWaitAndLaterOnesJoin() throws Exception {
        var began = new CountDownLatch(1);
        var slow = Loader.named("slow").build((List<Integer> keys) -> {
            began.countDown();
            Threads.await(goOn);
            return source.get(keys);
        });
        var loader = scope.loader(slow);
        var future = loader.loadAsync(1);
        scope.flush();
        Threads.await(began);
        var limited = threads.start(() -> loader.load(1, Duration.ofMillis(100)));
        var patient = threads.start(() -> loader.load(1, Duration.ofMillis(200)));
        threads.started.subList(1, 3).forEach(Threads::awaitBlocked);
        time.advance(Duration.ofMillis(100));
        assertFailed(limited.get(), BatchingErrors.LOAD_TIMEOUT);
        var later = loader.loadAsync(1);
        goOn.countDown();
        assertThat(List.of(future.join(), later.join(), patient.get())).containsOnly(Result.ok("v1"));
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void load_timeIsOverInItsOwnBatch_interruptsItAndNobodyElseFails() throws Exception {
        var began = new CountDownLatch(1);
        var calls = new AtomicInteger();
        var loader = alone.loader(Loader.named("slow").maxWait(WAIT).build((List<Integer> keys) -> {
            if (calls.incrementAndGet() == 1) {
                began.countDown();
                sleepInterrupted();
            }
            return source.get(keys);
        }));
        var limited = threads.start(() -> loader.load(1, Duration.ofMillis(100)));
        Threads.awaitBlocked(threads.last());
        Threads.until(() -> {
            time.advance(Duration.ofMillis(1)); // a time less than the limit
            return began.getCount() == 0;
        });
        var other = threads.start(() -> loader.load(1));
        Threads.awaitBlocked(threads.last());
        time.advance(Duration.ofMillis(100));
        assertFailed(limited.get(), BatchingErrors.LOAD_TIMEOUT);
        assertThat(other.get()).isEqualTo(Result.ok("v1"));
        assertThat(calls).hasValue(2);
    }

    @Test
    void load_timeIsOverInItsOwnBatch_leavesNoInterrupt() throws Exception {
        var began = new CountDownLatch(1);
        var loader = alone.loader(Loader.named("slow").maxWait(WAIT).build((List<Integer> keys) -> {
            began.countDown();
            sleepInterrupted();
            return source.get(keys);
        }));
        var limited = threads.start(() -> {
            var result = loader.load(1, Duration.ofMillis(100));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            return result;
        });
        Threads.awaitBlocked(threads.last());
        advanceUntilDone(limited);
        assertFailed(limited.get(), BatchingErrors.LOAD_TIMEOUT);
    }

    @Test
    void load_timeIsOverWhileQueued_isNotLoaded() throws Exception {
        var loader = alone.loader(numbers);
        var limited = threads.start(() -> loader.load(1, Duration.ofMillis(1)));
        Threads.awaitBlocked(threads.last());
        time.advance(Duration.ofMillis(1));
        assertFailed(limited.get(), BatchingErrors.LOAD_TIMEOUT);
        assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
        assertThat(source.batches).containsExactly(List.of(2));
    }

    @Test
    void load_limitedWaitWithExecutor_isRatherNotGivenTheBatch() throws Exception {
        var loader = scope.loader(numbers);
        var limited = scope.fork(() -> loader.load(1, Duration.ofMinutes(1)));
        assertThat(limited.get(1, TimeUnit.MINUTES)).isEqualTo(Result.ok("v1"));
        assertThat(source.threads).singleElement().isNotIn(Thread.currentThread(), threads.started.get(0));
    }

    @Test
    void load_limitedWaitThatOnlyItCanServe_isGivenTheBatch() throws Exception {
        var began = new CountDownLatch(1);
        var full = LoadScope.builder()
                .time(time)
                .executor(task -> {
                    throw new java.util.concurrent.RejectedExecutionException("full");
                })
                .open();
        var slow = full.loader(Loader.named("slow").maxBatch(1).maxWait(WAIT).build((List<Integer> keys) -> {
            began.countDown();
            Threads.await(goOn);
            return source.get(keys);
        }));
        var loader = full.loader(
                Loader.named("quick").maxBatch(1).maxWait(WAIT).build((List<Integer> keys) -> source.get(keys)));
        var running = threads.start(() -> slow.load(1));
        Threads.await(began);
        var limited = threads.start(() -> loader.load(2, Duration.ofDays(1)));
        advanceUntilDone(limited);
        assertThat(limited.get()).isEqualTo(Result.ok("v2"));
        goOn.countDown();
        assertThat(running.get()).isEqualTo(Result.ok("v1"));
        full.close();
    }

    @Test
    void load_hit_needsNoTime() {
        var loader = alone.loader(numbers);
        assertThat(loader.load(1, Duration.ZERO)).isEqualTo(Result.ok("v1"));
        assertThat(loader.load(1, Duration.ZERO)).isEqualTo(Result.ok("v1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> loader.load(1, Duration.ofNanos(-1)))
                .withMessage("maxWait must not be negative: PT-0.000000001S");
    }

    @Test
    void get_taskTakesTooLong_throwsAndGoesOn() throws Exception {
        var task = scope.fork(() -> {
            Threads.await(goOn);
            return "late";
        });
        var waiting = threads.start(() -> task.get(1, TimeUnit.SECONDS));
        Threads.awaitBlocked(threads.last());
        time.advance(Duration.ofSeconds(1));
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(waiting::get)
                .withCauseInstanceOf(TimeoutException.class);
        goOn.countDown();
        assertThat(task.get(Long.MAX_VALUE, TimeUnit.DAYS)).isEqualTo("late");
    }

    /* ---- batches that take too long ---- */

    @Test
    void batchTimeout_functionDoesNotReturn_failsAllKeysAndInterruptsIt() throws Exception {
        var began = new CountDownLatch(1);
        var calls = new AtomicInteger();
        var loader = alone.loader(Loader.named("stuck").batchTimeout(TIMEOUT).build((List<Integer> keys) -> {
            if (calls.incrementAndGet() == 1) {
                began.countDown();
                sleepInterrupted();
            }
            return source.get(keys);
        }));
        var future = loader.loadAsync(1);
        var waiting = threads.start(() -> loader.load(2));
        Threads.awaitBlocked(threads.last());
        var running = threads.start(() -> {
            alone.flush();
            return Thread.currentThread().isInterrupted();
        });
        Threads.await(began);
        time.advance(TIMEOUT.minusNanos(1));
        assertThat(waiting).isNotDone();
        time.advance(Duration.ofNanos(1));
        DomainError error = error(waiting.get());
        assertThat(error.code()).isEqualTo(BatchingErrors.BATCH_TIMEOUT);
        assertThat(((LoadError) error).keys()).isEqualTo(List.of(1, 2));
        assertThat(((LoadError) error).waiting()).containsExactly("task-0");
        assertFailed(future.join(), BatchingErrors.BATCH_TIMEOUT);
        assertThat(running.get()).isFalse();
        assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
    }

    @Test
    void batchTimeout_functionDoesNotListen_isNotWaitedFor() throws Exception {
        var began = new CountDownLatch(1);
        var calls = new AtomicInteger();
        var loader = scope.loader(Loader.named("deaf").batchTimeout(TIMEOUT).build((List<Integer> keys) -> {
            if (calls.incrementAndGet() == 1) {
                began.countDown();
                Threads.until(() -> goOn.getCount() == 0, true);
            }
            return Result.ok(Map.of(1, "call " + calls.get()));
        }));
        var future = loader.loadAsync(1);
        scope.flush();
        Threads.await(began);
        time.advance(TIMEOUT);
        assertFailed(future.get(), BatchingErrors.BATCH_TIMEOUT);
        assertThat(loader.load(1)).isEqualTo(Result.ok("call 2"));
        goOn.countDown();
        Threads.until(() -> !threads.started.get(0).isAlive());
        assertThat(loader.load(1)).isEqualTo(Result.ok("call 2"));
    }

    @Test
    void batchTimeout_nobodyComesToRunIt_failsToo() {
        var bound =
                LoadScope.builder().time(time).bind(String.class, "connection").open();
        var future = bound.loader(numbers).loadAsync(1);
        time.advance(WAIT);
        time.advance(TIMEOUT);
        assertThat(source.batches).isEmpty();
        advanceUntilDone(future);
        assertFailed(future.join(), BatchingErrors.BATCH_TIMEOUT);
        bound.close();
    }

    @Test
    void batchTimeout_batchesTakeTurns_eachHasItsTime() throws Exception {
        var turns = new java.util.concurrent.Semaphore(0);
        var began = new java.util.concurrent.Semaphore(0);
        var loader = scope.loader(Loader.named("turns")
                .maxBatch(1)
                .maxInFlight(1)
                .batchTimeout(TIMEOUT)
                .build((List<Integer> keys) -> {
                    began.release();
                    turns.acquireUninterruptibly();
                    return source.get(keys);
                }));
        var futures = List.of(loader.loadAsync(1), loader.loadAsync(2), loader.loadAsync(3));
        for (var future : futures) {
            began.acquire();
            time.advance(TIMEOUT.minusMillis(100));
            turns.release();
            Threads.until(future::isDone);
            assertThat(future).isCompletedWithValueMatching(Result::isOk);
        }
    }

    /* ---- interrupts ---- */

    @Test
    void load_interruptedBefore_failsAtOnceAndQueuesNothing() {
        var loader = alone.loader(numbers);
        Thread.currentThread().interrupt();
        assertFailed(loader.load(1), BatchingErrors.LOAD_INTERRUPTED);
        assertFailed(loader.loadAll(List.of(1, 2)).get(2), BatchingErrors.LOAD_INTERRUPTED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(source.batches).isEmpty();
        assertThat(loader.load(2)).isEqualTo(Result.ok("v2"));
        assertThat(source.batches).containsExactly(List.of(2));
    }

    @Test
    void load_interruptedWhileItWaits_endsOnlyThisWait() throws Exception {
        var loader = alone.loader(numbers);
        var future = loader.loadAsync(1);
        var interrupted = threads.start(() -> {
            var result = loader.load(1);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            return result;
        });
        Threads.awaitBlocked(threads.last());
        threads.last().interrupt();
        assertFailed(interrupted.get(), BatchingErrors.LOAD_INTERRUPTED);
        assertThat(future.join()).isEqualTo(Result.ok("v1"));
    }

    @Test
    void loadAll_interruptedWhileItWaits_dropsItsKeys() throws Exception {
        var loader = alone.loader(numbers);
        var interrupted = threads.start(() -> loader.loadAll(List.of(1, 2, 3)));
        Threads.awaitBlocked(threads.last());
        var kept = loader.loadAsync(2);
        threads.last().interrupt();
        assertThat(interrupted.get())
                .hasSize(3)
                .allSatisfy((key, result) -> assertFailed(result, BatchingErrors.LOAD_INTERRUPTED));
        assertThat(kept.join()).isEqualTo(Result.ok("v2"));
        assertThat(source.batches).containsExactly(List.of(2));
    }

    @Test
    void loadAll_interruptedBetweenItsKeys_losesNoKeyOfOthers() throws Exception {
        record Trap(int id, boolean springs) {
            @Override
            public int hashCode() {
                return 1;
            }

            @Override
            public boolean equals(Object other) {
                if (springs) {
                    Thread.currentThread().interrupt();
                }
                return other instanceof Trap trap && trap.id == id;
            }
        }
        var loader = alone.loader(Loader.named("traps").build((List<Trap> keys) -> source.get(keys)));
        var first = loader.loadAsync(new Trap(1, false));
        var second = loader.loadAsync(new Trap(2, false));
        var trapped = threads.start(() -> loader.loadAll(List.of(new Trap(3, false), new Trap(4, true))));
        assertThat(trapped.get()).hasSize(2);
        var third = loader.loadAsync(new Trap(5, false));
        assertThat(List.of(
                        first.join().isOk(), second.join().isOk(), third.join().isOk()))
                .containsOnly(true);
    }

    @Test
    void get_interruptedWhileATaskRuns_throws() throws Exception {
        var task = scope.fork(() -> {
            Threads.await(goOn);
            return "late";
        });
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(task::get);
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> task.get(1, TimeUnit.DAYS));
        goOn.countDown();
        assertThat(task.get()).isEqualTo("late");
    }

    private static void sleepInterrupted() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs a batch of keys 1 and 2 on a thread that waits for 1, has another wait for 2, and interrupts the first. */
    private FutureTask<Result<String, DomainError>> interruptedInABatch(
            ScopedLoader<Integer, String> loader,
            CountDownLatch began,
            List<FutureTask<Result<String, DomainError>>> others) {
        var first = threads.start(() -> {
            var result = loader.load(1);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            return result;
        });
        Thread runner = threads.last();
        Threads.awaitBlocked(runner);
        Threads.until(() -> {
            time.advance(Duration.ofMillis(1));
            return began.getCount() == 0;
        });
        for (int i = 0; i < 2; i++) {
            others.add(threads.start(() -> loader.load(1)));
            Threads.awaitBlocked(threads.last());
        }
        runner.interrupt();
        return first;
    }

    private void assertHandedOn(BatchFunction<Integer, String> whenInterrupted) throws Exception {
        var began = new CountDownLatch(1);
        var calls = new AtomicInteger();
        var loader =
                alone.loader(Loader.named("numbers").maxWait(WAIT).buildPerKey((List<Integer> keys, LoadScope in) -> {
                    if (calls.incrementAndGet() > 1) {
                        return Map.of(1, Result.ok("again"));
                    }
                    began.countDown();
                    return whenInterrupted.load(keys, in);
                }));
        List<FutureTask<Result<String, DomainError>>> others = new java.util.ArrayList<>();
        var first = interruptedInABatch(loader, began, others);
        assertFailed(first.get(), BatchingErrors.LOAD_INTERRUPTED);
        for (var other : others) {
            assertThat(other.get()).isEqualTo(Result.ok("again"));
        }
        assertThat(calls).hasValue(2);
    }

    @Test
    void load_runnerInterruptedAndTheFunctionThrows_othersRunItAgain() throws Exception {
        assertHandedOn((keys, in) -> {
            sleepInterrupted(); // which takes the flag
            return Map.of();
        });
    }

    @Test
    void load_runnerInterruptedAndTheFunctionSaysSo_othersRunItAgain() throws Exception {
        assertHandedOn((keys, in) -> {
            Threads.until(() -> Thread.currentThread().isInterrupted(), true);
            return Map.of(
                    1,
                    Result.err(DomainError.builder(ErrorKind.CANCELLED.code()).build()));
        });
    }

    @Test
    void load_runnerInterruptedInANestedLoad_othersRunItAgain() throws Exception {
        var stuck = alone.loader(Loader.named("stuck").build((List<Integer> keys) -> {
            sleepInterrupted();
            return source.get(keys);
        }));
        assertHandedOn((keys, in) -> Map.of(1, stuck.load(7)));
    }

    @Test
    void load_interruptedInItsOwnBatchThatNobodyElseWants_isInterrupted() throws Exception {
        var began = new CountDownLatch(1);
        var loader = alone.loader(Loader.named("stuck").build((List<Integer> keys) -> {
            began.countDown();
            sleepInterrupted();
            return source.get(keys);
        }));
        Thread me = Thread.currentThread();
        var interrupter = threads.start(() -> {
            Threads.await(began);
            me.interrupt();
            return 0;
        });
        assertFailed(loader.load(1), BatchingErrors.LOAD_INTERRUPTED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(interrupter.get()).isZero();
    }

    @Test
    void load_functionSpeaksOfTheInterruptOfAnother_isAFailureAndRunsOnce() {
        var calls = new AtomicInteger();
        var loader = alone.loader(Loader.named("pooled").build((List<Integer> keys) -> {
            calls.incrementAndGet();
            throw new IllegalStateException(new ExecutionException(new InterruptedException()));
        }));
        assertFailed(loader.load(1), BatchingErrors.BATCH_FAILED);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(calls).hasValue(1);
    }

    @Test
    void load_helperInterrupted_othersRunItAgain() {
        var began = new CountDownLatch(1);
        var calls = new AtomicInteger();
        var loader = scope.loader(Loader.named("numbers").build((List<Integer> keys) -> {
            if (calls.incrementAndGet() == 1) {
                began.countDown();
                sleepInterrupted();
            }
            return source.get(keys);
        }));
        var future = loader.loadAsync(1);
        scope.flush();
        Threads.await(began);
        threads.started.get(0).interrupt();
        assertThat(future.join()).isEqualTo(Result.ok("v1"));
        assertThat(calls).hasValue(2);
    }

    @Test
    void flush_functionAlwaysSpeaksOfInterrupts_endsInAFailure() {
        var loader = alone.loader(Loader.named("numbers").maxWait(WAIT).build((List<Integer> keys) -> {
            throw new IllegalStateException(new InterruptedException());
        }));
        CompletableFuture<Result<String, DomainError>> future =
                loader.loadAsync(1).thenApply(result -> result.map(Object::toString));
        alone.flush();
        assertThat(Thread.interrupted()).isTrue();
        advanceUntilDone(future);
        assertFailed(future.join(), BatchingErrors.BATCH_FAILED);
    }
}
