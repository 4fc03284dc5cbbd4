package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineTest {
    private final VirtualTime time = new VirtualTime();

    @Test
    void remaining_timeGoesBy_endsAtZero() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(20), time);
        assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(20));

        time.advance(Duration.ofSeconds(16)); // past the overflow of the clock
        assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(4));
        assertThat(deadline.isExpired()).isFalse();

        time.advance(Duration.ofSeconds(4));
        assertThat(deadline.isExpired()).isTrue();
        time.advance(Duration.ofHours(1));
        assertThat(deadline.remaining()).isZero();
        assertThat(deadline.isExpired()).isTrue();
    }

    /** Scenario 8: the wall clock has no part in it. */
    @Test
    void remaining_wallClockJumps_staysTheSame() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(1), time);

        time.jumpWallClock(Duration.ofHours(1));
        time.jumpWallClock(Duration.ofHours(-2));

        assertThat(deadline.remaining()).isEqualTo(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT-2562047788015215H"})
    void after_nothingLeft_hasPassed(Duration total) {
        assertThat(Deadline.after(total, time).isExpired()).isTrue();
    }

    @Test
    void after_longestDuration_isFarAhead() {
        Deadline deadline = Deadline.after(Duration.ofSeconds(Long.MAX_VALUE), time);

        assertThat(deadline.remaining()).isGreaterThan(Duration.ofDays(365 * 70));
        assertThat(deadline.isExpired()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "200, 200", "999999999999, 999999999999", "000000000200, 200"})
    void parse_milliseconds_isThatFarAhead(String header, long millis) {
        assertThat(Deadline.parse(header, time))
                .get()
                .satisfies(deadline -> assertThat(deadline.remaining()).isEqualTo(Duration.ofMillis(millis)));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                " ",
                "-1",
                "+1",
                "1.5",
                "1e3",
                "0x10",
                "200 ",
                " 200",
                "200,300",
                "200ms",
                "PT1S",
                "1000000000000",
                "99999999999999999999999999",
                "\u0661\u0662",
                "\uff11",
                "1\u0000",
                "1\r\n2"
            })
    void parse_whatIsNoNumber_isIgnored(String header) {
        assertThat(Deadline.parse(header, time)).isEmpty();
    }

    @Test
    void parse_endlessHeader_isIgnored() {
        assertThat(Deadline.parse("1".repeat(1_000_000), time)).isEmpty();
    }

    @Test
    void toHeader_isRoundedDown() {
        assertThat(Deadline.after(Duration.ofNanos(1_999_999), time).toHeader()).isEqualTo("1");
        assertThat(Deadline.after(Duration.ofNanos(999_999), time).toHeader()).isEqualTo("0");
        assertThat(Deadline.after(Duration.ofSeconds(-5), time).toHeader()).isEqualTo("0");
    }

    /** Scenario 15: it goes over the wire as what is left, so clocks need not agree. */
    @Test
    void toHeader_parsedElsewhere_isAsFarAhead() {
        var elsewhere = new VirtualTime();
        elsewhere.advance(Duration.ofDays(7));

        Deadline there = Deadline.parse(
                        Deadline.after(Duration.ofMillis(200), time).toHeader(), elsewhere)
                .orElseThrow();

        assertThat(there.remaining()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void toString_isWhatIsLeft() {
        assertThat(Deadline.after(Duration.ofMillis(1_500), time)).hasToString("PT1.5S");
    }

    @Test
    void parse_withoutATime_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> Deadline.parse("1", null));
        assertThatNullPointerException().isThrownBy(() -> Deadline.after(Duration.ZERO, null));
    }
}
