package dev.underpin.resilience;

import static dev.underpin.resilience.PipelineState.Breaker.CLOSED;
import static dev.underpin.resilience.PipelineState.Breaker.HALF_OPEN;
import static dev.underpin.resilience.PipelineState.Breaker.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asynchronous calls, on virtual time unless said otherwise; the executor is the thread that moves the time. */
@Timeout(60)
class AsyncPipelineTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final BreakerPolicy OPENS_AT_ONCE = BreakerPolicy.standard().failureRate(0.5, 1, 1);
    private static final RandomGenerator HIGHEST = () -> -1L;

    private final VirtualTime time = new VirtualTime();
    private final HeardCalls heard = new HeardCalls();
    private final AtomicInteger calls = new AtomicInteger();
    private final CompletableFuture<Result<String, DomainError>> never = new CompletableFuture<>();

    @AfterEach
    void endsWithoutAnInterruptAndWithoutATask() {
        assertThat(Thread.interrupted()).as("flag left behind").isFalse();
        assertThat(time.pending()).as("tasks left behind").isZero();
    }

    private Pipeline.Builder pipeline() {
        return Pipeline.named("risk").time(time).listener(heard).executor(Runnable::run);
    }

    private CompletableFuture<Result<String, DomainError>> ok() {
        calls.incrementAndGet();
        return CompletableFuture.completedFuture(Result.ok("yes"));
    }

    private CompletableFuture<Result<String, DomainError>> fail(ErrorKind kind) {
        calls.incrementAndGet();
        return CompletableFuture.completedFuture(Result.err(kind.code().error()));
    }

    private CompletableFuture<Result<String, DomainError>> failWith(Throwable thrown) {
        calls.incrementAndGet();
        return CompletableFuture.failedFuture(thrown);
    }

    private CompletableFuture<Result<String, DomainError>> pending() {
        calls.incrementAndGet();
        return never;
    }

    private static CompletableFuture<Result<String, DomainError>> call(
            Pipeline pipeline,
            Function<Attempt, ? extends CompletionStage<? extends Result<String, DomainError>>> body) {
        return pipeline.callAsync(Call.once(), body);
    }

    private static DomainError error(CompletableFuture<Result<String, DomainError>> answer) {
        assertThat(answer).isCompleted();
        Result<String, DomainError> result = answer.join();
        assertThat(result.isOk()).as("%s", result).isFalse();
        return Pipeline.errorOf(result);
    }

    private static ErrorCode code(CompletableFuture<Result<String, DomainError>> answer) {
        return error(answer).code();
    }

    private void open(Pipeline pipeline) {
        var unused = call(pipeline, attempt -> fail(ErrorKind.INTERNAL));
        assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
        calls.set(0);
        heard.calls.clear();
    }

    @Nested
    class Answers {
        @Test
        void callAsync_secondAttemptSucceeds_completes() {
            var answer =
                    call(pipeline().build(), attempt -> attempt.number() == 1 ? fail(ErrorKind.UNAVAILABLE) : ok());
            assertThat(answer).isNotDone();

            time.advance(SECOND);

            assertThat(answer).isCompletedWithValue(Result.ok("yes"));
        }

        @Test
        void callAsync_twoFailuresThenOk_isHeardAndPaidAsABlockingOne() {
            Pipeline pipeline = pipeline().random(HIGHEST).build();

            var unused = call(pipeline, attempt -> attempt.number() < 3 ? fail(ErrorKind.UNAVAILABLE) : ok());
            time.advance(SECOND);

            assertThat(heard.delays).containsExactly(49_999_999L, 99_999_999L);
            assertThat(pipeline.state().budget()).isEqualTo(486);
            assertThat(heard.call()).isEqualTo(new HeardCalls.Ended(3, 149_999_998L, StopReason.SUCCESS, null));
        }

        @Test
        void callAsync_everyAttemptFails_completesWithTheLastErrorItself() {
            List<DomainError> errors = new ArrayList<>();

            var answer = call(pipeline().build(), attempt -> {
                errors.add(ErrorKind.UNAVAILABLE.code().error());
                return CompletableFuture.completedFuture(Result.err(errors.get(errors.size() - 1)));
            });
            time.advance(SECOND);

            assertThat(errors).hasSize(3);
            assertThat(error(answer)).isSameAs(errors.get(2));
            assertThat(heard.call())
                    .matches(call -> call.attempts() == 3 && call.stopped() == StopReason.ATTEMPTS, "three attempts");
        }

        @Test
        void callAsync_notFound_isMadeOnce() {
            var answer = pipeline().build().callAsync(Call.idempotent(), attempt -> fail(ErrorKind.NOT_FOUND));

            assertThat(answer).isCompleted();
            assertThat(calls).hasValue(1);
        }

        @Test
        void callAsync_stageIsComplete_schedulesNothing() {
            var counting = new CountingTime(time);

            var unused = call(pipeline().time(counting).build(), attempt -> ok());

            assertThat(counting.scheduled).hasValue(0);
        }

        @Test
        void callAsync_switchedOff_callsOnceAndTranslates() {
            Pipeline pipeline = pipeline().enabled(false).build();

            var refused =
                    pipeline.<String>callAsync(Call.idempotent(), attempt -> failWith(new ConnectException("refused")));
            var succeeded = call(pipeline, attempt -> ok());
            var nothing = call(pipeline, attempt -> null);
            var thrown = call(pipeline, attempt -> {
                throw new IllegalStateException("a bug");
            });

            assertThat(error(refused).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(succeeded).isCompletedWithValue(Result.ok("yes"));
            assertThat(code(nothing)).isEqualTo(ResilienceErrors.CALL_FAILED);
            assertThat(code(thrown)).isEqualTo(ResilienceErrors.CALL_FAILED);
            assertThat(calls).hasValue(2);
            assertThat(heard.calls).hasSize(4).allMatch(call -> call.attempts() == 1);
        }

        @Test
        void callAsync_switchedOffAndCancelled_cancelsTheStage() {
            var answer = call(pipeline().enabled(false).build(), attempt -> pending());

            assertThat(answer.cancel(true)).isTrue();

            assertThat(never).isCancelled();
            assertThat(heard.call().stopped()).isEqualTo(StopReason.CANCELLED);
        }

        /** resilience4j reaches a StackOverflowError where stages are complete at once. */
        @Test
        void callAsync_twentyThousandAttemptsWithoutADelay_doNotOverflow() {
            Pipeline pipeline = pipeline()
                    .breaker(BreakerPolicy.none())
                    .budget(RetryBudget.tokens(20_000, 1, 1))
                    .retry(RetryPolicy.standard().attempts(20_000).backoff(Duration.ZERO, Duration.ZERO))
                    .build();

            var answer = call(pipeline, attempt -> attempt.number() < 20_000 ? fail(ErrorKind.UNAVAILABLE) : ok());
            time.advance(Duration.ZERO);

            assertThat(answer).isCompletedWithValue(Result.ok("yes"));
            assertThat(calls).hasValue(20_000);
        }

        @Test
        void callAsync_retryAfterOfADay_endsAtOnce() {
            var answer = call(
                    pipeline().build(),
                    attempt -> CompletableFuture.completedFuture(
                            Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code())
                                    .retryAfter(Duration.ofDays(1))
                                    .build())));

            assertThat(error(answer).retryAfter()).contains(Duration.ofDays(1));
            assertThat(heard.call().stopped()).isEqualTo(StopReason.RETRY_AFTER);
        }

        @Test
        void callAsync_deadlineHasPassed_isNotMade() {
            var answer = pipeline()
                    .build()
                    .<String>callAsync(Call.once().within(Deadline.after(Duration.ZERO, time)), attempt -> ok());

            assertThat(code(answer)).isEqualTo(ResilienceErrors.DEADLINE_EXCEEDED);
            assertThat(calls).hasValue(0);
        }

        @Test
        void callAsync_budgetIsEmpty_endsAtOnce() {
            Pipeline pipeline = pipeline().budget(RetryBudget.tokens(14, 14, 5)).build();

            var unused = call(pipeline, attempt -> fail(ErrorKind.UNAVAILABLE));
            time.advance(SECOND);

            assertThat(calls).hasValue(2);
            assertThat(heard.call().stopped()).isEqualTo(StopReason.BUDGET);
        }
    }

    /** failsafe#268, and traps 2 and 7: blocking and asynchronous calls see the same breaker. */
    @Nested
    class WithABreaker {
        @Test
        void callAsync_circuitOpen_isRefusedOnceWithoutACall() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();
            open(pipeline);

            var answer = pipeline.<String>callAsync(Call.idempotent(), attempt -> ok());

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CIRCUIT_OPEN);
            assertThat(calls).hasValue(0);
            assertThat(heard.rejections).containsExactly("CIRCUIT_OPEN");
            assertThat(heard.call())
                    .matches(call -> call.attempts() == 0 && call.stopped() == StopReason.REJECTED, "refused");
        }

        @Test
        void callAsync_opensBetweenTwoAttempts_completesWithTheErrorOfTheDependency() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();

            var answer = call(pipeline, attempt -> fail(ErrorKind.UNAVAILABLE));
            time.advance(SECOND);

            assertThat(error(answer)).isNotInstanceOf(Rejection.class);
            assertThat(heard.call())
                    .matches(call -> call.attempts() == 1 && call.stopped() == StopReason.REJECTED, "one attempt");
        }

        @Test
        void callAsync_quotaUsedUp_isRefusedAndTheProbeIsBack() {
            Pipeline pipeline = halfOpen(pipeline().rateLimit(2, Duration.ofMinutes(1)));
            assertThat(call(pipeline, attempt -> fail(ErrorKind.CANCELLED))).isCompleted();

            for (int i = 0; i < 5; i++) {
                assertThat(code(call(pipeline, attempt -> ok()))).isEqualTo(ResilienceErrors.RATE_LIMITED);
            }
            assertThat(pipeline.state().breaker()).isEqualTo(HALF_OPEN);
        }

        @Test
        void callAsync_probeIsCancelled_isBack() {
            Pipeline pipeline = halfOpen(pipeline());
            var probe = call(pipeline, attempt -> pending());
            assertThat(code(call(pipeline, attempt -> ok()))).isEqualTo(ResilienceErrors.CIRCUIT_OPEN);

            probe.cancel(true);

            assertThat(call(pipeline, attempt -> ok())).isCompletedWithValue(Result.ok("yes"));
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void callAsync_probeFailsWithAnError_opensAgainAndRecovers(boolean synchronously) {
            Pipeline pipeline = halfOpen(pipeline());

            var probe = call(pipeline, attempt -> {
                if (synchronously) {
                    throw new StackOverflowError();
                }
                return failWith(new StackOverflowError());
            });

            assertThatThrownBy(probe::join).hasCauseInstanceOf(StackOverflowError.class);
            assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
            time.advance(Duration.ofMinutes(2));
            assertThat(call(pipeline, attempt -> ok()).join().isOk()).isTrue();
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        /** A pipeline with one probe to give. */
        private Pipeline halfOpen(Pipeline.Builder builder) {
            Pipeline pipeline = builder.breaker(OPENS_AT_ONCE.probes(1)).build();
            open(pipeline);
            time.advance(Duration.ofSeconds(8));
            heard.rejections.clear();
            return pipeline;
        }
    }

    @Nested
    class Scenario18Cancel {
        private void assertGivenUp(
                Pipeline pipeline, CompletableFuture<Result<String, DomainError>> answer, int attempts) {
            assertThat(time.pending()).isZero();
            assertThat(pipeline.state().inFlight()).isLessThanOrEqualTo(0);
            time.advance(Duration.ofMinutes(1));
            assertThat(calls).hasValue(attempts);
            assertThat(heard.call().stopped()).isEqualTo(StopReason.CANCELLED);
            assertThat(heard.call().attempts()).isEqualTo(attempts);
            assertThat(heard.call().error()).isEqualTo("CALL_CANCELLED");
            assertThat(answer).isDone();
        }

        /** Trap 16: no call follows a cancel. */
        @Test
        void cancel_attemptIsRunning_cancelsItsStage() {
            Pipeline pipeline =
                    pipeline().breaker(OPENS_AT_ONCE).maxConcurrent(1, SECOND).build();
            var answer = pipeline.<String>callAsync(Call.idempotent(), attempt -> pending());

            assertThat(answer.cancel(true)).isTrue();

            assertThat(never).isCancelled();
            assertGivenUp(pipeline, answer, 1);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void complete_attemptIsRunning_cancelsItsStage() {
            Pipeline pipeline = pipeline().maxConcurrent(1, SECOND).build();
            var answer = pipeline.<String>callAsync(Call.idempotent(), attempt -> pending());

            assertThat(answer.complete(Result.ok("from outside"))).isTrue();

            assertThat(never).isCancelled();
            assertThat(answer).isCompletedWithValue(Result.ok("from outside"));
            assertGivenUp(pipeline, answer, 1);
        }

        @Test
        void cancel_duringTheDelay_removesTheTimer() {
            Pipeline pipeline = pipeline().maxConcurrent(1, SECOND).build();
            var answer = call(pipeline, attempt -> fail(ErrorKind.UNAVAILABLE));
            assertThat(time.pending()).isEqualTo(1);

            answer.cancel(true);

            assertGivenUp(pipeline, answer, 1);
        }

        @Test
        void complete_duringTheDelay_removesTheTimer() {
            Pipeline pipeline = pipeline().build();
            var answer = call(pipeline, attempt -> fail(ErrorKind.UNAVAILABLE));

            answer.completeExceptionally(new IllegalStateException("enough"));

            assertGivenUp(pipeline, answer, 1);
        }

        @Test
        void cancel_whileItWaitsForAPlace_leavesTheQueue() {
            Pipeline pipeline =
                    pipeline().breaker(OPENS_AT_ONCE).maxConcurrent(1, SECOND).build();
            var holder = call(pipeline, attempt -> never);
            var waiting = call(pipeline, attempt -> ok());

            waiting.cancel(true);

            assertThat(heard.call()).matches(call -> call.attempts() == 0 && call.stopped() == StopReason.CANCELLED);
            never.complete(Result.ok("held"));
            assertThat(holder).isCompletedWithValue(Result.ok("held"));
            assertThat(calls).hasValue(0);
            assertThat(pipeline.state().inFlight()).isZero();
        }

        @Test
        void cancel_placeIsThereButTheExecutorIsBusy_givesItBackAtOnce() {
            var queue = new ArrayDeque<Runnable>();
            Pipeline pipeline =
                    pipeline().executor(queue::add).maxConcurrent(1, SECOND).build();
            var holder = call(pipeline, attempt -> never);
            var waiting = call(pipeline, attempt -> ok());
            never.complete(Result.ok("held"));
            assertThat(queue).hasSize(1);
            assertThat(pipeline.state().inFlight()).isEqualTo(1);

            waiting.cancel(true);

            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(time.pending()).isZero();
            queue.remove().run();
            assertThat(calls).hasValue(0);
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(holder).isCompleted();
        }

        @Test
        void cancel_retryIsDueButTheExecutorIsBusy_isNotMade() {
            var queue = new ArrayDeque<Runnable>();
            Pipeline pipeline = pipeline().executor(queue::add).build();
            var answer = call(pipeline, attempt -> fail(ErrorKind.UNAVAILABLE));
            time.advance(SECOND);
            assertThat(queue).hasSize(1);

            answer.cancel(true);
            queue.remove().run();

            assertGivenUp(pipeline, answer, 1);
        }

        @Test
        void cancel_answerIsThere_changesNothing() {
            var answer = call(pipeline().build(), attempt -> ok());

            assertThat(answer.cancel(true)).isFalse();

            assertThat(heard.call().stopped()).isEqualTo(StopReason.SUCCESS);
            assertThat(answer).isCompletedWithValue(Result.ok("yes"));
        }

        @Test
        void cancel_fromWithinTheBody_cancelsWhatItStarts() {
            AtomicReference<CompletableFuture<Result<String, DomainError>>> promise = new AtomicReference<>();
            Pipeline pipeline = pipeline().maxConcurrent(1, SECOND).build();

            var answer = call(pipeline, attempt -> {
                if (attempt.number() == 1) {
                    return fail(ErrorKind.UNAVAILABLE);
                }
                promise.get().cancel(true);
                return pending();
            });
            promise.set(answer);
            time.advance(SECOND);

            assertThat(never).isCancelled();
            assertGivenUp(pipeline, answer, 2);
        }
    }

    /** resilience4j#1718, #2198: whatever a body or its stage does, the promise completes. */
    @Nested
    class Scenario19PromiseCompletes {
        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void callAsync_bodyThrows_completes(int when) {
            var answer = call(pipeline().build(), attempt -> {
                if (attempt.number() == when) {
                    throw new IllegalStateException("a bug");
                }
                return fail(ErrorKind.UNAVAILABLE);
            });
            time.advance(SECOND);

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_FAILED);
            assertThat(heard.call().attempts()).isEqualTo(when);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void callAsync_bodyReturnsNull_completes(int when) {
            var answer =
                    call(pipeline().build(), attempt -> attempt.number() == when ? null : fail(ErrorKind.UNAVAILABLE));
            time.advance(SECOND);

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_FAILED);
            assertThat(heard.call().attempts()).isEqualTo(when);
        }

        /** resilience4j#480. */
        @Test
        void callAsync_stageCompletesWithNull_completes() {
            var answer = call(pipeline().build(), attempt -> CompletableFuture.completedFuture(null));

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_FAILED);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void callAsync_stageFailsWithAnError_completesWithIt(int when) {
            var bug = new AssertionError("a bug");
            Pipeline pipeline = pipeline().maxConcurrent(1, SECOND).build();

            var answer = call(
                    pipeline,
                    attempt -> attempt.number() == when
                            ? failWith(new CompletionException(bug))
                            : fail(ErrorKind.UNAVAILABLE));
            time.advance(SECOND);

            assertThatThrownBy(answer::join).hasCause(bug);
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(heard.call()).matches(call -> call.attempts() == when && "CALL_FAILED".equals(call.error()));
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void callAsync_bodyThrowsAnError_completesWithIt(int when) {
            var bug = new AssertionError("a bug");
            Pipeline pipeline = pipeline().maxConcurrent(1, SECOND).build();

            var answer = call(pipeline, attempt -> {
                if (attempt.number() == when) {
                    throw bug;
                }
                return fail(ErrorKind.UNAVAILABLE);
            });
            time.advance(SECOND);

            assertThatThrownBy(answer::join).hasCause(bug);
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(heard.call().attempts()).isEqualTo(when);
        }

        /** It must not fly through the thread that left the place, whose own promise would then stay open. */
        @Test
        void callAsync_bodyOfWhoWaitedThrowsAnError_theOtherCallCompletesToo() {
            Pipeline pipeline = pipeline().maxConcurrent(1, SECOND).build();
            var first = call(pipeline, attempt -> never);
            var second = call(pipeline, attempt -> {
                throw new AssertionError("a bug");
            });

            never.complete(Result.ok("yes"));

            assertThat(first).isCompletedWithValue(Result.ok("yes"));
            assertThat(second).isCompletedExceptionally();
            assertThat(pipeline.state().inFlight()).isZero();
        }

        @Test
        void callAsync_throwableThatIsNeither_completesWithIt() {
            var odd = new Throwable("neither");

            var answer = call(pipeline().build(), attempt -> failWith(odd));

            assertThatThrownBy(answer::join).hasCause(odd);
        }

        /** Trap 18 of wrappers: one without a cause is not unwrapped to null. */
        @Test
        void callAsync_wrapperWithoutACause_isTheCause() {
            var empty = new CompletionException("empty", null);

            var answer = call(pipeline().build(), attempt -> failWith(empty));

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_FAILED);
            assertThat(error(answer).cause()).containsSame(empty);
        }

        @Test
        void callAsync_stageIsCancelledByOthers_isACancellation() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();
            var answer = pipeline.<String>callAsync(Call.idempotent(), attempt -> pending());

            never.cancel(true);

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_CANCELLED);
            assertThat(calls).hasValue(1);
            assertThat(heard.call().stopped()).isEqualTo(StopReason.CANCELLED);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void callAsync_bodyThrowsAnUndeclaredInterrupt_keepsTheFlag() {
            var answer = call(pipeline().build(), attempt -> {
                throw AsyncPipelineTest.<RuntimeException>sneaky(new InterruptedException());
            });

            assertThat(Thread.interrupted()).isTrue();
            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_CANCELLED);
        }

        @Test
        void callAsync_exceptionInAWrapper_isWhatItIs() {
            var answer = pipeline()
                    .retry(RetryPolicy.none())
                    .build()
                    .<String>callAsync(
                            Call.once(),
                            attempt -> failWith(
                                    new CompletionException(new ExecutionException(new ConnectException("refused")))));

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(error(answer).cause()).get().isInstanceOf(ConnectException.class);
        }

        @Test
        void callAsync_stageRefusesACallback_completesAndLeaves() {
            Pipeline pipeline = pipeline().maxConcurrent(1, SECOND).build();

            var answer = call(pipeline, attempt -> new CompletableFuture<Result<String, DomainError>>() {
                @Override
                public CompletableFuture<Result<String, DomainError>> whenComplete(
                        BiConsumer<? super Result<String, DomainError>, ? super Throwable> action) {
                    throw new UnsupportedOperationException("no callbacks");
                }
            });

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_FAILED);
            assertThat(pipeline.state().inFlight()).isZero();
        }

        @Test
        void callAsync_stageCallsBackTwice_leavesOnePlaceAndCompletesOnce() {
            Pipeline pipeline = pipeline().maxConcurrent(2, SECOND).build();
            var holder = call(pipeline, attempt -> never);

            var answer = call(pipeline, attempt -> new CompletableFuture<Result<String, DomainError>>() {
                @Override
                public CompletableFuture<Result<String, DomainError>> whenComplete(
                        BiConsumer<? super Result<String, DomainError>, ? super Throwable> action) {
                    action.accept(Result.ok("one"), null);
                    action.accept(Result.ok("two"), null);
                    return this;
                }
            });

            assertThat(answer).isCompletedWithValue(Result.ok("one"));
            assertThat(pipeline.state().inFlight()).isEqualTo(1);
            assertThat(holder.cancel(true)).isTrue();
        }

        /** An error whose own methods throw is a bug; it must not leave a promise behind. */
        @Test
        void callAsync_errorThrowsWhenItIsAsked_completes() {
            DomainError hostile = new DomainError() {
                @Override
                public ErrorCode code() {
                    return ErrorKind.UNAVAILABLE.code();
                }

                @Override
                public Optional<Duration> retryAfter() {
                    throw new IllegalStateException("hostile");
                }
            };
            Pipeline pipeline = pipeline().maxConcurrent(1, SECOND).build();

            var answer = call(pipeline, attempt -> CompletableFuture.completedFuture(Result.err(hostile)));

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_FAILED);
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(heard.calls).hasSize(1);
        }
    }

    /** Trap 14, in callbacks. */
    @Nested
    class Scenario20HostileListener {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void callAsync_everyMethodThrows_completes(boolean anError) {
            var thrower = new PipelineListener() {
                private void fail() {
                    if (anError) {
                        throw new AssertionError("a bug");
                    }
                    throw new IllegalStateException("a bug");
                }

                @Override
                public void onCall(
                        String pipeline, int attempts, long nanos, StopReason stopped, @Nullable ErrorCode error) {
                    fail();
                }

                @Override
                public void onRetry(String pipeline, int attempt, long delayNanos, ErrorCode error) {
                    fail();
                }

                @Override
                public void onRejected(String pipeline, ErrorCode reason) {
                    fail();
                }

                @Override
                public void onBreaker(String pipeline, PipelineState.Breaker from, PipelineState.Breaker to) {
                    fail();
                }
            };
            Pipeline pipeline = pipeline()
                    .listener(thrower)
                    .breaker(BreakerPolicy.standard().failureRate(0.5, 2, 2))
                    .build();

            var answer = call(pipeline, attempt -> fail(ErrorKind.UNAVAILABLE));
            time.advance(SECOND);

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            // two retries, the opening, the refusal of the third attempt, the call
            assertThat(pipeline.state().listenerErrors()).isEqualTo(5);
            assertThat(calls).hasValue(2);
        }
    }

    @Nested
    class Scenario21AttemptTimeout {
        @Test
        void callAsync_stageNeverCompletes_timesOutAndIsCancelled() {
            Pipeline pipeline = pipeline()
                    .breaker(OPENS_AT_ONCE)
                    .attemptTimeout(Duration.ofMillis(50))
                    .maxConcurrent(1, Duration.ZERO)
                    .build();
            var answer = call(pipeline, attempt -> pending());

            time.advance(Duration.ofMillis(50));

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(never).isCancelled();
            assertThat(calls).hasValue(1);
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
            assertThat(heard.call())
                    .isEqualTo(new HeardCalls.Ended(1, 50_000_000L, StopReason.NOT_RETRYABLE, "ATTEMPT_TIMEOUT"));
        }

        @Test
        void callAsync_idempotentAndTimedOut_isRepeated() {
            Pipeline pipeline = pipeline().attemptTimeout(Duration.ofMillis(50)).build();

            var answer =
                    pipeline.<String>callAsync(Call.idempotent(), attempt -> attempt.number() == 1 ? pending() : ok());
            time.advance(SECOND);

            assertThat(answer).isCompletedWithValue(Result.ok("yes"));
        }

        @Test
        void callAsync_lateAnswer_changesNothing() {
            Pipeline pipeline = pipeline().attemptTimeout(SECOND).build();
            var stage = new CompletableFuture<Result<String, DomainError>>();
            var answer = call(pipeline, attempt -> stage.minimalCompletionStage());
            time.advance(SECOND);
            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);

            stage.complete(Result.ok("late"));

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(heard.calls).hasSize(1);
        }

        @Test
        void callAsync_stageIsNoFuture_timesOutAllTheSame() {
            Pipeline pipeline = pipeline().attemptTimeout(SECOND).build();
            var stage = new CompletableFuture<Result<String, DomainError>>() {
                @Override
                public CompletableFuture<Result<String, DomainError>> toCompletableFuture() {
                    throw new UnsupportedOperationException("no future");
                }
            };
            var answer = call(pipeline, attempt -> stage);

            time.advance(SECOND);

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
        }

        /** A deadline of the caller that leaves little says nothing of the dependency. */
        @Test
        void callAsync_cutAfterAFractionOfItsTime_saysNothingToTheBreaker() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();
            var answer = pipeline.<String>callAsync(
                    Call.once().within(Deadline.after(Duration.ofMillis(100), time)), attempt -> pending());

            time.advance(SECOND);

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(heard.call().nanos()).isEqualTo(100_000_000L);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }
    }

    @Nested
    class Scenario22WorkThatGoesOn {
        @Test
        void callAsync_timedOutWorkGoesOn_keepsItsPlaces() {
            Pipeline pipeline = pipeline()
                    .attemptTimeout(SECOND)
                    .maxConcurrent(2, Duration.ZERO)
                    .build();
            List<CompletableFuture<Result<String, DomainError>>> work = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                var unused = call(pipeline, attempt -> {
                    work.add(new CompletableFuture<>());
                    return work.get(work.size() - 1).minimalCompletionStage();
                });
            }
            time.advance(Duration.ofSeconds(2));
            assertThat(heard.calls).hasSize(2);

            assertThat(code(call(pipeline, attempt -> ok()))).isEqualTo(ResilienceErrors.BULKHEAD_FULL);
            assertThat(pipeline.state().inFlight()).isEqualTo(2);
            work.get(0).complete(Result.ok("late"));
            assertThat(call(pipeline, attempt -> ok())).isCompletedWithValue(Result.ok("yes"));
            work.get(1).complete(Result.ok("late"));
            assertThat(pipeline.state().inFlight()).isZero();
        }

        @Test
        void cancel_workGoesOn_keepsItsPlace() {
            Pipeline pipeline = pipeline().maxConcurrent(1, Duration.ZERO).build();
            var answer = call(pipeline, attempt -> never.minimalCompletionStage());

            answer.cancel(true);

            assertThat(pipeline.state().inFlight()).isEqualTo(1);
            never.complete(Result.ok("late"));
            assertThat(pipeline.state().inFlight()).isZero();
        }
    }

    @Nested
    class Places {
        private final Pipeline.Builder one = pipeline().maxConcurrent(1, SECOND);

        /** failsafe#365: who waits for a place gets it. */
        @Test
        void callAsync_placesComeFree_areTakenInTheOrderOfArrival() {
            Pipeline pipeline = one.build();
            List<Integer> order = new ArrayList<>();
            var holder = call(pipeline, attempt -> never);
            List<CompletableFuture<Result<String, DomainError>>> waiting = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                int mine = i;
                waiting.add(call(pipeline, attempt -> {
                    order.add(mine);
                    return ok();
                }));
            }

            never.complete(Result.ok("held"));

            assertThat(holder).isCompleted();
            assertThat(order).containsExactly(0, 1, 2, 3, 4);
            assertThat(waiting).allMatch(CompletableFuture::isDone);
            assertThat(pipeline.state().inFlight()).isZero();
        }

        @Test
        void callAsync_noPlaceInTime_isRefusedAndNotCounted() {
            Pipeline pipeline = one.breaker(OPENS_AT_ONCE).build();
            var holder = call(pipeline, attempt -> never);
            var waiting = call(pipeline, attempt -> ok());

            time.advance(SECOND);

            assertThat(code(waiting)).isEqualTo(ResilienceErrors.BULKHEAD_FULL);
            assertThat(heard.rejections).containsExactly("BULKHEAD_FULL");
            assertThat(calls).hasValue(0);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
            assertThat(holder.cancel(true)).isTrue();
            assertThat(pipeline.state().inFlight()).isZero();
        }

        @Test
        void callAsync_mayNotWait_isRefusedAtOnce() {
            Pipeline pipeline = pipeline().maxConcurrent(1, Duration.ZERO).build();
            var holder = call(pipeline, attempt -> never);

            assertThat(code(call(pipeline, attempt -> ok()))).isEqualTo(ResilienceErrors.BULKHEAD_FULL);

            assertThat(holder.cancel(true)).isTrue();
        }

        @Test
        void callAsync_deadlinePassesOnTheWayToTheExecutor_isNotMade() {
            var queue = new ArrayDeque<Runnable>();
            Pipeline pipeline = one.deadline(SECOND).executor(queue::add).build();
            var holder = call(pipeline, attempt -> never.minimalCompletionStage());
            time.advance(Duration.ofMillis(500));
            var waiting = call(pipeline, attempt -> ok());
            never.complete(Result.ok("held"));

            time.advance(SECOND);

            assertThat(code(waiting)).isEqualTo(ResilienceErrors.DEADLINE_EXCEEDED);
            assertThat(pipeline.state().inFlight()).isZero();
            queue.forEach(Runnable::run);
            assertThat(calls).hasValue(0);
            assertThat(holder).isCompleted();
        }
    }

    @Nested
    class ExecutorsOfOthers {
        private final Executor refusing = task -> {
            throw new RejectedExecutionException("shut down");
        };

        @Test
        void callAsync_retryIsRefused_completesWithTheLastError() {
            var answer = call(pipeline().executor(refusing).build(), attempt -> fail(ErrorKind.UNAVAILABLE));

            time.advance(SECOND);

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(error(answer)).isNotInstanceOf(Rejection.class);
            assertThat(heard.call())
                    .matches(call -> call.attempts() == 1 && call.stopped() == StopReason.CANCELLED, "cancelled");
        }

        @Test
        void callAsync_turnIsRefused_completesAndGivesEverythingBack() {
            Pipeline pipeline = pipeline()
                    .executor(refusing)
                    .breaker(OPENS_AT_ONCE)
                    .maxConcurrent(1, SECOND)
                    .build();
            var holder = call(pipeline, attempt -> never);
            var waiting = call(pipeline, attempt -> ok());

            never.complete(Result.ok("held"));

            assertThat(holder).isCompletedWithValue(Result.ok("held"));
            assertThat(code(waiting)).isEqualTo(ResilienceErrors.CALL_CANCELLED);
            assertThat(calls).hasValue(0);
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void callAsync_executorRunsOutOfThreads_completes() {
            var answer = call(
                    pipeline()
                            .executor(task -> {
                                throw new OutOfMemoryError("unable to create native thread");
                            })
                            .build(),
                    attempt -> fail(ErrorKind.UNAVAILABLE));

            time.advance(SECOND);

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        }

        @Test
        void callAsync_timeoutIsRefused_completes() {
            var answer =
                    call(pipeline().executor(refusing).attemptTimeout(SECOND).build(), attempt -> pending());

            time.advance(SECOND);

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(never).isCancelled();
        }

        @Test
        void callAsync_executorLosesItsTasks_completesAtTheDeadline() {
            Pipeline pipeline = pipeline().executor(task -> {}).build();
            var answer = call(pipeline, attempt -> fail(ErrorKind.UNAVAILABLE));

            time.advance(Duration.ofMillis(4_999));
            assertThat(answer).isNotDone();
            time.advance(Duration.ofMillis(1));

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(heard.call().stopped()).isEqualTo(StopReason.DEADLINE);
        }

        @Test
        void callAsync_executorLosesATimeout_completesSoonAfter() {
            var answer =
                    call(pipeline().executor(task -> {}).attemptTimeout(SECOND).build(), attempt -> pending());

            time.advance(Duration.ofMillis(1_100));

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
        }

        @Test
        void callAsync_executorRunsTheTaskAndThrows_runsItOnce() {
            var answer = call(
                    pipeline()
                            .executor(task -> {
                                task.run();
                                throw new RejectedExecutionException("after all");
                            })
                            .build(),
                    attempt -> attempt.number() == 1 ? fail(ErrorKind.UNAVAILABLE) : ok());

            time.advance(SECOND);

            assertThat(answer).isCompletedWithValue(Result.ok("yes"));
            assertThat(calls).hasValue(2);
        }

        /** Trap 6: one timer serves all pipelines, so what waits for an answer must not run on it. On real time. */
        @Test
        void callAsync_timesOutOnRealTime_isToldOnTheExecutor() throws Exception {
            ExecutorService executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
            try {
                Pipeline pipeline = pipeline()
                        .time(TimeSource.system())
                        .executor(executor)
                        .attemptTimeout(Duration.ofMillis(200))
                        .maxConcurrent(1, Duration.ofMillis(20))
                        .build();
                var timedOut = call(pipeline, attempt -> never)
                        .thenApply(result -> Thread.currentThread().getName());
                var refused = call(pipeline, attempt -> ok())
                        .thenApply(result -> Thread.currentThread().getName());

                assertThat(refused.get(30, TimeUnit.SECONDS)).isEqualTo("mine");
                assertThat(timedOut.get(30, TimeUnit.SECONDS)).isEqualTo("mine");
            } finally {
                executor.shutdownNow();
            }
        }
    }

    @Test
    void callAsync_ioExceptionOfACallThatMayNotBeRepeated_isMadeOnce() {
        var answer = call(pipeline().build(), attempt -> failWith(new IOException("reset")));

        assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(calls).hasValue(1);
    }

    @Test
    void join_cancelled_tellsItAsAFutureDoes() {
        var answer = call(pipeline().build(), attempt -> pending());

        answer.cancel(false);

        assertThatThrownBy(answer::join).isInstanceOf(CancellationException.class);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // how a checked exception gets past the compiler
    private static <X extends Throwable> X sneaky(Throwable thrown) throws X {
        throw (X) thrown;
    }

    /** Counts what is scheduled. */
    private static final class CountingTime implements TimeSource {
        private final VirtualTime time;
        private final AtomicInteger scheduled = new AtomicInteger();

        CountingTime(VirtualTime time) {
            this.time = time;
        }

        @Override
        public java.time.Instant instant() {
            return time.instant();
        }

        @Override
        public long nanoTime() {
            return time.nanoTime();
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            time.sleep(duration);
        }

        @Override
        public java.util.concurrent.Future<?> schedule(Duration delay, Runnable task) {
            scheduled.incrementAndGet();
            return time.schedule(delay, task);
        }
    }

    /** A connection pool that has none left, a name that is not resolved: the caller's promise does not wait for it. */
    @Test
    void callAsync_repeatedBodyBlocks_endsAtTheDeadline() throws Exception {
        var blocked = new java.util.concurrent.CountDownLatch(1);
        var release = new java.util.concurrent.CountDownLatch(1);
        ExecutorService two = Executors.newFixedThreadPool(2);
        try {
            Pipeline pipeline = Pipeline.named("risk")
                    .deadline(Duration.ofSeconds(1))
                    .retry(RetryPolicy.standard().backoff(Duration.ZERO, Duration.ZERO))
                    .executor(two)
                    .time(time)
                    .build();
            CompletableFuture<Result<String, DomainError>> answer = pipeline.callAsync(Call.once(), attempt -> {
                if (attempt.number() > 1) {
                    blocked.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return CompletableFuture.completedFuture(
                        Result.err(ErrorKind.UNAVAILABLE.code().error()));
            });
            time.advance(Duration.ZERO);
            blocked.await();

            time.advance(Duration.ofSeconds(1));

            assertThat(answer.get(10, TimeUnit.SECONDS).fold(value -> null, DomainError::code))
                    .isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
        } finally {
            release.countDown();
            two.shutdown();
        }
    }
}
