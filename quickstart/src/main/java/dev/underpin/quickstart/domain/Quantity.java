package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many of a product: 1 to {@value #MAX}. */
public record Quantity(int value) {
    /** The most of one product that one order takes. */
    public static final int MAX = 1000;

    /** Less than one, or too many. */
    public static final ErrorCode QUANTITY_OUT_OF_RANGE =
            ErrorCode.of(ErrorKind.VALIDATION, "QUANTITY_OUT_OF_RANGE", "must be between {min} and {max}");

    /** {@return the quantity, if {@code raw} is within bounds} */
    public static Result<Quantity, DomainError> parse(@Nullable Integer raw) {
        return Required.given(raw)
                .filter(
                        number -> number >= 1 && number <= MAX,
                        number -> QUANTITY_OUT_OF_RANGE.error(Map.of("min", 1, "max", MAX)))
                .map(Quantity::new);
    }
}
