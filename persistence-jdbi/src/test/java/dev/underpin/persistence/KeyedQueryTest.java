package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.persistence.internal.Database;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** On the databases that are a library. */
class KeyedQueryTest {
    @Nested
    class OnH2 extends KeyedQueryContract {
        @Override
        Handle open() {
            return Jdbi.create("jdbc:h2:mem:").open();
        }

        @Override
        void stop() {}

        @Override
        String exactText() {
            return "varchar(100)";
        }

        @Override
        String looseText() {
            return "varchar_ignorecase(100)";
        }

        @Override
        String uuid() {
            return "uuid";
        }

        @Override
        void analyze(String table) {
            handle.execute("analyze table " + table);
        }

        @Override
        boolean seeks(String table, List<String> plan) {
            return !plan.toString().contains("tableScan");
        }
    }

    @Nested
    class OnSqlite extends KeyedQueryContract {
        @Override
        Handle open() {
            return Jdbi.create("jdbc:sqlite::memory:").open();
        }

        @Override
        void stop() {}

        @Override
        String exactText() {
            return "text";
        }

        @Override
        String looseText() {
            return "text collate nocase";
        }

        @Override
        String uuid() {
            return "text";
        }

        @Override
        void analyze(String table) {
            handle.execute("analyze " + table);
        }

        @Override
        String explain() {
            return "explain query plan ";
        }

        @Override
        boolean seeks(String table, List<String> plan) {
            return plan.stream().noneMatch(line -> line.startsWith("detail=SCAN p"));
        }
    }

    /* ---- lists, where nothing better is known to work ---- */

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 4", "4, 4", "5, 8", "512, 512", "513, 1000", "999, 1000", "1000, 1000"})
    void list_numberOfKeys_isOneOfFewSizes(int keys, int size) {
        KeyForm form = KeyForm.of(null, LongStream.range(0, keys).boxed().toList());

        assertThat(form.arguments().keySet())
                .containsExactlyElementsOf(
                        IntStream.range(0, size).mapToObj(i -> "keys" + i).toList());
        assertThat(form.in("select 1 where a = any(:keys)"))
                .startsWith("select 1 where a  in (:keys0")
                .endsWith(")");
    }

    @ParameterizedTest
    @EnumSource(
            value = Database.class,
            names = {"MYSQL", "SQL_SERVER", "ORACLE"})
    void list_databasesThatWereNeverRun_haveOne(Database database) {
        assertThat(KeyForm.of(database, List.of("a", "b", "c")).condition())
                .isEqualTo("in (:keys0, :keys1, :keys2, :keys3)");
    }

    @Test
    void list_valuesOnADatabase_areTheKeysAndThenTheLastOne() {
        try (Handle handle = Jdbi.create("jdbc:h2:mem:").open()) {
            for (Database database : new Database[] {null, Database.ORACLE}) {
                KeyForm form = KeyForm.of(database, List.of("a", "b", "c"));
                var query = handle.createQuery(
                        form.in("select x from (values 'a', 'b', 'c', 'd') v(x) where x = any(:keys)"));
                form.arguments().forEach(query::bind);

                assertThat(query.mapTo(String.class).list()).containsExactlyInAnyOrder("a", "b", "c");
            }
        }
    }
}
