package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On servers. */
class KeyedQueryIT {
    @Nested
    class OnPostgres extends KeyedQueryContract {
        @Override
        Handle open() throws SQLException {
            Handle opened = Jdbi.create(
                            TestServers.postgres().newDatabase(),
                            TestServers.postgres().user(),
                            "")
                    .open();
            opened.execute(
                    "create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
            return opened;
        }

        @Override
        void stop() {}

        @Override
        String exactText() {
            return "varchar(100)";
        }

        @Override
        String looseText() {
            return "text collate loose";
        }

        @Override
        String uuid() {
            return "uuid";
        }

        @Override
        void analyze(String table) {
            handle.execute("analyze " + table);
        }

        @Override
        boolean seeks(String table, List<String> plan) {
            return plan.stream().noneMatch(line -> line.contains("Seq Scan on " + table));
        }

        /** A text takes the type of its column: an enum has no comparison with varchar. */
        @Test
        void fetchOne_enum_isComparedAsOne() {
            handle.execute("create type mood as enum ('sad', 'ok', 'happy')");
            handle.execute("create table moods (mood mood primary key)");
            handle.execute("insert into moods values ('sad'), ('ok')");

            assertThat(KeyedQuery.of(handle, "select mood from moods where mood = any(:keys)")
                            .fetchOne(List.of("happy", "ok"), (rs, context) -> rs.getString(1), mood -> mood)
                            .toString())
                    .isEqualTo("[Optional.empty, Optional[ok]]");
        }

        /** A number wider than its column is one that is not there, and not an error. */
        @Test
        void fetchOne_numberBeyondItsColumn_isMissing() {
            handle.execute("create table narrow (id int primary key)");
            handle.execute("insert into narrow values (1)");

            assertThat(KeyedQuery.of(handle, "select id from narrow where id = any(:keys)")
                            .fetchOne(List.of(1L, 1L << 40), (rs, context) -> rs.getLong(1), id -> id)
                            .toString())
                    .isEqualTo("[Optional[1], Optional.empty]");
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends KeyedQueryContract {
        @Override
        Handle open() throws SQLException {
            return Jdbi.create(
                            TestServers.mariaDb().newDatabase() + options(),
                            TestServers.mariaDb().user(),
                            "")
                    .open();
        }

        String options() {
            return "";
        }

        @Override
        void stop() {}

        @Override
        String exactText() {
            return "varchar(100) character set utf8mb4 collate utf8mb4_nopad_bin";
        }

        @Override
        String looseText() {
            return "varchar(100) character set utf8mb4 collate utf8mb4_general_ci";
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
            int row = plan.indexOf("table=p");
            assertThat(row).as(plan.toString()).isPositive();
            return List.of("type=eq_ref", "type=ref", "type=range", "type=const")
                    .contains(plan.get(row + 1));
        }

        /** A text that has another collation than its column, of as high a rank, is an error or scans. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "utf8mb4 collate utf8mb4_unicode_ci",
                    "utf8mb4 collate utf8mb4_uca1400_ai_ci",
                    "utf8mb4 collate utf8mb4_bin",
                    "utf8mb3 collate utf8mb3_general_ci",
                    "latin1 collate latin1_swedish_ci",
                    "ascii collate ascii_bin"
                })
        void plan_textOfAnyCollation_seeksAndFinds(String charset) {
            handle.execute("create or replace table collated (code varchar(40) character set " + charset
                    + " primary key, n bigint)");
            handle.execute("insert into collated select concat('c', seq), seq from seq_1_to_5000");
            analyze("collated");
            List<String> keys =
                    IntStream.rangeClosed(1, 100).mapToObj(i -> "c" + i).toList();
            String select = "select p.* from collated p where p.code = any(:keys)";

            assertSeeks("collated", select, keys);
            assertThat(KeyedQuery.of(handle, select)
                            .fetchMany(keys, (rs, context) -> rs.getString("code"), code -> code))
                    .containsExactlyElementsOf(keys.stream().map(List::of).toList());
        }

        /** Older tables keep them so. */
        @Test
        void plan_uuidsAsText_seeks() {
            handle.execute("create table old (guid char(36) character set ascii primary key)");
            handle.execute("insert into old select guid from parts");
            analyze("old");

            assertSeeks("old", "select p.* from old p where p.guid = any(:keys)", List.of(guid(1), guid(2)));
        }
    }

    /** The server gets the keys after the statement, not within it. */
    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    class OnMariaDbPreparing extends OnMariaDb {
        @Override
        String options() {
            return "?useServerPrepStmts=true";
        }
    }
}
