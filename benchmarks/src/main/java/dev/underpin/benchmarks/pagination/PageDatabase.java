package dev.underpin.benchmarks.pagination;

import dev.underpin.benchmarks.pagination.Listing.Row;
import dev.underpin.benchmarks.pagination.Statements.Jdbc;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A PostgreSQL of its own with one large table and an index for each order. It takes half a minute to fill, so it is
 * started once for a run, and the JVMs that measure are told where it is.
 */
public final class PageDatabase implements AutoCloseable {
    /** The system property that says where it is. */
    public static final String URL = "underpin.benchmarks.database";

    /** How many rows are measured. */
    public static final int ROWS = 1_000_000;

    private static final Pattern BUFFERS = Pattern.compile("Buffers: shared hit=(\\d+)(?: read=(\\d+))?");

    private final EmbeddedPostgres server;

    private PageDatabase(EmbeddedPostgres server) {
        this.server = server;
    }

    /**
     * {@return one that is filled}
     *
     * @param rows how many rows the table has
     * @throws IOException if it cannot be started
     * @throws SQLException if it cannot be filled
     */
    public static PageDatabase start(int rows) throws IOException, SQLException {
        // All of it stays in memory, so that what is measured is no disk.
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setServerConfig("shared_buffers", "768MB")
                .setServerConfig("max_wal_size", "4GB")
                .start();
        PageDatabase database = new PageDatabase(server);
        try (Connection connection = DriverManager.getConnection(database.url());
                Statement statement = connection.createStatement()) {
            // In an order of the heap that is none of the indexes'.
            statement.execute("create unlogged table r as select id,"
                    + " timestamptz '2026-01-01Z' + hash * interval '1 millisecond' as created_at,"
                    + " (array['closed', 'open', 'paid'])[1 + id % 3] as status,"
                    + " case when id % 5 > 1 then timestamptz '2026-02-01Z' + hash * interval '1 millisecond' end"
                    + " as deleted_at, repeat('x', 130) as filler"
                    + " from (select id, abs(hashint8(id)::bigint) as hash from generate_series(1::bigint, " + rows
                    + ") id) ids order by hashint8(id + 7)");
            statement.execute("alter table r alter created_at set not null, alter status set not null,"
                    + " add primary key (id)");
            for (Listing listing : Listing.values()) {
                statement.execute("create index on r (" + listing.order().replace(" nulls last", "") + ")");
            }
            statement.execute("vacuum analyze r");
        }
        return database;
    }

    /**
     * {@return where it is}
     */
    public String url() {
        return server.getJdbcUrl("postgres", "postgres");
    }

    /** {@return a connection to the one that was started for this run, or else to one of this JVM's own} */
    static Connection connect() throws SQLException {
        String url = System.getProperty(URL);
        return DriverManager.getConnection(url == null ? Own.DATABASE.url() : url);
    }

    /** Ends with the JVM. */
    private static final class Own {
        private static final PageDatabase DATABASE = started();

        private static PageDatabase started() {
            try {
                return start(ROWS);
            } catch (IOException | SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** {@return how many rows the table has} */
    static int rows(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rs = statement.executeQuery("select max(id) from r")) {
            rs.next();
            return rs.getInt(1);
        }
    }

    /** {@return the row at a depth of an order, found the slow way} */
    static Row at(Connection connection, Listing listing, long depth) throws SQLException {
        return rows(
                        connection,
                        new Jdbc(Listing.SELECT + " order by " + listing.order() + " limit 1 offset ?", List.of(depth)))
                .get(0);
    }

    static List<Row> rows(Connection connection, Jdbc jdbc) throws SQLException {
        try (PreparedStatement statement = prepared(connection, jdbc.sql(), jdbc.values());
                ResultSet rs = statement.executeQuery()) {
            List<Row> rows = new ArrayList<>(Listing.SIZE + 1);
            while (rs.next()) {
                rows.add(new Row(
                        rs.getLong("id"),
                        instant(rs, "created_at"),
                        rs.getString("status"),
                        instant(rs, "deleted_at")));
            }
            return rows;
        }
    }

    /** {@return how many buffers a statement touches, in PostgreSQL's memory or not; exact, where times are not} */
    static long buffers(Connection connection, Jdbc jdbc) throws SQLException {
        try (PreparedStatement statement =
                        prepared(connection, "explain (analyze, buffers) " + jdbc.sql(), jdbc.values());
                ResultSet rs = statement.executeQuery()) {
            // That of the first line which has any is that of the whole plan.
            while (rs.next()) {
                Matcher buffers = BUFFERS.matcher(rs.getString(1));
                if (buffers.find()) {
                    String read = buffers.group(2);
                    return Long.parseLong(buffers.group(1)) + (read == null ? 0 : Long.parseLong(read));
                }
            }
        }
        throw new IllegalStateException("no buffers in the plan of " + jdbc.sql());
    }

    private static PreparedStatement prepared(Connection connection, String sql, List<Object> values)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
        return statement;
    }

    private static Instant instant(ResultSet rs, String column) throws SQLException {
        OffsetDateTime time = rs.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
