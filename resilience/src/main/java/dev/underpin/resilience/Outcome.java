package dev.underpin.resilience;

import dev.underpin.result.DomainError;

/** What an error says about the dependency that answered with it. */
public enum Outcome {
    /** It is well: it answered, if only to refuse. */
    SUCCESS,
    /** It is not well. */
    FAILURE,
    /** Nothing: the call did not reach it, or was given up. */
    IGNORE;

    /**
     * {@return what an error says, by its kind} {@code INTERNAL}, {@code BAD_GATEWAY}, {@code UNAVAILABLE} and
     * {@code TIMEOUT} are failures; {@code CANCELLED} and {@code RATE_LIMITED} say nothing, and neither does what a
     * pipeline or a limiter of this package refused by itself; every other kind is an answer.
     *
     * @param error what a call failed with
     */
    public static Outcome of(DomainError error) {
        if (error instanceof Rejection) {
            return IGNORE;
        }
        return switch (error.kind()) {
            case INTERNAL, BAD_GATEWAY, UNAVAILABLE, TIMEOUT -> FAILURE;
            case CANCELLED, RATE_LIMITED -> IGNORE;
            case MALFORMED,
                    VALIDATION,
                    UNAUTHENTICATED,
                    FORBIDDEN,
                    NOT_FOUND,
                    CONFLICT,
                    PRECONDITION,
                    UNPROCESSABLE,
                    NOT_IMPLEMENTED -> SUCCESS;
        };
    }
}
