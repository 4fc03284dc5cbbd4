package dev.underpin.quickstart.infrastructure;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterAll;

final class PostgreSqlStoreIT extends StoreContract {
    private EmbeddedPostgres server;

    @Override
    DatabaseConfig config() throws Exception {
        server = EmbeddedPostgres.start();
        return DatabaseConfig.parse(
                        "postgres://postgres:secret@localhost:" + server.getPort() + "/postgres?sslmode=disable")
                .orElseThrow();
    }

    @Override
    @AfterAll
    void close() {
        super.close();
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
