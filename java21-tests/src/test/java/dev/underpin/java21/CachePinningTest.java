package dev.underpin.java21;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.caching.CacheAside;
import dev.underpin.caching.CacheCounters;
import dev.underpin.caching.CacheListener;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Virtual threads that miss, wait, refresh and load in a cache: none of them takes its carrier along. */
@Timeout(90)
class CachePinningTest {
    private static final int THREADS = 10_000;

    @Test
    void get_tenThousandVirtualThreadsOnOneKey_makeOneLoadAndPinNoCarrier() throws Exception {
        List<Result<Integer, DomainError>> answers = new ArrayList<>();
        AtomicInteger loads = new AtomicInteger();

        // What loads classes for the first time is pinned while it does.
        assertThat(getAtOnce(1_000, new AtomicInteger())).hasSize(1_000);
        List<String> pinned = pinned(() -> answers.addAll(getAtOnce(THREADS, loads)));

        assertThat(pinned).isEmpty();
        assertThat(loads).hasValue(1);
        assertThat(answers).hasSize(THREADS).allMatch(Result.ok(1)::equals);
    }

    /** {@return what so many get whose load does not end before all of them wait for it} */
    private static List<Result<Integer, DomainError>> getAtOnce(int count, AtomicInteger loads) throws Exception {
        CountDownLatch waiting = new CountDownLatch(count - 1);
        CacheAside<Integer, Integer> cache = CacheAside.named("raced")
                .listener(new CacheListener() {
                    @Override
                    public void onCoalesced(String name) {
                        waiting.countDown();
                    }
                })
                .build((Integer key) -> {
                    loads.incrementAndGet();
                    await(waiting);
                    return Result.ok(key);
                });
        return inVirtualThreads(count, () -> cache.get(1));
    }

    @Test
    void get_missesJoinsAndRefreshesOfManyKeys_pinNoCarrier() throws Exception {
        AtomicInteger refreshed = new AtomicInteger();

        var unused = use(500);
        List<String> pinned = pinned(() -> refreshed.set((int) use(THREADS).refreshes()));

        assertThat(pinned).isEmpty();
        assertThat(refreshed.get()).isPositive();
    }

    /** {@return the counts of so many threads that get keys, some of them many at once, and make others forget them} */
    private static CacheCounters use(int count) throws Exception {
        CacheCounters counters = new CacheCounters();
        try (ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
            CacheAside<Integer, Integer> cache = CacheAside.named("raced")
                    .ttl(Duration.ofMillis(20))
                    .refreshAfter(0.1)
                    .maximumSize(50)
                    .tags((Integer value) -> List.of("tag " + value % 7))
                    .listener(counters)
                    .executor(background)
                    .build((Integer key) -> {
                        sleep();
                        return Result.ok(key);
                    });
            AtomicInteger numbers = new AtomicInteger();
            List<Boolean> answers = inVirtualThreads(count, () -> {
                int number = numbers.getAndIncrement();
                boolean all = true;
                for (int i = 0; i < 3; i++) {
                    int key = number % 100;
                    Map<Integer, Result<Integer, DomainError>> several = cache.getAll(List.of(key, key + 1));
                    all &= several.get(key).isOk() && cache.get(key + 1).isOk();
                    all &= cache.getAsync(key).get().isOk();
                    all &= cache.get(key, Duration.ofMinutes(1)).isOk();
                    if (number % 50 == 0) {
                        cache.invalidate(key);
                        cache.invalidateTag("tag " + number % 7);
                    }
                }
                return all;
            });
            assertThat(answers).hasSize(count).doesNotContain(false);
        }
        return counters;
    }

    private static <T> List<T> inVirtualThreads(int count, Callable<T> call) throws Exception {
        List<T> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                running.add(threads.submit(call));
            }
            for (Future<T> each : running) {
                answers.add(each.get());
            }
        }
        return answers;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    /** {@return where virtual threads were pinned meanwhile} */
    private static List<String> pinned(Work work) throws Exception {
        ConcurrentLinkedQueue<String> found = new ConcurrentLinkedQueue<>();
        try (RecordingStream stream = new RecordingStream()) {
            stream.enable("jdk.VirtualThreadPinned")
                    .withThreshold(Duration.ZERO)
                    .withStackTrace();
            stream.onEvent("jdk.VirtualThreadPinned", (RecordedEvent event) -> found.add(event.toString()));
            stream.startAsync();
            work.run();
            stream.stop(); // reads what is left
        }
        return List.copyOf(found);
    }
}
