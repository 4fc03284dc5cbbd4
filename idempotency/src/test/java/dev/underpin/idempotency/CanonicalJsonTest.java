package dev.underpin.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws over random documents, with another parser as the judge of what they say. */
class CanonicalJsonTest {
    private static final int CASES = 1_000;
    private static final ObjectMapper EXACT = JsonMapper.builder()
            .enable(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    @Test
    void of_anyDocument_spelledTwice_isTheSame() {
        for (long seed = 0; seed < CASES; seed++) {
            Object document = new Spelling(seed).document(4);

            assertThat(canonical(new Spelling(seed + 1).spelled(document)))
                    .as("seed %d", seed)
                    .isNotNull()
                    .isEqualTo(canonical(new Spelling(seed + 2).spelled(document)));
        }
    }

    @Test
    void of_anyDocument_saysWhatItSaid() throws IOException {
        for (long seed = 0; seed < CASES; seed++) {
            String spelled = new Spelling(seed).spelled(new Spelling(seed).document(4));
            String canonical = canonical(spelled);

            assertThat(same(EXACT.readTree(spelled), EXACT.readTree(canonical)))
                    .as("seed %d", seed)
                    .isTrue();
            assertThat(canonical(canonical)).as("seed %d", seed).isEqualTo(canonical);
        }
    }

    @Test
    void of_twoDocuments_areTheSameOnlyIfTheySayTheSame() throws IOException {
        int equal = 0;
        for (long seed = 0; seed < CASES; seed++) {
            String one = new Spelling(seed).spelled(new Spelling(seed).document(1));
            String other = new Spelling(seed + CASES).spelled(new Spelling(seed + CASES).document(1));
            boolean same = canonical(one).equals(canonical(other));
            equal += same ? 1 : 0;

            assertThat(same)
                    .as("seed %d: %s and %s", seed, one, other)
                    .isEqualTo(same(EXACT.readTree(one), EXACT.readTree(other)));
        }
        assertThat(equal)
                .as("pairs that are equal, so that both answers were seen")
                .isBetween(10, CASES - 10);
    }

    @Test
    void of_names_areSortedByCodeUnits() {
        // The examples of RFC 8785: by code point, the smiley would come after U+FB33.
        assertThat(canonical(
                        "{\"\u20ac\":1,\"\\r\":2,\"\ufb33\":3,\"1\":4,\"\ud83d\ude00\":5,\"\u0080\":6,\"\u00f6\":7}"))
                .isEqualTo(
                        "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\ud83d\ude00\":5,\"\ufb33\":3}");
    }

    @Test
    void of_anyNames_areInTheOrderOfStrings() throws IOException {
        List<String> parts = List.of(
                "a",
                "b",
                "A",
                "!",
                "#",
                "[",
                "]",
                "\"",
                "\\",
                "/",
                "\u0000",
                "\u0001",
                "\u0010",
                "\u0011",
                "\u001f",
                "\b",
                "\t",
                "\n",
                "\f",
                "\r",
                " ",
                "\u007f",
                "\u0080",
                "\u07ff",
                "\u0800",
                "\ud7ff",
                "\ue000",
                "\ufb33",
                "\uffff",
                "\ud800\udc00",
                "\udbff\udfff");
        for (int seed = 0; seed < CASES / 4; seed++) {
            var random = new Random(seed);
            Map<String, Integer> members = new LinkedHashMap<>();
            for (int i = random.nextInt(40); i >= 0; i--) {
                String name = parts.get(random.nextInt(parts.size())) + parts.get(random.nextInt(parts.size()));
                members.put(random.nextBoolean() ? name : name.substring(0, name.offsetByCodePoints(0, 1)), i);
            }
            Map<?, ?> read = EXACT.readValue(canonical(EXACT.writeValueAsString(members)), LinkedHashMap.class);

            assertThat(List.<Object>copyOf(read.keySet()))
                    .as("seed %d", seed)
                    .isEqualTo(List.copyOf(new TreeMap<>(members).keySet()));
        }
    }

    @Test
    void of_namesInReverse_areSortedInNoMoreTimeThanOthers() {
        StringBuilder reversed = new StringBuilder();
        StringBuilder sorted = new StringBuilder();
        for (int i = 0; i < 80_000; i++) { // the square of which would take minutes
            reversed.append(i == 0 ? "{" : ",").append('"').append(99_999 - i).append("\":1");
            sorted.append(i == 0 ? "{" : ",").append('"').append(20_000 + i).append("\":1");
        }

        assertThat(canonical(reversed + "}").equals(sorted + "}")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'b':1,'a':2,'c':3,'d':4}|{'a':2,'b':1,'c':3,'d':4}",
                "{'a':1,'b':2,'d':3,'c':4}|{'a':1,'b':2,'c':4,'d':3}",
                "{'a':1,'c':2,'b':3,'d':4}|{'a':1,'b':3,'c':2,'d':4}",
                "[{'b':1,'a':2,'c':3,'d':4}]|[{'a':2,'b':1,'c':3,'d':4}]",
                "[{'a':1,'b':2,'d':3,'c':4}]|[{'a':1,'b':2,'c':4,'d':3}]",
                "[{'a':1,'c':2,'b':3,'d':4},{}]|[{'a':1,'b':3,'c':2,'d':4},{}]",
                "[{'d':1,'c':{'b':[2,{}],'a':3},'b':4,'a':5},6]|[{'a':5,'b':4,'c':{'a':3,'b':[2,{}]},'d':1},6]",
                "{'b':[10,10,10],'a':{'d':10,'c':{}}}|{'a':{'c':{},'d':1e1},'b':[1e1,1e1,1e1]}"
            })
    void of_someNamesInPlace_movesTheOthers(String spelled, String canonical) {
        assertThat(canonical(spelled.replace('\'', '"'))).isEqualTo(canonical.replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{'a':1,'b':2,'a':3}", "{'a':1,'\\u0061':2}", "{'b':1,'a':2,'b':3}", "{'\\n':1,'\\u000a':2}"})
    void of_nameTwice_isNoJson(String spelled) {
        assertThat(canonical(spelled.replace('\'', '"'))).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x7F, 0x80, 0x7FF, 0x800, 0x20AC, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF})
    void of_escape_isTheCharacter(int point) {
        String character = Character.toString(point);
        String escaped = character
                .chars()
                .mapToObj(unit -> "\\u" + HexFormat.of().toHexDigits((char) unit))
                .collect(Collectors.joining());

        assertThat(canonical('"' + escaped + '"')).isEqualTo('"' + character + '"');
    }

    @ParameterizedTest
    @CsvSource({
        "1000000000000,1e12",
        "0.0000000001,1e-10",
        "-12300e100,-123e102",
        "10e-2100,1e-2099",
        "1e99999999999999999,1e99999999999999999",
        "10e99999999999999999,1e100000000000000000",
        "1e-99999999999999999,1e-99999999999999999"
    })
    void of_number_hasItsExponent(String spelled, String canonical) {
        assertThat(canonical(spelled)).isEqualTo(canonical);
    }

    @Test
    void of_whatGrows_hasRoom() {
        assertThat(canonical("[" + "10,".repeat(500) + "10]")).isEqualTo("[" + "1e1,".repeat(500) + "1e1]");
        assertThat(canonical("[" + "10,".repeat(50) + "\"" + "a".repeat(999) + "\"]"))
                .isEqualTo("[" + "1e1,".repeat(50) + "\"" + "a".repeat(999) + "\"]");
    }

    @Test
    void of_anyBytesInAString_areTakenIfTheyAreUtf8() {
        List<String> wrong = new ArrayList<>();
        for (int first = 0x80; first < 0x100; first++) {
            for (int second : new int[] {'a', 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF}) {
                for (int third : new int[] {'a', 0x80, 0xBF, 0xC0}) {
                    for (int fourth : new int[] {'a', 0x80, 0xC0}) {
                        byte[] body = {'"', (byte) first, (byte) second, (byte) third, (byte) fourth, '"'};
                        if (!Objects.equals(canonical(body), Bytes.text(body))) {
                            wrong.add(HexFormat.of().formatHex(body));
                        }
                    }
                }
            }
        }

        assertThat(wrong).as("what the JDK takes for UTF-8, and what not").isEmpty();
        for (byte[] body : List.of(bytes(0xC3), bytes(0xE2, 0x82), bytes(0xF0, 0x9F, 0x98))) {
            assertThat(canonical(body)).as("cut off").isNull();
        }
    }

    private static byte[] bytes(int... behindAQuote) {
        byte[] bytes = new byte[behindAQuote.length + 1];
        bytes[0] = '"';
        for (int i = 0; i < behindAQuote.length; i++) {
            bytes[i + 1] = (byte) behindAQuote[i];
        }
        return bytes;
    }

    private static @Nullable String canonical(String text) {
        return canonical(text.getBytes(UTF_8));
    }

    private static @Nullable String canonical(byte[] body) {
        byte[] canonical = RecordingDigest.canonical(body);
        return canonical == null ? null : new String(canonical, UTF_8);
    }

    private static boolean same(JsonNode one, JsonNode other) {
        return one.equals(
                (a, b) -> a.isNumber() && b.isNumber()
                        ? a.decimalValue().compareTo(b.decimalValue())
                        : a.equals(b) ? 0 : 1,
                other);
    }

    private record Text(String value) {}

    /** Makes documents, and spells them, by a seed. */
    private static final class Spelling {
        private static final List<String> TEXTS =
                List.of("", "a", "b", "\"\\/", "\u0000\u001f\n", "\u00e9\u20ac", "\ud83d\ude00", "\ufb33");
        private final Random random;

        Spelling(long seed) {
            random = new Random(seed);
        }

        Object document(int depth) {
            return switch (random.nextInt(depth == 0 ? 4 : 6)) {
                case 0 -> Boolean.toString(random.nextBoolean());
                case 1 -> "null";
                case 2 -> new Text(text());
                case 3 -> new BigDecimal(random.nextInt(7) - 3).scaleByPowerOfTen(random.nextInt(5) - 2);
                case 4 -> items(depth);
                default -> members(depth);
            };
        }

        private List<Object> items(int depth) {
            List<Object> items = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                items.add(document(depth - 1));
            }
            return items;
        }

        private Map<String, Object> members(int depth) {
            Map<String, Object> members = new LinkedHashMap<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                members.put(text(), document(depth - 1));
            }
            return members;
        }

