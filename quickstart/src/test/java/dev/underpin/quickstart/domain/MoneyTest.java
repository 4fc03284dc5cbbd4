package dev.underpin.quickstart.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MoneyTest {
    @ParameterizedTest
    @ValueSource(strings = {"0", "0.00", "12.5", "12.50", "12.5000", "1.25E1", "999999999.99", "0E-9"})
    void parse_amount_hasTwoDecimals(String raw) {
        Money money = Money.parse(new BigDecimal(raw)).orElseThrow();

        assertThat(money.amount().scale()).isEqualTo(2);
        assertThat(money.amount()).isEqualByComparingTo(raw);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.01", "0.001", "12.505", "1000000000", "1E9", "1E2147483647", "1E-2147483647", "0E999"})
    void parse_noAmount_isRefused(String raw) {
        assertThat(Money.parse(new BigDecimal(raw)).isOk()).isFalse();
    }

    @Test
    void equals_otherScale_isEqual() {
        assertThat(new Money(new BigDecimal("12.5"))).isEqualTo(new Money(new BigDecimal("12.50")));
    }

    @Test
    void new_fractionOfACent_isABug() {
        assertThatThrownBy(() -> new Money(new BigDecimal("0.001"))).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void arithmetic_amounts_isExact() {
        Money dime = new Money(new BigDecimal("0.10"));

        assertThat(dime.times(new Quantity(3))).isEqualTo(new Money(new BigDecimal("0.30")));
        assertThat(dime.plus(new Money(new BigDecimal("0.20")))).isEqualTo(new Money(new BigDecimal("0.30")));
    }
}
