package dev.underpin.batching;

import dev.underpin.result.Result;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What one caller was given: of a slot, or come from such a future. Who waits for it waits in the scope, so that the scope can
 * dispatch. Completing it, in whatever way, says that its caller does not wait any more.
 */
final class LoadFuture<T> extends CompletableFuture<T> implements Waiter {
    /** The loader of the slot, or the dispatch: one field, since there is one of these for every caller. */
    private final Object home;

    /** What it is the result of; null if it comes from another future, or its caller has completed it. */
    private @Nullable Slot<?, ?> slot;

    private @Nullable Waiter next;

    LoadFuture(Dispatch dispatch) {
        this.home = dispatch;
        this.slot = null;
    }

    LoadFuture(ScopedLoader<?, ?> loader, Slot<?, ?> slot) {
        this.home = loader;
        this.slot = slot;
    }

    private Dispatch dispatch() {
        return home instanceof ScopedLoader<?, ?> loader ? loader.dispatch : (Dispatch) home;
    }

    static <T> LoadFuture<T> completed(Dispatch dispatch, T result) {
        LoadFuture<T> future = new LoadFuture<>(dispatch);
        var unused = future.complete(result);
        return future;
    }

    @Nullable
    Slot<?, ?> slot() {
        return slot;
    }

    @Nullable
    ScopedLoader<?, ?> loader() {
        return home instanceof ScopedLoader<?, ?> loader ? loader : null;
    }

    @Override
    public @Nullable Waiter next() {
        return next;
    }

    @Override
    public void next(@Nullable Waiter waiter) {
        next = waiter;
    }

    @Override
    public boolean isLive() {
        return slot != null;
    }

    /** Its caller has completed it. With the lock: who counts those who wait must not see it go in between. */
    void leave() {
        slot = null;
    }

    /** Completes it with what its slot has. */
    @SuppressWarnings("unchecked") // a future of a slot is one of its result
    void deliver(Result<?, ?> result) {
        var unused = super.complete((T) result);
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new LoadFuture<>(dispatch());
    }

    @Override
    public Executor defaultExecutor() {
        Executor executor = dispatch().executor();
        return executor == null ? super.defaultExecutor() : executor;
    }

    @Override
    public boolean complete(T value) {
        return left(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable thrown) {
        return left(super.completeExceptionally(thrown));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return left(super.cancel(mayInterruptIfRunning));
    }

    private boolean left(boolean completed) {
        Slot<?, ?> left = slot;
        if (completed && left != null && home instanceof ScopedLoader<?, ?> loader) {
            loader.dispatch.leave(this, loader, left);
        }
        return completed;
    }

    @Override
    public T join() {
        boolean interrupted = false;
        while (!isDone() && dispatch().await(this, null) == Dispatch.Ending.INTERRUPTED) {
            interrupted |= Thread.interrupted(); // as any future: a join goes on
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return super.join();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        if (!isDone() && dispatch().await(this, null) == Dispatch.Ending.INTERRUPTED && Thread.interrupted()) {
            throw new InterruptedException();
        }
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        Duration limit = Duration.ofNanos(unit.toNanos(Math.max(0, timeout)));
        if (!isDone()) {
            Dispatch.Ending ending = dispatch().await(this, limit);
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
