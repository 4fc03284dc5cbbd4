package dev.underpin.resilience;

import static dev.underpin.resilience.PipelineState.Breaker.CLOSED;
import static dev.underpin.resilience.PipelineState.Breaker.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Blocking calls, on virtual time unless a thread must really be interrupted. */
@Timeout(60)
class PipelineTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final BreakerPolicy OPENS_AT_ONCE = BreakerPolicy.standard().failureRate(0.5, 1, 1);

    /** Draws the end of every range, so that a delay is its limit, less a nanosecond. */
    private static final RandomGenerator HIGHEST = () -> -1L;

    private final VirtualTime time = new VirtualTime();
    private final HeardCalls heard = new HeardCalls();
    private final AtomicInteger calls = new AtomicInteger();

    @AfterEach
    void endsWithoutAnInterrupt() {
        assertThat(Thread.interrupted()).as("flag left behind").isFalse();
    }

    private Pipeline.Builder pipeline() {
        return Pipeline.named("risk").time(time).listener(heard);
    }

    private static DomainError unavailable() {
        return ErrorKind.UNAVAILABLE.code().error();
    }

    private Result<String, DomainError> ok() {
        calls.incrementAndGet();
        return Result.ok("yes");
    }

    private Result<String, DomainError> fail(ErrorKind kind) {
        calls.incrementAndGet();
        return Result.err(kind.code().error());
    }

    private static DomainError error(Result<?, DomainError> answer) {
        assertThat(answer.isOk()).as("%s", answer).isFalse();
        return Pipeline.errorOf(answer);
    }

    private static ErrorCode code(Result<?, DomainError> answer) {
        return error(answer).code();
    }

    private long elapsed(Runnable work) {
        long start = time.nanoTime();
        work.run();
        return time.nanoTime() - start;
    }

    /** Opens the breaker of a pipeline whose breaker does so at once, with one call. */
    private void open(Pipeline pipeline) {
        var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.INTERNAL));
        assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
        calls.set(0);
        heard.calls.clear();
    }

    @Nested
    class Answers {
        @Test
        void call_thirdAttemptSucceeds_returnsIt() {
            List<Integer> numbers = new ArrayList<>();

            Result<String, DomainError> answer = pipeline().build().call(Call.once(), attempt -> {
                numbers.add(attempt.number());
                return numbers.size() < 3 ? Result.err(unavailable()) : Result.ok("yes");
            });

            assertThat(answer).isEqualTo(Result.ok("yes"));
            assertThat(numbers).containsExactly(1, 2, 3);
        }

        @Test
        void call_valueOfUnit_isAnAnswer() {
            assertThat(pipeline()
                            .build()
                            .call(Call.once(), attempt -> Result.ok())
                            .isOk())
                    .isTrue();
        }

        /** resilience4j#480: null is a bug of the body, told as such and not repeated. */
        @Test
        void call_bodyReturnsNull_failsOnce() {
            Pipeline pipeline = pipeline().build();

            Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> {
                calls.incrementAndGet();
                return null;
            });

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_FAILED);
            assertThat(error(answer).cause()).get().isInstanceOf(NullPointerException.class);
            assertThat(calls).hasValue(1);
        }

        @Test
        void call_switchedOff_callsOnceAndTranslates() {
            Pipeline pipeline = pipeline().enabled(false).breaker(OPENS_AT_ONCE).build();

            for (int i = 0; i < 3; i++) {
                Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> {
                    calls.incrementAndGet();
                    throw new ConnectException("refused");
                });
                assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            }

            assertThat(calls).hasValue(3);
            assertThat(heard.calls).hasSize(3).allMatch(call -> call.attempts() == 1);
            assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.OFF);
        }

        @Test
        void call_switchedOffAndBodyReturnsNull_fails() {
            Result<String, DomainError> answer =
                    pipeline().enabled(false).build().call(Call.once(), attempt -> null);

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_FAILED);
        }

        @Test
        void call_switchedOffAndInterrupted_keepsTheFlag() {
            Result<String, DomainError> answer = pipeline()
                    .enabled(false)
                    .build()
                    .call(Call.once(), attempt -> {
                        throw new InterruptedException();
                    });

            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_CANCELLED);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Nested
    class Scenario01AnswersThatAreErrors {
        @Test
        void call_notFoundAThousandTimes_staysClosedAndRepeatsNothing() {
            Pipeline pipeline = pipeline().build();

            for (int i = 0; i < 1_000; i++) {
                var unused = pipeline.call(Call.idempotent(), attempt -> fail(ErrorKind.NOT_FOUND));
            }

            assertThat(calls).hasValue(1_000);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
            assertThat(heard.delays).isEmpty();
            assertThat(heard.calls).allMatch(call -> call.stopped() == StopReason.NOT_RETRYABLE);
        }
    }

    @Nested
    class Scenario02OpenCircuit {
        @Test
        void call_hundredFailures_opensAndRefusesWithoutACall() {
            Pipeline pipeline = pipeline()
                    .retry(RetryPolicy.none())
                    .breaker(BreakerPolicy.standard().failureRate(0.5, 100, 100))
                    .build();
            for (int i = 0; i < 100; i++) {
                assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
                var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));
            }
            heard.calls.clear();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> ok());

            assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
            assertThat(calls).hasValue(100);
            DomainError error = error(answer);
            assertThat(error.is(ResilienceErrors.CIRCUIT_OPEN)).isTrue();
            assertThat(error.retryAfter())
                    .get()
                    .satisfies(wait -> assertThat(wait).isBetween(Duration.ofMillis(2_500), Duration.ofMillis(7_500)));
            assertThat(error.args()).containsEntry("lastError", "SERVICE_UNAVAILABLE");
            assertThat(heard.call())
                    .matches(call -> call.attempts() == 0 && call.stopped() == StopReason.REJECTED, "refused");
        }

        /** Trap 10: a refusal is a value that is there already, without an exception. */
        @Test
        void call_circuitOpen_returnsTheSameValueEachTime() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();
            open(pipeline);

            Result<String, DomainError> first = pipeline.call(Call.once(), attempt -> ok());
            Result<String, DomainError> second = pipeline.call(Call.once(), attempt -> ok());

            assertThat(first).isSameAs(second);
            assertThat(error(first).cause()).isEmpty();
        }

        /** resilience4j#1653 counted a refusal twice. */
        @Test
        void call_circuitOpen_isHeardAsOneRejection() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();
            open(pipeline);

            var unused = pipeline.call(Call.idempotent(), attempt -> ok());

            assertThat(heard.rejections).containsExactly("CIRCUIT_OPEN");
            assertThat(heard.delays).isEmpty();
        }

        @Test
        void call_opensBetweenTwoAttempts_returnsTheErrorOfTheDependency() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();

            Result<String, DomainError> answer =
                    pipeline.call(Call.idempotent(), attempt -> fail(ErrorKind.UNAVAILABLE));

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(error(answer)).isNotInstanceOf(Rejection.class);
            assertThat(heard.call())
                    .matches(call -> call.attempts() == 1 && call.stopped() == StopReason.REJECTED, "one attempt");
        }

        @Test
        void call_waitIsOver_probesAndCloses() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE.probes(3)).build();
            open(pipeline);
            time.advance(Duration.ofSeconds(8));

            for (int i = 0; i < 3; i++) {
                assertThat(pipeline.call(Call.once(), attempt -> ok()).isOk()).isTrue();
            }

            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }
    }

    @Nested
    class Scenario03LocalRefusals {
        @Test
        void call_bulkheadFull_isNotInTheWindow() {
            Pipeline pipeline = pipeline()
                    .retry(RetryPolicy.none())
                    .breaker(BreakerPolicy.standard().failureRate(0.5, 100, 100))
                    .maxConcurrent(1, Duration.ZERO)
                    .build();
            for (int i = 0; i < 59; i++) {
                var unused = pipeline.call(Call.once(), attempt -> ok());
            }
            for (int i = 0; i < 40; i++) {
                var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));
            }

            var unused = pipeline.call(Call.once(), outer -> {
                for (int i = 0; i < 400; i++) {
                    Result<String, DomainError> refused = pipeline.call(Call.once(), attempt -> ok());
                    assertThat(code(refused)).isEqualTo(ResilienceErrors.BULKHEAD_FULL);
                }
                return ok();
            });

            assertThat(calls).hasValue(100);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
            // The window holds the hundred calls and nothing else: ten failures more make half of it.
            for (int i = 0; i < 10; i++) {
                assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
                var unusedToo = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));
            }
            assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
        }

        /** A probe that does not get through the inner stages is not used up. */
        @Test
        void call_probeFindsNoPlace_isBack() {
            Pipeline pipeline = pipeline()
                    .interrupting(false)
                    .breaker(OPENS_AT_ONCE.probes(1))
                    .maxConcurrent(2, Duration.ZERO)
                    .build();

            var unused = pipeline.call(Call.once(), holder -> {
                open(pipeline);
                time.advance(Duration.ofSeconds(8));
                pipeline.reconfigure(builder -> builder.maxConcurrent(1, Duration.ZERO));
                for (int i = 0; i < 5; i++) {
                    Result<String, DomainError> refused = pipeline.call(Call.once(), attempt -> ok());
                    assertThat(code(refused)).isEqualTo(ResilienceErrors.BULKHEAD_FULL);
                }
                return Result.ok("held");
            });

            assertThat(pipeline.call(Call.once(), attempt -> ok()).isOk()).isTrue();
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_probeFindsNoQuota_isBack() {
            Pipeline pipeline = pipeline()
                    .breaker(OPENS_AT_ONCE.probes(1))
                    .rateLimit(1, Duration.ofHours(1))
                    .build();
            open(pipeline);
            time.advance(Duration.ofSeconds(8));

            for (int i = 0; i < 5; i++) {
                Result<String, DomainError> refused = pipeline.call(Call.once(), attempt -> ok());
                assertThat(code(refused)).isEqualTo(ResilienceErrors.RATE_LIMITED);
            }
        }

        @Test
        void call_quotaUsedUp_isRefusedWithTheWaitAndNotCounted() {
            Pipeline pipeline =
                    pipeline().breaker(OPENS_AT_ONCE).rateLimit(2, SECOND).build();
            for (int i = 0; i < 2; i++) {
                var unused = pipeline.call(Call.once(), attempt -> ok());
            }

            Result<String, DomainError> refused = pipeline.call(Call.idempotent(), attempt -> ok());

            assertThat(code(refused)).isEqualTo(ResilienceErrors.RATE_LIMITED);
            assertThat(error(refused).retryAfter()).contains(Duration.ofMillis(500));
            assertThat(calls).hasValue(2);
            assertThat(heard.delays).isEmpty();
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }
    }

    @Nested
    class Scenario04Throttled {
        @Test
        void call_rateLimitedByTheDependency_saysNothingToTheBreaker() {
            Pipeline pipeline =
                    pipeline().retry(RetryPolicy.none()).breaker(OPENS_AT_ONCE).build();

            for (int i = 0; i < 200; i++) {
                var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.RATE_LIMITED));
            }

            assertThat(calls).hasValue(200);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_rateLimitedIsDeclaredAFailure_opens() {
            Pipeline pipeline = pipeline()
                    .retry(RetryPolicy.none())
                    .breaker(OPENS_AT_ONCE)
                    .outcome(error -> error.kind() == ErrorKind.RATE_LIMITED ? Outcome.FAILURE : Outcome.of(error))
                    .build();

            var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.RATE_LIMITED));

            assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
        }
    }

    @Nested
    class Scenario10SuccessAtTheThirdAttempt {
        @Test
        void call_twoFailuresThenOk_waitsBelowTheLimitsAndPaysOnce() {
            Pipeline pipeline = pipeline().random(HIGHEST).build();

            Result<String, DomainError> answer =
                    pipeline.call(Call.once(), attempt -> attempt.number() < 3 ? fail(ErrorKind.UNAVAILABLE) : ok());

            assertThat(answer).isEqualTo(Result.ok("yes"));
            assertThat(heard.delays).containsExactly(49_999_999L, 99_999_999L);
            // 500, less two retries at 14, and the last one given back
            assertThat(pipeline.state().budget()).isEqualTo(486);
            assertThat(heard.call()).isEqualTo(new HeardCalls.Ended(3, 149_999_998L, StopReason.SUCCESS, null));
        }

        /** Trap 11: delays come from the generator of the pipeline, in nanoseconds. */
        @Test
        void call_sameSeed_sameDelays() {
            for (int i = 0; i < 2; i++) {
                Pipeline pipeline = pipeline()
                        .random(RandomGeneratorFactory.of("L64X128MixRandom").create(7))
                        .build();
                var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));
            }

            assertThat(heard.delays).hasSize(4);
            assertThat(heard.delays.subList(0, 2)).isEqualTo(heard.delays.subList(2, 4));
            assertThat(heard.delays).anyMatch(delay -> delay % 1_000_000 != 0);
        }

        /** Trap 17: at the cap there is still jitter. */
        @Test
        void call_manyAttemptsAtTheCap_haveDifferentDelaysBelowIt() {
            Pipeline pipeline = pipeline()
                    .deadline(Duration.ofHours(1))
                    .breaker(BreakerPolicy.none())
                    .budget(RetryBudget.tokens(10_000, 1, 1))
                    .retry(RetryPolicy.standard().attempts(200).backoff(Duration.ofMillis(100), SECOND))
                    .build();

            var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));

            assertThat(heard.delays).hasSize(199).allMatch(delay -> delay < 1_000_000_000L);
            assertThat(heard.delays.subList(5, 199)).doesNotHaveDuplicates();
        }
    }

    @Nested
    class Scenario11AttemptsUsedUp {
        /** Trap 13: three attempts are counted as three, and one call. */
        @Test
        void call_everyAttemptFails_returnsTheLastErrorItself() {
            List<DomainError> errors = new ArrayList<>();

            Result<String, DomainError> answer = pipeline().build().call(Call.once(), attempt -> {
                errors.add(unavailable());
                return Result.err(errors.get(errors.size() - 1));
            });

            assertThat(errors).hasSize(3);
            assertThat(error(answer)).isSameAs(errors.get(2));
            assertThat(heard.call())
                    .matches(call -> call.attempts() == 3 && call.stopped() == StopReason.ATTEMPTS, "three attempts");
            assertThat(heard.delays).hasSize(2);
        }

        /** resilience4j#1835: an error value counts although the body may throw checked exceptions. */
        @Test
        void call_valueThenCheckedException_areBothRepeated() {
            Result<String, DomainError> answer = pipeline().build().call(Call.idempotent(), attempt -> {
                if (attempt.number() == 1) {
                    return fail(ErrorKind.UNAVAILABLE);
                }
                if (attempt.number() == 2) {
                    throw new IOException("reset");
                }
                return ok();
            });

            assertThat(answer).isEqualTo(Result.ok("yes"));
        }
    }

    @Nested
    class Scenario13RetryAfter {
        private Result<String, DomainError> called(@Nullable String header) {
            Pipeline pipeline = pipeline()
                    .deadline(Duration.ofSeconds(10))
                    .random(HIGHEST)
                    .retry(RetryPolicy.standard().attempts(2))
                    .build();
            return pipeline.call(Call.once(), attempt -> {
                calls.incrementAndGet();
                var error = DomainError.builder(ErrorKind.UNAVAILABLE.code());
                RetryAfter.parse(header, null, time).ifPresent(error::retryAfter);
                return Result.err(error.build());
            });
        }

        /** resilience4j#1043. */
        @Test
        void call_secondsInTheAnswer_areWaitedWithSomeJitter() {
            var unused = called("3");

            assertThat(heard.delays).containsExactly(3_049_999_999L);
            assertThat(heard.call().nanos()).isEqualTo(3_049_999_999L);
        }

        @Test
        void call_dateInTheAnswer_isWaitedFor() {
            var unused = called(DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    time.instant().plusSeconds(4).atOffset(ZoneOffset.UTC)));

            assertThat(heard.delays).containsExactly(4_049_999_999L);
        }

        @Test
        void call_unreadableOrNegative_isIgnored() {
            for (String header : Arrays.asList("-5", "abc", "", null)) {
                heard.delays.clear();
                var unused = called(header);
                assertThat(heard.delays).as("%s", header).containsExactly(49_999_999L);
            }
        }

        @Test
        void call_negativeDurationInTheError_isIgnored() {
            var unused = pipeline()
                    .random(HIGHEST)
                    .build()
                    .call(
                            Call.once(),
                            attempt -> Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code())
                                    .retryAfter(Duration.ofSeconds(-5))
                                    .build()));

            assertThat(heard.delays).containsExactly(49_999_999L, 99_999_999L);
        }

        /** Trap 12, and TMDb#324: whoever asks for a day gets no call, and the caller gets the error with the time. */
        @Test
        void call_aDay_endsAtOnceWithTheErrorItself() {
            Result<String, DomainError> answer = called("86400");

            assertThat(calls).hasValue(1);
            assertThat(error(answer).retryAfter()).contains(Duration.ofDays(1));
            assertThat(heard.call())
                    .isEqualTo(new HeardCalls.Ended(1, 0, StopReason.RETRY_AFTER, "SERVICE_UNAVAILABLE"));
        }

        @Test
        void call_longerThanTheDeadline_endsAtOnce() {
            Result<String, DomainError> answer = called("15");

            assertThat(error(answer).retryAfter()).contains(Duration.ofSeconds(15));
            assertThat(heard.call()).isEqualTo(new HeardCalls.Ended(1, 0, StopReason.DEADLINE, "SERVICE_UNAVAILABLE"));
        }

        @Test
        void call_longestDurationThereIs_endsAtOnce() {
            Result<String, DomainError> answer = pipeline()
                    .build()
                    .call(
                            Call.once(),
                            attempt -> Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code())
                                    .retryAfter(Duration.ofSeconds(Long.MAX_VALUE))
                                    .build()));

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(heard.call().stopped()).isEqualTo(StopReason.RETRY_AFTER);
        }
    }

    @Nested
    class Scenario14Deadline {
        @Test
        void call_attemptsAndDelaysFillTheTime_endsByTheDeadline() {
            List<Duration> remaining = new ArrayList<>();
            Pipeline pipeline = pipeline()
                    .deadline(SECOND)
                    .random(HIGHEST)
                    .retry(RetryPolicy.standard().attempts(9).backoff(Duration.ofMillis(300), SECOND))
                    .build();

            Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> {
                remaining.add(attempt.remaining());
                time.sleep(Duration.ofMillis(400));
                return fail(ErrorKind.UNAVAILABLE);
            });

            assertThat(remaining).hasSize(2);
            assertThat(remaining.get(1)).isLessThanOrEqualTo(Duration.ofMillis(301));
            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(heard.call())
                    .isEqualTo(new HeardCalls.Ended(2, SECOND.toNanos(), StopReason.DEADLINE, "ATTEMPT_TIMEOUT"));
        }

        @Test
        void call_delayIsLongerThanWhatIsLeft_returnsTheLastErrorAtOnce() {
            Pipeline pipeline = pipeline()
                    .deadline(SECOND)
                    .random(HIGHEST)
                    .retry(RetryPolicy.standard().backoff(Duration.ofMillis(1_500), Duration.ofMillis(1_500)))
                    .build();

            var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));

            assertThat(heard.call()).isEqualTo(new HeardCalls.Ended(1, 0, StopReason.DEADLINE, "SERVICE_UNAVAILABLE"));
        }

        @Test
        void call_deadlineHasPassed_isNotMadeAndNotCounted() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();

            Result<String, DomainError> answer =
                    pipeline.call(Call.once().within(Deadline.after(Duration.ZERO, time)), attempt -> ok());

            assertThat(code(answer)).isEqualTo(ResilienceErrors.DEADLINE_EXCEEDED);
            assertThat(calls).hasValue(0);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
            assertThat(heard.call()).isEqualTo(new HeardCalls.Ended(0, 0, StopReason.DEADLINE, "DEADLINE_EXCEEDED"));
        }

        @Test
        void call_deadlinePassesWhileAnotherAttemptIsDue_returnsTheErrorOfTheDependency() {
            // The last delay oversleeps, as a loaded machine does.
            var slow = new OversleepingTime(time);
            Pipeline pipeline = pipeline().time(slow).deadline(SECOND).build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(calls).hasValue(1);
            assertThat(heard.call().stopped()).isEqualTo(StopReason.DEADLINE);
        }

        /** A caller's deadline that leaves little says nothing of the dependency. */
        @Test
        void call_cutAfterAFractionOfItsTime_saysNothingToTheBreaker() {
            Pipeline pipeline =
                    pipeline().breaker(OPENS_AT_ONCE).deadline(SECOND).build();

            Result<String, DomainError> answer =
                    pipeline.call(Call.once().within(Deadline.after(Duration.ofMillis(100), time)), attempt -> {
                        time.sleep(SECOND);
                        return ok();
                    });

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_cutAfterAllOfItsTime_isAFailure() {
            Pipeline pipeline =
                    pipeline().breaker(OPENS_AT_ONCE).deadline(SECOND).build();

            var unused = pipeline.call(Call.once(), attempt -> {
                time.sleep(Duration.ofSeconds(2));
                return ok();
            });

            assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
        }
    }

    @Nested
    class Scenario15InheritedDeadline {
        @Test
        void call_insideOfAnother_hasWhatThatHasLeft() {
            Pipeline parent = pipeline().deadline(Duration.ofMillis(500)).build();
            Pipeline child = Pipeline.named("child").time(time).build();
            AtomicReference<Attempt> inner = new AtomicReference<>();

            var unused = parent.call(Call.once(), attempt -> {
                time.sleep(Duration.ofMillis(300));
                return child.call(Call.once().within(attempt.deadline()), nested -> {
                    inner.set(nested);
                    assertThat(nested.remaining()).isEqualTo(Duration.ofMillis(200));
                    assertThat(nested.headers()).containsEntry("Request-Deadline-Ms", "200");
                    return ok();
                });
            });

            assertThat(inner).doesNotHaveNullValue();
        }
    }

    @Nested
    class Scenario16Repeats {
        /** dotnet/extensions#5248, #6708: what may have had its effect is not repeated. */
        @Test
        void call_onceAndTimedOut_isMadeOnce() {
            Pipeline pipeline = pipeline().attemptTimeout(SECOND).build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                calls.incrementAndGet();
                time.sleep(Duration.ofSeconds(3));
                return Result.ok("late");
            });

            assertThat(calls).hasValue(1);
            assertThat(error(answer).kind()).isEqualTo(ErrorKind.TIMEOUT);
            assertThat(error(answer).retry()).isEqualTo(Retry.IF_IDEMPOTENT);
            assertThat(error(answer).cause()).get().isInstanceOf(InterruptedException.class);
            assertThat(heard.call().stopped()).isEqualTo(StopReason.NOT_RETRYABLE);
        }

        @Test
        void call_onceAndConnectionReset_isMadeOnce() {
            var unused = pipeline().build().call(Call.once(), attempt -> {
                calls.incrementAndGet();
                throw new IOException("reset");
            });

            assertThat(calls).hasValue(1);
        }

        @Test
        void call_onceAndConnectRefused_isRepeated() {
            Result<String, DomainError> answer = pipeline().build().call(Call.once(), attempt -> {
                if (attempt.number() < 3) {
                    throw new ConnectException("refused");
                }
                return ok();
            });

            assertThat(answer).isEqualTo(Result.ok("yes"));
        }

        /** The same exception in the wrapper of a future is the same failure. */
        @Test
        void call_onceAndConnectRefusedInAFuture_isRepeated() {
            Result<String, DomainError> answer = pipeline().build().call(Call.once(), attempt -> {
                if (attempt.number() < 3) {
                    throw new ExecutionException(new ConnectException("refused"));
                }
                return ok();
            });

            assertThat(answer).isEqualTo(Result.ok("yes"));
        }

        @Test
        void call_onceAfterARefusedConnection_stillGuardsTheNextAttempt() {
            var unused = pipeline().build().call(Call.once(), attempt -> {
                calls.incrementAndGet();
                if (attempt.number() == 1) {
                    throw new ConnectException("refused");
                }
                throw new IOException("reset");
            });

            assertThat(calls).hasValue(2);
        }

        @Test
        void call_withAKey_sendsItOnEveryAttempt() {
            List<@Nullable String> keys = new ArrayList<>();
            List<@Nullable String> previous = new ArrayList<>();

            var unused = pipeline().build().call(Call.idempotent("order-7"), attempt -> {
                keys.add(attempt.headers().get("Idempotency-Key"));
                previous.add(attempt.headers().get("Previous-Attempts"));
                return fail(ErrorKind.TIMEOUT);
            });

            assertThat(keys).containsExactly("order-7", "order-7", "order-7");
            assertThat(previous).containsExactly(null, "1", "2");
        }

        @ParameterizedTest
        @EnumSource(
                value = Retry.class,
                names = {"NO", "HIGHER_LEVEL"})
        void call_errorForbidsARepeat_isMadeOnce(Retry advice) {
            var unused = pipeline().build().call(Call.idempotent(), attempt -> {
                calls.incrementAndGet();
                return Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code())
                        .retry(advice)
                        .build());
            });

            assertThat(calls).hasValue(1);
        }
    }

    /** Trap 15, failsafe#63: an interrupt is the caller's, is kept, and says nothing of the dependency. */
    @Nested
    class Scenario17Interrupts {
        private final Pipeline pipeline = pipeline()
                .breaker(OPENS_AT_ONCE)
                .retry(RetryPolicy.standard().attempts(9))
                .build();

        private void assertCancelled(Result<String, DomainError> answer, int made) {
            assertThat(Thread.interrupted()).isTrue();
            assertThat(code(answer)).isEqualTo(ResilienceErrors.CALL_CANCELLED);
            assertThat(calls).hasValue(made);
            assertThat(heard.call().stopped()).isEqualTo(StopReason.CANCELLED);
            assertThat(heard.call().attempts()).isEqualTo(made);
        }

        @Test
        void call_interruptedBefore_isNotMade() {
            Thread.currentThread().interrupt();

            Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> ok());

            assertCancelled(answer, 0);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_interruptedDuringTheDelay_isNotRepeated() {
            Pipeline pipeline = pipeline().random(HIGHEST).build();
            Thread caller = Thread.currentThread();
            var unused = time.schedule(Duration.ofMillis(10), caller::interrupt);

            Result<String, DomainError> answer =
                    pipeline.call(Call.idempotent(), attempt -> fail(ErrorKind.UNAVAILABLE));

            assertCancelled(answer, 1);
            assertThat(heard.call().nanos()).isEqualTo(Duration.ofMillis(10).toNanos());
        }

        @Test
        void call_calleeIsInterrupted_isNotRepeatedNorCounted() {
            Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> {
                calls.incrementAndGet();
                throw new InterruptedException();
            });

            assertCancelled(answer, 1);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_calleeRestoresTheFlagAndFails_isNotRepeated() {
            Pipeline pipeline = pipeline().build();

            Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> {
                Thread.currentThread().interrupt();
                return fail(ErrorKind.UNAVAILABLE);
            });

            assertCancelled(answer, 1);
        }

        @Test
        void call_delayIsZeroAndFlagIsUp_isNotRepeated() {
            Pipeline pipeline = pipeline()
                    .retry(RetryPolicy.standard().backoff(Duration.ZERO, Duration.ZERO))
                    .build();

            Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> {
                Thread.currentThread().interrupt();
                return fail(ErrorKind.UNAVAILABLE);
            });

            assertCancelled(answer, 1);
        }

        @Test
        void call_calleeAnswersAllTheSame_keepsAnswerAndFlag() {
            Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> {
                Thread.currentThread().interrupt();
                return ok();
            });

            assertThat(Thread.interrupted()).isTrue();
            assertThat(answer).isEqualTo(Result.ok("yes"));
        }

        @Test
        void call_translatorMakesMoreOfAnInterrupt_isNotAsked() {
            Pipeline pipeline = pipeline().translate(thrown -> unavailable()).build();

            Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> {
                calls.incrementAndGet();
                throw new InterruptedException();
            });

            assertCancelled(answer, 1);
        }

        @Test
        void call_interruptedWhileItWaitsForAPlace_givesItUp() throws Exception {
            Pipeline pipeline =
                    pipeline().breaker(OPENS_AT_ONCE).maxConcurrent(1, SECOND).build();
            AtomicReference<Result<String, DomainError>> answer = new AtomicReference<>();
            AtomicInteger flags = new AtomicInteger();
            var waiting = new Thread(() -> {
                answer.set(pipeline.call(Call.idempotent(), attempt -> ok()));
                flags.set(Thread.currentThread().isInterrupted() ? 1 : 0);
            });

            Result<String, DomainError> holder = pipeline.call(Call.once(), attempt -> {
                waiting.start();
                while (waiting.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                waiting.interrupt();
                waiting.join();
                return Result.ok("held");
            });

            assertThat(holder.isOk()).isTrue();
            assertThat(code(answer.get())).isEqualTo(ResilienceErrors.CALL_CANCELLED);
            assertThat(flags).hasValue(1);
            assertThat(calls).hasValue(0);
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
            assertThat(pipeline.call(Call.once(), attempt -> ok()).isOk()).isTrue();
        }
    }

    /** Trap 14: what user code throws beside the call changes nothing of the call, and never makes it twice. */
    @Nested
    class Scenario20HostileUserCode {
        private final PipelineListener thrower = new PipelineListener() {
            @Override
            public void onCall(
                    String pipeline, int attempts, long nanos, StopReason stopped, @Nullable ErrorCode error) {
                throw new IllegalStateException("onCall");
            }

            @Override
            public void onRetry(String pipeline, int attempt, long delayNanos, ErrorCode error) {
                throw new StackOverflowError("onRetry");
            }

            @Override
            public void onRejected(String pipeline, ErrorCode reason) {
                throw PipelineTest.<RuntimeException>sneaky(new IOException("onRejected"));
            }

            @Override
            public void onBreaker(String pipeline, PipelineState.Breaker from, PipelineState.Breaker to) {
                throw new AssertionError("onBreaker");
            }

            @Override
            public void onReconfigured(String pipeline) {
                throw new NoClassDefFoundError("onReconfigured");
            }
        };

        @Test
        void call_listenerThrows_succeedsOnce() {
            Pipeline pipeline = pipeline().listener(thrower).build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> ok());

            assertThat(answer).isEqualTo(Result.ok("yes"));
            assertThat(calls).hasValue(1);
            assertThat(pipeline.state().listenerErrors()).isEqualTo(1);
        }

        @Test
        void call_listenerThrowsOnRetry_isRepeatedAllTheSame() {
            Pipeline pipeline = pipeline().listener(thrower).build();

            Result<String, DomainError> answer =
                    pipeline.call(Call.once(), attempt -> attempt.number() < 3 ? fail(ErrorKind.UNAVAILABLE) : ok());

            assertThat(answer).isEqualTo(Result.ok("yes"));
            assertThat(pipeline.state().listenerErrors()).isEqualTo(3);
        }

        @Test
        void call_listenerThrowsOnBreakerAndRejection_opensAndRefuses() {
            Pipeline pipeline = pipeline()
                    .listener(thrower)
                    .retry(RetryPolicy.none())
                    .breaker(OPENS_AT_ONCE.probes(1))
                    .build();

            var failed = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));
            Result<String, DomainError> refused = pipeline.call(Call.once(), attempt -> ok());
            time.advance(Duration.ofSeconds(8));
            Result<String, DomainError> probe = pipeline.call(Call.once(), attempt -> ok());

            assertThat(error(failed).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(code(refused)).isEqualTo(ResilienceErrors.CIRCUIT_OPEN);
            assertThat(probe.isOk()).isTrue();
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
            // open + call, rejected + call, half open + closed + call
            assertThat(pipeline.state().listenerErrors()).isEqualTo(7);
        }

        @Test
        void reconfigure_listenerThrows_isCounted() {
            Pipeline pipeline = pipeline().listener(thrower).build();

            pipeline.reconfigure(builder -> builder.deadline(SECOND));

            assertThat(pipeline.state().listenerErrors()).isEqualTo(1);
        }

        @Test
        void call_outcomeTableFails_defaultHolds() {
            for (boolean returnsNull : new boolean[] {true, false}) {
                calls.set(0);
                Pipeline pipeline = pipeline()
                        .breaker(OPENS_AT_ONCE)
                        .retry(RetryPolicy.none())
                        .outcome(error -> nothing(returnsNull))
                        .build();

                Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));

                assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
                assertThat(calls).hasValue(1);
                assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
                assertThat(pipeline.state().listenerErrors()).isEqualTo(1);
            }
        }

        @Test
        void call_outcomeTableWouldFail_isNotAskedAboutASuccess() {
            Pipeline pipeline = pipeline().outcome(error -> nothing(false)).build();

            assertThat(pipeline.call(Call.once(), attempt -> ok()).isOk()).isTrue();
            assertThat(calls).hasValue(1);
            assertThat(pipeline.state().listenerErrors()).isZero();
        }

        @Test
        void call_adviceFails_theErrorItselfIsAsked() {
            for (boolean returnsNull : new boolean[] {true, false}) {
                calls.set(0);
                Pipeline pipeline = pipeline()
                        .retry(RetryPolicy.standard().when(error -> nothing(returnsNull)))
                        .build();

                Result<String, DomainError> answer = pipeline.call(
                        Call.once(), attempt -> attempt.number() == 1 ? fail(ErrorKind.UNAVAILABLE) : ok());

                assertThat(answer.isOk()).isTrue();
                assertThat(calls).hasValue(2);
                assertThat(pipeline.state().listenerErrors()).isEqualTo(1);
            }
        }

        @Test
        void call_translatorFails_defaultHolds() {
            for (boolean returnsNull : new boolean[] {true, false}) {
                calls.set(0);
                Pipeline pipeline = pipeline()
                        .retry(RetryPolicy.none())
                        .translate(thrown -> nothing(returnsNull))
                        .build();

                Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                    calls.incrementAndGet();
                    throw new ConnectException("refused");
                });

                assertThat(error(answer).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
                assertThat(calls).hasValue(1);
                assertThat(pipeline.state().listenerErrors()).isEqualTo(1);
            }
        }

        @Test
        void call_translatorIsGiven_getsWhatWasThrownWithoutWrappers() {
            List<Exception> seen = new ArrayList<>();
            var reset = new IOException("reset");
            Pipeline pipeline = pipeline()
                    .translate(thrown -> {
                        seen.add(thrown);
                        return ErrorKind.CONFLICT.code().error();
                    })
                    .build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                throw new ExecutionException(reset);
            });

            assertThat(seen).containsExactly(reset);
            assertThat(error(answer).kind()).isEqualTo(ErrorKind.CONFLICT);
        }

        @SuppressWarnings("TypeParameterUnusedInFormals") // null, or nothing at all
        private static <V> V nothing(boolean returnsNull) {
            if (returnsNull) {
                return null;
            }
            throw new IllegalStateException("a bug in a table");
        }
    }

    @Nested
    class Scenario21AttemptTimeout {
        @Test
        void call_attemptTakesTooLong_isInterruptedAndTimesOut() {
            Pipeline pipeline = pipeline().attemptTimeout(Duration.ofMillis(50)).build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                calls.incrementAndGet();
                time.sleep(Duration.ofSeconds(10));
                return Result.ok("late");
            });

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(heard.call().nanos()).isEqualTo(50_000_000L);
            assertThat(calls).hasValue(1);
        }

        @Test
        void call_idempotentAndTimedOut_isRepeatedWithAFreshTimeout() {
            Pipeline pipeline = pipeline()
                    .attemptTimeout(Duration.ofMillis(50))
                    .retry(RetryPolicy.standard().backoff(Duration.ZERO, Duration.ZERO))
                    .build();

            Result<String, DomainError> answer = pipeline.call(Call.idempotent(), attempt -> {
                calls.incrementAndGet();
                if (attempt.number() < 3) {
                    time.sleep(SECOND);
                }
                assertThat(attempt.remaining()).isEqualTo(Duration.ofMillis(50));
                return Result.ok("yes");
            });

            assertThat(answer).isEqualTo(Result.ok("yes"));
            assertThat(heard.call().nanos()).isEqualTo(100_000_000L);
        }

        @Test
        void call_tenThousandTimeouts_leaveNoFlagAndNoTask() {
            Pipeline pipeline = pipeline()
                    .attemptTimeout(Duration.ofMillis(50))
                    .breaker(BreakerPolicy.none())
                    .build();

            for (int i = 0; i < 10_000; i++) {
                var unused = pipeline.call(Call.once(), attempt -> {
                    time.sleep(SECOND);
                    return Result.ok("late");
                });
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }

            assertThat(time.pending()).isZero();
        }

        @Test
        void call_answerComesTooLate_isAnAnswerAndTheFlagIsDown() {
            Pipeline pipeline =
                    pipeline().breaker(OPENS_AT_ONCE).attemptTimeout(SECOND).build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                time.advance(Duration.ofSeconds(2));
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                return ok();
            });

            assertThat(answer).isEqualTo(Result.ok("yes"));
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_refusalComesTooLate_isAnAnswerToo() {
            Pipeline pipeline =
                    pipeline().breaker(OPENS_AT_ONCE).attemptTimeout(SECOND).build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                time.advance(Duration.ofSeconds(2));
                return fail(ErrorKind.NOT_FOUND);
            });

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.NOT_FOUND);
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_failureComesTooLate_isATimeout() {
            Pipeline pipeline =
                    pipeline().breaker(OPENS_AT_ONCE).attemptTimeout(SECOND).build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                time.advance(Duration.ofSeconds(2));
                return fail(ErrorKind.UNAVAILABLE);
            });

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(calls).hasValue(1);
            assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
        }

        @Test
        void call_bodyEndsInTime_isNotInterruptedLater() {
            Pipeline pipeline = pipeline().attemptTimeout(SECOND).build();
            var unused = pipeline.call(Call.once(), attempt -> ok());

            time.advance(Duration.ofMinutes(1));

            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }

        @Test
        void call_interruptingIsOff_endsWhenTheBodyDoes() {
            Pipeline pipeline =
                    pipeline().interrupting(false).attemptTimeout(SECOND).build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                time.sleep(Duration.ofSeconds(3));
                assertThat(attempt.remaining()).isZero();
                return ok();
            });

            assertThat(answer).isEqualTo(Result.ok("yes"));
            assertThat(heard.call().nanos()).isEqualTo(Duration.ofSeconds(3).toNanos());
        }

        /** On real threads: what blocks for ever is interrupted, and the flag stays down. */
        @Test
        void call_blockedForEver_isInterruptedOnRealTime() {
            Pipeline pipeline = pipeline()
                    .time(TimeSource.system())
                    .attemptTimeout(Duration.ofMillis(20))
                    .build();
            var never = new CountDownLatch(1);

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                never.await();
                return ok();
            });

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            for (int i = 0; i < 1_000; i++) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
        }

        @Test
        void call_manyTimeoutsOnRealTime_makeNoThreads() {
            Pipeline pipeline = pipeline()
                    .time(TimeSource.system())
                    .attemptTimeout(Duration.ofMillis(1))
                    .breaker(BreakerPolicy.none())
                    .build();
            var never = new CountDownLatch(1);
            int before = Thread.activeCount();

            for (int i = 0; i < 200; i++) {
                var unused = pipeline.call(Call.once(), attempt -> {
                    never.await();
                    return ok();
                });
            }

            assertThat(Thread.activeCount() - before).isLessThanOrEqualTo(1);
            assertThat(heard.calls).hasSize(200).allMatch(call -> "ATTEMPT_TIMEOUT".equals(call.error()));
        }

        /** failsafe#263, #271: a loop that does not listen cannot be stopped; until it ends it keeps its place. */
        @Test
        void call_busyLoopIgnoresTheInterrupt_keepsItsPlaceUntilItEnds() {
            Pipeline pipeline = pipeline()
                    .time(TimeSource.system())
                    .attemptTimeout(Duration.ofMillis(20))
                    .maxConcurrent(1, Duration.ZERO)
                    .build();

            Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                while (!attempt.remaining().isZero() || !Thread.currentThread().isInterrupted()) {
                    Thread.onSpinWait();
                }
                Result<String, DomainError> other = inAnotherThread(() -> pipeline.call(Call.once(), second -> ok()));
                assertThat(code(other)).isEqualTo(ResilienceErrors.BULKHEAD_FULL);
                return fail(ErrorKind.UNAVAILABLE);
            });

            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(pipeline.state().inFlight()).isZero();
        }
    }

    @Nested
    class Scenario22WorkThatGoesOn {
        @Test
        void call_timedOutWorkGoesOn_keepsItsPlaces() throws Exception {
            Pipeline pipeline = pipeline()
                    .attemptTimeout(SECOND)
                    .maxConcurrent(2, Duration.ZERO)
                    .build();
            var running = new CountDownLatch(2);
            var end = new CountDownLatch(1);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                var thread = new Thread(() -> {
                    var unused = pipeline.call(Call.once(), attempt -> {
                        running.countDown();
                        awaitUninterrupted(end);
                        return Result.ok("late");
                    });
                });
                thread.start();
                threads.add(thread);
            }
            running.await();
            time.advance(Duration.ofSeconds(2));

            Result<String, DomainError> third = pipeline.call(Call.once(), attempt -> ok());

            assertThat(code(third)).isEqualTo(ResilienceErrors.BULKHEAD_FULL);
            assertThat(pipeline.state().inFlight()).isEqualTo(2);
            end.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(pipeline.call(Call.once(), attempt -> ok()).isOk()).isTrue();
        }

        /** failsafe#365: who waits for a place gets it. */
        @Test
        void call_placeComesFreeInTime_isMade() throws Exception {
            Pipeline pipeline = pipeline().maxConcurrent(1, SECOND).build();
            AtomicReference<Result<String, DomainError>> answer = new AtomicReference<>();
            var waiting = new Thread(() -> answer.set(pipeline.call(Call.once(), attempt -> ok())));

            var unused = pipeline.call(Call.once(), attempt -> {
                waiting.start();
                while (waiting.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                return Result.ok("held");
            });
            waiting.join();

            assertThat(answer.get()).isEqualTo(Result.ok("yes"));
            assertThat(pipeline.state().inFlight()).isZero();
        }

        @Test
        void call_noPlaceUntilTheDeadline_isRefused() throws Exception {
            Pipeline pipeline = pipeline()
                    .deadline(SECOND)
                    .maxConcurrent(1, Duration.ofSeconds(3))
                    .build();
            AtomicReference<Result<String, DomainError>> answer = new AtomicReference<>();
            var waiting = new Thread(() -> answer.set(pipeline.call(Call.once(), attempt -> ok())));

            var unused = pipeline.call(Call.once(), attempt -> {
                waiting.start();
                while (waiting.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                time.advance(SECOND);
                return Result.ok("held");
            });
            waiting.join();

            assertThat(code(answer.get())).isEqualTo(ResilienceErrors.BULKHEAD_FULL);
            assertThat(calls).hasValue(0);
            assertThat(pipeline.state().inFlight()).isZero();
        }
    }

    @Nested
    class Scenario23Budget {
        @Test
        void call_budgetIsEmpty_returnsTheErrorAtOnceAndFirstAttemptsFlow() {
            Pipeline pipeline = pipeline()
                    .breaker(BreakerPolicy.none())
                    .budget(RetryBudget.tokens(28, 14, 5))
                    .build();
            var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));
            assertThat(calls).hasValue(3);
            heard.calls.clear();

            long nanos = elapsed(() -> {
                var unusedToo = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));
            });

            assertThat(nanos).isZero();
            assertThat(calls).hasValue(4);
            assertThat(heard.call()).isEqualTo(new HeardCalls.Ended(1, 0, StopReason.BUDGET, "SERVICE_UNAVAILABLE"));
        }

        @Test
        void call_successes_giveOneTokenEach() {
            Pipeline pipeline = pipeline()
                    .breaker(BreakerPolicy.none())
                    .budget(RetryBudget.tokens(28, 14, 5))
                    .build();
            var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));
            for (int i = 0; i < 14; i++) {
                assertThat(pipeline.state().budget()).isEqualTo(i);
                assertThat(pipeline.call(Call.once(), attempt -> ok()).isOk()).isTrue();
            }
            calls.set(0);

            var unusedToo = pipeline.call(Call.once(), attempt -> fail(ErrorKind.UNAVAILABLE));

            assertThat(calls).hasValue(2);
        }

        @Test
        void call_throttled_costsLess() {
            Pipeline pipeline = pipeline().build();

            var unused = pipeline.call(Call.once(), attempt -> fail(ErrorKind.RATE_LIMITED));

            assertThat(pipeline.state().budget()).isEqualTo(490);
        }

        @Test
        void call_refusedByThePipeline_countsForNoBudget() {
            Pipeline pipeline = pipeline()
                    .breaker(OPENS_AT_ONCE)
                    .budget(RetryBudget.ratio(1, 0))
                    .build();
            open(pipeline);
            assertThat(pipeline.state().budget()).isEqualTo(1);

            for (int i = 0; i < 10; i++) {
                var unused = pipeline.call(Call.once(), attempt -> ok());
            }

            assertThat(pipeline.state().budget()).isEqualTo(1);
        }

        /** go-zero#5011: what is under way counts. */
        @Test
        void call_underWay_isKnownToTheBudget() {
            Pipeline pipeline = pipeline().budget(RetryBudget.ratio(1, 0)).build();

            var unused = pipeline.call(Call.once(), attempt -> {
                assertThat(pipeline.state().budget()).isEqualTo(1);
                return ok();
            });
        }
    }

    @Nested
    class Scenario27Fallback {
        private Result<String, DomainError> withFallback(Pipeline pipeline, RemoteCall<String> body) {
            return pipeline.<String>call(Call.once(), body)
                    .recoverWith(error ->
                            error.kind() == ErrorKind.UNAVAILABLE ? Result.ok("from yesterday") : Result.err(error));
        }

        @Test
        void recoverWith_unavailable_answersInItsPlace() {
            assertThat(withFallback(pipeline().build(), attempt -> fail(ErrorKind.UNAVAILABLE)))
                    .isEqualTo(Result.ok("from yesterday"));
            assertThat(calls).as("the fallback is not inside of the retry").hasValue(3);
        }

        @Test
        void recoverWith_circuitOpen_answersInItsPlace() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();
            open(pipeline);

            assertThat(withFallback(pipeline, attempt -> ok())).isEqualTo(Result.ok("from yesterday"));
            assertThat(calls).hasValue(0);
        }

        @Test
        void recoverWith_validation_passesThrough() {
            Result<String, DomainError> answer =
                    withFallback(pipeline().build(), attempt -> fail(ErrorKind.VALIDATION));

            assertThat(error(answer).kind()).isEqualTo(ErrorKind.VALIDATION);
        }

        /** The original error is at hand where the fallback fails: who wants it as the cause says so. */
        @Test
        void recoverWith_fallbackFails_keepsTheOriginalAsItsCause() {
            DomainError original = unavailable();

            Result<String, DomainError> answer = pipeline()
                    .retry(RetryPolicy.none())
                    .build()
                    .<String>call(Call.once(), attempt -> Result.err(original))
                    .recoverWith(error -> Result.err(DomainError.builder(ErrorKind.INTERNAL.code())
                            .cause(new dev.underpin.result.DomainErrorException(error))
                            .build()));

            assertThat(error(answer).cause())
                    .get()
                    .isInstanceOfSatisfying(
                            dev.underpin.result.DomainErrorException.class,
                            cause -> assertThat(cause.error()).isSameAs(original));
        }
    }

    @Nested
    class Errors {
        /** Trap 1, resilience4j#1432, Polly#311: an Error eats neither probe nor place. */
        @Test
        void call_probeThrowsAnError_fliesAndGivesEverythingBack() {
            Pipeline pipeline = pipeline()
                    .breaker(OPENS_AT_ONCE.probes(1).openFor(SECOND, SECOND))
                    .maxConcurrent(1, Duration.ZERO)
                    .build();
            open(pipeline);
            for (int i = 0; i < 5; i++) {
                time.advance(Duration.ofSeconds(2));
                assertThatThrownBy(() -> pipeline.call(Call.once(), attempt -> {
                            throw new StackOverflowError();
                        }))
                        .isInstanceOf(StackOverflowError.class);
                assertThat(pipeline.state().inFlight()).isZero();
                assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
            }
            time.advance(Duration.ofSeconds(2));

            assertThat(pipeline.call(Call.once(), attempt -> ok()).isOk()).isTrue();
            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_firstAttemptThrowsAnError_isHeardAsOneCall() {
            Pipeline pipeline = pipeline().build();

            assertThatThrownBy(() -> pipeline.call(Call.once(), attempt -> {
                        throw new AssertionError("a bug");
                    }))
                    .isInstanceOf(AssertionError.class);

            assertThat(heard.call())
                    .matches(call -> call.attempts() == 1 && "CALL_FAILED".equals(call.error()), "one attempt");
        }

        @Test
        void call_secondAttemptThrowsAnError_isHeardAsOneCall() {
            Pipeline pipeline = pipeline().build();

            assertThatThrownBy(() -> pipeline.call(Call.once(), attempt -> {
                        if (attempt.number() == 1) {
                            return fail(ErrorKind.UNAVAILABLE);
                        }
                        throw new AssertionError("a bug");
                    }))
                    .isInstanceOf(AssertionError.class);

            assertThat(heard.call())
                    .matches(call -> call.attempts() == 2 && "CALL_FAILED".equals(call.error()), "two attempts");
        }

        @Test
        void call_switchedOffAndBodyThrowsAnError_isHeard() {
            Pipeline pipeline = pipeline().enabled(false).build();

            assertThatThrownBy(() -> pipeline.call(Call.once(), attempt -> {
                        throw new AssertionError("a bug");
                    }))
                    .isInstanceOf(AssertionError.class);

            assertThat(heard.call().error()).isEqualTo("CALL_FAILED");
        }

        @Test
        void call_errorAfterTheCut_leavesNoFlag() {
            Pipeline pipeline = pipeline().attemptTimeout(SECOND).build();

            assertThatThrownBy(() -> pipeline.call(Call.once(), attempt -> {
                        time.advance(Duration.ofSeconds(2));
                        throw new AssertionError("a bug");
                    }))
                    .isInstanceOf(AssertionError.class);

            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }

        @Test
        void call_throwableThatIsNeither_fliesAndGivesTheProbeBack() {
            Pipeline pipeline = pipeline().breaker(OPENS_AT_ONCE).build();
            var odd = new Throwable("neither");

            assertThatThrownBy(() -> pipeline.call(Call.once(), attempt -> {
                        throw PipelineTest.<RuntimeException>sneaky(odd);
                    }))
                    .isSameAs(odd);

            assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
        }
    }

    @Nested
    class NestedPipelines {
        private final Pipeline outer = pipeline()
                .breaker(OPENS_AT_ONCE)
                .retry(RetryPolicy.none())
                .attemptTimeout(SECOND)
                .build();

        @Test
        void call_innerIsInterruptedByTheOuterTimeout_outerTimesOutAndInnerCountsNothing() {
            Pipeline inner =
                    Pipeline.named("inner").time(time).breaker(OPENS_AT_ONCE).build();
            AtomicReference<Result<String, DomainError>> inside = new AtomicReference<>();

            Result<String, DomainError> answer = outer.call(Call.once(), attempt -> {
                inside.set(inner.call(Call.idempotent(), nested -> {
                    calls.incrementAndGet();
                    time.sleep(Duration.ofSeconds(3));
                    return Result.ok("late");
                }));
                return inside.get();
            });

            assertThat(code(inside.get())).isEqualTo(ResilienceErrors.CALL_CANCELLED);
            assertThat(inner.state().breaker()).isEqualTo(CLOSED);
            assertThat(calls).hasValue(1);
            assertThat(code(answer)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
            assertThat(outer.state().breaker()).isEqualTo(OPEN);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }

        @Test
        void call_innerTimesOutFirst_outerGoesOn() {
            Pipeline inner = Pipeline.named("inner")
                    .time(time)
                    .attemptTimeout(Duration.ofMillis(100))
                    .build();

            Result<String, DomainError> answer = outer.call(Call.once(), attempt -> {
                Result<String, DomainError> inside = inner.call(Call.once(), nested -> {
                    time.sleep(Duration.ofSeconds(3));
                    return Result.ok("late");
                });
                assertThat(code(inside)).isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
                time.sleep(Duration.ofMillis(100));
                return ok();
            });

            assertThat(answer).isEqualTo(Result.ok("yes"));
        }

        @Test
        void call_innerRefuses_saysNothingToTheOuterBreaker() {
            Pipeline open =
                    Pipeline.named("inner").time(time).breaker(OPENS_AT_ONCE).build();
            open(open);
            Pipeline full = Pipeline.named("inner")
                    .time(time)
                    .maxConcurrent(1, Duration.ZERO)
                    .build();
            Pipeline limited = Pipeline.named("inner")
                    .time(time)
                    .rateLimit(1, Duration.ofHours(1))
                    .build();
            var unused = limited.call(Call.once(), attempt -> ok());

            List<Result<String, DomainError>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                answers.add(outer.call(Call.once(), attempt -> open.call(Call.once(), nested -> ok())));
                answers.add(outer.call(Call.once(), attempt -> limited.call(Call.once(), nested -> ok())));
                answers.add(outer.call(
                        Call.once(),
                        attempt -> open.call(Call.once().within(Deadline.after(Duration.ZERO, time)), nested -> ok())));
                answers.add(outer.call(
                        Call.once(),
                        attempt -> full.<String>call(Call.once(), nested -> {
                            Result<String, DomainError> refused = full.call(Call.once(), third -> ok());
                            assertThat(code(refused)).isEqualTo(ResilienceErrors.BULKHEAD_FULL);
                            return refused;
                        })));
            }

            assertThat(answers).allMatch(answer -> error(answer) instanceof Rejection);
            assertThat(outer.state().breaker()).isEqualTo(CLOSED);
            assertThat(full.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_outcomeTableCallsARefusalAFailure_isNotAsked() {
            Pipeline strict = pipeline()
                    .breaker(OPENS_AT_ONCE)
                    .retry(RetryPolicy.none())
                    .outcome(error -> Outcome.FAILURE)
                    .build();
            Pipeline inner =
                    Pipeline.named("inner").time(time).breaker(OPENS_AT_ONCE).build();
            open(inner);

            var unused = strict.call(Call.once(), attempt -> inner.call(Call.once(), nested -> ok()));

            assertThat(strict.state().breaker()).isEqualTo(CLOSED);
        }
    }

    @Test
    void describe_givenBack_makesTheSamePipeline() {
        Pipeline pipeline = pipeline()
                .attemptTimeout(SECOND)
                .rateLimit(5, SECOND)
                .maxConcurrent(3, SECOND)
                .build();

        var same = pipeline().build(List.of(pipeline.describe())).orElseThrow();

        assertThat(same.describe()).isEqualTo(pipeline.describe()).hasSizeGreaterThan(20);
    }

    @Test
    void tryAcquire_moreThanAllowed_isRefusedWithTheWait() {
        RateLimiter<String> limiter = RateLimiter.named("api")
                .limit(100, Duration.ofMinutes(1))
                .limit(10, SECOND)
                .time(time)
                .build();
        for (int i = 0; i < 10; i++) {
            assertThat(limiter.tryAcquire("a").isOk()).isTrue();
        }

        DomainError refused = ((Result.Err<dev.underpin.result.Unit, DomainError>) limiter.tryAcquire("a")).error();

        assertThat(refused.retryAfter()).contains(Duration.ofMillis(100));
        assertThat(limiter.state("a").headers().get("RateLimit")).isEqualTo("\"api-1s\";r=0;t=1");
        assertThat(limiter.tryAcquire("b").isOk()).isTrue();
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // how a checked exception gets past the compiler
    private static <X extends Throwable> X sneaky(Throwable thrown) throws X {
        throw (X) thrown;
    }

    private static <V> V inAnotherThread(java.util.function.Supplier<V> work) {
        AtomicReference<V> result = new AtomicReference<>();
        var thread = new Thread(() -> result.set(work.get()));
        thread.start();
        awaitUninterrupted(thread::join);
        return result.get();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        awaitUninterrupted(latch::await);
    }

    private static void awaitUninterrupted(Blocking wait) {
        while (true) {
            try {
                wait.run();
                return;
            } catch (InterruptedException e) {
                // it does not listen
            }
        }
    }

    private interface Blocking {
        void run() throws InterruptedException;
    }

    /** Sleeps a minute more than it was told. */
    private record OversleepingTime(VirtualTime time) implements TimeSource {
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
            time.sleep(duration.plusMinutes(1));
        }

        @Override
        public java.util.concurrent.Future<?> schedule(Duration delay, Runnable task) {
            return time.schedule(delay, task);
        }
    }

    @Nested
    class CallersInAHurry {
        private final Pipeline pipeline = Pipeline.named("risk")
                .retry(RetryPolicy.none())
                .breaker(BreakerPolicy.standard().failureRate(0.5, 10, 10))
                .time(time)
                .build();

        private void callTwentyTimes(Duration within, RemoteCall<String> body) {
            for (int i = 0; i < 20; i++) {
                var unused = pipeline.call(Call.once().within(Deadline.after(within, time)), body);
            }
        }

        @Test
        void call_clientThatKeepsToAShortDeadline_opensNoCircuit() {
            callTwentyTimes(Duration.ofMillis(5), attempt -> {
                time.advance(attempt.remaining().minusNanos(1));
                throw new java.net.http.HttpTimeoutException("request timed out");
            });
            callTwentyTimes(Duration.ofMillis(5), attempt -> {
                time.sleep(Duration.ofSeconds(10));
                return Result.ok("late");
            });
            callTwentyTimes(
                    Duration.ofMillis(5),
                    attempt -> Result.err(ErrorKind.TIMEOUT.code().error()));

            assertThat(pipeline.state().breaker()).isEqualTo(CLOSED);
        }

        @Test
        void call_thatHadASecond_countsHoweverLongTheDeadlineOfThePipelineIs() {
            callTwentyTimes(Duration.ofSeconds(1), attempt -> {
                time.sleep(Duration.ofSeconds(10));
                return Result.ok("late");
            });

            assertThat(pipeline.state().breaker()).isEqualTo(OPEN);
        }
    }

    @Test
    void build_twice_eachHasABudgetOfItsOwn() {
        Pipeline.Builder builder = Pipeline.named("risk").time(time);
        Pipeline first = builder.build();
        Pipeline second = builder.build();

        var unused = first.call(
                Call.once(), attempt -> Result.err(ErrorKind.UNAVAILABLE.code().error()));

        assertThat(first.state().budget()).isEqualTo(500 - 2 * 14);
        assertThat(second.state().budget()).isEqualTo(500);
    }
}
