package dev.underpin.result;

import java.util.Objects;

/**
 * Carries a {@link DomainError} through an API that insists on throwing, and is translated back to the same error at the
 * boundary. It takes no stack trace; its message is the name of the code and its cause is the error's.
 */
public final class DomainErrorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    // Java serialization is not supported; the exception is never meant to leave the process.
    private final transient DomainError error;

    /**
     * Wraps an error.
     *
     * @param error the error to carry
     */
    public DomainErrorException(DomainError error) {
        super(
                Objects.requireNonNull(error, "error").code().name(),
                error.cause().orElse(null),
                /* enableSuppression= */ true,
                /* writableStackTrace= */ false);
        this.error = error;
    }

    /** {@return the error} */
    public DomainError error() {
        return error;
    }
}
