package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.caching.Cached.Freshness;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

/** What is served where loading fails, and for how long. */
class StaleOnErrorTest {
    private static final Duration TTL = Duration.ofMinutes(10);
    private static final Duration EXTRA = Duration.ofHours(1);
    private static final Duration THROTTLE = Duration.ofSeconds(30);
    private static final Result<String, DomainError> OLD = Result.ok("old");
    private static final Result<String, DomainError> NEW = Result.ok("new");

    private final VirtualTime time = new VirtualTime();
    private final Store store = new Store().set("a", "old");
    private final List<String> stale = new ArrayList<>();

    private CacheAside.Builder<Object, String> builder() {
        return CacheAside.named("users")
                .time(time)
                .random(() -> 0)
                .ttl(TTL)
                .staleOnError(EXTRA)
                .tags((String value) -> List.of("tag"))
                .listener(new CacheListener() {
                    @Override
                    public void onStale(String cache, ErrorCode reason) {
                        stale.add(reason.name());
                    }
                });
    }

    private CacheAside<String, String> filled(CacheAside<String, String> cache) {
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.set("a", "new");
        return cache;
    }

    @ParameterizedTest
    @EnumSource(names = {"RATE_LIMITED", "INTERNAL", "BAD_GATEWAY", "UNAVAILABLE", "TIMEOUT"})
    void passingError_isAnsweredWithTheValueBefore(ErrorKind kind) {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(kind);
        time.advance(TTL);

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(stale).containsExactly(kind.code().name());
        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.getCached("a"))
                .isEqualTo(Result.ok(new Cached<>("old", Freshness.STALE_ON_ERROR, TTL, Duration.ZERO, EXTRA)));
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"RATE_LIMITED", "INTERNAL", "BAD_GATEWAY", "UNAVAILABLE", "TIMEOUT"})
    void authoritativeError_isTheAnswer(ErrorKind kind) {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(kind);
        time.advance(TTL);

        assertThat(cache.get("a")).isEqualTo(Result.err(kind.code().error()));
        assertThat(stale).isEmpty();
    }

    @Test
    void cancelledLoad_leavesTheValueToFallBackTo() {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(ErrorKind.CANCELLED);
        time.advance(TTL);
        assertThat(cache.get("a").isOk()).isFalse();
        store.failWith(ErrorKind.UNAVAILABLE);

        assertThat(cache.get("a")).isEqualTo(OLD);
    }

    @Test
    void loaderThrows_throwsAndLeavesTheValueToFallBackTo() {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.throwing(new IllegalStateException("bug"));
        time.advance(TTL);
        assertThatThrownBy(() -> cache.get("a")).hasMessage("bug");
        store.work();
        store.failWith(ErrorKind.UNAVAILABLE);

        assertThat(cache.get("a")).isEqualTo(OLD);
    }

    @Test
    void failures_areOneAttemptPerThrottleAndNeverMakeItLonger() {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        time.advance(TTL);
        for (int i = 0; i < 10_000; i++) {
            assertThat(cache.get("a")).isSameAs(cache.get("a")).isEqualTo(OLD);
        }
        assertThat(store.loads()).isEqualTo(2);
        time.advance(THROTTLE.minusNanos(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isEqualTo(2);
        time.advance(Duration.ofNanos(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isEqualTo(3);
        for (Duration passed = THROTTLE; passed.compareTo(EXTRA.minus(THROTTLE)) < 0; passed = passed.plus(THROTTLE)) {
            time.advance(THROTTLE);
            assertThat(cache.get("a")).isEqualTo(OLD);
        }
        time.advance(THROTTLE.minusNanos(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofNanos(1));

        assertThat(cache.get("a"))
                .isEqualTo(Result.err(ErrorKind.UNAVAILABLE.code().error()));
        store.work();
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void throttle_ofAShortLivedValue_isItsTime() {
        CacheAside<String, String> cache =
                filled(builder().ttl(Duration.ofSeconds(2)).build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        time.advance(Duration.ofSeconds(2));
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.work();
        time.advance(Duration.ofSeconds(2).minusNanos(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofNanos(1));

        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void throttle_thatTheErrorNames_isThat() {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(Store.later(ErrorKind.RATE_LIMITED, Duration.ofMinutes(5)));
        time.advance(TTL);
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.work();
        time.advance(Duration.ofMinutes(5).minusNanos(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofNanos(1));

        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void errorTtl_doesNotReplaceAValueThatCanBeServed() {
        CacheAside<String, String> cache =
                filled(builder().errorTtl(error -> EXTRA).build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        time.advance(TTL);
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.work();
        time.advance(THROTTLE);

        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void absence_isNoFailure() {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.delete("a");
        time.advance(TTL);
        assertThat(cache.get("a").isOk()).isFalse();
        store.failWith(ErrorKind.UNAVAILABLE);

        assertThat(cache.get("a"))
                .isEqualTo(Result.err(ErrorKind.UNAVAILABLE.code().error()));
    }

    /* ---- invalidations ---- */

    static Stream<Named<Consumer<CacheAside<String, String>>>> expirations() {
        return Stream.of(
                Named.of("expire", cache -> cache.expire("a")), Named.of("expireTag", cache -> cache.expireTag("tag")));
    }

    static Stream<Named<Consumer<CacheAside<String, String>>>> removals() {
        return Stream.of(
                Named.of("invalidate", cache -> cache.invalidate("a")),
                Named.of("invalidateTag", cache -> cache.invalidateTag("tag")),
                Named.of("clear", CacheAside::clear));
    }

    @ParameterizedTest
    @MethodSource("expirations")
    void expired_loaderFails_isServedWithOneAttemptPerThrottle(Consumer<CacheAside<String, String>> expiration) {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        expiration.accept(cache);

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("removals")
    void removed_loaderFails_isTheError(Consumer<CacheAside<String, String>> removal) {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        removal.accept(cache);

        assertThat(cache.get("a"))
                .isEqualTo(Result.err(ErrorKind.UNAVAILABLE.code().error()));
        assertThat(stale).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("removals")
    void staleValue_removed_isGone(Consumer<CacheAside<String, String>> removal) {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        time.advance(TTL);
        assertThat(cache.get("a")).isEqualTo(OLD);
        removal.accept(cache);

        assertThat(cache.get("a"))
                .isEqualTo(Result.err(ErrorKind.UNAVAILABLE.code().error()));
    }

    @ParameterizedTest
    @MethodSource("removals")
    void removedWhileALoadFails_newCallersGetTheError(Consumer<CacheAside<String, String>> removal) {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        time.advance(TTL);
        Store.Held load = store.hold();
        var before = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        removal.accept(cache);
        load.release();

        assertThat(before.result().isOk()).isFalse();
        assertThat(cache.get("a").isOk()).isFalse();
    }

    /** The throttle is for failures that came after the expiration. */
    @ParameterizedTest
    @MethodSource("expirations")
    void staleValue_expiredAgain_isLoadedAtOnce(Consumer<CacheAside<String, String>> expiration) {
        CacheAside<String, String> cache = filled(builder().build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        time.advance(TTL);
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.work();
        expiration.accept(cache);

        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @ParameterizedTest
    @MethodSource("expirations")
    void valueWhoseRefreshFailed_expired_isLoadedAtOnce(Consumer<CacheAside<String, String>> expiration) {
        CacheAside<String, String> cache = filled(builder().refreshAfter(0.5).build(store));
        store.failWith(ErrorKind.UNAVAILABLE);
        time.advance(TTL.dividedBy(2));
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.work();
        expiration.accept(cache);

        assertThat(cache.get("a")).isEqualTo(NEW);
    }
}
