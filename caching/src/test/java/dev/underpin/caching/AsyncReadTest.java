package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Reads that hold no thread while they wait. */
class AsyncReadTest {
    private static final Result<String, DomainError> ONE = Result.ok("1");
    private static final Result<String, DomainError> TIMEOUT =
            Result.err(CachingErrors.CACHE_LOAD_TIMEOUT.error(Map.of("name", "users")));

    private final VirtualTime time = new VirtualTime();
    private final CacheCounters counters = new CacheCounters();
    private final Store store = new Store().set("a", "1");
    private final Queue<Runnable> queue = new ArrayDeque<>();

    private CacheAside.Builder<Object, Object> builder() {
        return CacheAside.named("users").time(time).random(() -> 0).listener(counters);
    }

    @Test
    void getAsync_hit_isThere() {
        CacheAside<String, String> cache = builder().build(store);
        assertThat(cache.get("a")).isEqualTo(ONE);

        assertThat(cache.getAsync("a")).isCompletedWithValue(ONE);
        assertThat(counters.hits()).isOne();
    }

    @Test
    void getAsync_missWithoutExecutor_loadsHere() {
        CacheAside<String, String> cache = builder().build(store);

        assertThat(cache.getAsync("a")).isCompletedWithValue(ONE);
        assertThat(cache.getAsync("b"))
                .isCompletedWithValue(Result.err(ErrorKind.NOT_FOUND.code().error()));
        assertThat(counters.misses()).isEqualTo(2);
    }

    @Test
    void getAsync_missWithExecutor_loadsThere() {
        CacheAside<String, String> cache = builder().executor(queue::add).build(store);
        var first = cache.getAsync("a");
        var second = cache.getAsync("a");
        assertThat(first).isNotDone();
        assertThat(queue).hasSize(1);
        queue.remove().run();

        assertThat(first).isCompletedWithValue(ONE);
        assertThat(second).isCompletedWithValue(ONE);
        assertThat(store.loads()).isOne();
        assertThat(time.pending()).isZero();
    }

    @Test
    void getAsync_loadIsQueued_isMadeByTheNextCallerThatWaits() {
        CacheAside<String, String> cache = builder().executor(queue::add).build(store);
        var later = cache.getAsync("a");

        assertThat(cache.get("a")).isEqualTo(ONE);
        assertThat(later).isCompletedWithValue(ONE);
        queue.remove().run();
        assertThat(store.loads()).isOne();
    }

    @Test
    void getAsync_oneCallerCancels_othersGetTheValue() throws Exception {
        CacheAside<String, String> cache = builder().build(store);
        Store.Held load = store.hold();
        var leader = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        CompletableFuture<?> cancelled = cache.getAsync("a");
        CompletableFuture<Result<String, DomainError>> completed = cache.getAsync("a");
        var waiting = cache.getAsync("a");
        assertThat(cancelled.cancel(true)).isTrue();
        assertThat(completed.complete(TIMEOUT)).isTrue();
        load.release();

        assertThat(leader.result()).isEqualTo(ONE);
        assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(ONE);
        assertThat(cache.get("a")).isEqualTo(ONE);
        assertThat(store.loads()).isOne();
    }

    @Test
    void getAsync_loaderThrows_completesWithThat() {
        store.throwing(new IllegalStateException("bug"));
        CacheAside<String, String> cache = builder().executor(queue::add).build(store);
        var answer = cache.getAsync("a");
        queue.remove().run();

        assertThatThrownBy(answer::join).hasRootCauseMessage("bug");
        store.work();
        assertThat(cache.get("a")).isEqualTo(ONE);
    }

    @Test
    void getAsync_executorRejects_isSaturatedAndTheNextTriesAgain() {
        boolean[] full = {true};
        CacheAside<String, String> cache = builder()
                .executor(task -> {
                    if (full[0]) {
                        throw new RejectedExecutionException("full");
                    }
                    task.run();
                })
                .build(store);

        assertThat(cache.getAsync("a").join())
                .isEqualTo(Result.err(CachingErrors.CACHE_LOADS_SATURATED.error(Map.of("name", "users"))));
        full[0] = false;
        assertThat(cache.getAsync("a").join()).isEqualTo(ONE);
    }

    @Test
    void getAsync_loadHangs_isGivenUp() {
        CacheAside<String, String> cache = builder()
                .loadTimeout(Duration.ofSeconds(5))
                .executor(queue::add)
                .build(store);
        var answer = cache.getAsync("a");
        time.advance(Duration.ofSeconds(5).minusNanos(1));
        assertThat(answer).isNotDone();
        time.advance(Duration.ofNanos(1));

        assertThat(answer).isCompletedWithValue(TIMEOUT);
        queue.remove().run();
        assertThat(store.loads()).as("nobody waits for it").isZero();
    }

    @Test
    void getAsync_softTimeout_isAnsweredWithTheStaleValueOnce() {
        CacheAside<String, String> cache = builder()
                .ttl(Duration.ofMinutes(1))
                .staleOnError(Duration.ofHours(1))
                .softTimeout(Duration.ofSeconds(1))
                .executor(queue::add)
                .build(store);
        assertThat(cache.get("a")).isEqualTo(ONE);
        store.set("a", "2");
        time.advance(Duration.ofMinutes(1));
        var answer = cache.getAsync("a");
        time.advance(Duration.ofSeconds(1).minusNanos(1));
        assertThat(answer).isNotDone();
        time.advance(Duration.ofNanos(1));
        assertThat(answer).isCompletedWithValue(ONE);
        assertThat(cache.getAsync("a")).as("no longer than one waits").isCompletedWithValue(ONE);
        assertThat(counters.stale()).isEqualTo(2);
        store.failWith(ErrorKind.UNAVAILABLE);
        queue.remove().run();

        assertThat(counters.stale()).as("counted once per answer").isEqualTo(2);
        assertThat(cache.getAsync("a")).isCompletedWithValue(ONE);
        assertThat(counters.stale()).isEqualTo(3);
        assertThat(time.pending()).isZero();
    }

    @Test
    void getAsync_loadEndsBeforeTheSoftTimeout_isThatAndTheTimerIsGone() {
        CacheAside<String, String> cache = builder()
                .ttl(Duration.ofMinutes(1))
                .staleOnError(Duration.ofHours(1))
                .softTimeout(Duration.ofSeconds(1))
                .executor(queue::add)
                .build(store);
        assertThat(cache.get("a")).isEqualTo(ONE);
        store.set("a", "2");
        time.advance(Duration.ofMinutes(1));
        var answer = cache.getAsync("a");
        store.throwing(new IllegalStateException("bug"));
        queue.remove().run();
        assertThat(answer).isCompletedExceptionally();
        assertThat(time.pending()).isZero();
        store.work();
        var next = cache.getAsync("a");
        queue.remove().run();

        assertThat(next).isCompletedWithValue(Result.ok("2"));
        assertThat(time.pending()).isZero();
        assertThat(counters.stale()).isZero();
    }
}
