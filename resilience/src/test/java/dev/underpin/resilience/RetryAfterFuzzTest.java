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

/** Any text as {@code Retry-After} and {@code RateLimit}. Fuzzed by the profile {@code fuzz}; other builds repeat the seeds. */
class RetryAfterFuzzTest {
    static Stream<Arguments> headers() {
        return Stream.of(
                        "3",
                        "99999999999",
                        "Sun, 06 Nov 1994 08:49:37 GMT",
                        "Sunday, 06-Nov-94 08:49:37 GMT",
                        "Sun Nov  6 08:49:37 1994",
                        "Sun, 06 Nov 1994 08:49:37 +0930",
                        "\"default\";r=0;t=30",
                        "\"a\\\";r=0;t=9\";r=0;t=4, b;t=1;r=0",
                        "")
                .map(header -> Arguments.of((Object) header.getBytes(UTF_8)));
    }

    /** Nothing is thrown, and nothing is negative. */
    @MethodSource("headers")
    @FuzzTest
    void parse_anyText_isAWaitOrNone(byte @NotNull [] header) {
        String text = new String(header, UTF_8);
        var time = new VirtualTime();
        for (var wait : Stream.of(RetryAfter.parse(text, null, time), RetryAfter.parse(null, text, time))
                .toList()) {
            assertThat(wait.orElse(Duration.ZERO)).isGreaterThanOrEqualTo(Duration.ZERO);
        }
    }
}
