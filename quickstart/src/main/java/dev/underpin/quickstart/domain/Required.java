package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import org.jspecify.annotations.Nullable;

/** The one fault that every value can have: it is not there. */
public final class Required {
    /** A field that must be sent was not, or was null. */
    public static final ErrorCode REQUIRED = ErrorCode.of(ErrorKind.VALIDATION, "REQUIRED", "must be given");

    private Required() {}

    /** {@return the value, or {@link #REQUIRED}} */
    public static <T> Result<T, DomainError> given(@Nullable T value) {
        return value == null ? Result.err(REQUIRED.error()) : Result.ok(value);
    }
}
