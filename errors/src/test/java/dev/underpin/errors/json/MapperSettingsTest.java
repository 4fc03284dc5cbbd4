package dev.underpin.errors.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.GoldenAnswers;
import dev.underpin.errors.internal.FieldName;
import dev.underpin.errors.internal.Fields;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** What a mapper's settings may change, and which mappers are refused. */
class MapperSettingsTest {
    private static String text(byte[] body) {
        return new String(body, UTF_8);
    }

    /* ---- settings ---- */

    static Stream<Json> chatty() {
        return Stream.of(
                Jackson2Json.of(com.fasterxml.jackson.databind.json.JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                        .build()),
                Jackson3Json.of(JsonMapper.builder()
                        .enable(tools.jackson.databind.SerializationFeature.INDENT_OUTPUT)
                        .enable(tools.jackson.core.json.JsonWriteFeature.ESCAPE_NON_ASCII)
                        .build()));
    }

    @ParameterizedTest
    @MethodSource("chatty")
    void write_byAnIndentingAndEscapingMapper_leavesErrorsAsTheyAre(Json json) {
        for (GoldenAnswers answer : GoldenAnswers.values()) {
            assertThat(text(answer.render(json).body())).as(answer.name()).isEqualTo(text(answer.expected()));
        }
        assertThat(text(json.write(new Fields(1).add("text", "\u00e9 \ud83d\ude00"))))
                .isEqualTo("{\"text\":\"\u00e9 \ud83d\ude00\"}");
    }

    @ParameterizedTest
    @MethodSource("chatty")
    void write_byAnIndentingAndEscapingMapper_leavesTheEnvelopeCompact(Json json) {
        assertThat(text(json.write(new Fields(2)
                        .add(FieldName.DATA, List.of(1, 2))
                        .add(FieldName.META, Map.of("a", Map.of("b", 1))))))
                .isEqualTo("{\"data\":[1,2],\"meta\":{\"a\":{\"b\":1}}}");
        assertThat(text(json.write(Envelope.of(Map.of("a", "\u00e9")))))
                .isEqualToIgnoringCase("{\"data\":{\"a\":\"\\u00e9\"}}");
        assertThat(text(json.write(Map.of("a", 1)))).contains("\n");
    }

    /* ---- factories ---- */

    private static CharacterEscapes escapes(String open) {
        return new CharacterEscapes() {
            private static final long serialVersionUID = 1;

            @Override
            public int[] getEscapeCodesForAscii() {
                int[] codes = standardAsciiEscapesForJSON();
                codes['<'] = ESCAPE_CUSTOM;
                return codes;
            }

            @Override
            public SerializableString getEscapeSequence(int c) {
                return new SerializedString(open);
            }
        };
    }

    private static tools.jackson.core.io.CharacterEscapes escapes3(String open) {
        return new tools.jackson.core.io.CharacterEscapes() {
            private static final long serialVersionUID = 1;

            @Override
            public int[] getEscapeCodesForAscii() {
                int[] codes = standardAsciiEscapesForJSON();
                codes['<'] = ESCAPE_CUSTOM;
                return codes;
            }

            @Override
            public tools.jackson.core.SerializableString getEscapeSequence(int c) {
                return new tools.jackson.core.io.SerializedString(open);
            }
        };
    }

    private static ObjectMapper escaping(String open) {
        JsonFactory factory = new JsonFactory();
        factory.setCharacterEscapes(escapes(open));
        return new ObjectMapper(factory);
    }

    private static JsonMapper escaping3(String open) {
        return new JsonMapper(tools.jackson.core.json.JsonFactory.builder()
                .characterEscapes(escapes3(open))
                .build());
    }

    @Test
    void of_factoryThatWritesNoJson_saysSo() {
        for (ObjectMapper mapper : List.of(
                new ObjectMapper(new JsonFactoryBuilder().quoteChar('\'').build()), escaping("\""), escaping("&lt;"))) {
            assertThatThrownBy(() -> Jackson2Json.of(mapper))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("quote character or escapes");
        }
        for (JsonMapper mapper : List.of(
                new JsonMapper(tools.jackson.core.json.JsonFactory.builder()
                        .quoteChar('\'')
                        .build()),
                escaping3("\""),
                escaping3("&lt;"))) {
            assertThatThrownBy(() -> Jackson3Json.of(mapper))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("quote character or escapes");
        }
    }

    @Test
    void write_byAFactoryWithHarmlessEscapes_escapesTheDataAlone() {
        for (Json json : List.of(Jackson2Json.of(escaping("\\u003c")), Jackson3Json.of(escaping3("\\u003c")))) {
            assertThat(text(json.write(Envelope.of("<")))).isEqualTo("{\"data\":\"\\u003c\"}");
            assertThat(text(json.write(new Fields(1).add("text", "<")))).isEqualTo("{\"text\":\"<\"}");
        }
    }

    /** Fails where an older Jackson lacks what a newer one has. */
    static final class Old extends ObjectMapper {
        private static final long serialVersionUID = 1;

        @Override
        public ObjectMapper copy() {
            throw new NoSuchFieldError("COMBINE_UNICODE_SURROGATES_IN_UTF8");
        }
    }

    @Test
    void of_olderJackson_saysWhichIsNeeded() {
        assertThatThrownBy(() -> Jackson2Json.of(new Old()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("Jackson 2.18 or later is needed, not 2.")
                .hasCauseInstanceOf(NoSuchFieldError.class);
    }
}
