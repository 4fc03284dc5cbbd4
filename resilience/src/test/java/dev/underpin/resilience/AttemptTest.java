package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AttemptTest {
    private final VirtualTime time = new VirtualTime();

    private Attempt attempt(Call call, int number, Duration left) {
        return new Attempt(call, number, time, time.nanoTime() + left.toNanos());
    }

    @Test
    void headers_firstAttempt_haveTheDeadlineAlone() {
        assertThat(attempt(Call.once(), 1, Duration.ofMillis(200)).headers())
                .hasSize(1)
                .containsEntry("Request-Deadline-Ms", "200");
    }

    @Test
    void headers_laterAttemptWithAKey_haveAllThree() {
        assertThat(attempt(Call.idempotent("order-7"), 3, Duration.ofMillis(200))
                        .headers())
                .hasSize(3)
                .containsEntry("Request-Deadline-Ms", "200")
                .containsEntry("Previous-Attempts", "2")
                .containsEntry("Idempotency-Key", "order-7");
    }

    @Test
    void headers_timeGoesBy_tellWhatIsLeftThen() {
        Attempt attempt = attempt(Call.once(), 1, Duration.ofMillis(200));
        time.advance(Duration.ofMillis(150));
        assertThat(attempt.headers()).containsEntry("Request-Deadline-Ms", "50");

        time.advance(Duration.ofSeconds(1));

        assertThat(attempt.headers()).containsEntry("Request-Deadline-Ms", "0");
    }

    @Test
    void remaining_timeIsOver_isZero() {
        Attempt attempt = attempt(Call.once(), 1, Duration.ofMillis(200));

        time.advance(Duration.ofSeconds(1));

        assertThat(attempt.remaining()).isZero();
        assertThat(attempt.deadline().isExpired()).isTrue();
    }

    @Test
    void deadline_isThatOfTheAttempt() {
        assertThat(attempt(Call.once(), 1, Duration.ofMillis(200)).deadline().remaining())
                .isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void toString_hasNoKey() {
        assertThat(attempt(Call.idempotent("order-7"), 2, Duration.ZERO)).hasToString("attempt 2");
    }
}
