package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads that need themselves. */
class CycleTest {
    private static final Result<String, DomainError> CYCLE =
            Result.err(CachingErrors.CACHE_LOAD_CYCLE.error(Map.of("name", "users")));

    private static CacheAside<String, String> cache(Function<String, Result<String, DomainError>> loader) {
        return CacheAside.named("users").time(new VirtualTime()).build(loader);
    }

    @Test
    void loader_asksForItsOwnKey_isAnError() {
        var cache = new AtomicReference<CacheAside<String, String>>();
        cache.set(cache(key -> cache.get().get(key)));

        assertThat(cache.get().get("a")).isEqualTo(CYCLE);
        assertThat(cache.get().estimatedSize()).isZero();
    }

    @Test
    void loader_asksForItsOwnKeyInWhateverWay_isAnError() {
        var cache = new AtomicReference<CacheAside<String, String>>();
        List<Result<String, DomainError>> seen = new ArrayList<>();
        cache.set(cache(key -> {
            seen.add(cache.get().getAll(List.of(key)).get(key));
            seen.add(cache.get().getAsync(key).getNow(null));
            seen.add(cache.get().get(key, Duration.ofSeconds(1)));
            return Result.ok("1");
        }));

        assertThat(cache.get().get("a")).isEqualTo(Result.ok("1"));
        assertThat(seen).containsExactly(CYCLE, CYCLE, CYCLE);
    }

    @Test
    void loaders_askForEachOtherOnOneThread_areAnError() {
        var cache = new AtomicReference<CacheAside<String, String>>();
        cache.set(cache(key -> cache.get().get(key.equals("a") ? "b" : "a")));

        assertThat(cache.get().get("a")).isEqualTo(CYCLE);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8})
    void loaders_ofSeveralThreadsInARing_areAnErrorAtOnce(int size) {
        var barrier = new CyclicBarrier(size);
        var cache = new AtomicReference<CacheAside<Integer, String>>();
        cache.set(CacheAside.named("users").time(new VirtualTime()).build((Integer key) -> {
            try {
                barrier.await(20, TimeUnit.SECONDS); // all have claimed their own
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return cache.get().get((key + 1) % size);
        }));
        List<Call<Result<String, DomainError>>> calls = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int key = i;
            calls.add(Call.of(() -> cache.get().get(key)));
        }

        // The time stands still: nobody was freed by a timeout.
        assertThat(calls).allSatisfy(call -> assertThat(call.result()).isEqualTo(CYCLE));
    }

    @Test
    void loaders_ofTwoCachesAskForEachOther_areAnError() {
        var second = new AtomicReference<CacheAside<String, String>>();
        CacheAside<String, String> first = cache(key -> second.get().get(key));
        second.set(cache(first::get));

        assertThat(first.get("a")).isEqualTo(CYCLE);
    }

    @Test
    void loader_asksForOtherKeys_isNoCycle() {
        var cache = new AtomicReference<CacheAside<Integer, Integer>>();
        cache.set(CacheAside.named("sums")
                .time(new VirtualTime())
                .build((Integer n) ->
                        n == 0 ? Result.ok(0) : cache.get().get(n - 1).map(sum -> sum + n)));

        assertThat(cache.get().get(50)).isEqualTo(Result.ok(1275));
        assertThat(cache.get().estimatedSize()).isEqualTo(51);
    }

    @Test
    void waiter_thatIsWaitedForByNobody_isNoCycle() {
        var store = new Store().set("a", "1").set("b", "2");
        var counters = new CacheCounters();
        CacheAside<String, String> inner = CacheAside.named("inner")
                .time(new VirtualTime())
                .listener(counters)
                .build(store);
        CacheAside<String, String> outer = cache(inner::get);
        Store.Held load = store.hold();
        var first = Call.of(() -> inner.get("a"));
        load.awaitBegun();
        var second = Call.of(() -> outer.get("a"));
        Call.until(() -> counters.coalesced() == 1);
        var third = Call.of(() -> outer.get("a"));
        load.release();

        assertThat(List.of(first.result(), second.result(), third.result())).containsOnly(Result.ok("1"));
    }

    @Test
    void loaders_onAnExecutorInARing_areAnError() throws Exception {
        var pool = new ForkJoinPool(2);
        try {
            var barrier = new CyclicBarrier(2);
            var cache = new AtomicReference<CacheAside<String, String>>();
            cache.set(CacheAside.named("users")
                    .time(new VirtualTime())
                    .executor(pool)
                    .build((String key) -> {
                        try {
                            barrier.await(20, TimeUnit.SECONDS);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                        return cache.get().get(key.equals("a") ? "b" : "a");
                    }));
            var first = cache.get().getAsync("a");
            var second = cache.get().getAsync("b");

            assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(CYCLE);
            assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(CYCLE);
        } finally {
            pool.shutdownNow();
        }
    }
}
