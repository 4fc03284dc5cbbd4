package dev.underpin.errors;

import static dev.underpin.errors.Requests.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.errors.json.Jackson2Json;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The arguments of a server's failure are in the log, because they are nowhere else. */
class LoggedArgsTest {
    private static final ErrorCode STORE = ErrorCode.of(ErrorKind.UNAVAILABLE, "STORE_DOWN", "The store is down");
    private static final String HEAD = "STORE_DOWN 503 requestId=" + Requests.ID;

    private final LogCapture log = LogCapture.start();
    private final Renderer renderer = Renderer.builder(new PlainJson()).build();

    @AfterEach
    void stop() {
        log.close();
    }

    private String logged(DomainError error) {
        Rendered answer = renderer.answer(request(), context -> Result.err(error));
        assertThat(new String(answer.body(), UTF_8)).doesNotContain("args", "remote");
        return log.only().getFormattedMessage();
    }

    private static DomainError store(Map<String, Object> args) {
        return DomainError.builder(STORE).args(args).build();
    }

    @Test
    void answer_failureOfARemoteService_logsItsStatusAndItsRequestId() {
        byte[] body = "{\"error\":{\"code\":\"OUT_OF_DISK\",\"message\":\"m\",\"details\":[],\"requestId\":\"r-9\"}}"
                .getBytes(UTF_8);
        DomainError remote = Jackson2Json.of(new ObjectMapper()).readError(503, name -> null, body);

        assertThat(logged(remote))
                .endsWith(" requestId=" + Requests.ID + " args: remoteRequestId=\"r-9\" remoteStatus=503");
    }

    @Test
    void answer_everyPlainType_isLoggedSortedByName() {
        var id = new UUID(1, 2);

        assertThat(logged(store(Map.of(
                        "g",
                        Duration.ofSeconds(3),
                        "b",
                        true,
                        "a",
                        1,
                        "c",
                        new BigDecimal("2.50"),
                        "d",
                        "text with spaces",
                        "e",
                        ErrorKind.TIMEOUT,
                        "f",
                        id,
                        "h",
                        'x'))))
                .isEqualTo(HEAD + " args: a=1 b=true c=2.50 d=\"text with spaces\" e=\"TIMEOUT\" f=\"" + id
                        + "\" g=\"PT3S\" h=\"x\"");
    }

    @Test
    void answer_valuesThatAreNotPlain_areLeftOut() {
        assertThat(logged(store(Map.of(
                        "a",
                        List.of(1),
                        "b",
                        new Object(),
                        "c",
                        Map.of("k", "v"),
                        "d",
                        Double.NaN,
                        "e",
                        BigInteger.ONE.shiftLeft(100_000),
                        "f",
                        new BigDecimal(BigInteger.ONE.shiftLeft(100_000)),
                        "g",
                        new IllegalStateException("secret")))))
                .isEqualTo(HEAD);
        assertThat(log.only().getThrowableProxy()).isNull();
    }

    @Test
    void answer_hostileText_isOneQuotedValueInOneLine() {
        assertThat(logged(store(Map.of("host", "a\r\nERROR forged\u2028\u202e\u001b[2J\" user=\"root\\"))))
                .isEqualTo(HEAD + " args: host=\"a__ERROR forged___[2J\\\" user=\\\"root\\\\\"");
    }

    @Test
    void answer_hostileName_isInOneLine() {
        assertThat(logged(store(Map.of("a\nb", 1)))).isEqualTo(HEAD + " args: a_b=1");
    }

    @Test
    void answer_longText_isCutAfter128Characters() {
        assertThat(logged(store(Map.of("a", "x".repeat(1_000_000)))))
                .isEqualTo(HEAD + " args: a=\"" + "x".repeat(128) + '"');
    }

    @Test
    void answer_manyArguments_logsTenAndSaysSo() {
        var error = DomainError.builder(STORE);
        for (int i = 10; i < 100; i++) {
            error.arg("a" + i, i);
        }

        assertThat(logged(error.build()))
                .isEqualTo(HEAD + " args: a10=10 a11=11 a12=12 a13=13 a14=14 a15=15 a16=16 a17=17 a18=18 a19=19 ...");
    }

    @Test
    void answer_exactlyTenArguments_logsAll() {
        var error = DomainError.builder(STORE);
        for (int i = 0; i < 10; i++) {
            error.arg("a" + i, i);
        }

        assertThat(logged(error.build())).endsWith(" a9=9");
    }

    @ParameterizedTest
    @EnumSource
    void answer_everyKind_logsArgumentsOfServerFaultsOnly(ErrorKind kind) {
        boolean fault = Statuses.standard().http(kind.code().error()) >= 500;

        assertThat(logged(DomainError.builder(kind.code()).arg("key", "value").build())
                        .contains("value"))
                .isEqualTo(fault);
    }

    @Test
    void answer_argumentsThatCannotBeRead_isLoggedWithoutThem() {
        DomainError broken = new DomainError() {
            @Override
            public ErrorCode code() {
                return STORE;
            }

            @Override
            public Map<String, Object> args() {
                throw new NoClassDefFoundError("dev/example/Gone");
            }
        };

        assertThat(logged(broken)).isEqualTo(HEAD);
    }
}
