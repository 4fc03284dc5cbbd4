package dev.underpin.persistence.internal;

import dev.underpin.pagination.Dialect;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The databases whose SQL is known, by what their drivers call them, and how their drivers take the values of a page. */
public enum Database {
    POSTGRESQL("PostgreSQL", Dialect.POSTGRESQL) {
        @Override
        public void set(PreparedStatement statement, int position, Object value) throws SQLException {
            if (value instanceof String) {
                // Of no type, so that it gets that of the column: as varchar it has no operator for an enum, and
                // compares a citext by other rules than its index.
                statement.setObject(position, value, Types.OTHER);
            } else {
                super.set(statement, position, value);
            }
        }
    },
    MARIADB("MariaDB", Dialect.MARIADB) {
        @Override
        public void set(PreparedStatement statement, int position, Object value) throws SQLException {
            setByMySqlRules(statement, position, value);
        }
    },
    MYSQL("MySQL", Dialect.MYSQL) {
        @Override
        public void set(PreparedStatement statement, int position, Object value) throws SQLException {
            setByMySqlRules(statement, position, value);
        }
    },
    H2("H2", Dialect.H2),
    SQLITE("SQLite", Dialect.SQLITE) {
        @Override
        public void set(PreparedStatement statement, int position, Object value) throws SQLException {
            if (value instanceof Instant || value instanceof LocalDateTime) {
                throw new IllegalStateException("SQLite has no type for a time: sort and filter by ColumnType.LONG or"
                        + " ColumnType.TEXT with as(...), which says how the column holds one");
            }
            boolean asText = value instanceof UUID || value instanceof LocalDate;
            Object plain = value instanceof BigDecimal decimal ? number(decimal) : value;
            super.set(statement, position, asText ? value.toString() : plain);
        }

        // Its driver makes a text of a decimal, and in an expression any number is smaller than any text.
        private static Object number(BigDecimal decimal) {
            try {
                return decimal.longValueExact();
            } catch (ArithmeticException e) {
                return decimal.doubleValue(); // as the database itself keeps it
            }
        }
    },
    SQL_SERVER("Microsoft SQL Server", Dialect.SQL_SERVER),
    ORACLE("Oracle", Dialect.ORACLE);

    private final String product;
    private final Dialect dialect;

    Database(String product, Dialect dialect) {
        this.product = product;
        this.dialect = dialect;
    }

    /**
     * {@return the database of a connection}
     *
     * @throws IllegalStateException if its SQL is not known
     */
    public static Database of(Connection connection) throws SQLException {
        Database database = find(connection);
        if (database == null) {
            throw new IllegalStateException("KeysetQuery knows no SQL that seeks on "
                    + connection.getMetaData().getDatabaseProductName()
                    + "; PageQuery.sql(...) gives the statements of a Dialect that is like it");
        }
        return database;
    }

    /** {@return the database of a connection; null if it is none of these} */
    public static @Nullable Database find(Connection connection) throws SQLException {
        String name = connection.getMetaData().getDatabaseProductName();
        for (Database database : values()) {
            if (database.product.equals(name)) {
                boolean mariaDb = database == MYSQL // as drivers call that, too, which says so in its version
                        && connection.getMetaData().getDatabaseProductVersion().contains("MariaDB");
                return mariaDb ? MARIADB : database;
            }
        }
        return null;
    }

    public Dialect dialect() {
        return dialect;
    }

    /** Sets a parameter, to a value of the types that a page has. */
    public void set(PreparedStatement statement, int position, Object value) throws SQLException {
        // No driver must take an Instant, all of JDBC 4.2 take this.
        statement.setObject(position, value instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : value);
    }

    /** As JDBI writes and reads them: no column of these databases keeps an offset, so both must use the same zone. */
    private static void setByMySqlRules(PreparedStatement statement, int position, Object value) throws SQLException {
        if (value instanceof Instant instant) {
            statement.setTimestamp(position, Timestamp.from(instant));
        } else {
            statement.setObject(position, value instanceof UUID ? value.toString() : value);
        }
    }
}
