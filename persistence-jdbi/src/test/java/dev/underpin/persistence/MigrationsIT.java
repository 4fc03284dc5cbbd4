package dev.underpin.persistence;

import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
class MigrationsIT {
    @Nested
    class OnPostgres extends MigrationsContract {
        @Override
        Handle open() throws SQLException {
            return Jdbi.create(
                            TestServers.postgres().newDatabase(),
                            TestServers.postgres().user(),
                            "")
                    .open();
        }

        @Override
        String folder() {
            return "postgresql";
        }

        @Override
        List<String> catalogs() {
            String ours = "relnamespace = 'public'::regnamespace";
            return List.of(
                    "select concat_ws(' ', relname, relkind, reloptions::text) from pg_class where " + ours
                            + " order by 1",
                    "select concat_ws(' ', relname, attname, format_type(atttypid, atttypmod), attnotnull,"
                            + " pg_get_expr(adbin, adrelid)) from pg_class join pg_attribute a on a.attrelid = pg_class.oid"
                            + " left join pg_attrdef on adrelid = attrelid and adnum = attnum where attnum > 0 and "
                            + ours + " order by 1",
                    "select concat_ws(' ', conname, pg_get_constraintdef(oid)) from pg_constraint"
                            + " where connamespace = 'public'::regnamespace order by 1",
                    "select indexdef from pg_indexes where schemaname = 'public' order by 1",
                    "select concat_ws(' ', proname, prokind) from pg_proc where pronamespace = 'public'::regnamespace"
                            + " order by 1",
                    "select concat_ws(' ', typname, typtype) from pg_type where typnamespace = 'public'::regnamespace"
                            + " order by 1");
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends MigrationsContract {
        @Override
        Handle open() throws SQLException {
            return Jdbi.create(
                            TestServers.mariaDb().newDatabase(),
                            TestServers.mariaDb().user(),
                            "")
                    .open();
        }

        @Override
        String folder() {
            return "mariadb";
        }

        @Override
        List<String> catalogs() {
            return List.of(
                    "select concat_ws(' ', table_name, table_type, engine, table_collation, create_options)"
                            + " from information_schema.tables where table_schema = database() order by 1",
                    "select concat_ws(' ', table_name, column_name, column_type, is_nullable, column_default,"
                            + " collation_name, extra) from information_schema.columns where table_schema = database()"
                            + " order by 1",
                    "select concat_ws(' ', table_name, index_name, non_unique, seq_in_index, column_name)"
                            + " from information_schema.statistics where table_schema = database() order by 1",
                    "select concat_ws(' ', routine_name, routine_type) from information_schema.routines"
                            + " where routine_schema = database() order by 1");
        }
    }

    /** No proof for MySQL, but what is wrong here is wrong there. */
    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    class MySqlScriptsOnMariaDb extends OnMariaDb {
        @Override
        String folder() {
            return "mysql";
        }
    }
}
