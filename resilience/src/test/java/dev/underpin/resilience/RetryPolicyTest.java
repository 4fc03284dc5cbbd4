package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryPolicyTest {
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final DomainError DOWN = ErrorKind.UNAVAILABLE.code().error();
    private static final DomainError THROTTLED = ErrorKind.RATE_LIMITED.code().error();
    private static final RandomGenerator LOWEST = () -> 0;
    private static final RandomGenerator HIGHEST = () -> -1;

    private static DomainError after(Duration hint) {
        return DomainError.builder(ErrorKind.UNAVAILABLE.code())
                .retryAfter(hint)
                .build();
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    @Test
    void delayNanos_atTheCap_isStillSpreadOverAllOfIt() {
        RetryPolicy policy = RetryPolicy.standard().attempts(30).backoff(Duration.ofMillis(50), SECOND);
        var random = new SplittableRandom(12);
        for (int attempt = 6; attempt <= 20; attempt++) {
            var seen = new BitSet();
            long sum = 0;
            long longest = 0;
            for (int i = 0; i < 20_000; i++) {
                long delay = policy.delayNanos(attempt, DOWN, random);
                seen.set((int) millis(delay));
                sum += delay;
                longest = Math.max(longest, delay);
            }
            assertThat(sum / 20_000e6).as("mean of attempt %s", attempt).isBetween(485.0, 515.0);
            assertThat(longest).isLessThan(SECOND.toNanos());
            assertThat(seen.cardinality()).isGreaterThanOrEqualTo(900);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 50", "2, 100", "3, 200", "4, 400", "5, 800", "6, 1000", "7, 1000", "63, 1000", "1000000, 1000"})
    void delayNanos_doublesUpToTheMaximum(int attempt, long millis) {
        RetryPolicy policy = RetryPolicy.standard().backoff(Duration.ofMillis(50), SECOND);

        assertThat(policy.delayNanos(attempt, DOWN, HIGHEST))
                .isBetween(TimeUnit.MILLISECONDS.toNanos(millis) - 1_000, TimeUnit.MILLISECONDS.toNanos(millis) - 1);
        assertThat(policy.delayNanos(attempt, DOWN, LOWEST)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1, 1000", "2, 2000", "4, 8000", "6, 20000", "9, 20000"})
    void delayNanos_throttled_hasTwentyTimesTheLimit(int attempt, long millis) {
        assertThat(RetryPolicy.standard().delayNanos(attempt, THROTTLED, HIGHEST))
                .isBetween(TimeUnit.MILLISECONDS.toNanos(millis) - 10_000, TimeUnit.MILLISECONDS.toNanos(millis) - 1);
    }

    @Test
    void delayNanos_throttled_isNotAboveTheMaximum() {
        RetryPolicy policy = RetryPolicy.standard().backoff(Duration.ofMillis(100), SECOND);

        assertThat(policy.delayNanos(1, THROTTLED, HIGHEST)).isLessThan(SECOND.toNanos());
        policy = policy.backoff(ChronoUnit.FOREVER.getDuration(), ChronoUnit.FOREVER.getDuration());
        assertThat(policy.delayNanos(1, THROTTLED, HIGHEST)).isPositive();
        assertThat(policy.delayNanos(70, DOWN, HIGHEST)).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 1_000})
    void delayNanos_noBase_isNoDelay(int attempt) {
        RetryPolicy policy = RetryPolicy.standard().backoff(Duration.ZERO, SECOND);

        assertThat(policy.delayNanos(attempt, DOWN, HIGHEST)).isZero();
        assertThat(policy.delayNanos(attempt, THROTTLED, HIGHEST)).isZero();
    }

    @Test
    void delayNanos_theErrorSaysWhen_isThenOrALittleLater() {
        RetryPolicy policy = RetryPolicy.standard();
        DomainError hint = after(Duration.ofSeconds(3));

        assertThat(policy.delayNanos(1, hint, LOWEST))
                .isEqualTo(Duration.ofSeconds(3).toNanos());
        assertThat(millis(policy.delayNanos(1, hint, HIGHEST))).isEqualTo(3_049);
    }

    @Test
    void delayNanos_theErrorSaysSoonerThanTheBackoff_isTheBackoff() {
        RetryPolicy policy = RetryPolicy.standard().backoff(SECOND, SECOND);

        // Half of the second: 500 ms of backoff, 500 ms of jitter on what is said.
        assertThat(millis(policy.delayNanos(1, after(MILLI), () -> 1L << 63))).isEqualTo(501);
        assertThat(millis(RetryPolicy.standard().delayNanos(6, after(MILLI), () -> 1L << 63)))
                .isEqualTo(800);
        assertThat(policy.delayNanos(1, after(Duration.ZERO), LOWEST)).isZero();
    }

    @Test
    void delayNanos_theErrorAsksForMoreThanThePatience_isNone() {
        RetryPolicy policy = RetryPolicy.standard().retryAfter(SECOND);

        assertThat(policy.delayNanos(1, after(SECOND), LOWEST)).isEqualTo(SECOND.toNanos());
        assertThat(policy.delayNanos(1, after(SECOND.plusNanos(1)), LOWEST)).isEqualTo(-1);
        assertThat(policy.delayNanos(1, after(Duration.ofSeconds(Long.MAX_VALUE)), LOWEST))
                .isEqualTo(-1);
        assertThat(policy.retryAfter(ChronoUnit.FOREVER.getDuration())
                        .delayNanos(1, after(Duration.ofSeconds(Long.MAX_VALUE)), HIGHEST))
                .isPositive();
    }

    @Test
    void standard_isWhatItSays() {
        RetryPolicy policy = RetryPolicy.standard();

        assertThat(policy.maxAttempts()).isEqualTo(3);
        assertThat(policy.baseDelay()).isEqualTo(Duration.ofMillis(50));
        assertThat(policy.maxDelay()).isEqualTo(Duration.ofSeconds(20));
        assertThat(policy.maxRetryAfter()).isEqualTo(Duration.ofSeconds(20));
        assertThat(policy.advice().apply(DOWN)).isEqualTo(Retry.SAME_CALL);
        assertThat(RetryPolicy.none().maxAttempts()).isEqualTo(1);
    }

    @Test
    void copies_changeWhatTheyNameAndNothingElse() {
        RetryPolicy policy = RetryPolicy.standard()
                .attempts(7)
                .backoff(MILLI, SECOND)
                .retryAfter(Duration.ofMinutes(1))
                .when(error -> Retry.NO);

        assertThat(policy.maxAttempts()).isEqualTo(7);
        assertThat(policy.baseDelay()).isEqualTo(MILLI);
        assertThat(policy.maxDelay()).isEqualTo(SECOND);
        assertThat(policy.maxRetryAfter()).isEqualTo(Duration.ofMinutes(1));
        assertThat(policy.advice().apply(DOWN)).isEqualTo(Retry.NO);
    }

    @Test
    void aValueThatCannotBe_isRefusedByName() {
        RetryPolicy policy = RetryPolicy.standard();
        Duration negative = Duration.ofNanos(-1);

        assertThatThrownBy(() -> policy.attempts(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxAttempts must be at least 1: 0");
        assertThatThrownBy(() -> policy.backoff(negative, SECOND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("baseDelay must not be negative");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ZERO, negative, SECOND, DomainError::retry))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("maxDelay must not be negative");
        assertThatThrownBy(() -> policy.retryAfter(negative))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("maxRetryAfter must not be negative");
        assertThatThrownBy(() -> policy.backoff(SECOND, MILLI))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("baseDelay must not be longer than maxDelay: PT1S, PT0.001S");
        assertThat(policy.backoff(SECOND, SECOND).maxDelay()).isEqualTo(SECOND);
    }
}
