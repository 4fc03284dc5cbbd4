package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers, with 30 000 rows. */
class SeekCostIT {
    private static final int SIZE = 30_000;

    /** Counted in buffers, in the cache or not. */
    @Nested
    class OnPostgreSql extends SeekCost {
        private static final Pattern BUFFERS = Pattern.compile("Buffers: shared hit=(\\d+)(?: read=(\\d+))?");

        @Override
        Connection open() throws Exception {
            return TestDatabase.open(Dialect.POSTGRESQL).connection();
        }

        @Override
        Dialect dialect() {
            return Dialect.POSTGRESQL;
        }

        @Override
        int size() {
            return SIZE;
        }

        @Override
        String numbers(int size) {
            return "(select cast(id as bigint) as id from generate_series(1, " + size + ") id)";
        }

        @Override
        String analyze() {
            return "vacuum analyze r";
        }

        /** One for each row, whose place in the heap is anywhere, few for the indexes, and 1.2 of that. */
        @Override
        long most(long first) {
            return first * 12 / 10;
        }

        @Override
        long cost(String sql, Map<String, Object> binds) throws SQLException {
            String plan = plan("explain (analyze, buffers) ", sql, binds);
            Matcher buffers = BUFFERS.matcher(plan);
            assertThat(buffers.find()).as(plan).isTrue();
            String read = buffers.group(2);
            return Long.parseLong(buffers.group(1)) + (read == null ? 0 : Long.parseLong(read));
        }
    }

    /** Counted in reads of a handler: steps along an index, or to a row. */
    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    class OnMariaDb extends SeekCost {
        @Override
        Connection open() throws Exception {
            return TestDatabase.open(Dialect.MARIADB).connection();
        }

        @Override
        Dialect dialect() {
            return Dialect.MARIADB;
        }

        @Override
        int size() {
            return SIZE;
        }

        @Override
        String numbers(int size) {
            return "(select seq as id from seq_1_to_" + size + ")";
        }

        @Override
        String analyze() {
            return "analyze table r";
        }

        /** Where nulls are on the wrong side, several times what is given is read, and no more anywhere. */
        @Override
        long most(long first) {
            return first * 12 / 10;
        }

        @Override
        List<String> walked() {
            return List.of("few,manyLast", "few,-manyFirst");
        }

        @Override
        long cost(String sql, Map<String, Object> binds) throws SQLException {
            try (Statement status = database().createStatement();
                    PreparedStatement statement = prepared("", sql, binds)) {
                status.execute("flush status");
                statement.executeQuery().close();
                long reads = 0;
                try (ResultSet rs = status.executeQuery("show session status like 'Handler\\_read%'")) {
                    while (rs.next()) {
                        reads += rs.getLong(2);
                    }
                }
                return reads;
            }
        }
    }
}
