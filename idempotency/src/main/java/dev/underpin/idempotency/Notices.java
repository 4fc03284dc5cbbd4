package dev.underpin.idempotency;

import dev.underpin.result.ErrorCode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells a listener, and ignores what it throws. */
record Notices(IdempotencyListener listener) {
    void executed(String operation, long nanos, @Nullable ErrorCode error) {
        tell(to -> to.onExecuted(operation, nanos, error));
    }

    void replayed(String operation) {
        tell(to -> to.onReplayed(operation));
    }

    void rejected(String operation, ErrorCode reason) {
        tell(to -> to.onRejected(operation, reason));
    }

    void leaseLost(String operation) {
        tell(to -> to.onLeaseLost(operation));
    }

    void storeFailed(String operation, RuntimeException failure) {
        tell(to -> to.onStoreFailed(operation, failure));
    }

    void reaped(int deleted, @Nullable RuntimeException failure) {
        tell(to -> to.onReaped(deleted, failure));
    }

    private void tell(Consumer<IdempotencyListener> notice) {
        try {
            notice.accept(listener);
        } catch (RuntimeException e) {
            // A listener only counts: what it throws changes no outcome.
        }
    }
}
