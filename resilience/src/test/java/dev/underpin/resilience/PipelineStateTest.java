package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.underpin.resilience.PipelineState.Readiness;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PipelineStateTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTime time = new VirtualTime();

    private Pipeline.Builder risk() {
        return Pipeline.named("risk")
                .time(time)
                .random(() -> Long.MIN_VALUE)
                .retry(RetryPolicy.none())
                .breaker(BreakerPolicy.standard().failureRate(0.5, 4, 4).openFor(SECOND, SECOND));
    }

    private static void fail(Pipeline pipeline, int calls) {
        for (int i = 0; i < calls; i++) {
            var unused = pipeline.call(
                    Call.once(),
                    attempt -> Result.err(ErrorKind.UNAVAILABLE.code().error()));
        }
    }

    private static PipelineState state(PipelineState.Breaker breaker, Duration notClosedFor, Duration critical) {
        return new PipelineState("risk", breaker, notClosedFor, -1, 500, 0, 0, Optional.ofNullable(critical));
    }

    @Test
    void readiness_closedOrOff_isUp() {
        assertThat(risk().build().state().readiness()).isEqualTo(Readiness.UP);
        assertThat(risk().breaker(BreakerPolicy.none())
                        .critical(Duration.ZERO)
                        .build()
                        .state()
                        .readiness())
                .isEqualTo(Readiness.UP);
    }

    @Test
    void readiness_openAndNotCritical_isDegradedHoweverLong() {
        Pipeline pipeline = risk().build();
        fail(pipeline, 4);

        assertThat(pipeline.state().readiness()).isEqualTo(Readiness.DEGRADED);
        time.advance(Duration.ofDays(1));
        assertThat(pipeline.state().readiness()).isEqualTo(Readiness.DEGRADED);
        assertThat(pipeline.state().notClosedFor()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void readiness_openAndCritical_isOutOfServiceAfterItsGraceWhileCallsAreRefused() {
        Pipeline pipeline = risk().critical(SECOND)
                .breaker(BreakerPolicy.standard()
                        .failureRate(0.5, 4, 4)
                        .openFor(Duration.ofSeconds(10), Duration.ofSeconds(10)))
                .build();
        fail(pipeline, 4);

        time.advance(SECOND);
        assertThat(pipeline.state().readiness()).isEqualTo(Readiness.DEGRADED);
        time.advance(Duration.ofNanos(1));
        assertThat(pipeline.state().readiness()).isEqualTo(Readiness.OUT_OF_SERVICE);

        // Nobody calls, since nobody sends traffic to an instance that is out of service: it must get some again.
        time.advance(Duration.ofMinutes(10));
        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.HALF_OPEN);
        assertThat(pipeline.state().readiness()).isEqualTo(Readiness.DEGRADED);

        for (int i = 0; i < 9; i++) {
            assertThat(pipeline.<String>call(Call.once(), attempt -> Result.ok("yes"))
                            .isOk())
                    .isTrue();
        }
        assertThat(pipeline.state().readiness()).isEqualTo(Readiness.DEGRADED);
        assertThat(pipeline.<String>call(Call.once(), attempt -> Result.ok("yes"))
                        .isOk())
                .isTrue();
        assertThat(pipeline.state().readiness()).isEqualTo(Readiness.UP);
    }

    @Test
    void readiness_halfOpen_isDegradedHoweverLong() {
        assertThat(state(PipelineState.Breaker.HALF_OPEN, Duration.ofNanos(1), Duration.ZERO)
                        .readiness())
                .isEqualTo(Readiness.DEGRADED);
        assertThat(state(PipelineState.Breaker.HALF_OPEN, Duration.ofNanos(1), null)
                        .readiness())
                .isEqualTo(Readiness.DEGRADED);
    }

    @Test
    void state_ofAPipeline_countsWhatItDoes() {
        Pipeline pipeline = risk().maxConcurrent(3, Duration.ZERO).build();

        var inside = pipeline.call(Call.once(), attempt -> Result.ok(pipeline.state()));

        assertThat(inside.orElseThrow().inFlight()).isEqualTo(1);
        assertThat(pipeline.state().inFlight()).isZero();
        assertThat(risk().build().state().inFlight()).isEqualTo(-1);
    }

    @Test
    void state_nullPart_isRefused() {
        assertThatNullPointerException()
                .isThrownBy(
                        () -> new PipelineState(null, PipelineState.Breaker.OFF, SECOND, 0, 0, 0, 0, Optional.empty()))
                .withMessage("name");
        assertThatNullPointerException()
                .isThrownBy(() -> state(null, SECOND, null))
                .withMessage("breaker");
        assertThatNullPointerException()
                .isThrownBy(() -> state(PipelineState.Breaker.OFF, null, null))
                .withMessage("notClosedFor");
        assertThatNullPointerException()
                .isThrownBy(() -> new PipelineState("risk", PipelineState.Breaker.OFF, SECOND, 0, 0, 0, 0, null))
                .withMessage("critical");
    }
}
