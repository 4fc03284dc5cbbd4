package dev.underpin.persistence;

import dev.underpin.persistence.internal.Database;
import dev.underpin.persistence.internal.KeyPlace;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jdbi.v3.core.argument.Argument;
import org.jspecify.annotations.Nullable;

/**
 * How a statement gets its keys.
 *
 * @param condition what it says in place of {@code = any(:keys)}
 * @param arguments its parameters
 */
record KeyForm(String condition, Map<String, Argument> arguments) {
    static final int MOST_KEYS = 1_000;

    private static final String ARRAY = "= any(:keys)";
    private static final String SQLITE = "in (select keys_.value from json_each(:keys) keys_)";
    private static final String MARIADB_NUMBERS =
            "in (select keys_.v from json_table(:keys, '$[*]' columns (v bigint path '$')) keys_)";
    /**
     * A column of json_table has a collation that ranks as high as that of the column it is compared with: if they differ,
     * that is an error, or no use for an index. The result of json_unquote ranks as low as a literal.
     */
    private static final String MARIADB_TEXTS =
            "in (select json_unquote(keys_.v) from json_table(:keys, '$[*]' columns (v longtext path '$')) keys_)";

    /** What a key is to a database. */
    private enum Kind {
        NUMBER("bigint"),
        TEXT("varchar"),
        UUID("uuid");

        private final String sql;

        Kind(String sql) {
            this.sql = sql;
        }

        static Kind of(List<?> keys) {
            Class<?> type = keys.get(0).getClass();
            keys.forEach(key -> {
                if (key.getClass() != type) {
                    throw new IllegalArgumentException("keys must be of one class: " + type.getName() + " and "
                            + key.getClass().getName());
                }
            });
            if (type == Long.class || type == Integer.class || type == Short.class) {
                return NUMBER;
            }
            if (type == String.class || type == UUID.class) {
                return type == String.class ? TEXT : UUID;
            }
            throw new IllegalArgumentException(
                    "keys must be Long, Integer, Short, String or UUID, and others be mapped: " + type.getName());
        }
    }

    /**
     * {@return how a database gets keys}
     *
     * @param database null if it is none of those that are known
     * @param keys from 1 to {@link #MOST_KEYS}
     */
    static KeyForm of(@Nullable Database database, List<?> keys) {
        Kind kind = Kind.of(keys);
        if (database == Database.POSTGRESQL && kind == Kind.TEXT) {
            // Of no type, so that it gets that of the column: an enum has no comparison with a varchar, and a citext
            // uses
            // its index for no other.
            String array = joined(keys, KeyForm::inArray, "{", "}");
            return one(ARRAY, (position, statement, context) -> statement.setObject(position, array, Types.OTHER));
        }
        if (database == Database.POSTGRESQL || database == Database.H2) {
            Object[] array = keys.toArray();
            return one(
                    ARRAY,
                    (position, statement, context) -> statement.setArray(
                            position, statement.getConnection().createArrayOf(kind.sql, array)));
        }
        if (database == Database.SQLITE) {
            return json(SQLITE, keys, kind == Kind.NUMBER ? key -> key : KeyForm::inJson);
        }
        if (database == Database.MARIADB && kind == Kind.NUMBER) {
            return json(MARIADB_NUMBERS, keys, key -> key);
        }
        if (database == Database.MARIADB && keys.stream().allMatch(key -> isOf16Bits(key.toString()))) {
            // Quoted twice: of a key that is itself in quotes, json_unquote would take them.
            return json(MARIADB_TEXTS, keys, key -> inJson(inJson(key)));
        }
        return list(database, keys);
    }

    /** {@return a statement with this in place of its condition} The column may be right before that. */
    String in(String select) {
        return KeyPlace.in(select, condition);
    }

    private static KeyForm one(String condition, Argument argument) {
        return new KeyForm(condition, Map.of("keys", argument));
    }

    private static KeyForm json(String condition, List<?> keys, UnaryOperator<String> form) {
        String json = joined(keys, form, "[", "]");
        return one(condition, (position, statement, context) -> statement.setString(position, json));
    }

    private static String joined(List<?> keys, UnaryOperator<String> form, String first, String last) {
        return keys.stream().map(key -> form.apply(key.toString())).collect(Collectors.joining(",", first, last));
    }

    /** What any database understands, in few sizes: each is a statement of its own to prepare and to plan. */
    private static KeyForm list(@Nullable Database database, List<?> keys) {
        int size = 1;
        while (size < keys.size()) {
            size = Math.min(2 * size, MOST_KEYS);
        }
        Map<String, Argument> arguments = new LinkedHashMap<>();
        for (int i = 0; i < size; i++) {
            Object key = keys.get(Math.min(i, keys.size() - 1));
            arguments.put("keys" + i, (position, statement, context) -> {
                if (database == null) {
                    statement.setObject(position, key);
                } else {
                    database.set(statement, position, key);
                }
            });
        }
        return new KeyForm(arguments.keySet().stream().collect(Collectors.joining(", :", "in (:", ")")), arguments);
    }

    /** {@return whether json_unquote of MariaDB keeps a text, which makes a question mark of a longer character} */
    private static boolean isOf16Bits(String key) {
        return key.chars().noneMatch(unit -> Character.isSurrogate((char) unit));
    }

    private static String inArray(String key) {
        return '"' + key.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String inJson(String key) {
        var json = new StringBuilder(key.length() + 2).append('"');
        key.chars().forEach(unit -> {
            if (unit < ' ') {
                json.append(String.format("\\u%04x", unit));
            } else if (unit == '"' || unit == '\\') {
                json.append('\\').append((char) unit);
            } else {
                json.append((char) unit);
            }
        });
        return json.append('"').toString();
    }
}
