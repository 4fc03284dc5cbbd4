package dev.underpin.caching;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.underpin.result.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two threads at one key of a cache: what takes a place in the map against what takes it away. */
@SuppressWarnings("FutureReturnValueIgnored")
final class EngineRaces {
    private static final int KEY = 1;
    private static final String TAG = "tag";
    private static final Duration TTL = Duration.ofSeconds(100);
    private static final Duration LOAD_TIMEOUT = Duration.ofSeconds(10);

    private EngineRaces() {}

    private abstract static class OneKey {
        final StoppedTime time = new StoppedTime();
        final AtomicInteger loads = new AtomicInteger();
        final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        final CacheAside<Integer, Integer> cache = cache();
        volatile int store;

        CacheAside<Integer, Integer> cache() {
            return cache(null);
        }

        final CacheAside<Integer, Integer> cache(Executor executor) {
            RandomGenerator none = () -> 0;
            CacheAside.Builder<Object, Integer> builder = CacheAside.named("raced")
                    .ttl(TTL)
                    .refreshAfter(0.5)
                    .staleOnError(TTL)
                    .loadTimeout(LOAD_TIMEOUT)
                    .time(time)
                    .random(none)
                    .tags((Integer value) -> List.of(TAG));
            if (executor != null) {
                var unused = builder.executor(executor);
            }
            return builder.build((Integer key) -> {
                loads.incrementAndGet();
                return Result.ok(store);
            });
        }

        final int get() {
            return cache.get(KEY).orElse(-1);
        }

        final void runTasks() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }

    /* ---- A load, and what takes its lease away ---- */

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class LoadAndInvalidate extends OneKey {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.invalidate(KEY);
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class LoadAndExpire extends OneKey {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.expire(KEY);
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class LoadAndTag extends OneKey {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.invalidateTag(TAG);
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class LoadAndClear extends OneKey {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.clear();
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class LoadAndPut extends OneKey {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.put(KEY, 1);
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    /* ---- A refresh that is made by who finds it due ---- */

    private abstract static class RefreshIsDue extends OneKey {
        RefreshIsDue() {
            var unused = get();
            time.set(TTL.dividedBy(2));
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class RefreshAndInvalidate extends RefreshIsDue {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.invalidate(KEY);
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class RefreshAndExpire extends RefreshIsDue {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.expire(KEY);
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class RefreshAndTag extends RefreshIsDue {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.invalidateTag(TAG);
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class RefreshAndClear extends RefreshIsDue {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.clear();
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 1, 1", "1, 1, 1"}, expect = ACCEPTABLE, desc = "who came after it reads the new value")
    @State
    public static class RefreshAndPut extends RefreshIsDue {
        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void forgetsAndReads(III_Result r) {
            store = 1;
            cache.put(KEY, 1);
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = get();
        }
    }

    /* ---- One load ---- */

    @JCStressTest
    @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "one load for both")
    @State
    public static class MissAndMiss extends OneKey {
        @Actor
        public void first(III_Result r) {
            r.r1 = get();
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r3 = loads.get();
        }
    }

    @JCStressTest
    @Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "a load for each key, and nobody waits for ever")
    @State
    public static class ManyAndMany extends OneKey {
        @Actor
        public void first() {
            var unused = cache.getAll(List.of(1, 2));
        }

        @Actor
        public void second() {
            var unused = cache.getAll(List.of(2, 1));
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = get();
            r.r2 = loads.get();
        }
    }

    /** A load that waits for a thread, and a caller that begins it meanwhile. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "one of them makes the load")
    @State
    public static class TaskAndSteal extends OneKey {
        public TaskAndSteal() {
            var unused = cache.getAsync(KEY);
        }

        @Override
        CacheAside<Integer, Integer> cache() {
            return cache(task -> tasks.add(task));
        }

        @Actor
        public void runs() {
            runTasks();
        }

        @Actor
        public void reads(II_Result r) {
            r.r1 = get();
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r2 = loads.get();
        }
    }

    /** A refresh that runs when the value passes its time: who comes then waits for it. */
    @JCStressTest
    @Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "the first load, and the refresh")
    @State
    public static class RefreshAndPromote extends OneKey {
        public RefreshAndPromote() {
            var first = get();
            time.set(TTL.minus(Duration.ofSeconds(1)));
            var due = get();
            time.set(TTL);
            store = 1 + first + due;
        }

        @Override
        CacheAside<Integer, Integer> cache() {
            return cache(task -> tasks.add(task));
        }

        @Actor
        public void refreshes() {
            runTasks();
        }

        @Actor
        public void reads(III_Result r) {
            r.r1 = get();
        }

        @Arbiter
        public void afterwards(III_Result r) {
            r.r2 = get();
            r.r3 = loads.get();
        }
    }

    /* ---- What comes too late ---- */

    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "it came just in time")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "it came too late, or began late enough")
    @State
    public static class PublishAndRevoke extends OneKey {
        public PublishAndRevoke() {
            var unused = cache.getAsync(KEY);
            time.set(LOAD_TIMEOUT);
        }

        @Override
        CacheAside<Integer, Integer> cache() {
            return cache(task -> tasks.add(task));
        }

        @Actor
        public void loads() {
            runTasks();
        }

        @Actor
        public void givesUp(II_Result r) {
            store = 1;
            r.r1 = get();
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r2 = get();
        }
    }

    /* ---- Writers ---- */

    @JCStressTest
    @Outcome(id = {"1, 1", "2, 2"}, expect = ACCEPTABLE, desc = "the later one stays")
    @State
    public static class PutAndPut extends OneKey {
        @Actor
        public void first() {
            cache.put(KEY, 1);
        }

        @Actor
        public void second() {
            cache.put(KEY, 2);
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = get();
            r.r2 = get();
        }
    }

    @JCStressTest
    @Outcome(id = {"0, 0", "7, 0"}, expect = ACCEPTABLE, desc = "there or not there, and gone after the next")
    @State
    public static class PutAndClear extends OneKey {
        @Actor
        public void puts() {
            cache.put(KEY, 7);
        }

        @Actor
        public void clears() {
            cache.clear();
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = get();
            cache.invalidate(KEY);
            r.r2 = get();
        }
    }

    /** Two that change the store and tell the cache: no order of them leaves an old value behind. */
    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "both values as the store has them")
    @State
    public static class WriteAndWrite extends OneKey {
        private volatile int other;

        @Override
        CacheAside<Integer, Integer> cache() {
            return CacheAside.named("raced").build((Integer key) -> Result.ok(key == KEY ? store : other));
        }

        @Actor
        public void first() {
            var unused = cache.write(KEY, 1, (key, value) -> {
                store = value;
                return Result.ok(value);
            });
            unused = cache.get(2);
        }

        @Actor
        public void second() {
            var unused = cache.write(2, 2, (key, value) -> {
                other = value;
                return Result.ok(value);
            });
            unused = cache.get(KEY);
        }

        @Arbiter
        public void afterwards(II_Result r) {
            r.r1 = get();
            r.r2 = cache.get(2).orElse(-1);
        }
    }
}
