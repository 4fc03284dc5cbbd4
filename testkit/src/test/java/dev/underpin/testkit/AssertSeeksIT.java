package dev.underpin.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.persistence.KeysetQuery;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
class AssertSeeksIT {
    @Nested
    class OnPostgres extends AssertSeeksContract {
        @Override
        Jdbi start() {
            return Servers.postgres();
        }

        @Override
        void stop() {}

        @Override
        String analyze(String table) {
            return "vacuum analyze " + table;
        }

        /**
         * What an index has, PostgreSQL compares there, and tells nobody how many entries it passed: of the rows that are
         * wanted, the first are beside each other, and those behind have 40 wide entries between them.
         */
        @Test
        void assertSeeks_entriesThatNobodyCounts_failsByTheirBuffers() {
            jdbi().useHandle(handle -> {
                handle.execute("create table sparse (id bigint not null, few bigint, many bigint, holey bigint,"
                        + " bare bigint not null, pad text not null)");
                handle.execute(
                        "insert into sparse select id, 0, 0, null, case when id < 300 or id % 40 = 0 then 0 else 1"
                                + " end, (select string_agg(md5(id || ' ' || k), '') from generate_series(1, 30) k)"
                                + " from generate_series(1, 11000) id");
                handle.execute("create index by_id on sparse (id, pad, bare)");
                handle.execute(analyze("sparse"));
            });

            assertThatThrownBy(() -> Statements.of(jdbi())
                            .assertSeeks(
                                    spec().build(),
                                    query -> jdbi().withHandle(
                                                    handle -> KeysetQuery.of(handle, "select i.* from sparse i")
                                                            .where("i.bare = 0")
                                                            .fetch(query, ITEM))))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("quarters deep")
                    .hasMessageMatching("(?s).* made the database read 2\\d rows of a table and \\d{2,3} buffers.*");
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends AssertSeeksContract {
        @Override
        Jdbi start() {
            return Servers.mariaDb();
        }

        @Override
        void stop() {}

        @Override
        String analyze(String table) {
            return "analyze table " + table;
        }
    }
}
