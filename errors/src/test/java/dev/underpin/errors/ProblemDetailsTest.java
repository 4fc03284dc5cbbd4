package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Detail;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemDetailsTest {
    private static final ErrorCode REFUSED = ErrorCode.of(ErrorKind.CONFLICT, "REFUSED", "No");

    private static String problem(Renderer renderer, String requestId) {
        Map<String, String> headers = Map.of("Accept", "application/problem+json", "X-Request-Id", requestId);
        return new String(
                renderer.answer(headers::get, context -> Result.err(REFUSED.error()))
                        .body(),
                UTF_8);
    }

    private static String problemWithStatus(int status) {
        return problem(
                Renderer.builder(new PlainJson())
                        .statuses(Statuses.standard().with(REFUSED, status))
                        .build(),
                "r-1");
    }

    @ParameterizedTest
    @CsvSource({
        "400, Bad Request",
        "401, Unauthorized",
        "402, Payment Required",
        "403, Forbidden",
        "404, Not Found",
        "405, Method Not Allowed",
        "406, Not Acceptable",
        "408, Request Timeout",
        "409, Conflict",
        "410, Gone",
        "411, Length Required",
        "412, Precondition Failed",
        "413, Content Too Large",
        "414, URI Too Long",
        "415, Unsupported Media Type",
        "416, Range Not Satisfiable",
        "417, Expectation Failed",
        "421, Misdirected Request",
        "422, Unprocessable Content",
        "423, Locked",
        "424, Failed Dependency",
        "425, Too Early",
        "426, Upgrade Required",
        "428, Precondition Required",
        "429, Too Many Requests",
        "431, Request Header Fields Too Large",
        "451, Unavailable For Legal Reasons",
        "499, Client Closed Request",
        "500, Internal Server Error",
        "501, Not Implemented",
        "502, Bad Gateway",
        "503, Service Unavailable",
        "504, Gateway Timeout",
        "505, HTTP Version Not Supported",
        "507, Insufficient Storage",
        "508, Loop Detected",
        "511, Network Authentication Required"
    })
    void title_status_isItsReasonPhrase(int status, String phrase) {
        assertThat(problemWithStatus(status)).contains("\"title\":\"" + phrase + "\",\"status\":" + status + ",");
    }

    @ParameterizedTest
    @ValueSource(ints = {418, 549, 599})
    void title_statusWithoutPhrase_isThatOfTheKind(int status) {
        assertThat(problemWithStatus(status)).contains("\"title\":\"Conflict\",\"status\":" + status + ",");
    }

    @ParameterizedTest
    @CsvSource({
        "5f6c7a52-91d3-4c0e-8f0a-3b1d2c4e5f60, 5f6c7a52-91d3-4c0e-8f0a-3b1d2c4e5f60",
        "5F6C7A52-91D3-4C0E-8F0A-3B1D2C4E5F60, 5F6C7A52-91D3-4C0E-8F0A-3B1D2C4E5F60",
        "4bf92f3577b34da6a3ce929d0e0e4736, 4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
        "09afAF0909afAF0909afAF0909afAF09, 09afAF09-09af-AF09-09af-AF0909afAF09"
    })
    void instance_requestIdThatIsAUuid_isItsUrn(String requestId, String uuid) {
        assertThat(problem(Renderer.builder(new PlainJson()).build(), requestId))
                .contains("\"instance\":\"urn:uuid:" + uuid + "\",");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "4bf92f3577b34da6a3ce929d0e0e473",
                "4bf92f3577b34da6a3ce929d0e0e47366",
                "4bf92f3577b34da6a3ce929d0e0e473g",
                "4bf92f3577b34da6a3ce929d0e0e473-",
                "5f6c7a529-1d3-4c0e-8f0a-3b1d2c4e5f60",
                "5f6c7a52-91d34-c0e-8f0a-3b1d2c4e5f60",
                "5f6c7a52-91d3-4c0e8-f0a-3b1d2c4e5f60",
                "5f6c7a52-91d3-4c0e-8f0a3-b1d2c4e5f60",
                "5f6c7a52-91d3-4c0e-8f0a-3b1d2c4e5f6g",
                "5f6c7a52-91d3-4c0e-8f0a-3b1d2c4e5-60",
                "5f6c7a52091d304c0e08f0a03b1d2c4e5f60"
            })
    void instance_anyOtherRequestId_isLeftOut(String requestId) {
        assertThat(problem(Renderer.builder(new PlainJson()).build(), requestId))
                .doesNotContain("instance")
                .contains("\"requestId\":\"" + requestId + "\"");
    }

    @Test
    void params_plainValues_areWrittenAsTheyAre() {
        Map<String, Object> args =
                Map.of("a", (short) 1, "b", (byte) 2, "c", BigInteger.TEN, "d", 0.25f, "e", 'x', "f", Map.entry(1, 2));
        var error = new ValidationError(List.of(new Detail("f", "CODE", "m", args, "path")));
        Renderer renderer = Renderer.builder(new PlainJson()).build();

        String body = new String(
                renderer.answer(Requests.problemRequest(), context -> Result.err(error))
                        .body(),
                UTF_8);

        assertThat(body)
                .contains("{\"detail\":\"m\",\"parameter\":\"f\",\"in\":\"path\",\"code\":\"CODE\","
                        + "\"params\":{\"a\":1,\"b\":2,\"c\":10,\"d\":0.25,\"e\":\"x\"}}");
    }
}
