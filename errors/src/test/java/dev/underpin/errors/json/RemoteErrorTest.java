package dev.underpin.errors.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.underpin.errors.GoldenAnswers;
import dev.underpin.errors.Rendered;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteErrorTest {
    private static final String ENVELOPE =
            "{\"error\":{\"code\":\"%s\",\"message\":\"secret of theirs\",\"details\":[]}}";

    private final Json json = Jacksons.JACKSON_3.standard();

    private static Function<String, @Nullable String> headers(String... namesAndValues) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers::get;
    }

    private DomainError read(int status, String body, String... namesAndValues) {
        return json.readError(status, headers(namesAndValues), body.getBytes(UTF_8));
    }

    /* ---- what both sides of this library say to each other ---- */

    static Stream<Arguments> goldens() {
        return Arrays.stream(Jacksons.values())
                .flatMap(jackson -> Arrays.stream(GoldenAnswers.values())
                        .filter(answer -> !answer.name().startsWith("SUCCESS"))
                        .map(answer -> Arguments.of(jackson, answer)));
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void readError_ourOwnAnswers_keepCodeRetryAndDetails(Jacksons jackson, GoldenAnswers answer) {
        var json = jackson.standard();
        Rendered sent = answer.render(json);

        DomainError error = json.readError(sent.status(), sent.headers()::get, sent.body());

        String body = new String(sent.body(), UTF_8);
        assertThat(body).contains("\"code\":\"" + error.code().name() + '"');
        assertThat(error.message()).isEqualTo(error.kind().code().text());
        assertThat(error.args()).containsEntry("remoteStatus", sent.status()).containsKey("remoteRequestId");
        assertThat(error.retryAfter().isPresent()).isEqualTo(sent.headers().containsKey("Retry-After"));
        if (sent.status() >= 500) {
            assertThat(error.details()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void readError_fullEnvelope_isTheErrorAgain(Jacksons jackson) {
        var json = jackson.standard();
        Rendered sent = GoldenAnswers.ERROR_FULL.render(json);

        DomainError error = json.readError(409, sent.headers()::get, sent.body());

        assertThat(error.kind()).isEqualTo(ErrorKind.CONFLICT);
        assertThat(error.code().name()).isEqualTo("OUT_OF_STOCK");
        assertThat(error.retryAfter()).contains(Duration.ofSeconds(2));
        assertThat(error.details())
                .extracting(Detail::field, Detail::code, Detail::message, Detail::args, Detail::in)
                .containsExactly(
                        tuple("items[2].quantity", "TOO_MANY", "is not valid", Map.of("max", 2), "body"),
                        tuple("limit", "OUT_OF_RANGE", "is not valid", Map.of("min", 1, "max", 100), "query"),
                        tuple("prices[\"a/b~c d\\u000d\"].amount", "NOT_POSITIVE", "is not valid", Map.of(), null),
                        tuple("$", "NOT_POSITIVE", "is not valid", Map.of(), null));
    }

    @ParameterizedTest
    @EnumSource
    void readError_fullProblem_isTheErrorAgain(Jacksons jackson) {
        var json = jackson.standard();
        Rendered sent = GoldenAnswers.PROBLEM_FULL.render(json);

        DomainError error = json.readError(409, sent.headers()::get, sent.body());

        assertThat(error.code().name()).isEqualTo("OUT_OF_STOCK");
        assertThat(error.details())
                .extracting(Detail::field, Detail::code, Detail::in)
                .containsExactly(
                        tuple("items[2].quantity", "TOO_MANY", null),
                        tuple("limit", "OUT_OF_RANGE", "query"),
                        tuple("prices[\"a/b~c d\\u000d\"].amount", "NOT_POSITIVE", null),
                        tuple("$", "NOT_POSITIVE", null));
    }

    @ParameterizedTest
    @EnumSource
    void readError_unavailableWithRetryAfter_keepsTheWaitAndHidesTheMessage(Jacksons jackson) {
        DomainError error = jackson.standard()
                .readError(
                        503,
                        headers("Retry-After", "30"),
                        "{\"error\":{\"code\":\"STOCK_DOWN\",\"message\":\"host 10.0.0.7\",\"details\":[],\"new\":{\"a\":[1]}},\"x\":1}"
                                .getBytes(UTF_8));

        assertThat(error.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(error.code().name()).isEqualTo("STOCK_DOWN");
        assertThat(error.retryAfter()).contains(Duration.ofSeconds(30));
        assertThat(error.message()).isEqualTo("The service is temporarily unavailable");
    }

    /* ---- kinds ---- */

    @ParameterizedTest
    @CsvSource({
        "400,MALFORMED",
        "401,UNAUTHENTICATED",
        "403,FORBIDDEN",
        "404,NOT_FOUND",
        "409,CONFLICT",
        "412,PRECONDITION",
        "422,UNPROCESSABLE",
        "429,RATE_LIMITED",
        "499,CANCELLED",
        "500,INTERNAL",
        "501,NOT_IMPLEMENTED",
        "502,BAD_GATEWAY",
        "503,UNAVAILABLE",
        "504,TIMEOUT",
        "418,MALFORMED",
        "405,MALFORMED",
        "507,BAD_GATEWAY",
        "599,BAD_GATEWAY",
        "200,BAD_GATEWAY",
        "302,BAD_GATEWAY",
        "0,BAD_GATEWAY",
        "-1,BAD_GATEWAY",
        "1000,BAD_GATEWAY"
    })
    void readError_status_givesTheKind(int status, ErrorKind kind) {
        DomainError error = read(status, ENVELOPE.formatted("SOME_CODE"));

        assertThat(error.kind()).isEqualTo(kind);
        assertThat(error.code().name()).isEqualTo("SOME_CODE");
        assertThat(error.retry()).isEqualTo(kind.retry());
    }

    @ParameterizedTest
    @CsvSource({
        "400,VALIDATION_FAILED,VALIDATION",
        "400,MALFORMED_REQUEST,MALFORMED",
        "422,VALIDATION_FAILED,VALIDATION",
        "409,PRECONDITION_FAILED,PRECONDITION",
        "409,CONFLICT,CONFLICT",
        "404,INTERNAL_ERROR,NOT_FOUND",
        "404,not_a_reason,NOT_FOUND",
        "404,A,NOT_FOUND"
    })
    void readError_defaultOrBadCode_isTheDefaultOfTheKind(int status, String code, ErrorKind kind) {
        assertThat(read(status, ENVELOPE.formatted(code)).code()).isEqualTo(kind.code());
    }

    @ParameterizedTest
    @CsvSource({"{\"field\":\"a\"},VALIDATION", "'',MALFORMED"})
    void readError_badRequestWithDetails_isAValidationError(String detail, ErrorKind kind) {
        assertThat(read(400, "{\"error\":{\"code\":\"BAD_ORDER\",\"details\":[" + detail + "]}}")
                        .kind())
                .isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "\"text\"",
                "17",
                "{}",
                "{\"error\":\"Not Found\"}",
                "{\"error\":{}}",
                "{\"error\":null}",
                "{\"message\":\"no\"}",
                "<html>502</html>",
                "{\"error\":{\"code\":\"A_B\"",
                "\u0000",
                "{\"timestamp\":1,\"status\":404,\"error\":\"Not Found\"}"
            })
    void readError_anythingElse_isABadGateway(String body) {
        for (int status : new int[] {400, 404, 500, 503}) {
            DomainError error = read(status, body, "Retry-After", "7");

            assertThat(error.code()).isEqualTo(ErrorKind.BAD_GATEWAY.code());
            assertThat(error.retryAfter()).contains(Duration.ofSeconds(7));
            assertThat(error.args()).isEqualTo(Map.of("remoteStatus", status));
            assertThat(error.details()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void readError_noBodyOrTooLongABody_isABadGateway(Jacksons jackson) {
        var json = jackson.standard();
        byte[] long_ = ENVELOPE.formatted("A_B").concat(" ".repeat(1 << 20)).getBytes(UTF_8);

        assertThat(json.readError(404, headers(), null).kind()).isEqualTo(ErrorKind.BAD_GATEWAY);
        assertThat(json.readError(404, headers(), long_).kind()).isEqualTo(ErrorKind.BAD_GATEWAY);
        assertThat(json.readError(404, headers(), new byte[] {(byte) 0xff, (byte) 0xfe, 0})
                        .kind())
                .isEqualTo(ErrorKind.BAD_GATEWAY);
        assertThat(json.readError(404, headers(), "[".repeat(200_000).getBytes(ISO_8859_1))
                        .kind())
                .isEqualTo(ErrorKind.BAD_GATEWAY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"title\":\"Not Found\"}",
                "{\"type\":\"about:blank\"}",
                "{\"type\":\"x\",\"code\":7,\"errors\":{}}"
            })
    void readError_foreignProblem_isKnownByItsMembers(String body) {
        assertThat(read(404, body).code()).isEqualTo(ErrorKind.NOT_FOUND.code());
    }

    @ParameterizedTest
    @CsvSource({
        "application/problem+json,NOT_FOUND",
        "Application/Problem+JSON; charset=utf-8,NOT_FOUND",
        "application/json,BAD_GATEWAY"
    })
    void readError_problemWithoutMembers_isKnownByItsType(String type, ErrorKind kind) {
        assertThat(read(404, "{\"status\":404}", "Content-Type", type).kind()).isEqualTo(kind);
    }

    /* ---- how long to wait ---- */

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "1,1",
        "' 12 ',12",
        "31536001,31536000",
        "99999999999999999999999999,31536000",
        "'Sat, 21 Nov 2026 10:00:30 GMT',30",
        "'Sat, 21 Nov 2026 09:00:00 GMT',0",
        "'Wed, 21 Nov 2096 10:00:00 GMT',31536000"
    })
    void readError_retryAfterHeader_isTheWait(String header, long seconds) {
        DomainError error = read(
                429, ENVELOPE.formatted("SLOW_DOWN"), "Retry-After", header, "Date", "Sat, 21 Nov 2026 10:00:00 GMT");

        assertThat(error.retryAfter()).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-1", "1.5", "soon", "1e3", "0x10", "Sat, 99 Nov 2026 10:00:30 GMT", "\u0661", "1\r\n2"})
    void readError_badRetryAfter_isLeftOut(String header) {
        assertThat(read(429, ENVELOPE.formatted("SLOW_DOWN"), "Retry-After", header)
                        .retryAfter())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"2,2", "1.2,2", "0,0", "1e300,31536000"})
    void readError_retryAfterInTheBody_isTheWait(String value, long seconds) {
        String body = "{\"error\":{\"code\":\"SLOW_DOWN\",\"retryAfterSeconds\":" + value + "}}";

        assertThat(read(429, body).retryAfter()).contains(Duration.ofSeconds(seconds));
        assertThat(read(429, body, "Retry-After", "9").retryAfter()).contains(Duration.ofSeconds(9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-2", "\"2\"", "null", "[]", "true"})
    void readError_badRetryAfterInTheBody_isLeftOut(String value) {
        assertThat(read(429, "{\"error\":{\"code\":\"SLOW_DOWN\",\"retryAfterSeconds\":" + value + "}}")
                        .retryAfter())
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void readError_dateWithoutTheRemoteClock_isMeasuredByOurs(Jacksons jackson) {
        DomainError error = jackson.standard()
                .readError(
                        503,
                        headers("Retry-After", "Sat, 21 Nov 2020 10:00:00 GMT"),
                        ENVELOPE.formatted("A_B").getBytes(UTF_8));

        assertThat(error.retryAfter()).contains(Duration.ZERO);
    }

    /* ---- the request id ---- */

    @ParameterizedTest
    @CsvSource({"abc-1.2_3,true", "a b,false", "'',false", "a\u00e4,false"})
    void readError_requestId_isKeptIfValid(String id, boolean kept) {
        String body = "{\"error\":{\"code\":\"A_B\",\"requestId\":\"" + id + "\"}}";

        assertThat(read(404, body).args().containsKey("remoteRequestId")).isEqualTo(kept);
        assertThat(read(404, body, "X-Request-Id", "outer").args())
                .containsEntry("remoteRequestId", kept ? id : "outer");
        assertThat(read(404, "", "X-Request-Id", id).args().containsKey("remoteRequestId"))
                .isEqualTo(kept);
    }

    @ParameterizedTest
    @EnumSource
    void readError_headersThatThrow_areAbsent(Jacksons jackson) {
        DomainError error = jackson.standard()
                .readError(
                        503,
                        name -> {
                            throw new IllegalStateException(name);
                        },
                        ENVELOPE.formatted("A_B").getBytes(UTF_8));

        assertThat(error.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(error.retryAfter()).isEmpty();
    }

    /* ---- details nobody should believe ---- */

    @ParameterizedTest
    @EnumSource
    void readError_hostileDetails_areBoundedAndPlain(Jacksons jackson) {
        String detail = "{\"field\":\"" + "f".repeat(5_000) + "\",\"message\":\"" + "m".repeat(5_000)
                + "\",\"code\":\"bad code\",\"in\":\"nowhere\",\"params\":{\"ok\":1,\"bad name\":2,\"map\":{},\"long\":\""
                + "l".repeat(5_000)
                + "\",\"list\":[1,[2],{},null,\"a\"],\"huge\":1e999,\"big\":99999999999999999999,\"yes\":true,\"none\":null}}";
        String body = "{\"error\":{\"code\":\"A_B\",\"details\":[7,null,\"x\"," + "{},".repeat(150) + detail + "]}}";

        DomainError error = jackson.standard().readError(422, headers(), body.getBytes(UTF_8));
        assertThat(error.details()).hasSize(100).allSatisfy(each -> {
            assertThat(each.field()).isEqualTo("$");
            assertThat(each.code()).isEqualTo("VALUE_INVALID");
            assertThat(each.message()).isEqualTo("is not valid");
        });

        String one = "{\"error\":{\"code\":\"A_B\",\"details\":[" + detail + "]}}";
        Detail kept = jackson.standard()
                .readError(422, headers(), one.getBytes(UTF_8))
                .details()
                .get(0);
        assertThat(kept.field()).isEqualTo("[\"" + "f".repeat(64) + "\"]");
        assertThat(kept.message()).isEqualTo("is not valid");
        assertThat(kept.code()).isEqualTo("VALUE_INVALID");
        assertThat(kept.in()).isNull();
        assertThat(kept.args()).isEqualTo(Map.of("ok", 1, "yes", true));
    }

    @ParameterizedTest
    @EnumSource
    void readError_moreParamsThanAnyoneNeeds_areCut(Jacksons jackson) {
        StringBuilder params = new StringBuilder("\"p\":1");
        for (int i = 0; i < 100; i++) {
            params.append(",\"p").append(i).append("\":").append(i);
        }
        String body = "{\"error\":{\"code\":\"A_B\",\"details\":[{\"field\":\"a\",\"params\":{" + params + "}}]}}";

        assertThat(jackson.standard()
                        .readError(400, headers(), body.getBytes(UTF_8))
                        .details()
                        .get(0)
                        .args())
                .hasSize(16);
    }

    @ParameterizedTest
    @CsvSource({
        "#/items/2/price,items[2].price",
        "#/0,[0]",
        "#,$",
        "'',$",
        "#/a~1b/c~0d,\"[\"\"a/b\"\"][\"\"c~d\"\"]\"",
        "#/a%20b,\"[\"\"a b\"\"]\"",
        "#/%zz,\"[\"\"%zz\"\"]\"",
        "/items/0,items[0]",
        "#/a+b,\"[\"\"a+b\"\"]\"",
        "#/12345678901,12345678901",
        "#/,\"[\"\"\"\"]\"",
        "#/a//b,\"a[\"\"\"\"].b\"",
        "#/%C3%A4,\u00e4"
    })
    void readError_pointerOfAProblem_isThePath(String pointer, String field) {
        String body = "{\"title\":\"x\",\"errors\":[{\"detail\":\"d\",\"pointer\":\"" + pointer + "\"}]}";

        assertThat(read(400, body).details())
                .extracting(Detail::field)
                .containsExactly(field.replaceAll("^\"|\"$", "").replace("\"\"", "\""));
    }
}
