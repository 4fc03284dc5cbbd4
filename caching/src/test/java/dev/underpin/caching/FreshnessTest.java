package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.caching.Cached.Freshness;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How long values, absences and errors are what a get returns. */
class FreshnessTest {
    private static final Duration TTL = Duration.ofMinutes(1);
    private static final Duration NANO = Duration.ofNanos(1);

    private final VirtualTime time = new VirtualTime();
    private final CacheCounters counters = new CacheCounters();
    private final Store store = new Store().set("a", "1");

    private CacheAside.Builder<Object, Object> builder() {
        return CacheAside.named("users").time(time).random(() -> 0).ttl(TTL).listener(counters);
    }

    @Test
    void get_untilTheEndToTheNanosecond_isAHit() {
        CacheAside<String, String> cache = builder().build(store);
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        time.advance(TTL.minus(NANO));
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(store.loads()).isOne();
        time.advance(NANO);

        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(store.loads()).isEqualTo(2);
    }

    @Test
    void get_manyAfterTheEnd_makeOneLoad() {
        CacheAside<String, String> cache = builder().build(store);
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        time.advance(TTL);
        Store.Held load = store.hold();
        var calls = Call.times(32, () -> cache.get("a"));
        Call.until(() -> counters.coalesced() == 31);
        load.release();

        assertThat(calls).allSatisfy(call -> assertThat(call.result()).isEqualTo(Result.ok("1")));
        assertThat(store.loads()).isEqualTo(2);
    }

    @Test
    void ttl_jittered_isAtMostATenthShorter() {
        CacheAside<String, String> cache =
                builder().random(new Random(7)).maximumSize(10_000).build(key -> Result.ok("v"));
        double shortest = 1;
        double longest = 0;
        for (int i = 0; i < 1_000; i++) {
            Cached<String> cached = cache.getCached("k" + i).toOptional().orElseThrow();
            double share = (double) cached.freshFor().toNanos() / TTL.toNanos();
            shortest = Math.min(shortest, share);
            longest = Math.max(longest, share);
        }

        assertThat(shortest).isBetween(0.9, 0.91);
        assertThat(longest).isBetween(0.99, 1.0);
    }

