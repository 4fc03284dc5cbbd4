package dev.underpin.errors.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptLanguageTest {
    private static final String ALPHABET = "-,;=.*/ \t\r\n01q9efrENuxi_ä\u0000\u2028\ud83d";

    private static RequestContext open(String acceptLanguage) {
        return RequestContext.open(name -> name.equals("Accept-Language") ? acceptLanguage : null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", ",e", ",0.u", " -", ",", ";", "-;q=1", "--"})
    void locale_textTheParserRunsOffTheEndOf_isEnglish(String header) {
        try (RequestContext context = open(header)) {
            assertThat(context.locale()).isEqualTo(Locale.ENGLISH);
        }
    }

    @Test
    void locale_anyText_isSomeLanguage() {
        long seed = 20_261_121;
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            String header = text(random);
            try (RequestContext context = open(header)) {
                assertThatCode(() -> assertThat(context.locale().getLanguage()).isNotEmpty())
                        .as("seed %d, case %d: %s", seed, i, header)
                        .doesNotThrowAnyException();
            }
        }
    }

    @Test
    void locale_askedAgain_isNotReadAgain() {
        // A locale of so rare a shape is in no cache of the JDK's that would make the instances equal by chance.
        try (RequestContext context = open("fr-CH-x-underpin")) {
            assertThat(context.locale())
                    .isSameAs(context.locale())
                    .isEqualTo(Locale.forLanguageTag("fr-CH-x-underpin"));
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(12);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
