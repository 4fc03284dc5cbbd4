package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Two hundred instances, each of 20 calls a second, whose breakers open because of one outage: how many probes arrive in the
 * tenth of a second in which most do. Discrete events on virtual time; all else is the real thing.
 */
class HerdTest {
    private static final int INSTANCES = 200;
    private static final int SECONDS = 16;
    private static final Result<String, DomainError> DOWN =
            Result.err(ErrorKind.UNAVAILABLE.code().error());
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private final VirtualTime time = new VirtualTime();
    private final long start = time.nanoTime();
    private final Random random = new Random(10);
    private final int[] arrived = new int[SECONDS * 10 + 1];

    /** The outage begins at once; {@return the peak after all breakers are open} */
    private int peak(RandomGenerator jitter) {
        for (int i = 0; i < INSTANCES; i++) {
            Pipeline instance = Pipeline.named("instance-" + i)
                    .time(time)
                    .random(jitter)
                    .interrupting(false)
                    .retry(RetryPolicy.none())
                    .breaker(BreakerPolicy.standard()
                            .failureRate(0.5, 20, 10)
                            .openFor(Duration.ofSeconds(10), Duration.ofMinutes(1))
                            .probes(10))
                    .build();
            callOften(instance, Duration.ofNanos(random.nextInt(50_000_000)));
        }
        time.advance(Duration.ofSeconds(SECONDS));
        assertThat(arrived[0]).isBetween(300, 500);
        assertThat(IntStream.of(arrived).skip(10).limit(30)).as("all are open").allMatch(count -> count == 0);
        return IntStream.of(arrived).skip(10).max().orElseThrow();
    }

    private void callOften(Pipeline instance, Duration delay) {
        var unused = time.schedule(delay, () -> {
            callOften(instance, INTERVAL);
            Result<String, DomainError> unusedToo = instance.call(Call.once(), attempt -> {
                arrived[(int) ((time.nanoTime() - start) / 100_000_000)]++;
                return DOWN;
            });
        });
    }

    @Test
    void probes_withJitter_arriveFiveTimesThinnerThanWithout() {
        int jittered = peak(new SplittableRandom(10));
        var control = new HerdTest();
        int fixed = control.peak(() -> 1L << 63); // always 0.5, which makes the factor 1

        assertThat(fixed).as("the control").isGreaterThan(300);
        assertThat(jittered).isPositive().isLessThanOrEqualTo(fixed / 5);
    }
}
