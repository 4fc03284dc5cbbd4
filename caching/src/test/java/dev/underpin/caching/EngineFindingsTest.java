package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Races that were lost once. */
class EngineFindingsTest {
    private static final Duration TTL = Duration.ofSeconds(10);

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger loads = new AtomicInteger();

    /** A refresh that is not kept leaves its value due; the caller that made it must not make it again and again. */
    @Test
    void get_refreshWithinHoldOff_loadsOnce() {
        CacheAside<Integer, Integer> cache = CacheAside.named("raced")
                .ttl(TTL)
                .refreshAfter(0.5)
                .holdOff(TTL)
                .random(() -> 0)
                .time(time)
                .build(this::load);
        cache.put(1, 7);
        time.advance(TTL.dividedBy(2));

        assertThat(cache.get(1)).isEqualTo(Result.ok(7));
        assertThat(loads).hasValue(1);
        assertThat(cache.get(1)).isEqualTo(Result.ok(7));
        assertThat(loads).as("loads of another get, so soon").hasValue(1);
    }

    /** What is asked for the tags stands for another thread, which clears just then. */
    @Test
    void get_putWhileCleared_isRefreshedOnce() {
        AtomicReference<CacheAside<Integer, Integer>> self = new AtomicReference<>();
        CacheAside<Integer, Integer> cache = CacheAside.named("raced")
                .ttl(TTL)
                .refreshAfter(0.5)
                .random(() -> 0)
                .time(time)
                .tags((Integer value) -> {
                    if (value == 7) {
                        self.get().clear();
                    }
                    return List.of();
                })
                .build(this::load);
        self.set(cache);
        cache.put(1, 7);
        time.advance(TTL.dividedBy(2));

        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        assertThat(cache.get(1)).isEqualTo(Result.ok(1));
        assertThat(loads).hasValue(1);
    }

    @Test
    void get_loaderOfAnotherIsInterruptedInAWaitOfItsOwn_isNotInterruptedItself() throws Exception {
        CountDownLatch inner = new CountDownLatch(1);
        CountDownLatch innerBegun = new CountDownLatch(1);
        CountDownLatch joined = new CountDownLatch(2);
        AtomicReference<CacheAside<Integer, Integer>> self = new AtomicReference<>();
        CacheAside<Integer, Integer> cache = CacheAside.named("raced")
                .listener(new CacheListener() {
                    @Override
                    public void onCoalesced(String name) {
                        joined.countDown();
                    }
                })
                .build((Integer key) -> {
                    if (key == 0) {
                        return self.get().get(1);
                    }
                    innerBegun.countDown();
                    try {
                        inner.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    return Result.ok(key);
                });
        self.set(cache);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Future<Result<Integer, DomainError>> below = threads.submit(() -> cache.get(1));
            innerBegun.await();
            AtomicReference<Thread> leader = new AtomicReference<>();
            Future<Result<Integer, DomainError>> interrupted = threads.submit(() -> {
                leader.set(Thread.currentThread());
                return cache.get(0); // waits for the load of the other
            });
            while (joined.getCount() == 2) {
                Thread.onSpinWait();
            }
            Future<Result<Integer, DomainError>> joiner = threads.submit(() -> cache.get(0));
            joined.await();
            leader.get().interrupt();

            assertThat(interrupted.get().fold(value -> "none", DomainError::code))
                    .isEqualTo(CachingErrors.CACHE_INTERRUPTED);
            inner.countDown();
            assertThat(joiner.get()).isEqualTo(Result.ok(1));
            assertThat(below.get()).isEqualTo(Result.ok(1));
        } finally {
            inner.countDown();
            threads.shutdown();
        }
    }

    private Result<Integer, DomainError> load(int key) {
        if (loads.incrementAndGet() > 10) {
            throw new AssertionError("loads without end");
        }
        return Result.ok(key);
    }
}
