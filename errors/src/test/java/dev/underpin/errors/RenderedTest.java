package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import nl.jqno.equalsverifier.EqualsVerifier;
import org.junit.jupiter.api.Test;

class RenderedTest {
    @Test
    void send_answer_handsOutStatusThenHeadersThenBody() {
        List<Object> calls = new ArrayList<>();
        var answer = new Rendered(404, Map.of("Vary", "Accept"), "{}".getBytes(UTF_8));

        answer.send(
                calls::add, (name, value) -> calls.add(name + '=' + value), body -> calls.add(new String(body, UTF_8)));

        assertThat(calls).containsExactly(404, "Vary=Accept", "{}");
    }

    @Test
    void send_withoutBody_handsOutAnEmptyOne() {
        List<Object> calls = new ArrayList<>();

        new Rendered(204, Map.of(), new byte[0])
                .send(calls::add, (name, value) -> calls.add(name), body -> calls.add(body.length));

        assertThat(calls).containsExactly(204, 0);
    }

    @Test
    void equals_sameBytesInOtherArray_isEqual() {
        EqualsVerifier.forClass(Rendered.class)
                .withNonnullFields("headers", "body")
                .verify();
    }

    @Test
    void toString_always_hidesHeadersAndBody() {
        assertThat(new Rendered(200, Map.of("Set-Cookie", "secret"), "secret".getBytes(UTF_8)))
                .hasToString("Rendered[status=200, body=6 bytes]");
    }
}
