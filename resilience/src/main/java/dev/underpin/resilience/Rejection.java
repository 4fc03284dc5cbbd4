package dev.underpin.resilience;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A call that was not made. Its type tells it from a remote error that has the same code. */
final class Rejection implements DomainError {
    private final ErrorCode code;
    private final Object maker;
    private final Map<String, Object> args;
    private final @Nullable Duration retryAfter;
    private final Result<?, DomainError> result;

    private Rejection(ErrorCode code, Object maker, Map<String, Object> args, @Nullable Duration retryAfter) {
        this.code = code;
        this.maker = maker;
        this.args = args;
        this.retryAfter = retryAfter;
        result = Result.err(this);
    }

    static Rejection of(ErrorCode code, Object maker, String name) {
        return new Rejection(code, maker, Map.of("name", name), null);
    }

    static Rejection of(ErrorCode code, Object maker, String name, Duration retryAfter) {
        return new Rejection(code, maker, Map.of("name", name), retryAfter);
    }

    static Rejection circuitOpen(Object maker, String name, ErrorCode lastError, @Nullable Duration retryAfter) {
        return new Rejection(
                ResilienceErrors.CIRCUIT_OPEN, maker, Map.of("name", name, "lastError", lastError.name()), retryAfter);
    }

    @SuppressWarnings("ReferenceEquality") // a pipeline of the same name is another maker
    boolean isMadeBy(Object candidate) {
        return maker == candidate;
    }

    /** {@return this as a result, the same each time: an {@code Err} holds no value of the type asked for} */
    @SuppressWarnings("unchecked")
    <T> Result<T, DomainError> asResult() {
        return (Result<T, DomainError>) result;
    }

    @Override
    public ErrorCode code() {
        return code;
    }

    @Override
    public Map<String, Object> args() {
        return args;
    }

    /** A call whose time was over before it was made had no effect, whatever its kind says of others. */
    @Override
    public Retry retry() {
        return is(ResilienceErrors.DEADLINE_EXCEEDED) ? Retry.SAME_CALL : kind().retry();
    }

    @Override
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rejection that
                && code.equals(that.code)
                && args.equals(that.args)
                && Objects.equals(retryAfter, that.retryAfter);
    }

    @Override
    public int hashCode() {
        return Objects.hash(code, args, retryAfter);
    }

    /** {@return kind and code} */
    @Override
    public String toString() {
        return kind() + "/" + code;
    }
}
