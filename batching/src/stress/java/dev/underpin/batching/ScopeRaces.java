package dev.underpin.batching;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Two threads in one scope. */
@SuppressWarnings("FutureReturnValueIgnored")
final class ScopeRaces {
    private static final Duration LONG = Duration.ofHours(1);
    private static final int CLOSED = -1;
    private static final int BATCH_TIMEOUT = -2;
    private static final int LOAD_TIMEOUT = -3;
    private static final int INTERRUPTED = -4;
    private static final int OTHER = -5;

    private ScopeRaces() {}

    /** A scope whose owner does not count: who waits is the last one. A value tells the key and the call that loaded it. */
    private abstract static class Scoped {
        final AtomicInteger calls = new AtomicInteger();
        final AtomicInteger keys = new AtomicInteger();
        final List<Runnable> tasks = new CopyOnWriteArrayList<>();
        final LoadScope scope;
        final ScopedLoader<Integer, Integer> loader;

        Scoped() {
            this(TimeSource.system(), false);
        }

        Scoped(TimeSource time, boolean forks) {
            LoadScope.Builder builder = LoadScope.builder().time(time);
            scope = (forks ? builder.executor(tasks::add) : builder).open();
            loader = scope.loader(Loader.named("raced")
                    .maxWait(LONG)
                    .batchTimeout(Duration.ofMinutes(30))
                    .build(this::load));
            var unused = loader.dispatch.pause();
        }

        Result<Map<Integer, Integer>, DomainError> load(List<Integer> asked) {
            int call = calls.incrementAndGet();
            keys.addAndGet(asked.size());
            Map<Integer, Integer> values = new HashMap<>();
            asked.forEach(key -> values.put(key, 100 * call + key));
            return Result.ok(values);
        }

        /** {@return whether nobody counts, as it should be in the end} Else a key would wait for somebody. */
        final boolean isAtRest() {
            return loader.load(9, Duration.ofSeconds(20)).isOk();
        }
    }

