package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimiterConcurrencyTest {
    private static final int THREADS = 6;

    /** A clock that a test moves while others read it. */
    private static final class Ticks implements TimeSource {
        private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);

        @Override
        public long nanoTime() {
            return nanos.get();
        }

        @Override
        public Instant instant() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void sleep(Duration duration) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            throw new UnsupportedOperationException();
        }
    }

    private final Ticks time = new Ticks();

    private static void byThreads(Callable<Void> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            var start = new CountDownLatch(1);
            List<Future<Void>> done = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                done.add(threads.submit(() -> {
                    start.await();
                    return work.call();
                }));
            }
            start.countDown();
            for (Future<Void> one : done) {
                one.get(60, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void tryAcquire_manyThreadsWhileTimeStands_getExactlyThePermits() throws Exception {
        for (int round = 0; round < 50; round++) {
            RateLimiter<String> limiter = RateLimiter.named("api")
                    .limit(100, Duration.ofMinutes(1))
                    .limit(40, Duration.ofSeconds(1))
                    .limit(60, Duration.ofSeconds(10))
                    .time(time)
                    .build();
            var given = new AtomicInteger();
            byThreads(() -> {
                for (int i = 0; i < 40; i++) {
                    if (limiter.tryAcquire("a").isOk()) {
                        given.incrementAndGet();
                    }
                }
                return null;
            });
            assertThat(given).hasValue(40);
            assertThat(limiter.keys()).isEqualTo(1);
        }
    }

    @Test
    void tryAcquire_manyThreadsOfWhomSomeAreRefused_loseNoPermitOfTheOtherLimits() throws Exception {
        for (int round = 0; round < 50; round++) {
            RateLimiter<String> limiter = RateLimiter.named("api")
                    .limit(40, Duration.ofSeconds(1))
                    .limit(45, Duration.ofHours(1))
                    .limit(46, Duration.ofHours(1))
                    .time(time)
                    .build();
            byThreads(() -> {
                for (int i = 0; i < 40; i++) {
                    var unused = limiter.tryAcquire("a");
                }
                return null;
            });

            time.nanos.addAndGet(1_000_000_000);

            assertThat(limiter.state("a").remaining()).isEqualTo(5);
        }
    }

    @Test
    void tryAcquire_manyThreadsWhileTimeGoesOn_getNoMoreThanAllowedOfAnyLimit() throws Exception {
        long start = time.nanoTime();
        RateLimiter<Integer> limiter = RateLimiter.named("api")
                .limit(20, Duration.ofNanos(20_000))
                .limit(5, Duration.ofNanos(4_000))
                .maxKeys(3)
                .time(time)
                .build();
        int keys = 5;
        var given = new AtomicIntegerArray(keys);
        byThreads(() -> {
            var random = ThreadLocalRandom.current();
            for (int i = 0; i < 50_000; i++) {
                int key = random.nextInt(keys);
                if (limiter.tryAcquire(key).isOk()) {
                    given.incrementAndGet(key);
                }
                time.nanos.addAndGet(random.nextInt(40));
                var unused = limiter.state(key);
            }
            return null;
        });

        long elapsed = time.nanoTime() - start;
        for (int key = 0; key < keys; key++) {
            assertThat(given.get(key)).isGreaterThan(100);
            assertThat((long) given.get(key)).isLessThanOrEqualTo(5 + elapsed / 800);
        }
        assertThat(limiter.keys()).isLessThanOrEqualTo(3 + THREADS);
    }

    @Test
    void state_whileKeysAreForgotten_isNeverOutOfBounds() throws Exception {
        RateLimiter<Integer> limiter = RateLimiter.named("api")
                .limit(2, Duration.ofNanos(2_000))
                .maxKeys(2)
                .time(time)
                .build();
        byThreads(() -> {
            var random = ThreadLocalRandom.current();
            for (int i = 0; i < 20_000; i++) {
                int key = random.nextInt(6);
                var unused = limiter.tryAcquire(key);
                time.nanos.addAndGet(random.nextInt(500));
                RateLimit state = limiter.state(key);
                assertThat(state.remaining()).isBetween(0, 2);
                assertThat(state.reset()).isBetween(Duration.ZERO, Duration.ofHours(1));
            }
            return null;
        });
    }
}
