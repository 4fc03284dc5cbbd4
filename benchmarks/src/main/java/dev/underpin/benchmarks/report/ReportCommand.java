package dev.underpin.benchmarks.report;

import dev.underpin.benchmarks.idempotency.KeyDatabase;
import dev.underpin.benchmarks.idempotency.KeyDatabase.Commit;
import dev.underpin.benchmarks.pagination.PageDatabase;
import dev.underpin.benchmarks.transactions.TransactionDatabase;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
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
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** The commands that make reports: {@code report} measures first, {@code merge} puts runs beside each other. */
public final class ReportCommand {
    private static final String REPORT = "report.md";

    private static final String CHART = "ratios.svg";

    private ReportCommand() {}

    /** {@return how to call both, and how long each preset takes} */
    public static String usage() {
        return "report --preset " + presets() + " --out <directory>\n"
                + "merge --out <directory> <directory of a run> <directory of a run>...\n\n"
                + Arrays.stream(Preset.values())
                        .map(preset -> preset.label() + ": " + expected(preset))
                        .collect(Collectors.joining("\n"));
    }

    /**
     * Runs a preset and writes its results and report.
     *
     * @param args {@code --preset} and {@code --out}, each with its value
     * @throws UsageException if the arguments are not that
     * @throws IOException if the results cannot be written, or a database does not start
     * @throws RunnerException if a benchmark fails
     */
    public static void report(List<String> args) throws IOException, RunnerException {
        for (int i = 0; i < args.size(); i += 2) {
            if (!List.of("--preset", "--out").contains(args.get(i))) {
                throw new UsageException("unknown argument: " + args.get(i));
            }
        }
        Path out = Path.of(option(args, "--out"));
        Preset preset = preset(option(args, "--preset"));
        create(out);
        // A run that ends early must not leave a report of the one before it beside its own results.
        for (String file : List.of(Run.RESULTS, Run.ENVIRONMENT, REPORT, CHART)) {
            Files.deleteIfExists(out.resolve(file));
        }
        System.out.println(preset.label() + ": " + expected(preset));
        Environment environment = Environment.here(preset.label());
        environment.write(out.resolve(Run.ENVIRONMENT));
        long start = System.nanoTime();
        run(preset, out);
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        environment
                .with("duration", String.format(Locale.ROOT, "%d min %d s", seconds / 60, seconds % 60))
                .with(Environment.LOAD_AFTER, Environment.load())
                .write(out.resolve(Run.ENVIRONMENT));
        report(out, List.of(Run.read(out)));
    }

    private static void run(Preset preset, Path out) throws IOException, RunnerException {
        switch (preset) {
            case PAGES -> {
                try (PageDatabase database = PageDatabase.start(PageDatabase.ROWS)) {
                    run(preset, List.of("-D" + PageDatabase.URL + '=' + database.url()), out);
                } catch (SQLException e) {
                    throw new IOException(e);
                }
            }
            case TRANSACTIONS -> {
                try (TransactionDatabase database = TransactionDatabase.start()) {
                    run(preset, List.of("-D" + TransactionDatabase.PORT + '=' + database.port()), out);
                }
            }
            case IDEMPOTENCY -> {
                try (KeyDatabase flushed = KeyDatabase.start(Commit.FLUSHED);
                        KeyDatabase unflushed = KeyDatabase.start(Commit.UNFLUSHED)) {
                    run(
                            preset,
                            List.of(
                                    "-D" + Commit.FLUSHED.port() + '=' + flushed.port(),
                                    "-D" + Commit.UNFLUSHED.port() + '=' + unflushed.port()),
                            out);
                }
            }
            default -> run(preset, List.of(), out);
        }
    }

    private static void run(Preset preset, List<String> flags, Path out) throws IOException, RunnerException {
        List<RunResult> results = new ArrayList<>();
        for (Options options : preset.options()) {
            Options withFlags = new OptionsBuilder()
                    .parent(options)
                    .jvmArgsAppend(flags.toArray(String[]::new))
                    .build();
            results.addAll(new Runner(withFlags).run());
            write(out, results);
        }
    }

    /**
     * Writes one report of several runs.
     *
     * @param args {@code --out} with its value, then the directories of the runs
     * @throws UsageException if the arguments are not that
     * @throws IOException if a run cannot be read or the report cannot be written
     */
    public static void merge(List<String> args) throws IOException {
        if (args.size() < 3 || !args.get(0).equals("--out")) {
            throw new UsageException("merge needs --out and at least one run");
        }
        Path out = Path.of(args.get(1));
        List<Path> directories =
                args.subList(2, args.size()).stream().map(Path::of).toList();
        List<Run> runs = Run.read(directories);
        boolean alone = directories.size() == 1 && Files.exists(out) && Files.isSameFile(out, directories.get(0));
        if (Files.exists(out.resolve(Run.RESULTS)) && !alone) {
            throw new UsageException("--out is a run itself, whose report would be lost: " + out);
        }
        create(out);
        report(out, runs);
    }

    private static void create(Path out) throws IOException {
        try {
            Files.createDirectories(out);
        } catch (FileSystemException e) {
            throw new UsageException("--out cannot be made a directory: " + out + " (" + e + ")");
        }
    }

    private static void write(Path out, List<RunResult> results) throws IOException {
        try (var json = new PrintStream(
                Files.newOutputStream(out.resolve(Run.RESULTS)), /* autoFlush= */ false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, json).writeOut(results);
        }
    }

    private static void report(Path out, List<Run> runs) throws IOException {
        Files.writeString(out.resolve(REPORT), MarkdownReport.of(runs, goals(runs), CHART));
        Files.writeString(out.resolve(CHART), RatioChart.of(runs));
    }

    private static List<Goal> goals(List<Run> runs) {
        return Preset.goalsOf(runs.stream()
                .map(run -> run.environment().facts().getOrDefault(Environment.PRESET, ""))
                .toList());
    }

    private static String option(List<String> args, String name) {
        int at = args.indexOf(name);
        if (at < 0 || at + 1 == args.size()) {
            throw new UsageException(name + " is missing");
        }
        return args.get(at + 1);
    }

    private static Preset preset(String name) {
        return Arrays.stream(Preset.values())
                .filter(preset -> preset.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new UsageException("--preset must be " + presets() + ": " + name));
    }

    private static String expected(Preset preset) {
        return "about " + (preset.expected().toSeconds() + 59) / 60 + " min";
    }

    private static String presets() {
        return Arrays.stream(Preset.values()).map(Preset::label).collect(Collectors.joining("|"));
    }
}
