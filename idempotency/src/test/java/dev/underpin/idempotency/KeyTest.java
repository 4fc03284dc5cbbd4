package dev.underpin.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyTest {
    @Test
    void of_partsThatJoinTheSame_areOtherKeys() {
        List<String> hashes = List.of(
                        key("a|b", "c", "d"),
                        key("a", "b|c", "d"),
                        key("a", "b", "c|d"),
                        key("ab", "c", "d"),
                        key("a", "bc", "d"),
                        key("abc", "d", ""),
                        key("", "abc", "d"),
                        key("a/b", "c", "d"),
                        key("a", "b/c", "d"),
                        key("A", "bc", "d"))
                .stream()
                .map(IdempotencyStore.Key::hex)
                .toList();

        assertThat(hashes).doesNotHaveDuplicates();
    }

    @Test
    void hash_isThatOfTheFormat() {
        byte[] input = HexFormat.of().parseHex("0000000274310000000c6f72646572732e706c616365000000036b2d31");

        IdempotencyStore.Key key = key("t1", "orders.place", "k-1");

        assertThat(key.hex()).isEqualTo(HexFormat.of().formatHex(Bytes.sha256().digest(input)));
        assertThat(key.hash()).hasSize(32).isEqualTo(Bytes.sha256().digest(input));
        assertThat(key).isEqualTo(key("t1", "orders.place", "k-1"));
    }

    @Test
    void toString_showsTheHashAlone() {
        assertThat(key("tenant-1", "op", "secret").toString()).matches("Key\\[[0-9a-f]{64}]");
        assertThat(key("tenant-1", "op", "secret").label()).isEqualTo("tenant-1/op/secret");
    }

    private static IdempotencyStore.Key key(String tenant, String operation, String key) {
        return IdempotencyStore.Key.of(tenant, operation, key);
    }
}
