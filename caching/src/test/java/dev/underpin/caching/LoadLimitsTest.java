package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.caching.Cached.Freshness;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads that hang, callers that wait no longer, and how many loads there may be. */
class LoadLimitsTest {
    private static final Result<String, DomainError> OLD = Result.ok("old");
    private static final Result<String, DomainError> NEW = Result.ok("new");
    private static final Result<String, DomainError> TIMEOUT = error(CachingErrors.CACHE_LOAD_TIMEOUT);
    private static final Duration LIMIT = Duration.ofMillis(100);
    private static final Duration TTL = Duration.ofMinutes(1);

    private final VirtualTime time = new VirtualTime();
    private final CacheCounters counters = new CacheCounters();
    private final Store store = new Store().set("a", "old");
    private final Queue<Runnable> queue = new ArrayDeque<>();

    private static Result<String, DomainError> error(ErrorCode code) {
        return Result.err(code.error(Map.of("name", "users")));
    }

    private CacheAside.Builder<Object, String> builder() {
        return CacheAside.named("users")
                .time(time)
                .random(() -> 0)
                .ttl(TTL)
                .loadTimeout(LIMIT)
                .listener(counters)
                .tags((String value) -> List.of("tag"));
    }

    private CacheAside<String, String> pastItsTime(CacheAside<String, String> cache) {
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.set("a", "new");
        time.advance(TTL);
        return cache;
    }

    private static <T> Call<T> hanging(Store.Held load, Callable<T> call) {
        var leader = Call.of(call);
        load.awaitBegun();
        return leader;
    }

    /* ---- the load timeout ---- */

    @Test
    void load_hangs_waitersGetAnErrorAndTheNextLoads() {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = hanging(load, () -> cache.get("a"));
        var waiters = Call.times(3, () -> cache.get("a"));
        var bulk = Call.of(() -> cache.getAll(List.of("a")));
        Call.until(() -> counters.coalesced() == 4 && time.pending() == 1);
        time.advance(LIMIT.minusNanos(1));
        assertThat(waiters).noneMatch(Call::isDone);
        time.advance(Duration.ofNanos(1));

        assertThat(waiters).allSatisfy(call -> assertThat(call.result()).isEqualTo(TIMEOUT));
        assertThat(bulk.result()).isEqualTo(Map.of("a", TIMEOUT));
        store.set("a", "new");
        assertThat(cache.get("a")).isEqualTo(NEW);
        load.release();
        assertThat(leader.result()).isEqualTo(OLD);
        assertThat(cache.get("a")).isEqualTo(NEW);
        assertThat(counters.discarded()).isOne();
        assertThat(time.pending()).isZero();
    }

