package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
    /** A list of strings with integer parameters, as RFC 9651 writes them. */
    private static final String ITEM = "\"[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*\"(;[a-z][a-z0-9]*=[0-9]{1,15})*";

    private static final Pattern STRUCTURED = Pattern.compile(ITEM + "(, " + ITEM + ")*");

    @ParameterizedTest
    @CsvSource({"PT0S, 0", "PT0.000000001S, 1", "PT1S, 1", "PT1.1S, 2", "PT1M, 60"})
    void headers_reset_isWholeSecondsRoundedUp(Duration reset, long seconds) {
        assertThat(new RateLimit("api", 10, 3, reset, "\"api\";q=10;w=60").headers())
                .isEqualTo(Map.of("RateLimit-Policy", "\"api\";q=10;w=60", "RateLimit", "\"api\";r=3;t=" + seconds));
    }

    @Test
    void headers_ofAnyLimiter_areStructuredFields() {
        Random random = new Random(24);
        for (int i = 0; i < 500; i++) {
            var time = new VirtualTime();
            var builder = RateLimiter.named("a.B_c-" + i).time(time);
            for (int n = random.nextInt(3); n >= 0; n--) {
                builder.limit(
                        1 + random.nextInt(1_000),
                        random.nextBoolean()
                                ? Duration.ofSeconds(1 + random.nextInt(1_000_000))
                                : Duration.ofMillis(1 + random.nextInt(1_000_000)));
            }
            RateLimiter<Integer> limiter = builder.build();
            for (int n = random.nextInt(20); n > 0; n--) {
                var unused = limiter.tryAcquire(1);
            }
            time.advance(Duration.ofMillis(random.nextInt(1_000)));

            Map<String, String> headers = limiter.state(1).headers();

            assertThat(headers).containsOnlyKeys("RateLimit", "RateLimit-Policy");
            assertThat(headers.values()).allSatisfy(header -> assertThat(header).matches(STRUCTURED));
        }
    }

    @Test
    void aPartThatIsMissing_isRefused() {
        assertThatThrownBy(() -> new RateLimit(null, 1, 1, Duration.ZERO, "")).hasMessage("name");
        assertThatThrownBy(() -> new RateLimit("", 1, 1, null, "")).hasMessage("reset");
        assertThatThrownBy(() -> new RateLimit("", 1, 1, Duration.ZERO, null)).hasMessage("policy");
    }
}
