package dev.underpin.quickstart.infrastructure;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.persistence.GuardedDataSource;
import dev.underpin.persistence.SlowStatements;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import dev.underpin.quickstart.application.Store;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.StatementExceptions.MessageRendering;

/** The open database of a running service. Thread-safe. */
public final class Database implements AutoCloseable {
    private static final Duration MAX_WAIT_FOR_CONNECTION = Duration.ofSeconds(3);
    private static final int CONNECTIONS = 10;
    private static final Duration MAX_SILENCE = Duration.ofMinutes(2);
    private static final Duration SLOW = Duration.ofSeconds(1);
    private static final List<String> TABLES = List.of("V1__shop.up.sql");
    private static final List<String> SHIPPED = List.of("V2__order_shipped.up.sql");
    private static final List<String> CREDIT = List.of("V4__credit_limit.up.sql");
    private static final String OF_THE_LIBRARY = "/dev/underpin/persistence/migrations/";
    private static final List<String> INDEXES = List.of("V3__order_listings.up.sql");
    /** Any number that is this service's own: instances that start at once take turns. H2 has a lock on its directory. */
    private static final long STARTUP_LOCK = 0x756e646572_70696eL;

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private final Optional<DataDirectory> directory;

    private Database(HikariDataSource pool, Optional<DataDirectory> directory) {
        this.pool = pool;
        this.jdbi = Jdbi.create(GuardedDataSource.of(pool));
        // Its messages would have the values of statements, which are our customers' names and addresses.
        jdbi.configure(StatementExceptions.class, c -> c.setMessageRendering(MessageRendering.NONE));
        SlowStatements.install(jdbi, SLOW);
        this.directory = directory;
    }

    /**
     * {@return the database, with its schema and sample data in place}
     *
     * @param config which database
     * @param orders how many sample orders an empty database gets
     */
    public static Database open(DatabaseConfig config, int orders) {
        try {
            if (config.file().isEmpty()) {
                return opened(config, Optional.empty(), orders);
            }
            var directory = DataDirectory.open(
                    config.file().get(),
                    unfinished -> opened(unfinished, Optional.empty(), orders).close());
            try {
                Database database = opened(config, Optional.of(directory), orders);
                // A commit is in the file before it is answered; while the file is filled that would only cost time.
                database.jdbi.useHandle(handle -> handle.execute("set write_delay 0"));
                return database;
            } catch (RuntimeException e) {
                directory.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException("The database could not be opened: " + config, e);
        }
    }

    private static Database opened(DatabaseConfig config, Optional<DataDirectory> directory, int orders) {
        var database = new Database(new HikariDataSource(pool(config)), directory);
        try {
            database.prepare(config, orders);
            return database;
        } catch (SQLException e) {
            database.close();
            throw new IllegalStateException(e);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    static HikariConfig pool(DatabaseConfig config) {
        var pool = new HikariConfig();
        pool.setPoolName("shop");
        pool.setJdbcUrl(config.jdbcUrl());
        if (!config.user().isEmpty()) {
            pool.setUsername(config.user());
        }
        if (!config.password().isEmpty()) {
            pool.setPassword(config.password());
        }
        if (config.file().isEmpty()) {
            pool.addDataSourceProperty("reWriteBatchedInserts", "true");
            // Transactions have limits of their own; this is for the start. What the URL says of it wins.
            pool.addDataSourceProperty("socketTimeout", Long.toString(MAX_SILENCE.toSeconds()));
            pool.addDataSourceProperty("tcpKeepAlive", "true");
        }
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setConnectionTimeout(MAX_WAIT_FOR_CONNECTION.toMillis());
        return pool;
    }

    private void prepare(DatabaseConfig config, int orders) throws SQLException {
        Consumer<Handle> lock = handle -> {
            if (config.file().isEmpty()) {
                handle.execute("select pg_advisory_xact_lock(?)", STARTUP_LOCK);
            }
        };
        run(TABLES, lock);
        if (isMissing("orders", "shipped_at")) { // it locks the table, and changes all that were
            run(SHIPPED, lock);
        }
        Seed.sow(jdbi, lock, orders);
        if (isMissing("customers", "credit_limit")) {
            run(CREDIT, lock);
        }
        run(INDEXES, lock);
        jdbi.useTransaction(handle -> {
            lock.accept(handle);
            if (isMissing(handle, "underpin_idempotency", "k")) { // unlike ours, the script runs once
                String dialect = config.file().isPresent() ? "h2" : "postgresql";
                handle.createScript(text(OF_THE_LIBRARY + dialect + "/V1__idempotency.up.sql"))
                        .execute();
            }
        });
    }

    private boolean isMissing(String table, String column) {
        return jdbi.withHandle(handle -> isMissing(handle, table, column));
    }

    private static boolean isMissing(Handle handle, String table, String column) {
        return handle.createQuery("select count(*) from information_schema.columns"
                                + " where lower(table_name) = :table and lower(column_name) = :column"
                                + " and table_schema = current_schema")
                        .bind("table", table)
                        .bind("column", column)
                        .mapTo(Integer.class)
                        .one()
                == 0;
    }

    private void run(List<String> scripts, Consumer<Handle> lock) {
        jdbi.useTransaction(handle -> {
            lock.accept(handle);
            scripts.forEach(script -> handle.createScript(text(script)).execute());
        });
    }

    private static String text(String script) {
        try (InputStream in = Database.class.getResourceAsStream(script)) {
            if (in == null) {
                throw new IllegalStateException("Not on the class path: " + script);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return what the use cases need of this database} */
    public Store store() {
        return new JdbiStore(jdbi, /* hasSnapshotsOnly= */ directory.isPresent());
    }

    /** {@return where the keys of requests are kept} */
    public IdempotencyStore keys() {
        return JdbiIdempotencyStore.of(jdbi);
    }

    /** {@return whether a connection can be had and answers} */
    public boolean isReachable() {
        try (Connection connection = pool.getConnection()) {
            return connection.isValid(/* timeout= */ 1);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Closes every connection; on H2, with the last one, the database files. */
    @Override
    public void close() {
        pool.close();
        directory.ifPresent(Database::leave);
    }

    private static void leave(DataDirectory directory) {
        try {
            directory.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
