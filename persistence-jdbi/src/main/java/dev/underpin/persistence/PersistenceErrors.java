package dev.underpin.persistence;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import java.util.Map;

/**
 * What a database can fail with, by meaning rather than by vendor. The texts name nothing of the database: neither SQL nor
 * values, tables or columns reach a client. The names of a constraint, table and column are among the arguments, for logs
 * and for tables of a service's own, where the driver tells them.
 */
public final class PersistenceErrors {
    /** A unique or exclusion constraint: there is one already. */
    public static final ErrorCode ALREADY_EXISTS =
            ErrorCode.of(ErrorKind.CONFLICT, "ALREADY_EXISTS", "It already exists");

    /** A row cannot go, since others refer to it. */
    public static final ErrorCode REFERENCED =
            ErrorCode.of(ErrorKind.CONFLICT, "REFERENCED", "Something else still refers to it");

    /** What a row refers to does not exist. */
    public static final ErrorCode REFERENCE_MISSING =
            ErrorCode.of(ErrorKind.CONFLICT, "REFERENCE_MISSING", "Something it refers to does not exist");

    /** One of the two above: PostgreSQL says which in words only, which it may translate. */
    public static final ErrorCode REFERENCE_VIOLATED = ErrorCode.of(
            ErrorKind.CONFLICT,
            "REFERENCE_VIOLATED",
            "Something it refers to does not exist, or something refers to it");

    /** A value is missing, too long, out of range, of no such form, or fails a check. */
    public static final ErrorCode VALUE_REJECTED =
            ErrorCode.of(ErrorKind.UNPROCESSABLE, "VALUE_REJECTED", "A value cannot be stored");

    /** Others changed the same data meanwhile, or a deadlock was broken: the whole transaction may run again. */
    public static final ErrorCode SERIALIZATION_FAILED =
            ErrorCode.of(ErrorKind.CONFLICT, "SERIALIZATION_FAILED", "Others changed the same data at the same time");

    /** A lock was not granted in time, or not at once. */
    public static final ErrorCode LOCK_TIMEOUT =
            ErrorCode.of(ErrorKind.CONFLICT, "LOCK_TIMEOUT", "The data is in use by others");

    /** A statement took too long, or was cancelled; nothing of its transaction remains. */
    public static final ErrorCode STATEMENT_TIMEOUT =
            ErrorCode.of(ErrorKind.TIMEOUT, "STATEMENT_TIMEOUT", "The database did not answer in time");

    /** There is no connection, or it broke before the transaction was to be committed, or the database is full. */
    public static final ErrorCode DATABASE_UNAVAILABLE =
            ErrorCode.of(ErrorKind.UNAVAILABLE, "DATABASE_UNAVAILABLE", "The database is not available");

    /** A statement failed and the body went on: nothing was committed. */
    public static final ErrorCode TRANSACTION_ABORTED =
            ErrorCode.of(ErrorKind.INTERNAL, "TRANSACTION_ABORTED", "The transaction was aborted");

    /** A block inside the transaction failed, and the body went on: nothing was committed. */
    public static final ErrorCode ROLLED_BACK_BY_INNER =
            ErrorCode.of(ErrorKind.INTERNAL, "ROLLED_BACK_BY_INNER", "A part of the transaction failed");

    /** The answer to a commit was lost: everything was committed, or nothing. */
    public static final ErrorCode OUTCOME_UNKNOWN = ErrorCode.of(
            ErrorKind.UNAVAILABLE, "COMMIT_OUTCOME_UNKNOWN", "It is not known whether the request took effect");

    /** The row is no longer of the version that was to be changed. */
    public static final ErrorCode VERSION_CONFLICT =
            ErrorCode.of(ErrorKind.CONFLICT, "VERSION_CONFLICT", "It was changed meanwhile");

    /** Anything else: a bug of a statement, a missing right, or a state that must not be. */
    public static final ErrorCode DATABASE_ERROR =
            ErrorCode.of(ErrorKind.INTERNAL, "DATABASE_ERROR", "The database reported an error");

    private PersistenceErrors() {}

    /**
     * {@return the meaning of what a driver, JDBI or a pool threw} Causes and next exceptions are looked through for what
     * says most. For code outside of {@link Transactions}, which does this itself.
     *
     * @param thrown what was thrown; it is the cause of the error
     */
    public static DomainError of(Throwable thrown) {
        return SqlFailure.of(thrown).error(Map.of());
    }
}
