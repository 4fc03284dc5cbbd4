package dev.underpin.resilience;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One asynchronous call: the same stages as a blocking one, with a timer in place of a sleep and a callback in place of a
 * wait. On the thread of the timer, which all share, no code of others runs: what a timer begins, the executor goes on with.
 */
final class AsyncCall<T> {
    /** How long an executor may take to tell of a failure before the thread of the timer does. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Pipeline pipeline;
    private final Stages stages;
    private final Call call;
    private final Function<
                    ? super Attempt, ? extends CompletionStage<? extends Result<? extends T, ? extends DomainError>>>
            body;
    private final long startNanos;
    private final long dueNanos;
    private final Course course;
    private final CompletableFuture<Result<T, DomainError>> promise = new CompletableFuture<>();

    /** Guards what is to be given up if the caller gives up. Never held while code of others runs. */
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable Runnable giveUp;
    private int step;
    private @Nullable Result<T, DomainError> last;
    private volatile int launched;

    /** Set by who tells the listener how it ended: that happens once, whoever completes the promise. */
    private final AtomicBoolean concluded = new AtomicBoolean();

    AsyncCall(
            Pipeline pipeline,
            Stages stages,
            Call call,
            Function<? super Attempt, ? extends CompletionStage<? extends Result<? extends T, ? extends DomainError>>>
                    body,
            long startNanos,
            long dueNanos) {
        this.pipeline = pipeline;
        this.stages = stages;
        this.call = call;
        this.body = body;
        this.startNanos = startNanos;
        this.dueNanos = dueNanos;
        course = new Course(pipeline, stages, call, dueNanos);
    }

    CompletableFuture<Result<T, DomainError>> promise() {
        return promise;
    }

    void begin() {
        var unused = promise.whenComplete((result, thrown) -> {
            try {
                if (concluded.compareAndSet(false, true)) {
                    hear(StopReason.CANCELLED, launched, ResilienceErrors.CALL_CANCELLED);
                }
            } finally {
                abandon();
            }
        });
        guarded(() -> attempt(startNanos, false));
    }

    /** @param handed whether this thread is not the caller's: then a body that blocks must not keep the promise open */
    private void attempt(long at, boolean handed) {
        if (promise.isDone()) {
            return;
        }
        if (!stages.enabled()) {
            launch(at, null, null, handed);
            return;
        }
        if (dueNanos - at <= 0) {
            ended(pipeline.rejected(stages, pipeline.expired()));
            return;
        }
        Breaker breaker = stages.breaker();
        Breaker.Phase permit = breaker == null ? null : breaker.tryAcquire(at);
        if (breaker != null && permit == null) {
            ended(pipeline.rejected(stages, breaker.rejection(at)));
            return;
        }
        OutboundLimit limit = stages.limit();
        long wait = limit == null ? 0 : limit.tryAcquire(at);
        if (wait > 0) {
            pipeline.release(stages, permit);
            ended(pipeline.rejected(stages, pipeline.rateLimited(wait)));
            return;
        }
        Bulkhead bulkhead = stages.bulkhead();
        if (bulkhead == null || bulkhead.tryEnter()) {
            launch(at, permit, bulkhead, handed);
        } else {
            await(bulkhead, permit, at);
        }
    }

    private void await(Bulkhead bulkhead, Breaker.@Nullable Phase permit, long at) {
        long wait = Math.min(stages.maxWaitNanos(), dueNanos - at);
        if (wait <= 0) {
            noPlace(permit);
            return;
        }
        int mine = nextStep();
        // Whoever left the place must not run the call of another, and neither must the timer.
        Bulkhead.Waiter waiter = bulkhead.enterLater(wait, entered -> {
            if (entered) {
                handOver(() -> enter(bulkhead, permit), () -> leave(bulkhead, permit));
            } else {
                conclude(() -> noPlace(permit));
            }
        });
        giveUpBy(mine, () -> {
            if (bulkhead.giveUp(waiter)) {
                pipeline.release(stages, permit);
            }
        });
    }

    private void noPlace(Breaker.@Nullable Phase permit) {
        pipeline.release(stages, permit);
        ended(pipeline.rejected(stages, pipeline.full()));
    }

    private void enter(Bulkhead bulkhead, Breaker.@Nullable Phase permit) {
        long now = pipeline.time().nanoTime();
        if (!promise.isDone() && dueNanos - now > 0) {
            launch(now, permit, bulkhead, true);
            return;
        }
        leave(bulkhead, permit);
        if (!promise.isDone()) {
            ended(pipeline.rejected(stages, pipeline.expired()));
        }
    }

    private void leave(Bulkhead bulkhead, Breaker.@Nullable Phase permit) {
        pipeline.release(stages, permit);
        bulkhead.leave();
    }

