package dev.underpin.errors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/problem+json",
                "Application/Problem+JSON",
                "  application/problem+json  ",
                "application/problem+json;charset=utf-8",
                "application/problem+json, application/json;q=0.9",
                "application/json;q=0.9, application/problem+json",
                "application/json ; Q=0.5 , application/problem+json ; q=0.501",
                "text/html, application/problem+json;q=0.001",
                "*/*;q=0.1, application/problem+json;q=0.2",
                "application/*;q=0.1, application/problem+json",
                "application/json;q=0, */*",
                "application/json;q=0, application/*;q=0.1",
                "application/json;q=nonsense, application/problem+json;q=0.1",
                "text/plain;title=\"a,b;q=1\\\"\", application/problem+json",
                "application/problem+json;q=0.1, application/problem+json;q=0.8, application/json;q=0.5",
                "application/problem+json;q=1.0;level=1",
                "application/problem+json;q=9",
            })
    void prefersProblem_problemHasTheHigherQuality_isTrue(String accept) {
        assertThat(Accept.prefersProblem(accept)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",,;,",
                "application/json",
                "*/*",
                "application/*",
                "text/html, */*;q=0.8",
                "application/json, application/problem+json",
                "application/problem+json, application/json",
                "application/problem+json;q=0.5, application/json;q=0.5",
                "application/problem+json;q=0",
                "application/problem+json;q=-1",
                "application/problem+json;q=1x5",
                "application/problem+json;q=1..5",
                "application/problem+json;q=0.1, */*",
                "application/problem+json;q=0.1, application/*;q=0.2",
                "application/problem+jsonx",
                "xapplication/problem+json",
                "application/problem+xml",
                "application/problem",
                "text/plain;x=\"application/problem+json\"",
                "text/plain;x=\", application/problem+json",
            })
    void prefersProblem_anythingElse_isFalse(String accept) {
        assertThat(Accept.prefersProblem(accept)).isFalse();
    }

    @Test
    void prefersProblem_randomText_neverThrows() {
        String alphabet = "application/problem+json*;q=01., \"\\\t\u0000ä";
        for (long seed = 0; seed < 2_000; seed++) {
            var random = new Random(seed);
            var text = new StringBuilder();
            for (int i = random.nextInt(80); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String accept = text.toString();

            assertThat(Accept.prefersProblem(accept)).as("seed %d", seed).isIn(true, false);
        }
    }
}
