package dev.underpin.errors.json;

import static dev.underpin.errors.json.JsonErrors.BODY_MISSING;
import static dev.underpin.errors.json.JsonErrors.DUPLICATE_FIELD;
import static dev.underpin.errors.json.JsonErrors.FIELD_MISSING;
import static dev.underpin.errors.json.JsonErrors.JSON_MALFORMED;
import static dev.underpin.errors.json.JsonErrors.TYPE_MISMATCH;
import static dev.underpin.errors.json.JsonErrors.UNKNOWN_FIELD;
import static dev.underpin.errors.json.JsonErrors.VALUE_INVALID;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JsonReadTest {
    private static final ErrorCode SKU_EMPTY = ErrorCode.of(ErrorKind.VALIDATION, "SKU_EMPTY", "must not be empty");
    private static final ErrorCode STOCK_DOWN = ErrorCode.of(ErrorKind.UNAVAILABLE, "STOCK_DOWN", "is down");

    record Item(Sku sku, int quantity) {}

    record Order(
            String customer,
            List<Item> items,
            Map<String, Integer> limits,
            @Nullable DayOfWeek day) {}

    record Big(@Nullable BigInteger whole, @Nullable BigDecimal exact, double real, int small) {}

    record Node(@Nullable Node child, int value) {}

    /** Parsed where it is made, as a domain type is. */
    record Sku(String value) {
        Sku {
            if (value.isEmpty()) {
                throw new DomainErrorException(SKU_EMPTY.error());
            }
            if (value.equals("down")) {
                throw new DomainErrorException(STOCK_DOWN.error());
            }
            if (value.equals("bug")) {
                throw new IllegalStateException("secret of the service");
            }
            if (value.equals("error")) {
                throw new AssertionError("secret of the service");
            }
        }

        @JsonCreator
        static Sku of(String value) {
            return new Sku(value);
        }
    }

    record Range(int from, int until) {
        static final ErrorCode EMPTY = ErrorCode.of(ErrorKind.VALIDATION, "RANGE_EMPTY", "must be after from");

        Range {
            Validation v = Validation.start();
            v.require("from", from >= 0, EMPTY).require("until", until > from, EMPTY);
            var unused = v.build(() -> "").orElseThrow();
        }
    }

    record Shelf(List<Range> ranges) {}

    interface NoOneKnowsHow {
        String name();
    }

    static class Renamed {
        @JsonProperty("line_items")
        public List<Item> items = new ArrayList<>();

        public Map<String, Item> byName = Map.of();
    }

    private static byte[] bytes(String json) {
        return json.getBytes(UTF_8);
    }

    private static Detail only(Result<?, DomainError> result) {
        DomainError error = error(result);
        assertThat(error.details()).hasSize(1);
        return error.details().get(0);
    }

    private static DomainError error(Result<?, DomainError> result) {
        return result.fold(
                value -> {
                    throw new AssertionError("was read: " + value);
                },
                error -> error);
    }

    private static void assertFault(Result<?, DomainError> result, String field, ErrorCode code) {
        Detail detail = only(result);
        assertThat(detail.field()).isEqualTo(field);
        assertThat(detail.code()).isEqualTo(code.name());
        assertThat(detail.message()).isEqualTo(code.text());
        assertThat(error(result).code()).isEqualTo(code.kind().code());
    }

    @ParameterizedTest
    @EnumSource
    void read_validBody_isTheValue(Jacksons jackson) {
        var json = jackson.standard();

        var order = json.read(
                bytes("{\"customer\":\"ann\",\"items\":[{\"sku\":\"a\",\"quantity\":1}],\"limits\":{\"a\":1}}"),
                Order.class);

        assertThat(order.orElseThrow())
                .isEqualTo(new Order("ann", List.of(new Item(new Sku("a"), 1)), Map.of("a", 1), null));
    }

    @ParameterizedTest
    @EnumSource
    void read_bodyWithByteOrderMark_isTheValue(Jacksons jackson) {
        assertThat(jackson.standard()
                        .read(bytes("\ufeff{\"a\":1}"), Object.class)
                        .orElseThrow())
                .isEqualTo(Map.of("a", 1));
    }

    @ParameterizedTest
    @EnumSource
    void read_utf16_isTheValueOrMalformed(Jacksons jackson) {
        assertThat(jackson.standard()
                        .read("{\"a\":1}".getBytes(UTF_16BE), Object.class)
                        .orElseThrow())
                .isEqualTo(Map.of("a", 1));
    }

    @ParameterizedTest
    @EnumSource
    void read_twoMegabyteString_isTheValue(Jacksons jackson) {
        String text = "x".repeat(2 << 20);

        assertThat(jackson.standard()
                        .read(bytes('"' + text + '"'), String.class)
                        .orElseThrow())
                .isEqualTo(text);
    }

    @ParameterizedTest
    @EnumSource
    void read_nothing_isBodyMissing(Jacksons jackson) {
        var json = jackson.standard();

        for (String body : List.of("", " \r\n\t", "null", " null ")) {
            assertFault(json.read(bytes(body), Order.class), "$", BODY_MISSING);
            assertFault(json.read(bytes(body), String.class), "$", BODY_MISSING);
        }
        assertFault(json.read(null, Order.class), "$", BODY_MISSING);
        assertFault(json.read(bytes("null"), int.class), "$", BODY_MISSING);
    }

    @ParameterizedTest
    @EnumSource
    void read_brokenSyntax_isMalformedWithItsPlaceAndNothingElse(Jacksons jackson) {
        var json = jackson.standard();

        for (String body : List.of(
                "{",
                "}",
                "{\"customer\":\"ann\"",
                "{\"customer\":\"ann\",}",
                "{'customer':'ann'}",
                "{customer:1}",
                "{\"customer\":ann}",
                "{\"customer\":\"an\nn\"}",
                "{\"customer\":NaN}",
                "{\"customer\":01}",
                "{\"items\":[1,2",
                "{\"customer\":\"\\x\"}",
                "[1 2]",
                "secret",
                "{\"customer\":\"ann\"} trailing",
                "{\"customer\":\"ann\"}{}",
                "null null",
                "{\"customer\":{\"a\":1},\"x\":secret}",
                "// comment\n{}")) {
            Result<Order, DomainError> result = json.read(bytes(body), Order.class);

            assertFault(result, "$", JSON_MALFORMED);
            assertThat(only(result).args().keySet()).as(body).isSubsetOf("line", "column");
            assertThat(only(result).args()).as(body).containsKey("line");
            assertThat(error(result).cause()).as(body).isPresent();
        }
    }

    @ParameterizedTest
    @EnumSource
    void read_syntaxErrorOnTheThirdLine_saysWhere(Jacksons jackson) {
        Detail detail = only(jackson.standard().read(bytes("{\n\"customer\":\n  x}"), Order.class));

        assertThat(detail.args()).containsEntry("line", 3);
    }

    @ParameterizedTest
    @EnumSource
    void read_brokenEncoding_isMalformed(Jacksons jackson) {
        var json = jackson.standard();

        for (byte[] body : List.of(
                new byte[] {'"', (byte) 0xff, (byte) 0xfe, '"'},
                new byte[] {'"', (byte) 0xc3, '"'},
                new byte[] {'"', (byte) 0xe2, (byte) 0x28, (byte) 0xa1, '"'},
                new byte[] {(byte) 0xff, (byte) 0xfe},
                new byte[] {0, 0, 0, 0},
                new byte[] {0, 0, (byte) 0xfe, (byte) 0xff, 0x7f, 0x7f, 0x7f, 0x7f},
                new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0x80, '"', '}'})) {
            DomainError error = error(json.read(body, Object.class));

            assertThat(error.kind()).isEqualTo(ErrorKind.MALFORMED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void read_nestedAHundredThousandDeep_isMalformed(Jacksons jackson) {
        var json = jackson.standard();
        String arrays = "[".repeat(100_000) + "]".repeat(100_000);
        String objects = "{\"child\":".repeat(100_000) + "null" + "}".repeat(100_000);

        for (Class<?> type : List.of(Object.class, Node.class, List.class, Map.class, Order.class)) {
            assertThat(error(json.read(bytes(arrays), type)).kind()).isEqualTo(ErrorKind.MALFORMED);
            assertThat(error(json.read(bytes(objects), type)).kind()).isEqualTo(ErrorKind.MALFORMED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void read_nestedDeeperThanTheStack_isMalformed(Jacksons jackson) throws InterruptedException {
        var json = jackson.standard();
        byte[] body = bytes("{\"child\":".repeat(990) + "null" + "}".repeat(990));
        List<DomainError> errors = new ArrayList<>();
        Thread thread = new Thread(null, () -> errors.add(error(json.read(body, Node.class))), "small", 200_000);

        thread.start();
        thread.join();

        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.MALFORMED));
    }

    record Endless(int value) {
        Endless {
            var unused = new Endless(value);
        }
    }

    @ParameterizedTest
    @EnumSource
    void read_constructorWithoutEnd_letsTheErrorFly(Jacksons jackson) {
        assertThatThrownBy(() -> jackson.standard().read(bytes("{\"value\":1}"), Endless.class))
                .isInstanceOf(StackOverflowError.class);
    }

    @ParameterizedTest
    @EnumSource
    void read_typeMismatchAtTheDeepestAllowedNesting_boundsThePath(Jacksons jackson) {
        String body = "{\"child\":".repeat(400) + "\"secret\"" + "}".repeat(400);

        Detail detail = only(jackson.standard().read(bytes(body), Node.class));

        assertThat(detail.field()).startsWith("child.child").hasSizeLessThan(1_200);
    }

    @ParameterizedTest
    @EnumSource
    void read_hugeNumbers_isAValueOrAMismatchAtTheField(Jacksons jackson) {
        var json = jackson.standard();

        assertFault(json.read(bytes("{\"whole\":1e999999999}"), Big.class), "whole", TYPE_MISMATCH);
        assertFault(json.read(bytes("{\"small\":1e999999999}"), Big.class), "small", TYPE_MISMATCH);
        assertFault(json.read(bytes("{\"small\":99999999999}"), Big.class), "small", TYPE_MISMATCH);
        assertFault(json.read(bytes("{\"small\":" + "9".repeat(2_000) + "}"), Big.class), "$", JSON_MALFORMED);
        assertThat(json.read(bytes("{\"exact\":1e999999999,\"real\":1,\"small\":1}"), Big.class)
                        .isOk())
                .isTrue();
        assertThat(json.read(bytes("1e999999999"), int.class).isOk()).isFalse();
        assertThat(json.read(bytes("99999999999"), Integer.class).isOk()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void read_wrongTypes_namesTheFieldAndHidesTheValue(Jacksons jackson) {
        var json = jackson.standard();

        assertFault(json.read(bytes("[]"), Order.class), "$", TYPE_MISMATCH);
        assertFault(json.read(bytes("\"secret\""), Order.class), "$", TYPE_MISMATCH);
        assertFault(json.read(bytes("17"), Order.class), "$", TYPE_MISMATCH);
        assertFault(json.read(bytes("{\"items\":{}}"), Order.class), "items", TYPE_MISMATCH);
        assertFault(json.read(bytes("{\"items\":[1,\"secret\"]}"), Order.class), "items[0]", TYPE_MISMATCH);
        assertFault(
                json.read(
                        bytes("{\"items\":[{},{},{\"quantity\":\"secret\"}]}"
                                .replace("{}", "{\"sku\":\"a\",\"quantity\":1}")),
                        Order.class),
                "items[2].quantity",
                TYPE_MISMATCH);
        assertFault(json.read(bytes("{\"customer\":{\"secret\":1}}"), Order.class), "customer", TYPE_MISMATCH);
        assertFault(json.read(bytes("{\"customer\":[\"secret\"]}"), Order.class), "customer", TYPE_MISMATCH);
        assertFault(
                json.read(bytes("{\"limits\":{\"a.b\\r\\n\":\"secret\"}}"), Order.class),
                "limits[\"a.b\\u000d\\u000a\"]",
                TYPE_MISMATCH);
        assertFault(json.read(bytes("{\"day\":\"secret\"}"), Order.class), "day", TYPE_MISMATCH);
    }

    @ParameterizedTest
    @EnumSource
    void read_unknownFields_areNamedIfTheMapperForbidsThem(Jacksons jackson) {
        var json = jackson.strict();
        String item =
                "{\"customer\":\"c\",\"limits\":{},\"day\":null,\"items\":[{\"sku\":\"a\",\"quantity\":1,\"%s\":1}]}";

        assertFault(json.read(bytes(item.formatted("colour")), Order.class), "items[0].colour", UNKNOWN_FIELD);
        assertFault(
                json.read(bytes(item.formatted("a b\\u0000\\u202e")), Order.class),
                "items[0][\"a b\\u0000\\u202e\"]",
                UNKNOWN_FIELD);
        assertFault(
                json.read(bytes(item.formatted("x".repeat(40_000))), Order.class),
                "items[0][\"" + "x".repeat(64) + "\"]",
                UNKNOWN_FIELD);
        assertFault(json.read(bytes("{\"\":1}"), Renamed.class), "[\"\"]", UNKNOWN_FIELD);
    }

    @ParameterizedTest
    @EnumSource
    void read_missingAndNullFields_areNamedIfTheMapperInsists(Jacksons jackson) {
        var json = jackson.strict();

        assertFault(
                json.read(
                        bytes("{\"customer\":\"c\",\"limits\":{},\"day\":null,\"items\":[{\"sku\":\"a\"}]}"),
                        Order.class),
                "items[0].quantity",
                FIELD_MISSING);
        assertFault(json.read(bytes("{\"sku\":\"a\",\"quantity\":null}"), Item.class), "quantity", FIELD_MISSING);
        assertFault(json.read(bytes("{}"), Item.class), "sku", FIELD_MISSING);
    }

    @ParameterizedTest
    @EnumSource
    void read_duplicateField_isNamedIfTheMapperForbidsIt(Jacksons jackson) {
        var json = jackson.strict();

        assertFault(
                json.read(bytes("{\"items\":[{\"sku\":\"a\",\"quantity\":1,\"sku\":\"b\"}]}"), Order.class),
                "items[0].sku",
                DUPLICATE_FIELD);
        assertFault(json.read(bytes("{\"a\":1,\"a\":2}"), Map.class), "a", DUPLICATE_FIELD);
        assertFault(json.read(bytes("{\"a\":1,\"a\":2"), Map.class), "$", JSON_MALFORMED);
        assertThat(jackson.standard()
                        .read(bytes("{\"a\":1,\"a\":2}"), Object.class)
                        .orElseThrow())
                .isEqualTo(Map.of("a", 2));
    }

    @ParameterizedTest
    @EnumSource
    void read_constructorThrowsDomainError_isItsDetailsBelowThePath(Jacksons jackson) {
        var json = jackson.standard();

        assertFault(json.read(bytes("{\"items\":[{\"sku\":\"\"}]}"), Order.class), "items[0].sku", SKU_EMPTY);
        DomainError error = error(
                json.read(bytes("{\"ranges\":[{\"from\":1,\"until\":2},{\"from\":-1,\"until\":-2}]}"), Shelf.class));
        assertThat(error.code()).isEqualTo(ErrorKind.VALIDATION.code());
        assertThat(error.details()).extracting(Detail::field).containsExactly("ranges[1].from", "ranges[1].until");
        assertThat(error.cause()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void read_constructorThrowsAnErrorThatIsNoFaultOfTheInput_isThatError(Jacksons jackson) {
        DomainError error = error(jackson.standard().read(bytes("{\"sku\":\"down\"}"), Item.class));

        assertThat(error.code()).isEqualTo(STOCK_DOWN);
        assertThat(error.details()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void read_constructorThrowsAnything_isInvalidAtThePath(Jacksons jackson) {
        Result<Order, DomainError> result =
                jackson.standard().read(bytes("{\"items\":[{\"sku\":\"bug\"}]}"), Order.class);

        assertFault(result, "items[0].sku", VALUE_INVALID);
        assertThat(error(result).cause().orElseThrow()).hasRootCauseInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource
    void read_constructorThrowsAnError_letsItFly(Jacksons jackson) {
        assertThatThrownBy(() -> jackson.standard().read(bytes("{\"sku\":\"error\"}"), Item.class))
                .isInstanceOf(AssertionError.class);
    }

    @ParameterizedTest
    @EnumSource
    void read_typeNobodyCanRead_isOurBug(Jacksons jackson) {
        DomainError error = error(jackson.standard().read(bytes("{\"name\":\"a\"}"), NoOneKnowsHow.class));

        assertThat(error.kind()).isEqualTo(ErrorKind.INTERNAL);
        assertThat(error.details()).isEmpty();
        assertThat(error.cause()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void read_renamedField_isNamedAsTheClientWroteIt(Jacksons jackson) {
        var json = jackson.standard();

        assertFault(
                json.read(bytes("{\"line_items\":[{\"quantity\":\"x\"}]}"), Renamed.class),
                "line_items[0].quantity",
                TYPE_MISMATCH);
        assertFault(
                json.read(bytes("{\"byName\":{\"a.b\":{\"quantity\":\"x\"}}}"), Renamed.class),
                "byName[\"a.b\"].quantity",
                TYPE_MISMATCH);
    }

    @ParameterizedTest
    @EnumSource
    void read_wrongCoercions_neverThrow(Jacksons jackson) {
        var json = jackson.standard();
        List<String> values = List.of(
                "\"\"",
                "\" \"",
                "true",
                "0",
                "-1",
                "1.5",
                "[]",
                "[1]",
                "{}",
                "\"0x1\"",
                "\"NaN\"",
                "\"1e400\"",
                "1e400",
                "\"null\"",
                "\"2026-13-45\"",
                "[null]",
                "[[]]",
                "{\"a\":null}");
        for (Class<?> type : List.<Class<?>>of(
                int.class,
                Integer.class,
                long.class,
                double.class,
                boolean.class,
                Boolean.class,
                char.class,
                String.class,
                BigDecimal.class,
                BigInteger.class,
                DayOfWeek.class,
                byte[].class,
                int[].class,
                List.class,
                Set.class,
                Map.class,
                java.util.UUID.class,
                java.util.Date.class,
                java.util.Locale.class,
                java.net.URI.class,
                java.util.Optional.class,
                Order.class,
                Object.class,
                Void.class)) {
            for (String value : values) {
                assertThat(json.read(bytes(value), type))
                        .as("%s as %s", value, type)
                        .isNotNull();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void read_anyFault_showsNothingOfParserClassOrValue(Jacksons jackson) {
        var json = jackson.strict();

        for (String body : List.of(
                "{\"customer\":secret}",
                "{\"items\":\"secret\"}",
                "{\"day\":\"secret\"}",
                "{\"items\":[{\"sku\":\"bug\",\"quantity\":1}]}",
                "{\"limits\":{\"k\":\"secret\"}}",
                "[\"secret\"]",
                "\"secret\"")) {
            DomainError error = error(json.read(bytes(body), Order.class));
            String shown = error.message() + error.args() + error.details() + error.code();

            assertThat(shown)
                    .doesNotContain(
                            "secret", "jackson", "Exception", "dev.underpin", "java.", "Order", "token", "deserial");
        }
    }

    @Test
    void read_withoutType_isABug() {
        var json = Jackson3Json.of(tools.jackson.databind.json.JsonMapper.shared());

        assertThatThrownBy(() -> json.read(new byte[0], null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("type");
    }
}
