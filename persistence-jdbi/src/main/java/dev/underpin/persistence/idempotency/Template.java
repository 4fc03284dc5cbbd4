package dev.underpin.persistence.idempotency;

import dev.underpin.persistence.internal.Framed;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** SQL with named values, for what JDBI does not send itself. */
final class Template {
    private static final Pattern NAME = Pattern.compile(":([a-z]+)");

    private final String sql;
    private final String positional;
    private final List<String> names;

    Template(String sql) {
        this.sql = sql;
        Matcher matcher = NAME.matcher(sql);
        this.names = matcher.results().map(found -> found.group(1)).toList();
        this.positional = matcher.replaceAll("?");
    }

    /** {@return the statements with question marks, and their values} */
    Framed.Sql with(Map<String, ?> values) {
        List<Object> ordered = new ArrayList<>(names.size());
        names.forEach(name -> ordered.add(value(values, name)));
        return new Framed.Sql(positional, ordered);
    }

    /** {@return the statements with bytes and numbers written into them, where a database cannot prepare them} */
    Framed.Sql inline(Map<String, ?> values) {
        String text = NAME.matcher(sql)
                .replaceAll(found -> value(values, found.group(1)) instanceof byte[] bytes
                        ? "x'" + HexFormat.of().formatHex(bytes) + "'"
                        : Long.toString((Long) value(values, found.group(1))));
        return new Framed.Sql(text, List.of());
    }

    private static Object value(Map<String, ?> values, String name) {
        return Objects.requireNonNull(values.get(name), name);
    }
}
