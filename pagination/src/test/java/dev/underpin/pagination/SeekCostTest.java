package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.ProgressHandler;

/** On databases that run in this process. */
class SeekCostTest {
    /** Counted in rows of the table that are looked at. */
    @Nested
    class OnH2 extends SeekCost {
        /** A table, its index, and what was read of it. */
        private static final Pattern READ = Pattern.compile(
                "\\bR\"?\\s*(/\\* PUBLIC\\.(?:(?!\\*/).)*\\*/)\\s*/\\* scanCount: (\\d+)", Pattern.DOTALL);

        @Override
        Connection open() throws SQLException {
            return DriverManager.getConnection("jdbc:h2:mem:");
        }

        @Override
        Dialect dialect() {
            return Dialect.H2;
        }

        @Override
        int size() {
            return 6_000;
        }

        @Override
        String numbers(int size) {
            return "(select x as id from system_range(1, " + size + "))";
        }

        @Override
        String analyze() {
            return "analyze";
        }

        @Override
        long most(long first) {
            return first * 12 / 10;
        }

        /** An arm that others count is run once, and shown wherever it is counted. */
        @Override
        long cost(String sql, Map<String, Object> binds) throws SQLException {
            Map<String, Long> reads = new HashMap<>();
            Matcher read = READ.matcher(plan("explain analyze ", sql, binds));
            while (read.find()) {
                reads.put(read.group(1).replaceAll("[\\s\"]+", " "), Long.valueOf(read.group(2)));
            }
            assertThat(reads).isNotEmpty();
            return reads.values().stream().mapToLong(Long::longValue).sum();
        }

        /** H2 has nulls first in the index, and is told where behind them to begin. */
        @ParameterizedTest
        @ValueSource(strings = {"fewLast", "manyLast", "fewLast,many", "manyLast,-few"})
        void firstPage_beginsBehindNulls_doesNotWalkThem(String sort) throws SQLException {
            assertThat(cost(query(sort))).isLessThanOrEqualTo(61);
        }

        /** The rows that tell which groups a page has, and those of the last group. */
        @ParameterizedTest
        @ValueSource(strings = {"few,manyLast", "few,-manyFirst"})
        void firstPage_nullsOnTheWrongSideInEachGroup_areNotWalked(String sort) throws SQLException {
            assertThat(cost(query(sort))).isLessThanOrEqualTo(3 * 51);
        }

        /** H2 begins at the value that it is asked to begin behind, and of a text no next one is known. */
        @Test
        void page_fromOneTextToTheNext_costsTheGroup() throws SQLException {
            record T(long id, String text) {}
            PageSpec<T> spec = PageSpec.named("t", T.class)
                    .sort("text", "r.text", ColumnType.TEXT, T::text)
                    .unique("id", "r.id", ColumnType.LONG, T::id)
                    .size(50, 50)
                    .build();
            try (Statement statement = database().createStatement()) {
                statement.execute("alter table r add text varchar(9)");
                statement.execute("update r set text = 'kind' || mod(id, 2)");
                statement.execute("create index r_text on r (text, id)");
            }
            PageQuery<T> up = query(spec, "text").after(new T(size() - 2, "kind0"));
            PageQuery<T> down = query(spec, "-text").after(new T(3, "kind1"));

            assertThat(cost(up)).isBetween(size() / 2L, size() / 2L + 100);
            assertThat(cost(down)).isBetween(size() / 2L, size() / 2L + 100);
        }
    }

    /** Counted in instructions of its virtual machine, since it tells no rows. */
    @Nested
    class OnSqlite extends SeekCost {
        private static final int STEP = 10;

        @Override
        Connection open() throws SQLException {
            return DriverManager.getConnection("jdbc:sqlite::memory:");
        }

        @Override
        Dialect dialect() {
            return Dialect.SQLITE;
        }

        @Override
        int size() {
            return 20_000;
        }

        @Override
        String numbers(int size) {
            return "(with recursive n (id) as (select 1 union all select id + 1 from n where id < " + size
                    + ") select id from n)";
        }

        @Override
        String analyze() {
            return "select 1"; // its statistics know of no nulls, and lead it astray
        }

        /** Arms are run to their limit, up to five for a page: a group or the nulls would take several times that. */
        @Override
        long most(long first) {
            return first > 6_000 ? 12_000 : 7_000;
        }

        @Override
        long mostOfProbe() {
            return 1_000;
        }

        @Override
        long cost(String sql, Map<String, Object> binds) throws SQLException {
            var instructions = new AtomicLong();
            ProgressHandler.setHandler(database(), STEP, new ProgressHandler() {
                @Override
                protected int progress() {
                    instructions.addAndGet(STEP);
                    return 0;
                }
            });
            try (PreparedStatement statement = prepared("", sql, binds);
                    ResultSet rs = statement.executeQuery()) {
                while (rs.next()) {
                    assertThat(rs.getLong("id")).isPositive();
                }
            }
            ProgressHandler.clearHandler(database());
            return instructions.get();
        }
    }
}
