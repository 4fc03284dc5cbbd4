package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** How long before its end an entry is refreshed that other processes hold as well. */
class EarlyRefreshTest {
    private static final int ENTRIES = 3_000;

    private final VirtualTime time = new VirtualTime();

    private static RandomGenerator seeded() {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(25);
    }

    /** {@return how many of many entries are refreshed by a get so long before their end} */
    private int refreshed(Duration load, Duration beforeEnd) {
        var level = new InMemoryLevel(time);
        Node owner = new Node(level, time, key -> {
            time.advance(load);
            return Result.ok(key);
        });
        RandomGenerator random = seeded();
        // Nothing is taken off the times of entries: each of their draws comes before one of these.
        Node reader = new Node(
                level,
                time,
                Result::ok,
                builder -> builder.random(random).maximumSize(ENTRIES).ttl(Duration.ofDays(1)));
        int before = 0;
        for (int i = 0; i < ENTRIES; i++) {
            String key = "k" + i;
            assertThat(owner.cache.get(key).isOk()).isTrue();
            assertThat(reader.cache.get(key).isOk()).isTrue(); // the draw
            time.advance(Node.TTL.minus(beforeEnd));
            assertThat(reader.cache.get(key).isOk()).isTrue();
            int after = reader.loads.get();
            assertThat(after - before).isBetween(0, 1);
            before = after;
            assertThat(owner.cache.invalidate(key)).isEqualTo(Propagation.DONE);
        }
        return before;
    }

    @Test
    void get_someTimeBeforeTheEnd_refreshesAsOftenAsTheLawSays() {
        for (int loads : List.of(1, 3)) {
            double expected = Math.exp(-loads);
            double sigma = Math.sqrt(ENTRIES * expected * (1 - expected));

            assertThat((double) refreshed(Duration.ofSeconds(1), Duration.ofSeconds(loads)))
                    .isCloseTo(ENTRIES * expected, within(3 * sigma));
        }
    }

    @Test
    void get_loadTookNoTime_neverRefreshesEarly() {
        assertThat(refreshed(Duration.ZERO, Duration.ofNanos(1))).isZero();
    }
}
