package dev.underpin.benchmarks.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.persistence.StatementRecorder.Recording;
import dev.underpin.persistence.StatementRecorder.Verdict;
import dev.underpin.result.Result;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All contestants answer the same: ours and those by hand with results, peers with the values. */
class AgreementTest {
    /** More than one batch of ours, and one more than a full one. */
    private static final int MANY = 2001;

    @ParameterizedTest
    @ValueSource(ints = {1, 10, MANY})
    void distinct_anyContestant_isTheValueOfEachKeyInOrder(int n) {
        var benchmark = new DistinctBenchmark();
        benchmark.n = n;
        benchmark.prepare();
        List<String> values = values(n);

        assertThat(Stream.of(
                        benchmark.eachOurs(),
                        benchmark.eachOursPerKey(),
                        benchmark.eachDataLoader(),
                        benchmark.eachMappedDataLoader(),
                        benchmark.eachPlain(),
                        benchmark.eachFused()))
                .allSatisfy(answer -> assertThat(Arrays.stream(answer).map(AgreementTest::value))
                        .isEqualTo(values));
        assertThat(Stream.of(benchmark.allOurs(), benchmark.allDataLoader(), benchmark.allMappedDataLoader()))
                .allSatisfy(answer ->
                        assertThat(answer.stream().map(AgreementTest::value)).isEqualTo(values));
        Map<Integer, ?> map = benchmark.mapOurs();
        assertThat(map.keySet()).containsExactlyElementsOf(keys(n));
        assertThat(map.values().stream().map(AgreementTest::value)).isEqualTo(values);
    }

    @Test
    void oneKey_anyContestant_isItsValue() {
        var benchmark = new OneKeyBenchmark();

        assertThat(Stream.of(
                        benchmark.ours(),
                        benchmark.dataLoader(),
                        benchmark.mappedDataLoader(),
                        benchmark.plain(),
                        benchmark.fused()))
                .allSatisfy(answer -> assertThat(value(answer)).isEqualTo("article 1000"));
    }

    /** Each call of each is for the next key, so all go around together. */
    @Test
    void hit_anyContestantAndManyCalls_isTheValueOfTheKey() {
        var benchmark = new HitBenchmark();
        benchmark.load();
        try {
            assertThat(List.<Supplier<Object>>of(
                            benchmark::valueOurs,
                            benchmark::valueDataLoader,
                            benchmark::valuePlain,
                            benchmark::valueFused,
                            () -> benchmark.futureOurs().join(),
                            () -> benchmark.futureDataLoader().join()))
                    .allSatisfy(contestant -> {
                        while (!benchmark.baseline().equals(1000)) {
                            // goes around to the first key
                        }
                        assertThat(IntStream.range(1, HitBenchmark.KEYS).mapToObj(i -> value(contestant.get())))
                                .isEqualTo(values(HitBenchmark.KEYS).subList(1, HitBenchmark.KEYS));
                    });
            assertThat(benchmark.batches()).isEqualTo(1);
        } finally {
            benchmark.close();
        }
    }

    @Test
    void pendingHit_anyContestant_isTheValue() {
        var benchmark = new PendingHitBenchmark();

        assertThat(Stream.of(benchmark.ours(), benchmark.expecting(), benchmark.dataLoader(), benchmark.fused()))
                .allSatisfy(answer -> assertThat(value(answer)).isEqualTo("article 1000"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void threads_anyContestant_isTheValueOfTheLastKey(int threads) {
        var benchmark = new ThreadsBenchmark();
        benchmark.threads = threads;
        benchmark.start();
        try {
            assertThat(List.<Supplier<Object>>of(benchmark::ours, benchmark::dataLoader, benchmark::fused))
                    .allSatisfy(contestant -> {
                        benchmark.count();
                        assertThat(value(contestant.get())).isEqualTo("article " + (1000 + ThreadsBenchmark.KEYS - 1));
                        assertThat(benchmark.cpuNanosOfALoad()).isPositive();
                    });
        } finally {
            benchmark.end();
        }
    }

    @ParameterizedTest
    @EnumSource
    void tasks_anyContestant_isTheValueOfEachKeyInOrder(Kind kind) {
        if (kind == Kind.VIRTUAL && !Kind.hasVirtual()) {
            return;
        }
        var benchmark = new TasksBenchmark();
        benchmark.tasks = 50;
        benchmark.kind = kind;
        benchmark.prepare();
        benchmark.begin();
        try {
            assertThat(Stream.of(benchmark.ours(), benchmark.dataLoader()))
                    .allSatisfy(answer -> assertThat(answer.stream().map(AgreementTest::value))
                            .isEqualTo(values(50)));
            assertThat(Stream.of(benchmark.started(), benchmark.parked()))
                    .allSatisfy(answer -> assertThat(answer).isEqualTo(keys(50)));
        } finally {
            benchmark.close();
        }
    }

    @Test
    void chain_anyContestant_isThreeBatchesAndTheValues() {
        var benchmark = new ChainBenchmark();
        List<Integer> values = IntStream.range(3000, 3010).boxed().toList();
        try {
            assertThat(List.<Supplier<List<Integer>>>of(benchmark::ours, benchmark::byHand, benchmark::ticker))
                    .allSatisfy(contestant -> {
                        int before = benchmark.batches();
                        assertThat(contestant.get()).isEqualTo(values);
                        assertThat(benchmark.batches() - before).isEqualTo(3);
                    });
        } finally {
            benchmark.close();
        }
    }

    @Test
    void recorder_differentStatements_countsEachAndFindsNothing() {
        Recording recording = new RecorderBenchmark().once();

        assertThat(recording.statements())
                .hasSize(RecorderBenchmark.STATEMENTS)
                .allSatisfy(statement -> assertThat(statement.count()).isEqualTo(1));
        assertThat(recording.findings()).isEmpty();
    }

    @Test
    void recorder_oneStatementAgainAndAgain_findsIt() {
        Recording recording = new RecorderBenchmark().again();

        assertThat(recording.statements())
                .singleElement()
                .satisfies(statement -> assertThat(statement.count()).isEqualTo(RecorderBenchmark.STATEMENTS));
        assertThat(recording.findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.verdict()).isEqualTo(Verdict.N_PLUS_ONE));
    }

    private static Object value(Object answer) {
        return answer instanceof Result<?, ?> result ? ((Result.Ok<?, ?>) result).value() : answer;
    }

    private static List<Integer> keys(int n) {
        return IntStream.range(1000, 1000 + n).boxed().toList();
    }

    private static List<String> values(int n) {
        return keys(n).stream().map(key -> "article " + key).toList();
    }
}
