package dev.underpin.benchmarks.caching;

import java.util.List;
import java.util.function.UnaryOperator;

/** Fills caches, and sees that they are. */
final class Filling {
    private Filling() {}

    /**
     * Asks each cache for every key, twice: it must answer alike, load each once, and keep it.
     *
     * @throws AssertionError if one does not
     */
    static void fill(Loader loader, List<UnaryOperator<String>> caches) {
        for (int i = 0; i < caches.size(); i++) {
            UnaryOperator<String> cache = caches.get(i);
            int before = loader.loads();
            for (int pass = 0; pass < 2; pass++) {
                for (String key : Keys.all()) {
                    String value = cache.apply(key);
                    if (!key.equals(value)) {
                        throw new AssertionError("cache " + i + " has " + value + " for " + key);
                    }
                }
            }
            if (loader.loads() - before != Keys.ALL) {
                throw new AssertionError("cache " + i + " loaded " + (loader.loads() - before) + " of " + Keys.ALL);
            }
        }
    }
}
