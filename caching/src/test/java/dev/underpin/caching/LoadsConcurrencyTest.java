package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many loads there are, what they hold on to, and that each wait ends. */
class LoadsConcurrencyTest {
    /** Nested loads that wait for each other without a cycle. */
    private static final int NESTED = Integer.getInteger("stress.nested", 10_000);

    private static final int KEPT = 100;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }

    /* ---- How many ---- */

    @Test
    void get_eightThreadsAThousandKeysThatExpire_loadsEachOncePerTime() throws Exception {
        int keys = 1_000;
        int times = 20;
        Duration ttl = Duration.ofMillis(5);
        VirtualTime time = new VirtualTime();
        long start = time.nanoTime();
        AtomicIntegerArray loads = new AtomicIntegerArray(keys * (times + 1));
        CacheAside<Integer, Integer> cache = CacheAside.named("raced")
                .ttl(ttl)
                .random(() -> 0)
                .time(time)
                .build((Integer key) -> {
                    int generation = (int) ((time.nanoTime() - start) / ttl.toNanos());
                    loads.incrementAndGet(generation * keys + key);
                    return Result.ok(key);
                });
        AtomicInteger reads = new AtomicInteger();

        run(8, thread -> {
            Random random = ThreadLocalRandom.current();
            // Each read is a step, and with every thousandth or so the values end, in the midst of the loads of others.
            for (int i = 0; i < keys * times / 2; i++) {
                int key = random.nextInt(keys);
                assertThat(cache.get(key).orElse(-1)).isEqualTo(key);
                if (reads.incrementAndGet() % (4 * keys) == 0) {
                    time.advance(ttl);
                }
            }
        });

        int most = 0;
        int sum = 0;
        for (int i = 0; i < loads.length(); i++) {
            most = Math.max(most, loads.get(i));
            sum += loads.get(i);
        }
        assertThat(most).as("loads of one key in one time").isEqualTo(1);
        assertThat(sum).as("loads").isGreaterThan(keys * times / 2);
    }

    /* ---- What stays ---- */

    @Test
    void get_moreKeysThanMayBeKept_keepsThatManyAndNothingOfTheOthers() throws Exception {
        int keys = Integer.getInteger("stress.keys", 30_000);
        List<WeakReference<Object>> first = new ArrayList<>();
        Engine<Integer, Object> engine = engine((key, known) -> {
            Object value = new Object();
            if (key < KEPT) {
                first.add(new WeakReference<>(value));
            }
            return Result.ok(value);
        });

        for (int key = 0; key < keys; key++) {
            assertThat(engine.get(key).isOk()).isTrue();
            if (key % 3 == 0) {
                engine.removeTag("tag of " + key % 7);
            }
        }
        engine.cleanUp();

        assertThat(engine.estimatedSize()).isEqualTo(KEPT);
        assertThat(first).hasSize(KEPT);
        engine.clear();
        collect(() -> first.stream().allMatch(value -> value.get() == null));
        assertThat(first).allMatch(value -> value.get() == null);
        // Caffeine lets go of a thousand at a time.
        collect(() -> {
            for (int i = 0; i < keys / 1_000 && engine.tags().size() > 0; i++) {}
            return engine.tags().size() == 0;
        });
        assertThat(engine.tags().size()).as("tags nobody has").isZero();
    }

    @Test
    void get_loadsThatRunWhileOthersAreEvicted_areNotEvicted() throws Exception {
        int running = 2 * KEPT;
        CountDownLatch begun = new CountDownLatch(running);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger slow = new AtomicInteger();
        Engine<Integer, Object> engine = engine((key, known) -> {
            if (key < 0) {
                slow.incrementAndGet();
                begun.countDown();
                await(go);
            }
            return Result.ok(key);
        });
        List<Future<Result<Object, DomainError>>> answers = new ArrayList<>();
        for (int i = 1; i <= running; i++) {
            int key = -i;
            answers.add(threads.submit(() -> engine.get(key)));
        }
        begun.await();

        for (int key = 0; key < 20 * KEPT; key++) {
            assertThat(engine.get(key).isOk()).isTrue();
        }
        engine.cleanUp();
        List<CompletableFuture<Result<Object, DomainError>>> joined = new ArrayList<>();
        for (int i = 1; i <= running; i++) {
            joined.add(engine.getAsync(-i)); // would load on this thread, and never return, if it found nothing
        }
        go.countDown();

        for (int i = 0; i < running; i++) {
            assertThat(answers.get(i).get().isOk()).isTrue();
            assertThat(joined.get(i).get().isOk()).isTrue();
        }
        assertThat(slow).hasValue(running);
        engine.cleanUp();
        assertThat(engine.estimatedSize()).isLessThanOrEqualTo(KEPT);
    }

    /** What a load that hangs has been given up for must not hold its key, and what was waited for no thread. */
    @Test
    void clear_whileLoadsRun_letsGoOfWhatTheyBring() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<WeakReference<Object>> brought = new AtomicReference<>();
        Engine<Integer, Object> engine = engine((key, known) -> {
            Object value = new Object();
            brought.set(new WeakReference<>(value));
            begun.countDown();
            await(go);
            return Result.ok(value);
        });
        Future<Boolean> loader = threads.submit(() -> engine.get(1).isOk());
        begun.await();
        CompletableFuture<Result<Object, DomainError>> joined = engine.getAsync(1);

        engine.clear();
        go.countDown();

        assertThat(loader.get()).isTrue();
        assertThat(joined.get().isOk()).isTrue();
        joined = null;
        collect(() -> brought.get().get() == null);
        assertThat(brought.get().get()).isNull();
        assertThat(engine.estimatedSize()).isZero();
    }

    /* ---- Cycles ---- */

    /** Threads that load keys from keys below them, in two caches: they wait for each other all the time, in no circle. */
    @Test
    void get_nestedLoadsWithoutCycle_areNeverTakenForOne() throws Exception {
        int keys = 16;
        AtomicInteger loads = new AtomicInteger();
        AtomicInteger waits = new AtomicInteger();
        List<CacheAside<Integer, Integer>> caches = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            caches.add(CacheAside.named("raced")
                    .listener(new CacheListener() {
                        @Override
                        public void onCoalesced(String cache) {
                            waits.incrementAndGet();
                        }
                    })
                    .build((Integer key) -> {
                        loads.incrementAndGet();
                        HistoriesConcurrencyTest.linger();
                        if (key == 0) {
                            return Result.ok(0);
                        }
                        Random random = ThreadLocalRandom.current();
                        return caches.get(random.nextInt(2))
                                .get(random.nextInt(key))
                                .map(below -> key);
                    }));
        }

        run(4, thread -> {
            Random random = ThreadLocalRandom.current();
            while (loads.get() < NESTED) {
                int key = random.nextInt(keys);
                CacheAside<Integer, Integer> cache = caches.get(random.nextInt(2));
                cache.invalidate(key);
                Result<Integer, DomainError> answer =
                        caches.get(random.nextInt(2)).get(keys - 1);
                assertThat(answer).isEqualTo(Result.ok(keys - 1));
                assertThat(cache.get(key)).isEqualTo(Result.ok(key));
            }
        });

        assertThat(waits.get()).as("waits for the load of another").isGreaterThan(NESTED / 1_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void get_cycleOfSoManyThreads_endsForEachWithThatError(int length) throws Exception {
        CacheAside<Integer, Integer> other = CacheAside.named("other")
                .ttl(Duration.ofNanos(1))
                .build((Integer key) -> {
                    HistoriesConcurrencyTest.linger();
                    return Result.ok(key);
                });
        AtomicReference<CacheAside<Integer, Integer>> self = new AtomicReference<>();
        CacheAside<Integer, Integer> cache = CacheAside.named("raced").build((Integer key) -> {
            HistoriesConcurrencyTest.linger();
            return self.get().get((key + 1) % length);
        });
        self.set(cache);
        CyclicBarrier together = new CyclicBarrier(length);

        run(length + 2, thread -> {
            for (int round = 0; round < 1_000; round++) {
                if (thread < length) {
                    together.await();
                    assertThat(cache.get(thread).fold(value -> "none", DomainError::code))
                            .isEqualTo(CachingErrors.CACHE_LOAD_CYCLE);
                } else {
                    assertThat(other.get(round % 3).isOk()).isTrue();
                }
            }
        });

        assertThat(cache.estimatedSize()).isZero();
    }

    /* ---- Callers that give up ---- */

    @Test
    void get_halfOfThoseWhoWaitAreInterrupted_theOthersGetTheValueOfOneLoad() throws Exception {
        int waiting = 32;
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch joined = new CountDownLatch(waiting);
        AtomicInteger loads = new AtomicInteger();
        CacheAside<Integer, Integer> cache = CacheAside.named("raced")
                .listener(new CacheListener() {
                    @Override
                    public void onCoalesced(String name) {
                        joined.countDown();
                    }
                })
                .build((Integer key) -> {
                    loads.incrementAndGet();
                    begun.countDown();
                    await(go);
                    return Result.ok(key);
                });
        Future<Result<Integer, DomainError>> leader = threads.submit(() -> cache.get(1));
        begun.await();
        List<Thread> impatient = new ArrayList<>();
        List<Future<Boolean>> flags = new ArrayList<>();
        List<Future<Result<Integer, DomainError>>> patient = new ArrayList<>();
        for (int i = 0; i < waiting / 2; i++) {
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            flags.add(threads.submit(() -> {
                thread.complete(Thread.currentThread());
                return cache.get(1).fold(value -> false, error -> error.is(CachingErrors.CACHE_INTERRUPTED))
                        && Thread.interrupted();
            }));
            impatient.add(thread.get());
            patient.add(threads.submit(() -> cache.get(1)));
        }
        joined.await();

        impatient.forEach(Thread::interrupt);
        for (Future<Boolean> flag : flags) {
            assertThat(flag.get()).as("told, and its flag set again").isTrue();
        }
        go.countDown();

        assertThat(leader.get()).isEqualTo(Result.ok(1));
        for (Future<Result<Integer, DomainError>> each : patient) {
            assertThat(each.get()).isEqualTo(Result.ok(1));
        }
        assertThat(loads).hasValue(1);
    }

    @Test
    void get_manyThatCancelAndInterrupt_leaveNoKeyBehind() throws Exception {
        int keys = 4;
        CacheAside<Integer, Integer> cache = CacheAside.named("raced").build((Integer key) -> {
            HistoriesConcurrencyTest.linger();
            return Result.ok(key);
        });
        Set<Thread> callers = ConcurrentHashMap.newKeySet();
        AtomicInteger interrupted = new AtomicInteger();

        run(6, thread -> {
            Random random = ThreadLocalRandom.current();
            callers.add(Thread.currentThread());
            for (int i = 0; i < 2_000; i++) {
                int key = random.nextInt(keys);
                switch (random.nextInt(4)) {
                    case 0 -> cache.invalidate(key);
                    case 1 -> new HashSet<>(callers).forEach(Thread::interrupt);
                    case 2 -> cache.getAsync(key).cancel(/* mayInterruptIfRunning= */ true);
                    default -> {
                        Result<Integer, DomainError> answer = cache.get(key);
                        if (!answer.equals(Result.ok(key))) {
                            assertThat(answer.fold(value -> "none", DomainError::code))
                                    .isEqualTo(CachingErrors.CACHE_INTERRUPTED);
                            assertThat(Thread.currentThread().isInterrupted()).isTrue();
                            interrupted.incrementAndGet();
                        }
                    }
                }
                if (random.nextBoolean()) {
                    var unused = Thread.interrupted();
                }
            }
            callers.remove(Thread.currentThread());
        });

        for (int key = 0; key < keys; key++) {
            assertThat(cache.get(key)).isEqualTo(Result.ok(key));
        }
        assertThat(interrupted.get()).as("callers that were interrupted").isPositive();
    }

    /* ---- */

    private interface Work {
        void run(int thread) throws Exception;
    }

    /** Runs that in so many threads, to the end of all. */
    private void run(int count, Work work) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int thread = i;
            Callable<Boolean> task = () -> {
                work.run(thread);
                return true;
            };
            running.add(threads.submit(task));
        }
        for (Future<?> each : running) {
            each.get();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Collects garbage until that is so, or it is not for long. */
    private static void collect(Callable<Boolean> done) throws Exception {
        for (int i = 0; i < 50 && !done.call(); i++) {
            System.gc();
        }
    }

    /** {@return what is under a cache of so many entries, each with a tag of its own and one of few} */
    private static Engine<Integer, Object> engine(
            BiFunction<Integer, Object, Result<? extends Object, ? extends DomainError>> loader) {
        AtomicInteger number = new AtomicInteger();
        return new Engine<>(new Terms<>(
                "raced",
                KEPT,
                Duration.ofMinutes(1).toNanos(),
                null,
                1,
                0,
                0,
                null,
                Clock.NEVER,
                Engine.UNBOUNDED,
                Integer.MAX_VALUE,
                1,
                0,
                value -> List.of("tag of " + number.get() % 7, "tag " + number.getAndIncrement()),
                null,
                null,
                null,
                null,
                new Notices("raced", null),
                new Clock(new VirtualTime()),
                () -> 0,
                loader,
                null));
    }
}
