package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "Z9",
                "payment-gateway",
                "a_b.c",
                "-",
                "0123456789012345678901234567890123456789012345678901234567890123"
            })
    void name_ofPlainSigns_isTaken(String name) {
        assertThat(Check.name(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a b",
                "a\"b",
                "a;b",
                "a/b",
                "a\n",
                "\u00e9",
                "\u0663",
                "\u0130",
                "01234567890123456789012345678901234567890123456789012345678901234"
            })
    void name_ofOtherSigns_isRefusedAndNotTold(String name) {
        assertThatThrownBy(() -> Check.name(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("name must be 1 to 64 letters, digits, '-', '_' or '.': one of length " + name.length());
    }

    @Test
    void bounds_areInclusiveWhereTheySaySo() {
        assertThat(Check.atLeast(2, "n", 2)).isEqualTo(2);
        assertThat(Check.notNegative("d", Duration.ZERO)).isEqualTo(Duration.ZERO);
        assertThat(Check.positive("d", Duration.ofNanos(1))).isEqualTo(Duration.ofNanos(1));
        assertThat(Check.share("s", 1)).isEqualTo(1);
        assertThat(Check.share("s", Double.MIN_VALUE)).isPositive();
    }

    @Test
    void beyondTheBounds_isRefusedByNameAndValue() {
        assertThatThrownBy(() -> Check.atLeast(2, "n", 1)).hasMessage("n must be at least 2: 1");
        assertThatThrownBy(() -> Check.notNegative("d", Duration.ofNanos(-1)))
                .hasMessage("d must not be negative: PT-0.000000001S");
        assertThatThrownBy(() -> Check.positive("d", Duration.ZERO)).hasMessage("d must be positive: PT0S");
        assertThatThrownBy(() -> Check.positive("d", Duration.ofSeconds(-1))).hasMessage("d must be positive: PT-1S");
        assertThatThrownBy(() -> Check.share("s", 0)).hasMessage("s must be above 0 and at most 1: 0.0");
        assertThatThrownBy(() -> Check.share("s", Double.NaN)).hasMessage("s must be above 0 and at most 1: NaN");
        assertThatThrownBy(() -> Check.share("s", 1.0000001)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Check.positive("d", null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("d");
        assertThatThrownBy(() -> Check.notNegative("d", null)).hasMessage("d");
        assertThatThrownBy(() -> Check.name(null)).hasMessage("name");
    }
}
