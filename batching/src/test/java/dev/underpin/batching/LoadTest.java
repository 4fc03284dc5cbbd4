package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is loaded, in which batches and in which order, by a thread that is alone. */
class LoadTest {
    private final Recorded source = new Recorded();
    private final Loader<Integer, String> numbers = source.loader();

    @Test
    void load_oneKey_isItsValue() {
        try (var scope = LoadScope.open()) {
            assertThat(scope.loader(numbers).load(1)).isEqualTo(Result.ok("v1"));
        }
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void load_loneThread_runsTheBatchItself() {
        try (var scope = LoadScope.open()) {
            var unused = scope.loader(numbers).load(1);
        }
        assertThat(source.threads).containsExactly(Thread.currentThread());
    }

    @Test
    void load_sequence_isABatchEach() {
        try (var scope = LoadScope.open()) {
            for (int key = 0; key < 10; key++) {
                assertThat(scope.loader(numbers).load(key)).isEqualTo(Result.ok("v" + key));
            }
        }
        assertThat(source.batches).hasSize(10);
    }

    @Test
    void load_expectedSequence_isOneBatch() {
        List<Integer> keys = IntStream.range(0, 10).boxed().toList();
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers).expect(keys);
            for (int key : keys) {
                assertThat(loader.load(key)).isEqualTo(Result.ok("v" + key));
            }
        }
        assertThat(source.batches).containsExactly(new ArrayList<>(keys));
    }

    @Test
    void expect_nobodyLoads_loadsNothing() {
        try (var scope = LoadScope.open()) {
            scope.loader(numbers).expect(List.of(1, 2));
        }
        assertThat(source.batches).isEmpty();
    }

    @Test
    void expect_loadedKey_isNotLoadedAgain() {
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            var unused = loader.load(1);
            var second = loader.expect(List.of(1, 2)).load(2);
            assertThat(second).isEqualTo(Result.ok("v2"));
        }
        assertThat(source.batches).containsExactly(List.of(1), List.of(2));
    }

    @Test
    void loadAll_keys_isAMapInTheirOrder() {
        try (var scope = LoadScope.open()) {
            Map<Integer, ?> all = scope.loader(numbers).loadAll(List.of(3, 1, 2));
            assertThat(all.keySet()).containsExactly(3, 1, 2);
            assertThat(new ArrayList<Object>(all.values()))
                    .containsExactly(Result.ok("v3"), Result.ok("v1"), Result.ok("v2"));
        }
        assertThat(source.batches).containsExactly(List.of(3, 1, 2));
    }

    @Test
    void loadAll_noKeys_callsNothing() {
        try (var scope = LoadScope.open()) {
            assertThat(scope.loader(numbers).loadAll(List.of())).isEmpty();
            assertThat(scope.loader(numbers).mapAll(List.<Integer>of(), i -> i, (i, r) -> i))
                    .isEmpty();
        }
        assertThat(source.batches).isEmpty();
    }

    @Test
    void loadAll_sameKeyTwice_isOneKey() {
        try (var scope = LoadScope.open()) {
            assertThat(scope.loader(numbers).loadAll(List.of(1, 2, 1, 2))).hasSize(2);
        }
        assertThat(source.batches).containsExactly(List.of(1, 2));
    }

    @Test
    void loadAll_keysInFlightAndQueuedAndLoaded_loadsTheRest() {
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            var unused = loader.load(1);
            var queued = loader.loadAsync(2);
            assertThat(loader.loadAll(List.of(1, 2, 3, 2)))
                    .containsExactly(
                            Map.entry(1, Result.ok("v1")),
                            Map.entry(2, Result.ok("v2")),
                            Map.entry(3, Result.ok("v3")));
            assertThat(queued).isCompletedWithValue(Result.ok("v2"));
        }
        assertThat(source.batches).containsExactly(List.of(1), List.of(2, 3));
    }

    @Test
    void mapAll_items_putsValuesToItemsInTheirOrder() {
        try (var scope = LoadScope.open()) {
            List<String> names = scope.loader(numbers)
                    .mapAll(List.of("5", "6", "5"), Integer::valueOf, (item, result) -> item + result.orElse("?"));
            assertThat(names).containsExactly("5v5", "6v6", "5v5");
        }
        assertThat(source.batches).containsExactly(List.of(5, 6));
    }

    @Test
    void flush_nothingQueued_callsNothing() {
        try (var scope = LoadScope.open()) {
            var unused = scope.loader(numbers);
            scope.flush();
        }
        assertThat(source.batches).isEmpty();
    }

    @Test
    void flush_queuedKeys_isOneBatchOfDifferentKeys() {
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            var futures = List.of(loader.loadAsync(1), loader.loadAsync(2), loader.loadAsync(1));
            scope.flush();
            assertThat(futures).allMatch(Future::isDone);
        }
        assertThat(source.batches).containsExactly(List.of(1, 2));
    }

    @Test
    void flush_again_doesNotLoadAgain() {
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            var first = loader.loadAsync(1);
            scope.flush();
            var second = loader.loadAsync(1);
            scope.flush();
            assertThat(first.join()).isEqualTo(second.join());
        }
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void loadAsync_twoKeys_areOneBatchInTheirOrder() {
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            var second = loader.loadAsync(2);
            var first = loader.loadAsync(1);
            assertThat(first.join()).isEqualTo(Result.ok("v1"));
            assertThat(second).isCompletedWithValue(Result.ok("v2"));
        }
        assertThat(source.batches).containsExactly(List.of(2, 1));
    }

    @Test
    void loadAsync_sameKeyTwice_isOneKeyForBoth() {
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            var first = loader.loadAsync(1);
            var second = loader.loadAsync(1);
            assertThat(first).isNotSameAs(second);
            assertThat(first.join()).isEqualTo(second.join());
        }
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void loadAll_keysOfEarlierLoads_loadsOnlyNewOnes() {
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            assertThat(loader.loadAll(List.of(1, 2))).hasSize(2);
            assertThat(loader.loadAll(List.of(1, 3))).hasSize(2);
            assertThat(loader.loadAll(List.of(1, 2, 3))).hasSize(3);
        }
        assertThat(source.batches).containsExactly(List.of(1, 2), List.of(3));
    }

    @Test
    void loadAll_setAfterList_loadsOnlyNewOnes() {
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
            assertThat(loader.loadAll(List.of(1, 2))).hasSize(2);
            assertThat(loader.loadAll(Set.of(1, 3))).hasSize(2);
        }
        assertThat(source.batches).containsExactly(List.of(1), List.of(2), List.of(3));
    }

    @Test
    void load_keysWithoutEquals_areToldApartByIdentity() {
        Object one = new Object();
        Object other = new Object();
        var loader = Loader.named("objects").build((List<Object> keys) -> source.get(keys));
        try (var scope = LoadScope.open()) {
            assertThat(scope.loader(loader).loadAll(List.of(one, other, one))).hasSize(2);
            assertThat(scope.loader(loader).load(one)).isEqualTo(Result.ok("v" + one));
        }
        assertThat(source.batches).containsExactly(List.of(one, other));
    }

    @Test
    void load_keysOfOneHash_areToldApart() {
        record Bad(int id) {
            @Override
            public int hashCode() {
                return 7;
            }
        }
        List<Bad> keys = IntStream.range(0, 100).mapToObj(Bad::new).toList();
        var loader = Loader.named("bad").build((List<Bad> asked) -> source.get(asked));
        try (var scope = LoadScope.open()) {
            var scoped = scope.loader(loader);
            assertThat(scoped.loadAll(keys)).hasSize(100);
            scoped.clear(keys.get(50));
            for (Bad key : keys) {
                assertThat(scoped.load(key)).isEqualTo(Result.ok("v" + key));
            }
        }
        assertThat(source.batches).containsExactly(new ArrayList<>(keys), List.of(keys.get(50)));
    }

    @Test
    void load_manyKeys_allAreFoundAgain() {
        List<Integer> keys = IntStream.range(0, 5_000).map(i -> i * 16).boxed().toList();
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            var unused = loader.loadAll(keys);
            source.batches.clear();
            for (int key : keys) {
                assertThat(loader.load(key)).isEqualTo(Result.ok("v" + key));
            }
        }
        assertThat(source.batches).isEmpty();
    }

    @Test
    void load_oneLevelAfterTheOther_isABatchPerLevel() {
        record User(String name, int inviter) {}
        var users = Loader.named("users").build((List<Integer> ids) -> {
            source.note(ids);
            return Result.ok(ids.stream()
                    .collect(java.util.stream.Collectors.toMap(id -> id, id -> new User("u" + id, id + 10))));
        });
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(users);
            List<User> invited = loader.mapAll(List.of(1, 2), id -> id, (id, user) -> user.orElseThrow());
            assertThat(loader.mapAll(
                            invited,
                            User::inviter,
                            (user, inviter) -> inviter.orElseThrow().name()))
                    .containsExactly("u11", "u12");
        }
        assertThat(source.batches).containsExactly(List.of(1, 2), List.of(11, 12));
    }

    @Test
    void loader_sameDefinition_isTheSameInAScope() {
        try (var scope = LoadScope.open()) {
            var loader = scope.loader(numbers);
            var other = scope.loader(source.loader("others"));
            assertThat(scope.loader(numbers)).isSameAs(loader).isNotSameAs(other);
            assertThat(loader).hasToString("Loader numbers in a scope");
        }
    }

    @Test
    void load_anotherScope_loadsAgain() {
        for (int i = 0; i < 2; i++) {
            try (var scope = LoadScope.open()) {
                assertThat(scope.loader(numbers).load(1)).isEqualTo(Result.ok("v1"));
            }
        }
        assertThat(source.batches).containsExactly(List.of(1), List.of(1));
    }

    @Test
    void load_twoLoadersQueued_areBothDispatched() {
        var other = new Recorded();
        try (var scope = LoadScope.open()) {
            var first = scope.loader(numbers).loadAsync(1);
            var second = scope.loader(other.loader("others")).loadAsync(2);
            assertThat(second.join()).isEqualTo(Result.ok("v2"));
            assertThat(first.join()).isEqualTo(Result.ok("v1"));
        }
        assertThat(source.batches).containsExactly(List.of(1));
        assertThat(other.batches).containsExactly(List.of(2));
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void load_nullKey_isRefusedBeforeAnythingIsQueued() {
        try (var scope = LoadScope.builder().time(new VirtualTime()).open()) {
            var loader = scope.loader(numbers);
            Collection<Integer> keys = Arrays.asList(1, null);
            assertThatNullPointerException().isThrownBy(() -> loader.load(null)).withMessage("key");
            assertThatNullPointerException()
                    .isThrownBy(() -> loader.loadAsync(null))
                    .withMessage("key");
            assertThatNullPointerException()
                    .isThrownBy(() -> loader.loadAll(keys))
                    .withMessage("key");
            assertThatNullPointerException()
                    .isThrownBy(() -> loader.prime(null, "v"))
                    .withMessage("key");
            assertThatNullPointerException()
                    .isThrownBy(() -> loader.clear(null))
                    .withMessage("key");
            assertThatNullPointerException()
                    .isThrownBy(() -> loader.load(1, null))
                    .withMessage("maxWait");
            scope.flush();
        }
        assertThat(source.batches).isEmpty();
    }
}
