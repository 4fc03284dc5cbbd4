package dev.underpin.persistence;

import dev.underpin.result.ErrorCode;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a failed statement violated, as far as its driver tells.
 *
 * @param constraint the name of a constraint or index
 * @param table the name of its table
 * @param column the name of a column
 */
record Violated(
        @Nullable String constraint,
        @Nullable String table,
        @Nullable String column) {
    static final Violated NOTHING = new Violated(null, null, null);

    /**
     * {@code Duplicate entry 'x' for key 'orders.reference'}: the value can hold anything, such as the same words, so what
     * stands at the very end counts. With the statement behind it, as a driver can be told to add it, no name is read.
     */
    private static final Pattern MYSQL_KEY = Pattern.compile(" for key '([^']{1,128})'\\z");
    /** {@code CONSTRAINT `name` FOREIGN KEY} or {@code CONSTRAINT `name` failed for `schema`.`table`}. */
    private static final Pattern MYSQL_CONSTRAINT = Pattern.compile("CONSTRAINT `([^`]{1,128})`");
    /**
     * {@code "PUBLIC.REFERENCE INDEX PUBLIC.REFERENCE_INDEX_1 ON PUBLIC.ORDERS(REFERENCE)"} and similar: directly behind the
     * first quote, since values follow.
     */
    private static final Pattern H2_NAME =
            Pattern.compile("^[^\"]*\"(?:[A-Za-z0-9_$]{1,128}\\.)?([A-Za-z0-9_$]{1,128})(?: INDEX | ON |: |\")");

    static Violated of(SQLException e) {
        Violated told = PostgresErrors.PRESENT ? PostgresErrors.violated(e) : null;
        if (told != null) {
            return told;
        }
        String message = e.getMessage();
        if (message == null) {
            return NOTHING;
        }
        int code = e.getErrorCode();
        if (code == 1062 || code == 1586) {
            return new Violated(first(MYSQL_KEY, message), null, null);
        }
        if (code == 1451 || code == 1452 || code == 4025) {
            return new Violated(first(MYSQL_CONSTRAINT, message), null, null);
        }
        if (code == 23505 || code == 23506 || code == 23503 || code == 23513) {
            return new Violated(first(H2_NAME, message), null, null);
        }
        return NOTHING;
    }

    /**
     * {@return the code that a service has for it; null if none}
     *
     * @param codes by names in lower case, as databases fold them; with or without the table
     */
    @Nullable
    ErrorCode codeOf(Map<String, ErrorCode> codes) {
        if (constraint == null) {
            return null;
        }
        String told = constraint.toLowerCase(Locale.ROOT); // by MySQL with the table
        String plain = told.substring(told.lastIndexOf('.') + 1);
        ErrorCode code = codes.get(told);
        if (code == null && table != null) {
            code = codes.get(table.toLowerCase(Locale.ROOT) + '.' + plain);
        }
        return code == null ? codes.get(plain) : code;
    }

    Map<String, Object> names() {
        Map<String, Object> names = new LinkedHashMap<>();
        put(names, "constraint", constraint);
        put(names, "table", table);
        put(names, "column", column);
        return names;
    }

    private static void put(Map<String, Object> names, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            names.put(name, value);
        }
    }

    private static @Nullable String first(Pattern pattern, String message) {
        Matcher matcher = pattern.matcher(message);
        return matcher.find() ? matcher.group(1) : null;
    }
}
