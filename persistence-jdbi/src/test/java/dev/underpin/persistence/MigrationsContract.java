package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What all scripts of a database do, those that come later, too. */
abstract class MigrationsContract {
    private Handle handle;

    /** {@return a handle on an empty database} */
    abstract Handle open() throws Exception;

    /** {@return the folder of the scripts} */
    abstract String folder();

    /** {@return queries for all that scripts can make, of a text each row} */
    abstract List<String> catalogs();

    @BeforeEach
    void connect() throws Exception {
        handle = open();
    }

    @AfterEach
    void disconnect() {
        handle.close();
    }

    /** {@return the scripts of a database in the order of their versions} */
    static List<Path> scripts(String folder, String suffix) {
        Path all = folder(folder);
        try (Stream<Path> files = Files.list(all)) {
            List<Path> scripts = files.filter(file -> file.toString().endsWith(suffix))
                    .sorted(Comparator.comparingInt(MigrationsContract::version).thenComparing(Path::getFileName))
                    .toList();
            assertThat(scripts).as("scripts in %s", all).isNotEmpty();
            return scripts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path folder(String folder) {
        return Path.of("src/main/resources/dev/underpin/persistence/migrations", folder);
    }

    private static int version(Path script) {
        String name = script.getFileName().toString();
        return Integer.parseInt(name.substring(1, name.indexOf("__")));
    }

    /** As the simplest of tools does it: statements end where there is a semicolon. */
    private void run(Path script) {
        try {
            for (String statement : Files.readString(script).split(";", -1)) {
                if (!statement.isBlank()) {
                    try (var plain = handle.getConnection().createStatement()) {
                        plain.execute(statement);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(script.toString(), e);
        }
    }

    private List<String> catalog() {
        List<String> rows = new ArrayList<>();
        for (String query : catalogs()) {
            rows.addAll(handle.createQuery(query).mapTo(String.class).list());
        }
        return rows;
    }

    @Test
    void scripts_upDownUp_leaveNothingAndMakeTheSame() {
        List<String> before = catalog();
        scripts(folder(), ".up.sql").forEach(this::run);
        List<String> first = catalog();
        List<Path> down = new ArrayList<>(scripts(folder(), ".down.sql"));
        Collections.reverse(down);
        down.forEach(this::run);
        List<String> between = catalog();
        scripts(folder(), ".up.sql").forEach(this::run);

        assertThat(first).hasSizeGreaterThan(before.size() + 10).anyMatch(row -> row.contains("underpin_idempotency"));
        assertThat(between).isEqualTo(before);
        assertThat(catalog()).isEqualTo(first);
    }

    /** Each step back is that of its own step forward, and none needs the later ones. */
    @Test
    void scripts_eachDownAfterItsUp_leavesWhatWasThere() {
        List<Path> up = scripts(folder(), ".up.sql");
        List<Path> down = scripts(folder(), ".down.sql");
        for (int i = 0; i < up.size(); i++) {
            List<String> before = catalog();
            run(up.get(i));
            run(down.get(i));
            assertThat(catalog()).as("after %s", down.get(i)).isEqualTo(before);
            run(up.get(i));
        }
    }
}