    @Test
    void load_hangsAndNobodyWaits_theNextLoads() {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = hanging(load, () -> cache.get("a"));
        time.advance(LIMIT);
        store.set("a", "new");

        assertThat(cache.get("a")).isEqualTo(NEW);
        load.release();
        assertThat(leader.result()).isEqualTo(OLD);
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void load_hangsAndThereIsAStaleValue_isAnsweredWithThatWhateverTheLoadComesTo(boolean fails) {
        CacheAside<String, String> cache =
                pastItsTime(builder().staleOnError(TTL).build(store));
        if (fails) {
            store.failWith(ErrorKind.UNAVAILABLE);
        }
        Store.Held load = store.hold();
        var leader = hanging(load, () -> cache.get("a"));
        var waiter = Call.of(() -> cache.getCached("a"));
        Call.until(() -> time.pending() == 1);
        time.advance(LIMIT);
        assertThat(waiter.result().map(Cached::freshness)).isEqualTo(Result.ok(Freshness.STALE_ON_ERROR));
        load.release();
        assertThat(leader.result().isOk()).isNotEqualTo(fails);

        assertThat(cache.get("a")).as("until the next attempt is due").isEqualTo(OLD);
        store.work();
        time.advance(Duration.ofSeconds(30));
        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void load_hangsAndTheKeyIsInvalidated_theStaleValueIsGone() {
        CacheAside<String, String> cache =
                pastItsTime(builder().staleOnError(TTL).build(store));
        Store.Held load = store.hold();
        var leader = hanging(load, () -> cache.get("a"));
        cache.invalidateTag("tag");
        time.advance(LIMIT);
        store.failWith(ErrorKind.UNAVAILABLE);

        assertThat(cache.get("a"))
                .isEqualTo(Result.err(ErrorKind.UNAVAILABLE.code().error()));
        load.release();
        assertThat(leader.result()).isEqualTo(NEW);
    }

    @Test
    void loads_thatHang_countUntilTheyEnd() {
        CacheAside<String, String> cache = builder().maxConcurrentLoads(2).build(store);
        store.set("b", "b").set("c", "c");
        Store.Held first = store.hold();
        var one = hanging(first, () -> cache.get("a"));
        Store.Held second = store.hold();
        var two = hanging(second, () -> cache.get("b"));
        time.advance(LIMIT);

        assertThat(cache.get("c")).isEqualTo(error(CachingErrors.CACHE_LOADS_SATURATED));
        first.release();
        assertThat(one.result()).isEqualTo(OLD);
        assertThat(cache.get("c")).isEqualTo(Result.ok("c"));
        second.release();
        assertThat(two.result()).isEqualTo(Result.ok("b"));
    }

    @Test
    void loads_tooMany_areAnsweredWithTheStaleValueForASecond() {
        CacheAside<String, String> cache =
                pastItsTime(builder().staleOnError(TTL).maxConcurrentLoads(1).build(store));
        store.set("b", "b");
        Store.Held load = store.hold();
        var hanging = hanging(load, () -> cache.get("b"));
        assertThat(cache.get("a")).isEqualTo(OLD);
        load.release();
        assertThat(hanging.result()).isEqualTo(Result.ok("b"));
        time.advance(Duration.ofSeconds(1).minusNanos(1));
        assertThat(cache.get("a")).isEqualTo(OLD);
        time.advance(Duration.ofNanos(1));

        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    /* ---- callers ---- */

    @Test
    void waiter_isInterrupted_getsAnErrorAndLoadsNothing() {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = hanging(load, () -> cache.get("a"));
        boolean[] flag = {false};
        var interrupted = Call.of(() -> {
            Result<String, DomainError> result = cache.get("a");
            flag[0] = Thread.currentThread().isInterrupted();
            return result;
        });
        var other = Call.of(() -> cache.get("a"));
        Call.until(() -> counters.coalesced() == 2);
        interrupted.thread.interrupt();

        assertThat(interrupted.result()).isEqualTo(error(CachingErrors.CACHE_INTERRUPTED));
        assertThat(flag[0]).isTrue();
        load.release();
        assertThat(leader.result()).isEqualTo(OLD);
        assertThat(other.result()).isEqualTo(OLD);
        assertThat(store.loads()).isOne();
    }

    @Test
    void maxWait_ofAWaiter_endsAndOthersGetTheValue() {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = hanging(load, () -> cache.get("a"));
        var patient = Call.of(() -> cache.get("a"));
        var impatient = Call.of(() -> cache.get("a", LIMIT.dividedBy(2)));
        Call.until(() -> time.pending() == 2);
        time.advance(LIMIT.dividedBy(2));

        assertThat(impatient.result()).isEqualTo(TIMEOUT);
        assertThat(cache.get("a", Duration.ZERO)).isEqualTo(TIMEOUT);
        load.release();
        assertThat(leader.result()).isEqualTo(OLD);
        assertThat(patient.result()).isEqualTo(OLD);
        assertThat(cache.get("a", Duration.ZERO)).isEqualTo(OLD);
        assertThat(store.loads()).isOne();
    }

    @Test
    void maxWait_withoutExecutor_theOwnLoadIsMadeToItsEnd() {
        CacheAside<String, String> cache = builder().build(store);

        assertThat(cache.get("a", Duration.ZERO)).isEqualTo(OLD);
    }

    @Test
    void maxWait_withExecutor_theLoadGoesOnThere() {
        CacheAside<String, String> cache = builder().executor(queue::add).build(store);
        var impatient = Call.of(() -> cache.get("a", LIMIT.dividedBy(2)));
        Call.until(() -> time.pending() == 2);
        time.advance(LIMIT.dividedBy(2));
        assertThat(impatient.result()).isEqualTo(TIMEOUT);
        queue.remove().run();

        assertThat(cache.getIfPresent("a")).contains("old");
        assertThat(time.pending()).isZero();
    }

    @Test
    void maxWait_thereIsAStaleValue_isThat() {
        CacheAside<String, String> cache =
                pastItsTime(builder().staleOnError(TTL).executor(queue::add).build(store));

        assertThat(cache.get("a", Duration.ZERO)).isEqualTo(OLD);
        assertThat(counters.stale()).isOne();
    }

    /** The first load is not for who began after the invalidation; the time runs on. */
    @Test
    void maxWait_twoLoadsOneAfterTheOther_isForBoth() {
        CacheAside<String, String> cache = builder()
                .loadTimeout(Duration.ofMinutes(1))
                .executor(queue::add)
                .build(store);
        Store.Held load = store.hold();
        var leader = hanging(load, () -> cache.get("a"));
        cache.invalidateTag("tag");
        var waiter = Call.of(() -> cache.get("a", Duration.ofSeconds(10)));
        Call.until(() -> time.pending() == 2);
        time.advance(Duration.ofSeconds(6));
        load.release();
        assertThat(leader.result()).isEqualTo(OLD);
        Call.until(() -> counters.coalesced() == 2 && time.pending() == 2);
        time.advance(Duration.ofSeconds(4));

        assertThat(waiter.result()).isEqualTo(TIMEOUT);
    }

    @Test
    void maxWait_ofAThreadThatIsInterrupted_isAnError() {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = hanging(load, () -> cache.get("a"));
        var waiter = Call.of(() -> cache.get("a", LIMIT));
        Call.until(() -> time.pending() == 2);
        waiter.thread.interrupt();

        assertThat(waiter.result()).isEqualTo(error(CachingErrors.CACHE_INTERRUPTED));
        load.release();
        assertThat(leader.result()).isEqualTo(OLD);
        assertThat(time.pending()).isZero();
    }

    /* ---- the soft timeout ---- */

    private CacheAside<String, String> soft() {
        return pastItsTime(builder()
                .staleOnError(TTL)
                .softTimeout(LIMIT.dividedBy(2))
                .executor(queue::add)
                .build(store));
    }

    @Test
    void softTimeout_callersGetTheStaleValueAndTheLoadGoesOn() {
        CacheAside<String, String> cache = soft();
        var first = Call.of(() -> cache.getCached("a"));
        Call.until(() -> time.pending() == 2);
        var joiner = Call.of(() -> cache.get("a"));
        var bulk = Call.of(() -> cache.getAll(List.of("a")));
        Call.until(() -> time.pending() == 4);
        time.advance(LIMIT.dividedBy(2));

        assertThat(first.result().map(Cached::freshness)).isEqualTo(Result.ok(Freshness.STALE_ON_ERROR));
        assertThat(joiner.result()).isEqualTo(OLD);
        assertThat(bulk.result()).isEqualTo(Map.of("a", OLD));
        assertThat(cache.get("a")).as("waits no more").isEqualTo(OLD);
        assertThat(queue).hasSize(1);
        queue.remove().run();
        assertThat(cache.getIfPresent("a")).contains("new");
        assertThat(store.loads()).isEqualTo(2);
        assertThat(time.pending()).isZero();
    }

    @Test
    void softTimeout_loadEndsInTime_isTheNewValue() {
        CacheAside<String, String> cache = soft();
        var call = Call.of(() -> cache.get("a"));
        Call.until(() -> time.pending() == 2);
        queue.remove().run();

        assertThat(call.result()).isEqualTo(NEW);
        assertThat(counters.stale()).isZero();
    }

    @Test
    void softTimeout_ofAValueExpiredByTag_isAnsweredWithIt() {
        CacheAside<String, String> cache = builder()
                .staleOnError(TTL)
                .softTimeout(Duration.ZERO)
                .executor(queue::add)
                .build(store);
        assertThat(cache.get("a")).isEqualTo(OLD);
        cache.expireTag("tag");

        assertThat(cache.get("a")).isEqualTo(OLD);
        cache.expire("a");
        assertThat(cache.get("a")).isEqualTo(OLD);
        cache.invalidateTag("tag");
        queue.clear();
        time.advance(LIMIT);
        store.failWith(ErrorKind.UNAVAILABLE);
        assertThat(cache.get("a").isOk()).isFalse();
    }

    @Test
    void softTimeout_everyLoadIsCancelled_givesUp() {
        CacheAside<String, String> cache = pastItsTime(builder()
                .staleOnError(TTL)
                .softTimeout(LIMIT.dividedBy(2))
                .executor(Call::start)
                .build(store));
        store.failWith(ErrorKind.CANCELLED);

        assertThat(cache.get("a").isOk()).isFalse();
        assertThat(cache.getAll(List.of("a")).get("a").isOk()).isFalse();
        assertThat(store.loads()).as("a few, not without end").isLessThanOrEqualTo(20);
    }

    @Test
    void softTimeout_noStaleValue_waits() {
        CacheAside<String, String> cache = builder()
                .staleOnError(TTL)
                .softTimeout(Duration.ZERO)
                .executor(queue::add)
                .build(store);

        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(queue).isEmpty();
    }
}
