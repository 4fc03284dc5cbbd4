package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * An amount in the shop's one currency, never negative, always with two decimals: 12.5 and 12.50 are equal here, unlike
 * as {@link BigDecimal}s. Nothing is ever rounded; an amount that would need it is refused.
 */
public record Money(BigDecimal amount) {
    /** Negative, too large, or with a fraction of a cent. */
    public static final ErrorCode AMOUNT_INVALID = ErrorCode.of(
            ErrorKind.VALIDATION,
            "AMOUNT_INVALID",
            "must be an amount from 0 to 999999999.99 with at most two decimals");

    /** No money. */
    public static final Money ZERO = new Money(BigDecimal.ZERO);

    private static final int DECIMALS = 2;
    private static final int INTEGER_DIGITS = 9;

    /**
     * Sets the scale.
     *
     * @throws ArithmeticException if the amount has a fraction of a cent
     */
    public Money {
        amount = amount.setScale(DECIMALS, RoundingMode.UNNECESSARY);
    }

    /** {@return the amount, if {@code raw} is one} */
    public static Result<Money, DomainError> parse(@Nullable BigDecimal raw) {
        return Required.given(raw)
                .filter(Money::isAmount, number -> AMOUNT_INVALID.error())
                .map(Money::new);
    }

    /** {@return this many times over} */
    public Money times(Quantity quantity) {
        return new Money(amount.multiply(BigDecimal.valueOf(quantity.value())));
    }

    /** {@return whether this is the larger amount} */
    public boolean isMoreThan(Money other) {
        return amount.compareTo(other.amount) > 0;
    }

    /** {@return the sum} */
    public Money plus(Money other) {
        return new Money(amount.add(other.amount));
    }

    /**
     * Looks at digits and scale alone, before any arithmetic: 1E999999999 is a small number to send and a gigabyte to
     * write out.
     */
    private static boolean isAmount(BigDecimal number) {
        long integerDigits = (long) number.precision() - number.scale();
        return number.signum() >= 0
                && integerDigits <= INTEGER_DIGITS
                && number.stripTrailingZeros().scale() <= DECIMALS;
    }
}
