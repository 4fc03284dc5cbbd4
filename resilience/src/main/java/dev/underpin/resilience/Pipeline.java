package dev.underpin.resilience;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.result.ValidationError;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Calls to one dependency: total deadline, retries with a budget, circuit breaker, quota, limit of concurrent calls, attempt
 * timeout, in this order from the outside to the inside. Other orders cannot be written down. Where no quota and no limit of
 * concurrent calls is given there is none; all else is on.
 *
 * <ul>
 *   <li>Errors are values: an {@code Err} counts, is repeated, or ends the call, by its kind and by what it says of a
 *       repeat. What the call throws is translated and then treated alike.
 *   <li>A call ends with the last error of the dependency itself, the same instance. Only a call that reached it not once
 *       ends with one of {@link ResilienceErrors}, which carries {@code retryAfter} if it is known.
 *   <li>Each attempt counts once for the breaker, each call once for the budget. What this pipeline, or another, refused by
 *       itself counts for neither.
 *   <li>The body runs on the calling thread. If its time is over the thread is interrupted, and the flag is down again when
 *       the call returns. A body that does not listen ends when it ends; until then it keeps its place.
 *   <li>If a blocking call answers after it was interrupted, that is an answer; any other failure then is an
 *       {@code ATTEMPT_TIMEOUT}.
 *   <li>An interrupt from elsewhere ends the call with {@code CALL_CANCELLED}, and the flag stays up. An {@code Error} is
 *       thrown on, counted as a failure, with every permit given back.
 * </ul>
 *
 * <p>One pipeline belongs to one dependency and lives as long as the service; it keeps some kilobytes. Thread-safe.
 */
public final class Pipeline {
    /*
     * What is counted lives here, what is set lives in Stages. A call reads the stages once, so it runs under one set of
     * them from its beginning to its end.
     */
    /** An attempt that had a second had a chance, however long a pipeline would wait. */
    private static final long FAIR_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    private final TimeSource time;
    private final RandomGenerator random;
    private final Cutoff cutoff;
    private final LongAdder late = new LongAdder();
    private final LongAdder listenerErrors = new LongAdder();
    private final Rejection cancelled;
    private final Rejection expired;
    private final Rejection full;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile Builder set;
    private volatile Stages stages;

    private Pipeline(Builder builder) {
        name = builder.name;
        time = builder.time;
        random = builder.random;
        cutoff = Cutoff.of(time);
        cancelled = Rejection.of(ResilienceErrors.CALL_CANCELLED, this, name);
        expired = Rejection.of(ResilienceErrors.DEADLINE_EXCEEDED, this, name);
        full = Rejection.of(ResilienceErrors.BULKHEAD_FULL, this, name);
        set = builder.copy();
        if (set.budget == null) {
            set.budget = RetryBudget.standard(); // one for each pipeline that a builder builds
        }
        stages = stages(set, null);
    }

    /**
     * {@return a builder of the standard pipeline}
     *
     * @param dependency the name in metrics, logs and settings: letters, digits, {@code -}, {@code _} and {@code .}, at
     *     most 64; not that of a user or a host
     */
    public static Builder named(String dependency) {
        return new Builder(Check.name(dependency));
    }

    /**
     * {@return the answer of the dependency, or why there is none}
     *
     * @param call whether a repeat does harm, and by when the answer is wanted
     * @param body the remote call, made once or more often
     * @param <T> the type of the value
     */
    public <T> Result<T, DomainError> call(Call call, RemoteCall<? extends T> body) {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(body, "body");
        Stages now = stages;
        long start = time.nanoTime();
        long due = call.due(start, start + now.deadlineNanos());
        if (!now.enabled()) {
            return passedThrough(now, call, body, start, due);
        }
        Result<T, DomainError> result;
        try {
            result = attempt(now, call, body, 1, start, due);
        } catch (Throwable e) {
            died(now, 1, start);
            throw e;
        }
        if (result.isOk()) {
            now.budget().succeeded(0);
            if (now.notices().heard()) {
                now.notices().call(1, time.nanoTime() - start, StopReason.SUCCESS, null);
            }
            return result;
        }
        DomainError error = errorOf(result);
        StopReason last = Course.endedBy(this, now, call, 1, error);
        if (last == null) {
            return repeated(now, call, body, start, due, result);
        }
        if (now.notices().heard()) {
            now.notices().call(isOwn(error) ? 0 : 1, time.nanoTime() - start, last, error.code());
        }
        return result;
    }

