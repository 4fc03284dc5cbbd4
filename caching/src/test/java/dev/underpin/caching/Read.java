package dev.underpin.caching;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every public way to a value. */
enum Read {
    GET {
        @Override
        Map<Integer, Long> of(CacheAside<Integer, Long> cache, int key) {
            return Map.of(key, value(cache.get(key)));
        }
    },
    MAX_WAIT {
        @Override
        Map<Integer, Long> of(CacheAside<Integer, Long> cache, int key) {
            return Map.of(key, value(cache.get(key, Duration.ofMinutes(1))));
        }
    },
    CACHED {
        @Override
        Map<Integer, Long> of(CacheAside<Integer, Long> cache, int key) {
            return Map.of(key, value(cache.getCached(key)).value());
        }
    },
    ASYNC {
        @Override
        Map<Integer, Long> of(CacheAside<Integer, Long> cache, int key) {
            return Map.of(key, value(cache.getAsync(key).join()));
        }
    },
    ALL {
        @Override
        Map<Integer, Long> of(CacheAside<Integer, Long> cache, int key) {
            Map<Integer, Long> found = new HashMap<>();
            cache.getAll(List.of(key, 1 - key)).forEach((each, result) -> found.put(each, value(result)));
            return found;
        }
    },
    IF_PRESENT {
        @Override
        Map<Integer, Long> of(CacheAside<Integer, Long> cache, int key) {
            return found(key, cache.getIfPresent(key));
        }
    },
    TRANSACTIONAL {
        @Override
        Map<Integer, Long> of(CacheAside<Integer, Long> cache, int key) {
            long absent = -1; // what is not there is asked of the store, not of the cache
            long value = value(cache.in(task -> {}).get(key, missing -> Result.ok(absent)));
            return found(key, value == absent ? Optional.empty() : Optional.of(value));
        }
    };

    /** {@return what it finds: for the key, and for the other of the two where it reads both} */
    abstract Map<Integer, Long> of(CacheAside<Integer, Long> cache, int key);

    private static Map<Integer, Long> found(int key, Optional<Long> value) {
        return value.map(there -> Map.of(key, there)).orElse(Map.of());
    }

    private static <T> T value(Result<T, DomainError> result) {
        return result.fold(value -> value, error -> {
            throw new AssertionError(error.toString());
        });
    }
}
