package dev.underpin.java21;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.batching.BatchListener;
import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ten thousand virtual threads in one scope: a batch for each level, and none of them takes its carrier along. */
@Timeout(90)
class BatchingPinningTest {
    private static final int THREADS = 10_000;
    private static final int LEVELS = 3;

    private final AtomicInteger batches = new AtomicInteger();

    @Test
    void load_tenThousandVirtualThreads_makeABatchForEachLevelAndPinNoCarrier() throws Exception {
        // What loads classes for the first time is pinned while it does.
        assertThat(load(500)).isEqualTo(IntStream.range(0, 500).boxed().toList());
        batches.set(0);
        List<Integer> answers = new ArrayList<>();

        List<String> pinned = pinned(() -> answers.addAll(load(THREADS)));

        assertThat(pinned).isEmpty();
        assertThat(answers).isEqualTo(IntStream.range(0, THREADS).boxed().toList());
        assertThat(batches).hasValue(LEVELS);
    }

    /** {@return what so many tasks return, each of which loads one key after the other} */
    private List<Integer> load(int count) {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
                LoadScope scope = LoadScope.builder().executor(executor).open()) {
            ScopedLoader<Integer, Integer> loader = scope.loader(loader(THREADS));
            return scope.mapAll(IntStream.range(0, count).boxed().toList(), item -> {
                for (int level = 0; level < LEVELS; level++) {
                    int key = item + level * THREADS;
                    assertThat(loader.load(key)).isEqualTo(Result.ok(key));
                }
                return item;
            });
        }
    }

    /** Small batches side by side, futures, limits, cancels and flushes. */
    @Test
    void everything_thousandsOfVirtualThreads_pinsNoCarrier() throws Exception {
        assertThat(use(500)).isEqualTo(500);
        AtomicInteger done = new AtomicInteger();

        List<String> pinned = pinned(() -> done.set(use(THREADS / 4)));

        assertThat(pinned).isEmpty();
        assertThat(done).hasValue(THREADS / 4);
    }

    private int use(int count) {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
                LoadScope scope = LoadScope.builder().executor(executor).open()) {
            ScopedLoader<Integer, Integer> loader = scope.loader(loader(50));
            List<Boolean> all = scope.mapAll(IntStream.range(0, count).boxed().toList(), item -> {
                boolean same = loader.load(item % 700).equals(Result.ok(item % 700));
                same &= loader.loadAsync(item)
                        .thenCompose(result -> loader.loadAsync(item + 1))
                        .join()
                        .isOk();
                same &= loader.loadAll(List.of(item, item + 2)).size() == 2;
                same &= loader.load(item + 3, Duration.ofMinutes(1)).isOk();
                if (item % 10 == 0) {
                    same &= loader.loadAsync(item + 100_000).cancel(true);
                    loader.clear(item);
                    scope.flush();
                }
                return same;
            });
            assertThat(all).doesNotContain(false);
            return all.size();
        }
    }

    private Loader<Integer, Integer> loader(int maxBatch) {
        return Loader.named("raced")
                .maxBatch(maxBatch)
                .maxWait(Duration.ofMinutes(1))
                .listener(new BatchListener() {
                    @Override
                    public void onBatch(String loader, int keys, long nanos, ErrorCode error) {
                        batches.incrementAndGet();
                    }
                })
                .build(this::values);
    }

    private Result<Map<Integer, Integer>, DomainError> values(List<Integer> keys) {
        Map<Integer, Integer> values = new HashMap<>();
        keys.forEach(key -> values.put(key, key));
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody wants the keys any more
        }
        return Result.ok(values);
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