    /**
     * {@return the answer of the dependency, or why there is none, later}
     *
     * <p>It always completes; exceptionally only if the body throws an {@code Error}, or its stage fails with one. If it is
     * cancelled, or completed by the caller, no further attempt is made, and the stage of the running one is cancelled.
     * The same happens to a stage whose time is over. An attempt keeps its place until its stage is complete: for work
     * that goes on when its future is cancelled, return a {@link CompletableFuture#minimalCompletionStage}.
     *
     * <p>The first attempt is made on the calling thread if nothing must be waited for, every other on the executor. An
     * executor that refuses, or has not begun at the deadline, ends the call with what there is.
     *
     * @param call whether a repeat does harm, and by when the answer is wanted
     * @param body starts the remote call, once or more often
     * @param <T> the type of the value
     */
    public <T> CompletableFuture<Result<T, DomainError>> callAsync(
            Call call,
            Function<? super Attempt, ? extends CompletionStage<? extends Result<? extends T, ? extends DomainError>>>
                    body) {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(body, "body");
        Stages now = stages;
        long start = time.nanoTime();
        var running = new AsyncCall<T>(this, now, call, body, start, call.due(start, start + now.deadlineNanos()));
        running.begin();
        return running.promise();
    }

    /**
     * Changes the pipeline while it runs. What the breaker has counted, the tokens of the budget, used quotas and running
     * calls stay; a call that has begun ends as it began.
     *
     * @param change gets a builder with the present settings; asked again if they were changed meanwhile
     * @throws IllegalArgumentException if a setting is refused, or one that cannot change was changed: time, random
     */
    public void reconfigure(UnaryOperator<Builder> change) {
        Builder before;
        do {
            before = set;
        } while (!applied(change.apply(before.copy()), before));
        stages.notices().reconfigured();
    }

    private boolean applied(Builder changed, Builder before) {
        changing.lock();
        try {
            if (set != before) {
                return false;
            }
            apply(changed);
            return true;
        } finally {
            changing.unlock();
        }
    }

    /**
     * Changes the pipeline while it runs, by settings.
     *
     * @param sources settings by name, those of the first source that has one; see {@link Builder#build(List)}
     * @return every fault of the settings; then nothing was changed
     */
    public Result<Unit, ValidationError> reconfigure(List<? extends Map<String, String>> sources) {
        changing.lock();
        try {
            Result<Builder, ValidationError> changed = Settings.applied(set.copy(), sources);
            if (changed instanceof Result.Err<Builder, ValidationError> faults) {
                return Result.err(faults.error());
            }
            apply(changed.orElseThrow());
        } finally {
            changing.unlock();
        }
        stages.notices().reconfigured();
        return Result.ok();
    }

    /** {@return what it is doing} */
    public PipelineState state() {
        Stages now = stages;
        long nanos = time.nanoTime();
        Breaker breaker = now.enabled() ? now.breaker() : null;
        Bulkhead bulkhead = now.bulkhead();
        return new PipelineState(
                name,
                breaker == null ? PipelineState.Breaker.OFF : breaker.state(nanos),
                Duration.ofNanos(breaker == null ? 0 : breaker.notClosedNanos(nanos)),
                bulkhead == null ? -1 : bulkhead.inFlight(),
                now.budget().left(nanos),
                late.sum(),
                listenerErrors.sum(),
                Optional.ofNullable(now.critical()));
    }

    /**
     * {@return every setting in effect, by its name, from the outermost stage to the innermost}: for a log at the start, and
     * for tests. Given to {@link Builder#build(List)} it makes the same pipeline, tables and listeners apart.
     */
    public Map<String, String> describe() {
        changing.lock();
        try {
            return Settings.described(set);
        } finally {
            changing.unlock();
        }
    }

