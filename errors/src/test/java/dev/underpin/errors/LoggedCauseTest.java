package dev.underpin.errors;

import static dev.underpin.errors.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which exception is in the log line of an answer, and that the line is there whatever the exception does. */
@Timeout(60)
class LoggedCauseTest {
    private static final ErrorCode TAKEN = ErrorCode.of(ErrorKind.CONFLICT, "NAME_TAKEN", "The name is taken");
    private static final String FAILED = "INTERNAL_ERROR 500 requestId=" + Requests.ID;

    private final Renderer renderer = Renderer.builder(new PlainJson()).build();

    private static void render(Renderer renderer, DomainError error) {
        assertThat(renderer.answer(request(), context -> Result.err(error)).body())
                .isNotEmpty();
    }

    private static Renderer at(org.slf4j.event.Level level) {
        return Renderer.builder(new PlainJson()).logLevel(error -> level).build();
    }

    @Nested
    class FaultsOfTheClient {
        private final DomainError taken = DomainError.builder(TAKEN)
                .cause(new IllegalStateException("duplicate key"))
                .build();

        @ParameterizedTest
        @EnumSource
        void answer_clientFaultAtALevel_hasItsCauseFromWarnOn(org.slf4j.event.Level level) {
            try (LogCapture log = LogCapture.start()) {
                render(at(level), taken);

                boolean shown = level == org.slf4j.event.Level.WARN || level == org.slf4j.event.Level.ERROR;
                assertThat(log.events()).hasSize(level == org.slf4j.event.Level.TRACE ? 0 : 1);
                assertThat(log.events()).allMatch(event -> (event.getThrowableProxy() != null) == shown);
            }
        }

        @Test
        void answer_clientFaultWhileTheLoggerIsOnTrace_hasItsCause() {
            try (LogCapture log = LogCapture.start(Level.TRACE)) {
                render(renderer, taken);

                assertThat(log.only().getLevel()).isEqualTo(Level.DEBUG);
                assertThat(LogCapture.trace(log.only())).contains("duplicate key");
            }
        }

        @Test
        void answer_exceptionTranslatedToAClientFault_isTheCause() {
            Renderer warning = Renderer.builder(new PlainJson())
                    .translator(Translator.builder()
                            .on(IllegalStateException.class, e -> TAKEN.error())
                            .build())
                    .logLevel(error -> org.slf4j.event.Level.WARN)
                    .build();
            try (LogCapture log = LogCapture.start()) {
                Rendered answer = warning.answer(request(), context -> {
                    throw new IllegalStateException("a\nforged line");
                });

                assertThat(answer.status()).isEqualTo(409);
                assertThat(LogCapture.trace(log.only())).contains("IllegalStateException: a_forged line");
            }
        }

        @Test
        void answer_loggerIsOff_neverAsksForTheCause() {
            var asked = new AtomicInteger();
            DomainError error = new DomainError() {
                @Override
                public ErrorCode code() {
                    return TAKEN;
                }

                @Override
                public Optional<Throwable> cause() {
                    asked.incrementAndGet();
                    return Optional.empty();
                }
            };
            try (LogCapture log = LogCapture.start(Level.INFO)) {
                render(renderer, error);

                assertThat(log.events()).isEmpty();
                assertThat(asked).hasValue(0);
            }
        }
    }

