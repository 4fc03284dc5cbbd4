package dev.underpin.idempotency;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import org.jspecify.annotations.Nullable;

/** What becomes of a key when the body of its run has ended, and what is told of it. */
record Conclusion(IdempotencyStore store, Notices notices) {
    /** Ends a run whose body returned. */
    <T> Result<Replay<T>, DomainError> of(
            Operation<T> operation,
            IdempotentRequest request,
            LeasedRun run,
            Result<T, DomainError> result,
            long nanos) {
        boolean isAnswer = result.fold(value -> true, operation::keeps);
        Result<T, DomainError> told = !isAnswer && run.isInDoubt()
                ? Result.err(IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN.error())
                : result;
        boolean wasLost = run.isLost(); // before the key is given up, which a renewal takes for a loss
        boolean isMine;
        try {
            isMine = isAnswer
                    ? store.complete(run.key(), run.owner(), operation.encode(result), operation.ttl())
                    : left(run);
        } catch (RuntimeException e) {
            notices.storeFailed(operation.name(), e);
            isMine = !run.isLost(); // for all anybody knows; and what was done was done
        }
        if (!isMine || (!isAnswer && wasLost)) {
            return replaced(operation, request, run);
        }
        notices.executed(operation.name(), nanos, codeOf(told));
        return told.map(value -> new Replay<>(value, false));
    }

    /** Leaves the key without an answer. {@return whether it was the run's} */
    private boolean left(LeasedRun run) {
        if (run.isInDoubt()) {
            return store.suspend(run.key(), run.owner());
        }
        return !run.isUntouched() || store.release(run.key(), run.owner());
    }

    /** Tells what became of a request that another worker has taken over. */
    private <T> Result<Replay<T>, DomainError> replaced(
            Operation<T> operation, IdempotentRequest request, LeasedRun run) {
        notices.leaseLost(operation.name());
        DomainError lost = IdempotencyErrors.IDEMPOTENCY_LEASE_LOST.error();
        try {
            return store.find(run.key())
                    .map(entry -> operation.answer(request, entry))
                    .filter(answer -> !isInProgress(answer))
                    .orElse(Result.err(lost));
        } catch (RuntimeException e) {
            notices.storeFailed(operation.name(), e);
            return Result.err(lost);
        }
    }

    /** Ends a run whose body threw: as if its worker had died, but that a doubt is told at once. */
    void of(Throwable thrown, LeasedRun run) {
        if (run.isInDoubt()) {
            try {
                boolean unused = store.suspend(run.key(), run.owner());
            } catch (RuntimeException e) {
                // The note of the step says the same to whoever takes over.
                thrown.addSuppressed(e);
            }
        }
    }

    static boolean isInProgress(Result<?, DomainError> answer) {
        return answer.fold(value -> false, error -> error.is(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS));
    }

    static @Nullable ErrorCode codeOf(Result<?, DomainError> result) {
        return result instanceof Result.Err<?, DomainError> err ? err.error().code() : null;
    }
}
