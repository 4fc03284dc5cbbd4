package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Writes that go to the store first. */
class WriteThroughTest {
    private static final Result<String, DomainError> OLD = Result.ok("old");

    private final VirtualTime time = new VirtualTime();
    private final Store store = new Store().set("a", "old");
    private final CacheAside<String, String> cache = CacheAside.named("users")
            .time(time)
            .staleOnError(Duration.ofHours(1))
            .build(store);

    private Result<String, DomainError> stores(String key, String value) {
        store.set(key, value);
        return Result.ok(value + " as stored");
    }

    @Test
    void write_succeeds_isWhatTheStoreReturnedAndTheNextReadLoads() {
        assertThat(cache.get("a")).isEqualTo(OLD);

        assertThat(cache.write("a", "new", this::stores)).isEqualTo(Result.ok("new as stored"));
        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.get("a")).isEqualTo(Result.ok("new"));
        store.failWith(ErrorKind.UNAVAILABLE);
        assertThat(cache.write("a", "newer", this::stores).isOk()).isTrue();
        assertThat(cache.get("a").isOk())
                .as("the value before is no longer right")
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"BAD_GATEWAY", "TIMEOUT"})
    void write_certainlyNotDone_leavesWhatIsThere(ErrorKind kind) {
        assertThat(cache.get("a")).isEqualTo(OLD);
        Result<String, DomainError> refused = Result.err(kind.code().error());

        assertThat(cache.write("a", "new", (key, value) -> refused)).isSameAs(refused);
        assertThat(cache.getIfPresent("a")).contains("old");
        assertThat(store.loads()).isOne();
    }

    @ParameterizedTest
    @EnumSource(names = {"BAD_GATEWAY", "TIMEOUT"})
    void write_perhapsDone_isLoadedAnewAndServedOnlyWhereThatFails(ErrorKind kind) {
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThat(cache.write("a", "new", (key, value) -> {
                            store.set(key, value);
                            return Result.err(kind.code().error());
                        })
                        .isOk())
                .isFalse();

        assertThat(cache.getIfPresent("a")).isEmpty();
        store.failWith(ErrorKind.UNAVAILABLE);
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.work();
        time.advance(Duration.ofSeconds(30));
        assertThat(cache.get("a")).isEqualTo(Result.ok("new"));
    }

    @Test
    void write_storeThrowsOrReturnsNull_isAsPerhapsDone() {
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThatThrownBy(() -> cache.write("a", "new", (key, value) -> {
                    throw new IllegalStateException("broken");
                }))
                .hasMessage("broken");
        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.get("a")).isEqualTo(OLD);
        assertThatThrownBy(() -> cache.write("a", "new", (key, value) -> null)).hasMessage("the store returned null");

        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThatThrownBy(() -> cache.write(null, "new", this::stores)).hasMessage("key");
    }

    @Test
    void write_perhapsDoneDuringALoad_theLoadIsNotKept() {
        Store.Held load = store.hold();
        var reading = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        assertThat(cache.write("a", "new", (key, value) -> {
                            store.set(key, value);
                            return Result.err(ErrorKind.TIMEOUT.code().error());
                        })
                        .isOk())
                .isFalse();
        load.release();

        assertThat(reading.result()).isEqualTo(OLD);
        assertThat(cache.get("a")).isEqualTo(Result.ok("new"));
    }
}
