package dev.underpin.quickstart.domain;

import dev.underpin.result.ErrorCode;
import java.util.Optional;

/**
 * How long a product is on its way.
 *
 * @param assumedBecause why the courier did not say it, if it did not: then it is what the slowest one takes
 */
public record DeliveryTime(Sku sku, int days, Optional<ErrorCode> assumedBecause) {
    private static final int DAYS_OF_THE_SLOWEST = 10;

    /** {@return what the courier said} */
    public static DeliveryTime of(Sku sku, int days) {
        return new DeliveryTime(sku, days, Optional.empty());
    }

    /** {@return what is safe to say if the courier says nothing} */
    public static DeliveryTime assumed(Sku sku, ErrorCode because) {
        return new DeliveryTime(sku, DAYS_OF_THE_SLOWEST, Optional.of(because));
    }
}
