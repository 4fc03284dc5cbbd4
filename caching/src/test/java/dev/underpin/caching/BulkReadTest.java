package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several keys at once. */
class BulkReadTest {
    private static final Result<String, DomainError> ABSENT =
            Result.err(CachingErrors.CACHE_KEY_ABSENT.error(Map.of("name", "users")));

    private final VirtualTime time = new VirtualTime();
    private final CacheCounters counters = new CacheCounters();
    private final Store store = new Store().set("a", "A").set("b", "B").set("c", "C");

    private CacheAside.Builder<Object, Object> builder() {
        return CacheAside.named("users").time(time).random(() -> 0).listener(counters);
    }

    private static Result<String, DomainError> ok(String value) {
        return Result.ok(value);
    }

    @Test
    void getAll_loadsExactlyTheMissingTogetherAndKeepsTheOrder() {
        CacheAside<String, String> cache = builder().buildBulk(store::all);
        assertThat(cache.get("b")).isEqualTo(ok("B"));

        Map<String, Result<String, DomainError>> found = cache.getAll(List.of("c", "b", "nobody", "c", "a"));
        assertThat(List.copyOf(found.entrySet()))
                .containsExactly(
                        Map.entry("c", ok("C")),
                        Map.entry("b", ok("B")),
                        Map.entry("nobody", ABSENT),
                        Map.entry("a", ok("A")));
        assertThat(store.sortedBatches()).containsExactly(List.of("b"), List.of("a", "c", "nobody"));
        assertThat(counters.hits()).isOne();
        assertThat(counters.misses()).isEqualTo(4);
        assertThat(counters.loads()).isEqualTo(2);
        assertThat(cache.getAll(List.of("a", "b", "c")).values()).containsExactly(ok("A"), ok("B"), ok("C"));
        assertThat(store.batches()).hasSize(2);
        assertThatThrownBy(found::clear).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void getAll_nothing_isNothing() {
        CacheAside<String, String> cache = builder().buildBulk(store::all);

        assertThat(cache.getAll(List.of())).isEmpty();
        assertThat(store.batches()).isEmpty();
    }

    @Test
    void getAll_nullAmongTheKeys_throwsBeforeAnyLoad() {
        CacheAside<String, String> cache = builder().buildBulk(store::all);

        assertThatThrownBy(() -> cache.getAll(Arrays.asList("a", null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("key");
        assertThat(store.batches()).isEmpty();
        assertThat(cache.estimatedSize()).isZero();
    }

    @Test
    void getAll_tenThousandKeys_areLoadedInBatches() {
        List<String> keys = IntStream.range(0, 10_000).mapToObj(i -> "k" + i).toList();
        List<Integer> sizes = new ArrayList<>();
        CacheAside<String, String> cache = builder().maximumSize(20_000).buildBulk((Set<String> asked) -> {
            sizes.add(asked.size());
            Map<String, String> found = new HashMap<>();
            asked.forEach(key -> found.put(key, key));
            return Result.ok(found);
        });

        Map<String, Result<String, DomainError>> found = cache.getAll(keys);
        assertThat(found.keySet()).containsExactlyElementsOf(keys);
        assertThat(found).allSatisfy((key, value) -> assertThat(value).isEqualTo(ok(key)));
        assertThat(sizes).hasSize(20).containsOnly(500);
        assertThat(cache.getAll(keys)).isEqualTo(found);
        assertThat(sizes).hasSize(20);
    }

    @Test
    void getAll_withALoaderOfOne_loadsOneByOne() {
        CacheAside<String, String> cache = builder().build(store);

        assertThat(cache.getAll(List.of("a", "b", "nobody")).values())
                .containsExactly(
                        ok("A"), ok("B"), Result.err(ErrorKind.NOT_FOUND.code().error()));
        assertThat(store.loads()).isEqualTo(3);
    }

    @Test
    void loader_answersWithMoreThanAskedFor_isIgnored() {
        CacheAside<String, String> cache =
                builder().buildBulk((Set<String> keys) -> Result.ok(Map.of("a", "A", "b", "B")));

        assertThat(cache.getAll(List.of("a", "x"))).isEqualTo(Map.of("a", ok("A"), "x", ABSENT));
        assertThat(cache.getIfPresent("b")).isEmpty();
        assertThat(cache.get("a")).isEqualTo(ok("A"));
        assertThat(cache.get("b")).isEqualTo(ok("B"));
        assertThat(cache.get("y")).isEqualTo(ABSENT);
    }

    @Test
    void loader_changesItsMapLater_changesNothing() {
        var kept = new AtomicReference<Map<String, String>>();
        CacheAside<String, String> cache = builder().buildBulk((Set<String> keys) -> {
            kept.set(new HashMap<>(Map.of("a", "A", "b", "B")));
            return Result.ok(kept.get());
        });
        Map<String, Result<String, DomainError>> found = cache.getAll(List.of("a", "b"));
        kept.get().replaceAll((key, value) -> "changed");
        kept.get().remove("a");

        assertThat(found).isEqualTo(Map.of("a", ok("A"), "b", ok("B")));
        assertThat(cache.getAll(List.of("a", "b"))).isEqualTo(found);
    }

    @Test
    void loader_changesTheKeysItIsGiven_throws() {
        CacheAside<String, String> cache = builder().buildBulk((Set<String> keys) -> {
            keys.clear();
            return Result.ok(Map.of());
        });

        assertThatThrownBy(() -> cache.getAll(List.of("a", "b"))).isInstanceOf(UnsupportedOperationException.class);
        assertThat(cache.estimatedSize()).isZero();
    }

    @Test
    void loader_failsOrThrowsOrReturnsNull_releasesAllKeys() {
        CacheAside<String, String> cache = builder().maxBatch(2).buildBulk(store::all);
        store.failWith(ErrorKind.UNAVAILABLE);
        assertThat(cache.getAll(List.of("a", "b", "c")).values())
                .hasSize(3)
                .containsOnly(Result.err(ErrorKind.UNAVAILABLE.code().error()));
        assertThat(counters.failedLoads()).isEqualTo(2);
        store.work();
        store.throwing(new IllegalStateException("bug"));
        assertThatThrownBy(() -> cache.getAll(List.of("a", "b", "c"))).hasMessage("bug");
        assertThat(store.batches()).as("no batch after one that threw").hasSize(3);
        assertThat(cache.estimatedSize()).isZero();
        store.work();
        assertThat(cache.getAll(List.of("a", "b", "c")).values()).containsExactly(ok("A"), ok("B"), ok("C"));

        CacheAside<String, String> nothing = builder().buildBulk((Set<String> keys) -> null);
        assertThatThrownBy(() -> nothing.getAll(List.of("a", "b"))).hasMessage("the loader returned null");
        assertThatThrownBy(() -> nothing.get("a")).hasMessage("the loader returned null");
    }

    @Test
    void oneValueWhoseTagsThrow_doesNotTakeTheOthersWithIt() {
        CacheAside<String, String> cache = builder()
                .tags((String value) -> {
                    if (value.equals("B")) {
                        throw new IllegalStateException("tags");
                    }
                    return List.of();
                })
                .buildBulk(store::all);

        assertThatThrownBy(() -> cache.getAll(List.of("a", "b", "c"))).hasMessage("tags");
        assertThat(cache.getIfPresent("a")).contains("A");
        assertThat(cache.getIfPresent("b")).isEmpty();
        assertThat(cache.getIfPresent("c")).contains("C");
    }

    @Test
    void loads_asManyAsMayRun_areSaturated() {
        CacheAside<String, String> cache = builder().maxConcurrentLoads(1).buildBulk(store::all);
        Store.Held load = store.hold();
        var hanging = Call.of(() -> cache.getAll(List.of("a", "b")));
        load.awaitBegun();

        assertThat(cache.getAll(List.of("c", "d")).values())
                .hasSize(2)
                .containsOnly(Result.err(CachingErrors.CACHE_LOADS_SATURATED.error(Map.of("name", "users"))));
        load.release();
        assertThat(hanging.result()).hasSize(2);
        assertThat(cache.get("c")).isEqualTo(ok("C"));
    }

    /* ---- with others ---- */

    @Test
    void load_ofTwoKeysHeld_invalidateOneAndPutTheOther() {
        CacheAside<String, String> cache = builder().buildBulk(store::all);
        Store.Held load = store.hold();
        var call = Call.of(() -> cache.getAll(List.of("a", "b", "c")));
        load.awaitBegun();
        cache.invalidate("a");
        cache.put("b", "new");
        load.release();

        assertThat(call.result().values()).containsExactly(ok("A"), ok("B"), ok("C"));
        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.getIfPresent("b")).contains("new");
        assertThat(cache.getIfPresent("c")).contains("C");
    }

    static Stream<Named<Consumer<CacheAside<String, String>>>> all() {
        return Stream.of(
                Named.of("clear", CacheAside::clear),
                Named.of("invalidateTag", cache -> cache.invalidateTag("tag")),
                Named.of("expireTag", cache -> cache.expireTag("tag")));
    }

    @ParameterizedTest
    @MethodSource("all")
    void load_thatRuns_isNotKept(Consumer<CacheAside<String, String>> invalidation) {
        CacheAside<String, String> cache =
                builder().tags((String value) -> List.of("tag")).buildBulk(store::all);
        Store.Held load = store.hold();
        var call = Call.of(() -> cache.getAll(List.of("a", "b")));
        load.awaitBegun();
        invalidation.accept(cache);
        load.release();

        assertThat(call.result()).hasSize(2);
        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.getIfPresent("b")).isEmpty();
    }

    @Test
    void overlappingCalls_loadEachKeyOnce() {
        CacheAside<String, String> cache = builder().buildBulk(store::all);
        Store.Held first = store.hold();
        Store.Held second = store.hold();
        var ab = Call.of(() -> cache.getAll(List.of("a", "b")));
        first.awaitBegun();
        var bc = Call.of(() -> cache.getAll(List.of("b", "c")));
        second.awaitBegun();
        var b = Call.of(() -> cache.get("b"));
        Call.until(() -> counters.coalesced() == 1);
        second.release();
        Call.until(() -> counters.coalesced() == 2);
        first.release();

        assertThat(ab.result()).isEqualTo(Map.of("a", ok("A"), "b", ok("B")));
        assertThat(bc.result()).isEqualTo(Map.of("b", ok("B"), "c", ok("C")));
        assertThat(b.result()).isEqualTo(ok("B"));
        assertThat(store.sortedBatches()).containsExactly(List.of("a", "b"), List.of("c"));
    }

    @Test
    void overlappingCalls_oneFails_onlyItsKeysFail() {
        CacheAside<String, String> cache = builder().buildBulk(store::all);
        Store.Held first = store.hold();
        Store.Held second = store.hold();
        var ab = Call.of(() -> cache.getAll(List.of("a", "b")));
        first.awaitBegun();
        store.failWith(ErrorKind.UNAVAILABLE);
        var bc = Call.of(() -> cache.getAll(List.of("b", "c")));
        second.awaitBegun();
        second.release();
        first.release();

        assertThat(ab.result().values()).containsExactly(ok("A"), ok("B"));
        assertThat(bc.result())
                .isEqualTo(Map.of(
                        "b",
                        ok("B"),
                        "c",
                        Result.err(ErrorKind.UNAVAILABLE.code().error())));
    }

    @Test
    void callsInOppositeOrder_doNotWaitForEachOther() {
        CacheAside<String, String> cache = builder().maxBatch(1).buildBulk(store::all);
        Store.Held first = store.hold();
        Store.Held second = store.hold();
        var one = Call.of(() -> cache.getAll(List.of("a", "b")));
        first.awaitBegun();
        var other = Call.of(() -> cache.getAll(List.of("c", "b", "a")));
        second.awaitBegun();
        second.release();
        first.release();

        assertThat(one.result()).hasSize(2);
        assertThat(other.result()).hasSize(3);
        assertThat(store.batches()).hasSize(3);
    }

    @Test
    void getAll_othersLoadThrows_throws() {
        CacheAside<String, String> cache = builder().buildBulk(store::all);
        store.throwing(new IllegalStateException("bug"));
        Store.Held load = store.hold();
        var leader = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        store.work();
        var waiter = Call.of(() -> cache.getAll(List.of("a", "b")));
        Call.until(() -> counters.coalesced() == 1);
        load.release();

        assertThat(leader.thrown()).hasMessage("bug");
        assertThat(waiter.thrown()).hasMessage("bug");
        assertThat(cache.getIfPresent("b")).contains("B");
    }

    @Test
    void getAll_othersLoadIsCancelled_isLoadedHere() {
        CacheAside<String, String> cache = builder().buildBulk(store::all);
        store.failWith(ErrorKind.CANCELLED);
        Store.Held load = store.hold();
        var leader = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        store.work();
        var waiter = Call.of(() -> cache.getAll(List.of("a")));
        Call.until(() -> counters.coalesced() == 1);
        load.release();

        assertThat(leader.result().isOk()).isFalse();
        assertThat(waiter.result()).isEqualTo(Map.of("a", ok("A")));
    }

    @Test
    void getAll_valuesPastTheirTimeWithSoftTimeout_areLoadedTogetherInTheBackground() {
        List<Runnable> queue = Collections.synchronizedList(new ArrayList<>());
        CacheAside<String, String> cache = builder()
                .ttl(Duration.ofMinutes(1))
                .staleOnError(Duration.ofHours(1))
                .softTimeout(Duration.ZERO)
                .executor(queue::add)
                .buildBulk(store::all);
        assertThat(cache.getAll(List.of("a", "b"))).hasSize(2);
        time.advance(Duration.ofMinutes(1));

        assertThat(cache.getAll(List.of("a", "b")).values()).containsExactly(ok("A"), ok("B"));
        assertThat(queue).hasSize(1);
        queue.remove(0).run();
        assertThat(store.sortedBatches()).containsExactly(List.of("a", "b"), List.of("a", "b"));
        assertThat(cache.getIfPresent("b")).contains("B");
    }
}
