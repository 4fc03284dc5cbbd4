package dev.underpin.batching;

import static dev.underpin.batching.Recorded.assertFailed;
import static dev.underpin.batching.Recorded.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What loads fail with. */
class LoadErrorTest {
    private static final DomainError ODD =
            DomainError.builder(ErrorKind.CONFLICT.code()).build();

    private final Recorded source = new Recorded();
    private final LoadScope scope = LoadScope.builder().time(new VirtualTime()).open();

    @AfterEach
    void theScopeStillWorks() {
        assertThat(scope.loader(source.loader("afterwards")).load(-1)).isEqualTo(Result.ok("v-1"));
        scope.close();
    }

    private ScopedLoader<Integer, String> perKey(BatchFunction<Integer, String> batch) {
        return scope.loader(Loader.named("numbers").buildPerKey(batch));
    }

    @Test
    void load_oddKeysFail_evenOnesDoNot() {
        var loader = perKey((keys, in) -> {
            source.note(keys);
            Map<Integer, Result<String, DomainError>> results = new HashMap<>();
            keys.forEach(key -> results.put(key, key % 2 == 0 ? Result.ok("v" + key) : Result.err(ODD)));
            return results;
        });
        assertThat(loader.loadAll(List.of(1, 2, 3)))
                .containsExactly(
                        Map.entry(1, Result.err(ODD)), Map.entry(2, Result.ok("v2")), Map.entry(3, Result.err(ODD)));
        assertThat(source.batches).containsExactly(List.of(1, 2, 3));
    }

    @Test
    void load_okAndErrAndMissingAndNullAndExtra_eachIsItsOwn() {
        var loader = perKey((keys, in) -> {
            Map<Integer, Result<String, DomainError>> results = new HashMap<>();
            results.put(1, Result.ok("one"));
            results.put(2, Result.err(ODD));
            results.put(4, null);
            results.put(5, Result.ok("five"));
            return results;
        });
        var all = loader.loadAll(List.of(1, 2, 3, 4));
        assertThat(all).containsEntry(1, Result.ok("one")).containsEntry(2, Result.err(ODD));
        assertFailed(all.get(3), BatchingErrors.KEY_NOT_FOUND);
        assertFailed(all.get(4), BatchingErrors.BATCH_CONTRACT);
        assertThat(error(all.get(3))).isEqualTo(new LoadError(BatchingErrors.KEY_NOT_FOUND, "numbers", 3));
    }

