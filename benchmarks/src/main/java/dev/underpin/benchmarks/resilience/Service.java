package dev.underpin.benchmarks.resilience;

import dev.underpin.resilience.Outcome;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import java.util.function.Supplier;

/** What every contestant calls: it answers at once, with what was made beforehand. */
final class Service {
    static final Result<String, DomainError> WELL = Result.ok("paid");
    static final Result<String, DomainError> NOT_FOUND =
            Result.err(DomainError.builder(ErrorKind.NOT_FOUND.code()).build());
    static final Result<String, DomainError> UNAVAILABLE = Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code())
            .retry(Retry.SAME_CALL)
            .build());

    /** Of so many answers of a service that fails, one is good: no breaker opens that waits for failures only. */
    static final int ROUND = Peers.WINDOW;

    private Service() {}

    /** {@return a service that answers always the same} Any number of threads may call it. */
    static Supplier<Result<String, DomainError>> answering(Result<String, DomainError> answer) {
        return new Steady(answer);
    }

    /** {@return a service that fails but for one call in each {@link #ROUND}} Confined to one thread. */
    static Supplier<Result<String, DomainError>> failing(Result<String, DomainError> answer) {
        return new Failing(answer);
    }

    /** {@return whether an answer says that the service is not well}: for all contestants alike. */
    static boolean isFailure(Result<String, DomainError> answer) {
        return answer instanceof Result.Err<String, DomainError> err && Outcome.of(err.error()) == Outcome.FAILURE;
    }

    /** {@return whether a call that was answered so is repeated}: for all contestants alike. */
    static boolean isRepeated(Result<String, DomainError> answer) {
        return answer instanceof Result.Err<String, DomainError> err
                && (err.error().retry() == Retry.SAME_CALL || err.error().retry() == Retry.IF_IDEMPOTENT);
    }

    private record Steady(Result<String, DomainError> answer) implements Supplier<Result<String, DomainError>> {
        @Override
        public Result<String, DomainError> get() {
            return answer;
        }
    }

    private static final class Failing implements Supplier<Result<String, DomainError>> {
        private final Result<String, DomainError> answer;
        private int calls;

        Failing(Result<String, DomainError> answer) {
            this.answer = answer;
        }

        @Override
        public Result<String, DomainError> get() {
            return calls++ % ROUND == 0 ? WELL : answer;
        }
    }
}
