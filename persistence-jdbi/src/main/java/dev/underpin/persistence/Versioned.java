package dev.underpin.persistence;

import dev.underpin.persistence.internal.Database;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/**
 * Updates of a row that nobody has changed since it was read. Its table has a column {@code id}, which is unique, and a
 * column {@code version}, a {@code bigint not null} that whoever changes the row counts up. Of any number of updates from
 * the same version one succeeds, in a transaction or outside of one, whatever its isolation. Thread-safe; a handle is not.
 */
public final class Versioned {
    private static final Pattern COLUMN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");
    private static final Pattern TABLE = Pattern.compile(COLUMN + "(?:\\." + COLUMN + "){0,2}");

    private Versioned() {}

    /**
     * {@return the new version of the row} Otherwise the error is {@code NOT_FOUND}, or
     * {@link PersistenceErrors#VERSION_CONFLICT} with the version that was {@code expected} and the {@code current} one.
     * A transaction that reads from a snapshot tells that of the snapshot, except on MariaDB and MySQL, and leaves it out
     * where it is the expected one. What the database refuses is an exception, which {@link Transactions} makes an error of, as of any statement.
     *
     * @param handle runs a statement, and one more if no row had the version
     * @param table the table, with its schema if need be
     * @param id which row, by JDBI's rules for values
     * @param expectedVersion the version the row had when it was read
     * @param columns the new values by their columns, by JDBI's rules for values; none to count up the version only
     * @throws IllegalArgumentException if the name of the table or a column has anything but letters, digits and
     *     underscores of ASCII, or is longer than 63 characters, or is that of one of the two columns above. Names are not
     *     quoted: one that SQL reserves is an error of the database
     * @throws IllegalStateException if several rows have the id; all have been updated unless the transaction is rolled
     *     back
     * @throws org.jdbi.v3.core.JdbiException if the database fails
     */
    public static Result<Long, DomainError> update(
            Handle handle,
            String table,
            Object id,
            long expectedVersion,
            Map<String, ? extends @Nullable Object> columns) {
        Objects.requireNonNull(id, "id");
        if (!TABLE.matcher(table).matches()) {
            throw new IllegalArgumentException("table must be a plain name, or one after that of its schema: " + table);
        }
        // In order, so that columns in any other do not make another statement of it.
        SortedMap<String, @Nullable Object> sorted = new TreeMap<>(columns);
        sorted.keySet().forEach(Versioned::requireColumn);
        int updated = updated(handle, table, id, expectedVersion, sorted);
        if (updated > 1) {
            throw new IllegalStateException("id must be unique in " + table + ": " + updated + " rows have the same");
        }
        return updated == 1 ? Result.ok(expectedVersion + 1) : Result.err(refusal(handle, table, id, expectedVersion));
    }

    private static void requireColumn(String column) {
        if (!COLUMN.matcher(column).matches()) {
            throw new IllegalArgumentException("columns must be plain names: " + column);
        }
        if (column.equalsIgnoreCase("id") || column.equalsIgnoreCase("version")) {
            throw new IllegalArgumentException(
                    "columns must not contain " + column + ": it is set by the update itself");
        }
    }

    private static int updated(
            Handle handle, String table, Object id, long expectedVersion, SortedMap<String, @Nullable Object> columns) {
        var sql = new StringBuilder("update ").append(table).append(" set ");
        columns.keySet().forEach(column -> sql.append(column).append(" = ?, "));
        sql.append("version = version + 1 where id = ? and version = ?");
        try (var update = handle.createUpdate(sql)) {
            update.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
            int position = 0;
            for (Object value : columns.values()) {
                update.bind(position++, value);
            }
            return update.bind(position++, id).bind(position, expectedVersion).execute();
        }
    }

    private static DomainError refusal(Handle handle, String table, Object id, long expectedVersion) {
        Optional<Long> current = current(handle, table, id);
        if (current.isEmpty()) {
            return ErrorKind.NOT_FOUND.code().error();
        }
        var conflict = DomainError.builder(PersistenceErrors.VERSION_CONFLICT).arg("expected", expectedVersion);
        if (current.get() != expectedVersion) {
            conflict.arg("current", current.get());
        }
        return conflict.build();
    }

    private static Optional<Long> current(Handle handle, String table, Object id) {
        // With a lock MariaDB and MySQL read what is committed, as the update did, and not the snapshot of a
        // transaction.
        String lock = isOfMySql(handle) ? " lock in share mode" : "";
        try (var query = handle.createQuery("select version from " + table + " where id = ?" + lock)) {
            query.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
            return query.bind(0, id).map((rs, context) -> rs.getLong(1)).findFirst();
        }
    }

    private static boolean isOfMySql(Handle handle) {
        try {
            Database database = Database.find(handle.getConnection());
            return database == Database.MARIADB || database == Database.MYSQL;
        } catch (SQLException e) {
            throw new UnableToExecuteStatementException("The connection does not say what database it is of", e, null);
        }
    }
}
