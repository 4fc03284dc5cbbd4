package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ThrownTest {
    private static final ErrorCode UNAVAILABLE = ErrorKind.UNAVAILABLE.code();

    @AfterEach
    void lowerTheFlag() {
        var unused = Thread.interrupted();
    }

    /** Every class of exceptions that a call over a network is known to throw. */
    static Stream<Arguments> exceptions() {
        return Stream.of(
                thrown(new ConnectException("refused"), UNAVAILABLE, Retry.SAME_CALL),
                thrown(new UnknownHostException("risk"), UNAVAILABLE, Retry.SAME_CALL),
                thrown(new NoRouteToHostException("risk"), UNAVAILABLE, Retry.SAME_CALL),
                thrown(new HttpConnectTimeoutException("connect"), UNAVAILABLE, Retry.SAME_CALL),
                thrown(new OwnConnectTimeoutException(), UNAVAILABLE, Retry.SAME_CALL),
                thrown(new HttpTimeoutException("request"), ResilienceErrors.ATTEMPT_TIMEOUT, Retry.IF_IDEMPOTENT),
                thrown(new SocketTimeoutException("read"), ResilienceErrors.ATTEMPT_TIMEOUT, Retry.IF_IDEMPOTENT),
                thrown(new InterruptedIOException("timeout"), ResilienceErrors.ATTEMPT_TIMEOUT, Retry.IF_IDEMPOTENT),
                thrown(new TimeoutException(), ResilienceErrors.ATTEMPT_TIMEOUT, Retry.IF_IDEMPOTENT),
                thrown(new IOException("reset"), UNAVAILABLE, Retry.IF_IDEMPOTENT),
                thrown(new EOFException(), UNAVAILABLE, Retry.IF_IDEMPOTENT),
                thrown(new SocketException("Connection reset"), UNAVAILABLE, Retry.IF_IDEMPOTENT),
                thrown(new BindException("in use"), UNAVAILABLE, Retry.IF_IDEMPOTENT),
                thrown(new ProtocolException("odd"), UNAVAILABLE, Retry.IF_IDEMPOTENT),
                thrown(new ClosedChannelException(), UNAVAILABLE, Retry.IF_IDEMPOTENT),
                thrown(new AsynchronousCloseException(), UNAVAILABLE, Retry.IF_IDEMPOTENT),
                thrown(new SSLHandshakeException("bad"), UNAVAILABLE, Retry.IF_IDEMPOTENT),
                thrown(new InterruptedException(), ResilienceErrors.CALL_CANCELLED, Retry.NO),
                thrown(new ClosedByInterruptException(), ResilienceErrors.CALL_CANCELLED, Retry.NO),
                thrown(new CancellationException(), ResilienceErrors.CALL_CANCELLED, Retry.NO),
                thrown(new IllegalStateException("a bug"), ResilienceErrors.CALL_FAILED, Retry.NO),
                thrown(new NullPointerException(), ResilienceErrors.CALL_FAILED, Retry.NO),
                thrown(new Exception("checked"), ResilienceErrors.CALL_FAILED, Retry.NO));
    }

    private static Arguments thrown(Exception thrown, ErrorCode code, Retry retry) {
        return argumentSet(thrown.getClass().getSimpleName(), thrown, code, retry);
    }

    @ParameterizedTest
    @MethodSource("exceptions")
    void classify_exception_isItsErrorWithTheExceptionAsCause(Exception thrown, ErrorCode code, Retry retry) {
        DomainError error = Thrown.classify(thrown);

        assertThat(error.code()).isEqualTo(code);
        assertThat(error.retry()).isEqualTo(retry);
        assertThat(error.cause()).containsSame(thrown);
    }

    @Test
    void classify_carrierOfAnError_isThatError() {
        DomainError carried = ErrorKind.CONFLICT.code().error();

        assertThat(Thrown.classify(new DomainErrorException(carried))).isSameAs(carried);
    }

    @Test
    void classify_interruptedIoWithTheFlagUp_isACancellation() {
        Thread.currentThread().interrupt();

        assertThat(Thrown.classify(new InterruptedIOException("interrupted")).code())
                .isEqualTo(ResilienceErrors.CALL_CANCELLED);
    }

    @Test
    void classify_socketTimeoutWithTheFlagUp_isATimeout() {
        Thread.currentThread().interrupt();

        assertThat(Thrown.classify(new SocketTimeoutException("read")).code())
                .isEqualTo(ResilienceErrors.ATTEMPT_TIMEOUT);
    }

    /** What a virtual thread gets that is interrupted while it reads from a socket. */
    @Test
    void classify_socketClosedByInterrupt_isACancellation() {
        Thread.currentThread().interrupt();

        assertThat(Thrown.classify(new SocketException("Closed by interrupt")).code())
                .isEqualTo(ResilienceErrors.CALL_CANCELLED);
    }

    @Test
    void classify_connectRefusedWithTheFlagUp_isUnavailable() {
        Thread.currentThread().interrupt();

        assertThat(Thrown.classify(new ConnectException("refused")).code()).isEqualTo(UNAVAILABLE);
    }

    @Test
    void isInterrupt_doesNotTouchTheFlag() {
        Thread.currentThread().interrupt();

        assertThat(Thrown.isInterrupt(new InterruptedException())).isTrue();
        assertThat(Thrown.isInterrupt(new InterruptedIOException())).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void unwrapped_wrappers_isTheInnermost() {
        var inner = new IOException("reset");

        assertThat(Thrown.unwrapped(new CompletionException(new ExecutionException(new UncheckedIOException(inner)))))
                .isSameAs(inner);
        assertThat(Thrown.unwrapped(inner)).isSameAs(inner);
    }

    @Test
    void unwrapped_otherExceptionWithACause_staysWhatItIs() {
        var outer = new IllegalStateException(new IOException("reset"));

        assertThat(Thrown.unwrapped(outer)).isSameAs(outer);
    }

    /** Trap 18: a wrapper without a cause was unwrapped to null. */
    @Test
    void unwrapped_wrapperWithoutACause_isTheWrapper() {
        var empty = new CompletionException("empty", null);

        assertThat(Thrown.unwrapped(empty)).isSameAs(empty);
    }

    @Test
    void unwrapped_circleOfWrappers_ends() {
        var circle = new CompletionException("circle", null) {
            private static final long serialVersionUID = 1;

            @Override
            public Throwable getCause() {
                return this;
            }
        };

        assertThat(Thrown.unwrapped(circle)).isSameAs(circle);
    }

    /** A client's own subclass is what its superclass is. */
    private static final class OwnConnectTimeoutException extends HttpConnectTimeoutException {
        private static final long serialVersionUID = 1;

        OwnConnectTimeoutException() {
            super("own");
        }
    }
}
