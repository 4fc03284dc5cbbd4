package dev.underpin.persistence.internal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a statement says {@code = any(:keys)}. */
public final class KeyPlace {
    private static final Pattern PLACE = Pattern.compile("=\\s*any\\s*\\(\\s*:keys\\s*\\)", Pattern.CASE_INSENSITIVE);
    private static final Pattern COLUMN =
            Pattern.compile("([\\w.$\"`]+)\\)*\\s*" + PLACE.pattern(), Pattern.CASE_INSENSITIVE);

    private KeyPlace() {}

    /**
     * {@return the column that is compared with the keys, for messages}
     *
     * @param select a statement
     * @throws IllegalArgumentException if there is no such place
     */
    public static String column(String select) {
        Matcher matcher = COLUMN.matcher(select);
        if (!matcher.find()) {
            throw new IllegalArgumentException("select must have a condition column = any(:keys): " + select);
        }
        return matcher.group(1);
    }

    /**
     * {@return a statement with a condition in this place} The column may be right before that.
     *
     * @param select the statement
     * @param condition what the column is compared by
     */
    public static String in(String select, String condition) {
        return PLACE.matcher(select).replaceAll(Matcher.quoteReplacement(' ' + condition));
    }
}
