package dev.underpin.errors.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogTextTest {
    @Test
    void of_printableText_isTheSameInstance() {
        String text = "a ~ é 尺 😀";

        assertThat(LogText.of(text)).isSameAs(text);
        assertThat(LogText.of(text, text.length())).isSameAs(text);
        assertThat(LogText.isPrintable(text)).isTrue();
    }

    @Test
    void of_whatDoesNotShow_isAnUnderscore() {
        String text = "a\r\n\t\u0000\u001f\u007f\u0085\u2028\u2029\u202e\u200b\ufeffb";

        assertThat(LogText.of(text)).isEqualTo("a____________b");
        assertThat(LogText.isPrintable(text)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, a", "2, a", "3, a😀", "4, a😀b", "5, a😀b"})
    void of_limit_neverSplitsAPair(int limit, String expected) {
        assertThat(LogText.of("a😀b", limit)).isEqualTo(expected);
    }
}
