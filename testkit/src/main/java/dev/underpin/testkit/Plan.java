package dev.underpin.testkit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a database is going to do for a statement.
 *
 * @param sql its text
 * @param scanned the tables that it reads from end to end
 * @param indexes the indexes that it uses, in lower case
 * @param text what the database says
 */
record Plan(String sql, List<String> scanned, List<String> indexes, String text) {
    private static final Pattern EXPLAINED = Pattern.compile(
            "^(?:\\s++|--.*\\R|/\\*(?s:.*?)\\*/|\\()*(?:select|with|update|delete)\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern WRITES = Pattern.compile("^\\s*(?:update|delete)\\b", Pattern.CASE_INSENSITIVE);
    /** For each database, what names a table that is scanned, and what an index that is used. */
    private static final Map<String, List<Pattern>> SIGNS = Map.of(
            "PostgreSQL",
            List.of(
                    Pattern.compile("\\bSeq Scan on (?:\\w+\\.)?(\\S+)"),
                    Pattern.compile("Index (?:Only )?Scan (?:Backward )?using (\\S+) on|Bitmap Index Scan on (\\S+)")),
            "H2",
            List.of(
                    Pattern.compile("/\\* (?:\"?\\w+\"?\\.)?\"?(\\w+)\"?\\.tableScan"),
                    Pattern.compile("/\\* (?:\"?\\w+\"?\\.)?\"?(\\w+)\"?(?::| \\*/)")),
            "SQLite",
            List.of(
                    Pattern.compile("^SCAN (?!CONSTANT ROW|\\()(\\S+)(?!.*VIRTUAL TABLE)", Pattern.MULTILINE),
                    Pattern.compile("USING (?:COVERING )?INDEX (\\S+)|USING (INTEGER PRIMARY KEY)")));

    /** {@return whether a statement reads rows that an index could find} */
    static boolean isOf(String sql) {
        return EXPLAINED.matcher(sql).find();
    }

    /** {@return the plan of a statement, which does not run for it} */
    static Plan of(Connection connection, String sql, PageCost.Preparation preparation) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        return switch (product) {
            case "PostgreSQL", "H2" -> of(sql, product, text(preparation.prepare("explain " + sql), 1));
            case "SQLite" -> of(sql, product, text(preparation.prepare("explain query plan " + sql), 4));
            case "MariaDB", "MySQL" -> ofMariaDb(sql, preparation.prepare("explain " + sql));
            default -> throw new AssertionError("The plans of " + product + " cannot be read");
        };
    }

    private static Plan of(String sql, String product, String text) {
        List<Pattern> signs = SIGNS.getOrDefault(product, List.of());
        return new Plan(sql, found(signs.get(0), text), found(signs.get(1), text), text);
    }

    private static List<String> found(Pattern sign, String text) {
        return sign.matcher(text)
                .results()
                .map((MatchResult found) -> found.group(found.group(1) == null ? 2 : 1))
                .map(name -> name.replace("\"", "").toLowerCase(Locale.ROOT))
                .toList();
    }

    private static Plan ofMariaDb(String sql, PreparedStatement prepared) throws SQLException {
        List<String> scanned = new ArrayList<>();
        List<String> indexes = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        try (PreparedStatement statement = prepared;
                ResultSet rs = statement.executeQuery()) {
            while (rs.next()) {
                String table = String.valueOf(rs.getString("table"));
                String type = String.valueOf(rs.getString("type"));
                String key = String.valueOf(rs.getString("key"));
                String extra = String.valueOf(rs.getString("Extra"));
                boolean ofTheStatement = table.startsWith("<") || extra.contains("Table function");
                // An update or delete without a condition of an index goes through the primary key, from end to end.
                boolean all = type.equalsIgnoreCase("ALL")
                        || (type.equals("index") && WRITES.matcher(sql).find());
                if (all && !ofTheStatement) {
                    scanned.add(table);
                }
                if (!key.equals("null")) {
                    indexes.addAll(List.of(key.toLowerCase(Locale.ROOT).split(","))); // several are merged
                }
                text.append(String.join("\t", table, type, key, extra)).append('\n');
            }
        }
        return new Plan(sql, scanned, indexes, text.toString());
    }

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
