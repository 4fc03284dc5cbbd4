package dev.underpin.resilience;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as the header of a deadline. Fuzzed by the profile {@code fuzz}; other builds repeat the seeds. */
class DeadlineFuzzTest {
    static Stream<Arguments> headers() {
        return Stream.of("0", "200", "0200", "999999999999", "1000000000000", "-1", "+1", "1.5", " 1", "", "\u0661")
                .map(header -> Arguments.of((Object) header.getBytes(UTF_8)));
    }

    /** What is taken is sent on as the same number. */
    @MethodSource("headers")
    @FuzzTest
    void parse_anyText_isADeadlineThatIsSentOnOrNone(byte @NotNull [] header) {
        String text = new String(header, UTF_8);
        Deadline.parse(text, new VirtualTime()).ifPresent(deadline -> {
            assertThat(text).matches("[0-9]{1,12}");
            assertThat(deadline.remaining()).isEqualTo(Duration.ofMillis(Long.parseLong(text)));
            assertThat(deadline.toHeader()).isEqualTo(Long.toString(Long.parseLong(text)));
        });
    }
}
