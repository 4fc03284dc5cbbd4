package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many threads in one scope. The longest wait of the loaders is longer than a test may take, so that a thread which is counted and
 * is not there, or a key that nobody takes, keeps the test from ending.
 */
class QuiescenceConcurrencyTest {
    private static final int ROUNDS = Integer.getInteger("stress.rounds", 15);
    private static final int LEVELS = 4;
    private static final Duration LONG = Duration.ofMinutes(30);
    private static final int FRESH = 1_000_000;

    private final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

    /* ---- chains ---- */

    /** How the owner waits for tasks. */
    enum Wait {
        GET {
            @Override
            void forAll(LoadScope scope, List<Integer> items, Task task) throws Exception {
                List<Future<Integer>> tasks = new ArrayList<>();
                for (int item : items) {
                    tasks.add(scope.fork(() -> task.of(item)));
                }
                for (int i = 0; i < items.size(); i++) {
                    assertThat(tasks.get(i).get()).isEqualTo(items.get(i));
                }
            }
        },
        MAP_ALL {
            @Override
            void forAll(LoadScope scope, List<Integer> items, Task task) {
                assertThat(scope.<Integer, Integer>mapAll(items, task::of)).isEqualTo(items);
            }
        },
        /** The scope does not see what its owner waits for, and is told so. */
        BLOCKING {
            @Override
            void forAll(LoadScope scope, List<Integer> items, Task task) {
                CountDownLatch ended = new CountDownLatch(items.size());
                List<Future<Integer>> tasks = new ArrayList<>();
                for (int item : items) {
                    tasks.add(scope.fork(() -> {
                        try {
                            return task.of(item);
                        } finally {
                            ended.countDown();
                        }
                    }));
                }
                assertThat(scope.<Boolean>blocking(() -> await(ended))).isTrue();
                assertThat(tasks).hasSize(items.size());
            }
        };

        abstract void forAll(LoadScope scope, List<Integer> items, Task task) throws Exception;
    }

    interface Task {
        int of(int item);
    }

