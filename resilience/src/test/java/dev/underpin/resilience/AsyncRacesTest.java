package dev.underpin.resilience;

import static dev.underpin.resilience.PipelineState.Breaker.HALF_OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Several threads end one call at the same time: its stage completes, its time is over, its caller gives up. One of them
 * wins; each promise completes, each call is heard of once, every place and every probe is back.
 */
@Timeout(120)
class AsyncRacesTest {
    private static final int ROUNDS = 400;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final BreakerPolicy OPENS_AT_ONCE = BreakerPolicy.standard().failureRate(0.5, 1, 1);

    private final VirtualTime time = new VirtualTime();
    private final HeardCalls heard = new HeardCalls();
    private final AtomicInteger bodies = new AtomicInteger();
    private final ExecutorService threads = Executors.newFixedThreadPool(3);
    private final ExecutorService executor = Executors.newSingleThreadExecutor();

    @AfterEach
    void shutDown() {
        threads.shutdownNow();
        executor.shutdownNow();
    }

    private Pipeline.Builder pipeline() {
        return Pipeline.named("risk").time(time).listener(heard).executor(executor);
    }

    /** Does all at the same time, then what they left to the executor. */
    private void race(Runnable... racers) throws Exception {
        var start = new CyclicBarrier(racers.length);
        List<Future<?>> running = new ArrayList<>();
        for (Runnable racer : racers) {
            running.add(threads.submit(() -> {
                start.await();
                racer.run();
                return null;
            }));
        }
        for (Future<?> one : running) {
            one.get();
        }
        executorIsIdle();
    }

    private void executorIsIdle() throws Exception {
        executor.submit(() -> {}).get();
    }

    private void run(Duration duration) throws Exception {
        time.advance(duration);
        executorIsIdle();
    }

    @Test
    void callAsync_completesTimesOutAndIsCancelledAtOnce_endsOnce() throws Exception {
        Pipeline pipeline = pipeline()
                .attemptTimeout(SECOND)
                .breaker(BreakerPolicy.none())
                .maxConcurrent(1, Duration.ZERO)
                .build();
        for (int round = 0; round < ROUNDS; round++) {
            var stage = new CompletableFuture<Result<String, DomainError>>();
            boolean visible = round % 2 == 0;
            var promise = pipeline.<String>callAsync(
                    Call.once(), attempt -> visible ? stage : stage.minimalCompletionStage());

            race(() -> stage.complete(Result.ok("yes")), () -> time.advance(SECOND), () -> promise.cancel(true));

            assertThat(promise).isDone();
            assertThat(heard.calls).hasSize(round + 1);
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(time.pending()).isZero();
        }
    }

    @Test
    void callAsync_repeatedOrTimedOutOrCompletedByTheCaller_endsOnce() throws Exception {
        Pipeline pipeline = pipeline()
                .attemptTimeout(SECOND)
                .breaker(BreakerPolicy.none())
                .budget(RetryBudget.tokens(1_000_000, 1, 1))
                .retry(RetryPolicy.standard().attempts(2).backoff(Duration.ZERO, Duration.ZERO))
                .maxConcurrent(1, SECOND)
                .build();
        for (int round = 0; round < ROUNDS; round++) {
            var stage = new CompletableFuture<Result<String, DomainError>>();
            var promise = pipeline.<String>callAsync(Call.idempotent(), attempt -> {
                bodies.incrementAndGet();
                return attempt.number() == 1 ? stage : CompletableFuture.completedFuture(Result.ok("second"));
            });

            race(
                    () -> stage.complete(Result.err(ErrorKind.UNAVAILABLE.code().error())),
                    () -> time.advance(SECOND),
                    () -> promise.complete(Result.ok("outside")));
            run(SECOND);

            assertThat(promise).isCompleted();
            assertThat(heard.calls).hasSize(round + 1);
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(time.pending()).isZero();
        }
        assertThat(bodies.get()).isBetween(ROUNDS, 2 * ROUNDS);
    }

    /** Who waits for a place is let in, runs out of time or gives up, in whatever order. */
    @Test
    void callAsync_placeComesFreeWhileWhoWaitsGivesUp_isNotLost() throws Exception {
        Pipeline pipeline = pipeline()
                .deadline(Duration.ofMinutes(1))
                .breaker(BreakerPolicy.none())
                .maxConcurrent(1, SECOND)
                .build();
        for (int round = 0; round < ROUNDS; round++) {
            var stage = new CompletableFuture<Result<String, DomainError>>();
            var holder = pipeline.<String>callAsync(Call.once(), attempt -> stage);
            var waiting = pipeline.<String>callAsync(Call.once(), attempt -> {
                bodies.incrementAndGet();
                return CompletableFuture.completedFuture(Result.ok("second"));
            });

            race(() -> stage.complete(Result.ok("first")), () -> time.advance(SECOND), () -> waiting.cancel(true));

            assertThat(holder).isCompleted();
            assertThat(waiting).isDone();
            assertThat(heard.calls).hasSize(2 * (round + 1));
            assertThat(pipeline.state().inFlight()).isZero();
            assertThat(time.pending()).isZero();
        }
        assertThat(bodies.get()).isLessThanOrEqualTo(ROUNDS);
    }

