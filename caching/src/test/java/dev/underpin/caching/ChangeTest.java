package dev.underpin.caching;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The messages of docs/formats/cache.md. */
class ChangeTest {
    private static final UUID NODE = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final UUID SELF = UUID.fromString("00112233-4455-6677-8899-aabbccddee00");

    private static final String HEAD = "01" // version
            + "00112233445566778899aabbccddeeff" // node
            + "00000001" + "0063"; // cache c
    private static final String KEYS_AND_TAGS = HEAD + "02" // removed
            + "00000002" + "00000001" + "006b" + "00000002" + "20ac0031" // keys k, \u20ac1
            + "00000001" + "00000000"; // an empty tag

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }

    @Test
    void message_eachKind_isTheGoldenBytes() throws IOException {
        var several = new Change(List.of("k", "\u20ac1"), List.of(""), /* all= */ false, /* removed= */ true);

        assertThat(several.message(NODE, "c")).isEqualTo(hex(KEYS_AND_TAGS));
        assertThat(Change.parse(hex(KEYS_AND_TAGS), SELF, "c")).contains(several);
        assertThat(Change.everything().message(NODE, "c")).isEqualTo(hex(HEAD + "03" + "00000000" + "00000000"));
        assertThat(Change.key("k", /* removed= */ false).message(NODE, "c"))
                .isEqualTo(hex(HEAD + "00" + "00000001" + "00000001" + "006b" + "00000000"));
        assertThat(Change.tag("k", /* removed= */ true).message(NODE, "c"))
                .isEqualTo(hex(HEAD + "02" + "00000000" + "00000001" + "00000001" + "006b"));
    }

    @Test
    void parse_halfOfASurrogatePair_isThatKey() throws IOException {
        Change change = Change.key("\ud83d", /* removed= */ true);

        assertThat(Change.parse(change.message(NODE, "c"), SELF, "c")).contains(change);
    }

    @Test
    void parse_ownOrOfAnotherCache_isNone() throws IOException {
        assertThat(Change.parse(hex(KEYS_AND_TAGS), NODE, "c")).isEmpty();
        assertThat(Change.parse(hex(KEYS_AND_TAGS), SELF, "d")).isEmpty();
    }

    @Test
    void parse_truncatedLongerOrOfAnotherVersion_isRefused() {
        byte[] good = hex(KEYS_AND_TAGS);
        for (int length = 0; length < good.length; length++) {
            byte[] part = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> Change.parse(part, SELF, "c"))
                    .as("%s bytes", length)
                    .isInstanceOf(IOException.class);
        }
        for (byte[] wrong : List.of(
                Arrays.copyOf(good, good.length + 1),
                with(good, 0, 2),
                with(good, 23, 4),
                with(good, 24, 0x7f),
                with(good, 24, 0x80),
                with(good, 28, 0x80))) {
            assertThatThrownBy(() -> Change.parse(wrong, SELF, "c")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void parse_manyKeys_areAllThere() throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(hex(HEAD + "02" + "00002710"));
        for (int i = 0; i < 10_000; i++) {
            bytes.writeBytes(hex("00000004"));
            bytes.writeBytes("%04d".formatted(i).getBytes(UTF_16BE));
        }
        bytes.writeBytes(hex("00000000"));

        assertThat(Change.parse(bytes.toByteArray(), SELF, "c").orElseThrow().keys())
                .hasSize(10_000)
                .startsWith("0000", "0001")
                .endsWith("9999");
    }
}
