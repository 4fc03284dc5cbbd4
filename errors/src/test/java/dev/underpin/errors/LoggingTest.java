package dev.underpin.errors;

import static dev.underpin.errors.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.underpin.errors.context.RequestContext;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

class LoggingTest {
    private static final ErrorCode NOT_FOUND = ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_NOT_FOUND", "No order {id}");

    private final LogCapture log = LogCapture.start();
    private final Renderer renderer = Renderer.builder(new PlainJson()).build();

    @AfterEach
    void stop() {
        log.close();
    }

    private static Rendered answer(Renderer renderer, DomainError error) {
        return renderer.answer(request(), context -> Result.err(error));
    }

    @Test
    void answer_success_logsNothing() {
        assertThat(renderer.answer(request(), context -> Result.ok(1)).status()).isEqualTo(200);

        assertThat(log.events()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void answer_everyKind_isLoggedOnceAtItsLevel(ErrorKind kind) {
        var cause = new IllegalStateException("cause");
        boolean fault = Statuses.standard().http(kind.code().error()) >= 500;

        int status = answer(
                        renderer, DomainError.builder(kind.code()).cause(cause).build())
                .status();

        ILoggingEvent event = log.only();
        assertThat(event.getLevel()).isEqualTo(fault ? Level.ERROR : Level.DEBUG);
        assertThat(event.getFormattedMessage()).isEqualTo(kind.code() + " " + status + " requestId=" + Requests.ID);
        assertThat(event.getThrowableProxy() != null).isEqualTo(fault);
    }

    @Test
    void answer_serverFault_isLoggedWithTheStackTraceAndTheIdInTheMdc() {
        assertThat(renderer.answer(request(), context -> {
                            throw new IllegalStateException("bug");
                        })
                        .status())
                .isEqualTo(500);

        assertThat(LogCapture.trace(log.only()))
                .contains("IllegalStateException: bug")
                .contains("LoggingTest");
        assertThat(log.only().getMDCPropertyMap()).isEqualTo(Map.of("requestId", Requests.ID));
    }

    @Test
    void answer_serverFaultWithoutCause_isLoggedWithoutStackTrace() {
        answerQuietly(ErrorKind.UNAVAILABLE.code().error());

        assertThat(log.only().getThrowableProxy()).isNull();
    }

    @Test
    void answer_userText_isNeverInTheLog() {
        answerQuietly(DomainError.builder(NOT_FOUND)
                .arg("id", "user text\r\nforged")
                .detail(new Detail("user text", "CODE", "user text", Map.of("a", "user text"), null))
                .build());

        assertThat(log.only().getFormattedMessage()).isEqualTo("ORDER_NOT_FOUND 404 requestId=" + Requests.ID);
    }

    @Test
    void answer_concealed_isLoggedAsWhatItIs() {
        Renderer concealing =
                Renderer.builder(new PlainJson()).concealForbidden().build();

        assertThat(answer(concealing, ErrorKind.FORBIDDEN.code().error()).status())
                .isEqualTo(404);

        assertThat(log.only().getFormattedMessage()).isEqualTo("PERMISSION_DENIED 404 requestId=" + Requests.ID);
    }

    @Test
    void answer_ownLevel_isUsed() {
        Renderer warning = Renderer.builder(new PlainJson())
                .logLevel(error -> error.is(NOT_FOUND) ? org.slf4j.event.Level.WARN : org.slf4j.event.Level.TRACE)
                .build();

        assertThat(answer(warning, NOT_FOUND.error()).status()).isEqualTo(404);

        assertThat(log.only().getLevel()).isEqualTo(Level.WARN);
    }

    @Test
    void answer_ownLevelIsNullOrThrows_isTheStandardOne() {
        Renderer silent =
                Renderer.builder(new PlainJson()).logLevel(error -> null).build();
        Renderer broken = Renderer.builder(new PlainJson())
                .logLevel(error -> {
                    throw new IllegalStateException("broken");
                })
                .build();

        assertThat(answer(silent, ErrorKind.TIMEOUT.code().error()).status()).isEqualTo(504);
        assertThat(answer(broken, NOT_FOUND.error()).status()).isEqualTo(404);

        assertThat(log.events()).extracting(ILoggingEvent::getLevel).containsExactly(Level.ERROR, Level.DEBUG);
    }

    @Test
    void answer_loggerThrows_isAnsweredAllTheSame() {
        Logger logger = (Logger) LoggerFactory.getLogger(Renderer.class);
        // AppenderBase would report and swallow it; a turbo filter or an appender of one's own need not.
        var broken = new AppenderBase<ILoggingEvent>() {
            @Override
            public synchronized void doAppend(ILoggingEvent event) {
                throw new IllegalStateException("disk full");
            }

            @Override
            protected void append(ILoggingEvent event) {}
        };
        broken.start();
        logger.addAppender(broken);
        try {
            assertThat(answer(renderer, ErrorKind.TIMEOUT.code().error()).status())
                    .isEqualTo(504);
            assertThat(answer(renderer, NOT_FOUND.error()).status()).isEqualTo(404);
            Renderer unwritable = Renderer.builder(tree -> {
                        throw new IllegalStateException("broken writer");
                    })
                    .build();
            assertThat(answer(unwritable, NOT_FOUND.error()).status()).isEqualTo(500);
        } finally {
            logger.detachAppender(broken);
        }
    }

    @Test
    void answer_nestedContext_leavesTheOuterOneInTheMdc() {
        try (RequestContext outer = RequestContext.open(request("X-Request-Id", "outer"))) {
            answerQuietly(NOT_FOUND.error());

            assertThat(MDC.get("requestId")).isEqualTo(outer.requestId());
        }
        assertThat(MDC.get("requestId")).isNull();
    }

    private void answerQuietly(DomainError error) {
        assertThat(answer(renderer, error).body()).isNotEmpty();
    }
}