    @ParameterizedTest
    @CsvSource({
        "PLATFORM, GET",
        "PLATFORM, MAP_ALL",
        "PLATFORM, BLOCKING",
        "VIRTUAL, GET",
        "VIRTUAL, MAP_ALL",
        "VIRTUAL, BLOCKING"
    })
    void chains_ofTwoHundredTasks_areABatchForEachLevel(TaskThreads threads, Wait wait) throws Exception {
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                batches.clear();
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    ScopedLoader<Integer, Integer> loader = scope.loader(loader("chained"));
                    wait.forAll(scope, range(200), item -> {
                        for (int level = 0; level < LEVELS; level++) {
                            int key = item + level * 1_000;
                            assertThat(loader.load(key)).isEqualTo(Result.ok(key));
                        }
                        return item;
                    });
                }
                assertThat(batches).as("batches of round %d", round).hasSize(LEVELS);
                assertThat(batches).allMatch(batch -> Set.copyOf(batch).size() == 200);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** Tasks of two loaders by turns: both leave at every level, and neither waits for the other. */
    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void chains_ofTwoLoaders_areABatchOfEachForEachLevel(TaskThreads threads) throws Exception {
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                batches.clear();
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    ScopedLoader<Integer, Integer> even = scope.loader(loader("even"));
                    ScopedLoader<Integer, Integer> odd = scope.loader(loader("odd"));
                    Wait.GET.forAll(scope, range(40), item -> {
                        for (int level = 0; level < LEVELS; level++) {
                            int key = item + level * 1_000;
                            assertThat((item % 2 == 0 ? even : odd).load(key)).isEqualTo(Result.ok(key));
                        }
                        return item;
                    });
                }
                assertThat(batches).as("batches of round %d", round).hasSize(2 * LEVELS);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** Tasks that wait for a thread count: what others wait for leaves by time, and everything ends. */
    @Test
    void chains_poolTooSmall_end() throws Exception {
        ExecutorService small = Executors.newFixedThreadPool(3);
        ExecutorService callerRuns = new ThreadPoolExecutor(
                0, 2, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), new ThreadPoolExecutor.CallerRunsPolicy());
        Loader<Integer, Integer> impatient =
                Loader.named("impatient").maxWait(Duration.ofMillis(1)).build(this::values);
        try {
            for (ExecutorService executor : List.of(small, callerRuns)) {
                for (Wait wait : Wait.values()) {
                    try (LoadScope scope =
                            LoadScope.builder().executor(executor).open()) {
                        ScopedLoader<Integer, Integer> loader = scope.loader(impatient);
                        wait.forAll(scope, range(20), item -> {
                            assertThat(loader.load(item)).isEqualTo(Result.ok(item));
                            assertThat(loader.load(item + 100)).isEqualTo(Result.ok(item + 100));
                            return item;
                        });
                    }
                }
            }
            assertThat(batches.stream().mapToInt(List::size).sum()).isEqualTo(2 * 3 * 40);
        } finally {
            small.shutdownNow();
            callerRuns.shutdownNow();
        }
    }

    /* ---- where batches run ---- */

    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void batches_ownerWaits_runWhereItsThreadLocalsAre(TaskThreads threads) throws Exception {
        ThreadLocal<String> tenant = new ThreadLocal<>();
        tenant.set("acme");
        Set<String> seen = ConcurrentHashMap.newKeySet();
        Loader<Integer, Integer> loader = Loader.named("tenants").maxWait(LONG).build((List<Integer> keys) -> {
            seen.add("" + tenant.get());
            return values(keys);
        });
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    ScopedLoader<Integer, Integer> loads = scope.loader(loader);
                    Wait.GET.forAll(scope, range(100), item -> {
                        assertThat(loads.load(item).isOk()).isTrue();
                        assertThat(loads.load(item + 1_000).isOk()).isTrue();
                        return item;
                    });
                }
            }
            assertThat(seen).containsExactly("acme");
        } finally {
            executor.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void batches_manyReady_runAsManyAtOnceAsAllowed(TaskThreads threads) throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CyclicBarrier both = new CyclicBarrier(2);
        Loader<Integer, Integer> loader = Loader.named("sliced")
                .maxWait(LONG)
                .maxBatch(5)
                .maxInFlight(2)
                .build((List<Integer> keys) -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    try {
                        if (both.getParties() > 0) {
                            both.await(20, TimeUnit.SECONDS); // there is always a second one
                        }
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    } finally {
                        running.decrementAndGet();
                    }
                    return values(keys);
                });
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    Wait.GET.forAll(scope, range(100), item -> {
                        assertThat(scope.loader(loader).load(item).isOk()).isTrue();
                        return item;
                    });
                }
            }
            assertThat(most).hasValue(2);
        } finally {
            executor.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void chain_besideASlowLoader_isNotHeldUp(TaskThreads threads) throws Exception {
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                batches.clear();
                CountDownLatch chained = new CountDownLatch(20);
                Loader<Integer, Integer> slow = Loader.named("slow")
                        .maxWait(LONG)
                        .build((List<Integer> keys) -> {
                            assertThat(await(chained)).isTrue();
                            return Result.ok(Map.of(0, 0));
                        });
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    ScopedLoader<Integer, Integer> held = scope.loader(slow);
                    ScopedLoader<Integer, Integer> quick = scope.loader(loader("quick"));
                    Wait.GET.forAll(scope, range(40), item -> {
                        if (item % 2 == 0) {
                            assertThat(held.load(0).isOk()).isTrue();
                            return item;
                        }
                        for (int level = 0; level < LEVELS; level++) {
                            assertThat(quick.load(item + level * 1_000).isOk()).isTrue();
                        }
                        chained.countDown();
                        return item;
                    });
                }
                assertThat(batches).as("batches of round %d", round).hasSize(LEVELS);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void continuations_thatWaitForTheirSiblings_delayNone(TaskThreads threads) throws Exception {
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                CountDownLatch quick = new CountDownLatch(20);
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    ScopedLoader<Integer, Integer> loader = scope.loader(loader("siblings"));
                    List<CompletableFuture<Boolean>> all = new ArrayList<>();
                    for (int i = 0; i < 40; i++) {
                        boolean isSlow = i % 2 == 0;
                        all.add(loader.loadAsync(i).thenApply(result -> {
                            if (isSlow) {
                                return await(quick);
                            }
                            quick.countDown();
                            return result.isOk();
                        }));
                    }
                    for (CompletableFuture<Boolean> each : all) {
                        assertThat(each.join()).isTrue();
                    }
                    assertDispatchesAtOnce(loader, round);
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /* ---- who leaves ---- */

    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void interrupts_ofHalfOfThoseWhoWait_leaveTheOthersTheirs(TaskThreads threads) throws Exception {
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                batches.clear();
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    ScopedLoader<Integer, Integer> loader = scope.loader(loader("interrupted"));
                    Map<Integer, Thread> waiting = new ConcurrentHashMap<>();
                    List<Future<Boolean>> tasks = new ArrayList<>();
                    for (int i = 0; i < 40; i++) {
                        int key = i;
                        tasks.add(scope.fork(() -> {
                            waiting.put(key, Thread.currentThread());
                            Result<Integer, DomainError> result = loader.load(key);
                            return key % 2 == 0
                                    ? BatchingErrors.LOAD_INTERRUPTED.equals(code(result)) && Thread.interrupted()
                                    : result.equals(Result.ok(key)) && !Thread.interrupted();
                        }));
                    }
                    for (int i = 0; i < 40; i++) {
                        awaitBlocked(waiting, i);
                    }
                    for (int i = 0; i < 40; i += 2) {
                        waiting.get(i).interrupt();
                    }
                    for (int i = 0; i < 40; i += 2) {
                        while (!tasks.get(i).isDone()) { // a wait in the scope would have the batch leave
                            Thread.onSpinWait();
                        }
                    }
                    for (Future<Boolean> task : tasks) {
                        assertThat(task.get()).as("round %d", round).isTrue();
                    }
                    assertThat(Thread.interrupted()).isFalse();
                    assertDispatchesAtOnce(loader, round);
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** Two callers of each key, of which one, the other, both or none cancels, while a batch leaves. */
    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void cancels_whileBatchesLeave_touchNobodyElse(TaskThreads threads) throws Exception {
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                batches.clear();
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    ScopedLoader<Integer, Integer> loader = scope.loader(loader("cancelled"));
                    List<CompletableFuture<Result<Integer, DomainError>>> first = new ArrayList<>();
                    List<CompletableFuture<Result<Integer, DomainError>>> second = new ArrayList<>();
                    for (int key = 0; key < 60; key++) {
                        first.add(loader.loadAsync(key));
                        second.add(loader.loadAsync(key));
                    }
                    CountDownLatch go = new CountDownLatch(1);
                    List<Future<Integer>> cancelling = new ArrayList<>();
                    for (int thread = 0; thread < 3; thread++) {
                        int third = thread;
                        cancelling.add(executor.submit(() -> {
                            assertThat(await(go)).isTrue();
                            int cancelled = 0;
                            for (int key = third; key < 60; key += 3) {
                                if (key % 4 == 1 || key % 4 == 3) {
                                    cancelled += first.get(key).cancel(true) ? 1 : 0;
                                }
                                if (key % 4 == 2 || key % 4 == 3) {
                                    cancelled += second.get(key).cancel(true) ? 1 : 0;
                                }
                            }
                            return cancelled;
                        }));
                    }
                    go.countDown();
                    for (int key = 0; key < 60; key++) {
                        if (key % 4 == 0 || key % 4 == 2) {
                            assertThat(first.get(key).join()).isEqualTo(Result.ok(key));
                        }
                        if (key % 4 == 0 || key % 4 == 1) {
                            assertThat(second.get(key).join()).isEqualTo(Result.ok(key));
                        }
                    }
                    for (Future<Integer> each : cancelling) {
                        assertThat(each.get()).isBetween(0, 30);
                    }
                    assertThat(first).allMatch(CompletableFuture::isDone);
                    assertThat(second).allMatch(CompletableFuture::isDone);
                    assertThat(batches).noneMatch(List::isEmpty);
                    assertEachOnce();
                    assertDispatchesAtOnce(loader, round);
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** Waits of every length against a batch that takes a while: who gives up is told so, and everybody else served. */
    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void limits_aroundTheLengthOfABatch_loseNobody(TaskThreads threads) throws Exception {
        Loader<Integer, Integer> loader = Loader.named("limited").maxWait(LONG).build((List<Integer> keys) -> {
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(300)); // ends early when interrupted
            return values(keys);
        });
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    ScopedLoader<Integer, Integer> loads = scope.loader(loader);
                    Wait.GET.forAll(scope, range(40), item -> {
                        int key = item % 10;
                        Result<Integer, DomainError> limited =
                                loads.load(key, Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(item * 25L)));
                        assertThat(limited.equals(Result.ok(key)) || BatchingErrors.LOAD_TIMEOUT.equals(code(limited)))
                                .as("%s", limited)
                                .isTrue();
                        assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        assertThat(loads.load(key)).isEqualTo(Result.ok(key));
                        return item;
                    });
                    assertDispatchesAtOnce(loads, round);
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /* ---- flushes ---- */

    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void keys_askedForTwiceWhileTwoThreadsFlush_areLoadedOnce(TaskThreads threads) throws Exception {
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < 1 + ROUNDS / 10; round++) {
                batches.clear();
                try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                    ScopedLoader<Integer, Integer> low = scope.loader(loader("low"));
                    ScopedLoader<Integer, Integer> high = scope.loader(loader("high"));
                    AtomicBoolean loading = new AtomicBoolean(true);
                    List<Future<Boolean>> work = new ArrayList<>();
                    for (int i = 0; i < 2; i++) {
                        work.add(executor.submit(() -> {
                            while (loading.get()) {
                                scope.flush();
                            }
                            return true;
                        }));
                    }
                    for (int i = 0; i < 2; i++) {
                        int offset = i * 500;
                        work.add(executor.submit(() -> {
                            List<CompletableFuture<Result<Integer, DomainError>>> asked = new ArrayList<>();
                            for (int key = 0; key < 1_000; key++) {
                                asked.add(low.loadAsync((key + offset) % 1_000));
                                asked.add(high.loadAsync(10_000 + key));
                            }
                            boolean all = true;
                            for (int key = 0; key < 1_000; key++) {
                                all &= asked.get(2 * key).get().equals(Result.ok((key + offset) % 1_000));
                                all &= asked.get(2 * key + 1).get().equals(Result.ok(10_000 + key));
                            }
                            return all;
                        }));
                    }
                    assertThat(work.get(2).get()).isTrue();
                    assertThat(work.get(3).get()).isTrue();
                    loading.set(false);
                    assertThat(work.get(0).get()).isTrue();
                    assertThat(work.get(1).get()).isTrue();
                    assertEachOnce();
                    assertThat(batches.stream().mapToInt(List::size).sum()).isEqualTo(2_000);
                    assertDispatchesAtOnce(low, round);
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /* ---- what the tests are made of ---- */

    private Loader<Integer, Integer> loader(String name) {
        return Loader.named(name).maxWait(LONG).batchTimeout(LONG).build(this::values);
    }

    private Result<Map<Integer, Integer>, DomainError> values(List<Integer> keys) {
        batches.add(List.copyOf(keys));
        Map<Integer, Integer> values = new HashMap<>();
        keys.forEach(key -> values.put(key, key));
        return Result.ok(values);
    }

    private void assertEachOnce() {
        Set<Integer> seen = new java.util.HashSet<>();
        assertThat(batches).allMatch(batch -> batch.stream().allMatch(seen::add));
    }

    /**
     * Only the owner counts in the end: a key of a thread that does not count leaves with the owner's, so not before and at once.
     */
    static void assertDispatchesAtOnce(ScopedLoader<Integer, Integer> loader, long round) throws Exception {
        FutureTask<Result<Integer, DomainError>> other = new FutureTask<>(() -> loader.load(FRESH));
        Thread thread = new Thread(other);
        thread.setDaemon(true);
        thread.start();
        while (!(LockSupport.getBlocker(thread) instanceof Blocked) && !other.isDone()) {
            Thread.onSpinWait();
        }
        assertThat(other.isDone()).as("left without the owner, round %d", round).isFalse();
        assertThat(loader.load(FRESH + 1, Duration.ofSeconds(30)))
                .as("at once, round %d", round)
                .isEqualTo(Result.ok(FRESH + 1));
        assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(Result.ok(FRESH));
    }

    static @Nullable ErrorCode code(Result<?, DomainError> result) {
        return result instanceof Result.Err<?, DomainError> err ? err.error().code() : null;
    }

    private static void awaitBlocked(Map<Integer, Thread> threads, int number) {
        while (threads.get(number) == null || !(LockSupport.getBlocker(threads.get(number)) instanceof Blocked)) {
            Thread.onSpinWait();
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static List<Integer> range(int end) {
        return IntStream.range(0, end).boxed().toList();
    }
}
