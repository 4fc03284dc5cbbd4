package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CacheCountersTest {
    private final CacheCounters counters = new CacheCounters();

    private List<Long> all() {
        return Stream.of(
                        counters.hits(),
                        counters.misses(),
                        counters.coalesced(),
                        counters.loads(),
                        counters.failedLoads(),
                        counters.loadNanos(),
                        counters.refreshes(),
                        counters.stale(),
                        counters.discarded(),
                        counters.remoteFailures(),
                        counters.gaps(),
                        counters.writes(),
                        counters.failedWrites(),
                        counters.deadLetters())
                .toList();
    }

    private void times(int n, Runnable event) {
        for (int i = 0; i < n; i++) {
            event.run();
        }
    }

    @Test
    void counts_areOfTheirEvents() {
        assertThat(all()).containsOnly(0L);
        times(1, () -> counters.onHit("c"));
        times(2, () -> counters.onMiss("c"));
        times(3, () -> counters.onCoalesced("c"));
        counters.onLoad("c", 10, null);
        counters.onLoad("c", 20, CachingErrors.CACHE_KEY_ABSENT);
        counters.onLoad("c", 30, CachingErrors.CACHE_LOAD_FAILED);
        times(4, () -> counters.onRefresh("c"));
        times(5, () -> counters.onStale("c", CachingErrors.CACHE_LOAD_FAILED));
        times(6, () -> counters.onDiscardedLoad("c"));
        counters.onRemote("c", 1, null);
        times(7, () -> counters.onRemote("c", 1, CachingErrors.CACHE_REMOTE_FAILED));
        times(8, () -> counters.onGap("c"));
        counters.onWrite("q", 9, 1, null);
        times(10, () -> counters.onWrite("q", 5, 1, CachingErrors.WRITE_BEHIND_FULL));
        times(11, () -> counters.onDeadLetter("q", CachingErrors.WRITE_BEHIND_FULL));

        assertThat(all()).containsExactly(1L, 2L, 3L, 3L, 1L, 60L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
    }
}