    @Test
    void ttl_byTheValue_isThatOfEach() {
        CacheAside<String, String> cache = builder()
                .ttl(String.class, value -> Duration.ofSeconds(Long.parseLong(value)))
                .build(store);
        store.set("b", "2");
        assertThat(cache.getAll(List.of("a", "b")).values()).containsExactly(Result.ok("1"), Result.ok("2"));
        time.advance(Duration.ofSeconds(1));

        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.getIfPresent("b")).contains("2");
        time.advance(Duration.ofSeconds(1));
        assertThat(cache.getIfPresent("b")).isEmpty();
    }

    @Test
    void ttl_notPositive_isHandedOutAndNotKept() {
        for (Duration ttl : List.of(Duration.ZERO, NANO.negated(), Duration.ofSeconds(Long.MIN_VALUE))) {
            CacheAside<String, String> cache =
                    builder().ttl(String.class, value -> ttl).staleOnError(TTL).build(store);

            Cached<String> cached = cache.getCached("a").toOptional().orElseThrow();
            assertThat(cached)
                    .isEqualTo(new Cached<>("1", Freshness.FRESH, Duration.ZERO, Duration.ZERO, Duration.ZERO));
            assertThat(cache.getIfPresent("a")).isEmpty();
            assertThat(cache.estimatedSize()).isZero();
        }
    }

    @Test
    void ttl_ofAeons_neverEnds() {
        CacheAside<String, String> cache = builder()
                .ttl(Duration.ofSeconds(Long.MAX_VALUE))
                .staleOnError(Duration.ofSeconds(Long.MAX_VALUE))
                .absentTtl(Duration.ofSeconds(Long.MAX_VALUE))
                .loadTimeout(Duration.ofSeconds(Long.MAX_VALUE))
                .build(store);
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(cache.get("b").isOk()).isFalse();
        time.advance(Duration.ofDays(20 * 365));

        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(cache.get("b").isOk()).isFalse();
        assertThat(store.loads()).isEqualTo(2);
    }

    @Test
    void ttlFunction_throwsOrReturnsNull_isABugOfTheCallerAndKeepsNothing() {
        CacheAside<String, String> throwing = builder()
                .ttl(String.class, value -> {
                    throw new IllegalStateException("ttl");
                })
                .build(store);
        CacheAside<String, String> nothing =
                builder().ttl(String.class, value -> null).build(store);

        assertThatThrownBy(() -> throwing.get("a")).hasMessage("ttl");
        assertThat(throwing.estimatedSize()).isZero();
        assertThatThrownBy(() -> nothing.get("a")).hasMessage("the ttl of a value must not be null");
        assertThatThrownBy(() -> nothing.getAll(List.of("a"))).hasMessage("the ttl of a value must not be null");
        assertThat(nothing.estimatedSize()).isZero();
    }

    @Test
    void errorTtlFunction_throwsOrReturnsNull_isABugOfTheCallerAndKeepsNothing() {
        store.failWith(ErrorKind.CONFLICT);
        CacheAside<String, String> throwing = builder()
                .errorTtl(error -> {
                    throw new IllegalStateException("ttl");
                })
                .build(store);
        CacheAside<String, String> nothing = builder().errorTtl(error -> null).build(store);
        CacheAside<String, String> negative =
                builder().errorTtl(error -> NANO.negated()).build(store);

        assertThatThrownBy(() -> throwing.get("a")).hasMessage("ttl");
        assertThatThrownBy(() -> nothing.get("a")).hasMessage("the ttl of an error must not be null");
        assertThat(negative.get("a"))
                .isEqualTo(Result.err(ErrorKind.CONFLICT.code().error()));
        assertThat(throwing.estimatedSize()).isZero();
        assertThat(nothing.estimatedSize()).isZero();
        assertThat(negative.estimatedSize()).isZero();
    }

    /* ---- absences ---- */

    @Test
    void absence_isKeptForItsOwnTime() {
        CacheAside<String, String> cache =
                builder().absentTtl(Duration.ofSeconds(5)).build(store);
        Result<String, DomainError> absent = cache.get("b");
        assertThat(absent).isEqualTo(Result.err(ErrorKind.NOT_FOUND.code().error()));
        store.set("b", "2");
        time.advance(Duration.ofSeconds(5).minus(NANO));

        assertThat(cache.get("b")).isSameAs(absent);
        assertThat(cache.getIfPresent("b")).isEmpty();
        assertThat(counters.hits()).isOne();
        assertThat(counters.failedLoads()).isZero();
        time.advance(NANO);
        assertThat(cache.get("b")).isEqualTo(Result.ok("2"));
    }

    @Test
    void absence_unlessAskedFor_isNotKept() {
        CacheAside<String, String> cache = builder().errorTtl(error -> TTL).build(store);
        assertThat(cache.get("b").isOk()).isFalse();
        store.set("b", "2");

        assertThat(cache.get("b")).isEqualTo(Result.ok("2"));
    }

    @Test
    void absence_createdAndInvalidated_isGone() {
        CacheAside<String, String> cache = builder().absentTtl(TTL).build(store);
        assertThat(cache.get("b").isOk()).isFalse();
        store.set("b", "2");
        cache.invalidate("b");

        assertThat(cache.get("b")).isEqualTo(Result.ok("2"));
    }

    @Test
    void absence_longerThanValues_isKeptAsLong() {
        CacheAside<String, String> cache =
                builder().ttl(Duration.ofSeconds(1)).absentTtl(TTL).build(store);
        assertThat(cache.get("b").isOk()).isFalse();
        time.advance(TTL.minus(NANO));

        assertThat(cache.get("b").isOk()).isFalse();
        assertThat(store.loads()).isOne();
    }

    /* ---- values that look like nothing ---- */

    @Test
    void values_thatLookLikeNothing_areHits() {
        for (Object value : List.of("", 0, false, List.of(), Optional.empty())) {
            var loads = new AtomicInteger();
            CacheAside<String, Object> cache = builder().build((String key) -> {
                loads.incrementAndGet();
                return Result.ok(value);
            });

            assertThat(cache.get("a")).isEqualTo(Result.ok(value));
            assertThat(cache.get("a")).isEqualTo(Result.ok(value));
            assertThat(cache.getIfPresent("a")).contains(value);
            assertThat(loads).hasValue(1);
        }
    }

    /* ---- clocks ---- */

    @Test
    void wallClock_jumps_changesNothing() {
        CacheAside<String, String> cache = builder().build(store);
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        time.jumpWallClock(Duration.ofHours(1));
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        time.jumpWallClock(Duration.ofHours(-2));

        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(store.loads()).isOne();
    }

    /** The stepped clock overflows after fifteen seconds. */
    @Test
    void elapsedTime_overflowsAndLeapsTenYears_endsEachValueOnce() {
        CacheAside<String, String> cache = builder().build(store);
        for (int seconds = 0; seconds < 50; seconds += 10) {
            assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
            time.advance(Duration.ofSeconds(10));
        }
        assertThat(store.loads()).isOne();
        time.advance(Duration.ofDays(3_650));

        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(store.loads()).isEqualTo(2);
    }

    /* ---- getCached ---- */

    @Test
    void getCached_tellsAgeAndTimesLeft() {
        CacheAside<String, String> cache =
                builder().staleOnError(Duration.ofHours(1)).build(store);
        Store.Held load = store.hold();
        var first = Call.of(() -> cache.getCached("a"));
        load.awaitBegun();
        time.advance(Duration.ofSeconds(2));
        load.release();
        assertThat(first.result().map(Cached::age)).isEqualTo(Result.ok(Duration.ofSeconds(2)));
        time.advance(Duration.ofSeconds(20));

        assertThat(cache.getCached("a"))
                .isEqualTo(Result.ok(new Cached<>(
                        "1", Freshness.FRESH, Duration.ofSeconds(22), Duration.ofSeconds(40), Duration.ofHours(1))));
        assertThat(cache.getCached("b"))
                .isEqualTo(Result.err(ErrorKind.NOT_FOUND.code().error()));
    }

    /* ---- conditional loads ---- */

    @Test
    void buildConditional_sameValue_keepsTheResultAndBeginsANewTime() {
        var known = new AtomicReference<Optional<String>>();
        CacheAside<String, String> cache = builder()
                .staleOnError(TTL)
                .buildConditional((String key, Optional<String> before) -> {
                    known.set(before);
                    return before.isPresent() ? Result.ok(before.orElseThrow()) : store.apply(key);
                });
        Result<String, DomainError> first = cache.get("a");
        assertThat(known.get()).isEmpty();
        time.advance(TTL);
        Result<String, DomainError> second = cache.get("a");

        assertThat(known.get()).contains("1");
        assertThat(second).isSameAs(first);
        assertThat(store.loads()).isOne();
        time.advance(TTL.minus(NANO));
        assertThat(cache.getIfPresent("a")).contains("1");
    }

    @Test
    void buildConditional_otherValue_isTheNewOne() {
        CacheAside<String, String> cache =
                builder().staleOnError(TTL).buildConditional((String key, Optional<String> before) -> store.apply(key));
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        store.set("a", "2");
        time.advance(TTL);

        assertThat(cache.get("a")).isEqualTo(Result.ok("2"));
    }

    @Test
    void buildConditional_afterAnInvalidation_isGivenNothing() {
        var known = new AtomicReference<Optional<String>>();
        CacheAside<String, String> cache = builder()
                .staleOnError(TTL)
                .buildConditional((String key, Optional<String> before) -> {
                    known.set(before);
                    return store.apply(key);
                });
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        cache.invalidate("a");
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(known.get()).isEmpty();
        cache.expire("a");
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(known.get()).contains("1");
    }
}