    private void launch(long begin, Breaker.@Nullable Phase permit, @Nullable Bulkhead place, boolean handed) {
        long attemptDue = dueNanos - begin > stages.attemptNanos() ? begin + stages.attemptNanos() : dueNanos;
        int mine = nextStep();
        var flight = new Flight(begin, attemptDue, permit, place);
        launched = course.number();
        if (launched == 1 && stages.enabled()) {
            stages.budget().call(begin);
        }
        if (handed) {
            giveUpBy(mine, flight::abandon);
            flight.arm();
        }
        try {
            CompletionStage<? extends Result<? extends T, ? extends DomainError>> stage =
                    body.apply(new Attempt(call, launched, pipeline.time(), attemptDue));
            if (stage == null) {
                flight.land(null, null);
                return;
            }
            flight.stage = stage;
            var unused = stage.whenComplete(flight::land);
        } catch (Throwable e) {
            if (e instanceof InterruptedException) { // not declared, and thrown all the same
                Thread.currentThread().interrupt();
            }
            flight.land(null, e);
            return;
        }
        if (flight.calledOff) {
            flight.cancelStage(); // since before there was a stage
        } else if (!handed && !flight.over.get()) {
            giveUpBy(mine, flight::abandon);
            flight.arm();
        }
    }

    /** An attempt has ended with this; there may be another. */
    private void ended(Result<T, DomainError> result) {
        if (promise.isDone()) {
            return;
        }
        if (!stages.enabled()) {
            complete(result, result.isOk() ? StopReason.SUCCESS : StopReason.NOT_RETRYABLE, 1);
            return;
        }
        Result<T, DomainError> before = last;
        if (before != null && !result.isOk() && course.refused(Pipeline.errorOf(result))) {
            complete(before, course.stopped(), course.attempts());
            return;
        }
        last = result;
        long delay =
                course.isOver() ? -1 : result.isOk() ? course.succeeded() : course.failed(Pipeline.errorOf(result));
        if (delay < 0) {
            complete(result, course.stopped(), course.attempts());
            return;
        }
        int mine = nextStep();
        Future<?> timer = pipeline.time()
                .schedule(
                        Duration.ofNanos(delay),
                        () -> handOver(() -> attempt(pipeline.time().nanoTime(), true), () -> {}));
        giveUpBy(mine, () -> timer.cancel(false));
    }

    /** Goes on with another attempt, on the executor; if that does not come to it, the call ends with what there is. */
    private void handOver(Runnable step, Runnable undo) {
        var task = new HandOver(() -> guarded(step), () -> {
            undo.run();
            guarded(this::endWithWhatThereIs);
        });
        giveUpBy(nextStep(), () -> {
            if (task.callOff()) {
                undo.run();
            }
        });
        task.begin(
                stages.executor(), pipeline.time(), dueNanos - pipeline.time().nanoTime());
    }

    private void endWithWhatThereIs() {
        Result<T, DomainError> before = last;
        boolean inTime = dueNanos - pipeline.time().nanoTime() > 0;
        Rejection why = inTime ? pipeline.cancelled() : pipeline.expired();
        var unused = course.refused(why);
        complete(before != null ? before : pipeline.rejected(stages, why), course.stopped(), course.attempts());
    }

    /** Ends an attempt, on the executor, because others may wait for it there. */
    private void conclude(Runnable step) {
        Runnable task = () -> guarded(step);
        new HandOver(task, task).begin(stages.executor(), pipeline.time(), PATIENCE_NANOS);
    }

    /** Runs a step of this call. If it fails, so does the call: its promise must not stay open for ever. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            broken(e);
        }
    }

    private void broken(Throwable thrown) {
        if (thrown instanceof Exception bug) {
            complete(Result.err(Thrown.classify(bug)), StopReason.NOT_RETRYABLE, launched);
            return;
        }
        try {
            if (concluded.compareAndSet(false, true)) {
                hear(StopReason.NOT_RETRYABLE, launched, ResilienceErrors.CALL_FAILED);
            }
        } finally {
            promise.completeExceptionally(thrown);
        }
    }

    private void complete(Result<T, DomainError> result, StopReason stopped, int attempts) {
        if (!concluded.compareAndSet(false, true)) {
            return;
        }
        try {
            hear(
                    stopped,
                    attempts,
                    result.isOk() ? null : Pipeline.errorOf(result).code());
        } finally {
            promise.complete(result);
        }
    }

    private void hear(StopReason stopped, int attempts, @Nullable ErrorCode error) {
        if (stages.notices().heard()) {
            stages.notices().call(attempts, pipeline.time().nanoTime() - startNanos, stopped, error);
        }
    }

    /** Takes note of how to give up from here on; at once, if the caller has given up already. */
    private void giveUpBy(int mine, Runnable how) {
        lock.lock();
        try {
            // RACE: what was begun may be over already, and the next step under way.
            if (mine == step) {
                giveUp = how;
            }
        } finally {
            lock.unlock();
        }
        if (promise.isDone()) {
            abandon();
        }
    }

