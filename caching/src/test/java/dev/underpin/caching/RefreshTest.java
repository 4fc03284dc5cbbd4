package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.caching.Cached.Freshness;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loads that are made while the value is still served. */
class RefreshTest {
    private static final Duration TTL = Duration.ofSeconds(100);
    private static final Duration DUE = Duration.ofSeconds(80);
    private static final Result<String, ?> OLD = Result.ok("old");
    private static final Result<String, ?> NEW = Result.ok("new");

    private final VirtualTime time = new VirtualTime();
    private final CacheCounters counters = new CacheCounters();
    private final Store store = new Store().set("a", "old");
    private final Queue<Runnable> queue = new ArrayDeque<>();

    private CacheAside.Builder<Object, String> builder() {
        return CacheAside.named("users")
                .time(time)
                .random(() -> 0)
                .ttl(TTL)
                .refreshAfter(0.8)
                .listener(counters)
                .tags((String value) -> List.of("tag"));
    }

    private CacheAside<String, String> filled(CacheAside<String, String> cache) {
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.set("a", "new");
        return cache;
    }

    private void runQueued() {
        for (Runnable task = queue.poll(); task != null; task = queue.poll()) {
            task.run();
        }
    }

    @Test
    void get_beforeTheShare_refreshesNothing() {
        CacheAside<String, String> cache = filled(builder().executor(queue::add).build(store));
        time.advance(DUE.minusNanos(1));

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(queue).isEmpty();
        assertThat(counters.refreshes()).isZero();
    }

    @Test
    void get_manyAfterTheShare_refreshOnceWithTheFullTime() {
        CacheAside<String, String> cache = filled(builder().executor(queue::add).build(store));
        time.advance(DUE);
        for (int i = 0; i < 1_000; i++) {
            assertThat(cache.get("a")).isEqualTo(OLD);
        }
        assertThat(queue).hasSize(1);
        assertThat(counters.refreshes()).isOne();
        assertThat(cache.getCached("a").map(Cached::freshness)).isEqualTo(Result.ok(Freshness.REFRESHING));
        time.advance(Duration.ofSeconds(1));
        runQueued();

        assertThat(cache.getCached("a").map(Cached::freshFor)).isEqualTo(Result.ok(TTL));
        assertThat(cache.get("a")).isEqualTo(NEW);
        time.advance(DUE.minusNanos(1));
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(counters.refreshes()).isOne();
        time.advance(Duration.ofNanos(1));
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(counters.refreshes()).isEqualTo(2);
    }

    @Test
    void get_withoutExecutor_refreshesOnTheThreadThatFindsItDue() {
        CacheAside<String, String> cache = filled(builder().build(store));
        time.advance(DUE);

        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(store.loads()).isEqualTo(2);
        assertThat(counters.hits()).isOne();
    }

    @Test
    void get_anotherThreadRefreshes_isServedMeanwhile() {
        CacheAside<String, String> cache = filled(builder().build(store));
        time.advance(DUE);
        Store.Held load = store.hold();
        var refreshing = Call.of(() -> cache.get("a"));
        load.awaitBegun();

        assertThat(cache.get("a")).isEqualTo(OLD);
        load.release();
        assertThat(refreshing.result()).isEqualTo(NEW);
    }

