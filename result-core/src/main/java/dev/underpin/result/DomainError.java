package dev.underpin.result;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An expected failure as a value: a code, and what is known about this occurrence.
 *
 * <p>A cause that nobody matches on needs no type: {@code CODE.error()}. One that a caller matches on is a record in the
 * caller's own sealed interface that extends this one; only {@link #code()} must be written. Recognise an error of a
 * library by {@link #is}, your own by type.
 *
 * <p>Implementations are immutable, and cheap to make: no stack trace is taken. Two errors made by
 * {@link #builder} are equal if code, arguments, details and retry advice are; their cause does not count, because a
 * throwable has no equality. An error is not {@link java.io.Serializable}, and its {@code toString} should not print
 * values.
 */
public interface DomainError {
    /** {@return the published cause} */
    ErrorCode code();

    /**
     * {@return every dynamic value of this occurrence by name, immutable} The message is made of these, so names are
     * published like codes: lowerCamel, at most 64 characters, never removed. No secrets.
     */
    default Map<String, Object> args() {
        return Map.of();
    }

    /** {@return the faults by field, in the order they were found, immutable; empty if the failure has no fields} */
    default List<Detail> details() {
        return List.of();
    }

    /** {@return what a repeat may do; the advice of the kind, unless this occurrence knows better} */
    default Retry retry() {
        return kind().retry();
    }

    /** {@return how long to wait before a repeat, if known} */
    default Optional<Duration> retryAfter() {
        return Optional.empty();
    }

    /** {@return the technical cause, for logs only: no boundary shows it} */
    default Optional<Throwable> cause() {
        return Optional.empty();
    }

    /** {@return the kind of the code} */
    default ErrorKind kind() {
        return code().kind();
    }

    /** {@return the default text with the arguments in place} A placeholder without an argument stays as it is. */
    default String message() {
        return code().format(args());
    }

    /**
     * {@return whether this error has the given code}
     *
     * @param code a published code
     */
    default boolean is(ErrorCode code) {
        return code().equals(Objects.requireNonNull(code, "code"));
    }

    /**
     * {@return the same error} For {@code mapError(DomainError::widen)}, where a chain goes from a narrow error type to
     * this one.
     *
     * @param error any error
     */
    static DomainError widen(DomainError error) {
        return Objects.requireNonNull(error, "error");
    }

    /**
     * {@return the one error that stands for many}, as a boundary needs it that can answer only one status.
     *
     * <p>One error stands for itself. If all are faults of the input (every kind is {@link ErrorKind#VALIDATION}), the
     * result is a {@link ValidationError} with all their details. Otherwise the most urgent one is returned as it is,
     * the earliest among equals: failures of a server before {@link ErrorKind#UNAUTHENTICATED}, that before
     * {@link ErrorKind#FORBIDDEN}, that before all others.
     *
     * @param errors at least one error, in the order they were found
     * @throws IllegalArgumentException if there is none
     */
    static DomainError mostUrgent(List<? extends DomainError> errors) {
        if (Objects.requireNonNull(errors, "errors").isEmpty()) {
            throw new IllegalArgumentException("errors must not be empty");
        }
        if (errors.size() > 1 && errors.stream().allMatch(error -> error.kind() == ErrorKind.VALIDATION)) {
            return new ValidationError(errors.stream()
                    .flatMap(error -> Detail.of(Detail.WHOLE, error).stream())
                    .toList());
        }
        DomainError most = errors.get(0);
        for (DomainError error : errors) {
            if (urgency(error) > urgency(most)) {
                most = error;
            }
        }
        return most;
    }

    private static int urgency(DomainError error) {
        return switch (error.kind()) {
            case INTERNAL, NOT_IMPLEMENTED, BAD_GATEWAY, UNAVAILABLE, TIMEOUT -> 3;
            case UNAUTHENTICATED -> 2;
            case FORBIDDEN -> 1;
            case MALFORMED, VALIDATION, NOT_FOUND, CONFLICT, PRECONDITION, UNPROCESSABLE, RATE_LIMITED, CANCELLED -> 0;
        };
    }

    /**
     * {@return a builder of an error without a type of its own}
     *
     * @param code the published cause
     */
    static Builder builder(ErrorCode code) {
        return new Builder(code);
    }

    /** Builds a {@link DomainError} from a code and what is known about the occurrence. Confined to one thread. */
    final class Builder {
        private final ErrorCode code;
        private final Map<String, Object> args = new LinkedHashMap<>();
        private final List<Detail> details = new ArrayList<>();
        private @Nullable Retry retry;
        private @Nullable Duration retryAfter;
        private @Nullable Throwable cause;

        private Builder(ErrorCode code) {
            this.code = Objects.requireNonNull(code, "code");
        }

        /**
         * Adds an argument.
         *
         * @param name its lowerCamel name, as it stands in the text
         * @param value its value; no secret
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder arg(String name, Object value) {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, () -> "value of " + name);
            args.put(name, value);
            return this;
        }

        /**
         * Adds arguments.
         *
         * @param args values by name
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder args(Map<String, ?> args) {
            Objects.requireNonNull(args, "args").forEach(this::arg);
            return this;
        }

        /**
         * Adds a fault at one field.
         *
         * @param detail the fault
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder detail(Detail detail) {
            details.add(Objects.requireNonNull(detail, "detail"));
            return this;
        }

        /**
         * Sets what a repeat may do; the advice of the kind by default.
         *
         * @param retry the advice
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder retry(Retry retry) {
            this.retry = Objects.requireNonNull(retry, "retry");
            return this;
        }

        /**
         * Sets how long to wait before a repeat; unknown by default.
         *
         * @param delay the wait; a boundary leaves out a negative one
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder retryAfter(Duration delay) {
            this.retryAfter = Objects.requireNonNull(delay, "delay");
            return this;
        }

        /**
         * Sets the technical cause, for logs only.
         *
         * @param cause what was thrown
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder cause(Throwable cause) {
            this.cause = Objects.requireNonNull(cause, "cause");
            return this;
        }

        /** {@return the error} */
        public DomainError build() {
            return new CodedError(
                    code, args, details, retry == null ? code.kind().retry() : retry, retryAfter, cause);
        }
    }
}
