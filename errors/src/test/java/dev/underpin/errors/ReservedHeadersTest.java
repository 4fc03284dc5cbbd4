package dev.underpin.errors;

import static dev.underpin.errors.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What says where an answer ends is left to the server that sends it. */
class ReservedHeadersTest {
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length", "content-length", "Transfer-Encoding", "TRANSFER-ENCODING", "Connection"})
    void headers_ofTheServer_areRejectedByName(String name) {
        String message = "a header that says where the answer ends is the server's: " + name;

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Envelope.of(1).headers(Map.of(name, "0")))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Envelope<>(1, 200, Map.of(name, "0"), Map.of()))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Renderer.builder(new PlainJson()).headers(ErrorKind.CONFLICT.code(), Map.of(name, "0")))
                .withMessage(message);
    }

    @Test
    void answer_resetContent_hasNeitherBodyNorContentType() {
        Renderer renderer = Renderer.builder(new PlainJson()).build();

        Rendered answer =
                renderer.answer(request(), context -> Result.ok(new Envelope<>("a", 205, Map.of(), Map.of())));

        assertThat(answer.status()).isEqualTo(205);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.headers()).isEqualTo(Map.of("X-Request-Id", Requests.ID));
    }
}
