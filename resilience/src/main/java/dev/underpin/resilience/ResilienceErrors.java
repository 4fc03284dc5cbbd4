package dev.underpin.resilience;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;

/**
 * What this module fails with by itself. All but {@link #ATTEMPT_TIMEOUT} and {@link #CALL_FAILED} are refusals: the call
 * was not made, breakers ignore them, and the pipeline that made one does not repeat the call. Their {@code args} hold
 * {@code name}, the name of who refused.
 */
public final class ResilienceErrors {
    /** The circuit is open. Its {@code args} hold {@code lastError}, the code of the failure that opened it. */
    public static final ErrorCode CIRCUIT_OPEN = ErrorCode.of(
            ErrorKind.UNAVAILABLE,
            "CIRCUIT_OPEN",
            "A service this one depends on has failed too often to be called now");

    /** As many calls are running as may, and none ended in the time that was left to wait. */
    public static final ErrorCode BULKHEAD_FULL = ErrorCode.of(
            ErrorKind.UNAVAILABLE, "BULKHEAD_FULL", "Too many calls to a service this one depends on are running");

    /** This server has more to do than it can. */
    public static final ErrorCode LOAD_SHED =
            ErrorCode.of(ErrorKind.UNAVAILABLE, "LOAD_SHED", "The service has too much to do at the moment");

    /** There were more calls than the limit allows. */
    public static final ErrorCode RATE_LIMITED = ErrorKind.RATE_LIMITED.code();

    /** An attempt took longer than it had time for; it may have had its effect. */
    public static final ErrorCode ATTEMPT_TIMEOUT =
            ErrorCode.of(ErrorKind.TIMEOUT, "ATTEMPT_TIMEOUT", "A service this one depends on did not answer in time");

    /** The time was over before the call was made: it had no effect, so another one may be made. */
    public static final ErrorCode DEADLINE_EXCEEDED = ErrorCode.of(
            ErrorKind.TIMEOUT, "DEADLINE_EXCEEDED", "The time for the request was over before it could be served");

    /** The caller was interrupted or gave up. */
    public static final ErrorCode CALL_CANCELLED =
            ErrorCode.of(ErrorKind.CANCELLED, "CALL_CANCELLED", "The call was cancelled");

    /** The call threw what nobody translated. The exception is the cause. */
    public static final ErrorCode CALL_FAILED =
            ErrorCode.of(ErrorKind.INTERNAL, "CALL_FAILED", "A call to another service failed");

    private ResilienceErrors() {}
}
