package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A wish to order: well-formed, and not yet compared with what the shop has.
 *
 * @param customer who orders
 * @param lines what, each product once
 * @param reference the customer's own name for the order
 * @param agreedTotal what the customer was shown; the order is refused if it would cost anything else
 * @param card what pays for it now; without one, the customer owes it
 */
public record NewOrder(
        CustomerId customer,
        Lines lines,
        Optional<Reference> reference,
        Optional<Money> agreedTotal,
        Optional<Card> card) {
    /** One product and how many of it. */
    public record Line(Sku sku, Quantity quantity) {}

    /** One to {@value #MAX} lines, each of another product. */
    public record Lines(List<Line> all) {
        /** The most lines that one order takes. */
        public static final int MAX = 50;

        /** None, or too many. */
        public static final ErrorCode LINES_OUT_OF_RANGE =
                ErrorCode.of(ErrorKind.VALIDATION, "LINES_OUT_OF_RANGE", "must have between {min} and {max} lines");

        /** A product that an earlier line has already. */
        public static final ErrorCode SKU_REPEATED =
                ErrorCode.of(ErrorKind.VALIDATION, "SKU_REPEATED", "must not repeat the product of an earlier line");

        /** Copies the list. */
        public Lines {
            all = List.copyOf(all);
        }

        /** {@return the lines, if they are neither none nor too many and no product is repeated} */
        public static Result<Lines, DomainError> of(List<Line> lines) {
            if (lines.isEmpty() || lines.size() > MAX) {
                return Result.err(LINES_OUT_OF_RANGE.error(Map.of("min", 1, "max", MAX)));
            }
            var v = Validation.start();
            Set<Sku> seen = new HashSet<>();
            for (int i = 0; i < lines.size(); i++) {
                v.at("[" + i + "]").require("sku", seen.add(lines.get(i).sku()), SKU_REPEATED);
            }
            return v.build(() -> new Lines(lines)).mapError(DomainError::widen);
        }

        /** {@return the products ordered} */
        public List<Sku> skus() {
            return all.stream().map(Line::sku).toList();
        }
    }
}
