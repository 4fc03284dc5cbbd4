package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a message and as an entry. Fuzzed by the profile {@code fuzz}; other builds repeat the seeds. */
class CacheBytesFuzzTest {
    private static final UUID NODE = new UUID(0, 1);
    private static final UUID SELF = new UUID(0, 2);

    static Stream<Arguments> bytes() {
        byte[] message =
                new Change(List.of("k", ""), List.of("t"), /* all= */ true, /* removed= */ true).message(NODE, "c");
        byte[] entry = RemoteEntry.encode(60_000_000_000L, 1_000_000, List.of("t"), new byte[] {1, 2});
        return Stream.of(
                        new byte[0],
                        message,
                        Arrays.copyOf(message, message.length - 1),
                        Arrays.copyOf(message, message.length + 1),
                        Change.key("\ud83d", /* removed= */ false).message(NODE, "c"),
                        entry,
                        Arrays.copyOf(entry, 25),
                        Arrays.copyOf(entry, 24))
                .map(bytes -> Arguments.of((Object) bytes));
    }

    /** What is read is what these bytes say and no others; what is not is refused, with no other exception. */
    @MethodSource("bytes")
    @FuzzTest
    void read_anyBytes_areRefusedOrWrittenBackTheSame(byte @NotNull [] bytes) {
        try {
            Change.parse(bytes, SELF, "c").ifPresent(change -> {
                byte[] again = change.message(NODE, "c");
                Arrays.fill(again, 1, 17, (byte) 0); // the node
                byte[] read = bytes.clone();
                Arrays.fill(read, 1, 17, (byte) 0);
                assertThat(again).isEqualTo(read);
            });
        } catch (IOException e) {
            assertThat(e).hasNoCause();
        }
        try {
            RemoteEntry entry = RemoteEntry.decode(bytes);
            byte[] again = RemoteEntry.encode(entry.ttlNanos(), entry.loadNanos(), List.of(), entry.valueBytes());
            System.arraycopy(bytes, 17, again, 17, Long.BYTES); // the hash
            assertThat(again).isEqualTo(bytes);
            assertThat(entry.ttlNanos()).isPositive();
            assertThat(entry.loadNanos()).isNotNegative();
        } catch (IOException e) {
            assertThat(e).hasNoCause();
        }
    }
}
