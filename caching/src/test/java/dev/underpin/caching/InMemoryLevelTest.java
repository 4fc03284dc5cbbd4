package dev.underpin.caching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.caching.Backplane.Subscription;
import dev.underpin.caching.RemoteLevel.Reply;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What the level in memory has besides the contracts of levels and backplanes, to which testkit holds it. */
class InMemoryLevelTest {
    private static final String NS = "users";
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration TTL = Duration.ofMinutes(1);

    private final VirtualTime time = new VirtualTime();
    private final InMemoryLevel level = new InMemoryLevel(time);
    private final List<String> heard = new ArrayList<>();

    private static <T> T now(CompletionStage<T> stage) {
        assertThat(stage.toCompletableFuture()).isDone();
        return stage.toCompletableFuture().join();
    }

    private Reply begin(String key) {
        return now(level.begin(NS, List.of(key), LEASE)).get(0);
    }

    @CanIgnoreReturnValue
    private String lease(String key) {
        return ((Reply.Mine) begin(key)).token();
    }

    private boolean fill(String key, String token, String... tags) {
        return now(level.fill(NS, key, token, List.of(tags), new byte[] {1}, TTL));
    }

    /* ---- leases and entries ---- */

    @Test
    void fill_leaseHolds_isAHitUntilItsEnd() {
        assertThat(fill("a", lease("a"))).isTrue();

        time.advance(TTL.minusNanos(1));
        assertThat(begin("a")).isEqualTo(new Reply.Hit(new byte[] {1}, Duration.ofNanos(1)));
        time.advance(Duration.ofNanos(1));
        assertThat(begin("a")).isInstanceOf(Reply.Mine.class);
    }

    @Test
    void fill_leaseOverToTheNanosecond_isRefused() {
        String inTime = lease("a");
        String late = lease("b");
        time.advance(LEASE.minusNanos(1));
        assertThat(fill("a", inTime)).isTrue();
        time.advance(Duration.ofNanos(1));

        assertThat(fill("b", late)).isFalse();
    }

    @Test
    void fill_tagOfTheEntryInvalidatedSince_isRefusedAndTheLeaseIsOver() {
        String token = lease("a");
        now(level.invalidate(NS, List.of(), List.of("never seen")));

        assertThat(fill("a", token, "other", "never seen")).isFalse();
        assertThat(begin("a")).isInstanceOf(Reply.Mine.class);
    }

    @Test
    void fill_tagInvalidatedBeforeTheLease_isStored() {
        lease("b"); // so that the namespace is there
        now(level.invalidate(NS, List.of(), List.of("tag")));

        assertThat(fill("a", lease("a"), "tag")).isTrue();
    }

    @Test
    void fill_namespaceClearedSince_isRefusedThoughTheKeyIsLeasedAgain() {
        String old = lease("a");
        now(level.clear(NS));
        String current = lease("a");

        assertThat(fill("a", old)).isFalse();
        assertThat(fill("a", current)).isTrue();
    }

    @Test
    void fill_arrayOfTheCallerChangesAfterwards_entryDoesNot() {
        byte[] entry = {1, 2};
        assertThat(now(level.fill(NS, "a", lease("a"), List.of(), entry, TTL))).isTrue();
        entry[0] = 9;

        assertThat(begin("a")).isEqualTo(new Reply.Hit(new byte[] {1, 2}, TTL));
    }

    @Test
    void begin_wallClockJumps_movesNothing() {
        String token = lease("a");
        time.jumpWallClock(Duration.ofDays(3));
        assertThat(begin("a")).isInstanceOf(Reply.Loading.class);
        time.jumpWallClock(Duration.ofDays(-6));

        assertThat(fill("a", token)).isTrue();
    }

    @Test
    void durations_beyondTheClock_areForever() {
        Duration aeon = Duration.ofSeconds(Long.MAX_VALUE);
        var mine = (Reply.Mine) now(level.begin(NS, List.of("a"), aeon)).get(0);
        time.advance(Duration.ofDays(36_500));
        assertThat(now(level.fill(NS, "a", mine.token(), List.of(), new byte[0], aeon)))
                .isTrue();
        time.advance(Duration.ofDays(36_500));

        assertThat(begin("a")).isInstanceOf(Reply.Hit.class);
    }

