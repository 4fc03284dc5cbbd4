package dev.underpin.benchmarks.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;

/** The commands that make reports: {@code report} measures first, {@code merge} puts runs beside each other. */
public final class ReportCommand {
    /** How to call both. */
    public static final String USAGE = "report --preset " + presets() + " --out <directory>\n"
            + "merge --out <directory> <directory of a run> <directory of a run>...";

    private static final String CHART = "ratios.svg";

    private ReportCommand() {}

    /**
     * Runs a preset and writes its results and report.
     *
     * @param args {@code --preset} and {@code --out}, each with its value
     * @throws IllegalArgumentException if the arguments are not that
     * @throws IOException if the results cannot be written
     * @throws RunnerException if a benchmark fails
     */
    public static void report(List<String> args) throws IOException, RunnerException {
        Path out = Path.of(option(args, "--out"));
        Preset preset = preset(option(args, "--preset"));
        if (args.size() != 4) {
            throw new IllegalArgumentException("unknown arguments");
        }
        Files.createDirectories(out);
        Environment environment = Environment.here(preset.name().toLowerCase(Locale.ROOT), Preset.JVM_FLAGS);
        long start = System.nanoTime();
        List<RunResult> results = new ArrayList<>();
        for (Options options : preset.options()) {
            results.addAll(new Runner(options).run());
        }
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        try (var json = new PrintStream(
                Files.newOutputStream(out.resolve(Run.RESULTS)), /* autoFlush= */ false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, json).writeOut(results);
        }
        environment
                .with("duration", String.format(Locale.ROOT, "%d min %d s", seconds / 60, seconds % 60))
                .write(out.resolve(Run.ENVIRONMENT));
        write(out, List.of(Run.read(out)));
    }

    /**
     * Writes one report of several runs.
     *
     * @param args {@code --out} with its value, then the directories of the runs
     * @throws IllegalArgumentException if the arguments are not that
     * @throws IOException if a run cannot be read or the report cannot be written
     */
    public static void merge(List<String> args) throws IOException {
        if (args.size() < 3 || !args.get(0).equals("--out")) {
            throw new IllegalArgumentException("merge needs --out and at least one run");
        }
        Path out = Path.of(args.get(1));
        List<Run> runs = new ArrayList<>();
        for (String directory : args.subList(2, args.size())) {
            runs.add(Run.read(Path.of(directory)));
        }
        Files.createDirectories(out);
        write(out, runs);
    }

    private static void write(Path out, List<Run> runs) throws IOException {
        Files.writeString(out.resolve("report.md"), MarkdownReport.of(runs, Goals.ALL, CHART));
        Files.writeString(out.resolve(CHART), RatioChart.of(runs));
    }

    private static String option(List<String> args, String name) {
        int at = args.indexOf(name);
        if (at < 0 || at + 1 == args.size()) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return args.get(at + 1);
    }

    private static Preset preset(String name) {
        return Arrays.stream(Preset.values())
                .filter(preset -> preset.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--preset must be " + presets() + ": " + name));
    }

    private static String presets() {
        return Arrays.stream(Preset.values()).map(Preset::label).collect(Collectors.joining("|"));
    }
}
