package org.example;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.result.Result;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Three prices in one call, one of which there is not. */
public final class Main {
    private static final Map<String, Integer> CENTS = Map.of("tea", 450, "ink", 120);

    private static final Loader<String, Integer> PRICES =
            Loader.named("prices").build((List<String> skus) -> {
                System.out.println("prices of " + skus);
                return Result.ok(CENTS);
            });

    private Main() {}

    public static void main(String[] arguments) {
        try (LoadScope scope = LoadScope.open()) {
            ScopedLoader<String, Integer> prices = scope.loader(PRICES);
            System.out.println(prices.mapAll(
                            List.of("tea", "ink", "pen"),
                            sku -> sku,
                            (sku, cents) -> sku + " "
                                    + cents.fold(
                                            String::valueOf,
                                            error -> error.code().name()))
                    .stream()
                    .collect(Collectors.joining(", ")));
        }
    }
}
