package dev.underpin.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class VirtualTimeConcurrencyTest {
    private static final int THREADS = 8;
    private static final int TASKS = 500;

    private final VirtualTime time = new VirtualTime();
    private final long start = time.nanoTime();
    private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    @Test
    void advance_oneThreadWhileManySchedule_runsEachOnceInOrderOfTime() throws Exception {
        List<Long> ranAt = new ArrayList<>(); // written by the advancing thread alone
        var runs = new AtomicIntegerArray(THREADS * TASKS);
        var scheduling = new CountDownLatch(THREADS);
        List<Callable<Void>> work = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            int first = thread * TASKS;
            var random = new Random(thread);
            work.add(() -> {
                for (int task = first; task < first + TASKS; task++) {
                    int number = task;
                    var unused = time.schedule(Duration.ofNanos(random.nextInt(5_000)), () -> {
                        runs.incrementAndGet(number);
                        ranAt.add(elapsed());
                    });
                }
                scheduling.countDown();
                return null;
            });
        }
        List<Future<Void>> started = work.stream().map(pool::submit).toList();

        while (scheduling.getCount() > 0) {
            time.advance(Duration.ofNanos(7));
        }
        time.advance(Duration.ofNanos(5_000));

        for (Future<Void> each : started) {
            each.get();
        }
        assertEachRanOnce(runs);
        assertThat(ranAt).hasSize(THREADS * TASKS).isSorted();
    }

    @Test
    void advance_manyThreads_runsEachOnceNotBeforeItsTimeAndNeverGoesBack() throws Exception {
        var runs = new AtomicIntegerArray(THREADS * TASKS);
        var early = new ConcurrentLinkedQueue<String>();
        List<Integer> delays = new ArrayList<>();
        for (int task = 0; task < THREADS * TASKS; task++) {
            delays.add(task);
        }
        Collections.shuffle(delays, new Random(1));
        for (int delay : delays) {
            var unused = time.schedule(Duration.ofNanos(delay), () -> {
                runs.incrementAndGet(delay);
                if (elapsed() < delay) {
                    early.add(delay + " at " + elapsed());
                }
            });
        }

        inParallel(() -> {
            for (int i = 0; i < TASKS; i++) {
                long before = elapsed();
                time.advance(Duration.ofNanos(THREADS));
                if (elapsed() - before < THREADS) {
                    early.add("advance ended at " + elapsed() + ", began at " + before);
                }
            }
        });

        assertThat(early).isEmpty();
        assertThat(elapsed()).isBetween((long) THREADS * TASKS, (long) THREADS * THREADS * TASKS);
        assertEachRanOnce(runs);
    }

    @Test
    void cancel_whileAdvancing_eitherRunsOrIsCancelled() throws Exception {
        for (int round = 0; round < 200; round++) {
            var ran = new AtomicInteger();
            Future<?> task = time.schedule(Duration.ofNanos(1), ran::incrementAndGet);
            var cancelled = new AtomicInteger();
            var both = new CyclicBarrier(2);
            Future<?> canceller = pool.submit(() -> {
                both.await();
                if (task.cancel(false)) {
                    cancelled.incrementAndGet();
                }
                return null;
            });

            both.await();
            time.advance(Duration.ofNanos(1));
            canceller.get();

            assertThat(task.isDone()).isTrue();
            // A task that has begun can still be marked cancelled; one that is cancelled first never begins.
            assertThat(ran.get() + cancelled.get()).isBetween(1, 2);
        }
    }

    @Test
    void advance_whileATaskHangs_isNotHeldUpOnAnotherThread() throws Exception {
        var release = new CountDownLatch(1);
        var hanging = new CountDownLatch(1);
        var unused = time.schedule(Duration.ofSeconds(1), () -> {
            hanging.countDown();
            awaitQuietly(release);
        });
        Future<?> advancing = pool.submit(() -> time.advance(Duration.ofSeconds(5)));
        hanging.await();

        var ran = new AtomicInteger();
        Future<?> next = time.schedule(Duration.ofSeconds(1), ran::incrementAndGet);
        time.sleep(Duration.ofSeconds(2));

        assertThat(next.isDone()).isTrue();
        assertThat(ran).hasValue(1);
        assertThat(elapsed()).isEqualTo(TimeUnit.SECONDS.toNanos(3));
        release.countDown();
        advancing.get();
        assertThat(elapsed()).isEqualTo(TimeUnit.SECONDS.toNanos(5));
    }

    @Test
    void get_onAnotherThread_returnsOnceSomebodyAdvances() throws Exception {
        Future<?> task = time.schedule(Duration.ofHours(1), () -> {});
        Future<?> waiting = pool.submit(() -> task.get());

        time.advance(Duration.ofHours(1));

        assertThat((Object) waiting.get(10, TimeUnit.SECONDS)).isNull();
    }

    private long elapsed() {
        return time.nanoTime() - start;
    }

    private void inParallel(Runnable work) throws Exception {
        var together = new CyclicBarrier(THREADS);
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            running.add(pool.submit(() -> {
                together.await();
                work.run();
                return null;
            }));
        }
        for (Future<?> each : running) {
            each.get();
        }
    }

    private static void assertEachRanOnce(AtomicIntegerArray runs) {
        for (int task = 0; task < runs.length(); task++) {
            assertThat(runs.get(task)).as("runs of task %s", task).isEqualTo(1);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
