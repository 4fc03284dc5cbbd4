package dev.underpin.resilience;

import dev.underpin.result.DomainError;
import dev.underpin.result.Retry;
import io.github.resilience4j.retry.Retry.AsyncContext;
import org.jspecify.annotations.Nullable;

/**
 * How one call goes on after its first attempt failed: whether there is another attempt, after which delay, and why not.
 * Confined to one call, whose attempts come one after the other.
 */
final class Course {
    private static final long OVER = -1;

    private final Pipeline pipeline;
    private final Stages stages;
    private final Call call;
    private final long dueNanos;
    private @Nullable AsyncContext<DomainError> attemptsLeft;
    private @Nullable StopReason stopped;
    private int number = 1;
    private int reached;
    private int lastCost;

    Course(Pipeline pipeline, Stages stages, Call call, long dueNanos) {
        this.pipeline = pipeline;
        this.stages = stages;
        this.call = call;
        this.dueNanos = dueNanos;
    }

    /** {@return the number of the attempt to make} */
    int number() {
        return number;
    }

    /** {@return how many attempts reached the dependency} */
    int attempts() {
        return reached;
    }

    boolean isOver() {
        return stopped != null;
    }

    StopReason stopped() {
        return stopped == null ? StopReason.SUCCESS : stopped;
    }

    long succeeded() {
        reached++;
        stages.budget().succeeded(lastCost);
        return over(StopReason.SUCCESS);
    }

    void cancelled() {
        stopped = StopReason.CANCELLED;
    }

    /** {@return whether an attempt after the first was not let through}; then the call is over. */
    boolean refused(DomainError error) {
        if (!pipeline.isOwn(error)) {
            return false;
        }
        stopped = refusal(error);
        return stopped != StopReason.CANCELLED;
    }

    /** {@return the nanoseconds before the next attempt, or less than zero if there is none} */
    long failed(DomainError error) {
        StopReason last = endedBy(pipeline, stages, call, number, error);
        if (last == null) {
            return another(error);
        }
        reached += pipeline.isOwn(error) ? 0 : 1;
        return over(last);
    }

    /** {@return why there is no attempt after this one, however much time and budget is left; null if there may be} */
    static @Nullable StopReason endedBy(Pipeline pipeline, Stages stages, Call call, int number, DomainError error) {
        if (pipeline.isOwn(error)) {
            return refusal(error);
        }
        if (error.is(ResilienceErrors.CALL_CANCELLED)) {
            return StopReason.CANCELLED;
        }
        Retry advice = stages.advice(error);
        if (advice != Retry.SAME_CALL && !(advice == Retry.IF_IDEMPOTENT && call.isRepeatable())) {
            return StopReason.NOT_RETRYABLE;
        }
        return number >= stages.policy().maxAttempts() ? StopReason.ATTEMPTS : null;
    }

    private static StopReason refusal(DomainError own) {
        if (own.is(ResilienceErrors.CALL_CANCELLED)) {
            return StopReason.CANCELLED;
        }
        return own.is(ResilienceErrors.DEADLINE_EXCEEDED) ? StopReason.DEADLINE : StopReason.REJECTED;
    }

    /** {@return the nanoseconds before the attempt after one that {@link #endedBy} did not end; less than zero for none} */
    long another(DomainError error) {
        reached++;
        long delay = context().onResult(error);
        if (delay < 0) {
            return over(StopReason.RETRY_AFTER);
        }
        long now = pipeline.time().nanoTime();
        if (dueNanos - now - delay <= 0) {
            return over(StopReason.DEADLINE);
        }
        int cost = stages.budget().withdraw(RetryPolicy.isThrottled(error), now);
        if (cost == 0) {
            return over(StopReason.BUDGET);
        }
        lastCost = cost;
        stages.notices().retry(number, delay, error.code());
        number++;
        return delay;
    }

    private AsyncContext<DomainError> context() {
        AsyncContext<DomainError> context = attemptsLeft;
        if (context == null) {
            context = stages.retry().asyncContext();
            attemptsLeft = context;
        }
        return context;
    }

    private long over(StopReason reason) {
        stopped = reason;
        return OVER;
    }
}
