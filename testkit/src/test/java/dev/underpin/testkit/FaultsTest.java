package dev.underpin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {
    private static final DomainError DOWN = ErrorKind.UNAVAILABLE.code().error();
    private static final DomainError SLOW = ErrorKind.TIMEOUT.code().error();

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger made = new AtomicInteger();

    private Result<String, DomainError> answer() {
        made.incrementAndGet();
        return Result.ok("yes");
    }

    /** {@return the numbers of the calls that were hit} */
    private List<Integer> hits(Faults faults, int calls) throws Exception {
        List<Integer> hits = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            try {
                if (!faults.apply(this::answer).isOk()) {
                    hits.add(i);
                }
            } catch (IOException e) {
                hits.add(-i);
            }
        }
        return hits;
    }

    @Test
    void apply_aRateAndASeed_hitsThatShareAndTheSameCallsEachTime() throws Exception {
        List<Integer> hits = hits(Faults.seeded(31).errors(0.02, DOWN).build(), 10_000);

        assertThat(hits).hasSizeBetween(170, 230);
        assertThat(hits(Faults.seeded(31).errors(0.02, DOWN).build(), 10_000)).isEqualTo(hits);
        assertThat(hits(Faults.seeded(32).errors(0.02, DOWN).build(), 10_000)).isNotEqualTo(hits);
        assertThat(hits).as("on every machine").startsWith(13, 25, 56, 68, 199);
    }

    @Test
    void apply_hit_isTheErrorInPlaceOfTheCall() throws Exception {
        Faults faults = Faults.seeded(1).errors(1, DOWN).build();

        Result<String, DomainError> result = faults.apply(this::answer);

        assertThat(result).isEqualTo(Result.err(DOWN));
        assertThat(made).hasValue(0);
    }

    @Test
    void apply_notHit_isTheAnswerItself() throws Exception {
        Faults faults = Faults.seeded(1).errors(0, DOWN).build();
        Result<String, DomainError> ok = Result.ok("yes");
        Result<String, ValidationError> narrow = Result.ok("yes");

        assertThat(faults.<String>apply(() -> ok)).isSameAs(ok);
        Result<Object, DomainError> wide = faults.apply(() -> narrow);
        assertThat(wide).isSameAs(narrow);
        assertThatThrownBy(() -> faults.<String>apply(() -> {
                    throw new IOException("its own");
                }))
                .hasMessage("its own");
    }

    @Test
    void apply_exceptions_areMadeAnewForEachCall() {
        Faults faults = Faults.seeded(1)
                .exceptions(1, () -> new IOException("connection reset " + made.incrementAndGet()))
                .build();

        assertThatThrownBy(() -> faults.apply(this::answer))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("1");
        assertThatThrownBy(() -> faults.apply(this::answer)).hasMessageEndingWith("2");
    }

    @Test
    void apply_severalFaults_eachHasItsShare() throws Exception {
        Faults faults = Faults.seeded(7)
                .errors(0.1, DOWN)
                .errors(0.2, SLOW)
                .exceptions(0.3, IOException::new)
                .build();
        int[] counts = new int[4];
        for (int i = 0; i < 10_000; i++) {
            try {
                Result<String, DomainError> result = faults.apply(this::answer);
                counts[result.fold(value -> 0, error -> error.equals(DOWN) ? 1 : 2)]++;
            } catch (IOException e) {
                counts[3]++;
            }
        }

        assertThat(counts[0]).isBetween(3_800, 4_200).isEqualTo(made.get());
        assertThat(counts[1]).isBetween(900, 1_100);
        assertThat(counts[2]).isBetween(1_850, 2_150);
        assertThat(counts[3]).isBetween(2_800, 3_200);
    }

    @Test
    void apply_latency_passesBeforeTheCallAndMovesNoOtherFault() throws Exception {
        Faults faults = Faults.seeded(31)
                .errors(0.02, DOWN)
                .latency(0.5, Duration.ofMillis(10))
                .time(time)
                .build();
        Instant start = time.instant();

        List<Integer> hits = hits(faults, 1_000);

        assertThat(hits).isEqualTo(hits(Faults.seeded(31).errors(0.02, DOWN).build(), 1_000));
        assertThat(Duration.between(start, time.instant()).toMillis()).isBetween(4_500L, 5_500L);
    }

    @Test
    void apply_interruptedDuringADelay_throwsAndDoesNotCall() {
        Faults faults =
                Faults.seeded(1).latency(1, Duration.ofDays(1)).time(time).build();
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> faults.apply(this::answer)).isInstanceOf(InterruptedException.class);

        assertThat(Thread.interrupted()).isFalse();
        assertThat(made).hasValue(0);
    }

    @Test
    void enabled_off_isTheCallItselfAndTheSequenceStands() throws Exception {
        List<Integer> hits = hits(Faults.seeded(5).errors(0.5, DOWN).build(), 20);
        Faults faults = Faults.seeded(5).errors(0.5, DOWN).build();

        faults.enabled(false);
        assertThat(hits(faults, 100)).isEmpty();
        faults.enabled(true);

        assertThat(hits(faults, 20)).isEqualTo(hits);
    }

    @Test
    void none_isTheCallItself() throws Exception {
        assertThat(hits(Faults.none(), 100)).isEmpty();
        assertThat(hits(Faults.seeded(1).build(), 100)).isEmpty();
        assertThat(made).hasValue(200);
    }

    @Test
    void apply_byManyThreads_hitsAsManyAsByOne() throws Exception {
        int expected = hits(Faults.seeded(3).errors(0.1, DOWN).build(), 4_000).size();
        Faults faults = Faults.seeded(3).errors(0.1, DOWN).build();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            var start = new CountDownLatch(1);
            List<Future<Integer>> counts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                counts.add(threads.submit(() -> {
                    start.await();
                    return hits(faults, 1_000).size();
                }));
            }
            start.countDown();
            int sum = 0;
            for (Future<Integer> count : counts) {
                sum += count.get(30, TimeUnit.SECONDS);
            }
            assertThat(sum).isEqualTo(expected);
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void aRateThatCannotBe_isRefused(double rate) {
        assertThatThrownBy(() -> Faults.seeded(1).errors(rate, DOWN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rate must be from 0 to 1: " + rate);
        assertThatThrownBy(() -> Faults.seeded(1).latency(rate, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ratesOfMoreThanAll_areRefused() {
        var builder = Faults.seeded(1);
        for (int i = 0; i < 10; i++) {
            builder.errors(0.1, DOWN);
        }
        assertThatThrownBy(() -> builder.exceptions(0.01, IOException::new))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("rates must not be more than 1 together");
        assertThatThrownBy(() -> Faults.seeded(1).latency(1, Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("delay must not be negative: PT-0.000000001S");
    }
}
