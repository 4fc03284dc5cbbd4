package dev.underpin.batching;

import static dev.underpin.batching.Recorded.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is remembered, what is forgotten, and by what keys are told apart. */
class MemoTest {
    private static final DomainError ODD = DomainError.builder(ErrorCode.of(ErrorKind.UNPROCESSABLE, "ODD", "odd"))
            .build();
    private static final DomainError BUSY = DomainError.builder(ErrorCode.of(ErrorKind.UNAVAILABLE, "BUSY", "busy"))
            .build();

    private final Recorded source = new Recorded();
    private final Loader<Integer, String> numbers = source.loader();
    private final LoadScope scope = LoadScope.builder().time(new VirtualTime()).open();
    private final ScopedLoader<Integer, String> loader = scope.loader(numbers);

    /* ---- clear ---- */

    @Test
    void clear_oneOfTwoKeys_loadsOnlyThatAgain() {
        var unused = loader.loadAll(List.of(1, 2));
        loader.clear(1);
        assertThat(loader.loadAll(List.of(1, 2))).containsEntry(1, Result.ok("v1"));
        assertThat(source.batches).containsExactly(List.of(1, 2), List.of(1));
    }

    @Test
    void clear_unknownKey_doesNothing() {
        var unused = loader.load(1);
        loader.clear(9);
        assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void clearAll_loadedKeys_loadsAllAgain() {
        var unused = loader.loadAll(List.of(1, 2));
        loader.clearAll();
        var again = loader.loadAll(List.of(1, 2));
        assertThat(again).hasSize(2);
        assertThat(source.batches).containsExactly(List.of(1, 2), List.of(1, 2));
    }

    @Test
    void clearAll_queuedAndLoadedKeys_keepsTheQueued() {
        var unused = loader.load(1);
        var queued = loader.loadAsync(2);
        loader.clearAll();
        assertThat(loader.loadAll(List.of(1, 2, 3))).hasSize(3);
        assertThat(queued).isCompletedWithValue(Result.ok("v2"));
        assertThat(source.batches).containsExactly(List.of(1), List.of(2, 1, 3));
    }

    @Test
    void clear_queuedKey_isLoadedOnce() {
        var first = loader.loadAsync(1);
        loader.clear(1);
        var second = loader.loadAsync(1);
        assertThat(second.join()).isEqualTo(Result.ok("v1"));
        assertThat(first).isCompletedWithValue(Result.ok("v1"));
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void clear_whileItsBatchRuns_servesWhoWaitsAndRemembersNothing() throws Exception {
        assertForgottenInFlight(() -> loader.clear(1));
    }

    @Test
    void clearAll_whileABatchRuns_servesWhoWaitsAndRemembersNothing() throws Exception {
        assertForgottenInFlight(loader::clearAll);
    }

    private void assertForgottenInFlight(Runnable forget) throws Exception {
        var calls = new AtomicInteger();
        var began = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var slow = Loader.named("slow").keepExtras().build((List<Integer> keys) -> {
            began.countDown();
            Threads.await(goOn);
            return Result.ok(Map.of(1, "call " + calls.incrementAndGet()));
        });
        var slowly = scope.loader(slow);
        try (var threads = new Threads()) {
            int unused = scope.blocking(() -> {
                var waiting = threads.start(() -> slowly.load(1));
                Threads.await(began);
                forget.run();
                slowly.clear(1);
                goOn.countDown();
                Threads.until(waiting::isDone);
                assertThat(waiting)
                        .isDone()
                        .satisfies(one -> assertThat(one.get()).isEqualTo(Result.ok("call 1")));
                return 0;
            });
        }
        assertThat(slowly.load(1)).isEqualTo(Result.ok("call 2"));
        assertThat(slowly.load(1)).isEqualTo(Result.ok("call 2"));
    }

    /* ---- peek ---- */

    @Test
    void peek_key_isWhatIsRemembered() {
        assertThat(loader.peek(1)).isEmpty();
        var pending = loader.loadAsync(1);
        assertThat(loader.peek(1)).isEmpty();
        assertThat(pending.join()).isEqualTo(Result.ok("v1"));
        assertThat(loader.peek(1)).contains(Result.ok("v1"));
        loader.clear(1);
        assertThat(loader.peek(1)).isEmpty();
        loader.prime(1, "primed");
        assertThat(loader.peek(1)).contains(Result.ok("primed"));
        assertThat(source.batches).containsExactly(List.of(1));
    }

    /* ---- prime ---- */

    @Test
    void prime_unknownKey_isNotLoaded() {
        assertThat(loader.prime(1, "primed")).isTrue();
        assertThat(loader.loadAll(List.of(1, 2))).containsEntry(1, Result.ok("primed"));
        assertThat(source.batches).containsExactly(List.of(2));
    }

    @Test
    void prime_loadedKey_changesNothingUntilItIsCleared() {
        var unused = loader.load(1);
        assertThat(loader.prime(1, "primed")).isFalse();
        assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
        loader.clear(1);
        assertThat(loader.prime(1, "primed")).isTrue();
        assertThat(loader.load(1)).isEqualTo(Result.ok("primed"));
    }

    @Test
    void prime_primedKey_changesNothing() {
        assertThat(loader.prime(1, "first")).isTrue();
        assertThat(loader.prime(1, "second")).isFalse();
        assertThat(loader.load(1)).isEqualTo(Result.ok("first"));
    }

    @Test
    void prime_queuedKey_isLoadedNevertheless() {
        var queued = loader.loadAsync(1);
        assertThat(loader.prime(1, "primed")).isFalse();
        assertThat(queued).isNotDone();
        assertThat(queued.join()).isEqualTo(Result.ok("v1"));
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void prime_null_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> loader.prime(1, null));
        assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
    }

    /* ---- errors ---- */

    @Test
    void load_batchFailed_isLoadedAgain() {
        var calls = new AtomicInteger();
        var failing = scope.loader(Loader.named("failing").keep(error -> true).build((List<Integer> keys) -> {
            if (calls.incrementAndGet() == 1) {
                return Result.err(ODD);
            }
            return source.get(keys);
        }));
        assertThat(failing.load(1)).isEqualTo(Result.err(ODD));
        assertThat(failing.load(1)).isEqualTo(Result.ok("v1"));
    }

    @Test
    void load_keyFailedForGood_isRemembered() {
        var failing = scope.loader(failing(Loader.named("failing"), ODD));
        assertThat(failing.load(1)).isEqualTo(Result.err(ODD));
        assertThat(failing.load(1)).isEqualTo(Result.err(ODD));
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void load_keyFailedForNow_isLoadedAgain() {
        var failing = scope.loader(failing(Loader.named("failing"), BUSY));
        assertThat(failing.load(1)).isEqualTo(Result.err(BUSY));
        assertThat(failing.load(1)).isEqualTo(Result.err(BUSY));
        assertThat(source.batches).containsExactly(List.of(1), List.of(1));
    }

    @Test
    void load_keepChosen_decides() {
        var failing = scope.loader(failing(Loader.named("failing").keep(error -> error.equals(BUSY)), BUSY));
        var other = scope.loader(failing(Loader.named("other").keep(error -> error.equals(BUSY)), ODD));
        for (int i = 0; i < 2; i++) {
            var unused = List.of(failing.load(1), other.load(2));
        }
        assertThat(source.batches).containsExactly(List.of(1), List.of(2), List.of(2));
    }

    @Test
    void load_waitCutShort_isNeverRemembered() {
        DomainError cancelled = DomainError.builder(ErrorKind.CANCELLED.code()).build();
        var failing = scope.loader(failing(Loader.named("failing"), cancelled));
        for (int i = 0; i < 2; i++) {
            assertThat(failing.load(1)).isEqualTo(Result.err(cancelled));
        }
        assertThat(source.batches).containsExactly(List.of(1), List.of(1));
    }

    @Test
    void load_missingKey_isRemembered() {
        var empty = scope.loader(Loader.named("empty").build((List<Integer> keys) -> {
            source.note(keys);
            return Result.ok(Map.<Integer, String>of());
        }));
        assertFailed(empty.load(1), BatchingErrors.KEY_NOT_FOUND);
        assertFailed(empty.load(1), BatchingErrors.KEY_NOT_FOUND);
        assertThat(source.batches).containsExactly(List.of(1));
    }

    @Test
    void clear_inTheErrorHandler_allowsARetry() {
        var failing = scope.loader(failing(Loader.named("failing"), ODD));
        for (int i = 0; i < 2; i++) {
            var unused = failing.load(1).onErr(error -> failing.clear(1));
        }
        assertThat(source.batches).containsExactly(List.of(1), List.of(1));
    }

    private Loader<Integer, String> failing(Loader.Builder<Object> builder, DomainError error) {
        return builder.buildPerKey((List<Integer> keys, LoadScope in) -> {
            source.note(keys);
            return Map.of(keys.get(0), Result.err(error));
        });
    }

    /* ---- without memo ---- */

    @Test
    void withoutMemo_keysAskedForAgain_areLoadedAgainAndOnceInABatch() {
        var forgetful =
                scope.loader(Loader.named("forgetful").withoutMemo().build((List<String> keys) -> source.get(keys)));
        for (List<String> keys : List.of(List.of("A", "B", "A"), List.of("A", "C"), List.of("A", "B", "C"))) {
            assertThat(forgetful.loadAll(keys)).containsKey("A");
        }
        assertThat(source.batches).containsExactly(List.of("A", "B"), List.of("A", "C"), List.of("A", "B", "C"));
    }

    @Test
    void withoutMemo_queuedKeyTwice_isShared() {
        var forgetful =
                scope.loader(Loader.named("forgetful").withoutMemo().build((List<String> keys) -> source.get(keys)));
        var first = forgetful.loadAsync("A");
        var second = forgetful.loadAsync("A");
        assertThat(first.join()).isEqualTo(second.join());
        assertThat(forgetful.prime("A", "primed")).isFalse();
        assertThat(source.batches).containsExactly(List.of("A"));
    }

    /* ---- extras ---- */

    @Test
    void extras_byDefault_arePassedOver() {
        var generous = scope.loader(Loader.named("generous").build((List<Integer> keys) -> {
            source.note(keys);
            return Result.ok(Map.of(1, "a", 2, "b", 3, "c"));
        }));
        assertThat(generous.load(1)).isEqualTo(Result.ok("a"));
        assertThat(generous.load(2)).isEqualTo(Result.ok("b"));
        assertThat(source.batches).containsExactly(List.of(1), List.of(2));
    }

    @Test
    void keepExtras_extras_areRememberedAndTakeNobodysPlace() {
        var generous =
                scope.loader(Loader.named("generous").keepExtras().maxBatch(1).build((List<Integer> keys) -> {
                    source.note(keys);
                    return Result.ok(Map.of(1, "by " + keys, 2, "by " + keys, 3, "by " + keys));
                }));
        assertThat(generous.loadAll(List.of(1, 2)))
                .containsEntry(1, Result.ok("by [1]"))
                .containsEntry(2, Result.ok("by [2]"));
        assertThat(generous.load(3)).isEqualTo(Result.ok("by [1]"));
    }

    @Test
    void keepExtras_errorsOfOtherKeys_areRememberedAsThoseOfKeys() {
        var generous =
                scope.loader(Loader.named("generous").keepExtras().buildPerKey((List<Integer> keys, LoadScope in) -> {
                    source.note(keys);
                    return Map.of(1, Result.ok("a"), 2, Result.err(ODD), 3, Result.err(BUSY));
                }));
        var unused = List.of(generous.load(1), generous.load(2), generous.load(3));
        assertThat(source.batches).containsExactly(List.of(1), List.of(3));
    }

    @Test
    void keepExtras_nullAmongTheKeys_harmsNobody() {
        var generous = scope.loader(Loader.named("generous").keepExtras().build((List<Integer> keys) -> {
            Map<Integer, String> values = new HashMap<>();
            values.put(null, "n");
            values.put(1, "a");
            return Result.ok(values);
        }));
        assertThat(generous.load(1)).isEqualTo(Result.ok("a"));
    }

    /* ---- canonical keys ---- */

    @Test
    void canonical_equivalentKeys_areOneOfWhichTheFirstIsPassed() {
        var sets = scope.loader(Loader.named("words")
                .canonical((String word) -> word.chars().sorted().boxed().toList())
                .build((List<String> words) -> source.get(words)));
        assertThat(sets.loadAll(List.of("ab", "ba", "c")))
                .containsEntry("ab", Result.ok("vab"))
                .containsEntry("ba", Result.ok("vab"));
        sets.clear("ba");
        assertThat(sets.prime("ba", "primed")).isTrue();
        assertThat(sets.load("ab")).isEqualTo(Result.ok("primed"));
        assertThat(source.batches).containsExactly(List.of("ab", "c"));
    }

    @Test
    void canonical_manyKeys_areFoundAfterTheTableHasGrown() {
        var folded = scope.loader(Loader.named("folded")
                .canonical((String word) -> word.toLowerCase(java.util.Locale.ROOT))
                .build((List<String> words) -> source.get(words)));
        for (int i = 0; i < 100; i++) {
            var unused = folded.load("k" + i);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(folded.load("K" + i)).isEqualTo(Result.ok("vk" + i));
        }
        assertThat(source.batches).hasSize(100);
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void canonical_null_isRefused() {
        var none = scope.loader(
                Loader.named("none").canonical((String word) -> null).build((List<String> words) -> source.get(words)));
        assertThatNullPointerException().isThrownBy(() -> none.load("a")).withMessage("canonical form of a key");
    }

    @Test
    void hashCode_changedKey_isAnotherKey() {
        var mutable = new java.util.ArrayList<>(List.of(1));
        var lists = scope.loader(Loader.named("lists").build((List<List<Integer>> keys) -> source.get(keys)));
        assertThat(lists.load(mutable)).isEqualTo(Result.ok("v[1]"));
        mutable.add(2);
        assertThat(lists.load(mutable)).isEqualTo(Result.ok("v[1, 2]"));
        assertThat(source.batches).hasSize(2);
    }

    @Test
    void equals_throws_breaksNothing() {
        record Broken(int id) {
            @Override
            public int hashCode() {
                return 1;
            }

            @Override
            public boolean equals(Object other) {
                throw new IllegalStateException("broken");
            }
        }
        var broken =
                scope.loader(Loader.named("broken").build((List<Broken> keys) -> Result.ok(Map.<Broken, String>of())));
        var first = broken.loadAsync(new Broken(1));
        org.assertj.core.api.Assertions.assertThatIllegalStateException().isThrownBy(() -> broken.load(new Broken(2)));
        assertFailed(first.join(), BatchingErrors.KEY_NOT_FOUND);
        assertThat(loader.load(1)).isEqualTo(Result.ok("v1"));
    }
}
