package dev.underpin.benchmarks.transactions;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/**
 * A PostgreSQL of its own, which is started once for a run; the JVMs that measure are told its port. It does not wait for
 * its disk, so that what is measured is the way there.
 */
public final class TransactionDatabase implements AutoCloseable {
    /** The system property that says at which port it is. */
    public static final String PORT = "underpin.benchmarks.transactions.port";

    /** How long a statement or transaction of the peers may take; ours have such limits by default. */
    static final int SECONDS = 30;

    private final EmbeddedPostgres server;

    private TransactionDatabase(EmbeddedPostgres server) {
        this.server = server;
    }

    /**
     * {@return one that is started}
     *
     * @throws IOException if it cannot be
     */
    public static TransactionDatabase start() throws IOException {
        return new TransactionDatabase(EmbeddedPostgres.builder()
                .setServerConfig("fsync", "off")
                .setServerConfig("synchronous_commit", "off")
                .start());
    }

    /** {@return where it is} */
    public int port() {
        return server.getPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    /** {@return the port of the one that was started for this run, or else of one of this JVM's own} */
    static int portOfThisRun() {
        String port = System.getProperty(PORT);
        return port == null ? Own.DATABASE.port() : Integer.parseInt(port);
    }

    /** {@return one connection to PostgreSQL, with its tables} */
    static HikariDataSource postgres(int port) throws SQLException {
        var config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&sslmode=disable");
        return withTables(config, "create unlogged table");
    }

    /** {@return one connection to an H2 of its own, with its tables, in the memory of this JVM} */
    static HikariDataSource h2() throws SQLException {
        var config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID());
        return withTables(config, "create table");
    }

    private static HikariDataSource withTables(HikariConfig config, String create) throws SQLException {
        config.setMaximumPoolSize(1);
        var pool = new HikariDataSource(config);
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists written");
            statement.execute("drop table if exists kept");
            statement.execute(create + " written (v bigint not null)");
            statement.execute(create + " kept (id bigint primary key, v bigint not null)");
            for (int id = 1; id <= 10; id++) {
                statement.execute("insert into kept values (" + id + ", " + 100 * id + ")");
            }
        }
        return pool;
    }

    /** Ends with the JVM. */
    private static final class Own {
        private static final TransactionDatabase DATABASE = started();

        private static TransactionDatabase started() {
            try {
                return start();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