        private String text() {
            return TEXTS.get(random.nextInt(TEXTS.size()));
        }

        String spelled(Object value) {
            if (value instanceof List<?> items) {
                return space() + "["
                        + String.join(",", items.stream().map(this::spelled).toList()) + space() + "]";
            }
            if (value instanceof Map<?, ?> members) {
                List<Object> names = new ArrayList<>(members.keySet());
                Collections.shuffle(names, random);
                return space() + "{"
                        + String.join(
                                ",",
                                names.stream()
                                        .map(name -> space() + quoted((String) name) + space() + ":"
                                                + spelled(members.get(name)))
                                        .toList())
                        + space() + "}";
            }
            if (value instanceof Text text) {
                return space() + quoted(text.value);
            }
            return space() + (value instanceof BigDecimal number ? number(number) : value) + space();
        }

        private String space() {
            return " ".repeat(random.nextInt(2)) + "\n\t\r".substring(random.nextInt(4));
        }

        private String quoted(String text) {
            var out = new StringBuilder("\"");
            text.chars().forEach(c -> {
                if (Character.isSurrogate((char) c) || c < ' ' || c == '"' || c == '\\' || random.nextBoolean()) {
                    String hex = String.format("%04x", c);
                    out.append("\\u").append(random.nextBoolean() ? hex : hex.toUpperCase(java.util.Locale.ROOT));
                } else {
                    out.append((char) c);
                }
            });
            return out.append('"').toString();
        }

        private String number(BigDecimal number) {
            int shift = random.nextInt(5) - 2;
            return switch (random.nextInt(3)) {
                case 0 -> number.toPlainString();
                case 1 -> number.setScale(number.scale() + 2).toPlainString();
                default ->
                    number.scaleByPowerOfTen(-shift).toPlainString() + (random.nextBoolean() ? "e" : "E") + shift;
            };
        }
    }
}