    static Stream<Named<Consumer<CacheAside<String, String>>>> invalidations() {
        return InvalidationTest.invalidations();
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void refresh_invalidatedMeanwhile_isDropped(Consumer<CacheAside<String, String>> invalidation) {
        CacheAside<String, String> cache =
                filled(builder().executor(Call::start).staleOnError(TTL).build(store));
        store.set("a", "between");
        time.advance(DUE);
        Store.Held refresh = store.hold();
        assertThat(cache.get("a")).isEqualTo(OLD);
        refresh.awaitBegun();
        store.set("a", "new");
        invalidation.accept(cache);
        refresh.release();
        Call.until(() -> counters.discarded() == 1);

        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(store.loads()).isEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void refresh_invalidatedWhileQueued_bringsNothingOld(Consumer<CacheAside<String, String>> invalidation) {
        CacheAside<String, String> cache = filled(builder().executor(queue::add).build(store));
        time.advance(DUE);
        assertThat(cache.get("a")).isEqualTo(OLD);
        invalidation.accept(cache);
        store.set("a", "newer");
        runQueued();

        assertThat(cache.get("a")).isEqualTo(Result.ok("newer"));
    }

    @Test
    void put_duringARefresh_stays() {
        CacheAside<String, String> cache = filled(builder().executor(queue::add).build(store));
        time.advance(DUE);
        assertThat(cache.get("a")).isEqualTo(OLD);
        cache.put("a", "put");
        runQueued();

        assertThat(cache.get("a")).isEqualTo(Result.ok("put"));
    }

    @Test
    void put_value_isRefreshedAsLoadedOnesAre() {
        CacheAside<String, String> cache = builder().build(store);
        cache.put("a", "put");
        time.advance(DUE);

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(counters.refreshes()).isOne();
    }

    @Test
    void refresh_fails_servesTheValueAndWaitsBeforeTheNext() {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        time.advance(DUE);
        for (int i = 0; i < 100; i++) {
            assertThat(cache.get("a")).isEqualTo(OLD);
        }
        assertThat(store.loads()).isEqualTo(2);
        assertThat(cache.getCached("a").map(Cached::freshness)).isEqualTo(Result.ok(Freshness.FRESH));
        store.work();
        time.advance(Duration.ofSeconds(20)); // its time is over, and there is nothing to fall back to

        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void refresh_failsAndMayBeRepeatedAtOnce_isRepeatedByTheNextGetOnly() {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(Store.later(ErrorKind.UNAVAILABLE, Duration.ZERO));
        time.advance(DUE);

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isEqualTo(2);
        store.failWith(Store.later(ErrorKind.UNAVAILABLE, Duration.ofSeconds(Long.MIN_VALUE)));
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isEqualTo(3);
        store.failWith(Store.later(ErrorKind.UNAVAILABLE, Duration.ofSeconds(5)));
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofSeconds(5).minusNanos(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isEqualTo(4);
        time.advance(Duration.ofNanos(1));
        store.work();
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void refresh_throws_servesTheValueAndWaitsBeforeTheNext() {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.throwing(new IllegalStateException("bug"));
        time.advance(DUE);
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isEqualTo(2);
        time.advance(Duration.ofSeconds(20));

        assertThatThrownBy(() -> cache.get("a")).hasMessage("bug");
    }

    /** What says something about the data is no reason to serve the value beyond its time. */
    @Test
    void refresh_failsForGood_isServedUntilTheEndAndNoLonger() {
        CacheAside<String, String> cache =
                filled(builder().staleOnError(Duration.ofHours(1)).build(store));
        store.failWith(ErrorKind.FORBIDDEN);
        time.advance(DUE);
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofSeconds(20));

        assertThat(cache.get("a"))
                .isEqualTo(Result.err(ErrorKind.FORBIDDEN.code().error()));
    }

    @Test
    void refresh_findsNothing_endsTheValue() {
        CacheAside<String, String> cache = filled(builder().executor(queue::add).build(store));
        store.delete("a");
        time.advance(DUE);
        assertThat(cache.get("a")).isEqualTo(OLD);
        runQueued();

        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.estimatedSize()).isZero();
    }

    @Test
    void refresh_findsNothingAndAbsencesAreKept_isAnAbsence() {
        CacheAside<String, String> cache =
                filled(builder().absentTtl(TTL).executor(queue::add).build(store));
        store.delete("a");
        time.advance(DUE);
        assertThat(cache.get("a")).isEqualTo(OLD);
        runQueued();

        assertThat(cache.get("a"))
                .isEqualTo(Result.err(ErrorKind.NOT_FOUND.code().error()));
        assertThat(store.loads()).isEqualTo(2);
    }

    @Test
    void executor_rejects_isServedAndTriedAgainASecondLater() {
        boolean[] full = {true};
        Executor executor = task -> {
            if (full[0]) {
                throw new RejectedExecutionException("full");
            }
            task.run();
        };
        CacheAside<String, String> cache = filled(builder().executor(executor).build(store));
        time.advance(DUE);
        assertThat(cache.get("a")).isEqualTo(OLD);
        full[0] = false;
        time.advance(Duration.ofSeconds(1).minusNanos(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isOne();
        time.advance(Duration.ofNanos(1));

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(counters.refreshes()).isEqualTo(2);
    }

    @Test
    void refresh_hangsBeyondTheLoadTimeout_isGivenUpAndDropped() {
        CacheAside<String, String> cache = filled(builder()
                .loadTimeout(Duration.ofSeconds(5))
                .executor(queue::add)
                .build(store));
        time.advance(DUE);
        assertThat(cache.get("a")).isEqualTo(OLD);
        Runnable hanging = queue.remove();
        time.advance(Duration.ofSeconds(5));
        assertThat(cache.get("a")).isEqualTo(OLD); // gives it up
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(queue).isEmpty();
        hanging.run();

        assertThat(store.loads()).isOne();
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofSeconds(15));
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void refresh_givenUpWhileItRuns_isDropped() {
        CacheAside<String, String> cache =
                filled(builder().loadTimeout(Duration.ofSeconds(5)).build(store));
        time.advance(DUE);
        Store.Held load = store.hold();
        var hanging = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        time.advance(Duration.ofSeconds(5));
        assertThat(cache.get("a")).isEqualTo(OLD);
        load.release();

        assertThat(hanging.result()).isEqualTo(OLD);
        assertThat(cache.getIfPresent("a")).contains("old");
        assertThat(counters.discarded()).isOne();
    }

    /* ---- promotion: the value ends while it is refreshed ---- */

    private Call<Result<String, DomainError>> refreshing;

    private Call<Result<String, DomainError>> joinedAfterTheEnd(CacheAside<String, String> cache, Store.Held load) {
        time.advance(TTL.minusSeconds(1));
        refreshing = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        time.advance(Duration.ofSeconds(1));
        var waiting = Call.of(() -> cache.get("a"));
        Call.until(() -> counters.coalesced() == 1);
        assertThat(refreshing.isDone()).isFalse();
        return waiting;
    }

    @Test
    void get_valueEndsWhileItIsRefreshed_waitsForTheRefresh() {
        CacheAside<String, String> cache = filled(builder().build(store));
        Store.Held load = store.hold();
        var waiting = joinedAfterTheEnd(cache, load);
        load.release();

        assertThat(waiting.result()).isEqualTo(NEW);
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(store.loads()).isEqualTo(2);
    }

    @Test
    void get_valueEndsWhileItsRefreshIsQueued_makesTheRefresh() {
        CacheAside<String, String> cache = filled(builder().executor(queue::add).build(store));
        time.advance(TTL.minusSeconds(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofSeconds(1));

        assertThat(cache.get("a")).isEqualTo(NEW);
        runQueued();
        assertThat(store.loads()).isEqualTo(2);
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void promotedRefresh_fails_isAnsweredWithTheValueBeforeIfThatMayBe() {
        CacheAside<String, String> cache = filled(builder().staleOnError(TTL).build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        Store.Held load = store.hold();
        var waiting = joinedAfterTheEnd(cache, load);
        load.release();

        assertThat(waiting.result()).isEqualTo(OLD);
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isEqualTo(2);
        assertThat(cache.getCached("a").map(Cached::freshness)).isEqualTo(Result.ok(Freshness.STALE_ON_ERROR));
    }

    @Test
    void promotedRefresh_failsAndNothingMayBeStale_isTheError() {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        Store.Held load = store.hold();
        var waiting = joinedAfterTheEnd(cache, load);
        load.release();

        assertThat(waiting.result())
                .isEqualTo(Result.err(ErrorKind.UNAVAILABLE.code().error()));
        store.work();
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void promotedRefresh_throws_leavesTheValueToFallBackTo() {
        CacheAside<String, String> cache = filled(builder().staleOnError(TTL).build(store));
        store.throwing(new IllegalStateException("bug"));
        Store.Held load = store.hold();
        var waiting = joinedAfterTheEnd(cache, load);
        load.release();

        assertThat(waiting.thrown()).hasMessage("bug");
        assertThat(refreshing.thrown()).as("it looks again").hasMessage("bug");
        store.work();
        store.failWith(ErrorKind.UNAVAILABLE);
        assertThat(cache.get("a")).isEqualTo(OLD);
    }

    @Test
    void promotedRefresh_hangs_isGivenUp() {
        CacheAside<String, String> cache = filled(
                builder().loadTimeout(Duration.ofSeconds(5)).staleOnError(TTL).build(store));
        Store.Held load = store.hold();
        var waiting = joinedAfterTheEnd(cache, load);
        Call.until(() -> time.pending() == 1);
        time.advance(Duration.ofSeconds(4));

        assertThat(waiting.result()).isEqualTo(OLD);
        load.release();
    }

    /* ---- many at once ---- */

    @Test
    void getAll_refreshesDue_areMadeTogether() {
        store.set("b", "b").set("c", "c");
        CacheAside<String, String> cache = builder().executor(queue::add).buildBulk(store::all);
        assertThat(cache.getAll(List.of("a", "b"))).hasSize(2);
        time.advance(DUE);

        assertThat(cache.getAll(List.of("a", "b", "c")).keySet()).containsExactly("a", "b", "c");
        assertThat(queue).hasSize(1);
        runQueued();
        assertThat(store.sortedBatches()).containsExactly(List.of("a", "b"), List.of("c"), List.of("a", "b"));
        assertThat(counters.refreshes()).isEqualTo(2);
    }

    @Test
    void getAll_refreshesDueWithoutExecutor_areMadeTogetherAtOnce() {
        store.set("b", "b");
        CacheAside<String, String> cache = builder().buildBulk(store::all);
        assertThat(cache.getAll(List.of("a", "b"))).hasSize(2);
        store.set("a", "new");
        time.advance(DUE);

        assertThat(cache.getAll(List.of("a", "b"))).isEqualTo(Map.of("a", OLD, "b", Result.ok("b")));
        assertThat(store.sortedBatches()).containsExactly(List.of("a", "b"), List.of("a", "b"));
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void getAll_ownLoadThrows_refreshesAreMadeAllTheSame() {
        CacheAside<String, String> cache = filled(builder().executor(queue::add).buildBulk(store::all));
        time.advance(DUE);
        store.throwing(new IllegalStateException("bug"));

        assertThatThrownBy(() -> cache.getAll(List.of("a", "b"))).hasMessage("bug");
        store.work();
        assertThat(queue).hasSize(1);
        runQueued();
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    /** A measured load time is for caches that share a level, which are not to refresh all at once. */
    @Test
    void getAll_bulkLoadTookLong_isNotRefreshedUnlessAskedFor() {
        CacheAside<String, String> cache = CacheAside.named("users")
                .time(time)
                .random(() -> -1L) // nearly 1
                .ttl(TTL)
                .listener(counters)
                .buildBulk((Set<String> keys) -> {
                    time.advance(Duration.ofSeconds(10));
                    return store.all(keys);
                });
        assertThat(cache.getAll(List.of("a", "b"))).hasSize(2);
        time.advance(TTL.multipliedBy(9).dividedBy(10).minusSeconds(1));

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(counters.refreshes()).isZero();
        assertThat(store.batches()).hasSize(1);
    }
}
