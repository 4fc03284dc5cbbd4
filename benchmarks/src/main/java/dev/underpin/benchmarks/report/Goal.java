package dev.underpin.benchmarks.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the project wants to reach in one row. The bound is a wish; whether it holds is computed from a run.
 *
 * @param text the goal, for a reader
 * @param type the benchmark class
 * @param methods what must be measured for it: the method of ours that has to reach it, then what it is compared with
 * @param params all parameters of the row
 * @param bound the most that may be measured
 * @param unit what is measured
 * @param measure finds the figure in the row
 */
record Goal(
        String text,
        Class<?> type,
        List<String> methods,
        Map<String, String> params,
        double bound,
        Unit unit,
        Function<Row, Optional<Interval>> measure) {
    /** What is measured. */
    enum Unit {
        RATIO,
        BYTES,
        NANOS,
        /** A ratio of what is counted: exact, and the same in each iteration. */
        SHARE,
        COUNT
    }

    /** Bytes are exact but for the harness, whose own few are spread over all operations. */
    private static final double BYTES_OF_THE_HARNESS = 0.5;

    /** Our time, as a share of the fastest peer's. */
    static Goal againstBestPeer(String text, double bound, Class<?> type, String method, Map<String, String> params) {
        return new Goal(
                text, type, List.of(method), params, bound, Unit.RATIO, row -> ratio(row, method, row.bestPeer()));
    }

    /** Our time, as a share of another contestant's. */
    static Goal against(
            String text, double bound, Class<?> type, String method, String other, Map<String, String> params) {
        return new Goal(
                text,
                type,
                List.of(method, other),
                params,
                bound,
                Unit.RATIO,
                row -> ratio(row, method, row.method(other)));
    }

    /** What one operation of ours allocates. */
    static Goal bytes(String text, double bound, Class<?> type, String method, Map<String, String> params) {
        return new Goal(
                text,
                type,
                List.of(method),
                params,
                bound,
                Unit.BYTES,
                row -> row.method(method).map(Goal::bytes));
    }

    /** What one operation of ours allocates above another contestant. */
    static Goal bytesAbove(
            String text, double bound, Class<?> type, String method, String other, Map<String, String> params) {
        return new Goal(
                text,
                type,
                List.of(method, other),
                params,
                bound,
                Unit.BYTES,
                row -> row.method(method)
                        .flatMap(ours -> row.method(other).map(entry -> minus(bytes(ours), bytes(entry)))));
    }

    /** What one operation of ours allocates, as a share of another contestant's. */
    static Goal bytesAgainst(
            String text, double bound, Class<?> type, String method, String other, Map<String, String> params) {
        return new Goal(
                text,
                type,
                List.of(method, other),
                params,
                bound,
                Unit.SHARE,
                row -> row.method(method)
                        .flatMap(ours ->
                                row.method(other).map(entry -> bytes(ours).over(bytes(entry)))));
    }

    /** What the benchmark counts of one operation of ours. */
    static Goal count(
            String text, double bound, Class<?> type, String method, String count, Map<String, String> params) {
        return new Goal(
                text,
                type,
                List.of(method),
                params,
                bound,
                Unit.COUNT,
                row -> row.method(method).map(ours -> Interval.of(ours.count(count), 0)));
    }

    /** The same, above another contestant. */
    static Goal countAbove(
            String text,
            double bound,
            Class<?> type,
            String method,
            String other,
            String count,
            Map<String, String> params) {
        return new Goal(
                text,
                type,
                List.of(method, other),
                params,
                bound,
                Unit.COUNT,
                row -> row.method(method)
                        .flatMap(ours -> row.method(other)
                                .map(entry -> Interval.of(ours.count(count) - entry.count(count), 0))));
    }

    /** The same, as a share of another contestant's. */
    static Goal countAgainst(
            String text,
            double bound,
            Class<?> type,
            String method,
            String other,
            String count,
            Map<String, String> params) {
        return new Goal(
                text,
                type,
                List.of(method, other),
                params,
                bound,
                Unit.SHARE,
                row -> row.method(method)
                        .flatMap(ours -> row.method(other)
                                .map(entry ->
                                        Interval.of(ours.count(count), 0).over(Interval.of(entry.count(count), 0)))));
    }

    /** The time of one operation of ours. */
    static Goal nanos(String text, double bound, Class<?> type, String method, Map<String, String> params) {
        return new Goal(
                text,
                type,
                List.of(method),
                params,
                bound,
                Unit.NANOS,
                row -> row.method(method).map(Entry::time));
    }

    /** {@return the figure of a run, unless it did not measure it} */
    Optional<Interval> in(List<Table> tables) {
        return row(tables).flatMap(measure).filter(figure -> !Double.isNaN(figure.value()));
    }

    /** {@return how many peers a run compared with, if the goal is about the best of them and some were left out} */
    String peersLeftOut(List<Table> tables) {
        boolean againstPeers = unit == Unit.RATIO && methods.size() == 1;
        return againstPeers ? row(tables).map(Row::peersLeftOut).orElse("") : "";
    }

    private Optional<Row> row(List<Table> tables) {
        return tables.stream()
                .filter(table -> table.type().equals(type.getName()))
                .flatMap(table -> table.rows().stream())
                .filter(row -> row.params().equals(params)
                        && row.method(methods.get(0)).isPresent())
                .findFirst();
    }

    /** {@return the figure of a run as its fastest iterations show it, where the goal is about time} */
    Optional<Interval> inFastest(List<Table> tables) {
        return switch (unit) {
            case RATIO, NANOS -> in(tables.stream().map(Table::fastest).toList());
            case BYTES, SHARE, COUNT -> Optional.empty();
        };
    }

    /** {@return whether a figure reaches the goal, and whether the error could turn that round} */
    String verdict(Interval figure) {
        double most = unit == Unit.BYTES ? bound + BYTES_OF_THE_HARNESS : bound;
        boolean reached = figure.value() <= most;
        if (Double.isNaN(figure.high())) {
            return (reached ? "yes" : "no") + ", error unknown";
        }
        boolean certain = reached ? figure.high() <= most : figure.low() > most;
        return (reached ? "yes" : "no") + (certain ? "" : ", within the error");
    }

    /** {@return a figure as a reader takes it in} */
    String show(Interval figure) {
        return switch (unit) {
            case RATIO, SHARE -> Interval.ratio(figure);
            case COUNT -> Interval.bytes(figure.value());
            case BYTES -> Interval.bytes(figure.value()) + " B";
            case NANOS -> Interval.time(figure.value(), figure.value() - figure.low());
        };
    }

    /** {@return the bound as a reader takes it in} */
    String wanted() {
        return "≤ "
                + switch (unit) {
                    case RATIO, SHARE ->
                        bound == Math.rint(bound) ? Integer.toString((int) bound) : Double.toString(bound);
                    case COUNT -> Interval.bytes(bound);
                    case BYTES -> Interval.bytes(bound) + " B";
                    case NANOS -> Interval.time(bound, Double.NaN);
                };
    }

    private static Optional<Interval> ratio(Row row, String method, Optional<Entry> other) {
        return row.method(method).flatMap(ours -> other.map(entry -> ours.time().over(entry.time())));
    }

    private static Interval bytes(Entry entry) {
        return Interval.of(entry.bytes(), entry.measurement().bytesError());
    }

    private static Interval minus(Interval one, Interval other) {
        return new Interval(one.value() - other.value(), one.low() - other.high(), one.high() - other.low());
    }
}
