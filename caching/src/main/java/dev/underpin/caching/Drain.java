package dev.underpin.caching;

import dev.underpin.caching.Dirty.Taken;
import dev.underpin.caching.WriteBehind.Write;
import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what is due: one call of the writer at a time, on the executor. The timer only says when; where nothing waits,
 * there is none.
 *
 * <p>A batch that fails is halved until what fails stands alone, for one write that can never succeed must not keep the
 * others. If too many calls fail in a row it is the store that fails, not a write: then the run ends, and the next one
 * comes after a pause. Only what failed alone counts as an attempt.
 *
 * <p>INVARIANT: whatever is thrown, by others or by the machine, what was in hand is in line again and the run has ended.
 */
final class Drain<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(WriteBehind.class);

    /** As many calls may fail in a row, beside those that it takes to find the first write of a batch. */
    private static final int PATIENCE = 8;

    private final String name;
    private final DirtyKeys<K, V> keys;
    private final Function<? super List<Write<K, V>>, ? extends Result<?, ? extends DomainError>> writer;
    private final BiConsumer<? super Write<K, V>, ? super DomainError> deadLetter;
    private final Executor executor;
    private final TimeSource time;
    private final Notices notices;
    private final int maxBatch;
    private final int maxAttempts;
    private final int patience;

    /** Guards the rest; not held while the executor, the writer or anything else of others works but the time source. */
    private final ReentrantLock lock = new ReentrantLock();

    private boolean running;
    private @Nullable Future<?> timer;
    private long timerNanos;
    private int pauses;
    private long pausedUntil;

    Drain(
            WriteBehind.Builder settings,
            DirtyKeys<K, V> keys,
            Executor executor,
            Notices notices,
            Function<? super List<Write<K, V>>, ? extends Result<?, ? extends DomainError>> writer,
            BiConsumer<? super Write<K, V>, ? super DomainError> deadLetter) {
        this.name = settings.name;
        this.keys = keys;
        this.writer = writer;
        this.deadLetter = deadLetter;
        this.executor = executor;
        this.time = settings.time;
        this.notices = notices;
        this.maxBatch = settings.maxBatch;
        this.maxAttempts = settings.attempts;
        this.patience = Integer.SIZE - Integer.numberOfLeadingZeros(maxBatch) + PATIENCE;
    }

    /* ---- when ---- */

    /** Something may be due, now or later. */
    void wake() {
        if (planned()) {
            submit();
        }
    }

    /** Somebody waits: a pause ends. */
    void hurry() {
        lock.lock();
        try {
            pauses = 0;
        } finally {
            lock.unlock();
        }
        wake();
    }

    void stop() {
        lock.lock();
        try {
            forgetTimer();
        } finally {
            lock.unlock();
        }
    }

    private boolean planned() {
        lock.lock();
        try {
            return plan();
        } finally {
            lock.unlock();
        }
    }

    /** {@return whether to start a run now}; if not, the timer is set unless there is no need to. */
    private boolean plan() {
        long due = running ? DirtyKeys.NEVER : keys.dueInNanos();
        if (due == DirtyKeys.NEVER) {
            return false;
        }
        long now = time.nanoTime();
        long wait = pauses == 0 ? due : Math.max(due, pausedUntil - now);
        if (wait <= 0) {
            running = true;
            forgetTimer();
            return true;
        }
        if (timer == null || timerNanos - (now + wait) > 0) {
            forgetTimer();
            timerNanos = now + wait;
            timer = time.schedule(Duration.ofNanos(wait), this::ring);
        }
        return false;
    }

    private void forgetTimer() {
        if (timer != null) {
            timer.cancel(/* mayInterruptIfRunning= */ false);
            timer = null;
        }
    }

    private void ring() {
        lock.lock();
        try {
            timer = null;
        } finally {
            lock.unlock();
        }
        wake();
    }

    private void submit() {
        boolean accepted = false;
        var claimed = new AtomicBoolean(); // some throw, and run what they were handed all the same
        try {
            executor.execute(() -> {
                if (claimed.compareAndSet(false, true)) {
                    run();
                }
            });
            accepted = true;
        } catch (Throwable e) { // some run out of threads, which is an Error
            LOG.warn("{}: the executor refused to write, it is asked again", name, e);
        } finally {
            if (!accepted && claimed.compareAndSet(false, true)) {
                ended(/* pause= */ true);
            }
        }
    }

    private void ended(boolean pause) {
        lock.lock();
        try {
            running = false;
            if (pause) {
                pauses++;
                pausedUntil = time.nanoTime() + DirtyKeys.backoffNanos(pauses);
            }
        } finally {
            lock.unlock();
        }
        wake();
    }

    /* ---- what ---- */

    private void run() {
        var round = new Round();
        boolean pause = true;
        try {
            writeAll(round);
            if (round.last != null) {
                LOG.warn(
                        "{}: {} calls of the writer failed, the last with {}",
                        name,
                        round.failures,
                        round.last.code().name(),
                        round.last.cause().orElse(null));
            }
            pause = isOver(round);
        } finally {
            ended(pause); // whatever flies, or nothing would ever be written again
        }
        if (round.fatal != null) {
            throw round.fatal;
        }
    }

    private void writeAll(Round round) {
        List<Dirty<K, V>> batch = keys.next(maxBatch);
        while (!batch.isEmpty()) {
            try {
                write(batch, round);
            } finally {
                keys.putBack(batch);
            }
            batch = isOver(round) ? List.of() : keys.next(maxBatch);
        }
    }

    private void write(List<Dirty<K, V>> batch, Round round) {
        if (isOver(round)) {
            return;
        }
        DomainError error = call(batch, round);
        if (error == null) {
            round.failuresInRow = 0;
            recovered();
            keys.written(batch);
            return;
        }
        Dirty<K, V> first = batch.get(0);
        round.failed(error, /* suspect= */ first.failures > 0);
        if (batch.size() == 1) {
            failed(first, error, round);
            return;
        }
        int middle = batch.size() / 2;
        write(batch.subList(0, middle), round);
        write(batch.subList(middle, batch.size()), round);
    }

    /** An interrupted thread is wanted back, and would fail all further writes. */
    private boolean isOver(Round round) {
        return round.failuresInRow >= patience || Thread.currentThread().isInterrupted() || keys.isStopped();
    }

    private void recovered() {
        lock.lock();
        try {
            pauses = 0;
        } finally {
            lock.unlock();
        }
    }

    /** {@return what it failed with, or null} */
    private @Nullable DomainError call(List<Dirty<K, V>> batch, Round round) {
        var writes = new ArrayList<Write<K, V>>(batch.size());
        for (Dirty<K, V> dirty : batch) {
            writes.add(dirty.take().write);
        }
        try {
            return invoke(Collections.unmodifiableList(writes));
        } catch (Throwable e) {
            round.keep(e);
            return thrown(e);
        }
    }

    /** {@return what it failed with, or null} What the writer throws flies. */
    @Nullable
    DomainError invoke(List<Write<K, V>> writes) {
        boolean heard = notices.heard();
        long start = heard ? time.nanoTime() : 0;
        DomainError error = ErrorKind.INTERNAL.code().error();
        try {
            Result<?, ? extends DomainError> result = writer.apply(writes);
            if (result == null) {
                throw new NullPointerException("the writer must not return null");
            }
            DomainError told = result instanceof Result.Err<?, ? extends DomainError> failed ? failed.error() : null;
            if (told != null) {
                Objects.requireNonNull(told.code(), "the code of an error of the writer");
            }
            error = told;
            return error;
        } finally {
            notices.write(writes.size(), heard ? time.nanoTime() - start : 0, error == null ? null : error.code());
        }
    }

    private static DomainError thrown(Throwable thrown) {
        return thrown instanceof DomainErrorException carrier
                ? carrier.error()
                : DomainError.builder(ErrorKind.INTERNAL.code()).cause(thrown).build();
    }

    private void failed(Dirty<K, V> dirty, DomainError error, Round round) {
        Taken<K, V> taken = dirty.taken();
        if (counts(error.kind())) {
            taken.attempts++;
        }
        // Who closed was told that the key is not written, and may be saving it: nobody else gets it then.
        if (taken.attempts < maxAttempts || !dirty.isNewest() || keys.isStopped()) {
            keys.retry(dirty);
            return;
        }
        LOG.warn(
                "{}: a write is given up after {} attempts, the last failed with {}",
                name,
                taken.attempts,
                error.code().name(),
                error.cause().orElse(null));
        notices.deadLetter(error.code());
        try {
            deadLetter.accept(taken.write, error);
        } catch (Throwable e) {
            LOG.error("{}: the dead letter was not taken, so the write is lost", name, e);
            round.keep(e);
        } finally {
            keys.giveUp(dirty);
        }
    }

    /** {@return whether a failure may be that of the write}: the other kinds are about the store, and pass. */
    private static boolean counts(ErrorKind kind) {
        return kind != ErrorKind.UNAVAILABLE && kind != ErrorKind.RATE_LIMITED;
    }

    /** A run, and what failed in it. */
    private static final class Round {
        int failures;
        int failuresInRow;

        @Nullable
        DomainError last;

        @Nullable
        VirtualMachineError fatal;

        /** A suspect that fails again says nothing about the store. */
        void failed(DomainError error, boolean suspect) {
            last = error;
            failures++;
            if (!suspect) {
                failuresInRow++;
            }
        }

        /** The machine itself is in trouble: who gave the thread hears of it once the writes are taken care of. */
        void keep(Throwable thrown) {
            if (thrown instanceof VirtualMachineError error && !(thrown instanceof StackOverflowError)) {
                fatal = error;
            }
        }
    }
}
