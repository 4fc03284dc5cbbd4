package dev.underpin.benchmarks.caching;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Loads for a key the key itself, at once, and counts how often. Confined to one thread while it loads. */
final class Loader implements Function<String, String> {
    private int loads;

    /** For peers. */
    @Override
    public String apply(String key) {
        loads++;
        return key;
    }

    /** For ours, whose loader makes the Ok. */
    Result<String, DomainError> result(String key) {
        return Result.ok(apply(key));
    }

    /** For peers that load several keys at once. */
    Map<String, String> all(Set<? extends String> keys) {
        Map<String, String> found = new HashMap<>();
        keys.forEach(key -> found.put(key, apply(key)));
        return found;
    }

    /** For ours. */
    Result<Map<String, String>, DomainError> results(Set<String> keys) {
        return Result.ok(all(keys));
    }

    /** {@return how many keys were loaded} */
    int loads() {
        return loads;
    }
}
