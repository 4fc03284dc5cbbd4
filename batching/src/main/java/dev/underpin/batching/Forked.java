package dev.underpin.batching;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A task of a scope. It counts from when it was forked until it has ended, so that no batch leaves without what it is about to
 * ask for; who waits for it waits in the scope.
 */
final class Forked<T> extends FutureTask<T> {
    private final Dispatch dispatch;

    /** Whether it counts, by itself and not yet as a thread. Guarded by the lock of the dispatch. */
    boolean counts = true;

    /** Those who wait for it. Guarded by the lock of the dispatch. */
    @Nullable
    Waiter waiters;

    private @Nullable Error error;

    Forked(Dispatch dispatch, Callable<T> task) {
        super(task);
        this.dispatch = dispatch;
    }

    @Override
    public void run() {
        Members.Entry entry = dispatch.begin(this);
        try {
            super.run();
        } finally {
            dispatch.exit(entry);
        }
        if (error != null) {
            throw error; // on the thread that made it, whatever those get who wait
        }
    }

    /** Runs it in a context, which may fail: that must not leave those waiting who wait for it. */
    void runIn(Executor context) {
        try {
            context.execute(this);
        } catch (RuntimeException | Error e) {
            super.setException(e);
            throw e;
        }
        if (!isDone()) {
            super.setException(
                    new IllegalStateException("The context of the scope did not run the task before it returned"));
        }
    }

    @Override
    protected void setException(Throwable thrown) {
        if (thrown instanceof Error made) {
            error = made;
        }
        super.setException(thrown);
    }

    @Override
    protected void done() {
        dispatch.done(this);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        if (!isDone() && dispatch.await(this, null) == Dispatch.Ending.INTERRUPTED && Thread.interrupted()) {
            throw new InterruptedException();
        }
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        if (!isDone()) {
            Dispatch.Ending ending = dispatch.await(this, Duration.ofNanos(unit.toNanos(Math.max(0, timeout))));
            if (ending == Dispatch.Ending.INTERRUPTED && Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (ending == Dispatch.Ending.TIMED_OUT) {
                throw new TimeoutException();
            }
        }
        return super.get();
    }
}
