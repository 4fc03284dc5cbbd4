package dev.underpin.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import nl.jqno.equalsverifier.EqualsVerifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":1,\"b\":2} | { \"b\" : 2,\"a\":\t1 }",
                "{\"a\":{\"y\":[],\"x\":{}}} | {\"a\":{\"x\":{ },\"y\":[ ]}}",
                "1 | 1.0",
                "1 | 1e0",
                "1 | 10E-1",
                "100 | 1e+2",
                "0 | -0.00e7",
                "-0.5 | -5e-1",
                "123456789012345678901234567890 | 123456789012345678901234567890.000",
                "1e400 | 10e399",
                "\"\u00e9\" | \"\\u00E9\"",
                "\"/\" | \"\\/\"",
                "\"\\ud83d\\ude00\" | \"\ud83d\ude00\"",
                "true | ` true`",
                "1e12345678901234567 | 10e12345678901234566",
                "\"\\n a\" | \"\\u000a\\u0020a\"",
                "\"\ufffd\" | \"\\ufffd\"",
                "{\"b\":1,\"a\":{\"d\":[{}],\"c\":\"\\n\"}} | {\"a\":{\"c\":\"\\u000a\",\"d\":[{}]},\"b\":1}",
            })
    void ofJson_sameValueSpelledDifferently_isTheSame(String one, String other) {
        assertThat(json(one)).isEqualTo(json(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1,2] | [2,1]",
                "{\"a\":null} | {}",
                "{\"a\":\"1\"} | {\"a\":1}",
                "9007199254740993 | 9007199254740992",
                "0.1 | 0.1000000000000000055511151231257827",
                "1 | -1",
                "1e400 | 1e401",
                "10 | 1",
                "\"a\" | \"A\"",
                "\"\u00e9\" | \"e\u0301\"",
                "{} | []",
                "[[1],2] | [[1,2]]",
                "{\"a\":{\"b\":1}} | {\"a\":1,\"b\":1}",
                "\"null\" | null",
            })
    void ofJson_otherValue_isAnother(String one, String other) {
        assertThat(json(one)).isNotEqualTo(json(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"a\":1,\"a\":1}",
                "{\"a\":1,\"\\u0061\":1}",
                "{\"b\":1,\"a\":2,\"b\":3}",
                "{\"a\" 1}",
                "{\"a\":1",
                "[1",
                "{\"a",
                "01",
                "1.",
                "+1",
                ".5",
                "1e",
                "- 1",
                "[1,]",
                "{\"a\":1,}",
                "{a:1}",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12G4\"",
                "\"\\ud800\"",
                "\"\n\"",
                "\"a",
                "nul",
                "1 2",
                "\uFEFF1",
                "1e123456789012345678",
            })
    void ofJson_noJson_isThatOfTheBytes(String body) {
        assertThat(json(body)).isEqualTo(Fingerprint.ofBytes(body.getBytes(UTF_8)));
    }

    @Test
    void ofJson_replacementCharacter_isOneLikeAnyOther() {
        assertThat(json("[\"\uFFFD\"]")).isEqualTo(json("[\"\\uFFFD\"]")).isNotEqualTo(json("[\"\"]"));
    }

    @Test
    void ofJson_noUtf8_isThatOfTheBytes() {
        byte[] latin = {'"', (byte) 0xE9, '"'};

        assertThat(Fingerprint.ofJson(latin)).isEqualTo(Fingerprint.ofBytes(latin));
    }

    @Test
    void ofJson_upToTheLimitOfLevels_isNormalised() {
        assertThat(json(nested(100, " "))).isEqualTo(json(nested(100, "")));
        assertThat(json(nested(101, " "))).isNotEqualTo(json(nested(101, "")));
        assertThat(json("{\"a\":".repeat(100_000))).isNotNull();
    }

    @Test
    void ofJson_manyShallowValues_areNotDeep() {
        String items = "[" + "[],{},[1],{\"a\":1},".repeat(200) + "{}]";

        assertThat(json(items)).isEqualTo(json(' ' + items));
    }

    @Test
    void ofJson_upToTheLimitOfBytes_isNormalised() {
        String text = '"' + "x".repeat((1 << 20) - 3) + '"';

        assertThat(json(text + ' ')).isEqualTo(json(' ' + text));
        assertThat(json(text + "  ")).isNotEqualTo(json(" " + text + ' '));
    }

    @Test
    void ofBytes_canonicalText_isNotThatOfItsJson() {
        assertThat(Fingerprint.ofBytes("1".getBytes(UTF_8))).isNotEqualTo(json("1"));
    }

    @Test
    void and_parts_countEachAndInOrder() {
        Fingerprint body = json("1");

        assertThat(body.and("a").and("bc")).isEqualTo(json("1.0").and("a").and("bc"));
        assertThat(body.and("a").and("bc")).isNotEqualTo(body.and("ab").and("c"));
        assertThat(body.and("a").and("b")).isNotEqualTo(body.and("b").and("a"));
        assertThat(body.and("")).isNotEqualTo(body);
        assertThatThrownBy(() -> body.and("\ud800")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bytes_areThoseOfTheFormat() {
        assertThat(hex(json(" {\"b\":[1.50,true,null],\"a\":\"\\u000f\\n\u20ac\"}")))
                .isEqualTo("01" + sha256("01" + text("{\"a\":\"\\u000f\\n\u20ac\",\"b\":[15e-1,true,null]}")));
        assertThat(hex(json("\"\\u0020\\u007f\\u001f\""))).isEqualTo("01" + sha256("01" + text("\" \u007f\\u001f\"")));
        assertThat(hex(Fingerprint.ofBytes(new byte[] {7}))).isEqualTo("01" + sha256("0207"));
        assertThat(hex(Fingerprint.ofBytes(new byte[] {7}).and("GET")))
                .isEqualTo("01" + sha256("03" + sha256("0207") + "00000003" + text("GET")));
        assertThat(hex(Fingerprint.ofBytes(new byte[] {7}).and("p".repeat(0x1234))))
                .isEqualTo("01" + sha256("03" + sha256("0207") + "00001234" + text("p".repeat(0x1234))));
        assertThat(hex(json("1"))).isEqualTo("01f16ba6fa61da3398815be2a6c0f7cb1351982dbcc6c64bbeb9b65f672a8b102a");
    }

    @Test
    void matches_otherVersion_saysNothing() {
        Fingerprint fingerprint = json("1");
        byte[] later = json("2").toBytes();
        later[0] = 2;

        assertThat(fingerprint.matches(Fingerprint.ofStored(json("1.0").toBytes())))
                .isTrue();
        assertThat(fingerprint.matches(json("2"))).isFalse();
        assertThat(fingerprint.matches(Fingerprint.ofStored(later))).isTrue();
        assertThat(fingerprint.matches(Fingerprint.ofStored(new byte[0]))).isTrue();
    }

    @Test
    void toBytes_changed_changeNoFingerprint() {
        Fingerprint fingerprint = json("1");
        fingerprint.toBytes()[5]++;

        assertThat(fingerprint).isEqualTo(json("1"));
    }

    @Test
    void toString_showsTheVersionAndTheFirstBytes() {
        byte[] bytes = new byte[33];
        bytes[1] = (byte) 0xAB;

        assertThat(Fingerprint.ofStored(bytes)).hasToString("Fingerprint[00ab000000]");
        assertThat(Fingerprint.ofStored(new byte[] {3})).hasToString("Fingerprint[03]");
    }

    @Test
    void equals_contract() {
        EqualsVerifier.forClass(Fingerprint.class).withNonnullFields("bytes").verify();
    }

    private static Fingerprint json(String body) {
        return Fingerprint.ofJson(body.getBytes(UTF_8));
    }

    private static String nested(int levels, String space) {
        return "[".repeat(levels) + space + "]".repeat(levels);
    }

    private static String hex(Fingerprint fingerprint) {
        return HexFormat.of().formatHex(fingerprint.toBytes());
    }

    private static String text(String text) {
        return HexFormat.of().formatHex(text.getBytes(UTF_8));
    }

    private static String sha256(String hex) {
        return HexFormat.of().formatHex(Bytes.sha256().digest(HexFormat.of().parseHex(hex)));
    }
}
