package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("1994-11-06T08:49:27Z");

    private final VirtualTime time = at(NOW);

    private static VirtualTime at(Instant now) {
        return new VirtualTime(now);
    }

    private Optional<Duration> parse(String retryAfter) {
        return RetryAfter.parse(retryAfter, null, time);
    }

    private Optional<Duration> limit(String rateLimit) {
        return RetryAfter.parse(null, rateLimit, time);
    }

    @ParameterizedTest
    @CsvSource({
        "3, 3",
        "0, 0",
        "86400, 86400",
        "' 120 ', 120",
        "007, 7",
        "999999999, 999999999",
        "1000000000, 999999999",
        "99999999999999999999999999, 999999999"
    })
    void parse_seconds_areTheWait(String value, long seconds) {
        assertThat(parse(value)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                " Sun, 06 Nov 1994 08:49:37 GMT "
            })
    void parse_aDateInAnyForm_isTheTimeUntilThen(String value) {
        assertThat(parse(value)).contains(Duration.ofSeconds(10));
    }

    @Test
    void parse_anyMomentInAnyForm_isTheSame() {
        Random random = new Random(13);
        for (int i = 0; i < 1_000; i++) {
            Instant then = NOW.plusSeconds(random.nextInt(1_500_000_000)); // 47 years
            for (String form : List.of(
                    "EEE, dd MMM uuuu HH:mm:ss 'GMT'", "EEEE, dd-MMM-uu HH:mm:ss 'GMT'", "EEE MMM ppd HH:mm:ss uuuu")) {
                String value = DateTimeFormatter.ofPattern(form, Locale.US)
                        .withZone(ZoneOffset.UTC)
                        .format(then);
                assertThat(parse(value)).as(value).contains(Duration.between(NOW, then));
            }
        }
    }

    @Test
    void parse_aDateThatHasPassed_isNoWait() {
        assertThat(parse("Sun, 06 Nov 1994 08:49:26 GMT")).contains(Duration.ZERO);
        assertThat(parse("Thu, 01 Jan 1970 00:00:00 GMT")).contains(Duration.ZERO);
    }

    @Test
    void parse_twoDigitsOfAYear_areNotMoreThanFiftyYearsAhead() {
        assertThat(parse("Tuesday, 01-Nov-44 00:00:00 GMT").orElseThrow()).isGreaterThan(Duration.ofDays(365 * 49));
        assertThat(parse("Tuesday, 07-Nov-45 00:00:00 GMT"))
                .as("1945 was a Wednesday")
                .isEmpty();
        assertThat(parse("Wednesday, 07-Nov-45 00:00:00 GMT")).contains(Duration.ZERO);
        assertThat(RetryAfter.parse(
                        "Saturday, 01-Jan-00 00:00:10 GMT", null, at(Instant.parse("1999-12-31T23:59:59Z"))))
                .contains(Duration.ofSeconds(11));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-5",
                "+5",
                "abc",
                "1.5",
                "3s",
                "3, 5",
                "\u0663",
                "1e3",
                "Mon, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 25:49:37 GMT",
                "Sun, 31 Feb 1994 08:49:37 GMT",
                "Sun, 06 Nov 94 08:49:37",
                "Monday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov 6 08:49:37 1994",
                "Sun Nov  6 8:49:37 1994",
                "Sun Nov",
                "Sun Xyz  6 08:49:37 1994",
                "1994-11-06T08:49:37Z",
                ",",
                "Sunday,",
                "\0"
            })
    void parse_whatCannotBeRead_isIgnored(String value) {
        assertThat(parse(value)).isEmpty();
    }

    @Test
    void parse_nothing_isNothing() {
        assertThat(RetryAfter.parse(null, null, time)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"default\";r=0;t=30 | 30",
                "\"default\"; r=0; t=30 | 30",
                "default;t=30;r=0 | 30",
                "\"a\";r=0;t=3, \"b\";r=0;t=40, \"c\";r=1;t=99 | 40",
                "\"a,b;r=0;t=99;\";r=5;t=1, \"c\";r=0;t=7 | 7",
                "\"a\\\";r=0;t=99\";r=0;t=7 | 7"
            })
    void parse_aLimitWithNothingLeft_isTheLongestReset(String value, long seconds) {
        assertThat(limit(value)).contains(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"default\";r=1;t=30",
                "\"default\";r=0",
                "\"default\";t=30",
                "r=0;t=-1",
                "r=0;t=x",
                "\"r=0;t=5",
                "\"a;r=0;t=99;\";r=5;t=1",
                ";;;,,,",
                "\\",
                "\"\\"
            })
    void parse_aLimitWithSomethingLeftOrWithoutSense_isIgnored(String value) {
        assertThat(limit(value)).isEmpty();
    }

    @Test
    void parse_both_retryAfterCountsIfItCanBeRead() {
        String limit = "\"default\";r=0;t=30";

        assertThat(RetryAfter.parse("3", limit, time)).contains(Duration.ofSeconds(3));
        assertThat(RetryAfter.parse("soon", limit, time)).contains(Duration.ofSeconds(30));
    }

    @Test
    void parse_whatALimiterOfOursSays_isUnderstood() {
        RateLimiter<String> limiter = RateLimiter.named("api")
                .limit(1, Duration.ofSeconds(9))
                .time(time)
                .build();
        assertThat(limiter.tryAcquire("a").isOk()).isTrue();

        assertThat(limit(limiter.state("a").headers().get("RateLimit"))).contains(Duration.ofSeconds(9));
    }

    @Test
    void parse_aMegabyte_isReadOrIgnoredAndNotKept() {
        assertThat(parse("1".repeat(1_000_000))).contains(Duration.ofSeconds(999_999_999));
        assertThat(parse("Sun, ".repeat(200_000))).isEmpty();
        assertThat(limit("\"".repeat(1_000_001))).isEmpty();
        assertThat(limit("a;r=0;t=1,".repeat(100_000))).contains(Duration.ofSeconds(1));
    }

    @Test
    void parse_anyText_throwsNothingAndIsNeverNegative() {
        Random random = new Random(13);
        String signs = "0123456789-+:, ;=rt\"\\GMTSunNov\u0663\0";
        for (int i = 0; i < 10_000; i++) {
            var text = new StringBuilder();
            for (int n = random.nextInt(30); n > 0; n--) {
                text.append(signs.charAt(random.nextInt(signs.length())));
            }
            assertThat(parse(text.toString()))
                    .matches(wait -> wait.isEmpty() || !wait.get().isNegative());
            assertThat(limit(text.toString()))
                    .matches(wait -> wait.isEmpty() || !wait.get().isNegative());
        }
    }

    /* ---- scenario 13, the pipeline's side ---- */

    @Test
    void parse_aDay_isToldToTheCallerAndNotWaitedFor() {
        Duration day = parse("86400").orElseThrow();
        Pipeline pipeline = Pipeline.named("risk").time(time).build();
        long before = time.nanoTime();

        var answer = pipeline.<String>call(
                Call.idempotent(),
                attempt -> dev.underpin.result.Result.err(DomainError.builder(ErrorKind.UNAVAILABLE.code())
                        .retryAfter(day)
                        .build()));

        assertThat(answer.fold(value -> Optional.<Duration>empty(), DomainError::retryAfter))
                .contains(day);
        assertThat(time.nanoTime()).isEqualTo(before);
    }
}
