package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GoldenTest {
    @ParameterizedTest
    @EnumSource
    void render_everyShape_hasTheBytesOfItsFile(GoldenAnswers answer) {
        String body = new String(answer.render(new PlainJson()).body(), UTF_8);

        assertThat(body).isEqualTo(new String(answer.expected(), UTF_8));
    }

    @Test
    void internalError_always_isTheLeastInternalError() {
        Rendered constant = Rendered.internalError();

        assertThat(new String(constant.body(), UTF_8))
                .isEqualTo(
                        "{\"error\":{\"code\":\"INTERNAL_ERROR\",\"message\":\"An internal error occurred\",\"details\":[]}}");
        assertThat(constant.status()).isEqualTo(500);
        assertThat(constant.headers()).isEqualTo(Map.of("Content-Type", "application/json"));
    }
}
