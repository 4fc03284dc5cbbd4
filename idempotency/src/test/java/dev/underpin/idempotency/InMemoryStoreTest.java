package dev.underpin.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the store in memory has besides the contract of stores, to which testkit holds it. */
class InMemoryStoreTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration TTL = Duration.ofHours(24);

    private final VirtualTime time = new VirtualTime();

    @Test
    void claim_full_failsUntilSomethingHasExpired() {
        IdempotencyStore small = IdempotencyStore.inMemory(2, time);
        claim(small, "a");
        time.advance(Duration.ofHours(1));
        claim(small, "b");

        assertThatThrownBy(() -> claim(small, "c"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("2 keys");
        assertThat(small.find(IdempotencyStore.Key.of("t", "o", "a"))).isPresent();
        time.advance(TTL.minusHours(1));
        claim(small, "c");
        assertThatThrownBy(() -> claim(small, "d")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void wallClock_anyJump_movesNoLease() {
        IdempotencyStore store = IdempotencyStore.inMemory(10, time);
        UUID owner = claim(store, "a").owner();
        time.jumpWallClock(Duration.ofHours(-1));
        assertThat(claim(store, "a").owner()).isEqualTo(owner);
        time.jumpWallClock(Duration.ofDays(3));

        assertThat(claim(store, "a").owner()).isEqualTo(owner);
    }

    @Test
    void inMemory_roomForOne_keepsOne() {
        IdempotencyStore one = IdempotencyStore.inMemory(1, time);
        claim(one, "a");

        assertThatThrownBy(() -> claim(one, "b")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void entry_toString_showsNothingOfTheClient() {
        assertThat(claim(IdempotencyStore.inMemory(10, time), "secret"))
                .hasToString("Entry[RUNNING, leaseLeft=PT30S, steps=[]]");
    }

    @Test
    void inMemory_noRoom_isRefused() {
        assertThatThrownBy(() -> IdempotencyStore.inMemory(0, time))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxKeys must be at least 1: 0");
    }

    @CanIgnoreReturnValue
    private static IdempotencyStore.Entry claim(IdempotencyStore store, String key) {
        return store.claim(
                IdempotencyStore.Key.of("t", "o", key),
                Fingerprint.ofBytes(new byte[0]),
                UUID.randomUUID(),
                LEASE,
                TTL);
    }
}
