package dev.underpin.result;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An error that is a code with arguments and has no type of its own. */
final class CodedError implements DomainError {
    private final ErrorCode code;
    private final Map<String, Object> args;
    private final List<Detail> details;
    private final Retry retry;
    private final @Nullable Duration retryAfter;
    private final @Nullable Throwable cause;

    CodedError(
            ErrorCode code,
            Map<String, Object> args,
            List<Detail> details,
            Retry retry,
            @Nullable Duration retryAfter,
            @Nullable Throwable cause) {
        this.code = code;
        // In the order they were given: logs of two processes read alike.
        this.args = Collections.unmodifiableMap(new LinkedHashMap<>(args));
        this.details = List.copyOf(details);
        this.retry = retry;
        this.retryAfter = retryAfter;
        this.cause = cause;
    }

    @Override
    public ErrorCode code() {
        return code;
    }

    @Override
    public Map<String, Object> args() {
        return args;
    }

    @Override
    public List<Detail> details() {
        return details;
    }

    @Override
    public Retry retry() {
        return retry;
    }

    @Override
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    @Override
    public Optional<Throwable> cause() {
        return Optional.ofNullable(cause);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CodedError that
                && code.equals(that.code)
                && args.equals(that.args)
                && details.equals(that.details)
                && retry == that.retry
                && Objects.equals(retryAfter, that.retryAfter);
    }

    @Override
    public int hashCode() {
        return Objects.hash(code, args, details, retry, retryAfter);
    }

    /** {@return kind, code and the number of details: arguments may hold what no log should} */
    @Override
    public String toString() {
        return kind() + "/" + code + "/" + details.size();
    }
}