    /** {@return the sources that most services have: system properties, then the environment, then a file} */
    public static List<Map<String, String>> environment(Map<String, String> file) {
        Map<String, String> properties = new LinkedHashMap<>();
        for (String key : System.getProperties().stringPropertyNames()) {
            properties.put(key, System.getProperty(key, ""));
        }
        return List.of(properties, System.getenv(), Map.copyOf(file));
    }

    String name() {
        return name;
    }

    TimeSource time() {
        return time;
    }

    Rejection expired() {
        return expired;
    }

    Rejection cancelled() {
        return cancelled;
    }

    Rejection full() {
        return full;
    }

    Rejection rateLimited(long waitNanos) {
        return Rejection.of(ResilienceErrors.RATE_LIMITED, this, name, Duration.ofNanos(waitNanos));
    }

    @SuppressWarnings("ReferenceEquality") // another instance is another time, whatever it says
    private void apply(Builder changed) {
        if (!changed.time.equals(time) || !changed.random.equals(random) || !changed.name.equals(name)) {
            throw new IllegalArgumentException("name, time and random of a pipeline cannot change while it runs");
        }
        Stages next = stages(changed, stages);
        set = changed.copy();
        stages = next;
    }

    /** {@return stages as they are set, with what the present ones have counted} */
    private Stages stages(Builder to, @Nullable Stages from) {
        var notices = new Notices(name, to.listener, listenerErrors);
        RetryBudget budget = to.budgetOrStandard();
        if (from != null && !budget.equals(from.budget())) {
            budget.succeed(from.budget());
        }
        long attemptNanos = Math.min(
                Deadline.nanos(to.deadline),
                to.attemptTimeout == null ? Long.MAX_VALUE : Deadline.nanos(to.attemptTimeout));
        return new Stages(
                to.enabled,
                Deadline.nanos(to.deadline),
                attemptNanos,
                to.interrupting,
                to.retry,
                Stages.retry(name, to.retry, random),
                budget,
                breaker(to, from == null ? null : from.breaker(), notices),
                limit(to.rateLimit, from == null ? null : from.limit()),
                bulkhead(to, from == null ? null : from.bulkhead()),
                Deadline.nanos(to.maxWait),
                to.outcome,
                to.translate,
                to.executor,
                to.critical,
                notices);
    }

    private @Nullable Breaker breaker(Builder to, @Nullable Breaker present, Notices notices) {
        if (to.breaker.isOff()) {
            return null;
        }
        var settings = new Breaker.Settings(to.breaker, Deadline.nanos(to.deadline), notices);
        if (present == null) {
            return new Breaker(name, this, settings, time, random, late);
        }
        present.reconfigure(settings);
        return present;
    }

    private @Nullable OutboundLimit limit(@Nullable Bandwidth bandwidth, @Nullable OutboundLimit present) {
        if (bandwidth == null) {
            return null;
        }
        if (present == null) {
            return new OutboundLimit(bandwidth, time.nanoTime());
        }
        present.reconfigure(bandwidth);
        return present;
    }

    private @Nullable Bulkhead bulkhead(Builder to, @Nullable Bulkhead present) {
        if (to.maxConcurrent == 0) {
            return null;
        }
        if (present == null) {
            return new Bulkhead(time, to.maxConcurrent, Integer.MAX_VALUE);
        }
        present.resize(to.maxConcurrent);
        return present;
    }

    /** One attempt, through every stage inside of the retry. */
    private <T> Result<T, DomainError> attempt(
            Stages now, Call call, RemoteCall<? extends T> body, int number, long at, long due) {
        if (Thread.currentThread().isInterrupted()) {
            return rejected(now, cancelled);
        }
        if (due - at <= 0) {
            return rejected(now, expired);
        }
        Breaker breaker = now.breaker();
        Breaker.Phase permit = null;
        if (breaker != null) {
            permit = breaker.tryAcquire(at);
            if (permit == null) {
                return rejected(now, breaker.rejection(at));
            }
        }
        if (now.limit() == null && now.bulkhead() == null) {
            return run(now, call, body, number, at, due, permit);
        }
        return limited(now, call, body, number, at, due, permit);
    }

