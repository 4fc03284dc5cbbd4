package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a running pipeline has counted is kept when its settings change. */
class ReconfigureTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final BreakerPolicy OF_CALLS =
            BreakerPolicy.standard().openFor(SECOND, SECOND).probes(2);
    private static final BreakerPolicy OF_SECONDS = OF_CALLS.failureRate(0.5, Duration.ofSeconds(10), 20);

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger reconfigured = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();

    private Pipeline pipeline(BreakerPolicy policy) {
        return builder(policy).build();
    }

    private Pipeline.Builder builder(BreakerPolicy policy) {
        return Pipeline.named("risk")
                .time(time)
                .random(() -> Long.MIN_VALUE)
                .retry(RetryPolicy.none())
                .breaker(policy)
                .listener(new PipelineListener() {
                    @Override
                    public void onReconfigured(String pipeline) {
                        reconfigured.incrementAndGet();
                    }

                    @Override
                    public void onBreaker(String pipeline, PipelineState.Breaker from, PipelineState.Breaker to) {
                        changes.incrementAndGet();
                    }
                });
    }

    private static void succeed(Pipeline pipeline, int calls) {
        for (int i = 0; i < calls; i++) {
            assertThat(pipeline.<String>call(Call.once(), attempt -> Result.ok("yes"))
                            .isOk())
                    .isTrue();
        }
    }

    private static void fail(Pipeline pipeline, int calls) {
        for (int i = 0; i < calls; i++) {
            Result<String, DomainError> answer = pipeline.call(
                    Call.once(),
                    attempt -> Result.err(ErrorKind.BAD_GATEWAY.code().error()));
            assertThat(((Result.Err<String, DomainError>) answer).error().kind())
                    .isEqualTo(ErrorKind.BAD_GATEWAY);
        }
    }

    private static void slow(Pipeline pipeline, VirtualTime time, int calls) {
        for (int i = 0; i < calls; i++) {
            assertThat(pipeline.<String>call(Call.once(), attempt -> {
                                time.sleep(Duration.ofMillis(10));
                                return Result.ok("slow");
                            })
                            .isOk())
                    .isTrue();
        }
    }

    private static PipelineState.Breaker breaker(Pipeline pipeline) {
        return pipeline.state().breaker();
    }

    private static boolean isRefused(Pipeline pipeline) {
        return pipeline.call(Call.once(), attempt -> Result.ok("yes")) instanceof Result.Err<?, DomainError> err
                && err.error().is(ResilienceErrors.CIRCUIT_OPEN);
    }

    @Test
    void reconfigure_ofCallsToOfCalls_keepsTheWindow() {
        Pipeline pipeline = pipeline(OF_CALLS);
        succeed(pipeline, 60);
        fail(pipeline, 40);

        pipeline.reconfigure(to -> to.breaker(OF_CALLS.failureRate(0.45, 100, 20)));

        fail(pipeline, 2);
        assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.CLOSED);
        fail(pipeline, 5); // of the 7 calls that left the window 5 were well
        assertThat(breaker(pipeline)).as("45 of 100").isEqualTo(PipelineState.Breaker.OPEN);
        assertThat(reconfigured).hasValue(1);
    }

    @Test
    void reconfigure_changedMeanwhile_asksAgainAndLosesNeither() {
        Pipeline pipeline = pipeline(OF_CALLS);
        AtomicInteger asked = new AtomicInteger();

        pipeline.reconfigure(to -> {
            if (asked.incrementAndGet() == 1) {
                CompletableFuture.runAsync(() -> pipeline.reconfigure(other -> other.maxConcurrent(7, Duration.ZERO)))
                        .join(); // would never end while this one holds a lock
            }
            return to.attemptTimeout(SECOND);
        });

        assertThat(asked).hasValue(2);
        assertThat(pipeline.describe()).containsEntry("res.risk.attempt-timeout", "PT1S");
        assertThat(pipeline.describe()).containsEntry("res.risk.bulkhead.max-concurrent", "7");
    }

    @Test
    void reconfigure_lowerRateThanTheWindowHas_opensByTheNextCall() {
        Pipeline pipeline = pipeline(OF_CALLS);
        succeed(pipeline, 60);
        fail(pipeline, 40);

        pipeline.reconfigure(to -> to.breaker(OF_CALLS.failureRate(0.2, 100, 20)));
        time.advance(Duration.ofDays(1)); // an instance of resilience4j would be half open by now

        assertThat(isRefused(pipeline)).isTrue();
        assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.OPEN);
        assertThat(changes).hasValue(1);
        time.advance(SECOND);
        succeed(pipeline, 2);
        assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.CLOSED);
    }

    @Test
    void reconfigure_higherRate_staysClosed() {
        Pipeline pipeline = pipeline(OF_CALLS);
        succeed(pipeline, 60);
        fail(pipeline, 40);

        pipeline.reconfigure(to -> to.breaker(OF_CALLS.failureRate(0.9, 100, 20)));

        fail(pipeline, 80);
        assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.CLOSED);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 25, 50, 99})
    void reconfigure_smallerWindow_keepsTheRates(int window) {
        Pipeline pipeline = pipeline(OF_CALLS);
        succeed(pipeline, 70);
        fail(pipeline, 30);

        pipeline.reconfigure(to -> to.breaker(OF_CALLS.failureRate(0.5, window, window)));

        assertThat(isRefused(pipeline)).isFalse();
        succeed(pipeline, window / 5);
        fail(pipeline, window / 10);
        assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.CLOSED);
        pipeline.reconfigure(to -> to.breaker(OF_CALLS.failureRate(0.15, window, window)));
        assertThat(isRefused(pipeline)).as("about three tenths are still there").isTrue();
    }

    @Test
    void reconfigure_largerWindow_keepsWhatIsKnown() {
        Pipeline pipeline = pipeline(OF_CALLS.failureRate(0.5, 10, 10));
        succeed(pipeline, 6);
        fail(pipeline, 4);

        pipeline.reconfigure(to -> to.breaker(OF_CALLS.failureRate(0.5, 1_000, 12)));

        fail(pipeline, 2);
        assertThat(breaker(pipeline)).as("6 of 12").isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void reconfigure_ofCallsToOfSeconds_countsThemAsOfNow() {
        Pipeline pipeline = pipeline(OF_CALLS);
        succeed(pipeline, 60);
        fail(pipeline, 40);
        time.advance(Duration.ofHours(1));

        pipeline.reconfigure(to -> to.breaker(OF_SECONDS));

        time.advance(Duration.ofSeconds(9));
        fail(pipeline, 19);
        assertThat(breaker(pipeline)).as("59 of 119").isEqualTo(PipelineState.Breaker.CLOSED);
        time.advance(SECOND);
        succeed(pipeline, 1);
        assertThat(breaker(pipeline)).as("19 of 20, the others too old").isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void reconfigure_ofSecondsToOfCalls_keepsThoseOfThePeriod() {
        Pipeline pipeline = pipeline(OF_SECONDS);
        succeed(pipeline, 500);
        time.advance(Duration.ofSeconds(10));
        succeed(pipeline, 60);
        fail(pipeline, 40);

        pipeline.reconfigure(to -> to.breaker(OF_CALLS));

        time.advance(Duration.ofHours(1));
        fail(pipeline, 15);
        assertThat(breaker(pipeline)).as("49 of 100").isEqualTo(PipelineState.Breaker.CLOSED);
        fail(pipeline, 1);
        assertThat(breaker(pipeline)).as("50 of 100").isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void reconfigure_slowCalls_areKept() {
        Pipeline pipeline = pipeline(OF_CALLS.slow(Duration.ofMillis(5), 0.5));
        succeed(pipeline, 60);
        slow(pipeline, time, 40);

        pipeline.reconfigure(to -> to.breaker(OF_CALLS.slow(Duration.ofMillis(5), 0.3)));

        assertThat(isRefused(pipeline)).isTrue();
    }

    @Test
    void reconfigure_whileOpen_waitsAsItBeganAndProbesAsItIsNow() {
        Pipeline pipeline = pipeline(OF_CALLS);
        fail(pipeline, 20);

        pipeline.reconfigure(to -> to.breaker(
                OF_CALLS.openFor(Duration.ofSeconds(30), Duration.ofSeconds(30)).probes(1)));

        time.advance(SECOND);
        succeed(pipeline, 1);
        assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.CLOSED);
        fail(pipeline, 20);
        time.advance(Duration.ofSeconds(29));
        assertThat(isRefused(pipeline)).isTrue();
        time.advance(SECOND);
        assertThat(isRefused(pipeline)).isFalse();
    }

    @Test
    void reconfigure_whileHalfOpen_endsWithTheProbesItBeganWith() {
        Pipeline pipeline = pipeline(OF_CALLS);
        fail(pipeline, 20);
        time.advance(SECOND);
        succeed(pipeline, 1);

        pipeline.reconfigure(to -> to.breaker(OF_CALLS.failureRate(0.5, 10, 10).probes(9)));

        assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.HALF_OPEN);
        succeed(pipeline, 1);
        assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.CLOSED);
        fail(pipeline, 10);
        assertThat(breaker(pipeline)).as("by the new window").isEqualTo(PipelineState.Breaker.OPEN);
    }

    @Test
    void reconfigure_callUnderWay_countsInTheNewWindow() {
        Pipeline pipeline = pipeline(OF_CALLS.failureRate(0.5, 2, 2));
        List<CompletableFuture<Result<String, DomainError>>> running = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            running.add(new CompletableFuture<>());
            var unused = pipeline.callAsync(Call.once(), attempt -> running.get(running.size() - 1));
        }

        pipeline.reconfigure(to -> to.breaker(OF_CALLS.failureRate(0.6, 2, 2)));
        running.forEach(
                call -> call.complete(Result.err(ErrorKind.BAD_GATEWAY.code().error())));

        assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.OPEN);
        assertThat(pipeline.state().lateResults()).isZero();
    }

    @Test
    void reconfigure_underEightThreads_losesNoPermitNoPlaceAndNoWindow() throws Exception {
        Pipeline pipeline =
                builder(OF_CALLS).maxConcurrent(3, Duration.ofMinutes(1)).build();
        LongAdder reached = new LongAdder();
        AtomicInteger others = new AtomicInteger();
        int calls = 2_000;

        BreakerTest.onThreads(8, number -> {
            for (int i = 0; i < calls; i++) {
                if (number == 0 && i == calls / 2) {
                    pipeline.reconfigure(to -> to.breaker(OF_CALLS.failureRate(0.45, 100, 20)));
                }
                boolean well = i % 10 < 8; // 2 of 10 fail: below both rates in whatever order they come
                Result<String, DomainError> answer = pipeline.call(Call.once(), attempt -> {
                    reached.increment();
                    return well
                            ? Result.ok("yes")
                            : Result.err(ErrorKind.NOT_FOUND.code().error());
                });
                if (answer.isOk() != well) {
                    others.incrementAndGet();
                }
            }
        });

        assertThat(reached.sum()).isEqualTo(8L * calls);
        assertThat(others).hasValue(0);
        assertThat(reconfigured).hasValue(1);
        assertThat(changes).hasValue(0);
        assertThat(pipeline.state().inFlight()).isZero();
        assertThat(pipeline.state().lateResults()).isZero();
        assertThat(time.pending()).isLessThanOrEqualTo(1); // that of the attempt timeouts
        fail(pipeline, 45);
        assertThat(breaker(pipeline)).as("a full window, and the new rate").isEqualTo(PipelineState.Breaker.OPEN);
    }

    /** The policy changes all the time while the breaker opens and closes: none of both is ever stuck. */
    @Test
    void reconfigure_raceWithTransitions_theLastPolicyHolds() throws Exception {
        Pipeline pipeline = pipeline(OF_CALLS.openFor(Duration.ofNanos(1), Duration.ofNanos(2)));
        BreakerPolicy last = OF_CALLS.failureRate(1, 3, 3).openFor(Duration.ofNanos(1), Duration.ofNanos(2));

        for (int round = 0; round < 200; round++) {
            int number = round;
            BreakerTest.onThreads(2, thread -> {
                if (thread == 0) {
                    pipeline.reconfigure(to -> to.breaker(last.failureRate(0.5, 20 + number, 20)));
                    pipeline.reconfigure(to -> to.breaker(last));
                } else {
                    for (int i = 0; i < 30; i++) {
                        time.advance(Duration.ofNanos(4));
                        boolean well = i > 25;
                        var unused = pipeline.call(
                                Call.once(),
                                attempt -> well
                                        ? Result.ok("yes")
                                        : Result.err(
                                                ErrorKind.BAD_GATEWAY.code().error()));
                    }
                }
            });
            for (int i = 0; i < 10; i++) {
                time.advance(Duration.ofNanos(4));
                var unused = pipeline.call(Call.once(), attempt -> Result.ok("yes"));
            }
            assertThat(breaker(pipeline)).isEqualTo(PipelineState.Breaker.CLOSED);
            fail(pipeline, 3);
            assertThat(breaker(pipeline)).as("round %s: three of three", round).isEqualTo(PipelineState.Breaker.OPEN);
        }
    }
}
