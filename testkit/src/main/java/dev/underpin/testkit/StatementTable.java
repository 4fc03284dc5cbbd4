package dev.underpin.testkit;

import dev.underpin.persistence.StatementRecorder.Finding;
import dev.underpin.persistence.StatementRecorder.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What assertions on statements say when they fail. */
final class StatementTable {
    private StatementTable() {}

    static String of(List<Statement> statements) {
        if (statements.isEmpty()) {
            return "  (no statement was recorded: did it run on a handle that this Jdbi opened?)\n";
        }
        return statements.stream()
                .map(statement -> line(statement.count(), statement.sql(), statement.site(), statement.method())
                        + (statement.batched() ? "      keys of a batch\n" : ""))
                .collect(Collectors.joining());
    }

    static String ofFindings(List<Finding> findings) {
        return findings.stream()
                .map(finding -> finding.verdict() + "\n"
                        + line(finding.count(), finding.sql(), finding.site(), finding.method())
                        + "      hint: " + finding.verdict().hint() + "\n")
                .collect(Collectors.joining());
    }

    private static String line(int count, String sql, String site, String method) {
        return String.format(Locale.ROOT, "%5d x %s", count, sql) + "\n"
                + (site.isEmpty() ? "" : "      at " + site.replace(" < ", "\n       < ") + "\n")
                + (method.isEmpty() ? "" : "      by " + method + "\n");
    }

    /** {@return the statements that did not run as often for each size, and how often; nothing if there are none} */
    static String difference(Map<Integer, List<Statement>> bySize) {
        Map<String, Statement> last = new LinkedHashMap<>(); // of the largest size, which says most
        bySize.values().forEach(statements -> statements.forEach(statement -> last.put(statement.sql(), statement)));
        return last.values().stream()
                .map(statement -> difference(bySize, statement))
                .collect(Collectors.joining());
    }

    private static String difference(Map<Integer, List<Statement>> bySize, Statement of) {
        Map<Integer, Integer> counts = new LinkedHashMap<>();
        bySize.forEach((size, statements) -> counts.put(
                size,
                statements.stream()
                        .filter(statement -> statement.sql().equals(of.sql()))
                        .mapToInt(Statement::count)
                        .sum()));
        if (counts.values().stream().distinct().count() == 1) {
            return "";
        }
        return counts.entrySet().stream()
                        .map(count -> count.getValue() + " for " + count.getKey() + " rows")
                        .collect(Collectors.joining(", ", "  ran ", ":\n"))
                + line(of.count(), of.sql(), of.site(), of.method());
    }
}
