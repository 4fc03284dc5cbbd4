package dev.underpin.resilience;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The door of a server that is asked for more than it can do: so many requests at a time, a bounded queue, and no work for
 * callers that have gone.
 *
 * <p>A request that finds the queue full is refused at once with {@code LOAD_SHED}. One whose deadline passes while it
 * waits is dropped with {@code DEADLINE_EXCEEDED} and never begun: without that, a server that was down for a moment works
 * for nobody but the clients who have given up, and never catches up with those who retry. Requests are served in the order
 * of their arrival. Thread-safe.
 */
public final class LoadShedder {
    /** How long a refusal waits for the executor before the timer tells it. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final TimeSource time;
    private final Executor executor;
    private final Duration maxWait;
    private final Bulkhead bulkhead;
    private final Rejection shed;
    private final Rejection expired;
    private final Rejection cancelled;

    private LoadShedder(Builder builder) {
        time = builder.time;
        executor = builder.executor;
        maxWait = builder.maxWait;
        bulkhead = new Bulkhead(time, builder.maxConcurrent, builder.maxQueued);
        shed = Rejection.of(ResilienceErrors.LOAD_SHED, this, builder.name);
        expired = Rejection.of(ResilienceErrors.DEADLINE_EXCEEDED, this, builder.name);
        cancelled = Rejection.of(ResilienceErrors.CALL_CANCELLED, this, builder.name);
    }

    /**
     * {@return a builder}
     *
     * @param name in errors: what is protected
     */
    public static Builder named(String name) {
        return new Builder(Check.name(name));
    }

    /**
     * {@return the answer of the work, or why it was not begun}
     *
     * @param deadline when the caller stops waiting, as {@link Deadline#parse} read it
     * @param work runs on this thread
     * @param <T> the type of the value
     */
    public <T> Result<T, DomainError> call(
            Deadline deadline, Supplier<? extends Result<? extends T, ? extends DomainError>> work) {
        Objects.requireNonNull(work, "work");
        long left = Math.min(deadline.remainingNanos(), Deadline.nanos(maxWait));
        if (deadline.isExpired()) {
            return expired.asResult();
        }
        Bulkhead.Entry entry = bulkhead.enter(left);
        if (entry != Bulkhead.Entry.ENTERED) {
            return refused(entry, deadline).asResult();
        }
        try {
            return deadline.isExpired() ? expired.asResult() : Result.widen(work.get());
        } finally {
            bulkhead.leave();
        }
    }

    /**
     * {@return the answer of the work, or why it was not begun, later} Completes exceptionally only if the work does. Work
     * that has waited begins on the executor.
     *
     * @param deadline when the caller stops waiting
     * @param work begins on this thread, if there is a place for it
     * @param <T> the type of the value
     */
    public <T> CompletableFuture<Result<T, DomainError>> callAsync(
            Deadline deadline,
            Supplier<? extends CompletionStage<? extends Result<? extends T, ? extends DomainError>>> work) {
        Objects.requireNonNull(work, "work");
        var promise = new CompletableFuture<Result<T, DomainError>>();
        if (deadline.isExpired()) {
            promise.complete(expired.asResult());
        } else if (bulkhead.tryEnter()) {
            begin(deadline, work, promise);
        } else {
            long left = Math.min(deadline.remainingNanos(), Deadline.nanos(maxWait));
            Bulkhead.Waiter waiter = bulkhead.enterLater(left, entered -> {
                if (entered) {
                    Runnable refuse = () -> {
                        bulkhead.leave();
                        promise.complete((deadline.isExpired() ? expired : cancelled).asResult());
                    };
                    hand(() -> begin(deadline, work, promise), refuse, deadline.remainingNanos());
                } else {
                    // Others may wait for this promise, and what they do must not hold up the timer.
                    Runnable refuse = () -> promise.complete(
                            refused(Bulkhead.Entry.FULL, deadline).asResult());
                    hand(refuse, refuse, PATIENCE_NANOS);
                }
            });
            var unused = promise.whenComplete((result, thrown) -> {
                var unusedToo = bulkhead.giveUp(waiter);
            });
        }
        return promise;
    }

    /** {@return how many are being served} */
    public int inFlight() {
        return bulkhead.inFlight();
    }

    private Rejection refused(Bulkhead.Entry entry, Deadline deadline) {
        if (entry == Bulkhead.Entry.INTERRUPTED) {
            return cancelled;
        }
        return deadline.isExpired() ? expired : shed;
    }

    private void hand(Runnable step, Runnable instead, long patienceNanos) {
        new HandOver(step, instead).begin(executor, time, patienceNanos);
    }

    private <T> void begin(
            Deadline deadline,
            Supplier<? extends CompletionStage<? extends Result<? extends T, ? extends DomainError>>> work,
            CompletableFuture<Result<T, DomainError>> promise) {
        if (promise.isDone() || deadline.isExpired()) {
            bulkhead.leave();
            promise.complete(expired.asResult());
            return;
        }
        CompletionStage<? extends Result<? extends T, ? extends DomainError>> stage;
        try {
            stage = Objects.requireNonNull(work.get(), "work returned null");
        } catch (Throwable e) {
            bulkhead.leave();
            promise.completeExceptionally(e);
            return;
        }
        var unused = stage.whenComplete((answer, thrown) -> {
            bulkhead.leave();
            if (thrown != null) {
                promise.completeExceptionally(Thrown.unwrapped(thrown));
            } else if (answer == null) {
                promise.completeExceptionally(new NullPointerException("the stage of the work completed with null"));
            } else {
                promise.complete(Result.widen(answer));
            }
        });
    }

    /** Builds a {@link LoadShedder}. Confined to one thread. */
    public static final class Builder {
        private final String name;
        private int maxConcurrent = 64;
        private int maxQueued = 64;
        private Duration maxWait = Duration.ofSeconds(1);
        private Executor executor = new CompletableFuture<Void>().defaultExecutor();
        private TimeSource time = TimeSource.system();

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Sets how many requests are served at once; 64 by default.
         *
         * @param requests how many
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder maxConcurrent(int requests) {
            maxConcurrent = Check.atLeast(1, "requests", requests);
            return this;
        }

        /**
         * Sets how many wait at most, and for how long; by default 64, and a second. Their own deadlines may be shorter.
         *
         * @param requests how many, 0 for none
         * @param maxWait how long at most
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder maxQueued(int requests, Duration maxWait) {
            maxQueued = Check.atLeast(0, "requests", requests);
            this.maxWait = Check.notNegative("maxWait", maxWait);
            return this;
        }

        /**
         * Sets where asynchronous work begins that had to wait; that of {@link CompletableFuture} by default. It must run it on
         * threads of its own.
         *
         * @param executor runs it
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets the time; that of the machine by default.
         *
         * @param time measures and schedules
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /** {@return the load shedder} */
        public LoadShedder build() {
            return new LoadShedder(this);
        }
    }
}
