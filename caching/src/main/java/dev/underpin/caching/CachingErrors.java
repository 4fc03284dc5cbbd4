package dev.underpin.caching;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;

/**
 * What this module fails with by itself; what a loader fails with passes unchanged. The {@code args} hold {@code name}, the
 * name of the cache or the write-behind queue.
 */
public final class CachingErrors {
    /** The load did not end in time, or another caller's load did not end in the time there was to wait for it. */
    public static final ErrorCode CACHE_LOAD_TIMEOUT =
            ErrorCode.of(ErrorKind.TIMEOUT, "CACHE_LOAD_TIMEOUT", "The data could not be loaded in time");

    /** The load waits, directly or through others, for itself. */
    public static final ErrorCode CACHE_LOAD_CYCLE =
            ErrorCode.of(ErrorKind.INTERNAL, "CACHE_LOAD_CYCLE", "The data depends on itself");

    /** As many loads are running as may. */
    public static final ErrorCode CACHE_LOADS_SATURATED =
            ErrorCode.of(ErrorKind.UNAVAILABLE, "CACHE_LOADS_SATURATED", "Too much data is being loaded at the moment");

    /** The caller was interrupted while it waited for the load of another or for a place; its interrupt flag is set. */
    public static final ErrorCode CACHE_INTERRUPTED =
            ErrorCode.of(ErrorKind.CANCELLED, "CACHE_INTERRUPTED", "The wait for the data was interrupted");

    /** The loader threw. Only listeners, and who gets a stale value instead, hear of it: callers get the exception. */
    public static final ErrorCode CACHE_LOAD_FAILED =
            ErrorCode.of(ErrorKind.INTERNAL, "CACHE_LOAD_FAILED", "The data could not be loaded");

    /** The remote level failed, was too slow or had what cannot be read. Only listeners hear of it. */
    public static final ErrorCode CACHE_REMOTE_FAILED =
            ErrorCode.of(ErrorKind.UNAVAILABLE, "CACHE_REMOTE_FAILED", "The shared cache failed");

    /** A bulk loader answered without this key. */
    public static final ErrorCode CACHE_KEY_ABSENT =
            ErrorCode.of(ErrorKind.NOT_FOUND, "CACHE_KEY_ABSENT", "There is no such entry");

    /** As many keys wait to be written as may. Nothing was changed. */
    public static final ErrorCode WRITE_BEHIND_FULL =
            ErrorCode.of(ErrorKind.UNAVAILABLE, "WRITE_BEHIND_FULL", "Too many changes wait to be written");

    /** The queue has been closed. Nothing was changed. */
    public static final ErrorCode WRITE_BEHIND_CLOSED =
            ErrorCode.of(ErrorKind.UNAVAILABLE, "WRITE_BEHIND_CLOSED", "Changes are no longer accepted");

    private CachingErrors() {}
}
