package dev.underpin.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A report of one or more runs, for a person to read. */
final class MarkdownReport {
    private final List<Run> runs;
    private final StringBuilder text = new StringBuilder();

    private MarkdownReport(List<Run> runs) {
        this.runs = runs;
    }

    /**
     * {@return the report}
     *
     * @param runs at least one run, in the order of the columns
     * @param goals what is to be reached
     * @param chart the file name of the chart beside the report
     */
    static String of(List<Run> runs, List<Goal> goals, String chart) {
        var report = new MarkdownReport(runs);
        report.line("# Benchmarks");
        report.environments();
        report.warnOfGlimpses();
        report.howToRead();
        report.goals(goals);
        report.line("## Ours beside the best peer and the limit");
        report.line("![Ratios on a logarithmic scale](" + chart + ")");
        for (Run run : runs) {
            report.summary(run);
        }
        for (Run run : runs) {
            report.details(run);
        }
        return report.text.toString();
    }

    private void environments() {
        Set<String> names = new LinkedHashSet<>();
        runs.forEach(run -> names.addAll(run.environment().facts().keySet()));
        line("## Where this ran");
        head("", runs.stream().map(Run::label).toList());
        for (String name : names) {
            row(
                    name,
                    runs.stream()
                            .map(run -> run.environment().facts().getOrDefault(name, "–"))
                            .toList());
        }
        text.append('\n');
    }

    /** A preset that only asks whether everything runs still makes a report, and a report looks like the truth. */
    private void warnOfGlimpses() {
        if (runs.stream()
                .anyMatch(run -> Preset.isGlimpse(run.environment().facts().get(Environment.PRESET)))) {
            line(
                    "**The preset of at least one run only shows that everything runs: none of its times means anything.**");
        }
    }

    private void howToRead() {
        line("Times are means with half of their 99.9 % confidence interval; B/op is what one operation allocates, from"
                + " JMH's gc profiler. A ratio below 1 means that ours takes less time; the brackets hold what both errors allow. *Best peer* is the fastest"
                + " library made for the same purpose (\"best of 1 of 5\": the others were not measured), *limit* is code written by hand for the one case. A verdict is"
                + " *within the error* if the true ratio may lie on the other side of the bound. *Fastest iterations* are"
                + " what a busy machine disturbs least: where they and the means disagree, run again on a quiet one.");
    }

    private void goals(List<Goal> goals) {
        line("## Goals");
        List<String> columns = new ArrayList<>();
        columns.add("wanted");
        for (Run run : runs) {
            columns.add(run.label());
            columns.add("reached");
            columns.add("fastest iterations");
        }
        head("goal", columns);
        List<List<Table>> tables = runs.stream().map(Run::tables).toList();
        for (Goal goal : goals) {
            List<String> cells = new ArrayList<>();
            cells.add(goal.wanted());
            for (List<Table> run : tables) {
                Optional<Interval> figure = goal.in(run);
                String leftOut = goal.peersLeftOut(run);
                cells.add(figure.map(goal::show)
                        .map(shown -> leftOut.isEmpty() ? shown : shown + ", " + leftOut)
                        .orElse("–"));
                cells.add(figure.map(goal::verdict).orElse("not measured"));
                cells.add(goal.inFastest(run).map(goal::show).orElse("–"));
            }
            row(goal.text(), cells);
        }
        text.append('\n');
    }

    private void summary(Run run) {
        line("### " + run.label());
        head(
                "case",
                List.of(
                        "ours",
                        "best peer",
                        "its time",
                        "ours ÷ peer",
                        "limit",
                        "ours ÷ limit",
                        "B/op: ours, peer, limit"));
        for (Table table : run.tables()) {
            for (Row row : table.rows()) {
                row.ours().filter(ours -> hasRival(row)).ifPresent(ours -> summary(table, row, ours));
            }
        }
        text.append('\n');
    }

    static boolean hasRival(Row row) {
        return row.bestPeer().isPresent() || row.limit().isPresent();
    }

    private void summary(Table table, Row row, Entry ours) {
        Optional<Entry> peer = row.bestPeer();
        Optional<Entry> limit = row.limit();
        row(
                caseName(table, row),
                List.of(
                        time(ours),
                        peerName(row),
                        peer.map(MarkdownReport::time).orElse("–"),
                        ratio(row.oursOver(peer)),
                        limit.map(Entry::name).orElse("–"),
                        ratio(row.oursOver(limit)),
                        Interval.bytes(ours.bytes()) + ", " + bytes(peer) + ", " + bytes(limit)));
    }

    private static String peerName(Row row) {
        String leftOut = row.peersLeftOut();
        return row.bestPeer()
                .map(peer -> leftOut.isEmpty() ? peer.name() : peer.name() + " (" + leftOut + ")")
                .orElse(leftOut.isEmpty() ? "–" : leftOut);
    }

    static String caseName(Table table, Row row) {
        String name = table.name().replaceFirst("Benchmark$", "");
        return row.title().isEmpty() ? name : name + ": " + row.title();
    }

    private void details(Run run) {
        line("## Every figure, " + run.label());
        for (Table table : run.tables()) {
            line("### " + table.name());
            if (!table.question().isEmpty()) {
                line(table.question());
            }
            for (Row row : table.rows()) {
                if (!row.title().isEmpty()) {
                    line("**" + row.title() + "**");
                }
                entries(row);
            }
        }
    }

    private void entries(Row row) {
        List<String> columns = new ArrayList<>(List.of("time", "fastest iteration", "B/op", "ours ÷ this"));
        columns.addAll(row.counts());
        head("", columns);
        for (Entry entry : row.entries()) {
            List<String> cells = new ArrayList<>(List.of(
                    time(entry),
                    Interval.time(entry.measurement().fastest(), Double.NaN),
                    Interval.bytes(entry.bytes()),
                    ratioOf(row, entry)));
            row.counts().forEach(count -> cells.add(Interval.bytes(entry.count(count))));
            row(entry.name(), cells);
        }
        text.append('\n');
    }

    private static String ratioOf(Row row, Entry entry) {
        return switch (entry.role()) {
            case OURS, BASELINE -> "";
            case PEER, LIMIT, REFERENCE -> ratio(row.oursOver(Optional.of(entry)));
        };
    }

    private static String time(Entry entry) {
        return Interval.time(entry.measurement().nanos(), entry.measurement().nanosError());
    }

    private static String bytes(Optional<Entry> entry) {
        return entry.map(Entry::bytes).map(Interval::bytes).orElse("–");
    }

    private static String ratio(Optional<Interval> ratio) {
        return ratio.map((Interval interval) -> Interval.ratio(interval)).orElse("–");
    }

    private void head(String first, List<String> columns) {
        row(first, columns);
        text.append("|---|");
        columns.forEach(column -> text.append("---|"));
        text.append('\n');
    }

    private void row(String first, List<String> cells) {
        text.append("| ").append(escaped(first)).append(" |");
        cells.forEach(cell -> text.append(' ').append(escaped(cell)).append(" |"));
        text.append('\n');
    }

    private static String escaped(String cell) {
        return cell.replace("|", "\\|");
    }

    private void line(String line) {
        text.append(line).append("\n\n");
    }
}