    private <T> Result<T, DomainError> limited(
            Stages now,
            Call call,
            RemoteCall<? extends T> body,
            int number,
            long at,
            long due,
            Breaker.@Nullable Phase permit) {
        OutboundLimit limit = now.limit();
        long wait = limit == null ? 0 : limit.tryAcquire(at);
        if (wait > 0) {
            release(now, permit);
            return rejected(now, rateLimited(wait));
        }
        Bulkhead bulkhead = now.bulkhead();
        if (bulkhead == null) {
            return run(now, call, body, number, at, due, permit);
        }
        long begin = at;
        if (!bulkhead.tryEnter()) {
            Bulkhead.Entry entry = null;
            try {
                entry = bulkhead.enter(Math.min(now.maxWaitNanos(), due - at));
            } finally {
                if (entry == null) {
                    release(now, permit); // the time source refused to schedule the end of the wait
                }
            }
            if (entry != Bulkhead.Entry.ENTERED) {
                release(now, permit);
                return rejected(now, entry == Bulkhead.Entry.FULL ? full : cancelled);
            }
            begin = time.nanoTime();
        }
        try {
            if (due - begin <= 0) {
                release(now, permit);
                return rejected(now, expired);
            }
            return run(now, call, body, number, begin, due, permit);
        } finally {
            bulkhead.leave();
        }
    }

    private <T> Result<T, DomainError> run(
            Stages now,
            Call call,
            RemoteCall<? extends T> body,
            int number,
            long begin,
            long due,
            Breaker.@Nullable Phase permit) {
        long attemptDue = due - begin > now.attemptNanos() ? begin + now.attemptNanos() : due;
        if (number == 1) {
            now.budget().call(begin); // before it is sent: a budget must see what is under way
        }
        Cutoff.Slot slot = null;
        Result<? extends T, ? extends DomainError> answer = null;
        Exception thrown = null;
        boolean complete = false;
        boolean cut;
        try {
            slot = now.interrupting() ? cutoff.arm(attemptDue) : null;
            answer = body.call(new Attempt(call, number, time, attemptDue));
            complete = true;
        } catch (Exception e) {
            thrown = e;
            complete = true;
        } finally {
            cut = slot != null && cutoff.disarm(slot);
            if (!complete) {
                judge(now, permit, begin, ResilienceErrors.CALL_FAILED.error(), Outcome.FAILURE);
            }
        }
        return concluded(now, permit, begin, attemptDue, answer, thrown, cut);
    }

    private <T> Result<T, DomainError> concluded(
            Stages now,
            Breaker.@Nullable Phase permit,
            long begin,
            long due,
            @Nullable Result<? extends T, ? extends DomainError> answer,
            @Nullable Exception thrown,
            boolean cut) {
        if (answer instanceof Result.Ok) {
            Breaker breaker = now.breaker();
            if (permit != null && breaker != null) {
                long end = time.nanoTime();
                breaker.success(permit, end - begin, end);
            }
            return Result.widen(answer);
        }
        return failed(now, permit, begin, due, answer, thrown, cut);
    }

    private <T> Result<T, DomainError> failed(
            Stages now,
            Breaker.@Nullable Phase permit,
            long begin,
            long due,
            @Nullable Result<? extends T, ? extends DomainError> answer,
            @Nullable Exception thrown,
            boolean cut) {
        if (thrown != null && !cut && Thrown.isInterrupt(thrown)) {
            Thread.currentThread().interrupt();
        }
        Result<T, DomainError> result = answer != null ? Result.widen(answer) : Result.err(thrownError(now, thrown));
        DomainError error = errorOf(result);
        Outcome outcome = now.outcomeOf(error);
        if (cut && outcome != Outcome.SUCCESS) {
            error = timedOut(thrown);
            result = Result.err(error);
            outcome = Outcome.FAILURE;
        }
        if (outcome == Outcome.FAILURE && error.kind() == ErrorKind.TIMEOUT && isHurried(now, begin, due)) {
            outcome = Outcome.IGNORE;
        }
        judge(now, permit, begin, error, outcome);
        return result;
    }

