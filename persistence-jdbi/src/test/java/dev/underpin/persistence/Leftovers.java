package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.persistence.internal.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * What no transaction may leave behind, in a pool and on its server: borrowed connections, open transactions, locks,
 * settings. To be asked for after every test.
 */
final class Leftovers {
    /** How to ask a server: what is open in this database but for the asker, one row each; what a session is set to. */
    private enum Questions {
        POSTGRESQL(
                "select concat_ws(' ', 'session', pid, state, query) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid()"
                        + " and backend_type = 'client backend' and (state <> 'idle' or xact_start is not null)"
                        + " union all select concat_ws(' ', 'lock', l.pid, l.locktype, l.mode) from pg_locks l"
                        + " join pg_stat_activity a on a.pid = l.pid and a.backend_type = 'client backend'"
                        + " where a.datname = current_database() and l.pid <> pg_backend_pid()",
                "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where source = 'session'"
                        + " or name like '%\\_timeout' or name like '%transaction\\_isolation'"
                        + " or name like '%transaction\\_read\\_only'",
                "select pg_sleep(0.05)"),
        MARIADB(
                "select concat_ws(' ', 'transaction', trx_mysql_thread_id, trx_state, trx_query)"
                        + " from information_schema.innodb_trx join information_schema.processlist"
                        // Not those of the server itself, which have no session, nor of sessions on other databases.
                        + " on id = trx_mysql_thread_id where db = database()",
                "select concat_ws(' ', @@transaction_isolation, @@transaction_read_only, @@autocommit, @@in_transaction,"
                        + " @@innodb_lock_wait_timeout, @@max_statement_time, @@innodb_snapshot_isolation,"
                        + " @@idle_transaction_timeout, @@sql_mode)",
                "select sleep(0.11)"), // the table is as old as a tenth of a second
        H2(
                "select 'session ' || session_id from information_schema.sessions"
                        + " where contains_uncommitted and session_id <> session_id()"
                        + " union all select 'lock ' || session_id || ' ' || lock_type from information_schema.locks"
                        + " where session_id <> session_id()",
                "select isolation_level || ' ' || lock_timeout() || ' ' || contains_uncommitted"
                        + " from information_schema.sessions where session_id = session_id()",
                "select 1");

        private final String open;
        private final String settings;
        private final String pause;

        Questions(String open, String settings, String pause) {
            this.open = open;
            this.settings = settings;
            this.pause = pause;
        }
    }

    /** For as long as this a server may take to notice that a client has gone. */
    private static final int PAUSES = 200;

    private final HikariDataSource pool;
    private final Jdbi direct;
    private final Questions questions;
    private final String unused;

    /**
     * The leftovers of a pool.
     *
     * @param direct the same database, by neither the pool nor a proxy
     */
    Leftovers(HikariDataSource pool, Jdbi direct) throws SQLException {
        this.pool = pool;
        this.direct = direct;
        try (Handle handle = direct.open()) {
            questions = Questions.valueOf(Database.of(handle.getConnection()).name());
            unused = settings(handle.getConnection()).orElseThrow();
        }
    }

    void assertNone() throws SQLException {
        assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                .as("borrowed connections")
                .isZero();
        assertNothingOpen();
        assertNextBorrowersFindAllAsItWas();
    }

    /** On the server alone. */
    void assertNothingOpen() {
        assertThat(open()).as("what is open on the server").isEmpty();
    }

    private List<String> open() {
        try (Handle handle = direct.open()) {
            List<String> open = List.of();
            for (int i = 0; i < PAUSES; i++) {
                open = handle.createQuery(questions.open).mapTo(String.class).list();
                if (open.isEmpty()) {
                    break;
                }
                handle.execute(questions.pause);
            }
            return open;
        }
    }

    /** All at once: one after the other would be the same connection each time. Broken ones are taken out by asking. */
    private void assertNextBorrowersFindAllAsItWas() throws SQLException {
        List<Connection> all = new ArrayList<>();
        List<String> found = new ArrayList<>();
        try {
            while (found.size() < pool.getMaximumPoolSize()) {
                Connection next = pool.getConnection();
                all.add(next);
                settings(next).ifPresentOrElse(found::add, () -> close(all.remove(all.size() - 1)));
            }
        } finally {
            all.forEach(Leftovers::close);
        }
        assertThat(found).as("settings of the next borrowers").containsOnly(unused);
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return what a connection is set to, unless it is broken} */
    private Optional<String> settings(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rs = statement.executeQuery(questions.settings)) {
            assertThat(rs.next()).isTrue();
            return Optional.of("autocommit " + connection.getAutoCommit() + ", read-only " + connection.isReadOnly()
                    + ", isolation " + connection.getTransactionIsolation() + ", network timeout "
                    + connection.getNetworkTimeout() + ", " + rs.getString(1));
        } catch (SQLException e) {
            if (SqlFailure.of(e).meaning() == SqlFailure.Meaning.UNAVAILABLE) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
