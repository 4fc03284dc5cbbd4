package dev.underpin.resilience;

import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** What an exception of a remote call means. */
final class Thrown {
    private static final int MAX_WRAPPERS = 50;

    private Thrown() {}

    /** {@return the error that a call failed with, if nobody says otherwise} Its cause is the exception. */
    static DomainError classify(Exception thrown) {
        if (thrown instanceof DomainErrorException carrier) {
            return carrier.error();
        }
        if (isInterrupt(thrown) || thrown instanceof CancellationException) {
            return error(ResilienceErrors.CALL_CANCELLED, Retry.NO, thrown);
        }
        if (isNotSent(thrown)) {
            return error(ErrorKind.UNAVAILABLE.code(), Retry.SAME_CALL, thrown);
        }
        if (isTimeout(thrown)) {
            return error(ResilienceErrors.ATTEMPT_TIMEOUT, Retry.IF_IDEMPOTENT, thrown);
        }
        if (thrown instanceof IOException) {
            return error(ErrorKind.UNAVAILABLE.code(), Retry.IF_IDEMPOTENT, thrown);
        }
        return error(ResilienceErrors.CALL_FAILED, Retry.NO, thrown);
    }

    /**
     * Timeouts of sockets, and of clients that have no type of their own for them, are InterruptedIOExceptions too; and a
     * virtual thread that is interrupted in a socket gets a plain SocketException. In both cases the flag is up.
     */
    static boolean isInterrupt(Exception thrown) {
        return thrown instanceof InterruptedException
                || thrown instanceof ClosedByInterruptException
                || ((thrown.getClass() == InterruptedIOException.class || thrown.getClass() == SocketException.class)
                        && Thread.currentThread().isInterrupted());
    }

    private static boolean isNotSent(Exception thrown) {
        return thrown instanceof ConnectException
                || thrown instanceof UnknownHostException
                || thrown instanceof NoRouteToHostException
                || isA(thrown, "java.net.http.HttpConnectTimeoutException");
    }

    private static boolean isTimeout(Exception thrown) {
        return thrown instanceof TimeoutException
                || thrown instanceof InterruptedIOException
                || isA(thrown, "java.net.http.HttpTimeoutException");
    }

    /** By name, because the module of the HTTP client need not be there. */
    private static boolean isA(Exception thrown, String name) {
        for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(name)) {
                return true;
            }
        }
        return false;
    }

    private static DomainError error(dev.underpin.result.ErrorCode code, Retry retry, Exception cause) {
        return DomainError.builder(code).retry(retry).cause(cause).build();
    }

    /** {@return what a call failed with, without what stages, futures and streams wrap it in} */
    static Throwable unwrapped(Throwable thrown) {
        Throwable failure = thrown;
        for (int i = 0; i < MAX_WRAPPERS && isWrapper(failure); i++) {
            Throwable cause = failure.getCause();
            if (cause == null) {
                break;
            }
            failure = cause;
        }
        return failure;
    }

    private static boolean isWrapper(Throwable thrown) {
        return thrown instanceof CompletionException
                || thrown instanceof ExecutionException
                || thrown instanceof UncheckedIOException;
    }
}
