package org.example;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import java.util.Map;

/** Takes orders until there is no stock. */
public final class Main {
    private static final ErrorCode QUANTITY_POSITIVE =
            ErrorCode.of(ErrorKind.VALIDATION, "QUANTITY_POSITIVE", "must be positive");
    private static final ErrorCode OUT_OF_STOCK = ErrorCode.of(ErrorKind.CONFLICT, "OUT_OF_STOCK", "only {left} left");

    private Main() {}

    public static void main(String[] arguments) {
        for (int quantity : new int[] {3, 30, -1}) {
            System.out.println(order(quantity).fold(left -> "left: " + left, Main::text));
        }
    }

    private static Result<Integer, DomainError> order(int quantity) {
        Result<Integer, DomainError> order = Result.widen(Validation.start()
                .require("quantity", quantity > 0, QUANTITY_POSITIVE)
                .build(() -> quantity));
        return order.flatMap(Main::reserve);
    }

    private static Result<Integer, DomainError> reserve(int quantity) {
        int stock = 10;
        return quantity <= stock
                ? Result.ok(stock - quantity)
                : Result.err(OUT_OF_STOCK.error(Map.of("left", stock)));
    }

    private static String text(DomainError error) {
        return error.code().name()
                + ": "
                + error.message()
                + " "
                + error.details().stream()
                        .map(detail -> detail.field() + " " + detail.message())
                        .toList();
    }
}
