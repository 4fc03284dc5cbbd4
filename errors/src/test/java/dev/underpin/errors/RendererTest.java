package dev.underpin.errors;

import static dev.underpin.errors.Requests.problemRequest;
import static dev.underpin.errors.Requests.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.errors.context.RequestContext;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RendererTest {
    private static final ErrorCode STALE = ErrorCode.of(ErrorKind.PRECONDITION, "ORDER_CHANGED", "It has changed");
    private static final ErrorCode NOT_FOUND = ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_NOT_FOUND", "No such order");
    private static final ErrorCode FORBIDDEN = ErrorCode.of(ErrorKind.FORBIDDEN, "ORDER_NOT_YOURS", "Not your order");

    private final Renderer renderer = builder().build();

    private static Renderer.Builder builder() {
        return Renderer.builder(new PlainJson());
    }

    private static Rendered answer(Renderer renderer, DomainError error) {
        return renderer.answer(request(), context -> Result.err(error));
    }

    private static String body(Rendered answer) {
        return new String(answer.body(), UTF_8);
    }

    @Nested
    class Successes {
        @Test
        void answer_data_isOkInAnEnvelope() {
            Rendered answer = renderer.answer(request(), context -> Result.ok("a"));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers())
                    .isEqualTo(Map.of("Content-Type", "application/json", "X-Request-Id", Requests.ID));
            assertThat(body(answer)).isEqualTo("{\"data\":\"a\"}");
        }

        @Test
        void answer_envelope_keepsStatusAndHeaders() {
            Rendered answer = renderer.answer(request(), context -> Result.ok(Envelope.created("a", "/orders/1")));

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.headers())
                    .isEqualTo(Map.of(
                            "Content-Type", "application/json", "X-Request-Id", Requests.ID, "Location", "/orders/1"));
        }

        @Test
        void answer_ownContentType_replacesOurs() {
            var envelope = Envelope.of("a").headers(Map.of("content-type", "application/vnd.shop+json"));

            assertThat(renderer.answer(request(), context -> Result.ok(envelope))
                            .headers())
                    .hasSize(2)
                    .containsValue("application/vnd.shop+json");
        }

        @Test
        void answer_ownRequestId_isReplacedByTheOneInTheLog() {
            var envelope = Envelope.of("a").headers(Map.of("x-request-id", "forged"));

            assertThat(renderer.answer(request(), context -> Result.ok(envelope))
                            .headers())
                    .hasSize(2)
                    .containsValue(Requests.ID)
                    .doesNotContainValue("forged");
        }

        @ParameterizedTest
        @ValueSource(ints = {204, 304})
        void answer_statusWithoutBody_hasNeitherBodyNorContentType(int status) {
            var envelope = new Envelope<>("a", status, Map.of("content-type", "text/plain", "ETag", "\"1\""), Map.of());

            Rendered answer = renderer.answer(request(), context -> Result.ok(envelope));

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.body()).isEmpty();
            assertThat(answer.headers()).isEqualTo(Map.of("X-Request-Id", Requests.ID, "ETag", "\"1\""));
        }

        @Test
        void answer_empty_isNoContent() {
            Rendered answer = renderer.answer(request(), context -> Result.ok(Envelope.empty()));

            assertThat(answer).isEqualTo(new Rendered(204, Map.of("X-Request-Id", Requests.ID), new byte[0]));
        }

        @Test
        void answer_errorsOnly_neverHaveDataBesideThem() {
            assertThat(body(answer(renderer, NOT_FOUND.error()))).doesNotContain("\"data\"");
            assertThat(body(renderer.answer(request(), context -> Result.ok(1))))
                    .doesNotContain("\"error\"");
        }
    }

    @Nested
    class Headers {
        @Test
        void answer_error_hasContentTypeVaryAndRequestId() {
            assertThat(answer(renderer, NOT_FOUND.error()).headers())
                    .isEqualTo(
                            Map.of("Content-Type", "application/json", "X-Request-Id", Requests.ID, "Vary", "Accept"));
        }

        @Test
        void answer_problem_hasItsContentType() {
            Rendered answer = renderer.answer(problemRequest(), context -> Result.err(NOT_FOUND.error()));

            assertThat(answer.headers()).containsEntry("Content-Type", "application/problem+json");
        }

        @Test
        void answer_textsDependOnTheLanguage_varyByItToo() {
            Renderer translating =
                    builder().messages((key, args, locale) -> Optional.empty()).build();

            assertThat(answer(translating, NOT_FOUND.error()).headers())
                    .containsEntry("Vary", "Accept, Accept-Language");
        }

        @ParameterizedTest
        @CsvSource({"PT0S, 0", "PT1S, 1", "PT1.2S, 2", "PT0.000000001S, 1", "PT24H, 86400"})
        void answer_retryAfter_isInWholeSecondsAndNeverTooEarly(Duration delay, String seconds) {
            DomainError error = DomainError.builder(NOT_FOUND).retryAfter(delay).build();

            Rendered answer = answer(renderer, error);

            assertThat(answer.headers()).containsEntry("Retry-After", seconds);
            assertThat(body(answer)).contains("\"retryAfterSeconds\":" + seconds + "}");
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT-1S", "PT-0.5S"})
        void answer_negativeRetryAfter_isLeftOut(Duration delay) {
            DomainError error = DomainError.builder(NOT_FOUND).retryAfter(delay).build();

            Rendered answer = answer(renderer, error);

            assertThat(answer.headers()).doesNotContainKey("Retry-After");
            assertThat(body(answer)).doesNotContain("retryAfterSeconds");
        }

        @Test
        void answer_endlessRetryAfter_isTheLargestNumber() {
            DomainError error = DomainError.builder(NOT_FOUND)
                    .retryAfter(Duration.ofSeconds(Long.MAX_VALUE, 1))
                    .build();

            assertThat(answer(renderer, error).headers()).containsEntry("Retry-After", "" + Long.MAX_VALUE);
        }

        @Test
        void answer_headersOfACode_areThoseOfThatCodeOnly() {
            ErrorCode code = ErrorKind.UNAUTHENTICATED.code();
            Renderer challenging = builder()
                    .headers(code, Map.of("WWW-Authenticate", "Bearer"))
                    .build();

            assertThat(answer(challenging, code.error()).headers())
                    .hasSize(4)
                    .containsEntry("WWW-Authenticate", "Bearer")
                    .containsEntry("Vary", "Accept");
            assertThat(answer(challenging, NOT_FOUND.error()).headers()).hasSize(3);
        }

        @Test
        void answer_headersOfACode_loseAgainstOurs() {
            Renderer fixed = builder()
                    .headers(
                            NOT_FOUND,
                            Map.of("vary", "x", "content-type", "x", "x-request-id", "x", "retry-after", "x"))
                    .build();
            DomainError error =
                    DomainError.builder(NOT_FOUND).retryAfter(Duration.ZERO).build();

            assertThat(answer(fixed, error).headers()).hasSize(4).doesNotContainValue("x");
        }

        @Test
        void headers_valueWithLineBreak_isRejectedWhenBuilt() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder().headers(NOT_FOUND, Map.of("A", "b\r\nSet-Cookie: c")))
                    .withMessageEndingWith(": A");
        }
    }

    @Nested
    class Status {
        @ParameterizedTest
        @EnumSource
        void answer_everyKind_hasTheStatusInHeadAndProblem(ErrorKind kind) {
            Rendered answer = renderer.answer(
                    problemRequest(), context -> Result.err(kind.code().error()));

            assertThat(answer.status())
                    .isEqualTo(Statuses.standard().http(kind.code().error()));
            assertThat(body(answer)).contains("\"status\":" + answer.status() + ",");
        }

        @ParameterizedTest
        @ValueSource(strings = {"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"})
        void answer_failedConditionOfTheRequest_is412(String header) {
            Rendered answer = renderer.answer(request(header, "x"), context -> Result.err(STALE.error()));

            assertThat(answer.status()).isEqualTo(412);
        }

        @Test
        void answer_failedConditionOfTheDomain_is409() {
            assertThat(answer(renderer, STALE.error()).status()).isEqualTo(409);
        }

        @Test
        void answer_conditionWithAStatusOfItsOwn_hasThatStatus() {
            Renderer byKind = builder()
                    .statuses(Statuses.standard().with(ErrorKind.PRECONDITION, 400))
                    .build();
            Renderer byCode =
                    builder().statuses(Statuses.standard().with(STALE, 409)).build();
            Function<String, @Nullable String> conditional = request("If-Match", "x");

            assertThat(byKind.answer(conditional, context -> Result.err(STALE.error()))
                            .status())
                    .isEqualTo(400);
            assertThat(byCode.answer(conditional, context -> Result.err(STALE.error()))
                            .status())
                    .isEqualTo(409);
        }

        @Test
        void answer_otherErrorOfAConditionalRequest_hasItsOwnStatus() {
            assertThat(renderer.answer(request("If-Match", "x"), context -> Result.err(NOT_FOUND.error()))
                            .status())
                    .isEqualTo(404);
        }
    }

    @Nested
    class ServerFaults {
        @ParameterizedTest
        @EnumSource(names = {"INTERNAL", "NOT_IMPLEMENTED", "BAD_GATEWAY", "UNAVAILABLE", "TIMEOUT"})
        void answer_serverFault_showsItsCodeAndTheTextOfItsKindOnly(ErrorKind kind) {
            ErrorCode code = ErrorCode.of(kind, "OWN_CODE", "secret {host}");
            DomainError error = DomainError.builder(code)
                    .arg("host", "10.0.0.7")
                    .detail(new Detail("secretField", "SECRET", "secret", Map.of("a", "secret"), null))
                    .retry(Retry.NO)
                    .build();

            assertThat(body(answer(renderer, error)))
                    .isEqualTo("{\"error\":{\"code\":\"OWN_CODE\",\"message\":\""
                            + kind.code().text() + "\",\"details\":[],\"requestId\":\"" + Requests.ID + "\"}}");
        }

        @Test
        void answer_otherKindUnderAServerStatus_isGenericToo() {
            Renderer strict =
                    builder().statuses(Statuses.standard().with(NOT_FOUND, 500)).build();
            DomainError error = DomainError.builder(NOT_FOUND)
                    .detail(Detail.of("secretField", NOT_FOUND))
                    .build();

            assertThat(body(answer(strict, error)))
                    .contains("There is no such resource")
                    .doesNotContain("secretField");
        }

        @Test
        void answer_serverKindUnderAClientStatus_isGenericToo() {
            ErrorCode code = ErrorCode.of(ErrorKind.TIMEOUT, "SLOW", "secret");
            Renderer lenient =
                    builder().statuses(Statuses.standard().with(code, 408)).build();

            assertThat(answer(lenient, code.error()).status()).isEqualTo(408);
            assertThat(body(answer(lenient, code.error()))).doesNotContain("secret");
        }

        @ParameterizedTest
        @CsvSource({"NO, false", "SAME_CALL, true", "IF_IDEMPOTENT, true", "HIGHER_LEVEL, true"})
        void answer_retryAdvice_isABooleanOnTheWire(Retry retry, boolean retryable) {
            DomainError error = DomainError.builder(NOT_FOUND).retry(retry).build();

            assertThat(body(answer(renderer, error)).contains("\"retryable\":true"))
                    .isEqualTo(retryable);
            assertThat(body(answer(renderer, error))).doesNotContain("\"retryable\":false");
        }
    }

    @Nested
    class Exceptions {
        private final Renderer translating = builder()
                .translator(Translator.builder()
                        .on(IOException.class, e -> NOT_FOUND.error())
                        .build())
                .build();

        @Test
        void answer_wrappedException_isWhatItStandsFor() {
            Rendered answer = translating.answer(request(), context -> {
                throw new CompletionException(new ExecutionException(new IOException("x")));
            });

            assertThat(answer.status()).isEqualTo(404);
        }

        @Test
        void answer_unknownException_isInternal() {
            Rendered answer = translating.answer(request(), context -> {
                throw new CompletionException(new IllegalStateException("secret"));
            });

            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).isEqualTo(GoldenAnswers.ERROR_INTERNAL.expected());
        }

        @Test
        void answer_carrier_isItsError() {
            Rendered answer = renderer.answer(request(), context -> {
                throw new DomainErrorException(NOT_FOUND.error());
            });

            assertThat(answer).isEqualTo(answer(renderer, NOT_FOUND.error()));
        }

        @Test
        void answer_null_isInternal() {
            assertThat(renderer.answer(request(), context -> null).status()).isEqualTo(500);
        }

        @Test
        void answer_interrupted_restoresTheFlag() {
            Rendered answer = renderer.answer(request(), context -> {
                throw new InterruptedException();
            });

            assertThat(Thread.interrupted()).isTrue();
            assertThat(answer.status()).isEqualTo(500);
        }

        @Test
        void answer_error_flies() {
            var error = new AssertionError("fly");

            assertThatThrownBy(() -> renderer.answer(request(), context -> {
                        throw error;
                    }))
                    .isSameAs(error);
        }

        @Test
        void render_error_isInternal() {
            try (RequestContext context = RequestContext.open(request())) {
                assertThat(renderer.render(new StackOverflowError("secret"), context)
                                .body())
                        .isEqualTo(GoldenAnswers.ERROR_INTERNAL.expected());
            }
        }
    }

    @Nested
    class Concealment {
        private final ErrorCode unknownUser =
                ErrorCode.of(ErrorKind.UNAUTHENTICATED, "BAD_CREDENTIALS", "User or password is wrong");
        private final Renderer concealing = builder()
                .concealForbidden()
                .statuses(Statuses.standard().with(NOT_FOUND, 410))
                .headers(FORBIDDEN, Map.of("X-Why", "forbidden"))
                .build();

        @Test
        void answer_forbiddenAndMissing_areTheSameAnswer() {
            DomainError forbidden = DomainError.builder(FORBIDDEN)
                    .detail(Detail.of("id", FORBIDDEN))
                    .retry(Retry.SAME_CALL)
                    .retryAfter(Duration.ofSeconds(1))
                    .build();
            Rendered generic =
                    answer(builder().build(), ErrorKind.NOT_FOUND.code().error());

            assertThat(answer(concealing, forbidden)).isEqualTo(generic);
            assertThat(answer(concealing, NOT_FOUND.error())).isEqualTo(generic);
            assertThat(answer(concealing, ErrorKind.NOT_FOUND.code().error())).isEqualTo(generic);
        }

        @Test
        void answer_forbiddenAndMissing_areTheSameProblem() {
            assertThat(concealing.answer(problemRequest(), context -> Result.err(FORBIDDEN.error())))
                    .isEqualTo(concealing.answer(problemRequest(), context -> Result.err(NOT_FOUND.error())));
        }

        @Test
        void answer_otherKinds_areAnsweredAsTheyAre() {
            assertThat(answer(concealing, STALE.error()).status()).isEqualTo(409);
        }

        @Test
        void answer_unknownUserAndWrongPassword_differByNothing() {
            DomainError noSuchUser = DomainError.builder(unknownUser)
                    .cause(new IllegalStateException("no such user"))
                    .arg("user", "ann")
                    .build();

            assertThat(answer(renderer, noSuchUser)).isEqualTo(answer(renderer, unknownUser.error()));
        }
    }

    @Test
    void answer_ownErrorType_isRenderedLikeAnyOther() {
        record NoSuchOrder(long id) implements DomainError {
            @Override
            public ErrorCode code() {
                return NOT_FOUND;
            }
        }

        assertThat(answer(renderer, new NoSuchOrder(7))).isEqualTo(answer(renderer, NOT_FOUND.error()));
    }

    @Test
    void answer_everyBody_namesAFieldOnce() {
        for (GoldenAnswers golden : GoldenAnswers.values()) {
            assertThat(golden.render(tree -> {
                                FieldNames.assertUnique(tree);
                                return new byte[0];
                            })
                            .body())
                    .isEmpty();
        }
    }

    /** A map cannot have a name twice, but the fields of a tree are a flat array that could. */
    private static final class FieldNames {
        static void assertUnique(@Nullable Object tree) {
            if (tree instanceof Map<?, ?> map) {
                List<String> names = map.entrySet().stream()
                        .map(entry -> (String) entry.getKey())
                        .toList();
                assertThat(names).doesNotHaveDuplicates();
                map.values().forEach(FieldNames::assertUnique);
            }
            if (tree instanceof List<?> list) {
                list.forEach(FieldNames::assertUnique);
            }
        }
    }
}
