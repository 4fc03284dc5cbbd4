package dev.underpin.persistence;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A statement without what differs from run to run: its literals are question marks, its lists of values {@code (...)}; it
 * has no comments, single spaces and lower case, but for names in quotes.
 *
 * @param sql the text
 * @param verb what it does, by its first keyword: {@code select}, {@code insert}, {@code update}, {@code delete},
 *     {@code merge}, {@code call}, {@code create} and so on; one that writes and reads is what it writes
 * @param loads whether it reads rows of tables, so that repeating it may be an N+1: not a sequence, a lock, a question
 *     whether there is a row, a queue that is polled, or a table of ours
 */
record SqlText(String sql, String verb, boolean loads) {
    /** What is behind that is not looked at. */
    static final int MOST_CHARACTERS = 10_000;

    private static final Set<String> MAIN_VERBS = Set.of("select", "insert", "update", "delete", "merge", "values");
    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "merge");
    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|`[^`]*`|[a-z_][\\w$]*|[()]");
    private static final Pattern WRITTEN_TABLE =
            Pattern.compile("\\b(?:final|new|old) table ?\\( ?(insert|update|delete|merge)\\b");
    private static final Pattern LIST = Pattern.compile("\\bin ?\\(");
    private static final Pattern NO_LOAD =
            Pattern.compile("^\\(* ?select (?:not )?(?:exists ?\\(|\\? from\\b|true from\\b)"
                    + "|\\bnext(?:val ?\\(| value for\\b)|\\bpg_(?:try_)?advisory_|\\bget_lock ?\\(|\\bskip locked\\b"
                    + "|\\bunderpin_|\\bfrom dual\\b");
    private static final Pattern FROM = Pattern.compile("\\bfrom\\b");

    /** {@return a statement as it was given to JDBI; null for a batch of several, whose texts it does not tell} */
    static SqlText of(@Nullable String raw) {
        if (raw == null) {
            return new SqlText("(a batch of several)", "batch", false);
        }
        String sql = withoutLists(new Scan(raw).run());
        String verb = verb(sql);
        boolean loads = verb.equals("select")
                && FROM.matcher(sql).find()
                && !NO_LOAD.matcher(sql).find();
        return new SqlText(sql, verb, loads);
    }

    /** {@return what stands for further statements, when there are too many to keep each} */
    static SqlText others(String verb) {
        return new SqlText("(others)", verb, false);
    }

    boolean writes() {
        return WRITES.contains(verb);
    }

    private static String verb(String sql) {
        Matcher words = WORD.matcher(sql);
        String first = "";
        while (first.isEmpty() && words.find()) {
            first = words.group().equals("(") ? "" : words.group();
        }
        return switch (first) {
            case "with" -> verbOfWith(words);
            case "select" -> {
                Matcher written = WRITTEN_TABLE.matcher(sql);
                yield written.find() ? written.group(1) : "select";
            }
            case "table", "values" -> "select";
            case "replace" -> "insert";
            default -> first;
        };
    }

    /** Of the statement behind the tables it names; or of one of these, if it writes. */
    private static String verbOfWith(Matcher words) {
        int depth = 0;
        boolean opened = false;
        String written = "";
        while (words.find()) {
            String word = words.group();
            if (word.equals("(")) {
                depth++;
            } else if (word.equals(")")) {
                depth--;
            } else if (depth == 0 && MAIN_VERBS.contains(word)) {
                return written.isEmpty() || WRITES.contains(word) ? word : written;
            } else if (depth == 1 && opened && WRITES.contains(word)) {
                written = word;
            }
            opened = word.equals("(");
        }
        return written.isEmpty() ? "select" : written;
    }

    /** By hand: a pattern recurses for each element of a list, and these can be long. */
    private static String withoutLists(String sql) {
        Matcher in = LIST.matcher(sql);
        StringBuilder out = new StringBuilder(sql.length());
        int from = 0;
        while (in.find(from)) {
            int end = endOfList(sql, in.end());
            out.append(sql, from, in.end());
            if (end > 0) {
                out.append("...");
            }
            from = end > 0 ? end : in.end();
        }
        return out.append(sql, from, sql.length()).toString();
    }

    /** {@return where a list of nothing but values is closed; -1 if it is another} */
    private static int endOfList(String sql, int start) {
        int depth = 1;
        for (int i = start; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth--;
                if (depth == 0) {
                    return i;
                }
            } else if (c == ':' || c == '<' || c == '$') { // a parameter, or what is defined for a template
                while (i + 1 < sql.length() && (isName(sql.charAt(i + 1)) || sql.charAt(i + 1) == '>')) {
                    i++;
                }
            } else if ("?,+- ".indexOf(c) < 0) {
                return -1;
            }
        }
        return -1;
    }

    private static boolean isName(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '.';
    }

    /** One pass over a text. */
    private static final class Scan {
        private final String raw;
        private final StringBuilder out;
        private int at;

        Scan(String raw) {
            this.raw = raw.length() > MOST_CHARACTERS ? raw.substring(0, MOST_CHARACTERS) : raw;
            out = new StringBuilder(this.raw.length());
        }

        String run() {
            while (at < raw.length()) {
                char c = raw.charAt(at);
                if (Character.isWhitespace(c) || raw.startsWith("--", at) || raw.startsWith("/*", at)) {
                    skip(c);
                    space();
                } else if (c == '\'') {
                    literal(false);
                } else if (c == '"' || c == '`') {
                    int end = raw.indexOf(c, at + 1);
                    copy(end < 0 ? raw.length() : end + 1);
                } else if (c == '$' && dollarQuoted()) {
                    out.append('?');
                } else if (c >= '0' && c <= '9') {
                    number();
                } else if (isName(c) && c != '.') {
                    name();
                } else {
                    out.append(c);
                    at++;
                }
            }
            return out.toString().strip();
        }

        private void space() {
            if (out.length() > 0 && out.charAt(out.length() - 1) != ' ') {
                out.append(' ');
            }
        }

        private void copy(int end) {
            out.append(raw, at, end);
            at = end;
        }

        private void skip(char c) {
            if (c == '-') {
                int end = raw.indexOf('\n', at);
                at = end < 0 ? raw.length() : end;
            } else if (c == '/') {
                int depth = 0;
                do {
                    boolean opens = raw.startsWith("/*", at);
                    boolean closes = raw.startsWith("*/", at);
                    depth += opens ? 1 : closes ? -1 : 0;
                    at += opens || closes ? 2 : 1;
                } while (depth > 0 && at < raw.length());
            } else {
                at++;
            }
        }

        private void literal(boolean escapes) {
            at++;
            while (at < raw.length()) {
                char c = raw.charAt(at);
                boolean two = (escapes && c == '\\') || (c == '\'' && raw.startsWith("''", at));
                at += two ? 2 : 1;
                if (c == '\'' && !two) {
                    break;
                }
            }
            out.append('?');
        }

        private boolean dollarQuoted() {
            int end = raw.indexOf('$', at + 1);
            if (end < 0 || !raw.substring(at + 1, end).chars().allMatch(c -> Character.isLetter(c) || c == '_')) {
                return false;
            }
            String quote = raw.substring(at, end + 1);
            int close = raw.indexOf(quote, end + 1);
            at = close < 0 ? raw.length() : close + quote.length();
            return true;
        }

        private void number() {
            while (at < raw.length() && (isName(raw.charAt(at)) || isSignOfExponent())) {
                at++;
            }
            out.append('?');
        }

        private boolean isSignOfExponent() {
            char c = raw.charAt(at);
            return (c == '+' || c == '-') && (raw.charAt(at - 1) == 'e' || raw.charAt(at - 1) == 'E');
        }

        private void name() {
            int start = at;
            while (at < raw.length() && isName(raw.charAt(at)) && raw.charAt(at) != '.') {
                at++;
            }
            String name = raw.substring(start, at).toLowerCase(Locale.ROOT);
            if (at < raw.length() && raw.charAt(at) == '\'' && "enbx".contains(name)) {
                literal(name.equals("e")); // of another kind, which its prefix tells
            } else {
                out.append(name);
            }
        }
    }
}
