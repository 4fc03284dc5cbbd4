package dev.underpin.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A chart of ratios: a line for each case, ours ÷ best peer on the left and ours ÷ limit on the right, one dot for each
 * run, with what both errors allow. Both scales are logarithmic, so that twice as fast and half as fast are equally far from 1; what lies outside is
 * an arrow at the edge with its figure.
 */
final class RatioChart {
    private static final List<String> COLOURS = List.of("#1f5fa8", "#c2571a", "#2e7d32", "#7b3fa0");

    /** The scale goes from 1/16 to 16. */
    private static final int DOUBLINGS = 4;

    private static final int LABELS = 380;
    private static final int PANEL = 330;
    private static final int GAP = 70;

    /** The room a figure needs before its dot: without it, it stands behind its line. */
    private static final int LABEL = 40;

    private static final int DOT = 12;
    private static final int TOP = 92;

    private final StringBuilder svg = new StringBuilder();
    private final int height;

    private RatioChart(int runs) {
        height = 12 + runs * DOT;
    }

    /** One dot: which run, which side, how large. */
    private record Dot(int run, boolean peer, Interval interval) {
        double ratio() {
            return interval.value();
        }
    }

    /**
     * {@return the chart as a document}
     *
     * @param runs at least one run
     */
    static String of(List<Run> runs) {
        Map<String, List<Dot>> cases = new LinkedHashMap<>();
        for (int i = 0; i < runs.size(); i++) {
            for (Table table : runs.get(i).tables()) {
                for (Row row : table.rows()) {
                    add(cases, i, table, row);
                }
            }
        }
        var chart = new RatioChart(runs.size());
        chart.draw(cases, runs);
        return chart.svg.toString();
    }

    private static void add(Map<String, List<Dot>> cases, int run, Table table, Row row) {
        if (row.ours().isEmpty() || !MarkdownReport.hasRival(row)) {
            return;
        }
        List<Dot> dots = cases.computeIfAbsent(MarkdownReport.caseName(table, row), name -> new ArrayList<>());
        dot(run, /* peer= */ true, row.oursOver(row.bestPeer())).ifPresent(dots::add);
        dot(run, /* peer= */ false, row.oursOver(row.limit())).ifPresent(dots::add);
    }

    private static Optional<Dot> dot(int run, boolean peer, Optional<Interval> ratio) {
        return ratio.filter(interval -> Double.isFinite(interval.value()) && interval.value() > 0)
                .map(interval -> new Dot(run, peer, interval));
    }

    private void draw(Map<String, List<Dot>> cases, List<Run> runs) {
        int width = LABELS + 2 * PANEL + GAP + 60;
        int bottom = TOP + cases.size() * height + 40;
        svg.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
                .append(String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                                + " font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">%n",
                        width,
                        bottom,
                        width,
                        bottom))
                .append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        text(16, 28, "start", "#111111", "font-size=\"17\" font-weight=\"bold\"", "Time of ours ÷ time of another");
        text(16, 48, "start", "#444444", "", "left of 1: ours takes less time");
        legend(runs, width);
        panel(LABELS, "÷ best peer", cases.size());
        panel(LABELS + PANEL + GAP, "÷ limit, written by hand", cases.size());
        int y = TOP + height / 2;
        for (Map.Entry<String, List<Dot>> entry : cases.entrySet()) {
            text(LABELS - 14, y + 4, "end", "#222222", "", entry.getKey());
            for (Dot dot : entry.getValue()) {
                dot(dot, y + offset(dot.run(), runs.size()));
            }
            y += height;
        }
        svg.append("</svg>\n");
    }

    /** Dots of different runs lie beside each other and not on each other. */
    private static int offset(int run, int runs) {
        return run * DOT - (runs - 1) * DOT / 2;
    }

    private void legend(List<Run> runs, int width) {
        int x = width - 190 * runs.size();
        for (int i = 0; i < runs.size(); i++) {
            circle(x, 24, colour(i));
            text(x + 10, 28, "start", "#222222", "", runs.get(i).label());
            x += 190;
        }
    }

    private void panel(int left, String title, int lines) {
        int bottom = TOP + lines * height;
        text(left + PANEL / 2, 64, "middle", "#111111", "font-weight=\"bold\"", title);
        for (int doubling = -DOUBLINGS; doubling <= DOUBLINGS; doubling++) {
            double x = x(left, Math.pow(2, doubling));
            boolean one = doubling == 0;
            line(x, TOP, x, bottom, one ? "#555555" : "#dddddd", one ? 1.5 : 1);
            text(x, TOP - 8, "middle", "#444444", "", doubling < 0 ? "1/" + (1 << -doubling) : "" + (1 << doubling));
        }
    }

    private void dot(Dot dot, int y) {
        int left = dot.peer() ? LABELS : LABELS + PANEL + GAP;
        double x = x(left, dot.ratio());
        line(x(left, 1), y, x, y, colour(dot.run()), 2);
        double low = x;
        double high = x;
        double far = Math.abs(Math.log(dot.ratio()) / Math.log(2));
        if (far > DOUBLINGS) {
            arrow(x, y, dot.ratio() < 1 ? -1 : 1, colour(dot.run()));
        } else {
            circle(x, y, colour(dot.run()));
            if (!Double.isNaN(dot.interval().low())
                    && !Double.isNaN(dot.interval().high())) {
                low = x(left, dot.interval().low());
                high = x(left, dot.interval().high());
                line(low, y, high, y, colour(dot.run()), 1);
                line(low, y - 3, low, y + 3, colour(dot.run()), 1);
                line(high, y - 3, high, y + 3, colour(dot.run()), 1);
            }
        }
        boolean before = dot.ratio() < 1 && low > left + LABEL;
        text(
                before ? low - 9 : Math.max(high, x(left, 1)) + 9,
                y + 4,
                before ? "end" : "start",
                colour(dot.run()),
                "font-size=\"10\"",
                Interval.ratio(dot.ratio()));
    }

    private static double x(int left, double ratio) {
        double doublings = Math.log(ratio) / Math.log(2);
        double inside = Math.max(-DOUBLINGS, Math.min(DOUBLINGS, doublings));
        return left + PANEL * (inside + DOUBLINGS) / (2.0 * DOUBLINGS);
    }

    private static String colour(int run) {
        return COLOURS.get(run % COLOURS.size());
    }

    private void circle(double x, double y, String colour) {
        svg.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>%n", x, y, colour));
    }

    private void arrow(double x, double y, int direction, String colour) {
        svg.append(String.format(
                Locale.ROOT,
                "<path d=\"M%.1f %.1f l%d -5 v10 z\" fill=\"%s\"/>%n",
                x + 5 * direction,
                y,
                -9 * direction,
                colour));
    }

    private void line(double x1, double y1, double x2, double y2, String colour, double width) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%.1f\"/>%n",
                x1,
                y1,
                x2,
                y2,
                colour,
                width));
    }

    private void text(double x, double y, String anchor, String colour, String more, String text) {
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\" %s>%s</text>%n",
                x,
                y,
                anchor,
                colour,
                more,
                escaped(text)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
