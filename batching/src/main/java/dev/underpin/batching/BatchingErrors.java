package dev.underpin.batching;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;

/** What a scope itself fails with. Each is a {@link LoadError}, which names the loader and holds the keys. */
public final class BatchingErrors {
    /** The answer has no value for the key. */
    public static final ErrorCode KEY_NOT_FOUND =
            ErrorCode.of(ErrorKind.NOT_FOUND, "KEY_NOT_FOUND", "There is no such entry");

    /** The batch function threw; the cause of the error is what it threw. */
    public static final ErrorCode BATCH_FAILED =
            ErrorCode.of(ErrorKind.INTERNAL, "BATCH_FAILED", "The data could not be loaded");

    /** The batch function returned null, or a null for this key. */
    public static final ErrorCode BATCH_CONTRACT =
            ErrorCode.of(ErrorKind.INTERNAL, "BATCH_CONTRACT", "The data was not loaded as it has to be");

    /** The batch did not end in time, or nobody could run it. */
    public static final ErrorCode BATCH_TIMEOUT =
            ErrorCode.of(ErrorKind.TIMEOUT, "BATCH_TIMEOUT", "The data was not loaded in time");

    /** This caller did not want to wait for longer; the load goes on for others. */
    public static final ErrorCode LOAD_TIMEOUT =
            ErrorCode.of(ErrorKind.TIMEOUT, "LOAD_TIMEOUT", "The data was not there in time");

    /** The batch function waits, directly or through others, for a key of its own batch. */
    public static final ErrorCode LOAD_CYCLE =
            ErrorCode.of(ErrorKind.INTERNAL, "LOAD_CYCLE", "The data depends on itself");

    /** The scope was closed before the key was loaded. */
    public static final ErrorCode SCOPE_CLOSED =
            ErrorCode.of(ErrorKind.INTERNAL, "SCOPE_CLOSED", "The data was asked for too late");

    /** The caller was interrupted while it waited; its interrupt flag is set. */
    public static final ErrorCode LOAD_INTERRUPTED =
            ErrorCode.of(ErrorKind.CANCELLED, "LOAD_INTERRUPTED", "The wait for the data was interrupted");

    private BatchingErrors() {}
}
