package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.caching.WriteBehind.WhenFull;
import dev.underpin.caching.WriteBehind.Write;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many threads change few keys in a small queue, while a writer that fails now and then is watched. */
@Timeout(60)
class WriteBehindConcurrencyTest {
    private static final int THREADS = 4;
    private static final int KEYS = 8;
    private static final int CHANGES = 4_000;

    /** A change, by which thread, and the how manyth of it. */
    private record Change(int thread, int number) {}

    private final VirtualTime time = new VirtualTime();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final Set<String> beingWritten = ConcurrentHashMap.newKeySet();

    /** Newest of each thread that reached the store, by key and thread. */
    private final Map<String, Integer> newest = new ConcurrentHashMap<>();

    private final Map<String, Change> store = new ConcurrentHashMap<>();

    /** The newest of each thread that the queue took, by key and thread. */
    private final Map<String, Change> accepted = new ConcurrentHashMap<>();

    private final ExecutorService pool = Executors.newFixedThreadPool(THREADS + 2);

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void changes_ofOneKeyByManyThreads_reachTheStoreInOrderAndTheLastOneStays(WhenFull whenFull) throws Exception {
        try {
            check(whenFull);
        } finally {
            pool.shutdownNow();
        }
    }

    private void check(WhenFull whenFull) throws Exception {
        var queue = WriteBehind.named("orders")
                .acceptLossOnCrash()
                .executor(pool)
                .time(time)
                .delay(Duration.ofMillis(2))
                .maxBatch(3)
                .maxDirty(KEYS / 2, whenFull)
                .attempts(1_000)
                .<String, Change>build(this::write, (write, error) -> violations.add("given up"));
        var stopped = new AtomicBoolean();
        Future<?> clock = pool.submit(() -> {
            while (!stopped.get()) {
                time.advance(Duration.ofMillis(1));
            }
        });
        var threads = new ArrayList<Future<Integer>>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(pool.submit(change(queue, i)));
        }
        int taken = 0;
        for (Future<Integer> thread : threads) {
            taken += thread.get();
        }

        Set<String> unwritten = queue.close(Duration.ofDays(10));
        stopped.set(true);
        clock.get();

        assertThat(violations).isEmpty();
        assertThat(unwritten).isEmpty();
        assertThat(taken).as("accepted").isGreaterThan(THREADS);
        store.forEach((key, change) -> assertThat(accepted).containsEntry(key + change.thread, change));
        assertThat(store).isNotEmpty();
    }

    private Callable<Integer> change(WriteBehind<String, Change> queue, int thread) {
        return () -> {
            var random = ThreadLocalRandom.current();
            int taken = 0;
            for (int i = 1; i <= CHANGES; i++) {
                String key = "k" + random.nextInt(KEYS);
                var change = new Change(thread, i);
                if (queue.put(key, change).isOk()) {
                    accepted.put(key + thread, change);
                    taken++;
                }
                Optional<Write<String, Change>> read = queue.get(key);
                if (read.isPresent() && read.get().value().isEmpty()) {
                    violations.add("a delete that nobody asked for");
                }
            }
            return taken;
        };
    }

    private Result<Unit, DomainError> write(List<Write<String, Change>> writes) {
        for (Write<String, Change> write : writes) {
            if (!beingWritten.add(write.key())) {
                violations.add("written twice at a time");
            }
        }
        Thread.onSpinWait();
        boolean fails = ThreadLocalRandom.current().nextInt(20) == 0;
        for (Write<String, Change> write : writes) {
            if (!fails) {
                reach(write.key(), write.value().orElseThrow());
            }
            beingWritten.remove(write.key());
        }
        return fails ? Result.err(ErrorKind.UNAVAILABLE.code().error()) : Result.ok();
    }

    private void reach(String key, Change change) {
        Integer before = newest.put(key + change.thread, change.number);
        if (before != null && before >= change.number) {
            violations.add("an older change came after a newer one");
        }
        store.put(key, change);
    }

    /** A thread that puts and deletes a key of its own, so that it knows what must be there. */
    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void putsAndDeletes_ofAKeyByOneThread_areReadAtOnceAndEndAsTheLastOne(WhenFull whenFull) throws Exception {
        var held = new ConcurrentHashMap<String, Integer>();
        var queue = WriteBehind.named("orders")
                .acceptLossOnCrash()
                .executor(pool)
                .delay(Duration.ZERO)
                .maxBatch(2)
                .maxDirty(THREADS / 2, whenFull)
                .<String, Integer>build(
                        writes -> {
                            for (Write<String, Integer> write : writes) {
                                write.value()
                                        .ifPresentOrElse(
                                                value -> held.put(write.key(), value), () -> held.remove(write.key()));
                            }
                            return Result.ok();
                        },
                        (write, error) -> violations.add("given up"));
        var last = new ConcurrentHashMap<String, Integer>();
        try {
            var threads = new ArrayList<Future<?>>();
            for (int i = 0; i < THREADS; i++) {
                String key = "k" + i;
                threads.add(pool.submit(() -> {
                    for (int n = 0; n < CHANGES; n++) {
                        boolean delete = n % 3 == 1;
                        Result<Unit, DomainError> result = delete ? queue.delete(key) : queue.put(key, n);
                        if (!result.isOk()) {
                            continue;
                        }
                        if (delete) {
                            last.remove(key);
                        } else {
                            last.put(key, n);
                        }
                        Optional<Integer> now =
                                queue.get(key).map(Write::value).orElseGet(() -> Optional.ofNullable(held.get(key)));
                        if (!now.equals(Optional.ofNullable(last.get(key)))) {
                            violations.add("a change was lost");
                        }
                    }
                }));
            }
            join(threads);

            assertThat(queue.close(Duration.ofSeconds(30))).isEmpty();
            assertThat(held).isEqualTo(last);
            assertThat(violations).isEmpty();
        } finally {
            pool.shutdownNow();
        }
    }

    private static void join(List<Future<?>> threads) throws ExecutionException, InterruptedException {
        for (Future<?> thread : threads) {
            thread.get();
        }
    }
}
