package dev.underpin.benchmarks.errors;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.List;

/** The input of these benchmarks: an order of three items, with three faults or with none. */
final class Orders {
    static final Order VALID = new Order(
            "c-17",
            List.of(
                    new Item("sku-1", 1, new Price("EUR", 1999)),
                    new Item("sku-2", 2, new Price("EUR", 250)),
                    new Item("sku-3", 3, new Price("EUR", 99))));

    static final Order FAULTY = new Order(
            " ",
            List.of(
                    new Item("sku-1", 1, new Price("EUR", 1999)),
                    new Item(null, 2, new Price("EUR", 250)),
                    new Item("sku-3", 3, new Price("EUR", -1))));

    private Orders() {}

    record Order(@NotBlank String customer, @NotNull List<@Valid Item> items) {}

    record Item(
            @NotNull String sku,
            @Min(1) int quantity,
            @Valid @NotNull Price price) {}

    record Price(@NotBlank String currency, @Min(0) long cents) {}
}
