package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BreakerPolicyTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final BreakerPolicy STANDARD = BreakerPolicy.standard();

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong(p -> p.failureRate(0, 10, 5), "failureRate must be above 0 and at most 1: 0.0"),
                wrong(p -> p.failureRate(1.01, 10, 5), "failureRate must be above 0 and at most 1: 1.01"),
                wrong(p -> p.failureRate(Double.NaN, 10, 5), "failureRate must be above 0 and at most 1: NaN"),
                wrong(p -> p.failureRate(0.5, -1, 5), "window must be at least 0: -1"),
                wrong(p -> p.failureRate(0.5, 0, 5), "window must be a number of calls, or else period"),
                wrong(
                        p -> p.failureRate(0.5, Duration.ZERO, 5),
                        "or else period one of whole seconds up to an hour: 0"),
                wrong(p -> p.failureRate(0.5, Duration.ofMillis(1_500), 5), "whole seconds up to an hour: 0, PT1.5S"),
                wrong(p -> p.failureRate(0.5, Duration.ofMillis(500), 5), "whole seconds up to an hour: 0, PT0.5S"),
                wrong(p -> p.failureRate(0.5, Duration.ofSeconds(3_601), 5), "up to an hour: 0, PT1H1S"),
                wrong(p -> p.failureRate(0.5, SECOND.negated(), 5), "period must not be negative: PT-1S"),
                wrong(p -> p.failureRate(0.5, 10, 0), "minimumCalls must be at least 1: 0"),
                wrong(p -> p.failureRate(0.5, 10, 11), "minimumCalls must not be above the window of 10: 11"),
                wrong(p -> p.slow(Duration.ZERO, 0.5), "slowAfter must be positive: PT0S"),
                wrong(p -> p.slow(SECOND, 0), "slowRate must be above 0 and at most 1: 0.0"),
                wrong(p -> p.openFor(Duration.ZERO, SECOND), "openFor must be positive: PT0S"),
                wrong(p -> p.openFor(SECOND, SECOND.negated()), "maxOpenFor must be positive: PT-1S"),
                wrong(
                        p -> p.openFor(SECOND, Duration.ofMillis(999)),
                        "openFor must not be longer than maxOpenFor: PT1S, PT0.999S"),
                wrong(p -> p.probes(0), "probes must be at least 1: 0"));
    }

    private static Arguments wrong(UnaryOperator<BreakerPolicy> change, String message) {
        return arguments(change, message);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void policy_wrongValue_isRefusedByName(UnaryOperator<BreakerPolicy> change, String message) {
        assertThatThrownBy(() -> change.apply(STANDARD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void policy_valuesAtTheirLimits_areTaken() {
        assertThatCode(() -> {
                    var unused = STANDARD.failureRate(1, 1, 1)
                            .failureRate(1, Duration.ofHours(1), 1_000_000)
                            .slow(Duration.ofNanos(1), 1)
                            .openFor(SECOND, SECOND)
                            .probes(1);
                })
                .doesNotThrowAnyException();
    }

    @Test
    void policy_eachChange_leavesTheRest() {
        BreakerPolicy policy = STANDARD.slow(SECOND, 0.9)
                .openFor(SECOND.multipliedBy(2), SECOND.multipliedBy(3))
                .probes(4)
                .failureRate(0.1, Duration.ofSeconds(30), 7);

        assertThat(policy)
                .isEqualTo(new BreakerPolicy(
                        0.1,
                        0.9,
                        SECOND,
                        0,
                        Duration.ofSeconds(30),
                        7,
                        SECOND.multipliedBy(2),
                        SECOND.multipliedBy(3),
                        4));
        assertThat(policy.failureRate(0.2, 50, 8).period()).isZero();
    }

    @Test
    void none_isOffAndStandardIsNot() {
        assertThat(BreakerPolicy.none().isOff()).isTrue();
        assertThat(STANDARD.isOff()).isFalse();
        assertThat(Pipeline.named("risk")
                        .breaker(BreakerPolicy.none())
                        .build()
                        .state()
                        .breaker())
                .isEqualTo(PipelineState.Breaker.OFF);
    }

    @Test
    void waitNanos_doublesUpToTheLongest() {
        BreakerPolicy policy = STANDARD.openFor(SECOND, Duration.ofSeconds(60));

        assertThat(Stream.of(0, 1, 2, 5, 6, 7).map(n -> policy.waitNanos(n) / 1_000_000_000))
                .containsExactly(1L, 2L, 4L, 32L, 60L, 60L);
    }

    @ParameterizedTest
    @ValueSource(ints = {30, 33, 34, 35, 62, 63, 64, 65, 1_000_000, Integer.MAX_VALUE})
    void waitNanos_veryOften_staysTheLongest(int reopened) {
        assertThat(STANDARD.openFor(SECOND, Duration.ofDays(1)).waitNanos(reopened))
                .isEqualTo(Duration.ofDays(1).toNanos());
        assertThat(STANDARD.openFor(Duration.ofDays(200_000), Duration.ofSeconds(Long.MAX_VALUE))
                        .waitNanos(reopened))
                .isEqualTo(Long.MAX_VALUE / 4);
    }

    @Test
    void build_longestDurations_worksWithThem() {
        VirtualTime time = new VirtualTime();
        Duration longest = Duration.ofSeconds(Long.MAX_VALUE);

        Pipeline pipeline = Pipeline.named("risk")
                .time(time)
                .breaker(STANDARD.slow(longest, 0.5).openFor(longest, longest))
                .build();

        assertThat(pipeline.state().breaker()).isEqualTo(PipelineState.Breaker.CLOSED);
    }

    @Test
    void new_moreCallsThanCanBeKept_isRefused() {
        assertThatThrownBy(() -> BreakerPolicy.standard().probes(Integer.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("probes must be at most 1000000: 2147483647");
        assertThatThrownBy(() -> BreakerPolicy.standard().failureRate(0.5, 1_000_001, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("window must be at most 1000000: 1000001");
        assertThatThrownBy(() -> BreakerPolicy.standard().failureRate(1e-300, 10, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("failureRate must be at least");
    }
}
