package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a loader is made of, and who hears of it. */
class LoaderTest {
    private final Recorded source = new Recorded();

    @ParameterizedTest
    @ValueSource(strings = {"a", "order-lines", "Order.lines_2"})
    void named_plainName_isTaken(String name) {
        Loader<Integer, String> loader = source.loader(name);
        assertThat(loader.name()).isEqualTo(name);
        assertThat(loader).hasToString("Loader " + name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ä", "a/b", "a\n"})
    void named_otherName_isRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loader.named(name))
                .withMessage("name must be 1 to 64 letters, digits, '-', '_' or '.': one of length " + name.length());
    }

    @Test
    void named_longName_isRefused() {
        assertThat(Loader.named("n".repeat(64))).isNotNull();
        assertThatIllegalArgumentException().isThrownBy(() -> Loader.named("n".repeat(65)));
    }

    @Test
    void builder_notPositive_isRefused() {
        var builder = Loader.named("numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxBatch(0))
                .withMessage("maxBatch must be at least 1: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxInFlight(-1))
                .withMessage("maxInFlight must be at least 1: -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxWait(Duration.ZERO))
                .withMessage("maxWait must be positive: PT0S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.batchTimeout(Duration.ofSeconds(-1)))
                .withMessage("batchTimeout must be positive: PT-1S");
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void builder_null_isRefused() {
        var builder = Loader.named("numbers");
        assertThatNullPointerException().isThrownBy(() -> Loader.named(null)).withMessage("name");
        assertThatNullPointerException().isThrownBy(() -> builder.maxWait(null)).withMessage("maxWait");
        assertThatNullPointerException()
                .isThrownBy(() -> builder.batchTimeout(null))
                .withMessage("batchTimeout");
        assertThatNullPointerException().isThrownBy(() -> builder.keep(null)).withMessage("remembered");
        assertThatNullPointerException()
                .isThrownBy(() -> builder.canonical(null))
                .withMessage("form");
        assertThatNullPointerException().isThrownBy(() -> builder.missing(null)).withMessage("error");
        assertThatNullPointerException()
                .isThrownBy(() -> builder.listener(null))
                .withMessage("listener");
        assertThatNullPointerException()
                .isThrownBy(() -> builder.buildPerKey(null))
                .withMessage("batch");
        assertThatNullPointerException().isThrownBy(() -> builder.build(null)).withMessage("batch");
    }

    @Test
    void builder_endlessTimes_areTaken() {
        Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
        var patient = Loader.named("patient")
                .maxWait(endless)
                .batchTimeout(endless)
                .build((List<Integer> keys) -> source.get(keys));
        try (var scope = LoadScope.open()) {
            assertThat(scope.loader(patient).load(1, endless)).isEqualTo(Result.ok("v1"));
        }
    }

    /** Writes down what it hears, and throws. */
    private static final class Listener implements BatchListener {
        final List<String> heard = new ArrayList<>();

        @Override
        public void onBatch(String loader, int keys, long nanos, @Nullable ErrorCode error) {
            heard.add(loader + ": " + keys + " keys, " + (nanos >= 0) + ", " + (error == null ? "ok" : error.name()));
            throw new IllegalStateException("of a listener");
        }

        @Override
        public void onHit(String loader) {
            heard.add(loader + ": hit");
            throw new IllegalStateException("of a listener");
        }

        @Override
        public void onSequentialLoads(String loader, int batches) {
            heard.add(loader + ": " + batches + " one by one");
            throw new IllegalStateException("of a listener");
        }
    }

    @Test
    void listener_batchesAndHits_hearsAndHarmsNobody() {
        var listener = new Listener();
        var loader = Loader.named("numbers").listener(listener).build((List<Integer> keys) -> {
            if (keys.contains(9)) {
                throw new IllegalStateException("broken");
            }
            return source.get(keys);
        });
        try (var scope = LoadScope.open()) {
            var scoped = scope.loader(loader);
            assertThat(scoped.loadAll(List.of(1, 2))).hasSize(2);
            assertThat(scoped.load(1)).isEqualTo(Result.ok("v1"));
            assertThat(scoped.loadAsync(2)).isCompletedWithValue(Result.ok("v2"));
            assertThat(scoped.loadAll(List.of(1))).hasSize(1);
            Recorded.assertFailed(scoped.load(9), BatchingErrors.BATCH_FAILED);
        }
        assertThat(listener.heard)
                .containsExactly(
                        "numbers: 2 keys, true, ok",
                        "numbers: hit",
                        "numbers: hit",
                        "numbers: hit",
                        "numbers: 1 keys, true, BATCH_FAILED");
    }

    @Test
    void listener_loopOfLoads_hearsOfItOnce() {
        var listener = new Listener();
        var loader = Loader.named("numbers").listener(listener).build((List<Integer> keys) -> source.get(keys));
        try (var scope = LoadScope.open()) {
            for (int key = 0; key < 10; key++) {
                var unused = scope.loader(loader).load(key);
            }
        }
        assertThat(listener.heard).endsWith("numbers: 10 one by one").hasSize(11);
    }

    @Test
    void listener_expectedKeysOrFewLoads_hearsOfNoLoop() {
        var listener = new Listener();
        var loader = Loader.named("numbers").listener(listener).build((List<Integer> keys) -> source.get(keys));
        try (var scope = LoadScope.open()) {
            scope.loader(loader).expect(List.of(1, 2, 3, 4));
            for (int key = 1; key <= 6; key++) {
                var unused = scope.loader(loader).load(key);
            }
        }
        assertThat(listener.heard).noneMatch(heard -> heard.contains("one by one"));
    }

    /** Hears nothing. */
    private static final class Deaf implements BatchListener {}

    @Test
    void listener_defaultMethods_doNothing() {
        var loader = Loader.named("numbers").listener(new Deaf()).build((List<Integer> keys) -> source.get(keys));
        try (var scope = LoadScope.builder().time(new VirtualTime()).open()) {
            for (int key : new int[] {1, 2, 3, 3}) {
                assertThat(scope.loader(loader).load(key)).isEqualTo(Result.ok("v" + key));
            }
        }
    }

    @Test
    void listener_error_losesNobodyWhoWaits() throws Exception {
        var loader = Loader.named("numbers")
                .listener(new BatchListener() {
                    @Override
                    public void onBatch(String name, int keys, long nanos, @Nullable ErrorCode error) {
                        throw new AssertionError("of a listener");
                    }
                })
                .build((List<Integer> keys) -> source.get(keys));
        try (var threads = new Threads();
                var scope = LoadScope.builder().time(new VirtualTime()).open()) {
            var scoped = scope.loader(loader);
            var other = threads.start(() -> scoped.load(1));
            Threads.awaitBlocked(threads.last());
            var future = scoped.loadAsync(2);
            assertThat(scoped.load(1)).isEqualTo(Result.ok("v1"));
            assertThat(other.get()).isEqualTo(Result.ok("v1"));
            assertThat(future).isCompletedWithValue(Result.ok("v2"));
        }
    }

    @Test
    void missing_ownError_isThatOfTheKey() {
        record Gone(int id) implements dev.underpin.result.DomainError {
            @Override
            public ErrorCode code() {
                return dev.underpin.result.ErrorKind.NOT_FOUND.code();
            }
        }
        var loader = Loader.named("numbers")
                .missing((Integer id) -> new Gone(id))
                .build((List<Integer> keys) -> Result.ok(Map.<Integer, String>of()));
        try (var scope = LoadScope.open()) {
            assertThat(scope.loader(loader).load(7)).isEqualTo(Result.err(new Gone(7)));
        }
    }

    @Test
    @SuppressWarnings("NullAway") // on purpose
    void missing_null_isTheDefault() {
        var loader = Loader.named("numbers")
                .missing((Integer id) -> null)
                .build((List<Integer> keys) -> Result.ok(Map.<Integer, String>of()));
        try (var scope = LoadScope.open()) {
            Recorded.assertFailed(scope.loader(loader).load(7), BatchingErrors.KEY_NOT_FOUND);
        }
    }
}
