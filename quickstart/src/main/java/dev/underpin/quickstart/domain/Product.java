package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something to order, at its price of today. */
public record Product(Sku sku, String name, Category category, Money price, int stock) {
    /** What one may cost at most. */
    public static final Money MAX_PRICE = new Money(new BigDecimal("99999.99"));

    /** Above {@link #MAX_PRICE}. */
    public static final ErrorCode PRICE_TOO_HIGH =
            ErrorCode.of(ErrorKind.VALIDATION, "PRICE_TOO_HIGH", "must be at most {max}");

    /** {@return the amount, if a product can have it as its price} */
    public static Result<Money, DomainError> parsePrice(@Nullable BigDecimal raw) {
        return Money.parse(raw)
                .filter(
                        price -> !price.isMoreThan(MAX_PRICE),
                        price -> PRICE_TOO_HIGH.error(Map.of("max", MAX_PRICE.amount())));
    }
}