    private static int got(Future<Integer> task) {
        try {
            return task.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int number(Result<Integer, DomainError> result) {
        return result.fold(value -> value, error -> {
            if (error.is(BatchingErrors.SCOPE_CLOSED)) {
                return CLOSED;
            }
            if (error.is(BatchingErrors.BATCH_TIMEOUT)) {
                return BATCH_TIMEOUT;
            }
            if (error.is(BatchingErrors.LOAD_TIMEOUT)) {
                return LOAD_TIMEOUT;
            }
            return error.is(BatchingErrors.LOAD_INTERRUPTED) ? INTERRUPTED : OTHER;
        });
    }

    /* ---- loads ---- */

    @JCStressTest
    @Outcome(id = "101, 101, 1", expect = ACCEPTABLE, desc = "one call for both")
    @State
    public static class LoadAndLoad extends Scoped {
        @Actor
        public void first(III_Result r) {
            r.r1 = number(loader.load(1));
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = number(loader.load(1));
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = keys.get();
        }
    }

    @JCStressTest
    @Outcome(id = "2, 2, 2, 1", expect = ACCEPTABLE, desc = "each key once, whoever had it loaded")
    @State
    public static class LoadAllAndLoadAll extends Scoped {
        @Actor
        public void first(IIII_Result r) {
            r.r1 = (int) loader.loadAll(List.of(1, 2)).values().stream()
                    .filter(Result::isOk)
                    .count();
        }

        @Actor
        public void second(IIII_Result r) {
            r.r2 = (int) loader.loadAll(List.of(2, 1)).values().stream()
                    .filter(Result::isOk)
                    .count();
        }

        @Arbiter
        public void afterwards(IIII_Result r) {
            r.r3 = keys.get();
            r.r4 = isAtRest() ? 1 : 0;
        }
    }

    /** Two tasks that come to wait at the same time: the last of them, and only that one, has the batch leave. */
    @JCStressTest
    @Outcome(id = "101, 102, 1, 1", expect = ACCEPTABLE, desc = "one batch of both")
    @State
    public static class BlockAndBlock extends Scoped {
        private final Future<Integer> one;
        private final Future<Integer> other;

        public BlockAndBlock() {
            super(TimeSource.system(), true);
            one = scope.fork(() -> number(loader.load(1)));
            other = scope.fork(() -> number(loader.load(2)));
        }

        @Actor
        public void first(IIII_Result r) {
            tasks.get(0).run();
            r.r1 = got(one);
        }

        @Actor
        public void second(IIII_Result r) {
            tasks.get(1).run();
            r.r2 = got(other);
        }

        @Arbiter
        public void afterwards(IIII_Result r) {
            r.r3 = calls.get();
            tasks.clear();
            r.r4 = isRest(this) ? 1 : 0;
        }
    }

    /** With an executor that runs nothing by itself: a limited wait would leave the batch to it. */
    private static boolean isRest(Scoped scoped) {
        return scoped.loader.load(9).isOk();
    }

    @JCStressTest
    @Outcome(id = "101, 1, 1", expect = ACCEPTABLE, desc = "the batch left, whoever was last")
    @State
    public static class BlockAndEnd extends Scoped {
        private final Future<Integer> one;

        public BlockAndEnd() {
            super(TimeSource.system(), true);
            one = scope.fork(() -> number(loader.load(1)));
            var unused = scope.fork(() -> 0);
        }

        @Actor
        public void blocks(III_Result r) {
            tasks.get(0).run();
            r.r1 = got(one);
        }

        @Actor
        public void ends() {
            tasks.get(1).run();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r2 = calls.get();
            r.r3 = isRest(this) ? 1 : 0;
        }
    }

    /** A task that begins while it is cancelled counts no longer, in either case. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "it ended first")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "it was cancelled first")
    @State
    public static class BeginAndCancel extends Scoped {
        private final Future<Integer> task;

        public BeginAndCancel() {
            super(TimeSource.system(), true);
            task = scope.fork(() -> number(loader.load(1)));
        }

        @Actor
        public void begins() {
            tasks.get(0).run();
            var unused = Thread.interrupted();
        }

        @Actor
        public void cancels(II_Result r) {
            r.r1 = task.cancel(true) ? 1 : 0;
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r2 = isRest(this) ? 1 : 0;
        }
    }

    /* ---- what is remembered ---- */

    @JCStressTest
    @Outcome(id = "101, 101", expect = ACCEPTABLE, desc = "there was nothing to forget, or nothing to be loaded yet")
    @Outcome(id = "101, 201", expect = ACCEPTABLE, desc = "forgotten, and loaded again")
    @State
    public static class LoadAndClear extends Scoped {
        @Actor
        public void loads(II_Result r) {
            r.r1 = number(loader.load(1));
        }

        @Actor
        public void clears() {
            loader.clear(1);
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r2 = number(loader.load(1));
        }
    }

    @JCStressTest
    @Outcome(id = "7, 1, 7", expect = ACCEPTABLE, desc = "the value that was known")
    @Outcome(id = "101, 0, 101", expect = ACCEPTABLE, desc = "loaded, and what was known came too late")
    @State
    public static class LoadAndPrime extends Scoped {
        @Actor
        public void loads(III_Result r) {
            r.r1 = number(loader.load(1));
        }

        @Actor
        public void primes(III_Result r) {
            r.r2 = loader.prime(1, 7) ? 1 : 0;
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = number(loader.load(1));
        }
    }

    @JCStressTest
    @Outcome(id = "101, -1", expect = ACCEPTABLE, desc = "loaded first")
    @Outcome(id = "-1, -1", expect = ACCEPTABLE, desc = "closed first")
    @State
    public static class LoadAndClose extends Scoped {
        @Actor
        public void loads(II_Result r) {
            r.r1 = number(loader.load(1));
        }

        @Actor
        public void closes() {
            scope.close();
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r2 = number(loader.load(1));
        }
    }

    /* ---- futures ---- */

    private abstract static class Asked extends Scoped {
        final CompletableFuture<Result<Integer, DomainError>> future = loader.loadAsync(1);

        /** {@return its value, or that it is cancelled or not complete} */
        final int outcome() {
            if (!future.isDone()) {
                return 0;
            }
            return future.isCancelled() ? -9 : number(future.join());
        }
    }

    @JCStressTest
    @Outcome(id = "1, 1, -9", expect = ACCEPTABLE, desc = "cancelled, whether or not it was loaded")
    @Outcome(id = "0, 1, 101", expect = ACCEPTABLE, desc = "loaded, and too late to cancel it")
    @State
    public static class CancelAndDispatch extends Asked {
        @Actor
        public void cancels(III_Result r) {
            r.r1 = future.cancel(true) ? 1 : 0;
        }

        @Actor
        public void dispatches(III_Result r) {
            r.r2 = loader.load(2).isOk() && !Thread.interrupted() ? 1 : 0;
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = outcome();
        }
    }

    /** The only caller leaves while the batch runs: its thread is interrupted for it, and not for anything else. */
    @JCStressTest
    @Outcome(id = "1, 0, -9", expect = ACCEPTABLE, desc = "cancelled, and no interrupt left over")
    @Outcome(id = "0, 0, 101", expect = ACCEPTABLE, desc = "loaded first")
    @State
    public static class CancelAndFlush extends Asked {
        @Actor
        public void cancels(III_Result r) {
            r.r1 = future.cancel(true) ? 1 : 0;
        }

        @Actor
        public void flushes(III_Result r) {
            scope.flush();
            r.r2 = Thread.interrupted() ? 1 : 0;
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = outcome();
        }
    }

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "nobody wants the key, and it is not loaded")
    @State
    public static class CancelAndCancel extends Asked {
        private final CompletableFuture<Result<Integer, DomainError>> other = loader.loadAsync(1);

        @Actor
        public void cancels() {
            future.cancel(true);
        }

        @Actor
        public void cancelsTheOther() {
            other.cancel(true);
        }

        @Arbiter
        public void afterwards(I_Result r) {
            r.r1 = loader.load(2).isOk() ? keys.get() : 0;
        }
    }

    @JCStressTest
    @Outcome(id = "7, 1", expect = ACCEPTABLE, desc = "completed by its caller")
    @Outcome(id = "101, 1", expect = ACCEPTABLE, desc = "loaded")
    @State
    public static class JoinAndComplete extends Asked {
        @Actor
        public void joins(II_Result r) {
            try {
                r.r1 = number(future.join());
            } catch (CompletionException e) {
                r.r1 = OTHER;
            }
        }

        @Actor
        public void completes() {
            future.complete(Result.ok(7));
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r2 = isAtRest() ? 1 : 0;
        }
    }

    @JCStressTest
    @Outcome(id = "101", expect = ACCEPTABLE, desc = "loaded first")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "closed first")
    @State
    public static class FlushAndClose extends Asked {
        @Actor
        public void flushes() {
            scope.flush();
        }

