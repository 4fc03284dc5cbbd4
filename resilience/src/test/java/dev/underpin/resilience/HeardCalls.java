package dev.underpin.resilience;

import dev.underpin.result.ErrorCode;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Keeps what a pipeline tells its listener. */
final class HeardCalls implements PipelineListener {
    final List<Ended> calls = new CopyOnWriteArrayList<>();
    final List<Long> delays = new CopyOnWriteArrayList<>();
    final List<String> rejections = new CopyOnWriteArrayList<>();

    record Ended(
            int attempts,
            long nanos,
            StopReason stopped,
            @Nullable String error) {}

    /** {@return the only call there was} */
    Ended call() {
        if (calls.size() != 1) {
            throw new AssertionError("heard of " + calls);
        }
        return calls.get(0);
    }

    @Override
    public void onCall(String pipeline, int attempts, long nanos, StopReason stopped, @Nullable ErrorCode error) {
        calls.add(new Ended(attempts, nanos, stopped, error == null ? null : error.name()));
    }

    @Override
    public void onRetry(String pipeline, int attempt, long delayNanos, ErrorCode error) {
        delays.add(delayNanos);
    }

    @Override
    public void onRejected(String pipeline, ErrorCode reason) {
        rejections.add(reason.name());
    }
}
