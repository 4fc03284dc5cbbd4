package dev.underpin.caching;

import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import dev.underpin.result.spi.TimeSource;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntToLongFunction;

/** A cache to be raced at, of two keys, and the cache of another node, which is the same where there is no remote level. */
record Subject(CacheAside<Integer, Long> cache, CacheAside<Integer, Long> other, Time time) {
    static final String ALL = "all";
    static final String ODD = "odd";

    /** How it is made. */
    enum Shape {
        PLAIN,
        BULK,
        /** Refreshes are due at once, and made by who finds them due. */
        REFRESH,
        /** The same, on threads of their own, as are the loads of asynchronous reads. */
        BACKGROUND,
        BULK_BACKGROUND,
        REMOTE,
        REMOTE_BULK;

        boolean isRemote() {
            return this == REMOTE || this == REMOTE_BULK;
        }
    }

    static Subject of(Shape shape, Executor executor, IntToLongFunction load) {
        Time time = new Time();
        InMemoryLevel level = new InMemoryLevel();
        CacheAside<Integer, Long> cache = cache(shape, executor, load, time, level);
        return new Subject(cache, shape.isRemote() ? cache(shape, executor, load, time, level) : cache, time);
    }

    private static CacheAside<Integer, Long> cache(
            Shape shape, Executor executor, IntToLongFunction load, Time time, InMemoryLevel level) {
        CacheAside.Builder<Object, Long> builder = CacheAside.named("raced")
                .staleOnError(Duration.ofMinutes(1))
                .time(time)
                .tags((Long value) -> value % 2 == 0 ? List.of(ALL) : List.of(ALL, ODD));
        return switch (shape) {
            case PLAIN -> single(builder, load);
            case BULK -> bulk(builder, load);
            case REFRESH -> single(soon(builder), load);
            case BACKGROUND -> single(soon(builder).executor(executor), load);
            case BULK_BACKGROUND -> bulk(soon(builder).executor(executor), load);
            case REMOTE -> single(builder.remote(level, key -> "" + key, new Longs()), load);
            case REMOTE_BULK -> bulk(builder.remote(level, key -> "" + key, new Longs()), load);
        };
    }

    /** Long enough for a refresh that a caller makes to be over before the next is due. */
    private static CacheAside.Builder<Object, Long> soon(CacheAside.Builder<Object, Long> builder) {
        return builder.ttl(Duration.ofMinutes(1)).refreshAfter(1e-7);
    }

    private static CacheAside<Integer, Long> single(CacheAside.Builder<Object, Long> builder, IntToLongFunction load) {
        return builder.build((Integer key) -> Result.ok(load.applyAsLong(key)));
    }

    private static CacheAside<Integer, Long> bulk(CacheAside.Builder<Object, Long> builder, IntToLongFunction load) {
        return builder.<Integer, Long>buildBulk(keys -> {
            Map<Integer, Long> found = new HashMap<>();
            keys.forEach(key -> found.put(key, load.applyAsLong(key)));
            return Result.ok(found);
        });
    }

    /** The time of the machine, where a caller can wait for what it has scheduled. */
    static final class Time implements TimeSource {
        private final TimeSource system = TimeSource.system();
        private final ReentrantLock lock = new ReentrantLock();
        private volatile CompletableFuture<Void> soon = new CompletableFuture<>();

        @Override
        public Instant instant() {
            return system.instant();
        }

        @Override
        public long nanoTime() {
            return system.nanoTime();
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            system.sleep(duration);
        }

        @Override
        public Future<?> schedule(Duration delay, Runnable task) {
            if (!delay.isZero()) {
                return system.schedule(delay, task);
            }
            CompletableFuture<Void> done = soon;
            return system.schedule(delay, () -> {
                task.run();
                done.complete(null);
            });
        }

        /** Runs what schedules a task without delay, until the task has run; one at a time, so that no two are one. */
        void await(Runnable scheduling) {
            lock.lock();
            try {
                soon = new CompletableFuture<>();
                scheduling.run();
                soon.join();
            } finally {
                lock.unlock();
            }
        }
    }

    private static final class Longs implements Codec<Long> {
        @Override
        public byte[] encode(Long value) {
            return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
        }

        @Override
        public Long decode(byte[] bytes) {
            return ByteBuffer.wrap(bytes).getLong();
        }
    }
}
