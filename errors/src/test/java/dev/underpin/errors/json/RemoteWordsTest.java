package dev.underpin.errors.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.errors.GoldenAnswers;
import dev.underpin.errors.Rendered;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is believed of a remote service, and that none of its words is passed on. */
class RemoteWordsTest {
    private static DomainError read(Jacksons jackson, int status, String body) {
        return jackson.standard().readError(status, name -> null, body.getBytes(UTF_8));
    }

    private static String detail(String field) {
        return "{\"error\":{\"code\":\"A_B\",\"details\":[{\"field\":\""
                + field.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}]}}";
    }

    @ParameterizedTest
    @EnumSource
    void readError_textsOfTheRemoteService_areNotPassedOn(Jacksons jackson) {
        String members =
                "\"code\":\"A_B\",\"message\":\"s3cret\",\"detail\":\"s3cret\",\"title\":\"s3cret\",\"type\":\"s3cret\",";
        String item =
                "{\"field\":\"a\",\"pointer\":\"#/a\",\"code\":\"TOO_BIG\",\"message\":\"s3cret\",\"detail\":\"s3cret\","
                        + "\"params\":{\"max\":3,\"strict\":true,\"ratio\":0.5,\"owner\":\"s3cret\",\"all\":[\"s3cret\"],\"s3cret!\":1}}";
        for (String body : List.of(
                "{\"error\":{" + members + "\"details\":[" + item + "]}}",
                "{" + members + "\"errors\":[" + item + "]}")) {
            for (int status : new int[] {400, 404, 409, 422, 500, 503}) {
                DomainError error = read(jackson, status, body);

                assertThat(error.message() + error.args() + error.details()).doesNotContain("s3cret");
                assertThat(error.code().name()).isEqualTo("A_B");
                if (status < 500) {
                    assertThat(error.details())
                            .containsExactly(new Detail(
                                    "a",
                                    "TOO_BIG",
                                    "is not valid",
                                    Map.of("max", 3, "strict", true, "ratio", 0.5),
                                    null));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void readError_ourOwnAnswers_keepFieldsAndCodes(Jacksons jackson) {
        var json = jackson.standard();
        for (GoldenAnswers answer : List.of(GoldenAnswers.ERROR_FULL, GoldenAnswers.PROBLEM_FULL)) {
            Rendered sent = answer.render(json);

            DomainError error = json.readError(sent.status(), sent.headers()::get, sent.body());

            assertThat(error.kind()).isEqualTo(ErrorKind.CONFLICT);
            assertThat(error.details())
                    .extracting(Detail::field)
                    .containsExactly("items[2].quantity", "limit", "prices[\"a/b~c d\\u000d\"].amount", "$");
            assertThat(error.details())
                    .extracting(Detail::code)
                    .containsExactly("TOO_MANY", "OUT_OF_RANGE", "NOT_POSITIVE", "NOT_POSITIVE");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "$|$",
                "``|$",
                "a|a",
                "items[2].price|items[2].price",
                "items[2][0].price|items[2][0].price",
                "tags[]|tags[]",
                "m[k].n|m[k].n",
                "m[007]|m[007]",
                "m[12345678901]|m[12345678901]",
                "m[?].n|m[?].n",
                "m[\"a.b[c]\\u000d\\\"\"].n|m[\"a.b[c]\\u000d\\\"\"].n",
                "m[\"k\"]|m[k]",
                "<b>|[\"<b>\"]",
                "a.<b>|a[\"<b>\"]",
                "a..b|a[\"\"].b",
                "a[|a[\"[\"]",
                "a[\"b|a[\"[\\\"b\"]",
                "a[\"b\"|a[\"[\\\"b\\\"\"]",
                "a[b c]|a[\"b c\"]",
                "a\u202eb|[\"a\\u202eb\"]",
                "a[\"\\u00\"]|a[u00]"
            })
    void readError_fieldOfADetail_isAPathOrQuoted(String field, String path) {
        for (Jacksons jackson : Jacksons.values()) {
            assertThat(read(jackson, 422, detail(field)).details())
                    .extracting(Detail::field)
                    .containsExactly(path);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readError_fieldOfAMegabyte_isBounded(Jacksons jackson) {
        for (String field : List.of("x".repeat(200_000), "x.".repeat(100_000), "[\"".repeat(100_000))) {
            assertThat(read(jackson, 422, detail(field)).details())
                    .allMatch(detail -> detail.field().length() < 1_300)
                    .allMatch(detail -> detail.field().chars().allMatch(c -> c >= ' '));
        }
    }

    @ParameterizedTest
    @EnumSource
    void readError_bodyThatGoesOn_isABadGateway(Jacksons jackson) {
        for (String tail : List.of(" {}", "x", "]", " null")) {
            assertThat(read(jackson, 404, "{\"error\":{\"code\":\"A_B\"}}" + tail)
                            .code())
                    .isEqualTo(ErrorKind.BAD_GATEWAY.code());
        }
        assertThat(read(jackson, 404, "{\"error\":{\"code\":\"A_B\"}} \n").kind())
                .isEqualTo(ErrorKind.NOT_FOUND);
    }

    @ParameterizedTest
    @EnumSource
    void readError_headersInLowerCase_areFound(Jacksons jackson) {
        Map<String, String> headers =
                Map.of("retry-after", "7", "x-request-id", "r-1", "content-type", "application/problem+json");

        DomainError error = jackson.standard().readError(503, headers::get, "{\"status\":503}".getBytes(UTF_8));

        assertThat(error.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(error.retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(error.args()).containsEntry("remoteRequestId", "r-1");
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> RuntimeException sneaky(Throwable thrown) throws X {
        throw (X) thrown;
    }

    @ParameterizedTest
    @EnumSource
    void readError_headersThatThrowACheckedException_areAbsent(Jacksons jackson) {
        DomainError error = jackson.standard()
                .readError(
                        503,
                        name -> {
                            throw RemoteWordsTest.<RuntimeException>sneaky(new IOException(name));
                        },
                        "{\"error\":{\"code\":\"A_B\"}}".getBytes(UTF_8));

        assertThat(error.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(error.retryAfter()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"410,NOT_FOUND", "408,TIMEOUT", "425,UNAVAILABLE", "413,MALFORMED", "415,MALFORMED", "451,MALFORMED"})
    void readError_statusWithoutAKindOfItsOwn_hasTheNearest(int status, ErrorKind kind) {
        for (Jacksons jackson : Jacksons.values()) {
            assertThat(read(jackson, status, "{\"error\":{\"code\":\"A_B\"}}").kind())
                    .isEqualTo(kind);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readError_randomSecretsAnywhere_areNotPassedOn(Jacksons jackson) {
        Random random = new Random(20261121);
        var json = jackson.standard();
        for (int round = 0; round < 2_000; round++) {
            String secret = "s3cret " + Long.toString(random.nextLong(), 36).toUpperCase(Locale.ROOT);
            String[] parts = new String[8];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = random.nextInt(3) == 0 ? "{\"a\":[\"" + secret + "\"]}" : '"' + secret + '"';
            }
            String details = "[{\"code\":%s,\"message\":%s,\"detail\":%s,\"in\":%s,\"params\":{\"p\":%s}}]"
                    .formatted((Object[]) parts);
            String body =
                    "{\"code\":%s,\"message\":%s,\"detail\":%s,\"title\":\"t\",\"requestId\":%s,\"errors\":%s,\"details\":%s}"
                            .formatted(parts[5], parts[6], parts[7], parts[0], details, details);
            String sent = random.nextBoolean() ? body : "{\"error\":" + body.replace("\"code\":{", "\"c\":{") + "}";

            DomainError error = json.readError(400 + random.nextInt(200), name -> secret, sent.getBytes(UTF_8));

            assertThat(error.code() + error.message() + error.args() + error.details())
                    .doesNotContain("s3cret");
        }
    }
}
