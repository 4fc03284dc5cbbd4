package dev.underpin.java21;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thousand virtual threads that all wait inside our code at once: they can meet only if none of them holds on to its
 * carrier, of which there are as many as processors.
 */
@Timeout(60)
class VirtualThreadsTest {
    private static final int THREADS = 1_000;

    private final CountDownLatch everybody = new CountDownLatch(THREADS);

    @Test
    void map_blockingCallback_freesTheCarrier() throws Exception {
        Result<Integer, DomainError> shared = Result.ok(1);

        assertThat(onEach(i -> shared.map(n -> meet(n + i)).orElseThrow())).isEqualTo(sumUpTo(THREADS));
    }

    @Test
    void recoverWith_sharedFailure_isReadByAll() throws Exception {
        Result<Integer, DomainError> shared =
                Result.err(ErrorKind.NOT_FOUND.code().error());

        assertThat(onEach(
                        i -> shared.recoverWith(error -> Result.ok(meet(i + 1))).orElseThrow()))
                .isEqualTo(sumUpTo(THREADS));
    }

    @Test
    void attempt_blockingBody_freesTheCarrier() throws Exception {
        assertThat(onEach(i -> Result.attempt(InterruptedException.class, () -> meet(i + 1))
                        .orElse(0)))
                .isEqualTo(sumUpTo(THREADS));
    }

    @Test
    void traverse_blockingFunction_freesTheCarrier() throws Exception {
        assertThat(onEach(i -> Result.<Integer, Integer, DomainError>traverse(List.of(i + 1), n -> Result.ok(meet(n)))
                        .map(List::getFirst)
                        .orElseThrow()))
                .isEqualTo(sumUpTo(THREADS));
    }

    @Test
    void build_blockingSupplier_freesTheCarrier() throws Exception {
        assertThat(onEach(i -> {
                    Validation v = Validation.start();
                    var n = v.check("n", Result.ok(i + 1));
                    return v.build(() -> meet(n.get())).orElseThrow();
                }))
                .isEqualTo(sumUpTo(THREADS));
    }

    @Test
    void fromFuture_completedByAVirtualThread_reachesAllWaiters() throws Exception {
        var source = new CompletableFuture<Integer>();
        CompletableFuture<Result<Integer, Exception>> outcome = Result.fromFuture(source, e -> e);
        var completer = Thread.startVirtualThread(() -> {
            awaitAll();
            source.complete(1);
        });

        assertThat(onEach(i -> {
                    everybody.countDown();
                    return outcome.join().orElse(0);
                }))
                .isEqualTo(THREADS);
        completer.join();
    }

    @Test
    void sleep_systemTime_freesTheCarrier() throws Exception {
        TimeSource time = TimeSource.system();

        assertThat(onEach(i -> {
                    try {
                        time.sleep(Duration.ofNanos(1));
                        return meet(1);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }))
                .isEqualTo(THREADS);
    }

    @Test
    void advance_blockingTasks_freeTheCarrierAndHoldNobodyUp() throws Exception {
        var time = new VirtualTime();
        var ran = new AtomicInteger();
        List<Future<?>> tasks = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            tasks.add(time.schedule(Duration.ofNanos(i), () -> ran.addAndGet(meet(1))));
        }

        onEach(i -> {
            time.advance(Duration.ofNanos(THREADS));
            return 0;
        });

        assertThat(ran).hasValue(THREADS);
        assertThat(tasks).allMatch(Future::isDone);
    }

    /** {@return the sum of what a thousand virtual threads return} */
    private static int onEach(IntFunction<Integer> work) throws ExecutionException, InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int number = i;
                running.add(threads.submit(() -> work.apply(number)));
            }
            int sum = 0;
            for (Future<Integer> each : running) {
                sum += each.get();
            }
            return sum;
        }
    }

    /** Returns its argument once every thread is here. */
    private int meet(int value) {
        everybody.countDown();
        awaitAll();
        return value;
    }

    private void awaitAll() {
        try {
            everybody.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int sumUpTo(int n) {
        return n * (n + 1) / 2;
    }
}
