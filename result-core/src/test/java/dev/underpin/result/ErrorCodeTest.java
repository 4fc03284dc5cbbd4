package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import nl.jqno.equalsverifier.EqualsVerifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorCodeTest {
    private static final String LONGEST = "A".repeat(63);

    @ParameterizedTest
    @ValueSource(strings = {"ABC", "A1B", "A_B", "A__9", "ORDER_NOT_FOUND", "A99", "AZ_09"})
    void of_aip193Name_isAccepted(String name) {
        assertThat(ErrorCode.of(ErrorKind.CONFLICT, name, "").name()).isEqualTo(name);
    }

    @Test
    void of_longestName_isAccepted() {
        assertThat(ErrorCode.of(ErrorKind.CONFLICT, LONGEST, "").name()).isEqualTo(LONGEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "A",
                "AB",
                "A_",
                "AB_",
                "_AB",
                "1AB",
                "notFound",
                "aBC",
                "ABc",
                "AbC",
                "A B",
                " ABC",
                "ABC ",
                "A-B",
                "A.B",
                "A/C",
                "A:C",
                "A@B",
                "A[B",
                "[AB",
                "@AB",
                "A`B",
                "A\u00c4B",
                "\u00c4BC",
                "AB\u0130",
                "AB\uff21",
                "AB\n"
            })
    void of_anyOtherName_isRejected(String name) {
        assertThatThrownBy(() -> ErrorCode.of(ErrorKind.CONFLICT, name, ""))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("name must be UPPER_SNAKE_CASE");
    }

    @Test
    void of_nameOf64Characters_isRejected() {
        assertThatThrownBy(() -> ErrorCode.of(ErrorKind.CONFLICT, LONGEST + "A", ""))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 63 characters")
                .hasMessageEndingWith("\"" + LONGEST + "A\"");
    }

    @Test
    void of_hostileName_isBoundedAndPrintableInTheMessage() {
        String hostile = "A\r\nB\u0000\u202e\u00e4~ ";

        assertThatThrownBy(() -> ErrorCode.of(ErrorKind.CONFLICT, hostile, "")).hasMessageEndingWith(": \"A??B???~ \"");
        assertThatThrownBy(() -> ErrorCode.of(ErrorKind.CONFLICT, "x".repeat(80), ""))
                .hasMessageEndingWith(": \"" + "x".repeat(80) + "\"");
        assertThatThrownBy(() -> ErrorCode.of(ErrorKind.CONFLICT, "x".repeat(1_000_000), ""))
                .hasMessageEndingWith(": \"" + "x".repeat(80) + "...\"");
    }

    @Test
    void equals_codes_areEqualByName() {
        EqualsVerifier.forClass(ErrorCode.class)
                .withPrefabValuesForField("name", "CODE_ONE", "CODE_TWO")
                .withOnlyTheseFields("name")
                .withNonnullFields("kind", "name", "text")
                .verify();
    }

    @Test
    void toString_code_isItsName() {
        assertThat(ErrorCode.of(ErrorKind.CONFLICT, "TAKEN", "secret text")).hasToString("TAKEN");
    }

    @Test
    void error_code_isThatAndNothingElse() {
        ErrorCode code = ErrorCode.of(ErrorKind.TIMEOUT, "TOO_SLOW", "too slow");
        DomainError error = code.error();

        assertThat(error.code()).isSameAs(code);
        assertThat(error.args()).isEmpty();
        assertThat(error.details()).isEmpty();
        assertThat(error.retry()).isEqualTo(Retry.IF_IDEMPOTENT);
        assertThat(error.retryAfter()).isEmpty();
        assertThat(error.cause()).isEmpty();
    }

    @Test
    void error_withArguments_holdsACopyOfThem() {
        Map<String, Object> args = new HashMap<>(Map.of("id", 1));
        DomainError error = ErrorCode.of(ErrorKind.NOT_FOUND, "GONE", "no {id}").error(args);
        args.put("id", 2);

        assertThat(error.args()).isEqualTo(Map.of("id", 1));
        assertThat(error.message()).isEqualTo("no 1");
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain                | plain",
                "{a}                  | 1",
                "a {a} b {b} c        | a 1 b {a} c",
                "{a}{a}               | 11",
                "{b}{a}               | {a}1",
                "{missing} {a}        | {missing} 1",
                "{missing}            | {missing}",
                "{ a }                | { a }",
                "{}                   | {}",
                "{{a}}                | {1}",
                "{x{a}                | {x1",
                "{a                   | {a",
                "{a}{                 | 1{",
                "}{a}                 | }1",
                "a}                   | a}",
                "'{a}' {0} %s ${a} \\ | '1' {0} %s $1 \\"
            })
    void format_placeholders_areReplacedInOnePass(String text, String expected) {
        // The value of b looks like a placeholder: it must not be replaced in its turn.
        Map<String, Object> args = Map.of("a", 1, "b", "{a}");

        assertThat(ErrorCode.of(ErrorKind.CONFLICT, "FORMATTED", text)
                        .error(args)
                        .message())
                .isEqualTo(expected);
    }

    @Test
    void format_noArguments_isTheTextItself() {
        String text = "There is no {id}";

        assertThat(ErrorCode.of(ErrorKind.NOT_FOUND, "GONE", text).error().message())
                .isSameAs(text);
    }

    @Test
    void format_manyBraces_staysLinear() {
        // Quadratic, this would take minutes and not milliseconds.
        String hostile = "{".repeat(1_000_000) + "}".repeat(1_000_000);

        assertThat(ErrorCode.of(ErrorKind.NOT_FOUND, "GONE", hostile)
                        .error(Map.of("a", 1))
                        .message())
                .isEqualTo(hostile);
    }
}
