package dev.underpin.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.idempotency.IdempotencyStore.State;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.spi.Codec;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdempotencyTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Codec<String> TEXT = OutcomeTest.Texts.INSTANCE;
    private static final ErrorCode DECLINED = ErrorCode.of(ErrorKind.UNPROCESSABLE, "DECLINED", "declined: {reason}");
    private static final ErrorCode DOWN = ErrorCode.of(ErrorKind.UNAVAILABLE, "DOWN", "down");
    private static final ErrorCode LATE = ErrorCode.of(ErrorKind.TIMEOUT, "LATE", "late");

    private final VirtualTime time = new VirtualTime();
    private final StoreOfTest store = new StoreOfTest(IdempotencyStore.inMemory(100_000, time));
    private final List<String> events = new ArrayList<>();
    private final Idempotency idempotency = builder().build();
    private final Operation<String> pay =
            Operation.named("pay").lease(LEASE).ttl(Duration.ofDays(1)).build(TEXT);
    private final AtomicInteger executions = new AtomicInteger();

    private Idempotency.Builder builder() {
        return Idempotency.builder(store)
                .time(time)
                .random(new Random(1))
                .executor(Runnable::run)
                .listener(new Recorder(events));
    }

    /** A worker that does not renew: stopped by its collector, or dead. */
    private Idempotency stalling() {
        return builder().executor(task -> {}).build();
    }

    /* ---- once ---- */

    @Nested
    class Answers {
        @Test
        void execute_first_runsAndStores() {
            Replay<String> first = ok(execute("k", "1", run -> counted("done")));

            assertThat(first).isEqualTo(new Replay<>("done", false));
            assertThat(first.headers()).isEmpty();
            assertThat(store.calls()).containsExactly("claim", "complete");
            assertThat(events).containsExactly("executed pay null");
        }

        @Test
        void execute_again_givesTheAnswerAgainWithTheMarker() {
            ok(execute("k", "1", run -> counted("done")));
            Replay<String> second = ok(execute("k", "1", run -> counted("other")));

            assertThat(second).isEqualTo(new Replay<>("done", true));
            assertThat(second.headers()).isEqualTo(Map.of("Idempotent-Replayed", "true"));
            assertThat(second.map(String::length)).isEqualTo(new Replay<>(4, true));
            assertThat(executions).hasValue(1);
            assertThat(store.calls()).containsExactly("claim", "complete", "claim");
            assertThat(events).containsExactly("executed pay null", "replayed pay");
        }

        @Test
        void execute_otherBody_isRefusedAndChangesNothing() {
            ok(execute("k", "1", run -> counted("done")));

            assertThat(code(execute("k", "2", run -> counted("other"))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_REUSED);
            assertThat(ok(execute("k", "1", run -> counted("other"))).value()).isEqualTo("done");
            assertThat(executions).hasValue(1);
            assertThat(events).contains("rejected pay IDEMPOTENCY_KEY_REUSED");
        }

        @Test
        void execute_sameJsonSpelledDifferently_isTheSameRequest() {
            ok(execute("k", "{\"a\":1,\"b\":[1,2]}", run -> counted("done")));

            assertThat(ok(execute("k", "{ \"b\":[1.0,2], \"a\":1e0 }", run -> counted("x")))
                            .replayed())
                    .isTrue();
            assertThat(code(execute("k", "{\"a\":1,\"b\":[2,1]}", run -> counted("x"))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_REUSED);
        }

        @Test
        void execute_otherTenantOrOperation_isAnother() {
            Operation<String> refund = Operation.named("refund").build(TEXT);
            ok(execute("k", "1", run -> counted("a")));
            IdempotentRequest same = request("t2", "k", "1");

            assertThat(ok(idempotency.execute(pay, same, run -> counted("b")))).isEqualTo(new Replay<>("b", false));
            assertThat(ok(idempotency.execute(refund, request("t1", "k", "1"), run -> counted("c"))))
                    .isEqualTo(new Replay<>("c", false));
            assertThat(executions).hasValue(3);
        }

        @Test
        void execute_bodyChangesItsInput_isStillTheSameRequest() {
            byte[] input = "{\"a\":1}".getBytes(UTF_8);
            IdempotentRequest request =
                    IdempotentRequest.of("t1", "k", Fingerprint.ofJson(input)).orElseThrow();
            ok(idempotency.execute(pay, request, run -> {
                input[1] = 'x';
                return counted("done");
            }));

            assertThat(ok(execute("k", "{\"a\":1}", run -> counted("other"))).replayed())
                    .isTrue();
        }

        @Test
        void execute_afterTheTtl_isNew() {
            ok(execute("k", "1", run -> counted("a")));
            time.advance(Duration.ofDays(1));

            assertThat(ok(execute("k", "1", run -> counted("b")))).isEqualTo(new Replay<>("b", false));
        }
    }

    /* ---- errors and what is kept of them ---- */

    @Nested
    class Errors {
        @Test
        void execute_businessError_isKeptAndGivenAgain() {
            DomainError declined = DomainError.builder(DECLINED)
                    .arg("reason", "limit")
                    .arg("left", 5L)
                    .build();
            DomainError first = error(execute("k", "1", run -> countedErr(declined)));
            DomainError second = error(execute("k", "1", run -> counted("ok")));

            assertThat(first).isSameAs(declined);
            assertThat(second).isEqualTo(declined);
            assertThat(second.message()).isEqualTo("declined: limit");
            assertThat(executions).hasValue(1);
            assertThat(events).containsExactly("executed pay DECLINED", "replayed pay");
        }

        @ParameterizedTest
        @EnumSource(ErrorKind.class)
        void keep_default_areErrorsOfTheBusiness(ErrorKind kind) {
            boolean kept = switch (kind) {
                case NOT_FOUND, CONFLICT, PRECONDITION, UNPROCESSABLE -> true;
                default -> false;
            };

            assertThat(pay.keeps(kind.code().error())).isEqualTo(kept);
            assertThat(pay.keeps(DomainError.builder(kind.code())
                            .retry(Retry.HIGHER_LEVEL)
                            .build()))
                    .isFalse();
        }

        @Test
        void execute_keepOfTheOperation_decides() {
            Operation<String> other =
                    Operation.named("other").keep(error -> error.is(DOWN)).build(TEXT);
            IdempotentRequest request = request("t1", "k", "1");

            assertThat(code(idempotency.execute(other, request, run -> countedErr(DOWN.error()))))
                    .isEqualTo(DOWN);
            assertThat(code(idempotency.execute(other, request, run -> counted("x"))))
                    .isEqualTo(DOWN);
            assertThat(executions).hasValue(1);
        }

        @Test
        void execute_errorBeforeAnyStep_mayBeSentAgainAtOnce() {
            assertThat(code(execute("k", "1", run -> countedErr(DOWN.error())))).isEqualTo(DOWN);
            assertThat(state("k")).isEqualTo(State.RELEASED);
            assertThat(code(execute("k", "2", run -> counted("x"))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_REUSED);

            assertThat(ok(execute("k", "1", run -> counted("b")))).isEqualTo(new Replay<>("b", false));
            assertThat(events)
                    .containsExactly("executed pay DOWN", "rejected pay IDEMPOTENCY_KEY_REUSED", "executed pay null");
        }

        @Test
        void execute_errorAfterAStep_goesOnThereWhenTheLeaseEnds() {
            Function<Execution, Result<String, DomainError>> failing = run ->
                    run.step("charge", TEXT, key -> counted("receipt")).flatMap(receipt -> Result.err(DOWN.error()));
            assertThat(code(execute("k", "1", failing))).isEqualTo(DOWN);

            DomainError busy = error(execute("k", "1", run -> counted("x")));
            assertThat(busy.code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
            assertThat(busy.retry()).isEqualTo(Retry.SAME_CALL);
            assertThat(busy.retryAfter()).contains(Duration.ofSeconds(30));
            time.advance(LEASE);

            assertThat(ok(execute(
                            "k",
                            "1",
                            run -> run.step("charge", TEXT, key -> counted("again"))
                                    .map(receipt -> receipt + "!"))))
                    .isEqualTo(new Replay<>("receipt!", false));
            assertThat(executions).hasValue(1);
        }

        @Test
        void execute_errorInAStep_repeatsTheStepWithTheSameKey() {
            List<String> keys = new ArrayList<>();
            Function<Execution, Result<String, DomainError>> body = run -> run.step("charge", TEXT, key -> {
                keys.add(key);
                return keys.size() == 1 ? Result.err(LATE.error()) : Result.ok("receipt");
            });
            assertThat(code(execute("k", "1", body))).isEqualTo(LATE);
            time.advance(LEASE);

            assertThat(ok(execute("k", "1", body)).value()).isEqualTo("receipt");
            assertThat(keys).hasSize(2);
            assertThat(keys.get(0))
                    .isEqualTo(keys.get(1))
                    .isEqualTo(IdempotencyStore.Key.of("t1", "pay", "k").hex() + ":charge");
        }

        @Test
        void execute_failureDownstream_isNotPinned() {
            Function<Execution, Result<String, DomainError>> body = run -> run.step(
                    "charge",
                    TEXT,
                    key -> executions.incrementAndGet() == 1
                            ? Result.err(ErrorKind.INTERNAL.code().error())
                            : Result.ok("receipt"));
            assertThat(code(execute("k", "1", body))).isEqualTo(ErrorKind.INTERNAL.code());
            time.advance(LEASE);

            assertThat(ok(execute("k", "1", body)).value()).isEqualTo("receipt");
        }

        @Test
        void execute_definiteErrorOfAStep_isNotedLikeAValue() {
            Function<Execution, Result<String, DomainError>> body =
                    run -> run.step("first", TEXT, key -> countedErr(DECLINED.error()))
                            .recoverWith(declined -> run.step("second", TEXT, key -> Result.err(LATE.error())));
            assertThat(code(execute("k", "1", body))).isEqualTo(LATE);
            time.advance(LEASE);
            assertThat(code(execute("k", "1", body))).isEqualTo(LATE);

            assertThat(executions).as("runs of the step that was declined").hasValue(1);
        }

        @Test
        void execute_bodyThrows_throwsOnAndLeavesTheKeyAsIfTheWorkerHadDied() {
            var bug = new IllegalStateException("bug");

            assertThatThrownBy(() -> execute("k", "1", run -> {
                        throw bug;
                    }))
                    .isSameAs(bug);
            assertThat(state("k")).isEqualTo(State.RUNNING);
            assertThat(code(execute("k", "1", run -> counted("x"))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
            time.advance(LEASE);
            assertThat(ok(execute("k", "1", run -> counted("b")))).isEqualTo(new Replay<>("b", false));
        }

        @Test
        void execute_bodyReturnsNull_isABug() {
            assertThatThrownBy(() -> execute("k", "1", run -> null)).isInstanceOf(NullPointerException.class);
            assertThat(time.pending()).isZero();
        }

        @Test
        void execute_largeAnswer_isGivenOnceAndNotExecutedAgain() {
            Operation<String> small = Operation.named("small").maxAnswer(5).build(TEXT);
            IdempotentRequest request = request("t1", "k", "1");

            assertThat(ok(idempotency.execute(small, request, run -> counted("123456")))
                            .value())
                    .isEqualTo("123456");
            assertThat(code(idempotency.execute(small, request, run -> counted("x"))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_NOT_KEPT);
            assertThat(executions).hasValue(1);
        }

        @Test
        void execute_answerOfAnUnknownVersion_isAnErrorAndNotExecutedAgain() {
            Operation<String> versioned = Operation.named("pay").build(new Versioned(1));
            Operation<String> older = Operation.named("pay").build(new Versioned(0));
            IdempotentRequest request = request("t1", "k", "1");
            ok(idempotency.execute(versioned, request, run -> counted("done")));

            DomainError error = error(idempotency.execute(older, request, run -> counted("x")));

            assertThat(error.code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE);
            assertThat(error.kind()).isEqualTo(ErrorKind.INTERNAL);
            assertThat(executions).hasValue(1);
            assertThat(ok(idempotency.execute(versioned, request, run -> counted("x")))
                            .value())
                    .isEqualTo("done");
        }

        @Test
        void execute_stepOfAnUnknownVersion_isAnErrorAndNotRunAgain() {
            Codec<String> newer = new Versioned(1);
            assertThat(code(execute(
                            "k",
                            "1",
                            run -> run.step("charge", newer, key -> counted("receipt"))
                                    .flatMap(receipt -> Result.err(DOWN.error())))))
                    .isEqualTo(DOWN);
            time.advance(LEASE);

            assertThat(code(execute("k", "1", run -> run.step("charge", new Versioned(0), key -> counted("again")))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE);
            assertThat(executions).hasValue(1);
        }
    }

    /* ---- steps that must not be repeated ---- */

    @Nested
    class Once {
        @Test
        void stepOnce_done_isNotRepeated() {
            assertThat(code(execute(
                            "k",
                            "1",
                            run -> run.stepOnce("mail", TEXT, () -> counted("sent"))
                                    .flatMap(sent -> Result.err(DOWN.error())))))
                    .isEqualTo(DOWN);
            time.advance(LEASE);

            assertThat(ok(execute("k", "1", run -> run.stepOnce("mail", TEXT, () -> counted("again"))))
                            .value())
                    .isEqualTo("sent");
            assertThat(executions).hasValue(1);
        }

        @Test
        void stepOnce_workerDied_isUnknownUntilAnOperatorDecides() {
            kill(run -> run.stepOnce("mail", TEXT, () -> {
                executions.incrementAndGet();
                throw new Killed();
            }));
            time.advance(LEASE);

            for (int i = 0; i < 2; i++) {
                assertThat(code(execute("k", "1", run -> run.stepOnce("mail", TEXT, () -> counted("again")))))
                        .isEqualTo(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN);
                time.advance(LEASE);
            }
            assertThat(executions).hasValue(1);
            assertThat(state("k")).isEqualTo(State.INDETERMINATE);
        }

        @Test
        void stepOnce_throws_isUnknown() {
            assertThatThrownBy(() -> execute(
                            "k",
                            "1",
                            run -> run.stepOnce("mail", TEXT, () -> {
                                throw new IllegalStateException("bug");
                            })))
                    .hasMessage("bug");

            assertThat(state("k")).isEqualTo(State.INDETERMINATE);
        }

        private void interrupt() {
            assertThat(code(execute("k", "1", run -> run.stepOnce("mail", TEXT, () -> Result.err(LATE.error())))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN);
            assertThat(state("k")).isEqualTo(State.INDETERMINATE);
        }

        @Test
        void stepOnce_lateAnswer_isUnknown() {
            interrupt();

            assertThat(events).containsExactly("executed pay IDEMPOTENCY_OUTCOME_UNKNOWN");
        }

        @Test
        void stepOnce_lateAnswerThatTheBodyMakesSomethingOf_isAnswered() {
            assertThat(ok(execute(
                            "k",
                            "1",
                            run -> run.stepOnce("mail", TEXT, () -> Result.<String, DomainError>err(LATE.error()))
                                    .recoverWith(late -> Result.ok("we will see")))))
                    .isEqualTo(new Replay<>("we will see", false));
            assertThat(state("k")).isEqualTo(State.COMPLETED);
        }

        @Test
        void stepOnce_certainlyWithoutEffect_isRunAgain() {
            assertThat(code(execute("k", "1", run -> run.stepOnce("mail", TEXT, () -> countedErr(DOWN.error())))))
                    .isEqualTo(DOWN);
            time.advance(LEASE);

            assertThat(ok(execute("k", "1", run -> run.stepOnce("mail", TEXT, () -> counted("sent"))))
                            .value())
                    .isEqualTo("sent");
            assertThat(executions).hasValue(2);
        }

        @ParameterizedTest
        @EnumSource(ErrorKind.class)
        void stepOnce_errorOfAnyKind_isAnAnswerOrUnknownOrNotDone(ErrorKind kind) {
            State expected = switch (kind) {
                case NOT_FOUND, CONFLICT, PRECONDITION, UNPROCESSABLE -> State.COMPLETED;
                case INTERNAL, CANCELLED, BAD_GATEWAY, TIMEOUT -> State.INDETERMINATE;
                case MALFORMED, VALIDATION, UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED, NOT_IMPLEMENTED, UNAVAILABLE ->
                    State.RUNNING;
            };
            execute(
                    "k",
                    "1",
                    run -> run.stepOnce(
                            "mail", TEXT, () -> countedErr(kind.code().error())));
            assertThat(state("k")).isEqualTo(expected);
            time.advance(LEASE);
            execute("k", "1", run -> run.stepOnce("mail", TEXT, () -> counted("sent")));

            assertThat(executions).hasValue(expected == State.RUNNING ? 2 : 1);
        }

        @Test
        void stepOnce_beginCannotBeNoted_isNotRun() {
            store.failAt("advance");

            DomainError error = error(execute("k", "1", run -> run.stepOnce("mail", TEXT, () -> counted("sent"))));

            assertThat(error.code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
            assertThat(error.retry()).isEqualTo(Retry.SAME_CALL);
            assertThat(executions).hasValue(0);
            assertThat(state("k")).isEqualTo(State.RELEASED);
        }

        /** The answer of the store comes late; by then another worker may have been told that nothing was done. */
        @Test
        void stepOnce_leaseLostWhileItsBeginIsNoted_isNotRunByThisWorker() {
            store.after(call -> {
                if (call.equals("advance")) {
                    store.after(later -> {});
                    time.advance(LEASE);
                }
            });
            Result<Replay<String>, DomainError> late = stalling()
                    .execute(pay, request("t1", "k", "1"), run -> run.stepOnce("mail", TEXT, () -> counted("late")));

            assertThat(code(late)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
            assertThat(executions).hasValue(0);
            assertThat(ok(execute("k", "1", run -> run.stepOnce("mail", TEXT, () -> counted("sent"))))
                            .value())
                    .isEqualTo("sent");
        }

        @Test
        void stepOnce_endCannotBeNoted_isUnknown() {
            assertThat(code(execute(
                            "k",
                            "1",
                            run -> run.stepOnce("mail", TEXT, () -> {
                                store.failAt("advance");
                                return counted("sent");
                            }))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN);
            assertThat(state("k")).isEqualTo(State.INDETERMINATE);
        }

        @Test
        void resolve_answer_isGivenFromThenOn() {
            interrupt();

            assertThat(idempotency
                            .resolve(pay, "t1", "k", Result.ok("it was sent"))
                            .orElseThrow())
                    .isTrue();
            assertThat(ok(execute("k", "1", run -> counted("x")))).isEqualTo(new Replay<>("it was sent", true));
            assertThat(idempotency.resolve(pay, "t1", "k", Result.ok("twice")).orElseThrow())
                    .isFalse();
        }

        @Test
        void resolve_error_isGivenFromThenOn() {
            interrupt();

            assertThat(idempotency
                            .resolve(pay, "t1", "k", Result.err(DECLINED.error()))
                            .orElseThrow())
                    .isTrue();
            assertThat(code(execute("k", "1", run -> counted("x")))).isEqualTo(DECLINED);
        }

        @Test
        void release_noEffect_runsTheStepAgainAndKeepsOthers() {
            Function<Execution, Result<String, DomainError>> body =
                    run -> run.step("charge", TEXT, key -> counted("receipt"))
                            .flatMap(receipt -> run.stepOnce("mail", TEXT, () -> Result.err(LATE.error())));
            assertThat(code(execute("k", "1", body))).isEqualTo(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN);

            assertThat(idempotency
                            .inspect(pay, "t1", "k")
                            .orElseThrow()
                            .orElseThrow()
                            .steps())
                    .containsOnlyKeys("charge", "mail");
            assertThat(idempotency.release(pay, "t1", "k").orElseThrow()).isTrue();
            assertThat(idempotency.release(pay, "t1", "k").orElseThrow()).isFalse();
            assertThat(ok(execute(
                                    "k",
                                    "1",
                                    run -> run.step("charge", TEXT, key -> counted("again"))
                                            .flatMap(receipt ->
                                                    run.stepOnce("mail", TEXT, () -> Result.ok(receipt + " sent")))))
                            .value())
                    .isEqualTo("receipt sent");
            assertThat(executions).hasValue(1);
        }

        @Test
        void operator_storeIsDown_isAnError() {
            store.failAt("find", "settle");

            assertThat(code(idempotency.inspect(pay, "t1", "k"))).isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
            assertThat(code(idempotency.release(pay, "t1", "k"))).isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
            assertThat(code(idempotency.resolve(pay, "t1", "k", Result.ok("x"))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
        }

        @Test
        void inspect_unknownKey_isNothing() {
            assertThat(idempotency.inspect(pay, "t1", "k").orElseThrow()).isEmpty();
        }
    }

    /* ---- waiting ---- */

    @Nested
    class Waiting {
        private final Operation<String> patient = Operation.named("pay")
                .lease(LEASE)
                .ttl(Duration.ofDays(1))
                .maxWait(Duration.ofMinutes(1))
                .build(TEXT);

        @ParameterizedTest
        @ValueSource(ints = {1, 24, 26, 100, 150, 299, 300})
        void execute_firstEndsMeanwhile_givesItsAnswerSoon(int millis) {
            IdempotentRequest request = request("t1", "k", "1");
            long start = time.nanoTime();
            Result<Replay<String>, DomainError> first = idempotency.execute(pay, request, run -> {
                // The second request comes while this one runs, and sees it end when its time has come.
                assertThat(time.schedule(Duration.ofMillis(millis), () -> completeByHand("k", "first")))
                        .isNotDone();
                Replay<String> second = ok(idempotency.execute(patient, request, other -> counted("second")));
                assertThat(second).isEqualTo(new Replay<>("first", true));
                return Result.ok("late");
            });

            assertThat(Duration.ofNanos(time.nanoTime() - start)).isLessThan(Duration.ofMillis(millis + 100));
            assertThat(ok(first)).isEqualTo(new Replay<>("first", true));
            assertThat(executions).hasValue(0);
        }

        @Test
        void execute_firstDies_takesOverWhenTheLeaseEnds() {
            kill(run -> {
                throw new Killed();
            });
            long start = time.nanoTime();

            assertThat(ok(idempotency.execute(patient, request("t1", "k", "1"), run -> counted("second"))))
                    .isEqualTo(new Replay<>("second", false));
            assertThat(Duration.ofNanos(time.nanoTime() - start)).isBetween(LEASE, LEASE.plusMillis(400));
        }

        @Test
        void execute_waitIsOver_isBusyAndTouchesNothing() {
            Operation<String> hasty =
                    Operation.named("pay").maxWait(Duration.ofSeconds(5)).build(TEXT);
            kill(run -> {
                throw new Killed();
            });
            IdempotencyStore.Entry before = entry("k");
            long start = time.nanoTime();

            DomainError busy = error(idempotency.execute(hasty, request("t1", "k", "1"), run -> counted("x")));

            assertThat(busy.code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
            assertThat(busy.retryAfter()).contains(Duration.ofSeconds(25));
            assertThat(Duration.ofNanos(time.nanoTime() - start)).isEqualTo(Duration.ofSeconds(5));
            assertThat(entry("k").owner()).isEqualTo(before.owner());
            assertThat(entry("k").leaseLeft()).isEqualTo(before.leaseLeft().minusSeconds(5));
            assertThat(executions).hasValue(0);
        }

        @Test
        void execute_polls_growAndAreBounded() {
            kill(run -> {
                throw new Killed();
            });
            int before = store.calls().size();
            ok(idempotency.execute(patient, request("t1", "k", "1"), run -> counted("b")));
            long polls =
                    store.calls().stream().skip(before).filter("claim"::equals).count();

            assertThat(polls).as("polls in 30 seconds").isBetween(80L, 130L);
        }

        @Test
        void execute_interrupted_isBusyAndStillInterrupted() {
            kill(run -> {
                throw new Killed();
            });
            Thread.currentThread().interrupt();

            assertThat(code(idempotency.execute(patient, request("t1", "k", "1"), run -> counted("x"))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
            assertThat(Thread.interrupted()).isTrue();
        }

        @Test
        void execute_otherBody_isRefusedAtOnce() {
            kill(run -> {
                throw new Killed();
            });
            long start = time.nanoTime();

            assertThat(code(idempotency.execute(patient, request("t1", "k", "2"), run -> counted("x"))))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_KEY_REUSED);
            assertThat(time.nanoTime()).isEqualTo(start);
        }

        @Test
        void retryAfter_isOneToThirtySecondsRoundedUp() {
            IdempotencyStore.Entry before = claimed("k");
            assertThat(pay.answer(request("t1", "k", "1"), before).fold(a -> null, DomainError::retryAfter))
                    .contains(Duration.ofSeconds(30));
            time.advance(Duration.ofMillis(100));
            assertThat(error(execute("k", "1", run -> counted("x"))).retryAfter())
                    .contains(Duration.ofSeconds(30));
            time.advance(Duration.ofSeconds(1));
            assertThat(error(execute("k", "1", run -> counted("x"))).retryAfter())
                    .contains(Duration.ofSeconds(29));
            time.advance(Duration.ofMillis(28_850));
            assertThat(error(execute("k", "1", run -> counted("x"))).retryAfter())
                    .contains(Duration.ofSeconds(1));
            Operation<String> slow =
                    Operation.named("slow").lease(Duration.ofHours(1)).build(TEXT);
            IdempotentRequest request = request("t1", "k", "1");
            assertThat(ok(idempotency.execute(slow, request, run -> {
                                assertThat(error(idempotency.execute(slow, request, other -> counted("x")))
                                                .retryAfter())
                                        .contains(Duration.ofSeconds(30));
                                return counted("a");
                            }))
                            .value())
                    .isEqualTo("a");
        }
    }

    /* ---- the lease ---- */

    @Nested
    class Leases {
        @Test
        void execute_longBody_keepsItsLease() {
            assertThat(ok(execute("k", "1", run -> {
                                for (int i = 0; i < 10; i++) {
                                    time.advance(LEASE.minusSeconds(1));
                                    assertThat(code(execute("k", "1", other -> counted("x"))))
                                            .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
                                }
                                return run.step("charge", TEXT, key -> counted("done"));
                            }))
                            .value())
                    .isEqualTo("done");
            assertThat(executions).hasValue(1);
        }

        @Test
        void heartbeat_oneRun_renewsThreeTimesALease() {
            ok(execute("k", "1", run -> {
                time.advance(LEASE.multipliedBy(10).plusMillis(1));
                return counted("done");
            }));

            assertThat(store.calls().stream().filter("renew 1"::equals)).hasSize(30);
            assertThat(time.pending()).as("tasks that outlive the run").isZero();
        }

        @Test
        void heartbeat_manyRuns_areRenewedTogether() {
            ok(nested(8, run -> {
                time.advance(LEASE.multipliedBy(10));
                return counted("done");
            }));

            assertThat(store.calls().stream().filter(call -> call.startsWith("renew")))
                    .hasSizeBetween(30, 33)
                    .contains("renew 8");
            assertThat(time.pending()).isZero();
        }

        private Result<Replay<String>, DomainError> nested(
                int runs, Function<Execution, Result<String, DomainError>> innermost) {
            return execute("k" + runs, "1", run -> {
                time.advance(Duration.ofSeconds(1));
                return runs == 1
                        ? innermost.apply(run)
                        : nested(runs - 1, innermost).map(Replay::value);
            });
        }

        @Test
        void heartbeat_storeFailsForAWhile_keepsTheLease() {
            assertThat(ok(execute("k", "1", run -> {
                                store.failAt("renew 1");
                                time.advance(LEASE.dividedBy(2));
                                store.failNowhere();
                                time.advance(LEASE.multipliedBy(3));
                                return run.step("charge", TEXT, key -> counted("done"));
                            }))
                            .value())
                    .isEqualTo("done");
            assertThat(events).contains("storeFailed pay store is down");
        }

        @Test
        void heartbeat_storeIsDown_cancelsBeforeTheLeaseEnds() {
            assertThat(code(execute("k", "1", run -> {
                        store.failAt("renew 1");
                        time.advance(LEASE.multipliedBy(5).dividedBy(6).minusMillis(1));
                        assertThat(run.step("before", TEXT, key -> counted("a")).isOk())
                                .isTrue();
                        time.advance(Duration.ofMillis(1));
                        return run.step("after", TEXT, key -> counted("b"));
                    })))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
            assertThat(executions).hasValue(1);
            assertThat(events.stream().filter("storeFailed pay store is down"::equals))
                    .as("tries, at first after a third and then each twelfth of the lease")
                    .hasSize(6);
        }

        @Test
        void heartbeat_executorRefuses_cancelsLikeAStoreThatIsDown() {
            Idempotency refused = builder()
                    .executor(task -> {
                        throw new RejectedExecutionException("full");
                    })
                    .build();

            assertThat(code(refused.execute(pay, request("t1", "k", "1"), run -> {
                        time.advance(LEASE);
                        return run.step("after", TEXT, key -> counted("b"));
                    })))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
            assertThat(executions).hasValue(0);
        }

        @Test
        void heartbeat_noThreadForIt_renewsAsSoonAsThereIsOne() {
            var refusals = new AtomicInteger(2);
            Idempotency refused = builder()
                    .executor(task -> {
                        if (refusals.getAndDecrement() > 0) {
                            throw new OutOfMemoryError("unable to create native thread");
                        }
                        task.run();
                    })
                    .build();

            ok(refused.execute(pay, request("t1", "k", "1"), run -> {
                time.advance(LEASE.multipliedBy(4));
                assertThat(entry("k").leaseLeft()).isPositive();
                return counted("done");
            }));
        }

        @Test
        void heartbeat_storeFailsWithAnError_keepsTheLease() {
            var failures = new AtomicInteger(2);
            store.before(call -> {
                if (call.startsWith("renew") && failures.getAndDecrement() > 0) {
                    throw new NoClassDefFoundError("store");
                }
            });

            ok(execute("k", "1", run -> {
                time.advance(LEASE.multipliedBy(4));
                assertThat(entry("k").leaseLeft()).isPositive();
                return counted("done");
            }));
        }

        @Test
        void heartbeat_cannotBeBegun_isThrownOnAndForgotten() {
            var broken = new TimerOfTest(time);
            Idempotency timerless = builder().time(broken).build();
            broken.fail = true;
            assertThatThrownBy(() -> timerless.execute(pay, request("t1", "k", "1"), run -> counted("a")))
                    .isInstanceOf(RejectedExecutionException.class);
            broken.fail = false;

            ok(timerless.execute(pay, request("t1", "l", "1"), run -> {
                time.advance(LEASE.multipliedBy(4));
                return counted("b");
            }));
            assertThat(entry("k").leaseLeft()).as("as if its worker had died").isZero();
        }

        @Test
        void execute_renewedWhileTheKeyIsGivenUp_givesTheErrorOfTheBody() {
            store.after(call -> {
                if (call.equals("release")) {
                    time.advance(LEASE.dividedBy(3)); // finds that the key is nobody's
                }
            });

            assertThat(code(execute("k", "1", run -> countedErr(DOWN.error())))).isEqualTo(DOWN);
            assertThat(store.calls()).containsExactly("claim", "release", "renew 1");
            assertThat(events).containsExactly("executed pay DOWN");
        }

        @Test
        void leaseLost_interruptOfSomebodyElse_isKept() {
            Result<Replay<String>, DomainError> result = execute("k", "1", run -> {
                takenOver("k");
                Thread.currentThread().interrupt();
                return run.step("a", TEXT, key -> counted("a")); // learns of it by itself
            });

            assertThat(Thread.interrupted()).isTrue();
            assertThat(code(result)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
        }

        @Test
        void heartbeat_storeHangs_cancelsBeforeTheLeaseEnds() throws InterruptedException {
            var hanging = new CountDownLatch(1);
            var asked = new CountDownLatch(1);
            Idempotency onThreads = builder()
                    .executor(task -> new Thread(task, "renewals").start())
                    .build();
            store.before(call -> {
                if (call.startsWith("renew")) {
                    asked.countDown();
                    await(hanging);
                }
            });

            assertThat(code(onThreads.execute(pay, request("t1", "k", "1"), run -> {
                        time.advance(LEASE.dividedBy(3));
                        await(asked);
                        time.advance(LEASE.dividedBy(2));
                        return run.step("after", TEXT, key -> counted("b"));
                    })))
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
            hanging.countDown();
        }

        @Test
        void heartbeat_byDefault_hasADaemonThreadOfItsOwn() {
            var renewing = new AtomicReference<Thread>();
            var renewed = new CountDownLatch(1);
            Idempotency plain = Idempotency.builder(store).time(time).build();
            store.before(call -> {
                if (call.startsWith("renew")) {
                    renewing.set(Thread.currentThread());
                    renewed.countDown();
                }
            });
            ok(plain.execute(pay, request("t1", "k", "1"), run -> {
                time.advance(LEASE.dividedBy(2));
                await(renewed);
                return counted("done");
            }));

            assertThat(renewing.get().getName()).isEqualTo("underpin-idempotency");
            assertThat(renewing.get().isDaemon()).isTrue();
            assertThat(renewing.get().getContextClassLoader()).isEqualTo(Idempotency.class.getClassLoader());
        }

        @Test
        void leaseLost_bodyThatWaits_isInterrupted() throws InterruptedException {
            var started = new CountDownLatch(1);
            var answer = new AtomicReference<DomainError>();
            var interruptedAfter = new AtomicReference<Boolean>();
            Thread worker = new Thread(() -> {
                answer.set(error(stalling().execute(pay, request("t1", "k", "1"), run -> {
                    started.countDown();
                    try {
                        new CountDownLatch(1).await();
                        return Result.ok("never");
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return Result.err(ErrorKind.CANCELLED.code().error());
                    }
                })));
                interruptedAfter.set(Thread.currentThread().isInterrupted());
            });
            worker.start();
            started.await();
            time.advance(LEASE.multipliedBy(5).dividedBy(6));
            worker.join();

            assertThat(answer.get().code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
            assertThat(interruptedAfter.get())
                    .as("the interrupt was ours and ends with the run")
                    .isFalse();
            assertThat(events).contains("leaseLost pay");
        }

        @Test
        void execute_stallsAndIsReplaced_reportsTheOthersAnswer() {
            Result<Replay<String>, DomainError> slow = stalling().execute(pay, request("t1", "k", "1"), run -> {
                assertThat(run.step("a", TEXT, key -> counted("a")).isOk()).isTrue();
                time.advance(LEASE);
                assertThat(ok(execute(
                                        "k",
                                        "1",
                                        other -> other.step("a", TEXT, key -> counted("x"))
                                                .flatMap(
                                                        a -> other.step("b", TEXT, key -> counted("b of the second")))))
                                .value())
                        .isEqualTo("b of the second");
                return run.step("b", TEXT, key -> counted("b of the first"));
            });

            assertThat(ok(slow)).isEqualTo(new Replay<>("b of the second", true));
            assertThat(executions).as("a, and b of the second").hasValue(2);
            assertThat(events).containsExactly("executed pay null", "leaseLost pay");
        }

        @Test
        void execute_stallsAndTheOtherStillRuns_isLost() {
            assertThat(ok(execute("other", "1", outer -> {
                                claimed("k");
                                return Result.ok("");
                            }))
                            .value())
                    .isEmpty();
            time.advance(LEASE);
            Result<Replay<String>, DomainError> slow = stalling().execute(pay, request("t1", "k", "1"), run -> {
                time.advance(LEASE);
                claimed("k");
                return Result.ok("of the slow one");
            });

            assertThat(code(slow)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
            assertThat(entry("k").outcome()).isEmpty();
        }

        @Test
        void execute_replacedAndTheStoreIsDown_isLost() {
            Result<Replay<String>, DomainError> slow = stalling().execute(pay, request("t1", "k", "1"), run -> {
                time.advance(LEASE);
                claimed("k");
                store.failAt("find");
                return Result.ok("of the slow one");
            });

            assertThat(code(slow)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
        }

        @Test
        void execute_wokenBeforeAnybodyElseCame_mayStillComplete() {
            assertThat(ok(stalling().execute(pay, request("t1", "k", "1"), run -> {
                        time.advance(LEASE.multipliedBy(2));
                        return counted("done");
                    })))
                    .isEqualTo(new Replay<>("done", false));
        }

        @Test
        void step_sameNameTwice_isABug() {
            assertThatThrownBy(() -> execute("k", "1", run -> {
                        assertThat(run.step("a", TEXT, key -> counted("a")).isOk())
                                .isTrue();
                        return run.step("a", TEXT, key -> counted("b"));
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("unique");
        }

        @Test
        void step_nameThatIsNoText_isABug() {
            String half = "\uD800"; // would be stored as another name, and not be found again
            assertThatThrownBy(() -> execute("k", "1", run -> run.stepOnce(half, TEXT, () -> counted("a"))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(executions).hasValue(0);
        }

        @Test
        void step_afterTheBody_isABug() {
            var leaked = new AtomicReference<Execution>();
            ok(execute("k", "1", run -> {
                leaked.set(run);
                return counted("done");
            }));

            assertThatThrownBy(() -> leaked.get().step("a", TEXT, key -> counted("late")))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(executions).hasValue(1);
        }
    }

    /* ---- the store fails ---- */

    @Nested
    class StoreFails {
        @Test
        void execute_claimFails_isNotExecuted() {
            store.failAt("claim");

            DomainError error = error(execute("k", "1", run -> counted("x")));

            assertThat(error.code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
            assertThat(error.retry()).isEqualTo(Retry.SAME_CALL);
            assertThat(error.cause().orElseThrow()).hasMessage("store is down");
            assertThat(executions).hasValue(0);
            assertThat(events)
                    .containsExactly("storeFailed pay store is down", "rejected pay IDEMPOTENCY_STORE_FAILED");
        }

        @Test
        void execute_claimFailsAndFailOpen_isExecutedEachTime() {
            Idempotency open = builder().failOpen().build();
            store.failAt("claim");
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                assertThat(ok(open.execute(
                                pay,
                                request("t1", "k", "1"),
                                run -> run.step("charge", TEXT, key -> {
                                            keys.add(key);
                                            return counted("a");
                                        })
                                        .flatMap(a -> run.stepOnce("mail", TEXT, () -> counted("b"))))))
                        .isEqualTo(new Replay<>("b", false));
            }
            assertThat(executions).hasValue(4);
            assertThat(keys.get(0)).isEqualTo(keys.get(1)).endsWith(":charge");
        }

        @Test
        void execute_completeFails_givesTheAnswerAllTheSame() {
            store.failAt("complete");

            assertThat(ok(execute("k", "1", run -> run.step("charge", TEXT, key -> counted("receipt")))))
                    .isEqualTo(new Replay<>("receipt", false));
            store.failNowhere();
            time.advance(LEASE);
            assertThat(ok(execute("k", "1", run -> run.step("charge", TEXT, key -> counted("again")))))
                    .isEqualTo(new Replay<>("receipt", false));
            assertThat(executions).hasValue(1);
            assertThat(events).contains("storeFailed pay store is down");
        }

        @Test
        void execute_completeFailsAndTheLeaseIsLost_isLost() {
            assertThat(code(stalling().execute(pay, request("t1", "k", "1"), run -> {
                        time.advance(LEASE);
                        store.failAt("complete");
                        return counted("done");
                    })))
                    .as("another may have answered differently")
                    .isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
        }

        @Test
        void execute_releaseFails_givesTheErrorOfTheBody() {
            store.failAt("release");

            assertThat(code(execute("k", "1", run -> countedErr(DOWN.error())))).isEqualTo(DOWN);
        }

        @Test
        void execute_suspendFails_isUnknownAndStaysSo() {
            store.failAt("suspend");
            Function<Execution, Result<String, DomainError>> body =
                    run -> run.stepOnce("mail", TEXT, () -> countedErr(LATE.error()));

            assertThat(code(execute("k", "1", body))).isEqualTo(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN);
            store.failNowhere();
            time.advance(LEASE);
            assertThat(code(execute("k", "1", body))).isEqualTo(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN);
            assertThat(state("k")).isEqualTo(State.INDETERMINATE);
            assertThat(executions).hasValue(1);
        }

        @Test
        void execute_bodyThrowsAndSuspendFails_throwsTheBodysWithTheOthers() {
            store.failAt("suspend");

            assertThatThrownBy(() -> execute(
                            "k",
                            "1",
                            run -> run.stepOnce("mail", TEXT, () -> {
                                throw new IllegalStateException("bug");
                            })))
                    .hasMessage("bug")
                    .satisfies(thrown -> assertThat(thrown.getSuppressed()[0]).hasMessage("store is down"));
        }

        @Test
        void step_resultCannotBeNoted_isNotReportedAsDone() {
            store.failAt("advance");

            DomainError error = error(execute("k", "1", run -> run.step("charge", TEXT, key -> counted("receipt"))));

            assertThat(error.code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED);
            assertThat(error.retry()).isEqualTo(Retry.IF_IDEMPOTENT);
            assertThat(state("k")).isEqualTo(State.RUNNING);
        }

        @Test
        void listener_throws_changesNothing() {
            Idempotency noisy = builder()
                    .listener(new IdempotencyListener() {
                        @Override
                        public void onExecuted(String operation, long nanos, ErrorCode error) {
                            throw new IllegalStateException("listener");
                        }
                    })
                    .build();

            assertThat(ok(noisy.execute(pay, request("t1", "k", "1"), run -> counted("a")))
                            .value())
                    .isEqualTo("a");
        }
    }

    /* ---- closing ---- */

    @Test
    void close_nothingRuns_refusesFromThenOn() {
        assertThat(idempotency.close(Duration.ZERO)).isTrue();

        DomainError error = error(execute("k", "1", run -> counted("x")));
        assertThat(error.code()).isEqualTo(IdempotencyErrors.IDEMPOTENCY_CLOSED);
        assertThat(error.retry()).isEqualTo(Retry.SAME_CALL);
        assertThat(executions).hasValue(0);
        assertThat(store.calls()).isEmpty();
    }

    @Test
    void close_bodyRuns_waitsAtMostAsLongAsTold() {
        ok(execute("k", "1", run -> {
            long start = time.nanoTime();
            assertThat(idempotency.close(Duration.ofMinutes(2))).isFalse();
            assertThat(Duration.ofNanos(time.nanoTime() - start)).isEqualTo(Duration.ofMinutes(2));
            return run.step("charge", TEXT, key -> counted("done"));
        }));

        assertThat(idempotency.close(Duration.ZERO)).isTrue();
        assertThat(state("k")).isEqualTo(State.COMPLETED);
    }

    @Test
    void close_interrupted_saysThatSomethingRuns() {
        ok(execute("k", "1", run -> {
            Thread.currentThread().interrupt();
            assertThat(idempotency.close(Duration.ofMinutes(2))).isFalse();
            assertThat(Thread.interrupted()).isTrue();
            return counted("done");
        }));
    }

    /* ---- steps that note themselves ---- */

    @Nested
    class NotingSteps {
        private Result<String, DomainError> reserve(Execution run) {
            return run.stepNoting(
                    "reserve",
                    TEXT,
                    note -> counted("reserved")
                            .flatMap(value -> note.write(store, value)
                                    ? Result.ok(value)
                                    : Result.err(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST.error())));
        }

        @Test
        void stepNoting_value_isNotedOnceAndNotDoneAgain() {
            kill(run -> reserve(run).flatMap(value -> {
                throw new Killed();
            }));
            assertThat(store.calls()).containsExactly("claim", "advance");
            time.advance(LEASE);

            assertThat(ok(execute("k", "1", this::reserve)).value()).isEqualTo("reserved");
            assertThat(executions).hasValue(1);
        }

        @Test
        void stepNoting_leaseIsLost_runsNothingMore() {
            Result<Replay<String>, DomainError> result = stalling().execute(pay, request("t1", "k", "1"), run -> {
                Result<String, DomainError> first = run.stepNoting("reserve", TEXT, note -> {
                    time.advance(LEASE);
                    claimed("k");
                    assertThat(note.write(store, "late")).isFalse();
                    return counted("late")
                            .flatMap(value -> Result.err(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST.error()));
                });
                assertThat(code(first)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
                return run.stepNoting("second", TEXT, note -> counted("never"));
            });

            assertThat(code(result)).isEqualTo(IdempotencyErrors.IDEMPOTENCY_LEASE_LOST);
            assertThat(executions).hasValue(1);
            assertThat(entry("k").steps()).isEmpty();
            assertThat(events).containsExactly("leaseLost pay");
        }

        @Test
        void stepNoting_errorThatIsKept_isNotedAfterIt() {
            Function<Execution, Result<String, DomainError>> body =
                    run -> run.stepNoting("reserve", TEXT, note -> countedErr(DECLINED.error()));
            kill(run -> body.apply(run).recoverWith(error -> {
                throw new Killed();
            }));
            assertThat(entry("k").steps()).containsOnlyKeys("reserve");
            time.advance(LEASE);

            assertThat(code(execute("k", "1", body))).isEqualTo(DECLINED);
            assertThat(executions).hasValue(1);
        }

        @Test
        void stepNoting_errorWithoutEffect_releasesAndOneThatMayHaveHad_stays() {
            assertThat(code(execute(
                            "k", "1", run -> run.stepNoting("reserve", TEXT, note -> countedErr(DOWN.error())))))
                    .isEqualTo(DOWN);
            assertThat(state("k")).isEqualTo(State.RELEASED);

            assertThat(code(execute(
                            "k",
                            "1",
                            run -> run.stepNoting(
                                    "reserve",
                                    TEXT,
                                    note -> countedErr(DomainError.builder(DOWN)
                                            .retry(Retry.IF_IDEMPOTENT)
                                            .build())))))
                    .isEqualTo(DOWN);
            assertThat(state("k")).isEqualTo(State.RUNNING);
            assertThat(entry("k").steps()).isEmpty();
        }

        @Test
        void stepNoting_storeIsDownAndFailOpen_isRunWithoutANote() {
            store.failAt("claim");
            assertThat(ok(builder().failOpen().build().execute(pay, request("t1", "k", "1"), this::reserve))
                            .value())
                    .isEqualTo("reserved");
            assertThat(store.calls()).containsExactly("claim");
        }
    }

    /* ---- the pieces ---- */

    @CanIgnoreReturnValue
    private Result<Replay<String>, DomainError> execute(
            String key, String body, Function<Execution, Result<String, DomainError>> run) {
        return idempotency.execute(pay, request("t1", key, body), run);
    }

    /** Leaves the key "k" as a worker does that dies. */
    private void kill(Function<Execution, Result<String, DomainError>> body) {
        store.before(call -> {
            if (call.equals("suspend")) {
                throw new Killed();
            }
        });
        try {
            Result<?, ?> unused = stalling().execute(pay, request("t1", "k", "1"), body);
            throw new AssertionError("it was to die");
        } catch (Killed e) {
            store.failNowhere();
            events.clear();
        }
    }

    @CanIgnoreReturnValue
    private IdempotencyStore.Entry claimed(String key) {
        return store.claim(
                IdempotencyStore.Key.of("t1", "pay", key),
                Fingerprint.ofJson("1".getBytes(UTF_8)),
                UUID.randomUUID(),
                LEASE,
                Duration.ofDays(1));
    }

    /** Leaves a key to another worker, as when its lease had ended. */
    private void takenOver(String key) {
        assertThat(store.release(
                        IdempotencyStore.Key.of("t1", "pay", key), entry(key).owner()))
                .isTrue();
        claimed(key);
    }

    private void completeByHand(String key, String answer) {
        assertThat(store.complete(
                        IdempotencyStore.Key.of("t1", "pay", key),
                        entry(key).owner(),
                        pay.encode(Result.ok(answer)),
                        pay.ttl()))
                .isTrue();
    }

    private Result<String, DomainError> counted(String value) {
        executions.incrementAndGet();
        return Result.ok(value);
    }

    private Result<String, DomainError> countedErr(DomainError error) {
        executions.incrementAndGet();
        return Result.err(error);
    }

    private IdempotencyStore.Entry entry(String key) {
        return store.find(IdempotencyStore.Key.of("t1", "pay", key)).orElseThrow();
    }

    private State state(String key) {
        return entry(key).state();
    }

    private static IdempotentRequest request(String tenant, String key, String body) {
        return IdempotentRequest.of(tenant, key, Fingerprint.ofJson(body.getBytes(UTF_8)))
                .orElseThrow();
    }

    @CanIgnoreReturnValue
    private static <T> Replay<T> ok(Result<Replay<T>, DomainError> result) {
        return result.orElseThrow(error -> new AssertionError(error.code().name()));
    }

    private static DomainError error(Result<?, DomainError> result) {
        return result.fold(
                value -> {
                    throw new AssertionError("Ok: " + value);
                },
                error -> error);
    }

    private static ErrorCode code(Result<?, DomainError> result) {
        return error(result).code();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The end of a process: nothing catches it. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** A time whose timer can be broken. */
    private static final class TimerOfTest implements TimeSource {
        private final VirtualTime time;
        private boolean fail;

        TimerOfTest(VirtualTime time) {
            this.time = time;
        }

        @Override
        public Instant instant() {
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
        public Future<?> schedule(Duration delay, Runnable task) {
            if (fail) {
                throw new RejectedExecutionException("stopped");
            }
            return time.schedule(delay, task);
        }
    }

    /** Texts behind a version. */
    private record Versioned(int version) implements Codec<String> {
        @Override
        public byte[] encode(String value) {
            return (version + value).getBytes(UTF_8);
        }

        @Override
        public String decode(byte[] bytes) throws IOException {
            String text = new String(bytes, UTF_8);
            if (!text.startsWith(Integer.toString(version))) {
                throw new IOException("not of version " + version);
            }
            return text.substring(1);
        }
    }

    /** Writes down what it hears, without times. */
    private record Recorder(List<String> events) implements IdempotencyListener {
        @Override
        public void onExecuted(String operation, long nanos, ErrorCode error) {
            events.add("executed " + operation + " " + (error == null ? null : error.name()));
        }

        @Override
        public void onReplayed(String operation) {
            events.add("replayed " + operation);
        }

        @Override
        public void onRejected(String operation, ErrorCode reason) {
            events.add("rejected " + operation + " " + reason.name());
        }

        @Override
        public void onLeaseLost(String operation) {
            events.add("leaseLost " + operation);
        }

        @Override
        public void onStoreFailed(String operation, RuntimeException failure) {
            events.add("storeFailed " + operation + " " + failure.getMessage());
        }
    }
}
