package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckTest {
    @Test
    void values_atTheirLimits_areReturned() {
        assertThat(Check.notNegative("x", Duration.ZERO)).isZero();
        assertThat(Check.positive("x", Duration.ofNanos(1))).isEqualTo(Duration.ofNanos(1));
        assertThat(Check.atLeast(2, "x", 2)).isEqualTo(2);
        assertThat(Check.share("x", 1)).isEqualTo(1);
        assertThat(Check.share("x", Double.MIN_VALUE)).isPositive();
        assertThatCode(() -> Check.atMost(2, "x", 2)).doesNotThrowAnyException();
    }

    @Test
    void values_beyondTheirLimits_areRefused() {
        assertThatThrownBy(() -> Check.notNegative("x", Duration.ofNanos(-1)))
                .hasMessage("x must not be negative: PT-0.000000001S");
        assertThatThrownBy(() -> Check.positive("x", Duration.ZERO)).hasMessage("x must be positive: PT0S");
        assertThatThrownBy(() -> Check.positive("x", Duration.ofNanos(-1)))
                .hasMessage("x must be positive: PT-0.000000001S");
        assertThatThrownBy(() -> Check.atLeast(2, "x", 1)).hasMessage("x must be at least 2: 1");
        assertThatThrownBy(() -> Check.atMost(2, "x", 3)).hasMessage("x must be at most 2: 3");
        assertThatThrownBy(() -> Check.share("x", 0)).hasMessage("x must be above 0 and at most 1: 0.0");
        assertThatThrownBy(() -> Check.share("x", Math.nextUp(1.0))).hasMessageStartingWith("x must be above 0");
        assertThatThrownBy(() -> Check.positive("x", null)).hasMessage("x");
        assertThatThrownBy(() -> Check.notNegative("x", null)).hasMessage("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "Orders-2_b.c", "0123456789012345678901234567890123456789012345678901234567890123"})
    void name_plain_isReturned(String name) {
        assertThat(Check.name(name)).isSameAs(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a:b",
                "\u00fc",
                "a\n",
                "a/b",
                "01234567890123456789012345678901234567890123456789012345678901234"
            })
    void name_other_isRefusedAndNotRepeated(String name) {
        assertThatThrownBy(() -> Check.name(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("name must be 1 to 64 letters, digits, '-', '_' or '.': one of length " + name.length());
        assertThatThrownBy(() -> CacheAside.named(name)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Check.name(null)).hasMessage("name");
    }
}
