package dev.underpin.quickstart;

import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** One server for all tests of this process, which ends with it: each test class has databases of its own. */
public final class TestPostgres {
    private static final EmbeddedPostgres SERVER = start();

    private TestPostgres() {}

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return a new database} */
    public static DatabaseConfig create(String name) {
        try (Connection connection = TestService.connect(database(SERVER, "postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
        } catch (SQLException e) {
            throw new AssertionError(name, e);
        }
        return database(SERVER, name);
    }

    static DatabaseConfig database(EmbeddedPostgres server, String name) {
        return DatabaseConfig.parse(
                        "postgres://postgres:secret@localhost:" + server.getPort() + '/' + name + "?sslmode=disable")
                .orElseThrow();
    }
}
