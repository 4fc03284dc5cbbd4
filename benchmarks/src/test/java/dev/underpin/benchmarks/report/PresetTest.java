package dev.underpin.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.idempotency.ExecuteBenchmark;
import dev.underpin.benchmarks.idempotency.LiveClaimBenchmark;
import dev.underpin.benchmarks.idempotency.ReapBenchmark;
import dev.underpin.benchmarks.idempotency.StoreBenchmark;
import dev.underpin.benchmarks.pagination.PageBenchmark;
import dev.underpin.benchmarks.transactions.TransactionBenchmark;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.runner.options.Options;

/** A preset is a list of names: each must be one of a benchmark. */
class PresetTest {
    @ParameterizedTest
    @EnumSource
    void options_anyPreset_selectBenchmarksThatExist(Preset preset) {
        assertThat(preset.options())
                .isNotEmpty()
                .allSatisfy(options -> assertThat(Preset.selected(options))
                        .as(options.getIncludes().toString())
                        .isNotEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void options_anyPreset_countBytes(Preset preset) {
        assertThat(preset.options())
                .allSatisfy(
                        options -> assertThat(options.getProfilers().stream().map(profiler -> profiler.getKlass()))
                                .contains("org.openjdk.jmh.profile.GCProfiler", Counts.class.getName()));
    }

    @ParameterizedTest
    @EnumSource(names = "QUICK", mode = EnumSource.Mode.EXCLUDE)
    void options_presetToJudgeBy_measuresEveryGoal(Preset preset) {
        Set<Combination> measured = measured(preset);

        assertThat(preset.goals())
                .isNotEmpty()
                .allSatisfy(goal -> assertThat(measured)
                        .as(goal.text())
                        .containsAll(goal.methods().stream()
                                .map(method -> new Combination(goal.type().getName(), method, goal.params()))
                                .toList()));
    }

    @ParameterizedTest
    @EnumSource(names = "QUICK", mode = EnumSource.Mode.EXCLUDE)
    void options_presetToJudgeBy_measuresEveryPeerOfItsRows(Preset preset) throws ClassNotFoundException {
        Set<Combination> measured = measured(preset);

        for (Combination one : measured) {
            Class<?> type = Class.forName(one.type());
            String row = contestant(method(type, one.method())).row();
            assertThat(measured)
                    .containsAll(Arrays.stream(type.getMethods())
                            .filter(method -> method.isAnnotationPresent(Contestant.class))
                            .filter(method -> contestant(method).role() == Role.PEER
                                    && contestant(method).row().equals(row))
                            .map(method -> new Combination(one.type(), method.getName(), one.params()))
                            .toList());
        }
    }

    @Test
    void expected_presetsToJudgeBy_leaveTimeForTwoJvmsInAnHour() {
        assertThat(Preset.GOALS.expected()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(12));
        assertThat(Preset.FOUNDATION.expected()).isBetween(Duration.ofMinutes(15), Duration.ofMinutes(30));
        assertThat(Preset.PAGINATION.expected()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(12));
        assertThat(Preset.TRANSACTIONS.expected()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(12));
        assertThat(Preset.IDEMPOTENCY.expected()).isBetween(Duration.ofMinutes(3), Duration.ofMinutes(12));
        assertThat(Preset.RESILIENCE.expected()).isBetween(Duration.ofMinutes(3), Duration.ofMinutes(8));
        assertThat(Preset.CACHING.expected()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(12));
        assertThat(Preset.BATCHING.expected()).isBetween(Duration.ofMinutes(5), Duration.ofMinutes(12));
        assertThat(Preset.PAGES.expected()).isBetween(Duration.ofMinutes(1), Duration.ofMinutes(4));
    }

    @Test
    void goalsOf_presets_areThoseOfEachOnce() {
        assertThat(Preset.goalsOf(List.of("pagination", "pagination"))).isEqualTo(Goals.PAGINATION);
        assertThat(Preset.goalsOf(List.of("pages", "goals", "full", "transactions", "idempotency")))
                .containsExactlyInAnyOrderElementsOf(Goals.ALL)
                .doesNotHaveDuplicates();
    }

    @Test
    void goalsOf_unknownPreset_areAll() {
        assertThat(Preset.goalsOf(List.of("pages", "gone"))).isEqualTo(Goals.ALL);
    }

    @Test
    void options_everyPresetButThoseThatStartOne_needNoDatabase() {
        assertThat(presetsWith(PageBenchmark.class)).containsExactly(Preset.PAGES);
        assertThat(presetsWith(TransactionBenchmark.class)).containsExactly(Preset.TRANSACTIONS);
        assertThat(List.of(ExecuteBenchmark.class, StoreBenchmark.class, ReapBenchmark.class, LiveClaimBenchmark.class))
                .allSatisfy(type -> assertThat(presetsWith(type)).containsExactly(Preset.IDEMPOTENCY));
    }

    private static Stream<Preset> presetsWith(Class<?> benchmark) {
        return Stream.of(Preset.values())
                .filter(preset ->
                        measured(preset).stream().anyMatch(one -> one.type().equals(benchmark.getName())));
    }

    /** One method with one value of each of its parameters. */
    private record Combination(String type, String method, Map<String, String> params) {}

    private static Set<Combination> measured(Preset preset) {
        return preset.options().stream().flatMap(PresetTest::combinations).collect(Collectors.toSet());
    }

    private static Stream<Combination> combinations(Options options) {
        return Preset.selected(options).stream().flatMap(entry -> {
            List<Map<String, String>> all = List.of(Map.of());
            for (Map.Entry<String, String[]> param :
                    entry.getParams().orElse(Map.of()).entrySet()) {
                Collection<String> values = options.getParameter(param.getKey()).orElse(List.of(param.getValue()));
                all = all.stream()
                        .flatMap(some -> values.stream().map(value -> with(some, param.getKey(), value)))
                        .toList();
            }
            String method = entry.getUsername().substring(entry.getUsername().lastIndexOf('.') + 1);
            return all.stream().map(params -> new Combination(entry.getUserClassQName(), method, params));
        });
    }

    private static Map<String, String> with(Map<String, String> params, String name, String value) {
        Map<String, String> more = new HashMap<>(params);
        more.put(name, value);
        return more;
    }

    private static Contestant contestant(Method method) {
        return Objects.requireNonNull(method.getAnnotation(Contestant.class));
    }

    private static Method method(Class<?> type, String name) {
        return Arrays.stream(type.getMethods())
                .filter(method -> method.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
