package dev.underpin.resilience;

import dev.underpin.result.ErrorCode;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the listener and the log; and counts what a listener or a function of the user throws. */
final class Notices {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final PipelineListener NOBODY = new PipelineListener() {};

    private final String pipeline;
    private final PipelineListener listener;
    private final boolean heard;
    private final LongAdder errors;

    Notices(String pipeline, @Nullable PipelineListener listener, LongAdder errors) {
        this.pipeline = pipeline;
        this.listener = listener == null ? NOBODY : listener;
        heard = listener != null;
        this.errors = errors;
    }

    /** {@return whether anybody hears of calls}: nothing is measured for nobody. */
    boolean heard() {
        return heard;
    }

    void call(int attempts, long nanos, StopReason stopped, @Nullable ErrorCode error) {
        try {
            listener.onCall(pipeline, attempts, nanos, stopped, error);
        } catch (Throwable e) {
            failed(e);
        }
    }

    void retry(int attempt, long delayNanos, ErrorCode error) {
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "{}: attempt {} failed with {}, the next one in {} us",
                    pipeline,
                    attempt,
                    error,
                    delayNanos / 1_000);
        }
        try {
            listener.onRetry(pipeline, attempt, delayNanos, error);
        } catch (Throwable e) {
            failed(e);
        }
    }

    void rejected(ErrorCode reason) {
        try {
            listener.onRejected(pipeline, reason);
        } catch (Throwable e) {
            failed(e);
        }
    }

    void opened(PipelineState.Breaker from, ErrorCode lastError, long waitNanos) {
        LOG.warn("{}: circuit open for {} ms, after {}", pipeline, waitNanos / 1_000_000, lastError);
        breaker(from, PipelineState.Breaker.OPEN);
    }

    void probing() {
        LOG.info("{}: circuit half open", pipeline);
        breaker(PipelineState.Breaker.OPEN, PipelineState.Breaker.HALF_OPEN);
    }

    void closed(PipelineState.Breaker from) {
        LOG.warn("{}: circuit closed", pipeline);
        breaker(from, PipelineState.Breaker.CLOSED);
    }

    void reconfigured() {
        try {
            listener.onReconfigured(pipeline);
        } catch (Throwable e) {
            failed(e);
        }
    }

    /** {@return what a table of the user says, or the default where it throws or returns nothing} */
    <A, R> R ask(Function<? super A, ? extends R> table, A argument, Function<? super A, ? extends R> otherwise) {
        try {
            R answer = table.apply(argument);
            if (answer != null) {
                return answer;
            }
            failed(new NullPointerException("a table returned null"));
        } catch (Throwable e) {
            failed(e);
        }
        return otherwise.apply(argument);
    }

    private void breaker(PipelineState.Breaker from, PipelineState.Breaker to) {
        try {
            listener.onBreaker(pipeline, from, to);
        } catch (Throwable e) {
            failed(e);
        }
    }

    /** Nothing that a listener or a table throws becomes the result of a call, unless the machine itself is in trouble. */
    private void failed(Throwable e) {
        if (e instanceof VirtualMachineError fatal && !(e instanceof StackOverflowError)) {
            throw fatal;
        }
        errors.increment();
        LOG.debug("{}: a listener or a table failed", pipeline, e);
    }
}