    /** {@return whether an attempt had so little time that its timeout says nothing of the dependency} See Call.within. */
    static boolean isHurried(Stages now, long begin, long due) {
        return due - begin < Math.min(now.attemptNanos() / 2, FAIR_NANOS);
    }

    DomainError timedOut(@Nullable Throwable thrown) {
        DomainError.Builder error =
                DomainError.builder(ResilienceErrors.ATTEMPT_TIMEOUT).arg("name", name);
        return thrown == null ? error.build() : error.cause(thrown).build();
    }

    DomainError thrownError(Stages now, @Nullable Exception thrown) {
        return thrown != null
                ? now.translated(thrown)
                : DomainError.builder(ResilienceErrors.CALL_FAILED)
                        .arg("name", name)
                        .cause(new NullPointerException("the call to " + name + " returned null"))
                        .build();
    }

    static DomainError errorOf(Result<?, DomainError> result) {
        return ((Result.Err<?, DomainError>) result).error();
    }

    /** Tells the breaker what an attempt that did not succeed says of the dependency. */
    void judge(Stages now, Breaker.@Nullable Phase permit, long begin, DomainError error, Outcome outcome) {
        Breaker breaker = now.breaker();
        if (permit == null || breaker == null) {
            return;
        }
        long end = time.nanoTime();
        switch (outcome) {
            case SUCCESS -> breaker.success(permit, end - begin, end);
            case FAILURE -> breaker.failure(permit, end - begin, end, error);
            case IGNORE -> breaker.release(permit);
        }
    }

    void release(Stages now, Breaker.@Nullable Phase permit) {
        Breaker breaker = now.breaker();
        if (permit != null && breaker != null) {
            breaker.release(permit);
        }
    }

    <T> Result<T, DomainError> rejected(Stages now, Rejection rejection) {
        if (now.notices().heard()) {
            now.notices().rejected(rejection.code());
        }
        return rejection.asResult();
    }

    /** {@return whether this pipeline let no attempt through} */
    boolean isOwn(DomainError error) {
        return error instanceof Rejection rejection && rejection.isMadeBy(this);
    }

    /** What follows on a first attempt that failed, and may be repeated. */
    private <T> Result<T, DomainError> repeated(
            Stages now, Call call, RemoteCall<? extends T> body, long start, long due, Result<T, DomainError> first) {
        var course = new Course(this, now, call, due);
        Result<T, DomainError> last = first;
        long delay = course.another(errorOf(first));
        while (delay >= 0) {
            if (!slept(delay)) {
                course.cancelled();
                last = rejected(now, cancelled);
                break;
            }
            Result<T, DomainError> next;
            try {
                next = attempt(now, call, body, course.number(), time.nanoTime(), due);
            } catch (Throwable e) {
                died(now, course.number(), start);
                throw e;
            }
            // Who could not even ask again has nothing better to tell than what was answered before.
            last = !next.isOk() && course.refused(errorOf(next)) ? last : next;
            if (course.isOver()) {
                break;
            }
            delay = last.isOk() ? course.succeeded() : course.failed(errorOf(last));
        }
        if (now.notices().heard()) {
            now.notices()
                    .call(
                            course.attempts(),
                            time.nanoTime() - start,
                            course.stopped(),
                            last.isOk() ? null : errorOf(last).code());
        }
        return last;
    }

    /** A call that ends with an {@code Error} is heard of, too. */
    private void died(Stages now, int attempts, long start) {
        if (now.notices().heard()) {
            now.notices()
                    .call(attempts, time.nanoTime() - start, StopReason.NOT_RETRYABLE, ResilienceErrors.CALL_FAILED);
        }
    }

