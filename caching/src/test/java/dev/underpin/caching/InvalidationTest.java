package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What was loaded before an invalidation is not served after it, and not kept. */
class InvalidationTest {
    private static final Result<String, DomainError> OLD = Result.ok("old");
    private static final Result<String, DomainError> NEW = Result.ok("new");

    private final VirtualTime time = new VirtualTime();
    private final CacheCounters counters = new CacheCounters();
    private final Store store = new Store().set("a", "old");

    private CacheAside.Builder<Object, String> builder() {
        return CacheAside.named("users")
                .time(time)
                .random(() -> 0)
                .listener(counters)
                .tags((String value) -> List.of("tag"));
    }

    static Stream<Named<Consumer<CacheAside<String, String>>>> invalidations() {
        return Stream.of(
                Named.of("invalidate", cache -> cache.invalidate("a")),
                Named.of("expire", cache -> cache.expire("a")),
                Named.of("invalidateTag", cache -> cache.invalidateTag("tag")),
                Named.of("expireTag", cache -> cache.expireTag("tag")),
                Named.of("clear", CacheAside::clear),
                Named.of("write", cache -> {
                    var unused = cache.write("a", "new", (key, value) -> Result.ok(value));
                }));
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void value_thatIsThere_isLoadedAnew(Consumer<CacheAside<String, String>> invalidation) {
        CacheAside<String, String> cache =
                builder().staleOnError(Duration.ofHours(1)).build(store);
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.set("a", "new");
        assertThat(cache.get("a")).isEqualTo(OLD);
        invalidation.accept(cache);

        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(store.loads()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void load_thatRuns_isNotKept(Consumer<CacheAside<String, String>> invalidation) {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var before = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        store.set("a", "new");
        invalidation.accept(cache); // waits for nothing: the load is still held
        Store.Held second = store.hold();
        second.release();
        var after = Call.of(() -> cache.get("a"));
        Call.until(() -> after.isDone() || counters.coalesced() == 1);
        load.release();

        assertThat(before.result()).isEqualTo(OLD);
        assertThat(after.result()).isEqualTo(NEW);
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(store.loads()).isEqualTo(2);
        assertThat(counters.discarded()).isOne();
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void load_thatRunsAndNobodyAsksMeanwhile_isNotKept(Consumer<CacheAside<String, String>> invalidation) {
        CacheAside<String, String> cache =
                builder().staleOnError(Duration.ofHours(1)).build(store);
        Store.Held load = store.hold();
        var before = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        store.set("a", "new");
        invalidation.accept(cache);
        load.release();

        assertThat(before.result()).isEqualTo(OLD);
        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void put_duringALoad_staysAndTheLoadIsDropped() {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var before = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        assertThat(cache.put("a", "new")).isEqualTo(Propagation.DONE);
        assertThat(cache.get("a")).isEqualTo(NEW);
        load.release();

        assertThat(before.result()).isEqualTo(OLD);
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(store.loads()).isOne();
    }

    @Test
    void put_valueThatMayNotBeKept_leavesNothing() {
        CacheAside<String, String> cache =
                builder().ttl(String.class, value -> Duration.ZERO).build(store);
        cache.put("a", "new");

        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.get("a")).isEqualTo(OLD);
    }

    @Test
    void put_tagsThrow_throwsAndLeavesNothing() {
        CacheAside<String, String> cache = CacheAside.named("users")
                .tags((String value) -> {
                    if (value.equals("bad")) {
                        throw new IllegalStateException("tags");
                    }
                    return List.of();
                })
                .build(store);
        assertThat(cache.get("a")).isEqualTo(OLD);

        assertThatThrownBy(() -> cache.put("a", "bad")).hasMessage("tags");
        assertThat(cache.getIfPresent("a")).isEmpty();
    }

    /** golang/go#31420: what ends first must take away its own place, not that of the next. */
    @Test
    void get_afterAnInvalidatedLoadHasEnded_joinsTheNextLoad() {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held first = store.hold();
        var one = Call.of(() -> cache.get("a"));
        first.awaitBegun();
        store.set("a", "new");
        cache.invalidate("a");
        Store.Held second = store.hold();
        var two = Call.of(() -> cache.get("a"));
        second.awaitBegun();
        first.release();
        assertThat(one.result()).isEqualTo(OLD);
        var three = Call.of(() -> cache.get("a"));
        Call.until(() -> counters.coalesced() == 1);
        second.release();

        assertThat(two.result()).isEqualTo(NEW);
        assertThat(three.result()).isEqualTo(NEW);
        assertThat(store.loads()).isEqualTo(2);
    }

    @Test
    void waiter_thatBeganAfterTheTagWasInvalidated_loadsItself() {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var before = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        store.set("a", "new");
        cache.invalidateTag("tag"); // unknown to the load, which stays where it is
        var after = Call.of(() -> cache.get("a"));
        var later = cache.getAsync("a");
        var bulk = Call.of(() -> cache.getAll(List.of("a")));
        Call.until(() -> counters.coalesced() == 3);
        load.release();

        assertThat(before.result()).isEqualTo(OLD);
        assertThat(after.result()).isEqualTo(NEW);
        assertThat(later.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(NEW);
        assertThat(bulk.result()).containsExactly(Map.entry("a", NEW));
        assertThat(store.loads()).isEqualTo(2);
    }

    @Test
    void expire_duringALoadThatFails_leavesTheValueBeforeToFallBackTo() {
        CacheAside<String, String> cache = builder()
                .ttl(Duration.ofMinutes(1))
                .staleOnError(Duration.ofHours(1))
                .build(store);
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofMinutes(1));
        store.failWith(ErrorKind.UNAVAILABLE);
        Store.Held load = store.hold();
        var before = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        cache.expire("a");
        load.release();
        var unused = before.result();

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(store.loads()).isEqualTo(3);
    }

    @Test
    void expire_absence_forgetsIt() {
        CacheAside<String, String> cache =
                builder().absentTtl(Duration.ofMinutes(1)).build(store);
        assertThat(cache.get("b").isOk()).isFalse();
        store.set("b", "new");
        assertThat(cache.get("b").isOk()).isFalse();
        cache.expire("b");

        assertThat(cache.get("b")).isEqualTo(NEW);
        cache.expire("not there");
    }

    @Test
    void close_dropsWhatIsThere() {
        CacheAside<String, String> cache = builder().build(store);
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(cache.estimatedSize()).isOne();
        cache.close();

        assertThat(cache.estimatedSize()).isZero();
    }

    /* ---- later ---- */

    @Test
    void invalidateAfter_manyCalls_areOneInvalidationAfterTheFirst() {
        CacheAside<String, String> cache = builder().build(store);
        assertThat(cache.get("a")).isEqualTo(OLD);
        cache.invalidateAfter("a", Duration.ofMinutes(1));
        time.advance(Duration.ofSeconds(59));
        cache.invalidateAfter("a", Duration.ofMinutes(1));
        cache.invalidateAfter("a", Duration.ZERO);
        assertThat(time.pending()).isOne();
        store.set("a", "new");
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofSeconds(1));

        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(time.pending()).isZero();
    }

    @Test
    void invalidateAfter_calledDuringTheInvalidation_makesAnother() {
        var cache = new AtomicReference<CacheAside<String, String>>();
        boolean[] again = {true};
        var level = new InMemoryLevel(time);
        cache.set(CacheAside.named("users")
                .time(time)
                .remote(
                        level,
                        (String key) -> {
                            if (again[0] && time.pending() == 0) {
                                again[0] = false; // a change that comes while the invalidation is on its way
                                cache.get().invalidateAfter(key, Duration.ofMinutes(1));
                            }
                            return key;
                        },
                        new Utf8())
                .build(store));
        cache.get().invalidateAfter("a", Duration.ofMinutes(1));
        time.advance(Duration.ofMinutes(1));

        assertThat(again[0]).isFalse();
        assertThat(time.pending()).isOne();
    }

    @Test
    void invalidateAfter_noTimer_throwsAndTheNextCallTriesAgain() {
        boolean[] shut = {true};
        var shutting = new TimeSource() {
            @Override
            public Instant instant() {
                return time.instant();
            }

            @Override
            public long nanoTime() {
                return time.nanoTime();
            }

            @Override
            public void sleep(Duration duration) throws InterruptedException {
                time.sleep(duration);
            }

            @Override
            public Future<?> schedule(Duration delay, Runnable task) {
                if (shut[0]) {
                    throw new RejectedExecutionException("shut");
                }
                return time.schedule(delay, task);
            }
        };
        CacheAside<String, String> cache = builder().time(shutting).build(store);

        assertThatThrownBy(() -> cache.invalidateAfter("a", Duration.ofMinutes(1)))
                .hasMessage("shut");
        shut[0] = false;
        cache.invalidateAfter("a", Duration.ofMinutes(1));
        assertThat(time.pending()).isOne();
        assertThatThrownBy(() -> cache.invalidateAfter("b", Duration.ofNanos(-1)))
                .hasMessage("delay must not be negative: PT-0.000000001S");
    }

    /* ---- hold-off ---- */

    static Stream<Named<Consumer<CacheAside<String, String>>>> touching() {
        return invalidations();
    }

    @ParameterizedTest
    @MethodSource("touching")
    void holdOff_afterAnInvalidation_loadsAndDoesNotKeep(Consumer<CacheAside<String, String>> invalidation) {
        Duration lag = Duration.ofSeconds(5);
        CacheAside<String, String> cache = builder().holdOff(lag).build(store);
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(cache.getIfPresent("a")).contains("old");
        invalidation.accept(cache);

        assertThat(cache.get("a")).isEqualTo(OLD); // of a replica that does not know yet
        assertThat(cache.getIfPresent("a")).isEmpty();
        time.advance(lag.minusNanos(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(cache.getIfPresent("a")).isEmpty();
        store.set("a", "new");
        time.advance(Duration.ofNanos(1));
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(cache.getIfPresent("a")).contains("new");
    }

    @Test
    void holdOff_otherKeys_areKept() {
        CacheAside<String, String> cache = CacheAside.named("users")
                .time(time)
                .holdOff(Duration.ofSeconds(5))
                .build(store);
        cache.invalidate("b");

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(cache.getIfPresent("a")).contains("old");
    }
}
