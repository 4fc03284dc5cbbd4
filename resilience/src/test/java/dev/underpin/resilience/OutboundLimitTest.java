package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OutboundLimitTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long START = Long.MAX_VALUE - 100; // overflows on the way

    private final OutboundLimit limit = new OutboundLimit(Bandwidth.of(10, SECOND), START);

    private static long at(long millis) {
        return START + millis * 1_000_000;
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000;
    }

    private static int acquired(OutboundLimit limit, long now, int tries) {
        int acquired = 0;
        for (int i = 0; i < tries; i++) {
            acquired += limit.tryAcquire(now) <= 0 ? 1 : 0;
        }
        return acquired;
    }

    @Test
    void tryAcquire_allAtOnce_refusesTheNextWithItsWait() {
        assertThat(acquired(limit, at(0), 20)).isEqualTo(10);

        assertThat(millis(limit.tryAcquire(at(0)))).isEqualTo(100);
        assertThat(millis(limit.tryAcquire(at(40)))).isEqualTo(60);
        assertThat(limit.tryAcquire(at(100))).isLessThanOrEqualTo(0);
        assertThat(millis(limit.tryAcquire(at(100)))).isEqualTo(100);
    }

    @Test
    void tryAcquire_longIdle_givesNoMoreThanAll() {
        assertThat(acquired(limit, at(3_600_000), 50)).isEqualTo(10);
    }

    @Test
    void tryAcquire_permitsDoNotDivideThePeriod_givesNeverMoreThanAllowed() {
        OutboundLimit seven = new OutboundLimit(Bandwidth.of(7, SECOND), START);
        int given = 0;

        for (int i = 0; i < 10_000; i++) {
            given += seven.tryAcquire(at(i)) <= 0 ? 1 : 0;
        }

        assertThat(given).isBetween(7 + 69 - 1, 7 + 70 - 1);
    }

    @Test
    void tryAcquire_manyThreads_givesAsManyAsAllowed() throws Exception {
        OutboundLimit wide = new OutboundLimit(Bandwidth.of(1_000, SECOND), START);
        AtomicLong now = new AtomicLong(START);
        AtomicInteger given = new AtomicInteger();

        BreakerTest.onThreads(4, number -> {
            for (int i = 0; i < 100_000; i++) {
                given.addAndGet(wide.tryAcquire(now.addAndGet(10_000)) <= 0 ? 1 : 0);
            }
        });

        // 4 s, and all permits at the start. A thread that read the clock long ago finds less come back, never more.
        assertThat(given.get()).isLessThanOrEqualTo(5_000).isGreaterThan(4_500);
    }

    @Test
    void reconfigure_moreCalls_thoseUsedStayUsed() {
        assertThat(acquired(limit, at(0), 10)).isEqualTo(10);

        limit.reconfigure(Bandwidth.of(100, SECOND));

        assertThat(acquired(limit, at(0), 200)).isEqualTo(90);
    }

    @Test
    void reconfigure_longerPeriod_thoseUsedStayUsed() {
        assertThat(acquired(limit, at(0), 8)).isEqualTo(8);

        limit.reconfigure(Bandwidth.of(10, Duration.ofMinutes(1)));

        assertThat(acquired(limit, at(0), 20)).isEqualTo(2);
        assertThat(millis(limit.tryAcquire(at(0)))).isEqualTo(6_000);
    }

    @Test
    void reconfigure_fewerCallsThanWereUsed_owesNothing() {
        OutboundLimit wide = new OutboundLimit(Bandwidth.of(100, SECOND), START);
        assertThat(acquired(wide, at(0), 100)).isEqualTo(100);

        wide.reconfigure(Bandwidth.of(10, SECOND));

        assertThat(millis(wide.tryAcquire(at(0)))).isEqualTo(100);
        assertThat(acquired(wide, at(1_000), 20)).isEqualTo(10);
    }

    @Test
    void reconfigure_sameOrBackAgain_changesNothing() {
        assertThat(acquired(limit, at(0), 5)).isEqualTo(5);

        limit.reconfigure(Bandwidth.of(10, SECOND));
        limit.reconfigure(Bandwidth.of(1, SECOND));
        limit.reconfigure(Bandwidth.of(10, SECOND));

        assertThat(acquired(limit, at(50), 20)).isEqualTo(5);
        assertThat(acquired(limit, at(100), 20)).isEqualTo(1);
    }

    @Test
    void of_noPermitsOrNoPeriodOrTooMany_isRefused() {
        assertThatThrownBy(() -> Bandwidth.of(0, SECOND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("permits must be at least 1: 0");
        assertThatThrownBy(() -> Bandwidth.of(1, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("period must be positive: PT0S");
        assertThatThrownBy(() -> Bandwidth.of(10_000_001, SECOND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("permits must not be more than one in 100 ns: 10000001 per PT1S");
        assertThat(Bandwidth.of(10_000_000, SECOND).stepNanos()).isEqualTo(100);
    }

    @Test
    void of_longestPeriod_isKeptWithinTheClock() {
        OutboundLimit once = new OutboundLimit(Bandwidth.of(3, Duration.ofSeconds(Long.MAX_VALUE)), START);

        assertThat(acquired(once, at(0), 5)).isEqualTo(3);
        assertThat(acquired(once, at(86_400_000), 5)).isZero();
    }
}
