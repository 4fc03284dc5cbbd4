package dev.underpin.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.VerboseMode;

/** A preset is a list of names: each must be one of a benchmark. */
class PresetTest {
    @ParameterizedTest
    @EnumSource
    void options_anyPreset_selectBenchmarksThatExist(Preset preset) {
        assertThat(preset.options())
                .isNotEmpty()
                .allSatisfy(options -> assertThat(selected(options))
                        .as(options.getIncludes().toString())
                        .isNotEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void options_anyPreset_countBytes(Preset preset) {
        assertThat(preset.options())
                .allSatisfy(
                        options -> assertThat(options.getProfilers().stream().map(profiler -> profiler.getKlass()))
                                .contains("org.openjdk.jmh.profile.GCProfiler"));
    }

    @ParameterizedTest
    @EnumSource(names = {"GOALS", "FOUNDATION", "FULL"})
    void options_presetToJudgeBy_measuresEveryGoal(Preset preset) {
        Set<String> measured =
                preset.options().stream().flatMap(PresetTest::rows).collect(Collectors.toSet());

        assertThat(Goals.ALL).allSatisfy(goal -> {
            String method = goal.type().getName() + "." + goal.method();
            assertThat(
                            goal.params().isEmpty()
                                    ? Map.of("", "").entrySet()
                                    : goal.params().entrySet())
                    .allSatisfy(param ->
                            assertThat(measured).as(goal.text()).contains(method + param.getKey() + param.getValue()));
        });
    }

    /** {@return every method with every value of every parameter, and with none} */
    private static Stream<String> rows(Options options) {
        return selected(options).stream().flatMap(entry -> {
            Map<String, String[]> params = entry.getParams().orElse(Map.of());
            return Stream.concat(
                    Stream.of(entry.getUsername()),
                    params.entrySet().stream()
                            .flatMap(param ->
                                    options.getParameter(param.getKey()).orElse(List.of(param.getValue())).stream()
                                            .map(value -> entry.getUsername() + param.getKey() + value)));
        });
    }

    private static Set<BenchmarkListEntry> selected(Options options) {
        return BenchmarkList.defaultList()
                .find(
                        OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                        options.getIncludes(),
                        options.getExcludes());
    }
}