        @Actor
        public void closes() {
            scope.close();
        }

        @Arbiter
        public void afterwards(I_Result r) {
            r.r1 = outcome();
        }
    }

    /* ---- time and interrupts ---- */

    /** The time of a batch is over while its results are written. */
    @JCStressTest
    @Outcome(id = "101, 0, 101", expect = ACCEPTABLE, desc = "loaded in time")
    @Outcome(id = "-2, 0, 201", expect = ACCEPTABLE, desc = "too late, and loaded again; no interrupt is left over")
    @State
    public static class StoreAndTimeOut extends Scoped {
        private final SetTime time;

        public StoreAndTimeOut() {
            this(new SetTime());
        }

        private StoreAndTimeOut(SetTime time) {
            super(time, false);
            this.time = time;
        }

        @Override
        Result<Map<Integer, Integer>, DomainError> load(List<Integer> asked) {
            if (calls.get() == 0) {
                time.set(LONG);
            }
            return super.load(asked);
        }

        @Actor
        public void loads(III_Result r) {
            r.r1 = number(loader.load(1));
            r.r2 = Thread.interrupted() ? 1 : 0;
        }

        @Actor
        public void looks() {
            while (calls.get() == 0) {
                Thread.onSpinWait();
            }
            var unused = loader.dispatch.tick();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = number(loader.load(1));
        }
    }

    /** The time of a caller is over while its thread runs the batch. */
    @JCStressTest
    @Outcome(id = "101, 0, 1", expect = ACCEPTABLE, desc = "loaded in time")
    @Outcome(id = "-3, 0, 1", expect = ACCEPTABLE, desc = "too late; no interrupt is left over")
    @State
    public static class StoreAndExpire extends Scoped {
        private final SetTime time;

        public StoreAndExpire() {
            this(new SetTime());
        }

        private StoreAndExpire(SetTime time) {
            super(time, false);
            this.time = time;
        }

        @Actor
        public void loads(III_Result r) {
            r.r1 = number(loader.load(1, LONG));
            r.r2 = Thread.interrupted() ? 1 : 0;
        }

        @Actor
        public void expires() {
            Runnable scheduled = time.scheduled();
            while (scheduled == null) {
                Thread.onSpinWait();
                scheduled = time.scheduled();
            }
            scheduled.run();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = loader.load(1).isOk() ? 1 : 0;
        }
    }

    @JCStressTest
    @Outcome(id = "101, 1, 1", expect = ACCEPTABLE, desc = "loaded, and the flag is kept")
    @Outcome(id = "-4, 1, 1", expect = ACCEPTABLE, desc = "interrupted, and the flag is kept")
    @State
    public static class StoreAndInterrupt extends Scoped {
        private volatile Thread thread;
        private volatile boolean sent;

        @Actor
        public void loads(III_Result r) {
            thread = Thread.currentThread();
            r.r1 = number(loader.load(1));
            while (!sent) {
                Thread.onSpinWait();
            }
            r.r2 = Thread.interrupted() ? 1 : 0;
        }

        @Actor
        public void interrupts() {
            while (thread == null) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            sent = true;
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = loader.load(1).isOk() ? 1 : 0;
        }
    }
}
