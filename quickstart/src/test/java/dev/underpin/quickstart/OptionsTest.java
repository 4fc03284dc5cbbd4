package dev.underpin.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.quickstart.Options.Mode;
import dev.underpin.result.Detail;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OptionsTest {
    private static final String SECRET = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
    private static final String OTHER_SECRET = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=";

    @Test
    void parse_nothing_hasDefaults() {
        Options options = parse();

        assertThat(options.mode()).isEqualTo(Mode.SERVE);
        assertThat(options.host()).isEqualTo("127.0.0.1");
        assertThat(options.port()).isEqualTo(8080);
        assertThat(options.orders()).isEqualTo(100_000);
        assertThat(options.database().jdbcUrl()).contains("target/quickstart-data");
    }

    @Test
    void parse_bothSpellings_areRead() {
        Options options = parse("--port=81", "--data", "/tmp/x", "--host", "0.0.0.0", "--orders=5");

        assertThat(options.port()).isEqualTo(81);
        assertThat(options.host()).isEqualTo("0.0.0.0");
        assertThat(options.orders()).isEqualTo(5);
        assertThat(options.database().jdbcUrl()).startsWith("jdbc:h2:retry:file:/tmp/x/");
    }

    @Test
    void parse_environment_countsUnlessAnArgumentSaysOtherwise() {
        Map<String, String> env = Map.of("PORT", "82", "DATABASE_URL", "postgres://u:p@h/d");

        Options options = Options.parse(List.of(), env).orElseThrow();

        assertThat(options.port()).isEqualTo(82);
        assertThat(options.database()).hasToString("PostgreSQL at h/d");
        assertThat(Options.parse(List.of("--port", "83"), env).orElseThrow().port())
                .isEqualTo(83);
    }

    @Test
    void parse_paymentUrl_isRead() {
        Options options =
                Options.parse(List.of(), Map.of("PAYMENT_URL", "http://h:81")).orElseThrow();

        assertThat(options.payments()).contains(URI.create("http://h:81"));
        assertThat(parse().payments()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"h:81", "/x", "file:///x", "http://", "http:x", "http://a b"})
    void parse_paymentUrlThatIsNone_isNamed(String url) {
        Result<Options, ValidationError> result = Options.parse(List.of(), Map.of("PAYMENT_URL", url));

        assertThat(result.fold(options -> List.<Detail>of(), ValidationError::details))
                .extracting(Detail::field)
                .containsExactly("PAYMENT_URL");
    }

    @Test
    void parse_courierUrl_isRead() {
        Options options =
                Options.parse(List.of(), Map.of("COURIER_URL", "http://h:82")).orElseThrow();

        assertThat(options.courier()).contains(URI.create("http://h:82"));
        assertThat(parse().courier()).isEmpty();
    }

    @Test
    void parse_settingsOfCalls_areReadBesideTheDefaults() {
        Options options = Options.parse(
                        List.of(),
                        Map.of("RES_PAYMENTS_RETRY_MAX_ATTEMPTS", "5", "res.courier.breaker.open-for", "250ms"))
                .orElseThrow();

        assertThat(options.settings())
                .containsEntry("res.payments.retry.max-attempts", "5")
                .containsEntry("res.payments.attempt-timeout", "PT3S")
                .containsEntry("res.courier.retry.max-attempts", "3")
                .containsEntry("res.courier.breaker.open-for", "PT0.25S");
    }

    @Test
    void parse_badSettingsOfCalls_areAllNamed() {
        Result<Options, ValidationError> result = Options.parse(
                List.of("--port=x"),
                Map.of(
                        "RES_PAYMENTS_BREAKER_FAILURE_RATE", "often",
                        "RES_PAYMENTS_DEADLINE", "soon",
                        "RES_COURIER_BREAKR_OPEN_FOR", "1s"));

        assertThat(result.fold(options -> List.<Detail>of(), ValidationError::details))
                .extracting(Detail::field)
                .containsExactlyInAnyOrder(
                        "--port",
                        "RES_PAYMENTS_BREAKER_FAILURE_RATE",
                        "RES_PAYMENTS_DEADLINE",
                        "RES_COURIER_BREAKR_OPEN_FOR");
    }

    @Test
    void parse_cursorKeys_areReadAndNotShown() {
        Options options = Options.parse(List.of(), Map.of("CURSOR_KEYS", "2:" + SECRET + ", 1:" + OTHER_SECRET + ",0:"))
                .orElseThrow();

        assertThat(options.cursorKeys()).isPresent();
        assertThat(options.toString()).contains("signing=2", "ids=[0, 1, 2]").doesNotContain(SECRET, OTHER_SECRET);
        assertThat(parse().cursorKeys()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                SECRET,
                ":" + SECRET,
                "1:",
                "256:" + SECRET,
                "one:" + SECRET,
                "1:c2hvcnQ=",
                "1:" + SECRET + "!",
                "1:" + SECRET + ",1:" + OTHER_SECRET,
                "1:" + SECRET + ",",
                ","
            })
    void parse_badCursorKeys_areAFaultThatDoesNotShowThem(String keys) {
        var result = Options.parse(List.of(), Map.of("CURSOR_KEYS", keys));

        assertThat(result).isInstanceOfSatisfying(Result.Err.class, err -> {
            ValidationError error = (ValidationError) err.error();
            assertThat(error.details()).extracting(Detail::field).containsExactly("CURSOR_KEYS");
            assertThat(error.toString()).doesNotContain(SECRET, OTHER_SECRET);
        });
    }

    @Test
    void parse_modes_areRead() {
        assertThat(parse("--demo").mode()).isEqualTo(Mode.DEMO);
        assertThat(parse("--help").mode()).isEqualTo(Mode.HELP);
    }

    @Test
    void parse_faults_areAllReported() {
        Result<Options, ValidationError> result = Options.parse(
                List.of("--prot", "80", "--port", "65536", "--orders", "many", "--demo=1"),
                Map.of("DATABASE_URL", "mysql://u:hunter2@h/d"));

        assertThat(result).isInstanceOfSatisfying(Result.Err.class, err -> {
            ValidationError error = (ValidationError) err.error();
            assertThat(error.details())
                    .extracting(Detail::field)
                    .containsExactly("--prot", "80", "--demo=1", "--port", "--orders", "DATABASE_URL");
            assertThat(error.details()).extracting(Detail::message).noneMatch(text -> text.contains("hunter2"));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port", "--host", "--data", "--orders", "--data=", "--host= "})
    void parse_valueMissing_isAFault(String arg) {
        assertThat(Options.parse(List.of(arg), Map.of()).isOk()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"port=80", "demo", "help", "-port=80"})
    void parse_withoutDashes_isAFault(String arg) {
        assertThat(Options.parse(List.of(arg), Map.of()).isOk()).isFalse();
    }

    @Test
    void parse_emptyVariables_areAsIfTheyWereNotSet() {
        Options options = Options.parse(List.of(), Map.of("PORT", "", "DATABASE_URL", "", "CURSOR_KEYS", ""))
                .orElseThrow();

        assertThat(options).isEqualTo(parse());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--demo"})
    void parse_badVariableThatIsNotUsed_doesNotMatter(String flag) {
        assertThat(Options.parse(
                                List.of(flag),
                                Map.of(
                                        "PORT",
                                        "x",
                                        "DATABASE_URL",
                                        "bad",
                                        "CURSOR_KEYS",
                                        "bad",
                                        "RES_PAYMENTS_DEADLINE",
                                        "bad"))
                        .isOk())
                .isTrue();
    }

    private static Options parse(String... args) {
        return Options.parse(List.of(args), Map.of()).orElseThrow();
    }
}
