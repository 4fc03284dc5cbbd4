package dev.underpin.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many workers at once: on threads that run as they like, and on threads that a seed puts in turn. */
class IdempotencyConcurrencyTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final OutcomeTest.Texts TEXT = OutcomeTest.Texts.INSTANCE;
    private static final Fingerprint BODY = Fingerprint.ofJson("1".getBytes(UTF_8));

    private final VirtualTime time = new VirtualTime();
    private final IdempotencyStore store = IdempotencyStore.inMemory(100_000, time);
    private final Operation<String> pay = Operation.named("pay").lease(LEASE).build(TEXT);

    @Test
    void execute_manyThreadsOneKey_executesOnceAndTellsTheOthersToComeAgain() throws InterruptedException {
        Idempotency idempotency = Idempotency.builder(store).time(time).build();
        var othersAnswered = new CountDownLatch(63);
        var executions = new AtomicInteger();
        Map<String, Integer> answers = new ConcurrentHashMap<>();
        onThreads(64, number -> {
            Result<Replay<String>, DomainError> answer = idempotency.execute(pay, request("k"), run -> {
                executions.incrementAndGet();
                await(othersAnswered);
                return Result.ok("done");
            });
            answers.merge(answer.fold(Replay::value, error -> error.code().name()), 1, Integer::sum);
            othersAnswered.countDown();
        });

        assertThat(executions).hasValue(1);
        assertThat(answers).isEqualTo(Map.of("done", 1, "IDEMPOTENCY_IN_PROGRESS", 63));
    }

    @Test
    void execute_manyThreadsOneKeyWaiting_executesOnceAndGivesAllTheAnswer() throws InterruptedException {
        var allWait = new CountDownLatch(63);
        var done = new CountDownLatch(1);
        Idempotency idempotency =
                Idempotency.builder(store).time(new UntilDone(allWait, done)).build();
        Operation<String> patient =
                Operation.named("pay").maxWait(Duration.ofMinutes(1)).build(TEXT);
        var executions = new AtomicInteger();
        var replays = new AtomicInteger();
        onThreads(64, number -> {
            Replay<String> answer = idempotency
                    .execute(patient, request("k"), run -> {
                        executions.incrementAndGet();
                        await(allWait);
                        return Result.ok("done");
                    })
                    .orElseThrow();
            done.countDown();
            replays.addAndGet(answer.replayed() ? 1 : 0);
            assertThat(answer.value()).isEqualTo("done");
        });

        assertThat(executions).hasValue(1);
        assertThat(replays).hasValue(63);
    }

    @Test
    void execute_manyKeysManyThreads_executesEachOnce() throws InterruptedException {
        Idempotency idempotency = Idempotency.builder(store).time(time).build();
        int keys = 3_000;
        var executions = new AtomicInteger();
        onThreads(8, number -> {
            for (int i = 0; i < keys; i++) {
                Result<Replay<String>, DomainError> answer = idempotency.execute(
                        pay,
                        request("k" + i),
                        run -> run.step("a", TEXT, key -> {
                            executions.incrementAndGet();
                            return Result.ok(key);
                        }));
                String refusal = answer.fold(ok -> "", error -> error.code().name());
                assertThat(refusal).isIn("", "IDEMPOTENCY_IN_PROGRESS");
            }
        });

        assertThat(executions).hasValue(keys);
        assertThat(time.pending()).as("ticks that outlive the runs").isZero();
    }

    /**
     * Two or three workers on one key, each stopped before and after every call of the store and every effect; a seed says
     * who goes on next, and when time passes. Workers do not renew: each may stall for as long as it likes.
     */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void execute_anyInterleavingOfWorkers_hasItsEffectsOnce(int workers) throws InterruptedException {
        int lost = 0;
        int unknown = 0;
        for (long seed = 0; seed < 150; seed++) {
            var scenario = new Interleaving(workers, seed);
            scenario.run();
            lost += scenario.count("IDEMPOTENCY_LEASE_LOST");
            unknown += scenario.count("IDEMPOTENCY_OUTCOME_UNKNOWN");
            scenario.check("seed " + seed);
        }
        assertThat(lost).as("workers that were replaced").isPositive();
        assertThat(unknown).as("answers that nobody knows").isPositive();
    }

    private static final class Interleaving {
        private final Random random;
        private final VirtualTime time = new VirtualTime();
        private final IdempotencyStore shared = IdempotencyStore.inMemory(10, time);
        private final Map<Thread, Semaphore> turns = new ConcurrentHashMap<>();
        private final SynchronousQueue<Thread> stopped = new SynchronousQueue<>();
        private final Set<String> charges = ConcurrentHashMap.newKeySet();
        private final AtomicInteger mails = new AtomicInteger();
        private final List<String> answers = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Set<Thread> ended = ConcurrentHashMap.newKeySet();
        private final Operation<String> pay =
                Operation.named("pay").lease(LEASE).build(TEXT);

        Interleaving(int workers, long seed) {
            random = new Random(seed);
            for (int i = 0; i < workers; i++) {
                threads.add(new Thread(this::work, "worker-" + i));
            }
        }

        void run() throws InterruptedException {
            threads.forEach(thread -> turns.put(thread, new Semaphore(0)));
            threads.forEach(Thread::start);
            Set<Thread> waiting = new HashSet<>();
            for (int i = 0; i < threads.size(); i++) {
                waiting.add(stopped.take());
            }
            while (!waiting.isEmpty()) {
                if (random.nextInt(4) == 0) {
                    time.advance(LEASE.dividedBy(2));
                }
                List<Thread> order = threads.stream().filter(waiting::contains).toList();
                Thread next = order.get(random.nextInt(order.size()));
                turns.get(next).release();
                Thread back = stopped.take(); // only one runs at a time, so it is the same
                if (ended.contains(back)) {
                    waiting.remove(back);
                }
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }

        private void work() {
            try {
                var store = new StoreOfTest(shared);
                store.before(call -> point());
                store.after(call -> point());
                Idempotency idempotency = Idempotency.builder(store)
                        .time(time)
                        .executor(task -> {})
                        .build();
                point();
                for (int attempt = 0; attempt < 3; attempt++) {
                    Result<Replay<String>, DomainError> answer = idempotency.execute(pay, request("k"), this::body);
                    answers.add(answer.fold(Replay::value, error -> error.code().name()));
                }
            } catch (RuntimeException | Error e) {
                failure.set(e);
            } finally {
                ended.add(Thread.currentThread());
                handOver();
            }
        }

        private Result<String, DomainError> body(Execution run) {
            return run.step("a", TEXT, this::charge)
                    .flatMap(a -> run.stepOnce("b", TEXT, () -> {
                        point();
                        mails.incrementAndGet();
                        point();
                        return Result.<String, DomainError>ok("mailed");
                    }))
                    .flatMap(b -> run.step("c", TEXT, this::charge));
        }

        private Result<String, DomainError> charge(String key) {
            point();
            charges.add(key);
            point();
            return Result.ok("charged");
        }

        /** Stops until it is this thread's turn. */
        private void point() {
            handOver();
            turns.get(Thread.currentThread()).acquireUninterruptibly();
        }

        private void handOver() {
            boolean interrupted = Thread.interrupted(); // a lost lease interrupts, and the queue would throw
            try {
                stopped.put(Thread.currentThread());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        int count(String answer) {
            return (int) answers.stream().filter(answer::equals).count();
        }

        void check(String seed) {
            assertThat(failure.get()).as(seed).isNull();
            assertThat(answers).as(seed).hasSize(threads.size() * 3);
            assertThat(mails.get()).as("%s: mails, of %s", seed, answers).isLessThanOrEqualTo(1);
            Map<String, Integer> tally = new HashMap<>();
            answers.forEach(answer -> tally.merge(answer, 1, Integer::sum));
            assertThat(tally.keySet())
                    .as(seed)
                    .isSubsetOf(
                            "charged",
                            "IDEMPOTENCY_IN_PROGRESS",
                            "IDEMPOTENCY_LEASE_LOST",
                            "IDEMPOTENCY_OUTCOME_UNKNOWN");
            if (tally.containsKey("charged")) {
                assertThat(mails).as(seed).hasValue(1);
                assertThat(charges).as(seed).hasSize(2);
                assertThat(tally)
                        .as("%s: an answer, or nobody knows", seed)
                        .doesNotContainKey("IDEMPOTENCY_OUTCOME_UNKNOWN");
            }
            IdempotencyStore.Entry entry =
                    shared.find(IdempotencyStore.Key.of("t1", "pay", "k")).orElseThrow();
            assertThat(entry.state() == IdempotencyStore.State.COMPLETED)
                    .as("%s: %s, %s", seed, entry, answers)
                    .isEqualTo(tally.containsKey("charged"));
        }
    }

    /** Time in which whoever sleeps wakes when the work is done. */
    private record UntilDone(CountDownLatch asleep, CountDownLatch done) implements TimeSource {
        @Override
        public Instant instant() {
            return Instant.EPOCH;
        }

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            asleep.countDown();
            done.await();
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            return new FutureTask<>(task, null);
        }
    }

    private interface Work {
        void of(int number);
    }

    private static void onThreads(int count, Work work) throws InterruptedException {
        var barrier = new CyclicBarrier(count);
        var failure = new AtomicReference<Throwable>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            threads.add(new Thread(() -> {
                try {
                    barrier.await();
                    work.of(number);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static IdempotentRequest request(String key) {
        return new IdempotentRequest("t1", key, BODY);
    }
}
