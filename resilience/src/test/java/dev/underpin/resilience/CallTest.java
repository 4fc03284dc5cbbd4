package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallTest {
    private final VirtualTime time = new VirtualTime();

    @Test
    void once_isNotRepeatableAndHasNoKey() {
        assertThat(Call.once().isRepeatable()).isFalse();
        assertThat(Call.once().key()).isNull();
    }

    @Test
    void idempotent_isRepeatable() {
        assertThat(Call.idempotent().isRepeatable()).isTrue();
        assertThat(Call.idempotent("order-7").isRepeatable()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "a b", "a\r\nSet-Cookie: x", "a\tb", "a\u0000", "\u007f", "caf\u00e9", "\ud83d\ude00"})
    void idempotent_keyThatIsNoHeaderValue_isRefusedWithoutShowingIt(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Call.idempotent(key))
                .withMessage("key must be 1 to 255 visible ASCII characters: one of length " + key.length());
    }

    @Test
    void idempotent_longestKey_isTaken() {
        assertThat(Call.idempotent("k".repeat(255)).key()).hasSize(255);
        assertThatIllegalArgumentException().isThrownBy(() -> Call.idempotent("k".repeat(256)));
    }

    @Test
    void within_keepsTheRest() {
        Call call = Call.idempotent("order-7").within(Deadline.after(Duration.ofSeconds(1), time));

        assertThat(call.isRepeatable()).isTrue();
        assertThat(call.key()).isEqualTo("order-7");
    }

    @Test
    void within_null_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> Call.once().within(null));
    }

    @Test
    void due_withoutADeadline_isTheOwn() {
        assertThat(Call.once().due(5, 12)).isEqualTo(12);
    }

    @Test
    void due_withADeadline_isTheEarlierOne() {
        Call call = Call.once().within(Deadline.after(Duration.ofSeconds(1), time));
        long now = time.nanoTime();

        assertThat(call.due(now, now + 2_000_000_000L)).isEqualTo(now + 1_000_000_000L);
        assertThat(call.due(now, now + 500_000_000L)).isEqualTo(now + 500_000_000L);
    }

    @Test
    void due_readingsOverflow_isStillTheEarlierOne() {
        Call call = Call.once().within(Deadline.after(Duration.ofSeconds(1), time));
        long now = Long.MAX_VALUE - 10;

        assertThat(call.due(now, now + 2_000_000_000L) - now).isEqualTo(1_000_000_000L);
    }

    /** A deadline measured elsewhere counts by what is left of it. */
    @Test
    void due_deadlineOfAnotherMeasure_countsByWhatIsLeft() {
        var other = new VirtualTime();
        other.advance(Duration.ofHours(3));
        Call call = Call.once().within(Deadline.after(Duration.ofSeconds(1), other));
        long now = time.nanoTime();

        assertThat(call.due(now, now + 2_000_000_000L)).isEqualTo(now + 1_000_000_000L);
    }

    @Test
    void toString_hasNoKey() {
        Call call = Call.idempotent("order-7").within(Deadline.after(Duration.ofSeconds(1), time));

        assertThat(call).hasToString("idempotent by key within PT1S");
        assertThat(Call.once()).hasToString("once");
    }
}
