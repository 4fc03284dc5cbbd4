package dev.underpin.errors;

import static dev.underpin.errors.Requests.problemRequest;
import static dev.underpin.errors.Requests.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RenderFailuresTest {
    private static final ErrorCode NOT_FOUND = ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_NOT_FOUND", "No such order");

    private final LogCapture log = LogCapture.start();

    @AfterEach
    void stop() {
        log.close();
    }

    private static void assertConstant(Rendered answer) {
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.body()).isEqualTo(Rendered.internalError().body());
        assertThat(answer.headers()).isEqualTo(Map.of("Content-Type", "application/json", "X-Request-Id", Requests.ID));
    }

    private String onlyTrace() {
        assertThat(log.only().getLevel()).isEqualTo(Level.ERROR);
        assertThat(log.only().getFormattedMessage()).isEqualTo("INTERNAL_ERROR 500 requestId=" + Requests.ID);
        return LogCapture.trace(log.only());
    }

    @Test
    void answer_dataThatCannotBeWritten_isAnInternalErrorLoggedOnce() {
        Renderer renderer = Renderer.builder(new PlainJson()).build();

        Rendered answer = renderer.answer(request(), context -> Result.ok(Envelope.created(new Object(), "/1")));

        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.headers()).doesNotContainKey("Location");
        assertThat(answer.body()).isEqualTo(GoldenAnswers.ERROR_INTERNAL.expected());
        assertThat(onlyTrace()).contains("cannot write a java.lang.Object");
    }

    @Test
    void answer_metaThatCannotBeWritten_isAnInternalErrorInTheFormatAskedFor() {
        Renderer renderer = Renderer.builder(new PlainJson()).build();

        Rendered answer = renderer.answer(
                problemRequest(), context -> Result.ok(Envelope.of(1).meta(Map.of("page", new Object()))));

        assertThat(answer.headers()).containsEntry("Content-Type", "application/problem+json");
        assertThat(onlyTrace()).contains("cannot write a java.lang.Object");
    }

    @Test
    void answer_writerThrowsAlways_isTheConstantLoggedOnce() {
        Renderer renderer = Renderer.builder(tree -> {
                    throw new IllegalStateException("broken writer");
                })
                .build();

        assertConstant(renderer.answer(request(), context -> Result.ok(1)));
        assertThat(onlyTrace()).contains("An error could not be rendered").contains("broken writer");
    }

    @Test
    void answer_writerReturnsNull_isTheConstantLoggedOnce() {
        Renderer renderer = Renderer.builder(tree -> null).build();

        assertConstant(renderer.answer(request(), context -> Result.ok(1)));
        assertThat(onlyTrace()).contains("NullPointerException: body");
    }

    @Test
    void answer_resolverThrows_isTheConstantAndTheLogHasTheCauseOfTheErrorToo() {
        Renderer renderer = Renderer.builder(new PlainJson())
                .messages((key, args, locale) -> {
                    throw new IllegalStateException("broken resolver");
                })
                .build();
        DomainError error = DomainError.builder(NOT_FOUND)
                .cause(new IllegalStateException("the cause"))
                .build();

        assertConstant(renderer.answer(request(), context -> Result.err(error)));
        assertThat(onlyTrace()).contains("broken resolver").contains("the cause");
    }

    @Test
    void answer_resolverReturnsNull_hasTheDefaultText() {
        Renderer renderer = Renderer.builder(new PlainJson())
                .messages((key, args, locale) -> null)
                .build();

        Rendered answer = renderer.answer(request(), context -> Result.err(NOT_FOUND.error()));

        assertThat(new String(answer.body(), UTF_8)).contains("\"message\":\"No such order\"");
        assertThat(log.errors()).isEmpty();
    }

    @Test
    void answer_translatorFunctionThrows_isInternalLoggedOnceWithBoth() {
        Renderer renderer = Renderer.builder(new PlainJson())
                .translator(Translator.builder()
                        .on(IllegalStateException.class, e -> {
                            throw new IllegalArgumentException("broken function");
                        })
                        .build())
                .build();

        Rendered answer = renderer.answer(request(), context -> {
            throw new IllegalStateException("the original");
        });

        assertThat(answer.body()).isEqualTo(GoldenAnswers.ERROR_INTERNAL.expected());
        assertThat(onlyTrace()).contains("broken function").contains("the original");
    }

    @Test
    void answer_errorWithBrokenMethods_isTheConstant() {
        Renderer renderer = Renderer.builder(new PlainJson()).build();
        DomainError broken = new DomainError() {
            @Override
            public ErrorCode code() {
                throw new IllegalStateException("broken code");
            }

            @Override
            public Optional<Throwable> cause() {
                throw new IllegalStateException("broken cause");
            }
        };

        assertConstant(renderer.answer(request(), context -> Result.err(broken)));
        assertThat(onlyTrace()).contains("broken code");
    }

    @Test
    void answer_errorWhoseCauseThrows_isAnsweredAndLogged() {
        Renderer renderer = Renderer.builder(new PlainJson()).build();
        DomainError broken = new DomainError() {
            @Override
            public ErrorCode code() {
                return ErrorKind.INTERNAL.code();
            }

            @Override
            public Optional<Throwable> cause() {
                throw new IllegalStateException("broken cause");
            }
        };

        Rendered answer = renderer.answer(request(), context -> Result.err(broken));

        assertThat(answer.body()).isEqualTo(GoldenAnswers.ERROR_INTERNAL.expected());
        assertThat(log.only().getThrowableProxy()).isNull();
    }

    @Test
    void answer_errorInTheWriter_flies() {
        var error = new OutOfMemoryError("simulated");
        Renderer renderer = Renderer.builder(tree -> {
                    throw error;
                })
                .build();

        assertThatThrownBy(() -> renderer.answer(request(), context -> Result.ok(1)))
                .isSameAs(error);
        assertThat(log.events()).isEmpty();
    }

    @Test
    void answer_writerFailsOnce_isLoggedOnce() {
        var calls = new AtomicInteger();
        Renderer renderer = Renderer.builder(tree -> {
                    if (calls.getAndIncrement() == 0) {
                        throw new IllegalStateException("first");
                    }
                    return new PlainJson().write(tree);
                })
                .build();

        assertThat(renderer.answer(request(), context -> Result.ok(1)).body())
                .isEqualTo(GoldenAnswers.ERROR_INTERNAL.expected());
        assertThat(onlyTrace()).contains("first");
    }

    static Stream<Object> valuesThatAreNotPlain() {
        Map<String, Object> circular = new HashMap<>();
        circular.put("self", circular);
        return Stream.of(
                new Object(),
                new ByteArrayInputStream(new byte[0]),
                circular,
                Double.NaN,
                Float.POSITIVE_INFINITY,
                new IllegalStateException("secret"),
                new AtomicInteger(1),
                new int[] {1},
                Stream.of(1),
                List.of(new Object()),
                List.of(List.of(1)),
                Arrays.asList(1, null),
                new BigDecimal("1") {
                    private static final long serialVersionUID = 1;
                },
                (Supplier<Object>) () -> {
                    throw new IllegalStateException("lazy");
                });
    }

    @ParameterizedTest
    @MethodSource("valuesThatAreNotPlain")
    void answer_argumentThatIsNotPlain_isLeftOutAndLoggedOnce(Object value) {
        Renderer renderer = Renderer.builder(new PlainJson()).build();
        Detail detail = new Detail("field", "CODE", "message", Map.of("bad", value, "good", 1, "worse", value), null);
        DomainError error = new ValidationError(List.of(detail, detail));

        Rendered answer = renderer.answer(request(), context -> Result.err(error));

        assertThat(new String(answer.body(), UTF_8))
                .contains("\"params\":{\"good\":1}")
                .doesNotContain("bad")
                .doesNotContain("stackTrace");
        assertThat(log.errors()).hasSize(1);
        assertThat(log.errors().get(0).getFormattedMessage())
                .isEqualTo("Not plain, and left out of the answer: param bad of CODE, a "
                        + value.getClass().getName() + " requestId=" + Requests.ID);
    }

    @Test
    void answer_noArgumentIsPlain_hasNoParams() {
        Renderer renderer = Renderer.builder(new PlainJson()).build();
        DomainError error =
                new ValidationError(List.of(new Detail("field", "CODE", "message", Map.of("bad", new Object()), null)));

        assertThat(new String(
                        renderer.answer(request(), context -> Result.err(error)).body(), UTF_8))
                .doesNotContain("params");
    }
}