    @Test
    void load_everySecondKeyInTheAnswer_theOthersAreMissing() {
        var loader = scope.loader(Loader.named("letters").build((List<String> keys) -> {
            Map<String, String> values = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i += 2) {
                values.put(keys.get(i), keys.get(i));
            }
            return Result.ok(values);
        }));
        assertThat(loader.mapAll(List.of("A", "B", "C", "D"), key -> key, (key, value) -> value.orElse("none")))
                .containsExactly("A", "none", "C", "none");
    }

    @Test
    void load_nullValue_isAgainstTheContractAndNotRemembered() {
        var loader = scope.loader(Loader.named("numbers").keep(error -> true).build((List<Integer> keys) -> {
            source.note(keys);
            Map<Integer, String> values = new HashMap<>();
            values.put(1, null);
            return Result.ok(values);
        }));
        assertFailed(loader.load(1), BatchingErrors.BATCH_CONTRACT);
        assertFailed(loader.load(1), BatchingErrors.BATCH_CONTRACT);
        assertThat(source.batches).hasSize(2);
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void load_nullAnswer_isAgainstTheContract() {
        var whole = scope.loader(Loader.named("whole")
                .build((List<Integer> keys) -> (Result<Map<Integer, String>, DomainError>) null));
        var each = perKey((keys, in) -> null);
        assertFailed(whole.load(1), BatchingErrors.BATCH_CONTRACT);
        assertFailed(each.load(1), BatchingErrors.BATCH_CONTRACT);
    }

    @Test
    void load_batchThrows_allKeysFailWithTheCause() {
        var thrown = new IllegalStateException("broken");
        var loader = perKey((keys, in) -> {
            throw thrown;
        });
        var all = loader.loadAll(List.of(1, 2));
        for (int key : List.of(1, 2)) {
            DomainError error = error(all.get(key));
            assertThat(error.code()).isEqualTo(BatchingErrors.BATCH_FAILED);
            assertThat(error.cause()).containsSame(thrown);
            assertThat(((LoadError) error).keys()).isEqualTo(List.of(1, 2));
        }
    }

    @Test
    void load_batchFails_allKeysFailAlike() {
        var loader = scope.loader(Loader.named("numbers")
                .build((List<Integer> keys) -> Result.<Map<Integer, String>, DomainError>err(ODD)));
        assertThat(loader.loadAll(List.of(1, 2)))
                .containsExactly(Map.entry(1, Result.err(ODD)), Map.entry(2, Result.err(ODD)));
    }

    @Test
    void load_batchThrowsError_allKeysFailAndItFlies() {
        var loader = perKey((keys, in) -> {
            throw new AssertionError("broken");
        });
        var future = loader.loadAsync(1);
        assertThatThrownBy(() -> loader.load(2)).isInstanceOf(AssertionError.class);
        assertFailed(future.join(), BatchingErrors.BATCH_FAILED);
    }

    @Test
    void load_batchOverflowsTheStack_allKeysFailAndItFlies() {
        var loader = perKey((keys, in) -> Map.of(deep(1), Result.ok("never")));
        var future = loader.loadAsync(1);
        assertThatThrownBy(scope::flush).isInstanceOf(StackOverflowError.class);
        assertFailed(future.join(), BatchingErrors.BATCH_FAILED);
    }

    @SuppressWarnings("InfiniteRecursion") // on purpose
    private static int deep(int depth) {
        return deep(depth + 1) + 1;
    }

    @Test
    void load_mapThrows_failsTheKeysItThrowsFor() {
        var loader = scope.loader(Loader.named("objects").build((List<Object> keys) -> {
            Map<Object, String> values = new TreeMap<>();
            values.put(1, "one");
            return Result.ok(values);
        }));
        var all = loader.loadAll(List.of(1, "two")); // which no tree of numbers can look for
        assertThat(all).containsEntry(1, Result.ok("one"));
        assertFailed(all.get("two"), BatchingErrors.BATCH_FAILED);
        assertThat(error(all.get("two")).cause().orElseThrow()).isInstanceOf(ClassCastException.class);
    }

    @Test
    void load_keepThrows_failsTheKey() {
        var loader = scope.loader(Loader.named("numbers")
                .keep(error -> {
                    throw new IllegalStateException("broken");
                })
                .build((List<Integer> keys) -> Result.ok(Map.of(1, "one"))));
        var all = loader.loadAll(List.of(1, 2));
        assertThat(all).containsEntry(1, Result.ok("one"));
        assertFailed(all.get(2), BatchingErrors.BATCH_FAILED);
    }

    @Test
    void keepExtras_canonicalFormThrowsError_losesNobodyWhoWaits() {
        var loader = scope.loader(Loader.named("numbers")
                .keepExtras()
                .canonical((Integer key) -> {
                    if (key > 100) {
                        throw new AssertionError("broken");
                    }
                    return key;
                })
                .build((List<Integer> keys) -> Result.ok(Map.of(1, "one", 1_000, "thousand"))));
        var future = loader.loadAsync(1);
        assertThatThrownBy(scope::flush).isInstanceOf(AssertionError.class);
        assertThat(future).isCompletedWithValue(Result.ok("one"));
    }

    @Test
    void keys_largeBatch_areTheFirstTen() {
        var loader = perKey((keys, in) -> {
            throw new IllegalStateException("broken");
        });
        List<Integer> keys = IntStream.range(0, 100).boxed().toList();
        DomainError error = error(loader.loadAll(keys).get(99));
        assertThat(((LoadError) error).keys()).isEqualTo(keys.subList(0, 10));
    }

    @Test
    void message_anyError_namesTheLoaderAndNoKey() {
        var loader =
                scope.loader(Loader.named("secrets").build((List<String> keys) -> Result.ok(Map.<String, String>of())));
        DomainError error = error(loader.load("hunter2"));
        assertThat(error.args()).containsExactly(Map.entry("loader", "secrets"));
        assertThat(error.message()).doesNotContain("hunter2");
        assertThat(error).hasToString("KEY_NOT_FOUND of loader secrets");
        LoadError own = (LoadError) error;
        assertThat(own.loader()).isEqualTo("secrets");
        assertThat(own.keys()).isEqualTo(List.of("hunter2"));
        assertThat(own.waiting()).isEmpty();
        assertThat(own.cause()).isEmpty();
    }

    @Test
    void equals_codeLoaderAndKeys_decide() {
        var error = new LoadError(BatchingErrors.LOAD_CYCLE, "numbers", 1);
        assertThat(error)
                .isEqualTo(new LoadError(BatchingErrors.LOAD_CYCLE, "numbers", 1))
                .hasSameHashCodeAs(new LoadError(BatchingErrors.LOAD_CYCLE, "numbers", 1))
                .isNotEqualTo(new LoadError(BatchingErrors.LOAD_CYCLE, "numbers", 2))
                .isNotEqualTo(new LoadError(BatchingErrors.LOAD_CYCLE, "others", 1))
                .isNotEqualTo(new LoadError(BatchingErrors.SCOPE_CLOSED, "numbers", 1))
                .isNotEqualTo("an error");
    }

    @Test
    void keys_given_areCopied() {
        List<Integer> keys = new ArrayList<>(List.of(1));
        var error = new LoadError(BatchingErrors.BATCH_FAILED, "numbers", keys, List.of("main"), null);
        keys.add(2);
        assertThat(error.keys()).isEqualTo(List.of(1));
        assertThat(error.waiting()).containsExactly("main");
    }
}
