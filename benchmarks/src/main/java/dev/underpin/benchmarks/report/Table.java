package dev.underpin.benchmarks.report;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The rows of one benchmark class.
 *
 * @param type the benchmark class
 * @param question what it answers
 * @param rows in the order they were measured
 */
record Table(String type, String question, List<Row> rows) {
    Table {
        rows = List.copyOf(rows);
    }

    /** {@return the tables of a run, in the order they were measured} */
    static List<Table> of(List<Measurement> measurements) {
        Map<String, Map<String, List<Measurement>>> tables = new LinkedHashMap<>();
        for (Measurement measurement : measurements) {
            String row = rowOf(measurement) + new TreeMap<>(measurement.params());
            tables.computeIfAbsent(measurement.type(), type -> new LinkedHashMap<>())
                    .computeIfAbsent(row, key -> new ArrayList<>())
                    .add(measurement);
        }
        List<Table> result = new ArrayList<>();
        tables.forEach((type, rows) -> result.add(new Table(
                type, question(type), rows.values().stream().map(Table::row).toList())));
        return result;
    }

    /** {@return the name of the class without its package} */
    String name() {
        return type.substring(type.lastIndexOf('.') + 1);
    }

    /** {@return the same rows, each time being that of the fastest iteration: what noise of the machine disturbs least} */
    Table fastest() {
        return new Table(
                type,
                question,
                rows.stream()
                        .map(row -> new Row(
                                row.type(),
                                row.what(),
                                row.params(),
                                row.peers(),
                                row.entries().stream().map(Entry::fastest).toList()))
                        .toList());
    }

    private static Row row(List<Measurement> measurements) {
        Measurement first = measurements.get(0);
        return new Row(
                first.type(),
                rowOf(first),
                first.params(),
                peers(first.type(), rowOf(first)),
                measurements.stream().map(Table::entry).toList());
    }

    private static Entry entry(Measurement measurement) {
        return contestant(measurement)
                .map(contestant -> new Entry(contestant.value(), contestant.role(), measurement))
                .orElseGet(() -> new Entry(measurement.method(), Role.REFERENCE, measurement));
    }

    private static String rowOf(Measurement measurement) {
        return contestant(measurement).map(Contestant::row).orElse("");
    }

    private static int peers(String type, String row) {
        return (int) classOf(type).stream()
                .flatMap(known -> Arrays.stream(known.getMethods()))
                .map(method -> method.getAnnotation(Contestant.class))
                .filter(contestant -> contestant != null
                        && contestant.role() == Role.PEER
                        && contestant.row().equals(row))
                .count();
    }

    private static String question(String type) {
        return classOf(type)
                .map(known -> known.getAnnotation(Question.class))
                .map(Question::value)
                .orElse("");
    }

    private static Optional<Contestant> contestant(Measurement measurement) {
        return classOf(measurement.type()).stream()
                .flatMap(known -> Arrays.stream(known.getMethods()))
                .filter(method -> method.getName().equals(measurement.method()))
                .map((Method method) -> Optional.ofNullable(method.getAnnotation(Contestant.class)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** A report of an older run may name a class that is gone: its figures are shown, and compared with nothing. */
    private static Optional<Class<?>> classOf(String type) {
        try {
            return Optional.of(Class.forName(type, /* initialize= */ false, Table.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }
}
