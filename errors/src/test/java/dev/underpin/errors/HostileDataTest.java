package dev.underpin.errors;

import static dev.underpin.errors.Requests.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.errors.json.Jackson2Json;
import dev.underpin.errors.json.Jackson3Json;
import dev.underpin.result.Result;
import java.io.ByteArrayInputStream;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Data that no service means to send, through the writers that services use. */
class HostileDataTest {
    private final LogCapture log = LogCapture.start();

    @AfterEach
    void stop() {
        log.close();
    }

    interface Entity {
        String getName();
    }

    static Stream<Arguments> values() {
        Map<String, Object> selfMap = new HashMap<>();
        selfMap.put("self", selfMap);
        List<Object> selfList = new ArrayList<>();
        selfList.add(selfList);
        Entity lazy = (Entity) Proxy.newProxyInstance(
                Entity.class.getClassLoader(), new Class<?>[] {Entity.class}, (proxy, method, args) -> {
                    throw new IllegalStateException("hunter2: no session");
                });
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("an object", new Object());
        values.put("a stream", new ByteArrayInputStream("hunter2".getBytes(UTF_8)));
        values.put("a map in itself", selfMap);
        values.put("a list in itself", selfList);
        values.put("a lazy proxy", lazy);
        values.put("a throwable", new IllegalStateException("hunter2"));
        values.put("a result", Result.ok("hunter2"));
        return Stream.of(Jackson2Json.of(new ObjectMapper()), Jackson3Json.of(new JsonMapper()))
                .flatMap(json -> values.entrySet().stream()
                        .map(value ->
                                Arguments.of(json.getClass().getSimpleName(), value.getKey(), json, value.getValue())));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("values")
    void answer_hostileData_isAnInternalErrorLoggedOnce(String writer, String name, BodyWriter json, Object value) {
        Renderer renderer = Renderer.builder(json).build();

        for (Result<?, ?> data : List.of(
                Result.ok(Map.of("nested", List.of(value))),
                Result.ok(Envelope.of(List.of()).meta(Map.of("meta", value))))) {
            Rendered answer = renderer.answer(request(), context -> Result.ok(data.orElseThrow()));

            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).isEqualTo(GoldenAnswers.ERROR_INTERNAL.expected());
        }
        assertThat(log.events()).hasSize(2).allMatch(event -> event.getLevel() == Level.ERROR);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    void answer_numberThatIsNone_isStillJson(String writer, String name, BodyWriter json, Object value) {
        Rendered answer = Renderer.builder(json).build().answer(request(), context -> Result.ok(Double.NaN));

        assertThat(new String(answer.body(), UTF_8)).isEqualTo("{\"data\":\"NaN\"}");
    }
}
