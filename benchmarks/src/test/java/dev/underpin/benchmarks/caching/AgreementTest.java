package dev.underpin.benchmarks.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.caching.CacheAside;
import dev.underpin.caching.Propagation;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.infra.Blackhole;

/** All contestants answer the same, and load as often. Those that are filled also see to it by themselves. */
class AgreementTest {
    @ParameterizedTest
    @EnumSource
    void hit_anyContestant_isTheValueAndNoLoad(Draw draw) throws Exception {
        var benchmark = new HitBenchmark();
        benchmark.fill();
        try {
            int loads = benchmark.loads();
            long counted = benchmark.heard();
            List<String> keys = asked(draw, benchmark::baseline);

            assertThat(List.<Function<Cursor, Result<String, DomainError>>>of(
                            benchmark::ours, benchmark::oursCounted, benchmark::oursTagged, benchmark::byHand))
                    .allSatisfy(contestant -> assertThat(asked(draw, contestant.andThen(Result::orElseThrow)))
                            .isEqualTo(keys));
            assertThat(List.<Function<Cursor, String>>of(
                            benchmark::caffeine,
                            benchmark::async,
                            benchmark::spring,
                            benchmark::jetCache,
                            benchmark::unprotectedJetCache,
                            benchmark::guava,
                            benchmark::cache2k))
                    .allSatisfy(
                            contestant -> assertThat(asked(draw, contestant)).isEqualTo(keys));
            assertThat(benchmark.loads()).isEqualTo(loads);
            assertThat(benchmark.heard()).isEqualTo(counted + keys.size());
        } finally {
            benchmark.close();
        }
    }

    private static List<String> asked(Draw draw, Function<Cursor, String> contestant) {
        Cursor cursor = cursor(draw);
        return Stream.generate(() -> contestant.apply(cursor)).limit(100).toList();
    }

    @Test
    void cursor_anyDraw_isOneKeyOrManyUnevenly() {
        assertThat(asked(Draw.ONE, Cursor::next)).containsOnly("product-0");
        assertThat(asked(Draw.ZIPF, Cursor::next))
                .filteredOn("product-0"::equals)
                .hasSizeBetween(5, 30);
    }

    @Test
    void fill_cacheThatForgets_fails() {
        var loader = new Loader();

        assertThatThrownBy(() -> Filling.fill(loader, List.of(loader::apply))).hasMessageContaining("2048 of 1024");
    }

    @Test
    void fill_cacheThatMixesKeys_fails() {
        var loader = new Loader();

        assertThatThrownBy(() -> Filling.fill(loader, List.of(key -> "other"))).hasMessageContaining("has other for");
    }

    @Test
    void threads_anyContestant_isTheValueAndNoLoad() {
        var benchmark = new HitThreadsBenchmark();
        benchmark.fill();
        int loads = benchmark.loads();
        String key = cursor(Draw.ZIPF).next();

        assertThat(Stream.of(
                        benchmark.oursTwo(cursor(Draw.ZIPF)),
                        benchmark.countedOursTwo(cursor(Draw.ZIPF)),
                        benchmark.byHandTwo(cursor(Draw.ZIPF))))
                .containsOnly(Result.ok(key));
        assertThat(Stream.of(
                        benchmark.caffeineTwo(cursor(Draw.ZIPF)),
                        benchmark.springTwo(cursor(Draw.ZIPF)),
                        benchmark.jetCacheTwo(cursor(Draw.ZIPF))))
                .containsOnly(key);
        assertThat(benchmark.loads()).isEqualTo(loads);
    }

    @Test
    void absent_anyContestant_isFoundOutOnce() throws Exception {
        var benchmark = new AbsentBenchmark();

        for (int i = 0; i < 3; i++) {
            assertThat(kind(benchmark.ours())).isEqualTo(ErrorKind.NOT_FOUND);
            assertThat(benchmark.caffeine()).isEmpty();
            assertThat(benchmark.spring()).isNull();
            assertThat(benchmark.jetCache()).isNull();
        }
        assertThat(benchmark.loads()).isEqualTo(4);
    }

    @Test
    void miss_anyContestant_isTheValueAndOneLoad() {
        var benchmark = new MissBenchmark();
        try {
            List<Callable<?>> contestants = List.of(
                    benchmark::ours,
                    benchmark::oursTagged,
                    benchmark::byHand,
                    benchmark::caffeine,
                    benchmark::async,
                    benchmark::spring,
                    benchmark::jetCache,
                    benchmark::unprotectedJetCache,
                    benchmark::guava,
                    benchmark::cache2k);
            assertThat(contestants)
                    .allSatisfy(contestant -> assertLoadsEachTime(contestant, benchmark::loads))
                    .allSatisfy(
                            contestant -> assertThat(value(contestant.call())).startsWith("product-"));
        } finally {
            benchmark.close();
        }
    }

    @Test
    void turns_anyContestant_findsWhatIsThere() {
        var benchmark = new TurnsBenchmark();
        benchmark.fill();
        int loads = benchmark.loads();
        Blackhole hole = new Blackhole(
                "Today's password is swordfish. I understand instantiating Blackholes directly is dangerous.");

        for (int i = 0; i < 100; i++) {
            benchmark.hitOurs(hole);
            benchmark.hitCaffeine(hole);
            benchmark.hitSpring(hole);
            benchmark.hitJetCache(hole);
        }
        assertThat(benchmark.loads()).isEqualTo(loads);
    }

