package dev.underpin.resilience;

import dev.underpin.result.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Hears every call once, every retry, refusal and change of the breaker, for metrics. Called on the working thread; what
 * a method throws is counted ({@link PipelineState#listenerErrors}) and otherwise ignored. Implementations must be
 * thread-safe, and quick. The names of pipelines are names of dependencies, so they may be tags.
 */
public interface PipelineListener {
    /**
     * A call has ended.
     *
     * @param pipeline its name
     * @param attempts how many attempts reached the dependency, none if it was refused
     * @param nanos how long all of it took
     * @param stopped why there was no further attempt
     * @param error what it failed with, or null
     */
    default void onCall(String pipeline, int attempts, long nanos, StopReason stopped, @Nullable ErrorCode error) {}

    /**
     * There will be another attempt.
     *
     * @param pipeline its name
     * @param attempt the number of the attempt that failed, from 1
     * @param delayNanos how long is waited before the next
     * @param error what it failed with
     */
    default void onRetry(String pipeline, int attempt, long delayNanos, ErrorCode error) {}

    /**
     * A stage let an attempt not through.
     *
     * @param pipeline its name
     * @param reason one of {@link ResilienceErrors}
     */
    default void onRejected(String pipeline, ErrorCode reason) {}

    /**
     * The breaker has another state.
     *
     * @param pipeline its name
     * @param from the state before
     * @param to the state now
     */
    default void onBreaker(String pipeline, PipelineState.Breaker from, PipelineState.Breaker to) {}

    /**
     * The pipeline has been changed while it runs.
     *
     * @param pipeline its name
     */
    default void onReconfigured(String pipeline) {}
}
