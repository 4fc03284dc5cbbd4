package dev.underpin.caching;

import dev.underpin.caching.DirtyKeys.Awaited;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.CheckReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes changes at the speed of memory and writes them to a store later, in batches. Of several changes of a key that were
 * not written yet, only the last one is.
 *
 * <p><b>What is kept.</b> The changes of one key reach the store in the order in which they were put: at most one of them is
 * being written at any time. Changes of different keys have no order. What was put is written, or handed to the dead
 * letters, or its key is returned by {@link #close(Duration)}; a change that is not accepted is an error of {@link #put}.
 * Only a process that dies loses what was not written by then, silently, which is why
 * {@link Builder#acceptLossOnCrash()} must be called.
 *
 * <p><b>The writer</b> is given changes of different keys, puts and deletes together. It may be given a change again that
 * it has written: when it fails half-way, or an error is told although the store did its work. So it must write by key, as
 * an upsert or a delete does, and not add up. It runs on the executor, one call at a time; and on the threads of callers
 * with {@link WhenFull#WRITE_THROUGH}, beside that, for other keys. Everything waits for a writer that hangs, so it should
 * have a timeout.
 *
 * <p><b>What fails.</b> An error, and whatever the writer throws, is a failed attempt. A batch that failed is halved until
 * what fails stands alone; all else is written. A change that failed alone is tried again, alone, after 100 ms, then twice
 * as long each time up to 30 s, and handed to the dead letters after the last of its attempts. A change that came meanwhile
 * takes its place, and has all attempts of its own. If eight calls more fail in a row than it takes to find one bad write,
 * the store is taken to be down: writing pauses for as long as that, and what waits in line keeps its attempts. An error of
 * kind {@code UNAVAILABLE} or {@code RATE_LIMITED} is about the store and counts as no attempt, so an outage that the writer
 * reports by them hands nothing to the dead letters, however long it is and however few keys wait.
 *
 * <p>Readers ask {@link #get} first, then the store. Thread-safe; callers wait only where they were told to, and never for
 * the writer unless they write themselves.
 *
 * @param <K> of the keys, with equals and hashCode
 * @param <V> of the values, which must not change while they wait
 */
public final class WriteBehind<K, V> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WriteBehind.class);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

    private final String name;
    private final WhenFull whenFull;
    private final Duration maxWait;
    private final DirtyKeys<K, V> keys;
    private final Drain<K, V> drain;

    private WriteBehind(
            Builder settings,
            Executor executor,
            Function<? super List<Write<K, V>>, ? extends Result<?, ? extends DomainError>> writer,
            BiConsumer<? super Write<K, V>, ? super DomainError> deadLetter) {
        name = settings.name;
        whenFull = settings.whenFull;
        maxWait = settings.maxWait;
        keys = new DirtyKeys<>(settings.maxDirty, settings.delay.toNanos(), settings.time);
        drain = new Drain<>(settings, keys, executor, new Notices(name, settings.listener), writer, deadLetter);
    }

    /**
     * {@return a builder of a queue}
     *
     * @param name for metrics, logs and errors: 1 to 64 letters, digits, '-', '_' or '.'
     * @throws IllegalArgumentException if the name is none
     */
    public static Builder named(String name) {
        return new Builder(Check.name(name));
    }

    /**
     * {@return the change of a key that is not in the store yet} If its value is empty, the key is being deleted, and the
     * store must not be asked, since it may still have it. If there is no change, the store is right.
     *
     * @param key the key
     */
    public Optional<Write<K, V>> get(K key) {
        return keys.get(Objects.requireNonNull(key, "key"));
    }

    /**
     * Has a value written later.
     *
     * @param key the key
     * @param value its new value
     * @return Ok if it will be written, or with {@link WhenFull#WRITE_THROUGH} has been;
     *     {@link CachingErrors#WRITE_BEHIND_FULL}, {@link CachingErrors#WRITE_BEHIND_CLOSED} or
     *     {@link CachingErrors#CACHE_INTERRUPTED}, with the flag set, if it will not be. What the writer returns or throws
     *     is passed on if it is called by this thread.
     */
    public Result<Unit, DomainError> put(K key, V value) {
        return change(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
    }

    /**
     * Has a key deleted later.
     *
     * @param key the key
     * @return as {@link #put}
     */
    public Result<Unit, DomainError> delete(K key) {
        return change(Objects.requireNonNull(key, "key"), Dirty.Mark.DELETION);
    }

    private Result<Unit, DomainError> change(K key, Object change) {
        try {
            return switch (keys.admit(key, change, whenFull, maxWait)) {
                case ADDED -> {
                    drain.wake();
                    yield Result.ok();
                }
                case REPLACED -> Result.ok();
                case WRITE_THROUGH -> writeThrough(key, change);
                case FULL -> failed(CachingErrors.WRITE_BEHIND_FULL);
                case CLOSED -> failed(CachingErrors.WRITE_BEHIND_CLOSED);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(CachingErrors.CACHE_INTERRUPTED);
        }
    }

    private Result<Unit, DomainError> writeThrough(K key, Object change) {
        try {
            DomainError error = drain.invoke(List.of(Dirty.write(key, change)));
            return error == null ? Result.ok() : Result.err(error);
        } finally {
            keys.release(key);
        }
    }

    private Result<Unit, DomainError> failed(ErrorCode code) {
        return Result.err(DomainError.builder(code).arg("name", name).build());
    }

    /** {@return how many keys wait to be written, those that are being written among them} */
    public int size() {
        return keys.size();
    }

    /**
     * Has everything written that waits now, and waits until it is. Keys that have failed alone wait for their next attempt
     * all the same. What is put meanwhile is not waited for. Neither the writer nor the dead letters may call this or
     * {@link #close()}: they would wait for themselves.
     *
     * @param deadline how long to wait at most; an interrupt ends the wait as well, and stays set
     * @return the keys whose changes of before the call were not written by then, those given up during the call among
     *     them; empty if all were. They stay in the queue unless given up.
     */
    public Set<K> flush(Duration deadline) {
        Check.notNegative("deadline", deadline);
        List<Awaited<K, V>> awaited = keys.hurry();
        drain.hurry();
        return keys.await(awaited, deadline, /* closing= */ false);
    }

    /**
     * Accepts no more changes, has everything written, and waits until it is. Keys that have failed are tried again at
     * once. After that no write begins and nothing is given up; a write that runs, of a writer that hangs, may end later. To
     * close again does no harm.
     *
     * @param deadline how long to wait at most; an interrupt ends the wait as well, and stays set
     * @return the keys that were not written by then, those given up during the call among them. What {@link #get} tells
     *     of the others stays, so that it can be saved elsewhere.
     */
    public Set<K> close(Duration deadline) {
        Check.notNegative("deadline", deadline);
        List<Awaited<K, V>> awaited = keys.close();
        drain.hurry();
        Set<K> unwritten = keys.await(awaited, deadline, /* closing= */ true);
        drain.stop();
        return unwritten;
    }

    /**
     * Closes within 10 s. How many keys were not written, if any, is logged as an error: they are lost. So an interrupt of
     * before ends no wait, and is set again afterwards; one that comes meanwhile ends it.
     */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            int unwritten = close(CLOSE_DEADLINE).size();
            if (unwritten > 0) {
                LOG.error("{}: closed with {} keys that were not written", name, unwritten);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What happens to a change of one more key when as many wait as may. One of a key that waits is always taken. */
    public enum WhenFull {
        /** The caller waits for a place, as long as {@link Builder#maxWait}; then it is refused. */
        BLOCK,
        /** The change is refused. */
        REJECT,
        /**
         * The caller calls the writer with this one change and returns what comes of it; a failure is not tried again.
         * Others that change the key meanwhile wait for that, as long as {@link Builder#maxWait}.
         */
        WRITE_THROUGH
    }

    /**
     * A change of a key.
     *
     * @param key the key
     * @param value what it is to be; empty if it is to be deleted
     * @param <K> of the key
     * @param <V> of the value
     */
    public record Write<K, V>(K key, Optional<V> value) {
        /** Rejects null. */
        public Write {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
        }

        /** {@return what is done; neither key nor value, which no log should hold} */
        @Override
        public String toString() {
            return value.isPresent() ? "Write[put]" : "Write[delete]";
        }
    }

    /** Builds a {@link WriteBehind}. Confined to one thread. */
    @CanIgnoreReturnValue
    public static final class Builder {
        private static final Duration MAX_DELAY = Duration.ofDays(1);

        final String name;
        TimeSource time = TimeSource.system();
        int maxBatch = 100;
        int attempts = 10;
        private boolean lossAccepted;
        private int maxDirty = 10_000;
        private WhenFull whenFull = WhenFull.BLOCK;
        private Duration maxWait = Duration.ofSeconds(1);
        private Duration delay = Duration.ofSeconds(1);
        private @Nullable Executor executor;
        private @Nullable CacheListener listener;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Says that changes may be lost: those that were not written when the process dies, which are about those of the
         * last {@link #delay}, more if the store is slow or down. Must be called.
         *
         * @return this
         */
        public Builder acceptLossOnCrash() {
            lossAccepted = true;
            return this;
        }

        /**
         * Sets where the writer and the dead letters run. Must be called: both block, and no thread is started for them.
         * One thread at a time is used, while something is due. The executor must run what it accepts, and not on the
         * thread that hands it over, which is mostly that of a timer; one that refuses is asked again.
         *
         * @param executor the executor; it is not shut down with the queue, and must live until that is closed
         * @return this
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets how many keys may wait, those being written included, and what happens to one more; 10 000 and
         * {@link WhenFull#BLOCK} by default. From half of that on, nothing is delayed.
         *
         * @param keys at least 1
         * @param whenFull what happens to one more
         * @return this
         * @throws IllegalArgumentException if less than 1
         */
        public Builder maxDirty(int keys, WhenFull whenFull) {
            this.maxDirty = Check.atLeast(1, "keys", keys);
            this.whenFull = Objects.requireNonNull(whenFull, "whenFull");
            return this;
        }

        /**
         * Sets how long a change waits for a place at most; a second by default.
         *
         * @param wait zero or more
         * @return this
         * @throws IllegalArgumentException if negative
         */
        public Builder maxWait(Duration wait) {
            this.maxWait = Check.notNegative("wait", wait);
            return this;
        }

        /**
         * Sets how many writes the writer is given at most in a call; 100 by default.
         *
         * @param writes at least 1
         * @return this
         * @throws IllegalArgumentException if less than 1
         */
        public Builder maxBatch(int writes) {
            this.maxBatch = Check.atLeast(1, "writes", writes);
            return this;
        }

        /**
         * Sets how long the first change of a key waits for others that replace it; a second by default. Those that follow
         * do not put it off.
         *
         * @param delay zero to a day
         * @return this
         * @throws IllegalArgumentException if negative or longer
         */
        public Builder delay(Duration delay) {
            Check.notNegative("delay", delay);
            if (delay.compareTo(MAX_DELAY) > 0) {
                throw new IllegalArgumentException("delay must be at most " + MAX_DELAY + ": " + delay);
            }
            this.delay = delay;
            return this;
        }

        /**
         * Sets how often a change may fail alone before it is handed to the dead letters; 10 by default, which takes about
         * 50 s.
         *
         * @param max at least 1
         * @return this
         * @throws IllegalArgumentException if less than 1
         */
        public Builder attempts(int max) {
            this.attempts = Check.atLeast(1, "max", max);
            return this;
        }

        /**
         * Sets who hears of writes and dead letters; nobody by default.
         *
         * @param listener the listener
         * @return this
         */
        public Builder listener(CacheListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets whose time counts; that of the machine by default.
         *
         * @param time the time
         * @return this
         */
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * {@return a queue}
         *
         * @param writer writes changes of different keys to the store: Ok if it has written all of them
         * @param deadLetter is handed what was given up, and what it last failed with, to save it elsewhere; no other
         *     change is written meanwhile. What it throws is logged, and the change is lost. A newer change of the key may
         *     be written afterwards: who brings back what was saved must not put it over that.
         * @param <K> of the keys
         * @param <V> of the values
         * @throws IllegalStateException if {@link #acceptLossOnCrash} or {@link #executor} was not called
         */
        @CheckReturnValue
        public <K, V> WriteBehind<K, V> build(
                Function<? super List<Write<K, V>>, ? extends Result<?, ? extends DomainError>> writer,
                BiConsumer<? super Write<K, V>, ? super DomainError> deadLetter) {
            Objects.requireNonNull(writer, "writer");
            Objects.requireNonNull(deadLetter, "deadLetter");
            if (!lossAccepted) {
                throw new IllegalStateException(
                        "acceptLossOnCrash() must be called: what waits to be written is lost when the process dies");
            }
            if (executor == null) {
                throw new IllegalStateException(
                        "executor must be set: the writer blocks, and no thread is started for it");
            }
            return new WriteBehind<>(this, executor, writer, deadLetter);
        }
    }
}
