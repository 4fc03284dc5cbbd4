package dev.underpin.testkit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a statement cost.
 *
 * @param sql its text
 * @param rows how many rows the database read of the table that it read most of, on MariaDB of all tables; {@code WALK}
 *     where it does not count them, and reads all
 * @param buffers how many pages of storage it touched; 0 where it does not count them
 * @param plan what the database says of it
 */
record PageCost(String sql, double rows, double buffers, String plan) {
    /** Of a database that says that it reads a whole table or index, and not how much that is. */
    static final double WALK = Double.POSITIVE_INFINITY;

    private static final Pattern SCAN = Pattern.compile(
            " Scan.*actual.*rows=([0-9.]+) loops=(\\d+)|Rows Removed by (?:Filter|Index Recheck): (\\d+)");
    private static final Pattern BUFFERS = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?");
    private static final Pattern SCAN_COUNT = Pattern.compile("scanCount: (\\d+)");
    private static final String OF_ARMS = "SCAN pgn_";

    /** Prepares another text with the same parameters, set to the same values. */
    interface Preparation {
        PreparedStatement prepare(String text) throws SQLException;
    }

    /**
     * {@return what a statement costs}
     *
     * @param deep whether it begins at a row, rather than at the start
     */
    static PageCost of(Connection connection, String sql, boolean deep, Preparation preparation) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        return switch (product) {
            case "PostgreSQL" -> ofPostgres(sql, text(preparation.prepare("explain (analyze, buffers) " + sql), 1));
            case "H2" -> ofH2(sql, text(preparation.prepare("explain analyze " + sql), 1));
            case "SQLite" -> ofSqlite(sql, deep, preparation.prepare("explain query plan " + sql));
            case "MariaDB", "MySQL" -> ofMariaDb(connection, sql, preparation);
            default -> throw new AssertionError("assertSeeks cannot read the plans of " + product);
        };
    }

    private static PageCost ofPostgres(String sql, String plan) {
        double most = 0;
        double rowsOfNode = 0;
        double loops = 1;
        for (String line : plan.lines().toList()) {
            Matcher scan = SCAN.matcher(line);
            if (scan.find()) {
                if (scan.group(3) == null) {
                    loops = Double.parseDouble(scan.group(2));
                    rowsOfNode = Double.parseDouble(scan.group(1)) * loops;
                } else { // of the node before, on average of its loops
                    rowsOfNode += Double.parseDouble(scan.group(3)) * loops;
                }
                most = Math.max(most, rowsOfNode);
            }
        }
        Matcher buffers = BUFFERS.matcher(plan);
        return new PageCost(sql, most, buffers.find() ? number(buffers.group(1)) + number(buffers.group(2)) : 0, plan);
    }

    private static double number(@Nullable String digits) {
        return digits == null ? 0 : Double.parseDouble(digits);
    }

    private static PageCost ofH2(String sql, String plan) {
        double most = 0;
        Matcher counts = SCAN_COUNT.matcher(plan);
        while (counts.find()) {
            most = Math.max(most, Double.parseDouble(counts.group(1)));
        }
        return new PageCost(sql, most, 0, plan);
    }

    /** There are no counts: a table that is scanned in another order, or not from its start, is walked through. */
    private static PageCost ofSqlite(String sql, boolean deep, PreparedStatement prepared) throws SQLException {
        record Step(int parent, String what) {}
        List<Step> steps = new ArrayList<>();
        try (PreparedStatement statement = prepared;
                ResultSet rs = statement.executeQuery()) {
            while (rs.next()) {
                steps.add(new Step(rs.getInt("parent"), rs.getString("detail")));
            }
        }
        // What our own arms gave is a page each, in whatever order it is put together.
        List<Integer> arms = steps.stream()
                .filter(step -> step.what().startsWith(OF_ARMS))
                .map(Step::parent)
                .toList();
        boolean walks = steps.stream()
                .filter(step -> !arms.contains(step.parent()))
                .anyMatch(step -> step.what().contains("TEMP B-TREE")
                        || (deep && step.what().startsWith("SCAN ")));
        String plan = steps.stream().map(Step::what).collect(Collectors.joining("\n"));
        return new PageCost(sql, walks ? WALK : 0, 0, plan);
    }

    private static PageCost ofMariaDb(Connection connection, String sql, Preparation preparation) throws SQLException {
        long start = handlerReads(connection);
        long asking = handlerReads(connection) - start; // to ask reads, too
        long before = handlerReads(connection);
        try (PreparedStatement statement = preparation.prepare(sql)) {
            statement.execute();
        }
        long rows = handlerReads(connection) - before - asking;
        return new PageCost(sql, rows, 0, text(preparation.prepare("explain " + sql), 6));
    }

    private static long handlerReads(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet status = statement.executeQuery("show session status like 'Handler_read%'")) {
            long sum = 0;
            while (status.next()) {
                sum += status.getLong(2);
            }
            return sum;
        }
    }

    /** {@return a column of what a statement gives, each row on a line} */
    private static String text(PreparedStatement prepared, int column) throws SQLException {
        try (PreparedStatement statement = prepared;
                ResultSet rs = statement.executeQuery()) {
            StringBuilder text = new StringBuilder();
            while (rs.next()) {
                text.append(rs.getString(column)).append('\n');
            }
            return text.toString();
        }
    }
}
