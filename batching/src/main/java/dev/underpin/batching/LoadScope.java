package dev.underpin.batching;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.spi.TimeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The loads of one request or unit of work: what was loaded is remembered, and what is asked for at the same time is loaded
 * together.
 *
 * <p><b>When a batch leaves.</b> The thread that opened the scope and the tasks of {@link #fork} count. When all of them wait, in
 * a load, for a future of the scope or in {@link #blocking}, or have ended, everything that was asked for becomes batches. So
 * a thread that is alone loads at once, and tasks that ask for keys at the same depth share one batch, with no window of time
 * in which others may come or not. Otherwise a batch leaves when it is full, by {@link #flush}, or when a key has waited for
 * {@link Loader.Builder#maxWait}: a task that waits for something the scope cannot see holds nobody up for longer. Threads
 * that do not count may load as well; their keys join, and wait as long for the thread that opened the scope if that does
 * something else. So a scope is to be opened on the thread that loads, or forks.
 *
 * <p><b>Who runs it.</b> The thread that opened the scope, if it waits in it; else a thread that waits for one of the keys, or
 * another that waits. Only where nobody waits, or several batches are ready, the executor runs it, if there is one; and where
 * there is none, and nobody has come to wait for {@code maxWait}, a daemon thread that is started for it. In a scope to which
 * {@linkplain Builder#bind something is bound}, all batches run on the thread that opened it, one after the other. A thread that
 * is interrupted while it runs a batch leaves it to others who wait. One whose wait is limited, as by
 * {@link ScopedLoader#load(Object, java.time.Duration)}, leaves it to the executor, if there is one.
 *
 * <p>A daemon thread is started for nothing else but what was registered on futures, where the executor does not come to run it
 * for as long, and to tell those whose batch was out of time.
 *
 * <p>No wait lasts for ever: a batch ends by {@link Loader.Builder#batchTimeout}. Thread-safe. One scope belongs to one
 * request: what is remembered has been loaded for its user and its tenant.
 */
@SuppressWarnings("ReferenceEquality") // threads, slots and batches are what they are
public final class LoadScope implements AutoCloseable {
    private final Dispatch dispatch;
    private final Map<Class<?>, Object> resources;

    private LoadScope(Builder builder) {
        resources = builder.resources.isEmpty() ? Map.of() : Map.copyOf(builder.resources);
        dispatch = new Dispatch(this, builder.executor, builder.context, !resources.isEmpty(), builder.time);
    }

    /** {@return a scope of the calling thread, without an executor} */
    public static LoadScope open() {
        return builder().open();
    }

    /** {@return a builder of a scope; everything is optional} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * {@return a loader in this scope} The same for the same loader.
     *
     * @param loader the loader
     * @param <K> the type of the keys
     * @param <V> the type of the values
     */
    public <K, V> ScopedLoader<K, V> loader(Loader<K, V> loader) {
        return dispatch.loader(Objects.requireNonNull(loader, "loader"));
    }

    /**
     * {@return what was bound to this scope} To be asked for in a batch function, which runs on the right thread.
     *
     * @param type what it was bound as
     * @param <R> the type
     * @throws IllegalStateException if it is bound, and this is not the thread that opened the scope
     */
    public <R> Optional<R> resource(Class<R> type) {
        Object bound = resources.get(Objects.requireNonNull(type, "type"));
        if (bound != null && Thread.currentThread() != dispatch.owner()) {
            throw new IllegalStateException("What is bound as " + type.getName()
                    + " belongs to the thread that opened the scope; ask for it in a batch function, not in a task");
        }
        return Optional.ofNullable(type.cast(bound));
    }

    /**
     * Runs a task on the executor, which should have a thread for each task, as one for virtual threads has: tasks that wait
     * for a thread are waited for until {@link Loader.Builder#maxWait}.
     *
     * @param task what to run; what it throws is in the future, and an {@code Error} also flies on its thread
     * @param <T> the type of what it returns
     * @return its future; waiting for it counts as waiting in the scope
     * @throws IllegalStateException if the scope has no executor, or is closed
     * @throws java.util.concurrent.RejectedExecutionException if the executor does not take it
     */
    public <T> Future<T> fork(Callable<? extends T> task) {
        Objects.requireNonNull(task, "task");
        return dispatch.fork(new Forked<T>(dispatch, task::call));
    }

    /**
     * {@return what a function makes of each item, in their order} Each runs as a task of its own, so that what they load is
     * loaded together. Waits for all of them.
     *
     * @param items the items
     * @param f what to do with each; what it throws flies here when all have ended
     * @param <A> the type of the items
     * @param <B> the type of what comes out
     * @throws IllegalStateException as {@link #fork}
     * @throws CancellationException if the calling thread is interrupted; its flag is set, and the tasks are cancelled
     */
    public <A, B> List<B> mapAll(Collection<? extends A> items, Function<? super A, ? extends B> f) {
        Objects.requireNonNull(f, "f");
        List<Future<B>> tasks = new ArrayList<>(items.size());
        List<B> results = new ArrayList<>(items.size());
        Throwable thrown = null;
        boolean forked = false;
        boolean gathers = dispatch.gather();
        try {
            for (A item : items) {
                tasks.add(fork(() -> f.apply(item)));
            }
            forked = true;
            if (gathers) {
                gathers = false;
                dispatch.gathered();
            }
            for (Future<B> task : tasks) {
                try {
                    results.add(task.get());
                } catch (ExecutionException e) {
                    thrown = both(thrown, Objects.requireNonNull(e.getCause()));
                }
            }
        } catch (InterruptedException e) {
            forked = false;
            Thread.currentThread().interrupt();
            var interrupted = new CancellationException("Interrupted while tasks were running");
            interrupted.initCause(e);
            throw interrupted;
        } finally {
            if (gathers) {
                dispatch.gathered();
            }
            if (!forked) {
                tasks.forEach(task -> task.cancel(true));
            }
        }
        if (thrown != null) {
            LoadScope.<RuntimeException>rethrow(thrown);
        }
        return results;
    }

    /** What a function throws may be a checked exception, if another language or a generated method made it. */
    @SuppressWarnings("unchecked") // not checked at run time, which is the point
    private static <X extends Throwable> void rethrow(Throwable thrown) throws X {
        throw (X) thrown;
    }

    private static Throwable both(@Nullable Throwable first, Throwable next) {
        if (first == null) {
            return next;
        }
        if (first != next) {
            first.addSuppressed(next);
        }
        return first;
    }

    /**
     * {@return what a wait returns that the scope cannot see} The calling task does not count meanwhile, so batches do not wait
     * for it.
     *
     * @param foreignWait waits, for a remote call or a lock
     * @param <T> the type of what it returns
     */
    public <T> T blocking(Supplier<? extends T> foreignWait) {
        Members.Member member = dispatch.pause();
        try {
            return foreignWait.get();
        } finally {
            dispatch.resume(member);
        }
    }

    /**
     * Has everything loaded that was asked for, without waiting for tasks that do not wait yet: on the executor if there is
     * one that takes it, so that this returns at once, else on this thread. In a scope with something bound it does nothing on any
     * other thread than the one that opened it, which runs the batches when it comes to wait.
     */
    public void flush() {
        dispatch.flush();
    }

    /**
     * Forgets everything. What has been asked for and does not run yet fails with {@link BatchingErrors#SCOPE_CLOSED}, as does
     * what is asked for from now on; a batch that runs ends as it does. Does not wait for tasks.
     */
    @Override
    public void close() {
        dispatch.close();
    }

    /** Opens scopes. Confined to one thread. */
    public static final class Builder {
        private final Map<Class<?>, Object> resources = new HashMap<>(0);
        private @Nullable Executor executor;
        private @Nullable Executor context;
        private TimeSource time = TimeSource.system();

        private Builder() {}

        /**
         * Sets what runs the tasks of {@link LoadScope#fork}, what was registered on futures, and batches that no thread of the
         * scope is there to run; nothing by default. An executor should run many tasks at once, such as one that starts a
         * virtual thread for each.
         *
         * @param executor runs tasks
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets in what context batches and tasks run where another thread than the one that opens the scope runs them: an
         * executor that runs what it is given on the calling thread, before it returns, in the context that was captured when it
         * was made, such as {@code Context.current().wrap(Runnable::run)} of OpenTelemetry. None by default.
         *
         * @param context runs on the calling thread
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder context(Executor context) {
            this.context = Objects.requireNonNull(context, "context");
            return this;
        }

        /**
         * Binds what batch functions use and what must stay on one thread, such as the connection of a transaction: all batches
         * then run on the thread that opens the scope.
         *
         * @param type what it is asked for as
         * @param resource what is bound
         * @param <R> the type
         * @return this
         */
        @CanIgnoreReturnValue
        public <R> Builder bind(Class<R> type, R resource) {
            resources.put(Objects.requireNonNull(type, "type"), Objects.requireNonNull(resource, "resource"));
            return this;
        }

        /**
         * Sets the time; that of this machine by default.
         *
         * @param time the time
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /** {@return a scope of the calling thread} */
        public LoadScope open() {
            return new LoadScope(this);
        }
    }
}
