package dev.underpin.persistence;

import dev.underpin.persistence.internal.Database;
import dev.underpin.persistence.internal.KeyPlace;
import dev.underpin.result.CanIgnoreReturnValue;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of many keys by one statement, which says {@code = any(:keys)} where the keys go, on any database. It has
 * the same text for any number of keys, and uses the index of its column: an array on PostgreSQL and H2, a JSON text on
 * MariaDB and SQLite; elsewhere, and on MariaDB for a text with characters beyond 16 bits, a list of 1, 2, 4, ... 512 or
 * 1,000 parameters that repeats the last key.
 *
 * <p>Keys are {@code Long}, {@code Integer}, {@code Short}, {@code String} or {@code UUID}, all of one class. Rows are
 * matched to keys by {@code equals}, in Java. A column can be less exact, by a collation that passes over case or by
 * padding: it then finds rows whose key was not asked for, which throws; of two keys that it takes for one, that which
 * equals has the row. Fold the case of both, the keys asked for and what the key of a row is, to have them match.
 *
 * <p>More than 1,000 different keys take several statements, which see the same rows in a transaction that has a snapshot;
 * no keys take none. Statements go to JDBI as they are, no template engine sees them. Confined to one thread, as a handle is;
 * may be used several times.
 */
public final class KeyedQuery {
    /** Keeps what it parsed; the texts are few. */
    private static final SqlParser PARSER = new ColonPrefixSqlParser();

    private final Handle handle;
    private final String select;
    private final String column;
    private final Map<String, @Nullable Object> binds = new LinkedHashMap<>();

    private KeyedQuery(Handle handle, String select, String column) {
        this.handle = handle;
        this.select = select;
        this.column = column;
    }

    /**
     * {@return a query for rows by their keys}
     *
     * @param handle runs it
     * @param select the statement, such as {@code select c.* from customers c where c.id = any(:keys)}; never made of what
     *     a client sent
     * @throws IllegalArgumentException if it does not say {@code column = any(:keys)}
     */
    public static KeyedQuery of(Handle handle, String select) {
        return new KeyedQuery(Objects.requireNonNull(handle, "handle"), select, KeyPlace.column(select));
    }

    /**
     * Sets another parameter of the statement, by JDBI's rules for values.
     *
     * @param name its name, without the colon
     * @param value its value; the last one counts
     * @return this
     * @throws IllegalArgumentException if the name begins with {@code keys}
     */
    @CanIgnoreReturnValue
    public KeyedQuery bind(String name, @Nullable Object value) {
        if (name.startsWith("keys")) {
            throw new IllegalArgumentException("name must not begin with keys: " + name);
        }
        binds.put(name, value);
        return this;
    }

    /**
     * {@return for each key its row, or that there is none} In the order of the keys; a key that is asked for twice has its
     * row twice.
     *
     * @param keys the keys
     * @param mapper reads a row
     * @param key the key of a row
     * @param <K> the type of the keys
     * @param <V> the type of the rows
     * @throws IllegalArgumentException if the keys are of no such class as above, or of several
     * @throws IllegalStateException if two rows have the same key, or a row has one that was not asked for
     * @throws org.jdbi.v3.core.JdbiException if the database fails
     */
    public <K, V> List<Optional<V>> fetchOne(List<K> keys, RowMapper<? extends V> mapper, Function<? super V, K> key) {
        List<Optional<V>> rows = new ArrayList<>(keys.size());
        for (List<V> ofKey : this.<K, V>fetchMany(keys, mapper, key)) {
            if (ofKey.size() > 1) {
                throw new IllegalStateException(column + " must be unique in the rows of the statement: " + ofKey.size()
                        + " rows have the same (fetchMany reads such rows)");
            }
            rows.add(ofKey.stream().findFirst());
        }
        return rows;
    }

    /**
     * {@return for each key its rows, in the order of the statement; an empty list if there are none} In the order of the
     * keys; a key that is asked for twice has its rows twice.
     *
     * @param keys the keys
     * @param mapper reads a row
     * @param key the key of a row
     * @param <K> the type of the keys
     * @param <V> the type of the rows
     * @throws IllegalArgumentException if the keys are of no such class as above, or of several
     * @throws IllegalStateException if a row has a key that was not asked for
     * @throws org.jdbi.v3.core.JdbiException if the database fails
     */
    public <K, V> List<List<V>> fetchMany(List<K> keys, RowMapper<? extends V> mapper, Function<? super V, K> key) {
        Objects.requireNonNull(mapper, "mapper");
        Objects.requireNonNull(key, "key");
        Map<K, List<V>> rows = new HashMap<>();
        for (K asked : keys) {
            rows.putIfAbsent(Objects.requireNonNull(asked, "a key is null"), new ArrayList<>());
        }
        Set<K> distinct = new LinkedHashSet<>(keys);
        for (List<K> chunk : chunks(distinct)) {
            Set<K> asked = Set.copyOf(chunk);
            for (V row : this.<V>run(KeyForm.of(database(), chunk), distinct.size(), mapper)) {
                K found = key.apply(row);
                List<V> ofKey = rows.get(found);
                if (ofKey != null && !asked.contains(found)) {
                    continue; // found by a column that is less exact: the row is that of its own statement
                }
                if (ofKey == null) {
                    throw new IllegalStateException("A row has a key that was not asked for: " + column
                            + " compares otherwise than Java does, by a collation or padding, or the function reads another"
                            + " column; fold the keys and what the function returns alike");
                }
                ofKey.add(row);
            }
        }
        return keys.stream().map(rows::get).map(List::copyOf).toList();
    }

    private static <K> List<List<K>> chunks(Collection<K> keys) {
        List<K> all = List.copyOf(keys);
        List<List<K>> chunks = new ArrayList<>();
        for (int from = 0; from < all.size(); from += KeyForm.MOST_KEYS) {
            chunks.add(all.subList(from, Math.min(from + KeyForm.MOST_KEYS, all.size())));
        }
        return chunks;
    }

    private @Nullable Database database() {
        try {
            return Database.find(handle.getConnection());
        } catch (SQLException e) {
            throw new UnableToExecuteStatementException("The connection does not say what database it is of", e, null);
        }
    }

    private <V> List<V> run(KeyForm form, int keys, RowMapper<? extends V> mapper) {
        try (var query = handle.createQuery(form.in(select))) {
            query.getConfig(SqlStatements.class)
                    .setTemplateEngine(TemplateEngine.NOP)
                    .setSqlParser(PARSER);
            query.define(Execution.KEYS, keys);
            binds.forEach(query::bind);
            form.arguments().forEach(query::bind);
            return new ArrayList<>(query.map(mapper).list());
        }
    }
}
