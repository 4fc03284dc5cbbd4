package dev.underpin.benchmarks.idempotency;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;

/**
 * A PostgreSQL of its own, which is started once for a run; the JVMs that measure are told its port. Nothing of it runs in
 * the background that could be stopped, so that what is counted is that of the statements.
 */
public final class KeyDatabase implements AutoCloseable {
    static final int ACCOUNTS = 1000;

    private static final String SCHEMA = "/dev/underpin/persistence/migrations/postgresql/V1__idempotency.up.sql";

    private final EmbeddedPostgres server;

    private KeyDatabase(EmbeddedPostgres server) {
        this.server = server;
    }

    /** What a commit waits for. */
    public enum Commit {
        /** The disk, as it must in production. */
        FLUSHED,
        /** The operating system has it; so the server is measured and not the disk. */
        UNFLUSHED;

        /** {@return the system property that says at which port the server is} */
        public String port() {
            return "underpin.benchmarks.idempotency.port." + name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * {@return one that is started}
     *
     * @param commit what its commits wait for
     * @throws IOException if it cannot be
     */
    public static KeyDatabase start(Commit commit) throws IOException {
        return new KeyDatabase(EmbeddedPostgres.builder()
                .setServerConfig("fsync", commit == Commit.FLUSHED ? "on" : "off")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("autovacuum", "off")
                .setServerConfig("checkpoint_timeout", "1h")
                .setServerConfig("max_wal_size", "2GB")
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
    static int portOfThisRun(Commit commit) {
        String port = System.getProperty(commit.port());
        return port == null ? Own.port(commit) : Integer.parseInt(port);
    }

    /** {@return connections to it} */
    static HikariDataSource pool(int port, int connections) {
        var config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&sslmode=disable");
        config.setMaximumPoolSize(connections);
        return new HikariDataSource(config);
    }

    /** Makes the tables anew. */
    static void create(DataSource pool) throws SQLException {
        run(pool, """
                drop table if exists underpin_idempotency, orders, accounts;
                create table orders (id bigint generated always as identity primary key, account int not null,
                    amount int not null);
                create table accounts (id int primary key, balance bigint not null) with (fillfactor = 50);
                insert into accounts select i, 1000000 from generate_series(0, %d) i;
                """.formatted(ACCOUNTS - 1) + schema() + "vacuum analyze accounts");
    }

    /** Removes what was written, so that no table grows with the speed of who writes. */
    static void empty(DataSource pool) throws SQLException {
        run(pool, "truncate table underpin_idempotency, orders; vacuum accounts");
    }

    /** Writes keys that have expired, of the same size as others, in no order. */
    static void expired(DataSource pool, int rows) throws SQLException {
        run(pool, """
                insert into underpin_idempotency (k, fp, state, owner, expires_at, outcome, label)
                    select sha256(i::text::bytea), '\\x01'::bytea || sha256(i::text::bytea), 1, gen_random_uuid(),
                        now() - interval '1 s' - i * interval '1 ms', convert_to('%s', 'UTF8'),
                        'tenant-42/orders.place/' || gen_random_uuid()
                    from generate_series(1, %d) i;
                analyze underpin_idempotency
                """.formatted(Requests.ANSWER, rows));
    }

    /** Runs statements, each for itself. */
    static void run(DataSource pool, String statements) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : statements.replaceAll("--.*", "").split(";")) {
                if (!one.isBlank()) {
                    statement.execute(one);
                }
            }
        }
    }

    /** {@return the one number that a query finds} */
    static long number(DataSource pool, String query) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rs = statement.executeQuery(query)) {
            rs.next();
            return rs.getLong(1);
        }
    }

    private static String schema() {
        try (InputStream in = KeyDatabase.class.getResourceAsStream(SCHEMA)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** End with the JVM. */
    private static final class Own {
        private static final Map<Commit, KeyDatabase> STARTED = new EnumMap<>(Commit.class);

        static synchronized int port(Commit commit) {
            return STARTED.computeIfAbsent(commit, Own::started).port();
        }

        private static KeyDatabase started(Commit commit) {
            try {
                return start(commit);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
