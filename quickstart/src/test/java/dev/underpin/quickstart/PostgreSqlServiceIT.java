package dev.underpin.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.quickstart.infrastructure.Database;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.quickstart.infrastructure.SeedTest;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Collections;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

final class PostgreSqlServiceIT extends ServiceContract {
    private EmbeddedPostgres server;

    @Override
    DatabaseConfig database() throws Exception {
        server = EmbeddedPostgres.start();
        return database("postgres");
    }

    @Test
    void sow_anywhere_isTheSameData() throws Exception {
        try (Connection connection = TestService.connect(database("postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("create database seed");
        }

        Database.open(database("seed"), SeedTest.ORDERS).close();

        assertThat(SeedTest.fingerprint(database("seed"))).isEqualTo(SeedTest.FINGERPRINT);
    }

    @Test
    void open_twoAtOnce_takeTurns() throws Exception {
        try (Connection connection = TestService.connect(database("postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("create database twice");
        }
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            for (var start : executor.invokeAll(Collections.nCopies(
                    2,
                    Executors.callable(() ->
                            Database.open(database("twice"), SeedTest.ORDERS).close())))) {
                start.get();
            }
        } finally {
            executor.shutdownNow();
        }

        assertThat(SeedTest.fingerprint(database("twice"))).isEqualTo(SeedTest.FINGERPRINT);
    }

    /** Waits the five seconds of the service's own setting: without it, the request would never be answered. */
    @Test
    void cancel_lockedByAnother_isAConflictInTheEnd() throws Exception {
        try (Connection connection = TestService.connect(database("postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("create database locked");
        }
        try (var service = TestService.start(database("locked"));
                Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            String id = service.placed(40, 1);
            connection.setAutoCommit(false);
            statement.execute("select 1 from orders where id = '" + id + "' for update");

            var cancel = service.request("/orders/" + id + "/cancel")
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();

            service.refused(409, "CONCURRENT_CHANGE", cancel);
        }
    }

    private DatabaseConfig database(String name) {
        return DatabaseConfig.parse(
                        "postgres://postgres:secret@localhost:" + server.getPort() + '/' + name + "?sslmode=disable")
                .orElseThrow();
    }

    @Override
    @AfterAll
    void stop() {
        super.stop();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
