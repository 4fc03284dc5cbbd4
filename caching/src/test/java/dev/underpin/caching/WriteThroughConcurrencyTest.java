package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two writers of one key beside a reader: when they have done, the cache has what the store has. */
class WriteThroughConcurrencyTest {
    private static final int ROUNDS = Integer.getInteger("stress.rounds", 5_000);

    private final ExecutorService threads = Executors.newFixedThreadPool(3);
    private final AtomicLong store = new AtomicLong();
    private final AtomicInteger wrong = new AtomicInteger();

    @AfterEach
    void end() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void write_ofTwoAtOnce_leavesWhatTheStoreHas() throws Exception {
        CacheAside<String, Long> cache = CacheAside.named("raced").build(key -> Result.ok(store.get()));

        race(
                () -> cache.get("a").orElseThrow(),
                value -> assertThat(cache.write("a", (long) value, (key, written) -> {
                                    store.set(written);
                                    return Result.ok(written);
                                })
                                .isOk())
                        .isTrue());

        assertThat(wrong).hasValue(0);
    }

    /** That the test can fail: by writers that store and put, which may be overtaken in between. */
    @Test
    void put_ofTwoAtOnce_leavesWhatItHasOvertaken() throws Exception {
        CacheAside<String, Long> cache = CacheAside.named("raced").build(key -> Result.ok(store.get()));

        race(() -> cache.get("a").orElseThrow(), value -> {
            store.set(value);
            HistoriesConcurrencyTest.linger();
            cache.put("a", (long) value);
        });

        assertThat(wrong).hasPositiveValue();
    }

    private void race(Supplier<Long> read, IntConsumer write) throws Exception {
        var barrier = new CyclicBarrier(3, () -> {
            if (read.get() != store.get()) {
                wrong.incrementAndGet();
            }
        });
        List<Future<?>> done = new ArrayList<>();
        for (int writer = 0; writer < 2; writer++) {
            int offset = writer;
            done.add(threads.submit(() -> rounds(barrier, round -> write.accept(2 * round + offset))));
        }
        done.add(threads.submit(
                () -> rounds(barrier, round -> assertThat(read.get()).isNotNegative())));
        for (Future<?> each : done) {
            each.get();
        }
    }

    private static Void rounds(CyclicBarrier barrier, IntConsumer turn) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            turn.accept(round);
            barrier.await();
        }
        return null;
    }
}
