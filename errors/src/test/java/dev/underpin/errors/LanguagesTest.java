package dev.underpin.errors;

import static dev.underpin.errors.Requests.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LanguagesTest {
    private static final ErrorCode OUT_OF_STOCK = ErrorCode.of(ErrorKind.CONFLICT, "OUT_OF_STOCK", "Only {left} left");
    private static final ErrorCode POSITIVE = ErrorCode.of(ErrorKind.VALIDATION, "NOT_POSITIVE", "must be positive");
    private static final ErrorCode DOWN = ErrorCode.of(ErrorKind.UNAVAILABLE, "STOCK_DOWN", "No route to {host}");

    private final Map<String, String> french = new HashMap<>(Map.of(
            "error.OUT_OF_STOCK", "Il n'en reste que {left}",
            "error.NOT_POSITIVE", "doit être positif",
            "error.STOCK_DOWN", "Stock indisponible {host}",
            "error.SERVICE_UNAVAILABLE", "Service indisponible"));
    private final List<String> asked = new ArrayList<>();
    private final Renderer renderer =
            Renderer.builder(new PlainJson()).messages(this::resolve).build();
    private final DomainError error = DomainError.builder(OUT_OF_STOCK)
            .arg("left", 2)
            .detail(new Detail("a", "NOT_POSITIVE", "must be positive", Map.of("min", 1), null))
            .detail(Detail.of("b", POSITIVE))
            .build();

    private Optional<String> resolve(String key, Map<String, Object> args, Locale locale) {
        asked.add(key + args + locale);
        return locale.getLanguage().equals("fr") ? Optional.ofNullable(french.get(key)) : Optional.empty();
    }

    private String answer(DomainError error, String... headers) {
        return new String(
                renderer.answer(request(headers), context -> Result.err(error)).body(), UTF_8);
    }

    @Test
    void answer_everyTextIsThere_isInThatLanguage() {
        assertThat(answer(error, "Accept-Language", "fr"))
                .contains("\"message\":\"Il n'en reste que {left}\"")
                .contains("\"field\":\"a\",\"message\":\"doit être positif\"")
                .contains("\"field\":\"b\",\"message\":\"doit être positif\"")
                .doesNotContain("must be");
        assertThat(asked)
                .containsExactly(
                        "error.OUT_OF_STOCK{left=2}fr", "error.NOT_POSITIVE{min=1}fr", "error.NOT_POSITIVE{}fr");
    }

    @Test
    void answer_oneDetailWithoutText_isInTheDefaultWordsThroughout() {
        french.remove("error.NOT_POSITIVE");

        assertThat(answer(error, "Accept-Language", "fr"))
                .contains("Only 2 left")
                .contains("must be positive")
                .doesNotContain("reste");
    }

    @Test
    void answer_messageWithoutText_isInTheDefaultWordsThroughout() {
        french.remove("error.OUT_OF_STOCK");

        assertThat(answer(error, "Accept-Language", "fr"))
                .contains("Only 2 left")
                .doesNotContain("positif");
    }

    @Test
    void answer_otherDefaultLocaleOfTheProcess_changesNothing() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.FRENCH);
        try {
            assertThat(answer(error)).contains("Only 2 left");
            assertThat(asked).allMatch(question -> question.endsWith("en"));
            Locale.setDefault(Locale.forLanguageTag("ar-EG"));
            assertThat(answer(error, "Accept-Language", "fr")).contains("reste");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void answer_serverFault_asksForTheTextOfItsKindAndTellsNoArguments() {
        DomainError down = DomainError.builder(DOWN)
                .arg("host", "10.0.0.7")
                .detail(Detail.of("a", POSITIVE))
                .build();

        assertThat(answer(down, "Accept-Language", "fr"))
                .contains("\"code\":\"STOCK_DOWN\",\"message\":\"Service indisponible\",\"details\":[]")
                .doesNotContain("10.0.0.7", "Stock");
        assertThat(asked).containsExactly("error.SERVICE_UNAVAILABLE{}fr");
    }

    @Test
    void answer_serverFaultWithoutGenericText_isInTheDefaultWords() {
        french.remove("error.SERVICE_UNAVAILABLE");

        assertThat(answer(DOWN.error(), "Accept-Language", "fr"))
                .contains(ErrorKind.UNAVAILABLE.code().text())
                .doesNotContain("Stock");
    }

    @Test
    void answer_concealed_asksForTheGenericTextOnly() {
        Renderer concealing = Renderer.builder(new PlainJson())
                .messages(this::resolve)
                .concealForbidden()
                .build();

        Rendered answer = concealing.answer(
                request("Accept-Language", "fr"),
                context -> Result.err(ErrorKind.FORBIDDEN.code().error()));

        assertThat(answer.status()).isEqualTo(404);
        assertThat(asked).containsExactly("error.NOT_FOUND{}fr");
    }

    @Test
    void answer_resolvedText_isBoundedToo() {
        french.put("error.OUT_OF_STOCK", "x".repeat(5_000));

        assertThat(answer(error, "Accept-Language", "fr")).hasSizeLessThan(3_000);
    }
}
