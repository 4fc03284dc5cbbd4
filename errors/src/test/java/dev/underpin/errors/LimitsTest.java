package dev.underpin.errors;

import static dev.underpin.errors.Requests.problemRequest;
import static dev.underpin.errors.Requests.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitsTest {
    private static final ErrorCode ECHO = ErrorCode.of(ErrorKind.UNPROCESSABLE, "ECHO", "{text}");
    private static final String HUGE = "x".repeat(1_000_000);
    private static final String CUT = "x".repeat(2048) + "…";

    private final Renderer renderer = Renderer.builder(new PlainJson()).build();

    private String body(DomainError error) {
        return new String(
                renderer.answer(request(), context -> Result.err(error)).body(), UTF_8);
    }

    private String problem(DomainError error) {
        return new String(
                renderer.answer(problemRequest(), context -> Result.err(error)).body(), UTF_8);
    }

    @Nested
    class Sizes {
        @Test
        void answer_hugeMessage_isCut() {
            DomainError error = ECHO.error(Map.of("text", HUGE));

            assertThat(body(error)).contains("\"message\":\"" + CUT + "\"").hasSizeLessThan(3_000);
            assertThat(problem(error)).contains("\"detail\":\"" + CUT + "\"").hasSizeLessThan(3_000);
        }

        @Test
        void answer_hugeDetail_isCutInEveryText() {
            DomainError error = new ValidationError(List.of(
                    new Detail(HUGE, HUGE, HUGE, Map.of(HUGE, HUGE, "list", Collections.nCopies(1_000, 1)), HUGE)));

            assertThat(body(error)).contains("\"field\":\"" + CUT + "\"").hasSizeLessThan(14_000);
            assertThat(problem(error)).contains("\"parameter\":\"" + CUT + "\"").hasSizeLessThan(14_000);
        }

        @Test
        void answer_textOfExactlyTheLimit_isKept() {
            String text = "x".repeat(2048);

            assertThat(body(ECHO.error(Map.of("text", text)))).contains("\"message\":\"" + text + "\"");
        }

        @Test
        void answer_tenThousandDetails_showsAHundredAndSaysSo() {
            DomainError error = new ValidationError(Collections.nCopies(10_000, Detail.of("a", ECHO)));

            assertThat(body(error)).containsOnlyOnce("\"truncated\":true").hasSizeLessThan(10_000);
            assertThat(body(error).split("\"field\"", -1)).hasSize(101);
            assertThat(problem(error).split("\"pointer\"", -1)).hasSize(101);
        }

        @Test
        void answer_aHundredDetails_isNotTruncated() {
            assertThat(body(new ValidationError(Collections.nCopies(100, Detail.of("a", ECHO)))))
                    .doesNotContain("truncated");
        }

        @Test
        void answer_longList_isCutAfterAHundredItems() {
            var detail = new Detail("a", "A", "a", Map.of("list", Collections.nCopies(1_000, 7)), null);
            String hundred = String.join(",", Collections.nCopies(100, "7"));

            assertThat(body(new ValidationError(List.of(detail)))).contains("\"params\":{\"list\":[" + hundred + "]}");
        }
    }

    @Nested
    class Encoding {
        @ParameterizedTest
        @ValueSource(strings = {"\ud800", "\udc00", "a\ud800b", "\ud800\ud800\udc00", "\udc00\ud800", "\ud83d\ude00"})
        void bounded_surrogates_areValidUtf8(String text) throws CharacterCodingException {
            String bounded = Text.bounded(text);

            ByteBuffer bytes = UTF_8.newEncoder().encode(CharBuffer.wrap(bounded));
            assertThat(UTF_8.newDecoder().decode(bytes).toString()).isEqualTo(bounded);
            assertThat(bounded).hasSameSizeAs(text);
        }

        @Test
        void bounded_pairAtTheLimit_isNotSplit() {
            String text = "x".repeat(2047) + "\ud83d\ude00";

            assertThat(Text.bounded(text)).isEqualTo("x".repeat(2047) + "…");
        }

        @Test
        void bounded_pairBeforeTheLimit_isKept() {
            String text = "\ud83d\ude00" + "x".repeat(2046);

            assertThat(Text.bounded(text)).isEqualTo(text);
            assertThat(Text.bounded(text + "x")).isEqualTo(text + "…");
        }

        @Test
        void bounded_loneSurrogateAtTheEnd_isReplaced() {
            assertThat(Text.bounded("a\ud800")).isEqualTo("a\ufffd");
        }

        @Test
        void bounded_plainText_isTheSameInstance() {
            String text = "plain é \u2028 \u0000";

            assertThat(Text.bounded(text)).isSameAs(text);
        }

        @Test
        void answer_hostileText_isLoggedInOneLineWithoutIt() {
            DomainError error = ECHO.error(Map.of("text", "a\r\nERROR forged\u2028\u001b[2J"));
            try (LogCapture log = LogCapture.start()) {
                assertThat(body(error)).contains("a\\r\\nERROR forged");

                assertThat(log.only().getFormattedMessage()).isEqualTo("ECHO 422 requestId=" + Requests.ID);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "${1+1}",
                    "{0}",
                    "{jakarta.validation.constraints.NotNull.message}",
                    "%s%n",
                    "{}",
                    "\\{x}",
                    "'{0}'"
                })
        void answer_textThatLooksLikeATemplate_isSentAsItIs(String text) {
            DomainError error = DomainError.builder(ECHO)
                    .arg("text", text)
                    .detail(new Detail("field", "CODE", text, Map.of("text", text), null))
                    .build();
            String written = text.replace("\\", "\\\\");

            assertThat(body(error))
                    .contains("\"code\":\"ECHO\",\"message\":\"" + written + "\"")
                    .contains("\"field\":\"field\",\"message\":\"" + written + "\"")
                    .contains("\"params\":{\"text\":\"" + written + "\"}");
        }
    }

    @Nested
    class Kebab {
        @ParameterizedTest
        @CsvSource({"ORDER_NOT_FOUND, order-not-found", "A1B, a1b", "I_II, i-ii"})
        void kebab_code_isLowerCaseInEveryLocale(String code, String expected) {
            var before = Locale.getDefault();
            Locale.setDefault(Locale.forLanguageTag("tr"));
            try {
                assertThat(Text.kebab(code)).isEqualTo(expected);
            } finally {
                Locale.setDefault(before);
            }
        }
    }
}
