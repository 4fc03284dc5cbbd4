package dev.underpin.idempotency;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Executes requests once, whose effects lie outside the database of the store: a payment, a mail. The key is claimed,
 * the body runs in steps under a lease that is renewed while it runs, and its answer is stored. A worker that dies is
 * replaced when its lease ends, and the body goes on where it was.
 *
 * <p>What a duplicate gets: the stored answer, be it a value, which is marked as a repeat, or an error that the operation
 * keeps; or one of {@link IdempotencyErrors}. If the store fails before anything was executed, nothing is, unless the builder was told to
 * fail open. If it fails when the answer is to be stored, the answer is given all the same: it is true, and a duplicate goes
 * on after the steps that are stored; unless the lease was lost, since another worker may have answered.
 *
 * <p>An error that is not kept leaves the key where it was: claimable at once if no step was begun, else when the lease ends.
 * What a body throws is thrown on, and leaves the key as if its worker had died. While the end of a
 * {@link Execution#stepOnce} is not known, both leave it to an operator. Thread-safe.
 */
public final class Idempotency {
    private static final Duration CLOSE_POLL = Duration.ofMillis(10);

    private final IdempotencyStore store;
    private final Notices notices;
    private final TimeSource time;
    private final RandomGenerator random;
    private final boolean failOpen;
    private final Heartbeat heartbeat;
    private final Conclusion conclusion;
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean closed;

    private Idempotency(Builder builder) {
        store = builder.store;
        notices = new Notices(builder.listener);
        time = builder.time;
        random = builder.random;
        failOpen = builder.failOpen;
        heartbeat = new Heartbeat(store, time, builder.executor, notices);
        conclusion = new Conclusion(store, notices);
    }

    /**
     * {@return a builder}
     *
     * @param store where keys are kept
     */
    public static Builder builder(IdempotencyStore store) {
        return new Builder(store);
    }

    /**
     * {@return the answer of the request, of this execution or of an earlier one}
     *
     * <p>The body runs on the calling thread, which is interrupted if the lease is lost; what it then returns is dropped,
     * and the stored answer given if there is one.
     *
     * @param operation what is asked for
     * @param request who asks
     * @param body what to do; whatever has an effect outside is a step of its
     * @param <T> the type of the answer
     */
    public <T> Result<Replay<T>, DomainError> execute(
            Operation<T> operation,
            IdempotentRequest request,
            Function<? super Execution, ? extends Result<? extends T, ? extends DomainError>> body) {
        Objects.requireNonNull(body, "body");
        IdempotencyStore.Key key = key(operation, request.tenant(), request.key());
        running.incrementAndGet(); // before it is asked whether it may: close must not miss it
        try {
            return closed
                    ? rejected(operation, IdempotencyErrors.IDEMPOTENCY_CLOSED.error())
                    : claim(operation, request, key, body);
        } finally {
            running.decrementAndGet();
        }
    }

    /**
     * {@return what is known of a request, for an operator}
     *
     * @param operation what was asked for
     * @param tenant who asked
     * @param key their key
     */
    public Result<Optional<IdempotencyStore.Entry>, DomainError> inspect(
            Operation<?> operation, String tenant, String key) {
        return operate(operation, () -> store.find(key(operation, tenant, key)));
    }

    /**
     * Gives an indeterminate request the answer that an operator found out.
     *
     * @param operation what was asked for
     * @param tenant who asked
     * @param key their key
     * @param answer what is answered from now on
     * @param <T> the type of the answer
     * @return whether the request was indeterminate; else nothing was changed
     */
    public <T> Result<Boolean, DomainError> resolve(
            Operation<T> operation, String tenant, String key, Result<? extends T, ? extends DomainError> answer) {
        byte[] outcome = operation.encode(answer);
        return operate(operation, () -> store.settle(key(operation, tenant, key), outcome, operation.ttl()));
    }

    /**
     * Lets an indeterminate request be sent again: an operator found out that what was interrupted had no effect. Steps
     * that are known to be done stay done.
     *
     * @param operation what was asked for
     * @param tenant who asked
     * @param key their key
     * @return whether the request was indeterminate; else nothing was changed
     */
    public Result<Boolean, DomainError> release(Operation<?> operation, String tenant, String key) {
        return operate(operation, () -> store.settle(key(operation, tenant, key), null, operation.ttl()));
    }

    /**
     * Refuses further requests, with {@link IdempotencyErrors#IDEMPOTENCY_CLOSED}, and waits for those that run. Leases of
     * bodies that are still running are renewed as long as they are.
     *
     * @param maxWait how long to wait
     * @return whether none is running any more; false also if the thread is interrupted, which it then still is
     */
    public boolean close(Duration maxWait) {
        closed = true;
        long deadline = time.nanoTime() + maxWait.toNanos();
        while (running.get() > 0) {
            if (time.nanoTime() - deadline >= 0 || !slept(CLOSE_POLL)) {
                return false;
            }
        }
        return true;
    }

    /* ---- before the body ---- */

    private <T> Result<Replay<T>, DomainError> claim(
            Operation<T> operation,
            IdempotentRequest request,
            IdempotencyStore.Key key,
            Function<? super Execution, ? extends Result<? extends T, ? extends DomainError>> body) {
        long start = time.nanoTime();
        while (true) {
            UUID owner = UUID.randomUUID();
            long asked = time.nanoTime();
            IdempotencyStore.Entry entry;
            try {
                entry = store.claim(key, request.fingerprint(), owner, operation.lease(), operation.ttl());
            } catch (RuntimeException e) {
                notices.storeFailed(operation.name(), e);
                return failOpen
                        ? runUnguarded(operation, key, body)
                        : rejected(operation, storeFailed(e, Retry.SAME_CALL));
            }
            if (entry.owner().equals(owner)) {
                return run(
                        operation,
                        request,
                        new LeasedRun(store, operation, notices, key, owner, entry.steps()),
                        asked,
                        body);
            }
            Result<Replay<T>, DomainError> answer = operation.answer(request, entry);
            if (!Conclusion.isInProgress(answer) || !waited(operation, start)) {
                return told(operation, answer);
            }
        }
    }

    private static IdempotencyStore.Key key(Operation<?> operation, String tenant, String key) {
        return IdempotencyStore.Key.of(tenant, operation.name(), key);
    }

    /** Sleeps until the next poll, holding nothing. {@return whether there is one} */
    private boolean waited(Operation<?> operation, long startNanos) {
        Duration waited = Duration.ofNanos(time.nanoTime() - startNanos);
        return !closed && operation.poll(waited, random).filter(this::slept).isPresent();
    }

    private boolean slept(Duration duration) {
        try {
            time.sleep(duration);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /* ---- the body ---- */

    private <T> Result<Replay<T>, DomainError> run(
            Operation<T> operation,
            IdempotentRequest request,
            LeasedRun run,
            long claimedNanos,
            Function<? super Execution, ? extends Result<? extends T, ? extends DomainError>> body) {
        long start = time.nanoTime();
        run.start();
        try {
            heartbeat.add(run, claimedNanos);
            Result<? extends T, ? extends DomainError> result;
            try {
                result = Objects.requireNonNull(body.apply(run), "A body must not return null");
            } finally {
                run.end();
            }
            return conclusion.of(operation, request, run, Result.widen(result), time.nanoTime() - start);
        } catch (Throwable thrown) {
            conclusion.of(thrown, run);
            throw thrown;
        } finally {
            run.end();
            heartbeat.remove(run);
        }
    }

    private <T> Result<Replay<T>, DomainError> runUnguarded(
            Operation<T> operation,
            IdempotencyStore.Key key,
            Function<? super Execution, ? extends Result<? extends T, ? extends DomainError>> body) {
        long start = time.nanoTime();
        Result<T, DomainError> result = Result.widen(body.apply(new Unguarded(key)));
        notices.executed(operation.name(), time.nanoTime() - start, Conclusion.codeOf(result));
        return result.map(value -> new Replay<>(value, false));
    }

    /* ---- what is told ---- */

    private <T> Result<Replay<T>, DomainError> told(Operation<T> operation, Result<Replay<T>, DomainError> answer) {
        if (answer instanceof Result.Err<Replay<T>, DomainError> err && isOurs(err.error())) {
            return rejected(operation, err.error());
        }
        notices.replayed(operation.name());
        return answer;
    }

    private static boolean isOurs(DomainError error) {
        return error.is(IdempotencyErrors.IDEMPOTENCY_KEY_REUSED)
                || error.is(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS)
                || error.is(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN)
                || error.is(IdempotencyErrors.IDEMPOTENCY_ANSWER_NOT_KEPT)
                || error.is(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE);
    }

    private <T> Result<T, DomainError> rejected(Operation<?> operation, DomainError error) {
        notices.rejected(operation.name(), error.code());
        return Result.err(error);
    }

    private <T> Result<T, DomainError> operate(Operation<?> operation, Supplier<T> call) {
        try {
            return Result.ok(call.get());
        } catch (RuntimeException e) {
            notices.storeFailed(operation.name(), e);
            return Result.err(storeFailed(e, Retry.SAME_CALL));
        }
    }

    static DomainError storeFailed(RuntimeException cause, Retry retry) {
        return DomainError.builder(IdempotencyErrors.IDEMPOTENCY_STORE_FAILED)
                .retry(retry)
                .cause(cause)
                .build();
    }

    /** Builds an {@link Idempotency}; every option has a default. Confined to one thread. */
    @CanIgnoreReturnValue
    public static final class Builder {
        private final IdempotencyStore store;
        private IdempotencyListener listener = new IdempotencyListener() {};
        private TimeSource time = TimeSource.system();
        private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        private Executor executor = DaemonThread.executor();
        private boolean failOpen;

        private Builder(IdempotencyStore store) {
            this.store = Objects.requireNonNull(store, "store");
        }

        /**
         * Sets who hears of each outcome; nobody by default.
         *
         * @param listener the listener
         * @return this
         */
        public Builder listener(IdempotencyListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets the clock by which a worker gives up and a duplicate waits; that of the machine by default. Leases and
         * expiry go by the store's.
         *
         * @param time the time
         * @return this
         */
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * Sets what spreads the polls of waiting duplicates; unseeded by default.
         *
         * @param random thread-safe
         * @return this
         */
        public Builder random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /**
         * Sets where leases are renewed, all of them by one task at a time; a daemon thread of its own by default, which
         * exists while there is something to renew. The executor must not be one that bodies can fill.
         *
         * @param renewals the executor
         * @return this
         */
        public Builder executor(Executor renewals) {
            this.executor = Objects.requireNonNull(renewals, "renewals");
            return this;
        }

        /**
         * Executes requests although the store does not answer, each time they come. Not where a second effect does harm. By
         * default they are refused with {@link IdempotencyErrors#IDEMPOTENCY_STORE_FAILED}.
         *
         * @return this
         */
        public Builder failOpen() {
            this.failOpen = true;
            return this;
        }

        /** {@return what executes requests} */
        public Idempotency build() {
            return new Idempotency(this);
        }
    }
}