    private boolean slept(long nanos) {
        try {
            time.sleep(Duration.ofNanos(nanos));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A pipeline that is switched off calls and translates, and no more. */
    private <T> Result<T, DomainError> passedThrough(
            Stages now, Call call, RemoteCall<? extends T> body, long start, long due) {
        Result<T, DomainError> result;
        try {
            Result<? extends T, ? extends DomainError> answer = body.call(new Attempt(call, 1, time, due));
            result = answer != null ? Result.widen(answer) : Result.err(thrownError(now, null));
        } catch (Exception e) {
            if (Thrown.isInterrupt(e)) {
                Thread.currentThread().interrupt();
            }
            result = Result.err(thrownError(now, e));
        } catch (Throwable e) {
            died(now, 1, start);
            throw e;
        }
        if (now.notices().heard()) {
            now.notices()
                    .call(
                            1,
                            time.nanoTime() - start,
                            result.isOk() ? StopReason.SUCCESS : StopReason.NOT_RETRYABLE,
                            result.isOk() ? null : errorOf(result).code());
        }
        return result;
    }

    /**
     * Builds a {@link Pipeline}; without a word, the standard one. Confined to one thread. Durations must not be negative,
     * and what is not as described is refused with an {@link IllegalArgumentException} where it is said.
     */
    public static final class Builder {
        final String name;
        boolean enabled = true;
        Duration deadline = Duration.ofSeconds(5);

        @Nullable
        Duration attemptTimeout;

        boolean interrupting = true;
        RetryPolicy retry = RetryPolicy.standard();

        @Nullable
        RetryBudget budget;

        BreakerPolicy breaker = BreakerPolicy.standard();

        @Nullable
        Bandwidth rateLimit;

        int maxConcurrent;
        Duration maxWait = Duration.ZERO;

        @Nullable
        Duration critical;

        Function<? super DomainError, Outcome> outcome = Outcome::of;
        Function<? super Exception, ? extends DomainError> translate = Thrown::classify;
        Executor executor = new CompletableFuture<Void>().defaultExecutor();

        @Nullable
        PipelineListener listener;

        TimeSource time = TimeSource.system();
        RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

        private Builder(String name) {
            this.name = name;
        }

        RetryBudget budgetOrStandard() {
            return budget == null ? RetryBudget.standard() : budget;
        }

        Builder copy() {
            var copy = new Builder(name);
            copy.enabled = enabled;
            copy.deadline = deadline;
            copy.attemptTimeout = attemptTimeout;
            copy.interrupting = interrupting;
            copy.retry = retry;
            copy.budget = budget;
            copy.breaker = breaker;
            copy.rateLimit = rateLimit;
            copy.maxConcurrent = maxConcurrent;
            copy.maxWait = maxWait;
            copy.critical = critical;
            copy.outcome = outcome;
            copy.translate = translate;
            copy.executor = executor;
            copy.listener = listener;
            copy.time = time;
            copy.random = random;
            return copy;
        }

        /**
         * Switches the pipeline off, so that it calls once and translates what is thrown; the listener hears it. On by
         * default. What it has counted is kept.
         *
         * @param enabled whether it works
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder enabled(boolean enabled) {
            this.enabled = enabled;
            return this;
        }

        /**
         * Sets how long a call may take with all its attempts and delays; 5 s by default.
         *
         * @param total how long at most
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder deadline(Duration total) {
            deadline = Check.positive("deadline", total);
            return this;
        }

        /**
         * Sets how long one attempt may take; what is left until the deadline by default.
         *
         * @param timeout how long at most
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder attemptTimeout(Duration timeout) {
            attemptTimeout = Check.positive("attemptTimeout", timeout);
            return this;
        }

        /**
         * Sets whether the thread of a blocking call is interrupted when the time of its attempt is over; by default it is.
         * Without it a call can outlast its deadline, by as long as the body does. Say no for what an interrupt harms: a
         * {@link java.nio.channels.FileChannel} is closed by one.
         *
         * @param interrupting whether it is
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder interrupting(boolean interrupting) {
            this.interrupting = interrupting;
            return this;
        }

        /**
         * Sets how often and when a call is repeated; {@link RetryPolicy#standard} by default.
         *
         * @param policy the policy
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder retry(RetryPolicy policy) {
            retry = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets what retries are paid from; one of its own, {@link RetryBudget#standard}, by default.
         *
         * @param budget the budget
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder budget(RetryBudget budget) {
            this.budget = Objects.requireNonNull(budget, "budget");
            return this;
        }

        /**
         * Sets when the circuit opens; {@link BreakerPolicy#standard} by default.
         *
         * @param policy the policy
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder breaker(BreakerPolicy policy) {
            breaker = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets a quota of attempts, all of which may be used at once and come back evenly; none by default. What is over it
         * is refused with {@code retryAfter}. An attempt that then finds no place ({@code maxConcurrent}) counts as well.
         *
         * @param calls how many
         * @param per in which time
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder rateLimit(int calls, Duration per) {
            rateLimit = Bandwidth.of(calls, per);
            return this;
        }

        /**
         * Sets how many attempts run at once; no limit by default.
         *
         * @param calls how many
         * @param maxWait how long an attempt waits for its turn, in the order of arrival, and not beyond its deadline
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder maxConcurrent(int calls, Duration maxWait) {
            maxConcurrent = Check.atLeast(1, "calls", calls);
            this.maxWait = Check.notNegative("maxWait", maxWait);
            return this;
        }

        /**
         * Declares that the service is of no use without this dependency; otherwise it is taken to be of some.
         *
         * @param grace how long the dependency may be gone before {@link PipelineState#readiness} says so
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder critical(Duration grace) {
            critical = Check.notNegative("grace", grace);
            return this;
        }

        /**
         * Replaces the table of what an error says of the dependency; {@link Outcome#of} by default. Where it throws, the
         * default holds.
         *
         * @param table the outcome of an error
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder outcome(Function<? super DomainError, Outcome> table) {
            outcome = Objects.requireNonNull(table, "table");
            return this;
        }

        /**
         * Replaces the table of what an exception means. By default one that says that nothing was sent is
         * {@code UNAVAILABLE} and may be repeated; another {@link java.io.IOException} may have had its effect; a timeout is
         * an {@code ATTEMPT_TIMEOUT}; a {@link dev.underpin.result.DomainErrorException} is its error; all else is
         * {@code CALL_FAILED}. Where the table throws, the default holds. What futures and streams wrap an exception in is
         * taken off before.
         *
         * @param translator the error of an exception
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder translate(Function<? super Exception, ? extends DomainError> translator) {
            translate = Objects.requireNonNull(translator, "translator");
            return this;
        }

        /**
         * Sets where attempts of asynchronous calls begin that had to wait; that of {@link CompletableFuture} by default. It
         * must run them on threads of its own: one that runs them where they are given runs them on the timer, for whose
         * thread every timeout waits. Where it does not come to its tasks, futures are completed by the timer.
         *
         * @param executor runs them
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets who hears what happens; nobody by default.
         *
         * @param listener hears it
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder listener(PipelineListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets the time; that of the machine by default.
         *
         * @param time measures, sleeps and schedules
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * Sets what jitter is drawn from; {@link ThreadLocalRandom} by default.
         *
         * @param random thread-safe
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /** {@return the pipeline} */
        public Pipeline build() {
            return new Pipeline(this);
        }

        /**
         * {@return the pipeline, with settings that override what this builder was told; or every fault of these settings}
         *
         * <p>A setting is named as {@link Pipeline#describe} shows, behind {@code res.<name>.}: {@code
         * res.risk.retry.max-attempts}. Case, and which of {@code . - _} stands between words, do not count, so {@code
         * RES_RISK_RETRY_MAX_ATTEMPTS} is the same. Durations are {@code 250ms}, {@code 5s}, {@code 2m} or ISO 8601; rates
         * are {@code 0.5} or {@code 50%}. What begins otherwise is left alone; what begins so and is no setting is a fault,
         * unless it may be one of a pipeline whose name begins like this one's ({@code RES_RISK_EU_DEADLINE}): then it is
         * logged. So beside {@code risk} no pipeline should be named {@code risk-retry}, or by another group of settings.
         *
         * @param sources settings by name; if several have one, the first counts. See {@link Pipeline#environment}
         */
        public Result<Pipeline, ValidationError> build(List<? extends Map<String, String>> sources) {
            return Settings.applied(copy(), sources).map(Pipeline::new);
        }
    }
}
