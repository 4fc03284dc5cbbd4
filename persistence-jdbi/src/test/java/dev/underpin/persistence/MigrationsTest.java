package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationsTest {
    @Nested
    class OnH2 extends MigrationsContract {
        @Override
        Handle open() {
            return Jdbi.create("jdbc:h2:mem:").open();
        }

        @Override
        String folder() {
            return "h2";
        }

        @Override
        List<String> catalogs() {
            return List.of(
                    "select lower(concat_ws(' ', table_name, column_name, data_type, character_maximum_length,"
                            + " datetime_precision, is_nullable, column_default)) from information_schema.columns"
                            + " where table_schema = 'PUBLIC' order by 1",
                    "select lower(concat_ws(' ', table_name, index_name, index_type_name)) from information_schema.indexes"
                            + " where table_schema = 'PUBLIC' and index_type_name <> 'PRIMARY KEY' order by 1",
                    "select lower(concat_ws(' ', table_name, constraint_name, constraint_type)) from"
                            + " information_schema.table_constraints where table_schema = 'PUBLIC' order by 1",
                    "select lower(sequence_name) from information_schema.sequences where sequence_schema = 'PUBLIC'"
                            + " order by 1");
        }
    }

    static List<String> databases() throws IOException {
        try (Stream<Path> folders = Files.list(MigrationsContract.folder("h2").getParent())) {
            return folders.map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void scripts_databases_haveTheSameVersions() throws IOException {
        assertThat(databases()).containsExactly("h2", "mariadb", "mysql", "postgresql");
        for (String suffix : List.of(".up.sql", ".down.sql")) {
            List<String> names = names("postgresql", suffix);
            for (String database : databases()) {
                assertThat(names(database, suffix)).as(database).isEqualTo(names);
            }
            assertThat(names).allMatch(name -> name.matches("V[1-9][0-9]*__[a-z_]+" + suffix));
        }
        assertThat(names("h2", ".up.sql").stream().map(name -> name.replace(".up.", ".down.")))
                .isEqualTo(names("h2", ".down.sql"));
    }

    /** A tool in another module would not find them else. */
    @Test
    void scripts_inAModule_areOpenToOthers() throws IOException {
        try (InputStream descriptor = Files.newInputStream(Path.of("target/classes/module-info.class"))) {
            assertThat(ModuleDescriptor.read(descriptor).opens())
                    .extracting(ModuleDescriptor.Opens::source)
                    .containsExactlyInAnyOrderElementsOf(databases().stream()
                            .map(database -> "dev.underpin.persistence.migrations." + database)
                            .toList());
        }
    }

    private static List<String> names(String database, String suffix) {
        return MigrationsContract.scripts(database, suffix).stream()
                .map(file -> file.getFileName().toString())
                .toList();
    }

    /** What one tool or another would take for the end of a statement, a command of its own, or a placeholder. */
    @ParameterizedTest
    @ValueSource(strings = {"h2", "mariadb", "mysql", "postgresql"})
    void scripts_text_isWhatAnyToolRuns(String database) throws IOException {
        for (Path script : MigrationsContract.scripts(database, ".sql")) {
            String text = Files.readString(script);
            assertThat(text)
                    .as(script.toString())
                    .isASCII()
                    .endsWith(";\n")
                    .doesNotContain("\\", "$", "{", "\"", "'", "/*");
            assertThat(text.toLowerCase(Locale.ROOT)).doesNotContain("delimiter", "begin", "commit");
            for (String line : text.split("\n", -1)) {
                int comment = line.indexOf("--");
                assertThat(comment < 0 ? "" : line.substring(comment))
                        .as("comment in %s", script)
                        .doesNotContain(";");
            }
        }
    }

    /** It was never run there; so it differs from what was in one type, and in nothing else. */
    @Test
    void scripts_ofMySql_areThoseOfMariaDbWithoutItsUuid() throws IOException {
        List<Path> mySql = MigrationsContract.scripts("mysql", ".sql");
        List<Path> mariaDb = MigrationsContract.scripts("mariadb", ".sql");
        for (int i = 0; i < mySql.size(); i++) {
            assertThat(Files.readString(mySql.get(i)))
                    .isEqualTo("-- Never run on MySQL: no server was at hand.\n"
                            + Files.readString(mariaDb.get(i)).replace(" uuid ", " binary(16) "));
        }
    }
}
