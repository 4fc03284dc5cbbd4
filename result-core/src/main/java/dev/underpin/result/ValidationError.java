package dev.underpin.result;

import java.util.List;
import java.util.Objects;

/**
 * Faults of the input by field: the one currency of domain parsing, bean validation, sort and filter parsing, and
 * configuration.
 *
 * @param details at least one fault, in the order they were found; immutable
 */
public record ValidationError(List<Detail> details) implements DomainError {
    /** The code of every validation error; the causes are in the details. */
    public static final ErrorCode VALIDATION_FAILED = ErrorKind.VALIDATION.code();

    /**
     * Copies the details.
     *
     * @throws IllegalArgumentException if there is none
     */
    public ValidationError {
        details = List.copyOf(Objects.requireNonNull(details, "details"));
        if (details.isEmpty()) {
            throw new IllegalArgumentException("details must not be empty");
        }
    }

    @Override
    public ErrorCode code() {
        return VALIDATION_FAILED;
    }

    /**
     * {@return the same faults, each with the place it was sent}; a place that is already known stays.
     *
     * @param location {@code body}, {@code query}, {@code path} or {@code header}
     */
    public ValidationError in(String location) {
        Objects.requireNonNull(location, "location");
        return new ValidationError(details.stream()
                .map(d -> d.in() != null ? d : new Detail(d.field(), d.code(), d.message(), d.args(), location))
                .toList());
    }

    /** {@return kind, code and the number of details} */
    @Override
    public String toString() {
        return kind() + "/" + code() + "/" + details.size();
    }
}
