package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The entries of docs/formats/cache.md. */
class RemoteEntryTest {
    private static final byte[] VALUE = {10, 11};
    private static final byte[] GOLDEN = HexFormat.of()
            .parseHex(
                    "01" // version
                            + "0000000000000102" // ttl
                            + "0000000000000003" // load
                            + "02081cb7bdfbaeb9" // tags t and \u20ac
                            + "0a0b"); // value

    @Test
    void encode_valueWithTags_isTheGoldenBytes() throws IOException {
        assertThat(RemoteEntry.encode(0x102, 3, List.of("\u20ac", "t", "t"), VALUE))
                .isEqualTo(GOLDEN);

        RemoteEntry read = RemoteEntry.decode(GOLDEN);
        assertThat(read.ttlNanos()).isEqualTo(0x102);
        assertThat(read.loadNanos()).isEqualTo(3);
        assertThat(read.tags()).isEqualTo(RemoteEntry.hash(List.of("t", "\u20ac")));
        assertThat(read.valueBytes()).isEqualTo(VALUE);
        assertThat(read.valueBytes()).isEqualTo(VALUE); // and again
    }

    @Test
    void decode_emptyValue_isRead() throws IOException {
        assertThat(RemoteEntry.decode(Arrays.copyOf(GOLDEN, 25)).valueBytes()).isEmpty();
    }

    @Test
    void decode_truncatedOrOfAnotherVersion_isRefused() {
        for (int length = 0; length < 25; length++) {
            byte[] part = Arrays.copyOf(GOLDEN, length);
            assertThatThrownBy(() -> RemoteEntry.decode(part))
                    .as("%s bytes", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(length + " bytes");
        }
        byte[] other = GOLDEN.clone();
        other[0] = 2;
        assertThatThrownBy(() -> RemoteEntry.decode(other)).isInstanceOf(IOException.class);
    }

    @Test
    void decode_timesThatAreNone_isRefused() throws IOException {
        for (long ttl : new long[] {0, -1, Long.MIN_VALUE, Clock.NEVER + 1, Long.MAX_VALUE}) {
            byte[] bytes = RemoteEntry.encode(ttl, 0, List.of(), VALUE);
            assertThatThrownBy(() -> RemoteEntry.decode(bytes)).isInstanceOf(IOException.class);
        }
        byte[] negative = RemoteEntry.encode(1, -1, List.of(), VALUE);
        assertThatThrownBy(() -> RemoteEntry.decode(negative)).isInstanceOf(IOException.class);
        assertThat(RemoteEntry.decode(RemoteEntry.encode(Clock.NEVER, 0, List.of(), VALUE))
                        .ttlNanos())
                .isEqualTo(Clock.NEVER);
    }

    @Test
    void hash_tags_areTheGoldenNumbersAndDoNotRunIntoEachOther() {
        assertThat(RemoteEntry.hash(List.of())).isEqualTo(1);
        assertThat(List.of(
                        RemoteEntry.hash(List.of("")),
                        RemoteEntry.hash(List.of("ab", "c")),
                        RemoteEntry.hash(List.of("a", "bc")),
                        RemoteEntry.hash(List.of("abc")),
                        RemoteEntry.hash(List.of("a", "b", "c"))))
                .doesNotHaveDuplicates()
                .doesNotContain(1L);
        assertThat(RemoteEntry.hash(List.of("b", "a", "b"))).isEqualTo(RemoteEntry.hash(List.of("a", "b")));
    }
}
