package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.testkit.VirtualTime;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimiterTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final VirtualTime time = new VirtualTime();

    private RateLimiter.Builder api() {
        return RateLimiter.named("api").time(time);
    }

    private static <K> int take(RateLimiter<K> limiter, K key, int times) {
        int taken = 0;
        for (int i = 0; i < times; i++) {
            taken += limiter.tryAcquire(key).isOk() ? 1 : 0;
        }
        return taken;
    }

    /** {@return zero if there was a permit} */
    private static <K> Duration waitFor(RateLimiter<K> limiter, K key) {
        return limiter.tryAcquire(key)
                .fold(permitted -> Duration.ZERO, error -> error.retryAfter().orElseThrow());
    }

    /* ---- permits ---- */

    @Test
    void tryAcquire_aBurst_isGivenAndThenRefusedWithTheExactWait() {
        RateLimiter<String> limiter = api().limit(100, MINUTE).limit(10, SECOND).build();

        assertThat(take(limiter, "a", 10)).isEqualTo(10);

        assertThat(waitFor(limiter, "a")).isEqualTo(Duration.ofMillis(100));
        time.advance(Duration.ofMillis(100).minusNanos(1));
        assertThat(waitFor(limiter, "a")).isEqualTo(Duration.ofNanos(1));
        time.advance(Duration.ofNanos(1));
        assertThat(take(limiter, "a", 2)).isEqualTo(1);
    }

    @Test
    void tryAcquire_severalLimitsUsedUp_isRefusedWithTheLongestWait() {
        for (boolean longFirst : new boolean[] {true, false}) {
            RateLimiter<String> limiter = longFirst
                    ? api().limit(10, MINUTE).limit(10, SECOND).build()
                    : api().limit(10, SECOND).limit(10, MINUTE).build();
            assertThat(take(limiter, "a", 11)).isEqualTo(10);

            Duration wait = waitFor(limiter, "a");

            assertThat(wait).isEqualTo(Duration.ofSeconds(6));
            time.advance(wait);
            assertThat(take(limiter, "a", 2)).isEqualTo(1);
        }
    }

    @Test
    void tryAcquire_refusedByOneLimit_takesNothingOfTheOthers() {
        RateLimiter<String> limiter = api().limit(20, MINUTE).limit(5, SECOND).build();
        assertThat(take(limiter, "a", 1_000)).isEqualTo(5);

        time.advance(SECOND);

        assertThat(take(limiter, "a", 1_000)).isEqualTo(5);
        assertThat(limiter.state("a").remaining()).isZero();
        time.advance(SECOND.multipliedBy(2));
        assertThat(take(limiter, "a", 1_000)).as("of twenty, one came back").isEqualTo(5);
    }

    @Test
    void tryAcquire_refused_saysWhoAndThatItMayBeRepeated() {
        RateLimiter<String> limiter = api().limit(1, SECOND).build();
        assertThat(limiter.tryAcquire("secret@example.org").isOk()).isTrue();

        DomainError error = ((Result.Err<Unit, DomainError>) limiter.tryAcquire("secret@example.org")).error();

        assertThat(error.is(ResilienceErrors.RATE_LIMITED)).isTrue();
        assertThat(error.args()).isEqualTo(Map.of("name", "api"));
        assertThat(error + error.message()).doesNotContain("secret");
        assertThat(Outcome.of(error)).isEqualTo(Outcome.IGNORE);
    }

    @Test
    void tryAcquire_keys_haveTheirOwn() {
        RateLimiter<String> limiter = api().limit(2, SECOND).build();

        assertThat(take(limiter, "a", 3)).isEqualTo(2);
        assertThat(take(limiter, "b", 3)).isEqualTo(2);
        assertThat(take(limiter, new String("a"), 3)).isZero();
    }

    @Test
    void tryAcquire_permitsThatAreNotAWholeNumberOfNanosEach_areNeverTooMany() {
        RateLimiter<String> limiter = api().limit(7, SECOND).build();
        assertThat(take(limiter, "a", 8)).isEqualTo(7);
        int more = 0;
        for (int i = 0; i < 100; i++) {
            time.advance(Duration.ofMillis(10));
            more += take(limiter, "a", 2);
        }
        assertThat(more).as("a second").isBetween(6, 7);
    }

    /* ---- what is left ---- */

    @Test
    void state_isOfTheLimitWithTheLeastLeft() {
        RateLimiter<String> limiter = api().limit(100, MINUTE).limit(10, SECOND).build();
        String policy = "\"api-60s\";q=100;w=60, \"api-1s\";q=10;w=1";

        assertThat(limiter.state("a")).isEqualTo(new RateLimit("api-1s", 10, 10, Duration.ZERO, policy));
        assertThat(take(limiter, "a", 4)).isEqualTo(4);
        assertThat(limiter.state("a")).isEqualTo(new RateLimit("api-1s", 10, 6, Duration.ofMillis(400), policy));
        int taken = 4;
        for (int i = 0; i < 20; i++) {
            time.advance(SECOND);
            taken += take(limiter, "a", 10);
        }
        assertThat(taken).as("100, and one each 600 ms").isEqualTo(133);
        assertThat(limiter.state("a")).isEqualTo(new RateLimit("api-60s", 100, 0, Duration.ofMillis(59_800), policy));
    }

    @Test
    void state_takesNothing() {
        RateLimiter<String> limiter = api().limit(2, SECOND).build();
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.state("a").remaining()).isEqualTo(2);
        }
        assertThat(limiter.keys()).isZero();
        assertThat(take(limiter, "a", 3)).isEqualTo(2);
    }

    @Test
    void headers_ofOneLimit_haveItsName() {
        RateLimiter<String> limiter =
                RateLimiter.named("default").limit(100, MINUTE).time(time).build();
        assertThat(take(limiter, "a", 1)).isEqualTo(1);

        assertThat(limiter.state("a").headers())
                .isEqualTo(Map.of("RateLimit-Policy", "\"default\";q=100;w=60", "RateLimit", "\"default\";r=99;t=1"));
    }

    @Test
    void headers_ofAPeriodThatIsNotWholeSeconds_tellNoWindow() {
        RateLimiter<String> limiter =
                api().limit(1, Duration.ofMillis(1_500)).limit(100, MINUTE).build();

        assertThat(limiter.state("a").headers())
                .containsEntry("RateLimit-Policy", "\"api-1500ms\";q=1, \"api-60s\";q=100;w=60");
    }

    /* ---- many keys ---- */

    @Test
    void tryAcquire_aMillionKeys_areBoundedAndAHotOneStaysLimited() {
        RateLimiter<Object> limiter =
                api().limit(5, MINUTE).limit(5, SECOND).maxKeys(1_000).build();
        Object hot = "hot";
        int hotTaken = take(limiter, hot, 1);
        int others = 0;
        for (int i = 0; i < 1_000_000; i++) {
            others += limiter.tryAcquire(i).isOk() ? 1 : 0;
            if (i % 10_000 == 0) {
                hotTaken += take(limiter, hot, 1);
                assertThat(limiter.keys()).isLessThanOrEqualTo(1_000);
            }
        }

        assertThat(hotTaken).isEqualTo(5);
        assertThat(others)
                .as("a permit each of those who have a place, and what is shared")
                .isLessThan(1_000 + 62 * 5 + 1);
        assertThat(limiter.keys()).isEqualTo(1_000);
        time.advance(MINUTE);
        assertThat(take(limiter, hot, 9)).as("its place was not taken").isEqualTo(5);
    }

    @Test
    void tryAcquire_noPlaceLeft_newKeysShare() {
        RateLimiter<Integer> limiter = api().limit(3, MINUTE).maxKeys(2).build();
        assertThat(take(limiter, 1, 1) + take(limiter, 2, 1)).isEqualTo(2);

        int shared = 0;
        for (int key = 3; key < 100; key++) {
            shared += take(limiter, key, 2);
        }

        assertThat(shared).isEqualTo(3);
        assertThat(limiter.state(77).remaining()).isZero();
        assertThat(limiter.state(1).remaining()).isEqualTo(2);
        assertThat(limiter.keys()).isEqualTo(2);
    }

    @Test
    void tryAcquire_aKeyThatSharedGetsAPlace_hasNoNewPermits() {
        RateLimiter<Integer> limiter = api().limit(4, MINUTE).maxKeys(1).build();
        assertThat(take(limiter, 1, 1)).isEqualTo(1);
        time.advance(Duration.ofSeconds(14));
        assertThat(take(limiter, 2, 9)).as("shared").isEqualTo(4);
        time.advance(Duration.ofSeconds(1));

        assertThat(take(limiter, 2, 9)).as("the place of the other is free").isZero();

        assertThat(limiter.keys()).isEqualTo(1);
        assertThat(limiter.state(1).remaining()).as("shares now").isZero();
        time.advance(Duration.ofSeconds(14));
        assertThat(take(limiter, 2, 9)).isEqualTo(1);
    }

    @Test
    void tryAcquire_aFloodOfNewKeysAfterAll_findsPlacesAgain() {
        RateLimiter<Integer> limiter = api().limit(1, SECOND).maxKeys(100).build();
        for (int key = 0; key < 200; key++) {
            var unused = limiter.tryAcquire(key);
        }
        time.advance(SECOND);

        int taken = 0;
        for (int key = 1_000; key < 1_100; key++) {
            taken += take(limiter, key, 1);
        }

        assertThat(taken).isEqualTo(100);
        assertThat(limiter.keys()).isLessThanOrEqualTo(100);
    }

    /* ---- against a model ---- */

    /** Credits that grow with time: another way to say the same, and one that forgets nobody. */
    private static final class Model {
        private final int[] permits;
        private final long[] steps;
        private final Map<Integer, long[]> credits = new HashMap<>();
        private final Map<Integer, Long> seen = new HashMap<>();

        Model(int[] permits, long[] periods) {
            this.permits = permits;
            steps = new long[permits.length];
            Arrays.setAll(steps, i -> (periods[i] + permits[i] - 1) / permits[i]);
        }

        long[] credit(int key, long now) {
            long[] credit = credits.computeIfAbsent(key, k -> full());
            long passed = now - seen.getOrDefault(key, now);
            seen.put(key, now);
            Arrays.setAll(credit, i -> Math.min(permits[i] * steps[i], credit[i] + passed));
            return credit;
        }

        private long[] full() {
            long[] full = new long[permits.length];
            Arrays.setAll(full, i -> permits[i] * steps[i]);
            return full;
        }

        boolean isFull(int key, long now) {
            return Arrays.equals(credit(key, now), full());
        }

        /** {@return zero, and takes, or the wait} */
        long take(int key, long now) {
            long[] credit = credit(key, now);
            long wait = 0;
            for (int i = 0; i < steps.length; i++) {
                wait = Math.max(wait, steps[i] - credit[i]);
            }
            if (wait <= 0) {
                Arrays.setAll(credit, i -> credit[i] - steps[i]);
            }
            return Math.max(0, wait);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void tryAcquire_manyMoreKeysThanPlaces_isAsIfNobodyWereForgotten(long seed) {
        Random random = new Random(seed);
        int limits = 1 + random.nextInt(3);
        int[] permits = random.ints(limits, 1, 8).toArray();
        long[] periods = random.longs(limits, 1_000_000, 900_000_000).toArray();
        var model = new Model(permits, periods);
        var builder = api().maxKeys(16);
        for (int i = 0; i < limits; i++) {
            builder.limit(permits[i], Duration.ofNanos(periods[i]));
        }
        RateLimiter<Integer> limiter = builder.build();
        List<Integer> busy = new ArrayList<>();
        long start = time.nanoTime();
        long longest = Arrays.stream(periods).max().orElseThrow();
        int refused = 0;
        int distinct = 0;
        for (int i = 0; i < 20_000; i++) {
            long now = time.nanoTime() - start;
            busy.removeIf(key -> model.isFull(key, now));
            int key = busy.size() < 16 && random.nextInt(4) == 0
                    ? distinct++
                    : busy.isEmpty() ? random.nextInt(distinct + 1) : busy.get(random.nextInt(busy.size()));
            if (!busy.contains(key)) {
                busy.add(key);
            }
            long expected = model.take(key, now);
            assertThat(waitFor(limiter, key)).as("step %s", i).isEqualTo(Duration.ofNanos(expected));
            refused += expected > 0 ? 1 : 0;
            time.advance(
                    Duration.ofNanos(random.nextInt(10) == 0 ? random.nextLong(longest / 2) : random.nextInt(100)));
        }
        assertThat(limiter.keys()).isLessThanOrEqualTo(16);
        assertThat(refused).isBetween(100, 19_900);
        assertThat(distinct).as("keys").isGreaterThan(100);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void tryAcquire_moreBusyKeysThanPlaces_givesNoneMoreThanAllowed(long seed) {
        Random random = new Random(seed);
        var model = new Model(new int[] {5, 3}, new long[] {1_000_000_000, 200_000_000});
        RateLimiter<Integer> limiter = api().maxKeys(8)
                .limit(5, SECOND)
                .limit(3, Duration.ofMillis(200))
                .build();
        long start = time.nanoTime();
        int given = 0;
        for (int i = 0; i < 50_000; i++) {
            int key = random.nextInt(20);
            if (limiter.tryAcquire(key).isOk()) {
                given++;
                assertThat(model.take(key, time.nanoTime() - start))
                        .as("step %s, key %s", i, key)
                        .isZero();
            }
            time.advance(Duration.ofNanos(
                    random.nextInt(50) == 0 ? random.nextInt(500_000_000) : random.nextInt(9_000_000)));
        }
        assertThat(given).isGreaterThan(1_000);
    }

    /* ---- addresses ---- */

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1",
        "::ffff:192.0.2.1, 192.0.2.1",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2::/64",
        "2001:db8:1:2:ffff::, 2001:db8:1:2::/64",
        "2001:db8:1:3::1, 2001:db8:1:3::/64",
        "fe80::1, fe80:0:0:0::/64",
        "::1, 0:0:0:0::/64",
    })
    void addressKey_isTheAddressOrItsPrefix(String address, String key) throws Exception {
        assertThat(RateLimiter.addressKey(InetAddress.getByName(address))).isEqualTo(key);
    }

    @Test
    void addressKey_mappedAndNotYetUnmapped_isTheOneOfIpv4() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = -1;
        mapped[11] = -1;
        mapped[12] = (byte) 192;
        mapped[14] = 2;
        mapped[15] = 7;

        InetAddress address = Inet6Address.getByAddress(null, mapped, 1);

        assertThat(address).isInstanceOf(Inet6Address.class);
        assertThat(RateLimiter.addressKey(address)).isEqualTo("192.0.2.7");
        mapped[9] = 1;
        assertThat(RateLimiter.addressKey(Inet6Address.getByAddress(null, mapped, 1)))
                .isEqualTo("0:0:0:0::/64");
    }

    @Test
    void addressKey_ofAScope_isThatOfTheAddress() throws Exception {
        byte[] address = InetAddress.getByName("fe80::1:2").getAddress();

        assertThat(RateLimiter.addressKey(Inet6Address.getByAddress(null, address, 3)))
                .isEqualTo("fe80:0:0:0::/64");
    }

    @Test
    void tryAcquire_aClientThatChangesTheRestOfItsAddress_isTheSameClient() throws Exception {
        RateLimiter<String> limiter = api().limit(5, MINUTE).build();
        int taken = 0;
        for (int i = 0; i < 100; i++) {
            taken += take(limiter, RateLimiter.addressKey(InetAddress.getByName("2001:db8:1:2::" + i)), 1);
        }
        assertThat(taken).isEqualTo(5);
    }

    /* ---- configuration ---- */

    @Test
    void aValueThatCannotBe_isRefusedByName() {
        assertThatThrownBy(() -> RateLimiter.named("a\"b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("name must be 1 to 64 letters");
        assertThatThrownBy(() -> api().limit(0, SECOND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("permits must be at least 1: 0");
        assertThatThrownBy(() -> api().limit(1, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("period must be positive: PT0S");
        assertThatThrownBy(() -> api().limit(10_000_001, SECOND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("permits must not be more than one in 100 ns");
        assertThatThrownBy(() -> api().maxKeys(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("keys must be at least 1: 0");
        assertThatThrownBy(() -> api().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a rate limiter needs at least one limit");
    }

    @Test
    void build_againWithMore_leavesTheFirstAsItIs() {
        var builder = api().limit(2, SECOND);
        RateLimiter<String> first = builder.build();
        RateLimiter<String> second = builder.limit(1, SECOND).build();

        assertThat(take(first, "a", 3)).isEqualTo(2);
        assertThat(take(second, "a", 3)).isEqualTo(1);
    }
}
