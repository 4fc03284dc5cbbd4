package dev.underpin.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.StringReader;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Figures of a run whose right report is known: everything in it was divided by hand. */
class ReportTest {
    private static final Map<String, String> NO_FAILURES = Map.of("share", "0");
    private static final Map<String, String> MANY_FAILURES = Map.of("share", "90");

    private static Run run(String name) {
        try {
            return Run.read(directory(name));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Path directory(String name) {
        URL url = Objects.requireNonNull(ReportTest.class.getResource(name + "/" + Run.RESULTS));
        try {
            return Objects.requireNonNull(Path.of(url.toURI()).getParent());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static Row row(Map<String, String> params) {
        return run("run17").tables().get(0).rows().stream()
                .filter(row -> row.params().equals(params))
                .findFirst()
                .orElseThrow();
    }

    @Nested
    class Rows {
        @Test
        void tables_fixture_areGroupedByClassThenRowThenParameters() {
            List<Table> tables = run("run17").tables();

            assertThat(tables.stream().map(Table::name)).containsExactly("ToyBenchmark", "NoLongerThereBenchmark");
            assertThat(tables.get(0).rows().stream().map(Row::title)).containsExactly("share 0", "share 90", "second");
        }

        @Test
        void bestPeer_twoPeers_isTheFaster() {
            assertThat(row(NO_FAILURES).bestPeer())
                    .get()
                    .extracting(Entry::name)
                    .isEqualTo("fast | peer");
        }

        @Test
        void oursOver_bestPeer_isDividedWithTheErrorsOfBoth() {
            Interval ratio =
                    row(NO_FAILURES).oursOver(row(NO_FAILURES).bestPeer()).orElseThrow();

            assertThat(ratio.value()).isEqualTo(0.5, offset(1e-9));
            assertThat(ratio.low()).isEqualTo(9.0 / 22, offset(1e-9));
            assertThat(ratio.high()).isEqualTo(11.0 / 18, offset(1e-9));
        }

        @Test
        void oursOver_missingLimit_isEmpty() {
            assertThat(row(MANY_FAILURES).oursOver(row(MANY_FAILURES).limit())).isEmpty();
        }

        @Test
        void entry_classThatIsGone_isAReference() {
            Table gone = run("run17").tables().get(1);

            assertThat(gone.question()).isEmpty();
            assertThat(gone.rows().get(0).ours()).isEmpty();
            assertThat(gone.rows().get(0).entries().get(0).name()).isEqualTo("gone");
        }

        @Test
        void measurement_otherUnit_isRejected() throws IOException {
            var json = JsonMapper.builder()
                    .build()
                    .readTree("{\"benchmark\":\"a.B.c\",\"primaryMetric\":{\"scoreUnit\":\"ops/s\"}}");

            assertThatThrownBy(() -> Measurement.of(json)).hasMessage("a.B.c must be measured in ns/op: ops/s");
        }
    }

    @Nested
    class Verdicts {
        private final List<Table> tables = run("run17").tables();

        @Test
        void againstBestPeer_halfTheTime_isReached() {
            Goal goal = Goal.againstBestPeer("", 1, ToyBenchmark.class, "ours", NO_FAILURES);

            assertThat(goal.in(tables).map(goal::show)).contains("0.50 (0.41–0.61)");
            assertThat(goal.in(tables).map(goal::verdict)).contains("yes");
        }

        @Test
        void againstBestPeer_errorReachesOverTheBound_saysSo() {
            Goal missed = Goal.againstBestPeer("", 1, ToyBenchmark.class, "ours", MANY_FAILURES);
            Goal reached = Goal.againstBestPeer("", 1.25, ToyBenchmark.class, "ours", MANY_FAILURES);

            assertThat(missed.in(tables).map(missed::verdict)).contains("no, within the error");
            assertThat(reached.in(tables).map(reached::verdict)).contains("yes, within the error");
        }

        @Test
        void against_slowerThanWanted_isMissed() {
            Goal goal = Goal.against("", 0.8, ToyBenchmark.class, "ours", "byHand", NO_FAILURES);

            assertThat(goal.in(tables).map(goal::show)).contains("1.25 (1.06–1.47)");
            assertThat(goal.in(tables).map(goal::verdict)).contains("no");
        }

        @Test
        void bytes_traceOfTheHarness_isForgiven() {
            Goal goal = Goal.bytes("", 16, ToyBenchmark.class, "ours", NO_FAILURES);

            assertThat(goal.in(tables).map(goal::show)).contains("16 B");
            assertThat(goal.in(tables).map(goal::verdict)).contains("yes");
        }

        @Test
        void bytes_eightTooMany_isMissed() {
            Goal goal = Goal.bytes("", 8, ToyBenchmark.class, "ours", NO_FAILURES);

            assertThat(goal.in(tables).map(goal::verdict)).contains("no");
        }

        @Test
        void bytesAbove_other_isTheDifference() {
            Goal goal = Goal.bytesAbove("", 16, ToyBenchmark.class, "fastPeer", "byHand", NO_FAILURES);

            assertThat(goal.in(tables).map(goal::show)).contains("8 B");
        }

        @Test
        void bytesAgainst_other_isTheShare() {
            Goal reached = Goal.bytesAgainst("", 0.7, ToyBenchmark.class, "ours", "fastPeer", NO_FAILURES);
            Goal missed = Goal.bytesAgainst("", 0.6, ToyBenchmark.class, "ours", "fastPeer", NO_FAILURES);

            assertThat(reached.in(tables).map(reached::verdict)).contains("yes");
            assertThat(missed.in(tables).map(missed::verdict)).contains("no");
            assertThat(reached.inFastest(tables)).isEmpty();
        }

        @Test
        void count_ofOursAndAgainstOther_areExact() {
            Goal count = Goal.count("", 66, ToyBenchmark.class, "ours", "chars", NO_FAILURES);
            Goal share = Goal.countAgainst("", 0.5, ToyBenchmark.class, "ours", "byHand", "chars", NO_FAILURES);

            assertThat(count.wanted()).isEqualTo("≤ 66");
            assertThat(count.in(tables).map(count::show)).contains("66");
            assertThat(count.in(tables).map(count::verdict)).contains("yes");
            assertThat(share.in(tables).map(share::show)).contains("0.55 (0.55–0.55)");
            assertThat(share.in(tables).map(share::verdict)).contains("no");
            assertThat(count.inFastest(tables)).isEmpty();
        }

        @Test
        void count_notCounted_isEmpty() {
            assertThat(Goal.count("", 66, ToyBenchmark.class, "fastPeer", "chars", NO_FAILURES)
                            .in(tables))
                    .isEmpty();
        }

        @Test
        void nanos_unknownError_isSaid() {
            Goal goal = Goal.nanos("", 5, ToyBenchmark.class, "second", Map.of());

            assertThat(goal.in(tables).map(goal::verdict)).contains("yes, error unknown");
        }

        @Test
        void inFastest_time_isThatOfTheFastestIterations() {
            Goal time = Goal.againstBestPeer("", 1, ToyBenchmark.class, "ours", NO_FAILURES);
            Goal bytes = Goal.bytes("", 1, ToyBenchmark.class, "ours", NO_FAILURES);

            assertThat(time.inFastest(tables).map(time::show)).contains("0.45");
            assertThat(bytes.inFastest(tables)).isEmpty();
        }

        @Test
        void in_peerOrRowThatWasNotMeasured_isEmpty() {
            assertThat(Goal.against("", 1, ToyBenchmark.class, "ours", "byHand", MANY_FAILURES)
                            .in(tables))
                    .isEmpty();
            assertThat(Goal.against("", 1, ToyBenchmark.class, "ours", "byHand", Map.of("share", "1"))
                            .in(tables))
                    .isEmpty();
            assertThat(Goal.bytes("", 1, ReportTest.class, "ours", Map.of()).in(tables))
                    .isEmpty();
        }

        @Test
        void all_goals_nameBenchmarksThatExist() {
            assertThat(Goals.ALL)
                    .isNotEmpty()
                    .allSatisfy(goal -> assertThat(Arrays.stream(goal.type().getMethods())
                                    .filter(method -> method.isAnnotationPresent(Benchmark.class))
                                    .map(java.lang.reflect.Method::getName))
                            .as(goal.text())
                            .containsAll(goal.methods()));
        }
    }

    @Nested
    class Markdown {
        private final List<Goal> goals = List.of(
                Goal.againstBestPeer("toy at 0", 1, ToyBenchmark.class, "ours", NO_FAILURES),
                Goal.against("toy at 90", 1, ToyBenchmark.class, "ours", "byHand", MANY_FAILURES),
                Goal.againstBestPeer("best at 90", 2, ToyBenchmark.class, "ours", MANY_FAILURES));

        @Test
        void of_oneRun_statesRatiosBytesAndVerdicts() {
            assertThat(MarkdownReport.of(List.of(run("run17")), goals, "chart.svg")
                            .lines())
                    .contains(
                            "| toy at 0 | ≤ 1 | 0.50 (0.41–0.61) | yes | 0.45 |",
                            "| toy at 90 | ≤ 1 | – | not measured | – |",
                            "| best at 90 | ≤ 2 | 1.20 (0.85–1.58), best of 1 of 2 | yes | 0.88 |",
                            "| Toy: share 0 | 10.0 ± 1.0 ns | fast \\| peer | 20.0 ± 2.0 ns | 0.50 (0.41–0.61) | by hand"
                                    + " | 1.25 (1.06–1.47) |"
                                    + " 16, 24, 16 |",
                            "| Toy: share 90 | 30.0 ± 8.0 ns | fast \\| peer (best of 1 of 2) | 25.0 ± 1.0 ns"
                                    + " | 1.20 (0.85–1.58) | – | – |"
                                    + " 48, 24, – |",
                            "| slow <peer> | 40.0 ± 1.0 ns | 39.0 ns | 32 | 0.25 (0.22–0.28) | – |",
                            "| other means | 40.0 ± 0.4 µs | 39.6 µs | 720 | 0.00025 (0.00022–0.00028) | – |",
                            "| nothing | 1.00 ± 0.10 ns | 0.90 ns | 0 |  | – |",
                            "| our second toy | 5.00 ns | – | 0 |  |",
                            "| gone | 5.00 ± 0.10 ns | 4.90 ns | 8 | – |",
                            "What does a toy cost?",
                            "![Ratios on a logarithmic scale](chart.svg)");
        }

        @Test
        void of_oneRun_namesJvmMachineAndPeers() {
            assertThat(MarkdownReport.of(List.of(run("run17")), goals, "chart.svg")
                            .lines())
                    .contains(
                            "| repetitions | forks 2, warmup 3 × 400 ms, measurement 2 × 200 ms |",
                            "| jvm | OpenJDK 64-Bit Server VM 17.0.15+6-Debian-1deb12u1 |",
                            "| jvm flags | -Xms1g -Xmx1g |",
                            "| os | Linux 6.1 amd64 |",
                            "| cpu | A CPU @ 2.50GHz |",
                            "| cores | 2 |",
                            "| date | 2026-11-01T10:00:00Z |",
                            "| version io.vavr:vavr | 1.0.1 |");
        }

        @Test
        void of_rowWithCounts_showsThemBehindTheOtherFigures() {
            assertThat(MarkdownReport.of(List.of(run("run17")), goals, "chart.svg")
                            .lines())
                    .contains(
                            "|  | time | fastest iteration | B/op | ours ÷ this | chars |",
                            "| our toy | 10.0 ± 1.0 ns | 9.00 ns | 16 |  | 66 |",
                            "| nothing | 1.00 ± 0.10 ns | 0.90 ns | 0 |  | – |",
                            "|  | time | fastest iteration | B/op | ours ÷ this |");
        }

        @Test
        void of_glimpse_warnsOfItsTimes() {
            Run glimpse = new Run(
                    run("run17").environment().with("preset", "quick"),
                    run("run17").measurements());

            assertThat(MarkdownReport.of(List.of(run("run25"), glimpse), goals, "chart.svg"))
                    .contains("none of its times means anything");
            assertThat(MarkdownReport.of(List.of(run("run25")), goals, "chart.svg"))
                    .doesNotContain("none of its times means anything");
        }

        @Test
        void of_twoRuns_setsThemSideBySide() {
            assertThat(MarkdownReport.of(List.of(run("run17"), run("run25")), goals, "chart.svg")
                            .lines())
                    .contains(
                            "| goal | wanted | JDK 17 | reached | fastest iterations | JDK 25 | reached | fastest iterations |",
                            "| toy at 0 | ≤ 1 | 0.50 (0.41–0.61) | yes | 0.45 | 1.00 (0.86–1.17) | yes, within the error"
                                    + " | 0.95 |",
                            "## Every figure, JDK 17",
                            "## Every figure, JDK 25");
        }
    }

    @Nested
    class Chart {
        @Test
        void of_twoRuns_isWellFormedAndHasADotForEachRatio() throws Exception {
            Document svg = parse(RatioChart.of(List.of(run("run17"), run("run25"))));

            // Two runs: share 0 beside peer and limit, share 90 beside the peer; and one dot each in the legend.
            assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(2 * 3 + 2);
            assertThat(texts(svg)).contains("JDK 17", "JDK 25", "Toy: share 0", "0.50", "1.25", "1.20", "2.40");
        }

        @Test
        void of_ratioOutsideTheScale_isAnArrowWithItsFigure() throws Exception {
            Run run = run("run17");
            List<Measurement> slow = run.measurements().stream()
                    .map(m -> m.method().equals("ours")
                            ? new Measurement(m.type(), m.method(), m.params(), 2000, 1, 2000, m.bytes(), 0, Map.of())
                            : m)
                    .toList();

            Document svg = parse(RatioChart.of(List.of(new Run(run.environment(), slow))));

            assertThat(svg.getElementsByTagName("path").getLength()).isEqualTo(3);
            assertThat(texts(svg)).contains("100", "250", "80.0");
        }

        @Test
        void of_ratioFarBelowOne_hasItsFigureBehindItsLine() throws Exception {
            Run run = run("run17");
            List<Measurement> fast = run.measurements().stream()
                    .map(m -> m.method().equals("ours")
                            ? new Measurement(m.type(), m.method(), m.params(), 0.1, 0, 0.1, m.bytes(), 0, Map.of())
                            : m)
                    .toList();

            NodeList nodes = parse(RatioChart.of(List.of(new Run(run.environment(), fast))))
                    .getElementsByTagName("text");

            // 0.1 of 20 ns, of 25 ns, and of 8 ns.
            assertThat(java.util.stream.IntStream.range(0, nodes.getLength())
                            .mapToObj(nodes::item)
                            .filter(node ->
                                    List.of("0.00500", "0.00400", "0.013").contains(node.getTextContent()))
                            .map(node -> node.getAttributes()
                                    .getNamedItem("text-anchor")
                                    .getNodeValue()))
                    .hasSize(3)
                    .containsOnly("start");
        }

        private Document parse(String svg) throws Exception {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(svg)));
        }

        private List<String> texts(Document svg) {
            NodeList nodes = svg.getElementsByTagName("text");
            return java.util.stream.IntStream.range(0, nodes.getLength())
                    .mapToObj(i -> nodes.item(i).getTextContent())
                    .toList();
        }
    }

    @Nested
    class Machine {
        @Test
        void here_facts_areAllKnown() {
            Environment environment = Environment.here("quick");

            assertThat(environment.facts())
                    .containsKeys("date", "commit", "version", "os", "cpu", "cores", "load before")
                    .containsEntry("preset", "quick")
                    .doesNotContainEntry("version", "${project.version}")
                    .containsEntry("version io.vavr:vavr", "1.0.1")
                    .containsKey("version org.openjdk.jmh:jmh-core");
        }

        @Test
        void write_thenRead_isTheSame(@TempDir Path directory) throws IOException {
            Environment environment =
                    new Environment(new TreeMap<>(Map.of("jvm flags", "-Dx=a:b c", "cpu", "A = \u00e9 #1")));
            Path file = directory.resolve(Run.ENVIRONMENT);

            environment.write(file);

            assertThat(Environment.read(file)).isEqualTo(environment);
            assertThat(Files.readString(file)).doesNotContain("#Sat").contains("cpu=");
        }
    }

    @Nested
    class Commands {
        @Test
        void merge_twoRuns_writesReportAndChart(@TempDir Path directory) throws IOException {
            Path out = directory.resolve("both");

            ReportCommand.merge(List.of(
                    "--out",
                    out.toString(),
                    directory("run17").toString(),
                    directory("run25").toString()));

            assertThat(out.resolve("report.md")).content().contains("JDK 17", "JDK 25", "(ratios.svg)");
            assertThat(out.resolve("ratios.svg")).content().startsWith("<?xml");
        }

        @Test
        void merge_noRun_isRejected() {
            assertThatThrownBy(() -> ReportCommand.merge(List.of("--out", "x"))).isInstanceOf(UsageException.class);
        }

        @Test
        void merge_sameJvmTwice_namesTheDirectories(@TempDir Path directory) throws IOException {
            Path other = copyOfRun17(directory.resolve("other"));
            Path out = directory.resolve("both");

            ReportCommand.merge(
                    List.of("--out", out.toString(), directory("run17").toString(), other.toString()));

            assertThat(out.resolve("report.md"))
                    .content()
                    .contains("Every figure, JDK 17, run17", "Every figure, JDK 17, other");
        }

        @Test
        void merge_outIsARun_isRejectedUnlessItIsTheOnlyOne(@TempDir Path directory) throws IOException {
            String run = copyOfRun17(directory).toString();

            assertThatThrownBy(() -> ReportCommand.merge(
                            List.of("--out", run, run, directory("run25").toString())))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(run);
            ReportCommand.merge(List.of("--out", run, run));
            assertThat(directory.resolve("report.md")).exists();
        }

        @Test
        void merge_outIsAFile_isRejected(@TempDir Path directory) throws IOException {
            Path file = Files.writeString(directory.resolve("file"), "");

            assertThatThrownBy(() -> ReportCommand.merge(
                            List.of("--out", file.toString(), directory("run17").toString())))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(file.toString());
        }

        @Test
        void merge_missingRun_isNamed(@TempDir Path directory) {
            Path missing = directory.resolve("missing");

            assertThatThrownBy(() -> Run.read(missing))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContainingAll(missing.toString(), Run.RESULTS);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "{}", "[]", "[", "[{}]", "[{\"benchmark\":\"a.B.c\"}]"})
        void merge_resultsThatAreNone_areRejectedByName(String results, @TempDir Path directory) throws IOException {
            copyOfRun17(directory);
            Files.writeString(directory.resolve(Run.RESULTS), results);

            assertThatThrownBy(() -> Run.read(directory))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(directory.resolve(Run.RESULTS).toString());
        }

        @Test
        void merge_twoJvmsInOneRun_isRejected(@TempDir Path directory) throws IOException {
            Path results = copyOfRun17(directory).resolve(Run.RESULTS);
            Files.writeString(results, Files.readString(results).replaceFirst("17\\.0\\.15", "17.0.16"));

            assertThatThrownBy(() -> Run.read(directory)).hasMessageContainingAll("17.0.15", "17.0.16");
        }

        @Test
        void report_unknownArgument_isNamed() {
            assertThatThrownBy(() -> ReportCommand.report(List.of("--preset", "quick", "--outt", "x")))
                    .hasMessage("unknown argument: --outt");
        }

        private Path copyOfRun17(Path directory) throws IOException {
            Files.createDirectories(directory);
            for (String name : List.of(Run.RESULTS, Run.ENVIRONMENT)) {
                Files.copy(directory("run17").resolve(name), directory.resolve(name));
            }
            return directory;
        }

        @Test
        void report_unknownPreset_namesTheKnownOnes() {
            assertThatThrownBy(() -> ReportCommand.report(List.of("--preset", "huge", "--out", "x")))
                    .hasMessage(
                            "--preset must be quick|goals|foundation|pagination|pages|transactions|idempotency|resilience|caching|batching|full: huge");
        }

        @Test
        void report_noOut_isRejected() {
            assertThatThrownBy(() -> ReportCommand.report(List.of("--preset", "quick")))
                    .hasMessage("--out is missing");
        }
    }

    @Test
    void ratio_anySize_keepsTwoDigits() {
        assertThat(Interval.ratio(1234.5)).isEqualTo("1235");
        assertThat(Interval.ratio(12.34)).isEqualTo("12.3");
        assertThat(Interval.ratio(0.512)).isEqualTo("0.51");
        assertThat(Interval.ratio(0.0512)).isEqualTo("0.051");
        assertThat(Interval.ratio(Double.NaN)).isEqualTo("–");
    }

    @Test
    void time_anySize_hasAUnitThatIsRead() {
        assertThat(Interval.time(12.34, 1)).isEqualTo("12.3 ± 1.0 ns");
        assertThat(Interval.time(12_340, Double.NaN)).isEqualTo("12.3 µs");
        assertThat(Interval.time(1_234_000_000, 12_000_000)).isEqualTo("1234 ± 12 ms");
    }

    @Test
    void over_errorAsLargeAsTheDivisor_isUnbounded() {
        assertThat(Interval.of(1, 0.1).over(Interval.of(1, 1)).high()).isInfinite();
    }
}
