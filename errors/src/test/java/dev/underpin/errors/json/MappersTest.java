package dev.underpin.errors.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.underpin.errors.Envelope;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.cfg.MapperBuilder;
import tools.jackson.databind.json.JsonMapper;

class MappersTest {
    /* ---- copies ---- */

    @Test
    void of_jackson2Mapper_isNotChanged() throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        String before = mapper.writeValueAsString(Map.of("unit", Unit.UNIT, "e", "\ud83d\ude00"));

        var json = Jackson2Json.of(mapper);

        assertThat(json.write(Envelope.empty())).isEqualTo("{\"data\":null}".getBytes(UTF_8));
        assertThat(mapper.writeValueAsString(Unit.UNIT)).isEqualTo("\"UNIT\"");
        assertThat(mapper.writeValueAsString(Map.of("unit", Unit.UNIT, "e", "\ud83d\ude00")))
                .hasSameSizeAs(before);
        assertThat(mapper.getRegisteredModuleIds()).isEmpty();
        assertThat(mapper.isEnabled(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8.mappedFeature()))
                .isFalse();
    }

    @Test
    void of_jackson2MapperThatIsChangedLater_isNotAffected() {
        ObjectMapper mapper = new ObjectMapper();
        var json = Jackson2Json.of(mapper);

        mapper.enable(SerializationFeature.INDENT_OUTPUT);

        assertThat(json.write(Map.of("a", 1))).isEqualTo("{\"a\":1}".getBytes(UTF_8));
    }

    @Test
    void of_jackson3Mapper_isNotChanged() {
        JsonMapper mapper = new JsonMapper();

        assertThat(Jackson3Json.of(mapper).write(Unit.UNIT)).isEqualTo("null".getBytes(UTF_8));
        assertThat(mapper.writeValueAsString(Unit.UNIT)).isEqualTo("\"UNIT\"");
        assertThat(mapper.registeredModules()).isEmpty();
    }

    @Test
    void of_sameMapperTwice_works() {
        ObjectMapper mapper = new ObjectMapper();

        assertThat(Jackson2Json.of(mapper).write(Unit.UNIT))
                .isEqualTo(Jackson2Json.of(mapper).write(Unit.UNIT));
        assertThat(Jackson3Json.of(JsonMapper.shared()).write(Unit.UNIT)).isEqualTo("null".getBytes(UTF_8));
    }

    static final class NoCopy extends ObjectMapper {
        private static final long serialVersionUID = 1;
    }

    static final class Itself extends ObjectMapper {
        private static final long serialVersionUID = 1;

        @Override
        public ObjectMapper copy() {
            return this;
        }
    }

    static final class FactoryWithoutCopy extends JsonFactory {
        private static final long serialVersionUID = 1;
    }

    @Test
    void of_jackson2MapperThatCannotBeCopied_saysSo() {
        for (ObjectMapper mapper :
                new ObjectMapper[] {new NoCopy(), new Itself(), new ObjectMapper(new FactoryWithoutCopy())}) {
            assertThatThrownBy(() -> Jackson2Json.of(mapper))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            "mapper cannot be copied: " + mapper.getClass().getName())
                    .hasMessageContaining("override copy()");
        }
    }

    static final class Plain3 extends tools.jackson.databind.ObjectMapper {
        private static final long serialVersionUID = 1;
    }

    static final class Json3 extends JsonMapper {
        private static final long serialVersionUID = 1;
    }

    static final class Broken3 extends tools.jackson.databind.ObjectMapper {
        private static final long serialVersionUID = 1;

        @Override
        public <M extends tools.jackson.databind.ObjectMapper, B extends MapperBuilder<M, B>>
                MapperBuilder<M, B> rebuild() {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void of_jackson3MapperThatCannotBeCopied_saysSo() {
        for (tools.jackson.databind.ObjectMapper mapper :
                new tools.jackson.databind.ObjectMapper[] {new Plain3(), new Json3(), new Broken3()}) {
            assertThatThrownBy(() -> Jackson3Json.of(mapper))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            "mapper cannot be copied: " + mapper.getClass().getName())
                    .hasMessageContaining("override rebuild()");
        }
    }

    static final class Other2 extends JsonFactory {
        private static final long serialVersionUID = 1;

        @Override
        public String getFormatName() {
            return "CBOR";
        }
    }

    static final class Other3 extends tools.jackson.core.json.JsonFactory {
        private static final long serialVersionUID = 1;

        @Override
        public String getFormatName() {
            return "CBOR";
        }
    }

    @Test
    void of_mapperOfAnotherFormat_saysSo() {
        assertThatThrownBy(() -> Jackson2Json.of(new ObjectMapper(new Other2())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mapper must be one of JSON, not of CBOR");
        assertThatThrownBy(() -> Jackson3Json.of(new JsonMapper(new Other3())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("mapper must be one of JSON, not of CBOR");
    }

    @Test
    void of_null_isABug() {
        assertThatThrownBy(() -> Jackson2Json.of(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> Jackson3Json.of(null)).isInstanceOf(NullPointerException.class);
    }

    /* ---- names ---- */

    record Line(@JsonProperty("article") String sku, int unitPrice) {}

    static class Bean {
        @JsonProperty("given")
        private String firstName = "";

        private String lastName = "";

        @JsonIgnore
        private String secret = "";

        public String getFirstName() {
            return firstName;
        }

        public void setFirstName(String firstName) {
            this.firstName = firstName;
        }

        public String getLastName() {
            return lastName;
        }

        public void setLastName(String lastName) {
            this.lastName = lastName;
        }

        public String getSecret() {
            return secret;
        }

        public int getReadOnly() {
            return 1;
        }
    }

    interface Named {
        String getFullName();
    }

    static class Conflicting {
        @JsonProperty("a")
        public int x;

        @JsonProperty("a")
        public int y;
    }

    @ParameterizedTest
    @EnumSource
    void propertyName_renamedProperty_isThatOfTheRequest(Jacksons jackson) {
        var json = jackson.snakeCase();

        assertThat(json.propertyName(Line.class, "sku")).isEqualTo("article");
        assertThat(json.propertyName(Line.class, "unitPrice")).isEqualTo("unit_price");
        assertThat(json.propertyName(Bean.class, "firstName")).isEqualTo("given");
        assertThat(json.propertyName(Bean.class, "lastName")).isEqualTo("last_name");
        assertThat(json.propertyName(Bean.class, "readOnly")).isEqualTo("read_only");
        assertThat(json.propertyName(Named.class, "fullName")).isEqualTo("full_name");
        assertThat(jackson.kebabCase().propertyName(Line.class, "unitPrice")).isEqualTo("unit-price");
        assertThat(jackson.standard().propertyName(Line.class, "unitPrice")).isEqualTo("unitPrice");
    }

    @ParameterizedTest
    @EnumSource
    void propertyName_unknownToTheMapper_isTheJavaName(Jacksons jackson) {
        var json = jackson.snakeCase();

        assertThat(json.propertyName(Bean.class, "secret")).isEqualTo("secret");
        assertThat(json.propertyName(Bean.class, "notThere")).isEqualTo("notThere");
        assertThat(json.propertyName(Conflicting.class, "someName")).isEqualTo("someName");
        assertThat(json.propertyName(int.class, "someName")).isEqualTo("someName");
        assertThat(json.propertyName(Result.class, "someName")).isEqualTo("someName");
    }
}