    private int nextStep() {
        lock.lock();
        try {
            giveUp = null;
            return ++step;
        } finally {
            lock.unlock();
        }
    }

    private void abandon() {
        Runnable how;
        lock.lock();
        try {
            how = giveUp;
            giveUp = null;
        } finally {
            lock.unlock();
        }
        if (how != null) {
            how.run();
        }
    }

    /** One attempt under way. Who ends it first decides: its stage, its timeout, or the caller who gives up. */
    private final class Flight {
        private final long beginNanos;
        private final long flightDueNanos;
        private final Breaker.@Nullable Phase permit;
        private final AtomicBoolean over = new AtomicBoolean();
        /** Held until the stage is complete, however the attempt ends; given back once, whatever the stage does. */
        private final AtomicReference<@Nullable Bulkhead> place;

        private volatile @Nullable CompletionStage<?> stage;
        private volatile boolean calledOff;
        private volatile @Nullable Future<?> timer;

        Flight(long beginNanos, long flightDueNanos, Breaker.@Nullable Phase permit, @Nullable Bulkhead place) {
            this.beginNanos = beginNanos;
            this.flightDueNanos = flightDueNanos;
            this.permit = permit;
            this.place = new AtomicReference<>(place);
        }

        void arm() {
            if (!stages.enabled()) {
                return;
            }
            timer = pipeline.time()
                    .schedule(
                            Duration.ofNanos(
                                    Math.max(0, flightDueNanos - pipeline.time().nanoTime())),
                            this::timeOut);
            if (over.get()) {
                forgetTimer();
            }
        }

        /** The stage is complete, or there is none. */
        void land(@Nullable Result<? extends T, ? extends DomainError> answer, @Nullable Throwable thrown) {
            Bulkhead held = place.getAndSet(null);
            try {
                if (held != null) {
                    held.leave();
                }
            } finally {
                if (over.compareAndSet(false, true)) {
                    forgetTimer();
                    guarded(() -> end(answer, thrown));
                }
            }
        }

        private void end(@Nullable Result<? extends T, ? extends DomainError> answer, @Nullable Throwable thrown) {
            Throwable failure = thrown == null ? null : Thrown.unwrapped(thrown);
            if (failure != null && !(failure instanceof Exception)) {
                judge(ResilienceErrors.CALL_FAILED.error(), Outcome.FAILURE);
                broken(failure);
                return;
            }
            Result<T, DomainError> result = answer != null
                    ? Result.widen(answer)
                    : Result.err(pipeline.thrownError(stages, (Exception) failure));
            if (result.isOk()) {
                Breaker breaker = stages.breaker();
                if (permit != null && breaker != null) {
                    long now = pipeline.time().nanoTime();
                    breaker.success(permit, now - beginNanos, now);
                }
            } else {
                DomainError error = Pipeline.errorOf(result);
                judge(error, stages.outcomeOf(error));
            }
            ended(result);
        }

        /** The caller has given up. */
        void abandon() {
            if (over.compareAndSet(false, true)) {
                forgetTimer();
                pipeline.release(stages, permit);
                callOff();
            }
        }

        private void timeOut() {
            if (over.compareAndSet(false, true)) {
                conclude(() -> {
                    DomainError error = pipeline.timedOut(null);
                    judge(error, Outcome.FAILURE);
                    callOff();
                    ended(Result.err(error));
                });
            }
        }

        private void judge(DomainError error, Outcome said) {
            boolean hurried = said == Outcome.FAILURE
                    && error.kind() == ErrorKind.TIMEOUT
                    && Pipeline.isHurried(stages, beginNanos, flightDueNanos);
            Outcome outcome = hurried ? Outcome.IGNORE : said;
            pipeline.judge(stages, permit, beginNanos, error, outcome);
        }

        private void callOff() {
            calledOff = true;
            cancelStage();
        }

        private void cancelStage() {
            CompletionStage<?> running = stage;
            if (running == null) {
                return;
            }
            try {
                running.toCompletableFuture().cancel(true);
            } catch (RuntimeException e) {
                // A stage need not be a future: then it ends when it ends.
            }
        }

        private void forgetTimer() {
            Future<?> pending = timer;
            if (pending != null) {
                pending.cancel(false);
            }
        }
    }
}
