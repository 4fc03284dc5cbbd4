package dev.underpin.resilience;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A step on its way to an executor. It begins there, or something else is done instead because the executor refused it or
 * did not come to it in time, or it is called off; and only one of these.
 */
final class HandOver implements Runnable {
    private final Runnable step;
    private final Runnable instead;
    private final AtomicBoolean decided = new AtomicBoolean();
    private volatile @Nullable Future<?> timer;

    HandOver(Runnable step, Runnable instead) {
        this.step = step;
        this.instead = instead;
    }

    /** Must be called once. An executor that loses its tasks is found out by the timer. */
    void begin(Executor executor, TimeSource time, long patienceNanos) {
        timer = time.schedule(Duration.ofNanos(Math.max(0, patienceNanos)), this::replace);
        if (decided.get()) {
            forgetTimer(); // called off before it had a timer to forget
            return;
        }
        try {
            executor.execute(this);
        } catch (Throwable e) { // some run out of threads, which is an Error
            replace();
        }
    }

    @Override
    public void run() {
        if (callOff()) {
            step.run();
        }
    }

    private void replace() {
        if (callOff()) {
            instead.run();
        }
    }

    /** {@return whether nothing was begun yet}; then nothing will be. */
    boolean callOff() {
        if (!decided.compareAndSet(false, true)) {
            return false;
        }
        forgetTimer();
        return true;
    }

    private void forgetTimer() {
        Future<?> pending = timer;
        if (pending != null) {
            pending.cancel(false);
        }
    }
}
