package dev.underpin.caching;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;

/** When keys were invalidated: what is loaded so soon after that may come from a replica that does not know of it yet. */
final class HoldOff<K> {
    private final long nanos;
    private final Clock clock;
    private final Cache<K, Long> keys;
    private volatile long allNanos = -Clock.NEVER;

    HoldOff(long nanos, Clock clock) {
        this.nanos = nanos;
        this.clock = clock;
        keys = Caffeine.newBuilder()
                // The ticker is a millisecond late at most, so a key is kept that much longer.
                .expireAfterWrite(Duration.ofNanos(nanos).plusMillis(2))
                .ticker(clock)
                .executor(Runnable::run)
                .build();
    }

    /** To be called before what maps to the key is taken out. */
    void touch(K key) {
        keys.put(key, clock.now());
    }

    void touchAll() {
        allNanos = clock.now();
    }

    /** {@return whether a load that began then is too early to be kept} */
    boolean holds(K key, Tags.Cell[] tags, long startNanos) {
        if (startNanos - allNanos < nanos) {
            return true;
        }
        Long touched = keys.getIfPresent(key);
        if (touched != null && startNanos - touched < nanos) {
            return true;
        }
        for (Tags.Cell tag : tags) {
            if (startNanos - tag.nanos() < nanos) {
                return true;
            }
        }
        return false;
    }
}
