package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadShedderTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger begun = new AtomicInteger();
    private final List<Work> working = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        threads.shutdownNow();
    }

    /** Work that ends when it is told to. */
    private final class Work {
        final CompletableFuture<Result<String, DomainError>> stage = new CompletableFuture<>();

        CompletableFuture<Result<String, DomainError>> begin() {
            begun.incrementAndGet();
            working.add(this);
            return stage;
        }
    }

    private LoadShedder.Builder shedder() {
        return LoadShedder.named("api").time(time).executor(Runnable::run);
    }

    private Deadline in(Duration total) {
        return Deadline.after(total, time);
    }

    private CompletableFuture<Result<String, DomainError>> later(LoadShedder shedder, Duration deadline) {
        return shedder.callAsync(in(deadline), () -> new Work().begin());
    }

    private void end(int work) {
        working.get(work).stage.complete(Result.ok("done"));
    }

    private static ErrorCode code(Result<?, DomainError> result) {
        return ((Result.Err<?, DomainError>) result).error().code();
    }

    /* ---- on this thread ---- */

    @Test
    void call_aPlace_isTheAnswerOfTheWork() {
        LoadShedder shedder = shedder().build();
        Result<String, DomainError> failure =
                Result.err(ErrorKind.NOT_FOUND.code().error());

        assertThat(shedder.<String>call(in(SECOND), () -> {
                    assertThat(shedder.inFlight()).isEqualTo(1);
                    return Result.ok("yes");
                }))
                .isEqualTo(Result.ok("yes"));
        assertThat(shedder.<String>call(in(SECOND), () -> failure)).isSameAs(failure);
        assertThat(shedder.inFlight()).isZero();
        assertThat(time.pending()).isZero();
    }

    @Test
    void call_theDeadlineHasPassed_isNotBegun() {
        LoadShedder shedder = shedder().build();
        Deadline deadline = in(SECOND);
        time.advance(SECOND);

        Result<String, DomainError> answer = shedder.call(deadline, () -> {
            throw new AssertionError();
        });

        assertThat(code(answer)).isEqualTo(ResilienceErrors.DEADLINE_EXCEEDED);
    }

    @Test
    void call_noPlaceAndNoQueue_isShedAtOnce() {
        LoadShedder shedder = shedder().maxConcurrent(1).maxQueued(0, SECOND).build();

        Result<String, DomainError> answer = shedder.call(in(SECOND), () -> {
            Result<String, DomainError> inner = shedder.call(in(SECOND), () -> {
                throw new AssertionError();
            });
            assertThat(code(inner)).isEqualTo(ResilienceErrors.LOAD_SHED);
            return Result.ok("outer");
        });

        assertThat(answer).isEqualTo(Result.ok("outer"));
    }

    @Test
    void call_theWorkThrows_givesThePlaceBack() {
        LoadShedder shedder = shedder().maxConcurrent(1).build();

        for (Throwable thrown : List.of(new IllegalStateException("x"), new StackOverflowError())) {
            assertThatThrownBy(() -> shedder.<String>call(in(SECOND), () -> sneak(thrown)))
                    .isSameAs(thrown);
            assertThat(shedder.inFlight()).isZero();
        }
        assertThatThrownBy(() -> shedder.<String>call(in(SECOND), () -> null)).isInstanceOf(NullPointerException.class);
        assertThat(shedder.inFlight()).isZero();
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> Result<String, DomainError> sneak(Throwable thrown) throws X {
        throw (X) thrown;
    }

    @Test
    void call_interruptedWhileItWaits_isCancelledAndTheFlagStays() throws Exception {
        LoadShedder shedder = shedder().maxConcurrent(1).build();
        CompletableFuture<Result<String, DomainError>> first = later(shedder, SECOND);

        Future<Boolean> flag = threads.submit(() -> {
            Thread.currentThread().interrupt();
            Result<String, DomainError> answer = shedder.call(in(SECOND), () -> Result.ok("no"));
            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_CANCELLED);
            return Thread.currentThread().isInterrupted();
        });

        assertThat(flag.get(30, TimeUnit.SECONDS)).isTrue();
        end(0);
        assertThat(first).isCompletedWithValue(Result.ok("done"));
        assertThat(shedder.inFlight()).isZero();
        assertThat(time.pending()).isZero();
    }

    @Test
    void call_byManyThreads_neverMoreThanItsPlaces() throws Exception {
        LoadShedder shedder = LoadShedder.named("api")
                .maxConcurrent(2)
                .maxQueued(100, Duration.ofSeconds(60))
                .build();
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var start = new CountDownLatch(1);
        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            results.add(threads.submit(() -> {
                start.await();
                int done = 0;
                for (int n = 0; n < 500; n++) {
                    Deadline deadline = Deadline.after(Duration.ofSeconds(60), TimeSource.system());
                    Result<Integer, DomainError> answer = shedder.call(deadline, () -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        Thread.onSpinWait();
                        inside.decrementAndGet();
                        return Result.ok(1);
                    });
                    done += answer.orElse(0);
                }
                return done;
            }));
        }
        start.countDown();
        int done = 0;
        for (Future<Integer> result : results) {
            done += result.get(60, TimeUnit.SECONDS);
        }
        assertThat(done).isEqualTo(3_000);
        assertThat(most.get()).isBetween(1, 2);
        assertThat(shedder.inFlight()).isZero();
    }

    /* ---- later ---- */

    @Test
    void callAsync_aPlace_beginsOnThisThread() {
        LoadShedder shedder = shedder()
                .executor(task -> {
                    throw new AssertionError();
                })
                .build();

        CompletableFuture<Result<String, DomainError>> answer = later(shedder, SECOND);

        assertThat(begun).hasValue(1);
        assertThat(answer).isNotDone();
        end(0);
        assertThat(answer).isCompletedWithValue(Result.ok("done"));
        assertThat(shedder.inFlight()).isZero();
    }

    @Test
    void callAsync_noPlace_waitsInOrder() {
        LoadShedder shedder = shedder().maxConcurrent(1).maxQueued(2, SECOND).build();
        var first = later(shedder, SECOND);
        var second = later(shedder, SECOND);
        var third = later(shedder, SECOND);
        var fourth = later(shedder, SECOND);

        assertThat(fourth.join()).satisfies(answer -> assertThat(code(answer)).isEqualTo(ResilienceErrors.LOAD_SHED));
        end(0);
        assertThat(first).isDone();
        assertThat(begun).hasValue(2);
        end(1);
        assertThat(second).isDone();
        assertThat(third).isNotDone();
        end(2);
        assertThat(third).isCompletedWithValue(Result.ok("done"));
        assertThat(time.pending()).isZero();
    }

    @Test
    void callAsync_theDeadlinePassesInTheQueue_isDroppedAndNeverBegun() {
        LoadShedder shedder =
                shedder().maxConcurrent(1).maxQueued(9, Duration.ofSeconds(9)).build();
        var first = later(shedder, Duration.ofSeconds(9));
        var second = later(shedder, SECOND);
        var third = later(shedder, SECOND.plusNanos(1));

        time.advance(SECOND);

        assertThat(code(second.join())).isEqualTo(ResilienceErrors.DEADLINE_EXCEEDED);
        assertThat(third).isNotDone();
        end(0);
        assertThat(first).isDone();
        assertThat(begun).hasValue(2);
        end(1);
        assertThat(third).isCompletedWithValue(Result.ok("done"));
    }

    @Test
    void callAsync_theLongestWaitPassesBeforeTheDeadline_isShed() {
        LoadShedder shedder = shedder().maxConcurrent(1).maxQueued(9, SECOND).build();
        var first = later(shedder, Duration.ofSeconds(9));
        var second = later(shedder, Duration.ofSeconds(9));

        time.advance(SECOND);

        assertThat(code(second.join())).isEqualTo(ResilienceErrors.LOAD_SHED);
        end(0);
        assertThat(first).isDone();
        assertThat(begun).hasValue(1);
    }

    @Test
    void callAsync_theDeadlinePassesBeforeTheExecutorComesToIt_isNotBegun() {
        Queue<Runnable> handed = new ArrayDeque<>();
        LoadShedder shedder = shedder().maxConcurrent(1).executor(handed::add).build();
        var first = later(shedder, SECOND);
        var second = later(shedder, SECOND);
        end(0);
        assertThat(first).isDone();
        assertThat(shedder.inFlight()).as("its place is kept for it").isEqualTo(1);

        time.advance(SECOND);
        handed.remove().run();

        assertThat(code(second.join())).isEqualTo(ResilienceErrors.DEADLINE_EXCEEDED);
        assertThat(begun).hasValue(1);
        assertThat(shedder.inFlight()).isZero();
    }

    @Test
    void callAsync_theCallerGivesUpInTheQueue_leavesIt() {
        LoadShedder shedder = shedder().maxConcurrent(1).build();
        var first = later(shedder, SECOND);
        var second = later(shedder, SECOND);
        var third = later(shedder, SECOND);

        assertThat(second.cancel(true)).isTrue();
        end(0);

        assertThat(first).isDone();
        assertThat(begun).hasValue(2);
        end(1);
        assertThat(third).isCompletedWithValue(Result.ok("done"));
        assertThat(shedder.inFlight()).isZero();
        assertThat(time.pending()).isZero();
    }

    @Test
    void callAsync_theCallerGivesUpWhileItRuns_keepsThePlaceUntilTheWorkEnds() {
        LoadShedder shedder = shedder().maxConcurrent(1).build();
        var first = later(shedder, SECOND);

        assertThat(first.cancel(true)).isTrue();

        assertThat(shedder.inFlight()).isEqualTo(1);
        end(0);
        assertThat(shedder.inFlight()).isZero();
    }

    @Test
    void callAsync_theWorkFails_completesWithThatAndGivesThePlaceBack() {
        LoadShedder shedder = shedder().maxConcurrent(1).build();
        var thrown = new IllegalStateException("x");

        CompletableFuture<Result<String, DomainError>> atOnce = shedder.callAsync(in(SECOND), () -> {
            throw thrown;
        });
        CompletableFuture<Result<String, DomainError>> afterwards = later(shedder, SECOND);
        working.get(0).stage.completeExceptionally(thrown);
        CompletableFuture<Result<String, DomainError>> error = shedder.callAsync(in(SECOND), () -> {
            throw new StackOverflowError();
        });

        assertThatThrownBy(atOnce::join).hasCause(thrown);
        assertThatThrownBy(afterwards::join).hasCause(thrown);
        assertThatThrownBy(error::join).hasCauseInstanceOf(StackOverflowError.class);
        assertThat(shedder.inFlight()).isZero();
    }

    @Test
    void callAsync_theWorkReturnsOrCompletesWithNull_completes() {
        LoadShedder shedder = shedder().build();

        CompletableFuture<Result<String, DomainError>> noStage = shedder.callAsync(in(SECOND), () -> null);
        CompletableFuture<Result<String, DomainError>> noAnswer =
                shedder.callAsync(in(SECOND), () -> CompletableFuture.completedFuture(null));

        assertThatThrownBy(noStage::join).hasCauseInstanceOf(NullPointerException.class);
        assertThatThrownBy(noAnswer::join).hasCauseInstanceOf(NullPointerException.class);
        assertThat(shedder.inFlight()).isZero();
    }

    @Test
    void callAsync_theExecutorIsShutDown_isCancelledAndThePlaceGivenBack() {
        LoadShedder shedder = shedder()
                .maxConcurrent(1)
                .executor(task -> {
                    throw new RejectedExecutionException();
                })
                .build();
        var first = later(shedder, SECOND);
        var second = later(shedder, SECOND);

        end(0);

        assertThat(first).isDone();
        assertThat(code(second.join())).isEqualTo(ResilienceErrors.CALL_CANCELLED);
        assertThat(shedder.inFlight()).isZero();
    }

    /* ---- refusals and configuration ---- */

    @Test
    void aRefusal_saysNothingOfADependencyAndNamesWhoRefused() {
        LoadShedder shedder = shedder().maxConcurrent(1).maxQueued(0, SECOND).build();
        var first = later(shedder, SECOND);

        DomainError error =
                ((Result.Err<String, DomainError>) later(shedder, SECOND).join()).error();

        assertThat(first).isNotDone();
        assertThat(error.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(error.args()).containsEntry("name", "api");
        assertThat(Outcome.of(error)).isEqualTo(Outcome.IGNORE);
    }

    @Test
    void standard_isSixtyFourAtOnceAndSixtyFourThatWaitASecond() {
        LoadShedder shedder = shedder().build();
        List<CompletableFuture<Result<String, DomainError>>> all = new ArrayList<>();
        for (int i = 0; i < 129; i++) {
            all.add(later(shedder, Duration.ofSeconds(9)));
        }

        assertThat(begun).hasValue(64);
        assertThat(all.get(128)).isDone();
        assertThat(all.get(127)).isNotDone();
        time.advance(SECOND);
        assertThat(all.get(127)).isDone();
        assertThat(all.get(63)).isNotDone();
    }

    @Test
    void aValueThatCannotBe_isRefusedByName() {
        assertThatThrownBy(() -> LoadShedder.named("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> shedder().maxConcurrent(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("requests must be at least 1: 0");
        assertThatThrownBy(() -> shedder().maxQueued(-1, SECOND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("requests must be at least 0: -1");
        assertThatThrownBy(() -> shedder().maxQueued(1, SECOND.negated()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxWait must not be negative: PT-1S");
    }

    /** Holds the only place until the returned future is completed. */
    private static CompletableFuture<Result<String, DomainError>> occupied(LoadShedder shedder, Deadline deadline) {
        var work = new CompletableFuture<Result<String, DomainError>>();
        var unused = shedder.<String>callAsync(deadline, () -> work);
        return work;
    }

    @Test
    void callAsync_executorOutOfThreads_refusesAndKeepsThePlace() {
        LoadShedder shedder = shedder()
                .maxConcurrent(1)
                .maxQueued(1, SECOND)
                .executor(task -> {
                    throw new OutOfMemoryError("unable to create native thread");
                })
                .build();
        var work = occupied(shedder, in(SECOND));
        CompletableFuture<Result<String, DomainError>> waiting = later(shedder, SECOND);

        assertThat(work.complete(Result.ok("yes"))).isTrue();

        assertThat(waiting).isCompleted();
        assertThat(waiting.join().isOk()).isFalse();
        assertThat(shedder.inFlight()).isZero();
    }

    @Test
    void callAsync_executorThatLosesTasks_endsAtTheDeadline() {
        LoadShedder shedder = shedder()
                .maxConcurrent(1)
                .maxQueued(1, SECOND)
                .executor(task -> {})
                .build();
        var work = occupied(shedder, in(SECOND));
        CompletableFuture<Result<String, DomainError>> waiting = later(shedder, SECOND);
        assertThat(work.complete(Result.ok("yes"))).isTrue();
        assertThat(waiting).isNotDone();

        time.advance(SECOND);

        assertThat(waiting.join().fold(value -> null, DomainError::code)).isEqualTo(ResilienceErrors.DEADLINE_EXCEEDED);
        assertThat(shedder.inFlight()).isZero();
    }

    @Test
    void callAsync_waitedTooLong_isToldOnTheExecutorAndNotByTheTimer() {
        Queue<Runnable> tasks = new ArrayDeque<>();
        LoadShedder shedder = shedder()
                .maxConcurrent(1)
                .maxQueued(1, SECOND)
                .executor(tasks::add)
                .build();
        var work = occupied(shedder, in(SECOND.multipliedBy(9)));
        CompletableFuture<Result<String, DomainError>> waiting = later(shedder, SECOND.multipliedBy(9));

        time.advance(SECOND);

        assertThat(waiting).isNotDone();
        tasks.remove().run();
        assertThat(waiting.join().fold(value -> null, DomainError::code)).isEqualTo(ResilienceErrors.LOAD_SHED);
        assertThat(work.complete(Result.ok("yes"))).isTrue();
    }
}
