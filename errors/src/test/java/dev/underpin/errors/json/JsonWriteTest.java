package dev.underpin.errors.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.GoldenAnswers;
import dev.underpin.errors.internal.FieldName;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class JsonWriteTest {
    record View(String orderId, int itemCount, @Nullable String note) {}

    interface Lazy {
        String getName();
    }

    private static String text(byte[] body) {
        return new String(body, UTF_8);
    }

    /* ---- the published format ---- */

    static Stream<Arguments> goldens() {
        return Arrays.stream(Jacksons.values())
                .flatMap(jackson -> Arrays.stream(GoldenAnswers.values()).map(answer -> Arguments.of(jackson, answer)));
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void write_everyShape_hasTheBytesOfItsFile(Jacksons jackson, GoldenAnswers answer) {
        assertThat(text(answer.render(jackson.standard()).body())).isEqualTo(text(answer.expected()));
    }

    @ParameterizedTest
    @EnumSource
    void write_envelope_isDataAndMeta(Jacksons jackson) {
        var json = jackson.standard();

        assertThat(text(json.write(Envelope.of("a")))).isEqualTo("{\"data\":\"a\"}");
        assertThat(text(json.write(Envelope.created(new View("o-1", 2, null), "/orders/o-1"))))
                .isEqualTo("{\"data\":{\"orderId\":\"o-1\",\"itemCount\":2,\"note\":null}}");
        assertThat(text(json.write(Envelope.empty()))).isEqualTo("{\"data\":null}");
        assertThat(text(json.write(Envelope.of(List.of()).meta(Map.of("total", 0, "next", "x")))))
                .isEqualTo("{\"data\":[],\"meta\":{\"next\":\"x\",\"total\":0}}");
        assertThat(text(json.write(List.of(Envelope.of(1))))).isEqualTo("[{\"data\":1}]");
    }

    @ParameterizedTest
    @EnumSource
    void write_unit_isNull(Jacksons jackson) {
        var json = jackson.standard();

        assertThat(text(json.write(Unit.UNIT))).isEqualTo("null");
        assertThat(text(json.write(new Fields(1).add(FieldName.DATA, Unit.UNIT))))
                .isEqualTo("{\"data\":null}");
        assertThat(text(json.write(List.of(Unit.UNIT)))).isEqualTo("[null]");
    }

    @ParameterizedTest
    @EnumSource
    void write_everyScalarOfATree_isPlainJson(Jacksons jackson) {
        Fields tree = new Fields(1)
                .add("text", "é \ud83d\ude00 / \" \\ \n \u2028")
                .add(
                        "numbers",
                        List.of(1, 2L, (short) 3, (byte) 4, 0.5, 0.25f, new BigDecimal("12.30"), BigInteger.TEN))
                .add("not", Arrays.asList(Double.NaN, Float.POSITIVE_INFINITY, null, true))
                .add("map", Map.of("a", List.of(Map.of())))
                .add(FieldName.META, "no map");

        assertThat(text(jackson.standard().write(tree)))
                .isEqualTo(
                        "{\"text\":\"é \ud83d\ude00 / \\\" \\\\ \\n \u2028\",\"numbers\":[1,2,3,4,0.5,0.25,12.30,10],"
                                + "\"not\":[\"NaN\",\"Infinity\",null,true],\"map\":{\"a\":[{}]},\"meta\":\"no map\"}");
    }

    @ParameterizedTest
    @EnumSource
    void write_emptyTree_isAnEmptyObject(Jacksons jackson) {
        assertThat(text(jackson.standard().write(new Fields(0)))).isEqualTo("{}");
        assertThat(text(jackson.standard().write(new Fields(0).add(FieldName.META, Map.of()))))
                .isEqualTo("{\"meta\":{}}");
    }

    @Test
    void write_null_isABug() {
        for (Jacksons jackson : Jacksons.values()) {
            assertThatThrownBy(() -> jackson.standard().write(null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("tree");
        }
    }

    /* ---- what is refused ---- */

    @ParameterizedTest
    @EnumSource
    void write_result_failsFastAndSaysWhatToDo(Jacksons jackson) {
        var json = jackson.standard();

        for (Object result : List.of(Result.ok("a"), Result.err("e"), Result.ok(), Result.err(error()))) {
            for (Object tree : List.of(
                    result,
                    List.of(result),
                    Map.of("k", result),
                    Envelope.of(result),
                    new Fields(1).add(FieldName.DATA, result))) {
                assertThatThrownBy(() -> json.write(tree))
                        .isInstanceOf(RuntimeException.class)
                        .hasMessageContaining("fold it, or put its value into an Envelope");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void write_domainError_failsFastAndSaysWhatToDo(Jacksons jackson) {
        assertThatThrownBy(() -> jackson.standard().write(Envelope.of(error())))
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining("let a Renderer render it");
    }

    @ParameterizedTest
    @EnumSource
    void write_domainErrorOfAnyShape_failsFast(Jacksons jackson) {
        for (Object error : List.of(ConstantError.GONE, new ListError(), new MapError())) {
            assertThatThrownBy(() -> jackson.standard().write(List.of(error)))
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("let a Renderer render it");
        }
    }

    enum ConstantError implements DomainError {
        GONE;

        @Override
        public ErrorCode code() {
            return ErrorKind.NOT_FOUND.code();
        }
    }

    static final class ListError extends ArrayList<String> implements DomainError {
        private static final long serialVersionUID = 1;

        @Override
        public ErrorCode code() {
            return ErrorKind.NOT_FOUND.code();
        }
    }

    static final class MapError extends HashMap<String, String> implements DomainError {
        private static final long serialVersionUID = 1;

        @Override
        public ErrorCode code() {
            return ErrorKind.NOT_FOUND.code();
        }
    }

    private static DomainError error() {
        return ErrorKind.NOT_FOUND.code().error();
    }

    static Stream<Arguments> hostile() {
        Map<String, Object> selfMap = new HashMap<>();
        selfMap.put("self", selfMap);
        Lazy proxy =
                (Lazy) Proxy.newProxyInstance(Lazy.class.getClassLoader(), new Class<?>[] {Lazy.class}, (p, m, a) -> {
                    throw new IllegalStateException("no session");
                });
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("object", new Object());
        values.put("stream", new ByteArrayInputStream(new byte[] {1}));
        values.put("reader", new StringReader("secret"));
        values.put("self-referencing map", selfMap);
        values.put("throwing proxy", proxy);
        values.put("throwable", new IllegalStateException("secret"));
        values.put("iterable throwable", new SQLException("secret"));
        values.put("throwing supplier", new Bean(() -> {
            throw new IllegalStateException("secret");
        }));
        return Arrays.stream(Jacksons.values())
                .flatMap(jackson -> values.entrySet().stream()
                        .map(value -> Arguments.of(jackson, value.getKey(), value.getValue())));
    }

    record Bean(Supplier<String> name) {
        public String getName() {
            return name.get();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("hostile")
    void write_valueThatIsNoData_throwsWhereverItStands(Jacksons jackson, String name, Object value) {
        var json = jackson.standard();

        for (Object tree : List.of(
                value,
                new Fields(1).add(FieldName.DATA, value),
                new Fields(1).add(FieldName.DATA, List.of(value)),
                new Fields(1).add(FieldName.DATA, 1).add(FieldName.META, Map.of("k", value)),
                Envelope.of(value))) {
            assertThatThrownBy(() -> json.write(tree)).as(name).isInstanceOf(RuntimeException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void write_numbersThatAreNone_areText(Jacksons jackson) {
        assertThat(text(jackson.standard().write(new Fields(1).add(FieldName.DATA, List.of(Double.NaN)))))
                .isEqualTo("{\"data\":[\"NaN\"]}");
    }

    /* ---- odd mappers ---- */

    static Stream<Arguments> oddMappers() {
        return Stream.of(
                Arguments.of(
                        "2: everything but typing",
                        Jackson2Json.of(JsonMapper.builder()
                                .propertyNamingStrategy(PropertyNamingStrategies.UPPER_SNAKE_CASE)
                                .defaultPropertyInclusion(JsonInclude.Value.construct(
                                        JsonInclude.Include.NON_DEFAULT, JsonInclude.Include.NON_DEFAULT))
                                .enable(
                                        SerializationFeature.INDENT_OUTPUT,
                                        SerializationFeature.WRAP_ROOT_VALUE,
                                        SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS,
                                        SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED)
                                .disable(SerializationFeature.WRITE_EMPTY_JSON_ARRAYS)
                                .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY, MapperFeature.USE_STATIC_TYPING)
                                .enable(
                                        JsonWriteFeature.ESCAPE_NON_ASCII,
                                        JsonWriteFeature.WRITE_NUMBERS_AS_STRINGS,
                                        JsonWriteFeature.ESCAPE_FORWARD_SLASHES)
                                .disable(JsonWriteFeature.QUOTE_FIELD_NAMES, JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                                .build())),
                Arguments.of(
                        "2: default typing",
                        Jackson2Json.of(JsonMapper.builder()
                                .activateDefaultTyping(
                                        BasicPolymorphicTypeValidator.builder()
                                                .allowIfBaseType(Object.class)
                                                .build(),
                                        ObjectMapper.DefaultTyping.NON_FINAL,
                                        JsonTypeInfo.As.WRAPPER_ARRAY)
                                .build())),
                Arguments.of(
                        "3: everything but typing",
                        Jackson3Json.of(tools.jackson.databind.json.JsonMapper.builder()
                                .propertyNamingStrategy(
                                        tools.jackson.databind.PropertyNamingStrategies.UPPER_SNAKE_CASE)
                                .changeDefaultPropertyInclusion(any -> JsonInclude.Value.construct(
                                        JsonInclude.Include.NON_DEFAULT, JsonInclude.Include.NON_DEFAULT))
                                .enable(
                                        tools.jackson.databind.SerializationFeature.INDENT_OUTPUT,
                                        tools.jackson.databind.SerializationFeature.WRAP_ROOT_VALUE,
                                        tools.jackson.databind.SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS,
                                        tools.jackson.databind.SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED)
                                .disable(tools.jackson.databind.SerializationFeature.WRITE_EMPTY_JSON_ARRAYS)
                                .enable(tools.jackson.databind.MapperFeature.USE_STATIC_TYPING)
                                .enable(
                                        tools.jackson.core.json.JsonWriteFeature.ESCAPE_NON_ASCII,
                                        tools.jackson.core.json.JsonWriteFeature.WRITE_NUMBERS_AS_STRINGS,
                                        tools.jackson.core.json.JsonWriteFeature.ESCAPE_FORWARD_SLASHES)
                                .disable(
                                        tools.jackson.core.json.JsonWriteFeature.QUOTE_PROPERTY_NAMES,
                                        tools.jackson.core.json.JsonWriteFeature.WRITE_NAN_AS_STRINGS,
                                        tools.jackson.core.json.JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                                .build())),
                Arguments.of(
                        "3: default typing",
                        Jackson3Json.of(tools.jackson.databind.json.JsonMapper.builder()
                                .activateDefaultTyping(
                                        tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator.builder()
                                                .allowIfBaseType(Object.class)
                                                .build(),
                                        tools.jackson.databind.DefaultTyping.NON_FINAL,
                                        JsonTypeInfo.As.WRAPPER_ARRAY)
                                .build())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("oddMappers")
    void write_byAnOddMapper_leavesErrorsAsTheyAre(String name, Json json) {
        for (GoldenAnswers answer : GoldenAnswers.values()) {
            if (!answer.name().startsWith("SUCCESS")) {
                assertThat(text(answer.render(json).body())).as(answer.name()).isEqualTo(text(answer.expected()));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("oddMappers")
    void write_byAnOddMapper_leavesTheEnvelopeAsItIs(String name, Json json) {
        assertThat(text(json.write(new Fields(1).add(FieldName.DATA, null)))).isEqualTo("{\"data\":null}");
        assertThat(text(json.write(Envelope.empty()))).isEqualTo("{\"data\":null}");
        assertThat(text(json.write(Envelope.of("a").meta(Map.of("nextPage", "", "x", Unit.UNIT)))))
                .isEqualTo("{\"data\":\"a\",\"meta\":{\"nextPage\":\"\",\"x\":null}}");
    }

    @ParameterizedTest
    @EnumSource
    void write_bySnakeCase_namesTheDataByTheMapper(Jacksons jackson) {
        assertThat(text(jackson.snakeCase()
                        .write(Envelope.of(new View("o-1", 2, "x")).meta(Map.of("nextPage", "y")))))
                .contains("\"order_id\":\"o-1\"", "\"item_count\":2", "\"meta\":{\"nextPage\":\"y\"}");
    }

    @Test
    void write_whatTheMappersOwnModulesHandle_isStillOurs() {
        var mapper = new ObjectMapper()
                .registerModule(new com.fasterxml.jackson.databind.module.SimpleModule()
                        .addSerializer(
                                Map.class, new com.fasterxml.jackson.databind.ser.std.ToStringSerializer(Map.class))
                        .addSerializer(
                                Throwable.class,
                                new com.fasterxml.jackson.databind.ser.std.ToStringSerializer(Throwable.class)));
        var json = Jackson2Json.of(mapper);

        assertThat(text(json.write(new Fields(1).add(FieldName.DATA, Map.of("a", 1)))))
                .isEqualTo("{\"data\":\"{a=1}\"}");
        assertThatThrownBy(() -> json.write(Envelope.of(new IllegalStateException("secret"))))
                .hasMessageContaining("A throwable is not written");
    }
}
