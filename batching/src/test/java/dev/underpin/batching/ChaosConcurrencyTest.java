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
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tasks that do all that can be done in a scope, by chance, while somebody interrupts and cancels them: everybody ends, each
 * with what was loaded or with what was done to it, and afterwards the scope counts as before.
 */
class ChaosConcurrencyTest {
    private static final int ROUNDS = 8 * Integer.getInteger("stress.rounds", 15);
    private static final int TASKS = 20;
    private static final int KEYS = 15;
    private static final Duration LONG = Duration.ofMinutes(30);

    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void everything_whileTasksAreInterruptedAndCancelled_endsAndCountsAsBefore(TaskThreads threads) throws Exception {
        ExecutorService executor = threads.open();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                new Round(round, executor).run();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** What is done to tasks in a round. */
    private enum Harm {
        /** One of them is interrupted, again and again, and nothing else ends a wait: it must see that. */
        ONE_INTERRUPTED,
        /** Any of them may be interrupted or cancelled, and gives up by itself. */
        ALL,
        /** Also the scope is closed. */
        CLOSED
    }

    private static final class Round {
        private final long seed;
        private final ExecutorService executor;
        private final Harm harm;
        private final LoadScope scope;
        private final ScopedLoader<Integer, Integer> steady;
        private final ScopedLoader<Integer, Integer> failing;
        private final ScopedLoader<Integer, Integer> outer;
        private final ScopedLoader<Integer, Integer> atRest;
        private final List<Victim> victims = new ArrayList<>();
        private final Queue<CompletableFuture<?>> futures = new ConcurrentLinkedQueue<>();
        private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
        private final AtomicInteger started = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();

        Round(long seed, ExecutorService executor) {
            this.seed = seed;
            this.executor = executor;
            this.harm = seed % 3 == 0 ? Harm.ONE_INTERRUPTED : seed % 3 == 1 ? Harm.ALL : Harm.CLOSED;
            Random random = new Random(seed);
            scope = LoadScope.builder().executor(executor).open();
            steady = scope.loader(settings("steady", random).build((List<Integer> keys) -> {
                pauseOrThrow(keys);
                return values(keys);
            }));
            failing = scope.loader(settings("failing", random).build((List<Integer> keys) -> {
                if (keys.contains(3)) {
                    throw new IllegalStateException("of the function");
                }
                return values(keys);
            }));
            outer = scope.loader(settings("outer", random).buildPerKey((List<Integer> keys, LoadScope inside) -> {
                return steady.loadAll(keys);
            }));
            atRest = scope.loader(Loader.named("at-rest").maxWait(LONG).build(Round::values));
        }

        private static Loader.Builder<Object> settings(String name, Random random) {
            return Loader.named(name)
                    .maxWait(LONG)
                    .batchTimeout(LONG)
                    .maxBatch(1 + random.nextInt(20))
                    .maxInFlight(1 + random.nextInt(3));
        }

        /** As a driver does that listens to interrupts. */
        private static void pauseOrThrow(List<Integer> keys) {
            if (keys.size() % 2 == 0) {
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(50));
                if (Thread.interrupted()) {
                    throw new IllegalStateException(new InterruptedException());
                }
            }
        }

        private static Result<Map<Integer, Integer>, DomainError> values(List<Integer> keys) {
            Map<Integer, Integer> values = new HashMap<>();
            keys.forEach(key -> values.put(key, key));
            return Result.ok(values);
        }

        void run() throws Exception {
            List<Future<?>> tasks = new ArrayList<>();
            for (int i = 0; i < TASKS; i++) {
                Victim victim = new Victim(seed * 1_000 + i);
                victims.add(victim);
                tasks.add(scope.fork(victim::live));
            }
            Future<?> chaos = executor.submit(() -> harm(tasks));
            for (Future<?> task : tasks) {
                try {
                    task.get();
                } catch (CancellationException e) {
                    // it was
                }
            }
            chaos.get(30, TimeUnit.SECONDS);
            assertThat(scope.<Boolean>blocking(this::hasEnded)).isTrue();
            assertThat(wrong).as("in round %d", seed).isEmpty();
            assertThat(Thread.interrupted())
                    .as("the owner's flag, round %d", seed)
                    .isFalse();
            if (harm != Harm.CLOSED) {
                QuiescenceConcurrencyTest.assertDispatchesAtOnce(atRest, seed);
            }
            scope.close();
            for (CompletableFuture<?> future : futures) {
                assertThat(future.handle((value, thrown) -> 1).get(30, TimeUnit.SECONDS))
                        .isEqualTo(1);
            }
        }

        /** Those that were cancelled may still run. */
        private boolean hasEnded() {
            while (ended.get() < started.get()) {
                Thread.onSpinWait();
            }
            return true;
        }

        private void harm(List<Future<?>> tasks) {
            Random random = new Random(seed);
            for (int i = 0; i < 30; i++) {
                int number = harm == Harm.ONE_INTERRUPTED ? 7 : random.nextInt(TASKS - 5); // some are left alone
                if (harm != Harm.ONE_INTERRUPTED && random.nextInt(5) == 0) {
                    victims.get(number).cancel(tasks.get(number));
                } else {
                    victims.get(number).interrupt();
                }
                if (harm == Harm.CLOSED && i == 20) {
                    scope.close();
                }
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(100)));
            }
        }

        /** A task. It is interrupted only while it lives. */
        private final class Victim {
            private final Random random;
            private final ReentrantLock lock = new ReentrantLock();
            private Thread thread;
            private volatile boolean harmed;
            private boolean hasSeen;

            Victim(long seed) {
                random = new Random(seed);
            }

            void interrupt() {
                lock.lock();
                try {
                    if (thread != null) {
                        harmed = true;
                        thread.interrupt();
                    }
                } finally {
                    lock.unlock();
                }
            }

            void cancel(Future<?> task) {
                harmed = true;
                task.cancel(true);
            }

            int live() {
                started.incrementAndGet();
                try {
                    look("at the beginning");
                    enter(Thread.currentThread());
                    for (int i = 0; i < 8; i++) {
                        act();
                        look("after a step");
                    }
                } catch (Throwable e) {
                    wrong.add(e);
                } finally {
                    enter(null);
                    look("at the end");
                    if (harm == Harm.ONE_INTERRUPTED && harmed && !hasSeen) {
                        wrong.add(new AssertionError("has not seen its interrupt"));
                    }
                    ended.incrementAndGet();
                }
                return 0;
            }

            private void enter(Thread current) {
                lock.lock();
                try {
                    thread = current;
                } finally {
                    lock.unlock();
                }
            }

            private void look(String when) {
                if (Thread.interrupted()) {
                    hasSeen = true;
                    if (!harmed) {
                        wrong.add(new AssertionError("interrupted, by nobody, " + when));
                    }
                }
            }

            private void act() throws Exception {
                int key = random.nextInt(KEYS);
                boolean gentle = harm == Harm.ONE_INTERRUPTED;
                switch (random.nextInt(gentle ? 10 : 14)) {
                    case 0, 1 -> check(steady.load(key), key, false);
                    case 2 -> check(failing.load(key), key, true);
                    case 3 -> check(outer.load(key), key, false);
                    case 4 ->
                        steady.loadAll(List.of(key, (key + 1) % KEYS, key))
                                .forEach((each, result) -> check(result, each, false));
                    case 5 -> checkFuture(asked(key), key);
                    case 6 -> checkFuture(asked(key).thenCompose(result -> asked((key + 5) % KEYS)), (key + 5) % KEYS);
                    case 7 -> {
                        steady.expect(List.of(key, (key + 3) % KEYS));
                        steady.clear((key + 2) % KEYS);
                        failing.clearAll();
                        outer.prime(key, key);
                    }
                    case 8 -> {
                        var unused = scope.<Integer>blocking(() -> {
                            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(20));
                            return key;
                        });
                    }
                    case 9 -> scope.flush();
                    case 10 ->
                        check(steady.load(key, Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(key * 20L))), key, false);
                    case 11 -> asked(key).cancel(true);
                    case 12 -> polled(asked(key), key);
                    default -> forked(key);
                }
            }

            private CompletableFuture<Result<Integer, DomainError>> asked(int key) {
                CompletableFuture<Result<Integer, DomainError>> future = steady.loadAsync(key);
                futures.add(future);
                return future;
            }

            private void checkFuture(CompletableFuture<Result<Integer, DomainError>> future, int key) {
                futures.add(future);
                try {
                    check(future.join(), key, false);
                } catch (CompletionException e) {
                    wrong.add(e);
                }
            }

            private void polled(CompletableFuture<Result<Integer, DomainError>> future, int key) throws Exception {
                try {
                    check(future.get(key * 20L, TimeUnit.MICROSECONDS), key, false);
                } catch (TimeoutException e) {
                    checkFuture(future, key);
                } catch (InterruptedException e) {
                    hasSeen = true;
                    if (!harmed) {
                        wrong.add(e);
                    }
                }
            }

            private void forked(int key) throws Exception {
                Future<Integer> task;
                try {
                    task = scope.fork(() -> steady.load(key).orElse(key));
                } catch (IllegalStateException e) {
                    assertThat(harm).isEqualTo(Harm.CLOSED);
                    return;
                }
                if (key % 3 == 0) {
                    task.cancel(true);
                    return;
                }
                try {
                    assertThat(task.get()).isEqualTo(key);
                } catch (InterruptedException e) {
                    hasSeen = true;
                    if (!harmed) {
                        wrong.add(e);
                    }
                } catch (ExecutionException e) {
                    wrong.add(e);
                }
            }

            private void check(Result<Integer, DomainError> result, int key, boolean mayFail) {
                if (result.equals(Result.ok(key))) {
                    return;
                }
                ErrorCode code = QuiescenceConcurrencyTest.code(result);
                boolean isExpected = (mayFail && BatchingErrors.BATCH_FAILED.equals(code))
                        || (harmed && BatchingErrors.LOAD_INTERRUPTED.equals(code))
                        || (harm != Harm.ONE_INTERRUPTED && BatchingErrors.LOAD_TIMEOUT.equals(code))
                        || (harm == Harm.CLOSED && BatchingErrors.SCOPE_CLOSED.equals(code));
                if (!isExpected) {
                    wrong.add(new AssertionError("key " + key + ": " + result + causeOf(result)));
                }
            }

            private String causeOf(Result<?, DomainError> result) {
                return result instanceof Result.Err<?, DomainError> err ? " " + ((LoadError) err.error()).cause() : "";
            }
        }
    }
}