    @Test
    void negativeDurationsAndNulls_areRefused() {
        assertThatThrownBy(() -> level.begin(NS, List.of("a"), Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("lease must not be negative: PT-0.000000001S");
        assertThatThrownBy(() -> level.fill(NS, "a", "1", List.of(), new byte[0], Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ttl must not be negative: PT-0.000000001S");
        assertThatThrownBy(() -> level.clear(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("namespace");
    }

    @Test
    void release_lease_isFreeAtOnce() {
        String token = lease("a");
        now(level.release(NS, "a", token));

        assertThat(begin("a")).isInstanceOf(Reply.Mine.class);
        now(level.release("another namespace", "a", token));
        assertThat(fill("a", token)).isFalse();
    }

    @Test
    void level_onTheTimeOfTheMachine_keeps() {
        var onMachineTime = new InMemoryLevel();
        assertThat(now(onMachineTime.begin(NS, List.of("a"), LEASE)).get(0)).isInstanceOf(Reply.Mine.class);

        assertThat(now(onMachineTime.begin(NS, List.of("a"), LEASE))).containsExactly(new Reply.Loading());
    }

    /* ---- memory ---- */

    @Test
    void invalidate_manyTagsUsedOnce_areNotKept() {
        for (int i = 0; i < 20_000; i++) {
            String key = "k" + i;
            assertThat(fill(key, lease(key), "t" + i)).isTrue();
            now(level.invalidate(NS, List.of(), List.of("t" + i)));
        }

        assertThat(level.size()).isLessThanOrEqualTo(1_100);
    }

    @Test
    void invalidate_manyTagsUnderAnOldLease_areKeptUntilItEnds() {
        String old = lease("old");
        for (int i = 0; i < 5_000; i++) {
            now(level.invalidate(NS, List.of(), List.of("t" + i)));
        }
        assertThat(fill("old", old, "t0")).isFalse();

        for (int i = 5_000; i < 20_000; i++) {
            now(level.invalidate(NS, List.of(), List.of("t" + i)));
        }
        assertThat(level.size()).isLessThanOrEqualTo(10_100);
    }

    @Test
    void sweep_entriesOfTagsThatStillCount_stayWhatTheyAre() {
        assertThat(fill("hit", lease("hit"), "kept")).isTrue();
        assertThat(fill("gone", lease("gone"), "marked")).isTrue();
        now(level.invalidate(NS, List.of(), List.of("marked")));
        for (int i = 0; i < 5_000; i++) {
            now(level.invalidate(NS, List.of(), List.of("t" + i)));
        }

        assertThat(begin("hit")).isInstanceOf(Reply.Hit.class);
        assertThat(begin("gone")).isInstanceOf(Reply.Mine.class);
    }

    @Test
    void begin_manyKeysThatEnd_areNotKept() {
        for (int i = 0; i < 20_000; i++) {
            lease("k" + i);
            time.advance(Duration.ofMillis(10));
        }

        assertThat(level.size()).isLessThanOrEqualTo(1_100);
    }

    @Test
    void clear_namespace_leavesNothingOfIt() {
        assertThat(fill("a", lease("a"), "tag")).isTrue();
        now(level.invalidate(NS, List.of("b"), List.of("tag")));
        assertThat(level.size()).isEqualTo(2);
        now(level.clear(NS));

        assertThat(level.size()).isZero();
    }

    /* ---- backplane ---- */

    private static byte[] message(String text) {
        return text.getBytes(UTF_8);
    }

    @CanIgnoreReturnValue
    private Subscription listen(String name) {
        return listen(message -> heard.add(name + " " + new String(message, UTF_8)), () -> heard.add(name + " gap"));
    }

    @CanIgnoreReturnValue
    private Subscription listen(Consumer<byte[]> onMessage, Runnable onGap) {
        return level.backplane().subscribe(onMessage, onGap);
    }

    @Test
    void publish_severalSubscribers_hearItBeforeItReturns() {
        Subscription one = listen("one");
        Subscription two = listen("two");
        now(level.backplane().publish(message("m")));
        one.close();
        one.close();
        now(level.backplane().publish(message("n")));
        two.close();
        now(level.backplane().publish(message("late")));

        assertThat(heard).containsExactly("one m", "two m", "two n");
    }

    @Test
    void publish_subscriberThrows_itIsToldOfAGapAndTheOthersHear() {
        listen(
                message -> {
                    throw new AssertionError("on message");
                },
                () -> {
                    heard.add("gap");
                    throw new IllegalStateException("on gap");
                });
        listen("other");
        now(level.backplane().publish(message("m")));

        assertThat(heard).containsExactly("gap", "other m");
    }

    @Test
    void publish_subscriberChangesTheMessage_othersHearItAsItWas() {
        listen(message -> message[0] = 'x', () -> {});
        listen("other");
        now(level.backplane().publish(message("m")));

        assertThat(heard).containsExactly("other m");
    }

    @Test
    void publish_subscriberClosesAnother_whichHearsNoMore() {
        List<Subscription> others = new ArrayList<>();
        listen(message -> others.get(0).close(), () -> {});
        others.add(listen("closed"));
        now(level.backplane().publish(message("m")));

        assertThat(heard).isEmpty();
    }

    @Test
    void publish_machineInTrouble_isNotHidden() {
        listen(
                message -> {
                    throw new OutOfMemoryError("said the test");
                },
                () -> {});

        assertThatThrownBy(() -> level.backplane().publish(message("m"))).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void invalidate_ofTheLevel_publishesNothing() {
        listen("any");
        lease("a");
        now(level.invalidate(NS, List.of("a"), List.of("tag")));
        now(level.clear(NS));

        assertThat(heard).isEmpty();
    }
}