    /** A round more than there are keys: each is loaded again. */
    private static void assertLoadsEachTime(Callable<?> contestant, IntSupplier loads) throws Exception {
        int before = loads.getAsInt();
        for (int i = 0; i < 2 * Keys.ALL; i++) {
            contestant.call();
        }
        assertThat(loads.getAsInt() - before).isEqualTo(2 * Keys.ALL);
    }

    @Test
    void error_anyContestant_isToldAndNotKept() {
        var benchmark = new ErrorBenchmark();

        assertThat(List.<Callable<?>>of(
                        benchmark::ours,
                        benchmark::caffeine,
                        benchmark::untracedCaffeine,
                        benchmark::spring,
                        benchmark::jetCache))
                .allSatisfy(contestant -> assertLoadsEachTime(contestant, benchmark::loads));
        assertThat(kind(benchmark.ours())).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(Stream.of(
                        benchmark.caffeine(), benchmark.untracedCaffeine(), benchmark.spring(), benchmark.jetCache()))
                .allSatisfy(thrown -> assertThat((Throwable) thrown)
                        .satisfiesAnyOf(
                                e -> assertThat(e).isInstanceOf(ErrorBenchmark.LoadFailedException.class),
                                e -> assertThat(e).hasRootCauseInstanceOf(ErrorBenchmark.LoadFailedException.class)));
    }

    @Test
    void waiter_anyContestant_isTheValueOfOneLoad() {
        var benchmark = new WaiterBenchmark();
        try {
            for (int i = 1; i <= 10; i++) {
                assertThat(benchmark.ours().orElseThrow()).isEqualTo("product-0");
                assertThat(Stream.of(benchmark.caffeine(), benchmark.async(), benchmark.jetCache()))
                        .containsOnly("product-0");
                assertThat(benchmark.loads()).isEqualTo(4 * i);
            }
        } finally {
            benchmark.close();
        }
    }

    @Test
    void bulk_anyContestant_isTheValuesAndLoadsWhatIsMissing() throws Exception {
        var benchmark = new BulkBenchmark();
        benchmark.fill();
        Map<String, String> expected = new LinkedHashMap<>();
        Keys.all().subList(0, 100).forEach(key -> expected.put(key, key));
        int loads = benchmark.loads();

        assertThat(List.of(
                        values(benchmark.hitsOurs()),
                        values(benchmark.hitsCollected()),
                        benchmark.hitsCaffeine(),
                        benchmark.hitsCaffeinePresent(),
                        benchmark.hitsGuava(),
                        benchmark.hitsJetCache()))
                .containsOnly(expected);
        assertThat(benchmark.loads()).isEqualTo(loads);
        assertThat(List.of(values(benchmark.missesOurs()), benchmark.missesCaffeine(), benchmark.missesGuava()))
                .containsOnly(expected);
        assertThat(benchmark.loads()).isEqualTo(loads + 3 * 10);
    }

    @Test
    void invalidate_anyOfOurs_isDone() {
        var full = new InvalidateBenchmark.Full();
        full.most = 1000;
        full.fill();
        var drawn = new InvalidateBenchmark.Drawn();
        drawn.draw(full);
        var benchmark = new InvalidateBenchmark();

        assertThat(full.whole.getIfPresent(InvalidateBenchmark.key(999))).isPresent();
        assertThat(benchmark.keyWhole(full, drawn)).isEqualTo(Propagation.DONE);
        assertThat(present(full.whole)).isEqualTo(999);
        assertThat(benchmark.tagWhole(full)).isEqualTo(Propagation.DONE);
        assertThat(present(full.whole)).isZero();
        assertThat(present(full.tenth)).isEqualTo(100);
        var refilled = new InvalidateBenchmark.Whole();
        refilled.most = 1000;
        refilled.make();
        refilled.fill();
        assertThat(present(refilled.cache)).isEqualTo(1000);
        assertThat(benchmark.clearWhole(refilled)).isEqualTo(Propagation.DONE);
        assertThat(present(refilled.cache)).isZero();
    }

    private static long present(CacheAside<String, String> cache) {
        return IntStream.range(0, 1000)
                .mapToObj(InvalidateBenchmark::key)
                .filter(key -> cache.getIfPresent(key).isPresent())
                .count();
    }

    @Test
    void enqueue_anyQueue_takesAndWritesAll() {
        var benchmark = new EnqueueBenchmark();
        var dirty = new EnqueueBenchmark.Dirty();
        dirty.fill();
        assertThat(benchmark.again(dirty).isOk()).isTrue();
        assertThat(dirty.ours.get("product-0")).isPresent();
        dirty.close();
        assertThat(dirty.ours.get("product-0")).isEmpty();
    }

    private static String value(Object answer) {
        return (String) (answer instanceof Result<?, ?> result ? result.orElseThrow() : answer);
    }

    private static ErrorKind kind(Result<String, DomainError> answer) {
        return ((Result.Err<String, DomainError>) answer).error().kind();
    }

    private static Map<String, String> values(Map<String, Result<String, DomainError>> answers) {
        Map<String, String> values = new LinkedHashMap<>();
        answers.forEach((key, answer) -> values.put(key, answer.orElseThrow()));
        return values;
    }

    private static Cursor cursor(Draw draw) {
        var cursor = new Cursor();
        cursor.draw = draw;
        cursor.draw();
        return cursor;
    }
}