    /** Probes that say nothing of the dependency come back, each once. */
    @Test
    void callAsync_probesEndInEveryWay_comeBackOnce() throws Exception {
        int probes = 3;
        Pipeline pipeline = pipeline()
                .deadline(Duration.ofMinutes(1))
                .breaker(OPENS_AT_ONCE.probes(probes))
                .build();
        var unused = pipeline.<String>callAsync(
                Call.once(),
                attempt -> CompletableFuture.completedFuture(
                        Result.err(ErrorKind.INTERNAL.code().error())));
        time.advance(Duration.ofSeconds(8));
        for (int round = 0; round < ROUNDS; round++) {
            var stage = new CompletableFuture<Result<String, DomainError>>();
            // It is cut after so little of its time that this says nothing.
            var promise = pipeline.<String>callAsync(
                    Call.once().within(Deadline.after(Duration.ofMillis(10), time)), attempt -> stage);

            race(
                    () -> stage.complete(Result.err(ErrorKind.CANCELLED.code().error())),
                    () -> time.advance(Duration.ofMillis(10)),
                    () -> promise.cancel(true));

            assertThat(promise).isDone();
            assertThat(pipeline.state().breaker()).isEqualTo(HALF_OPEN);
        }

        for (int i = 0; i < probes + 2; i++) {
            var never = pipeline.<String>callAsync(Call.once(), attempt -> {
                bodies.incrementAndGet();
                return new CompletableFuture<Result<String, DomainError>>();
            });
            assertThat(never.isDone()).isEqualTo(i >= probes);
        }
        assertThat(bodies).hasValue(probes);
    }

    /** All at once, on real time: many callers, few places, every way to end. */
    @Test
    void callAsync_manyCallersAndEveryWayToEnd_eachEndsOnceAndNothingIsLost() throws Exception {
        int callers = 4;
        int each = 250;
        Pipeline pipeline = Pipeline.named("risk")
                .time(TimeSource.system())
                .listener(heard)
                .executor(executor)
                .attemptTimeout(Duration.ofMillis(5))
                .breaker(BreakerPolicy.standard().failureRate(1, 1_000, 1_000))
                .budget(RetryBudget.tokens(1_000_000, 1, 1))
                .retry(RetryPolicy.standard().backoff(Duration.ofNanos(1), Duration.ofMillis(1)))
                .maxConcurrent(8, Duration.ofMillis(20))
                .build();
        var done = new CountDownLatch(callers * each);
        var completions = new AtomicInteger();
        var wrongNumbers = new AtomicInteger();
        var start = new CyclicBarrier(callers);
        ExecutorService many = Executors.newFixedThreadPool(callers);
        try {
            for (int caller = 0; caller < callers; caller++) {
                var random = new SplittableRandom(caller);
                var unused = many.submit(() -> {
                    start.await();
                    for (int i = 0; i < each; i++) {
                        int way = random.nextInt(8);
                        var promise = pipeline.<String>callAsync(Call.idempotent(), attempt -> {
                            bodies.incrementAndGet();
                            int inFlight = pipeline.state().inFlight();
                            if (inFlight < 1 || inFlight > 8) {
                                wrongNumbers.incrementAndGet();
                            }
                            var stage = work(way, attempt.number());
                            return way == 6 ? stage.minimalCompletionStage() : stage;
                        });
                        var unusedToo = promise.whenComplete((answer, thrown) -> {
                            completions.incrementAndGet();
                            done.countDown();
                        });
                        if (way == 7) {
                            promise.cancel(true);
                        }
                    }
                    return null;
                });
            }
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            many.shutdown();
        }
        assertThat(many.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        while (pipeline.state().inFlight() != 0) { // uncooperative work ends by itself, later than its promise
            Thread.onSpinWait();
        }

        assertThat(completions).hasValue(callers * each);
        assertThat(heard.calls).hasSize(callers * each);
        assertThat(heard.calls.stream().mapToInt(HeardCalls.Ended::attempts).sum())
                .isLessThanOrEqualTo(bodies.get());
        assertThat(wrongNumbers).hasValue(0);
        assertThat(pipeline.<String>callAsync(Call.once(), attempt -> work(0, 1))
                        .get(30, TimeUnit.SECONDS))
                .isEqualTo(Result.ok("yes"));
    }

    private static CompletableFuture<Result<String, DomainError>> work(int way, int attempt) {
        return switch (way) {
            case 0, 1 -> CompletableFuture.completedFuture(Result.ok("yes"));
            case 2 ->
                CompletableFuture.completedFuture(
                        attempt < 3 ? Result.err(ErrorKind.UNAVAILABLE.code().error()) : Result.ok("third"));
            case 3 -> CompletableFuture.failedFuture(new IllegalStateException("a bug"));
            case 4 -> CompletableFuture.failedFuture(new AssertionError("a worse bug"));
            case 5 -> new CompletableFuture<>();
            case 6 ->
                new CompletableFuture<Result<String, DomainError>>()
                        .completeOnTimeout(Result.ok("late"), 8, TimeUnit.MILLISECONDS);
            default ->
                new CompletableFuture<Result<String, DomainError>>()
                        .completeOnTimeout(Result.ok("in time"), 1, TimeUnit.MILLISECONDS);
        };
    }
}
