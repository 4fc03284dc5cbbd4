package dev.underpin.benchmarks.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All contestants compute the same from the same input. */
class AgreementTest {
    @Test
    void one_anyInput_allAgree() {
        agree(
                input -> input < 0 ? input : input + 1,
                Map.of(
                        "ours", x -> Ours.one(Ours.find(x)),
                        "vavrEither", x -> VavrEither.one(VavrEither.find(x)),
                        "vavrTry", x -> VavrTry.one(VavrTry.find(x)),
                        "leaky", x -> Leaky.one(Leaky.find(x)),
                        "hubSpot", x -> HubSpot.one(HubSpot.find(x)),
                        "kotlinResult", x -> KotlinResult.one(KotlinResult.find(x)),
                        "byHand", x -> ByHand.one(ByHand.find(x)),
                        "sentinel", x -> Sentinel.one(Sentinel.find(x))));
    }

    @Test
    void three_anyInput_allAgree() {
        Map<String, IntUnaryOperator> contestants = new LinkedHashMap<>();
        contestants.put("ours", x -> Ours.three(Ours.find(x)));
        contestants.put("oursByPattern", x -> Ours.threeByPattern(Ours.find(x)));
        contestants.put("vavrEither", x -> VavrEither.three(VavrEither.find(x)));
        contestants.put("vavrTry", x -> VavrTry.three(VavrTry.find(x)));
        contestants.put("leaky", x -> Leaky.three(Leaky.find(x)));
        contestants.put("hubSpot", x -> HubSpot.three(HubSpot.find(x)));
        contestants.put("kotlinResult", x -> KotlinResult.three(KotlinResult.find(x)));
        contestants.put("byHand", x -> ByHand.three(ByHand.find(x)));
        contestants.put("sentinel", x -> Sentinel.three(Sentinel.find(x)));
        contestants.put("exception", Throwing::three);
        contestants.put("stackless", Throwing::threeStackless);
        contestants.put("exception, inlined", Throwing::threeInlined);
        contestants.put("stackless, inlined", Throwing::threeStacklessInlined);
        contestants.put("vavrTry, inlined", x -> VavrTry.three(VavrTry.findInlined(x)));

        agree(input -> input < 0 ? input : input + 6, contestants);
    }

    @Test
    void ten_anyInput_allAgree() {
        agree(
                input -> input < 0 ? input : input + 55,
                Map.of(
                        "ours", x -> Ours.ten(Ours.find(x)),
                        "vavrEither", x -> VavrEither.ten(VavrEither.find(x)),
                        "leaky", x -> Leaky.ten(Leaky.find(x)),
                        "kotlinResult", x -> KotlinResult.ten(KotlinResult.find(x)),
                        "byHand", x -> ByHand.ten(ByHand.find(x)),
                        "sentinel", x -> Sentinel.ten(Sentinel.find(x))));
    }

    @Test
    void megamorphic_anyInput_allAgree() {
        var inputs = new Inputs();
        inputs.failures = 50;
        List<List<Integer>> outcomes = IntStream.range(0, 5)
                .mapToObj(contestant -> {
                    inputs.prepare();
                    var benchmark = new MegamorphicBenchmark();
                    return IntStream.range(0, 1000)
                            .mapToObj(i -> switch (contestant) {
                                case 0 -> benchmark.ours(inputs);
                                case 1 -> benchmark.vavrEither(inputs);
                                case 2 -> benchmark.leaky(inputs);
                                case 3 -> benchmark.kotlinResult(inputs);
                                default -> benchmark.byHand(inputs);
                            })
                            .toList();
                })
                .toList();

        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome).isEqualTo(outcomes.get(0)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 50})
    void depth_anyInput_allAgree(int depth) {
        var benchmark = new DepthBenchmark();
        benchmark.depth = depth;

        assertThat(outcomes(benchmark::ours))
                .isEqualTo(outcomes(benchmark::exception))
                .isEqualTo(outcomes(benchmark::stackless))
                .isEqualTo(outcomes(benchmark::byHand))
                .isEqualTo(outcomes(benchmark::sentinel));
    }

    @ParameterizedTest
    @EnumSource
    void traverse_tenItems_allAgree(TraverseBenchmark.Outcome outcome) {
        var benchmark = new TraverseBenchmark();
        benchmark.items = 10;
        benchmark.outcome = outcome;
        benchmark.prepare();
        Object expected = switch (outcome) {
            case ALL_SUCCEED -> List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            case LAST_FAILS -> new Rejected(1);
        };

        assertThat(benchmark.ours().<Object>fold(x -> x, x -> x)).isEqualTo(expected);
        assertThat(benchmark.oursCollected().<Object>fold(x -> x, x -> x)).isEqualTo(expected);
        assertThat(benchmark.vavrEither().<Object>fold(x -> x, seq -> seq.asJava()))
                .isEqualTo(expected);
        assertThat(
                        KotlinResult.isOk(benchmark.kotlinResult())
                                ? benchmark.kotlinResult()
                                : KotlinResult.error(benchmark.kotlinResult()))
                .isEqualTo(expected);
        assertThat(
                        benchmark.byHand() instanceof ByHand.Several.All all
                                ? all.values()
                                : new Rejected(((ByHand.Several.None) benchmark.byHand()).code()))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10})
    void accumulate_faults_allAgree(int faults) {
        var benchmark = new AccumulateBenchmark();
        benchmark.faults = faults;
        benchmark.prepare();
        Object byHand = benchmark.byHand() instanceof AccumulateBenchmark.Faults several
                ? several.faults()
                : benchmark.byHand();

        Object ours = benchmark
                .ours()
                .<Object>fold(
                        form -> form,
                        error -> error.details().stream()
                                .map(detail ->
                                        new AccumulateBenchmark.Fault(detail.field(), detail.code(), detail.message()))
                                .toList());
        Object vavr = benchmark.vavr().<Object>fold(seq -> seq.asJava(), form -> form);

        assertThat(ours).isEqualTo(byHand);
        assertThat(vavr).isEqualTo(byHand);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 50, 100})
    void inputs_share_failsExactlyThat(int percent) {
        int[] inputs = Inputs.inputs(percent);

        assertThat(IntStream.of(inputs).filter(input -> input < 0).count()).isEqualTo(inputs.length * percent / 100);
    }

    private static void agree(IntUnaryOperator expected, Map<String, IntUnaryOperator> contestants) {
        int[] inputs = Inputs.inputs(50);
        contestants.forEach((name, contestant) -> assertThat(
                        IntStream.of(inputs).map(contestant).toArray())
                .as(name)
                .isEqualTo(IntStream.of(inputs).map(expected).toArray()));
    }

    private static List<Integer> outcomes(java.util.function.ToIntFunction<Inputs> contestant) {
        var inputs = new Inputs();
        inputs.failures = 50;
        inputs.prepare();
        return IntStream.range(0, 1000)
                .mapToObj(i -> contestant.applyAsInt(inputs))
                .collect(Collectors.toList());
    }
}