    @Nested
    class Vanishing {
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 2, 3, 4, 5})
        void render_causeThatCanBeReadAFewTimes_isLoggedOnceWithItsClass(int times) {
            try (LogCapture log = LogCapture.start()) {
                render(renderer, internal(new ForgetfulException(times)));

                assertThat(log.only().getLevel()).isEqualTo(Level.ERROR);
                assertThat(log.only().getFormattedMessage()).startsWith(FAILED);
                assertThat(log.only().getFormattedMessage() + LogCapture.trace(log.only()))
                        .contains("ForgetfulException");
            }
        }

        @Test
        void render_causeThatCanBeReadOnce_isLoggedByTheNamesOfItsClasses() {
            Throwable thrown = new IllegalStateException("a\nb", new ForgetfulException(1));
            Throwable forgetful = new IllegalStateException("outer", new ForgetfulException(1));
            try (LogCapture log = LogCapture.start()) {
                render(renderer, internal(forgetful));

                assertThat(log.only().getFormattedMessage())
                        .isEqualTo(FAILED + " thrown: java.lang.IllegalStateException, caused by "
                                + ForgetfulException.class.getName());
                assertThat(log.only().getThrowableProxy()).isNull();
            }
            // Seen to be unfit before the logging library gets it: a replica, which cannot forget.
            try (LogCapture log = LogCapture.start()) {
                render(renderer, internal(thrown));

                assertThat(LogCapture.trace(log.only())).contains("a_b").contains("ForgetfulException");
            }
        }

        @Test
        void render_bothTheErrorAndTheAnswerFail_isLoggedOnce() {
            Renderer broken = Renderer.builder(tree -> {
                        throw new ForgetfulException(1);
                    })
                    .build();
            try (LogCapture log = LogCapture.start()) {
                render(broken, TAKEN.error());

                assertThat(log.only().getFormattedMessage()).startsWith(FAILED);
                assertThat(log.only().getFormattedMessage() + LogCapture.trace(log.only()))
                        .contains("ForgetfulException");
            }
        }

        @Test
        void render_messageNeedsAMissingClass_isAnsweredAndLogged() {
            try (LogCapture log = LogCapture.start()) {
                render(renderer, internal(new UnlinkedException()));

                assertThat(log.only().getFormattedMessage()).isEqualTo(FAILED);
                assertThat(LogCapture.trace(log.only()))
                        .contains("UnlinkedException: (its message cannot be read)")
                        .contains("LoggedCauseTest");
            }
        }

        @Test
        void render_processIsOutOfMemory_flies() {
            DomainError error = internal(new ExhaustedException());
            try (LogCapture log = LogCapture.start()) {
                assertThatThrownBy(() -> render(renderer, error)).isInstanceOf(OutOfMemoryError.class);

                assertThat(log.events()).isEmpty();
            }
        }

        @Test
        void of_framesWithAHole_isAReplicaWithoutThem() {
            Throwable replica = LoggableThrowable.of(new HoleyException());

            assertThat(replica).hasMessage(HoleyException.class.getName() + ": (no message)");
            assertThat(replica.getStackTrace()).isEmpty();
        }

        @Test
        void namesOf_manyCauses_areTen() {
            assertThat(LoggableThrowable.namesOf(HostileThrowables.deep(10_000)).split(", caused by ", -1))
                    .hasSize(10)
                    .containsOnly("java.lang.IllegalStateException");
        }

        @Test
        void namesOf_circle_areOneEach() {
            assertThat(LoggableThrowable.namesOf(HostileThrowables.circle()))
                    .isEqualTo("java.lang.IllegalStateException, caused by java.lang.IllegalStateException");
        }

        private DomainError internal(Throwable cause) {
            return DomainError.builder(ErrorKind.INTERNAL.code()).cause(cause).build();
        }
    }

    @Nested
    class Forging {
        @ParameterizedTest
        @ValueSource(strings = {"\n", "\r", "\u0085", "\u2028", "\u2029", "\u001b", "\u0000", "\u202e", "\u200b"})
        void of_messageThatCouldEndOrDisguiseALine_isAReplicaOfOneLine(String control) {
            var cause = new IllegalStateException("cause" + control + "ERROR forged");
            var suppressed = new IllegalStateException("suppressed" + control + "ERROR forged");
            var thrown = new IllegalStateException("plain", cause);
            thrown.addSuppressed(suppressed);

            Throwable logged = LoggableThrowable.of(thrown);

            assertThat(logged).isNotSameAs(thrown).hasMessage("java.lang.IllegalStateException: plain");
            assertThat(logged.getCause()).hasMessageEndingWith(": cause_ERROR forged");
            assertThat(logged.getSuppressed()[0]).hasMessageEndingWith(": suppressed_ERROR forged");
            assertThat(logged.getCause().getStackTrace()).isEqualTo(cause.getStackTrace());
        }

        @Test
        void of_textThatCouldEndALine_isAReplica() {
            var thrown = new TwoLinesException();

            assertThat(LoggableThrowable.of(thrown)).hasMessage(TwoLinesException.class.getName() + ": harmless");
        }

        @Test
        void of_printableMessageInAnyLanguage_isLoggedItself() {
            var thrown = new IllegalStateException("Größe 尺寸 😀 \"a\\b\" {}");

            assertThat(LoggableThrowable.of(thrown)).isSameAs(thrown);
        }

        @Test
        void answer_serverFaultWithForgedLines_isOneLinePerThrowable() {
            try (LogCapture log = LogCapture.start()) {
                Rendered answer = renderer.answer(request(), context -> {
                    throw new IllegalStateException("bad\r\n2026-11-21 ERROR admin logged in");
                });

                assertThat(answer.status()).isEqualTo(500);
                assertThat(LogCapture.trace(log.only()).lines())
                        .noneMatch(line -> line.startsWith("2026"))
                        .anyMatch(line -> line.endsWith("bad__2026-11-21 ERROR admin logged in"));
            }
        }

        @Test
        void answer_argumentLeftOutUnderAHostileName_isLoggedInOneLine() {
            var detail = new Detail(
                    "field",
                    "CODE\u2028forged",
                    "message",
                    Map.of("bad\r\nERROR forged" + "x".repeat(1_000), new Object()),
                    null);
            try (LogCapture log = LogCapture.start()) {
                render(renderer, new ValidationError(List.of(detail)));

                assertThat(log.errors()).hasSize(1);
                assertThat(log.errors().get(0).getFormattedMessage())
                        .isEqualTo("Not plain, and left out of the answer: param bad__ERROR forged" + "x".repeat(111)
                                + " of CODE_forged, a java.lang.Object requestId=" + Requests.ID);
            }
        }
    }

    private static final class ForgetfulException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final AtomicInteger left;

        ForgetfulException(int times) {
            left = new AtomicInteger(times);
        }

        @Override
        public synchronized Throwable getCause() {
            if (left.getAndDecrement() <= 0) {
                throw new IllegalStateException("no cause any more");
            }
            return null;
        }
    }

    private static final class UnlinkedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new NoClassDefFoundError("dev/example/Gone");
        }
    }

    private static final class ExhaustedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new OutOfMemoryError("simulated");
        }
    }

    private static final class HoleyException extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public StackTraceElement[] getStackTrace() {
            return new StackTraceElement[1];
        }
    }

    private static final class TwoLinesException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TwoLinesException() {
            super("harmless");
        }

        @Override
        @SuppressWarnings("OverrideThrowableToString")
        public String toString() {
            return "two\nlines in " + super.toString().toLowerCase(Locale.ROOT);
        }
    }
}
