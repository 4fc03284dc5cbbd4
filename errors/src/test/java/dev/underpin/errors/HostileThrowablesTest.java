package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.IThrowableProxy;
import dev.underpin.errors.HostileThrowables.Hostile;
import dev.underpin.errors.context.RequestContext;
import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorKind;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

// On a thread of its own: an interrupt would not end an endless loop.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileThrowablesTest {
    private final Renderer renderer = Renderer.builder(new PlainJson()).build();

    @ParameterizedTest
    @MethodSource("dev.underpin.errors.HostileThrowables#all")
    void render_hostileThrowable_isAnInternalErrorLoggedOnce(Hostile hostile) {
        try (LogCapture log = LogCapture.start();
                RequestContext context = RequestContext.open(Requests.request())) {
            Rendered answer = renderer.render(hostile.thrown(), context);

            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).isEqualTo(GoldenAnswers.ERROR_INTERNAL.expected());
            assertThat(log.only().getLevel()).isEqualTo(Level.ERROR);
            assertThat(LogCapture.trace(log.only())).isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.underpin.errors.HostileThrowables#all")
    void answer_hostileThrowable_isAnInternalError(Hostile hostile) {

        Rendered answer = renderer.answer(Requests.request(), context -> {
            throw (Exception) hostile.thrown();
        });

        assertThat(answer.status()).isEqualTo(500);
    }

    @Test
    void render_hostileCauseOfAnError_isLoggedAsAReplica() {
        var error = DomainError.builder(ErrorKind.UNAVAILABLE.code())
                .cause(new HostileThrowables.ThrowingMessage())
                .build();
        try (LogCapture log = LogCapture.start();
                RequestContext context = RequestContext.open(Requests.request())) {
            assertThat(renderer.render(new DomainErrorException(error), context).status())
                    .isEqualTo(503);

            assertThat(LogCapture.trace(log.only()))
                    .contains("HostileThrowables$ThrowingMessage: (its message cannot be read)")
                    .contains("at dev.underpin.errors.HostileThrowablesTest");
        }
    }

    @Test
    void of_harmlessThrowable_isLoggedItself() {
        var thrown = new CompletionException(new IllegalStateException("a"));
        thrown.addSuppressed(new IllegalStateException("b"));

        assertThat(LoggableThrowable.of(thrown)).isSameAs(thrown);
    }

    @Test
    void of_fiftyThrowables_isLoggedItselfAndFiftyOneAreNot() {
        Throwable fifty = HostileThrowables.deep(49);
        Throwable fiftyOne = HostileThrowables.deep(50);

        assertThat(LoggableThrowable.of(fifty)).isSameAs(fifty);
        assertThat(LoggableThrowable.of(fiftyOne)).isNotSameAs(fiftyOne);
    }

    @Test
    void of_manyThrowables_keepsFiftyWithClassMessageAndFrames() {
        Throwable replica = LoggableThrowable.of(HostileThrowables.deep(10_000));

        assertThat(replica).hasMessage("java.lang.IllegalStateException: level");
        assertThat(replica.getStackTrace()[0].getMethodName()).isEqualTo("deep");
        int length = 0;
        for (Throwable t = replica; t != null; t = t.getCause()) {
            length++;
        }
        assertThat(length).isEqualTo(50);
    }

    @Test
    void of_manySuppressed_keepsFiftyInOrder() {
        Throwable replica = LoggableThrowable.of(HostileThrowables.wide(1_000));

        assertThat(replica.getSuppressed()).hasSize(49);
    }

    @Test
    void of_circle_keepsEachOnce() {
        Throwable replica = LoggableThrowable.of(HostileThrowables.circle());

        assertThat(replica)
                .hasMessageEndingWith(": a")
                .cause()
                .hasMessageEndingWith(": b")
                .hasNoCause();
    }

    @Test
    void of_hugeMessage_isBoundedInAReplica() {
        var thrown = new IllegalStateException("x".repeat(1_000_000), HostileThrowables.circle());

        assertThat(LoggableThrowable.of(thrown).getMessage()).hasSizeLessThan(2_200);
    }

    @Test
    void of_throwableWithoutMessage_saysSoInAReplica() {
        var thrown = new IllegalStateException(null, HostileThrowables.circle());

        assertThat(LoggableThrowable.of(thrown)).hasMessage("java.lang.IllegalStateException: (no message)");
    }

    @Test
    void render_sharedCause_isLoggedOnceEach() {
        var shared = new IllegalStateException("shared");
        var thrown = new IllegalStateException("outer", shared);
        thrown.addSuppressed(shared);
        try (LogCapture log = LogCapture.start();
                RequestContext context = RequestContext.open(Requests.request())) {
            Rendered answer = renderer.render(thrown, context);

            IThrowableProxy proxy = log.only().getThrowableProxy();
            assertThat(new String(answer.body(), UTF_8)).doesNotContain("shared");
            assertThat(proxy.getCause().getMessage()).endsWith(": shared");
            assertThat(proxy.getSuppressed()).isEmpty();
        }
    }
}
