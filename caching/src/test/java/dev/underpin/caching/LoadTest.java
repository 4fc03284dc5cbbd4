package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers that miss the same key share one load, whatever it comes to. */
class LoadTest {
    private static final int THREADS = 64;

    private final VirtualTime time = new VirtualTime();
    private final CacheCounters counters = new CacheCounters();
    private final Store store = new Store().set("a", "1");

    private CacheAside.Builder<Object, Object> builder() {
        return CacheAside.named("users").time(time).random(() -> 0).listener(counters);
    }

    private List<Call<Result<String, DomainError>>> joined(CacheAside<String, String> cache, int callers) {
        long before = counters.coalesced();
        var calls = Call.times(callers, () -> cache.get("a"));
        Call.until(() -> counters.coalesced() - before == callers);
        return calls;
    }

    @Test
    void get_manyThreadsOneColdKey_makeOneLoad() {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        var waiters = joined(cache, THREADS - 1);
        load.release();

        Result<String, DomainError> first = leader.result();
        assertThat(first).isEqualTo(Result.ok("1"));
        assertThat(waiters).allSatisfy(call -> assertThat(call.result()).isSameAs(first));
        assertThat(store.loads()).isOne();
        assertThat(counters.misses()).isEqualTo(THREADS);
        assertThat(counters.coalesced()).isEqualTo(THREADS - 1);
        assertThat(counters.hits()).isZero();
        assertThat(cache.get("a")).isSameAs(first);
        assertThat(counters.hits()).isOne();
    }

    /** Compiled for a JDK that has no virtual threads. */
    @Test
    void get_manyVirtualThreadsOneColdKey_makeOneLoad() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "no virtual threads before 21");
        Object ofVirtual = Thread.class.getMethod("ofVirtual").invoke(null);
        Method start = Class.forName("java.lang.Thread$Builder").getMethod("start", Runnable.class);
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        List<FutureTask<Result<String, DomainError>>> calls = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            var call = new FutureTask<>(() -> cache.get("a"));
            calls.add(call);
            start.invoke(ofVirtual, call);
        }
        Call.until(() -> counters.coalesced() == THREADS - 1);
        load.release();

        for (var call : calls) {
            assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo(Result.ok("1"));
        }
        assertThat(store.loads()).isOne();
    }

    @Test
    void get_loaderFails_allGetItAndTheNextLoads() {
        store.failWith(ErrorKind.UNAVAILABLE);
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        var waiters = joined(cache, THREADS - 1);
        load.release();

        Result<String, DomainError> first = leader.result();
        assertThat(first).isEqualTo(Result.err(ErrorKind.UNAVAILABLE.code().error()));
        assertThat(waiters).allSatisfy(call -> assertThat(call.result()).isSameAs(first));
        assertThat(store.loads()).isOne();
        store.work();
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(store.loads()).isEqualTo(2);
    }

    @Test
    void get_errorIsKept_isNotLoadedBeforeItsEnd() {
        store.failWith(ErrorKind.UNAVAILABLE);
        CacheAside<String, String> cache =
                builder().errorTtl(error -> Duration.ofSeconds(1)).build(store);
        assertThat(cache.get("a").isOk()).isFalse();
        store.work();

        time.advance(Duration.ofSeconds(1).minusNanos(1));
        assertThat(cache.get("a").isOk()).isFalse();
        assertThat(counters.hits()).isOne();
        time.advance(Duration.ofNanos(1));
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(store.loads()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {IllegalStateException.class, StackOverflowError.class, AssertionError.class, Exception.class})
    void get_loaderThrows_allGetItAndTheNextLoads(Class<? extends Throwable> type) throws Exception {
        Throwable thrown = type.getDeclaredConstructor().newInstance();
        store.throwing(thrown);
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        var waiters = joined(cache, 3);
        var later = cache.getAsync("a");
        load.release();

        assertThat(leader.thrown()).isSameAs(thrown);
        assertThat(waiters).allSatisfy(call -> assertThat(call.thrown()).isSameAs(thrown));
        assertThat(later)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .havingCause()
                .isSameAs(thrown);
        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(counters.failedLoads()).isOne();
        store.work();
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
    }

    @Test
    void get_loaderReturnsNull_throwsAndTheNextLoads() {
        boolean[] broken = {true};
        CacheAside<String, String> cache = builder().build((String key) -> broken[0] ? null : store.apply(key));

        assertThatThrownBy(() -> cache.get("a"))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("the loader returned null");
        broken[0] = false;
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
    }

    @Test
    void get_leaderIsCancelled_itsWaitersAreNot() {
        store.failWith(ErrorKind.CANCELLED);
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        var waiters = joined(cache, 3);
        var later = cache.getAsync("a");
        store.work();
        load.release();

        assertThat(leader.result())
                .isEqualTo(Result.err(ErrorKind.CANCELLED.code().error()));
        assertThat(waiters).allSatisfy(call -> assertThat(call.result()).isEqualTo(Result.ok("1")));
        assertThat(later).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(Result.ok("1"));
        assertThat(store.loads()).isEqualTo(2);
    }

    /** A loader that waits for another cache fails with what that fails with. */
    @Test
    void get_leaderIsInterruptedInItsLoader_itsWaitersAreNot() {
        store.failWith(CachingErrors.CACHE_INTERRUPTED.error());
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        var waiters = joined(cache, 1);
        store.work();
        load.release();

        assertThat(leader.result().isOk()).isFalse();
        assertThat(waiters.get(0).result()).isEqualTo(Result.ok("1"));
    }

    @Test
    void get_everyLoadInTheBackgroundIsCancelled_givesUp() {
        store.failWith(ErrorKind.CANCELLED);
        CacheAside<String, String> cache = builder().executor(Runnable::run).build(store);
        Result<String, DomainError> cancelled =
                Result.err(ErrorKind.CANCELLED.code().error());

        assertThat(cache.getAsync("a")).isCompletedWithValue(cancelled);
        assertThat(cache.get("a", Duration.ofSeconds(1))).isEqualTo(cancelled);
        assertThat(store.loads()).isLessThanOrEqualTo(4);
    }

    @Test
    void get_nullKey_throws() {
        CacheAside<String, String> cache = builder().build(store);

        assertThatThrownBy(() -> cache.get(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("key");
        assertThat(store.loads()).isZero();
    }
}
