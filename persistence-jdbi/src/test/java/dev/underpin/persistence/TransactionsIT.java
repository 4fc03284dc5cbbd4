package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
class TransactionsIT {
    @Nested
    class OnPostgres extends TransactionsContract {
        @Override
        String url() throws SQLException {
            return TestServers.postgres().newDatabase();
        }

        @Override
        String user() {
            return TestServers.postgres().user();
        }

        @Override
        void stop() {}

        @Override
        TransactionIsolationLevel isolation(Handle handle) {
            return TransactionIsolationLevel.valueOf(
                    handle.createQuery("select current_setting('transaction_isolation')")
                            .mapTo(String.class)
                            .one()
                            .replace(' ', '_')
                            .toUpperCase(Locale.ROOT));
        }

        @Override
        String insertIfAbsent() {
            return "insert into accounts values (1, 'n1', 100) on conflict do nothing";
        }

        @Override
        String settings(Handle handle) {
            return handle.createQuery(
                            "select current_setting('transaction_isolation') || current_setting('lock_timeout')"
                                    + " || current_setting('statement_timeout')"
                                    + " || current_setting('idle_in_transaction_session_timeout')"
                                    + " || current_setting('transaction_read_only')")
                    .mapTo(String.class)
                    .one();
        }

        @Test
        void sqlThatEndsTheTransaction_isABug() {
            for (String end : List.of("rollback", "commit")) {
                assertThatThrownBy(() -> transactions().inTransaction(tx -> {
                            tx.handle().execute(end);
                            return Result.ok(1);
                        }))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("by SQL");
            }
        }

        @Test
        void nestedFailureOutsideOfJdbi_isUndoneAndTheRestRemains() {
            assertThat(transactions().inTransaction(tx -> {
                        tx.handle().execute("insert into accounts values (1, 'n1', 1)");
                        Result<Integer, DomainError> inner = tx.nested(part -> {
                            try (Statement statement =
                                    part.handle().getConnection().createStatement()) {
                                statement.execute("select 1 / 0");
                            } catch (SQLException e) {
                                // passed over
                            }
                            return Result.ok(1);
                        });
                        assertThat(inner.isOk()).isFalse();
                        return Result.ok(1);
                    }))
                    .isEqualTo(Result.ok(1));
            assertThat(ids()).containsExactly(1L);
        }

        @Test
        void commitTrace_ofAnotherTimeZone_isTheSame() {
            CommitTrace trace = jdbi().inTransaction(handle -> {
                handle.execute("set local time zone 'Asia/Tokyo'");
                return handle.createQuery("select " + CommitTrace.COLUMNS)
                        .map((rs, context) -> CommitTrace.of(rs))
                        .one();
            });

            assertThat(trace.outcome(jdbi(), Duration.ofSeconds(5))).isEqualTo(CommitTrace.Outcome.COMMITTED);
        }

        @Test
        void statementNearTheDeadline_afterASavepoint_getsNoMoreThanIsLeft() {
            var time = new SteppedTime();
            assertThat(Transactions.named("bank").time(time).build(jdbi()).inTransaction(tx -> {
                        time.pass(Duration.ofSeconds(27));
                        var undone = tx.nested(part -> {
                            part.handle().execute("select 1");
                            return Result.err(REFUSED.error());
                        });
                        assertThat(undone.isOk()).isFalse();
                        return Result.ok(tx.handle()
                                .createQuery("select current_setting('statement_timeout')")
                                .mapTo(String.class)
                                .one());
                    }))
                    .isEqualTo(Result.ok("3s"));
        }

        @Test
        void statementNearTheDeadline_getsNoMoreThanIsLeft() {
            var time = new SteppedTime();
            assertThat(Transactions.named("bank").time(time).build(jdbi()).inTransaction(tx -> {
                        time.pass(Duration.ofSeconds(27));
                        return Result.ok(tx.handle()
                                .createQuery("select current_setting('statement_timeout')")
                                .mapTo(String.class)
                                .one());
                    }))
                    .isEqualTo(Result.ok("3s"));
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends TransactionsContract {
        private String url;

        @Override
        String url() throws SQLException {
            url = TestServers.mariaDb().newDatabase();
            return url;
        }

        @Override
        String user() {
            return TestServers.mariaDb().user();
        }

        @Override
        void stop() {}

        /** No table tells it of a transaction: so by whether a row that was read can be changed, and what is read then. */
        @Override
        TransactionIsolationLevel isolation(Handle handle) {
            String read = "select max(balance) from accounts";
            long first = handle.createQuery(read).mapTo(Long.class).one();
            try (Handle other = Jdbi.create(url, user(), "").open()) {
                other.execute("set innodb_lock_wait_timeout = 1");
                other.execute("update accounts set balance = balance + 1 where id = 9");
            } catch (JdbiException e) {
                return TransactionIsolationLevel.SERIALIZABLE;
            }
            long second = handle.createQuery(read).mapTo(Long.class).one();
            return first == second
                    ? TransactionIsolationLevel.REPEATABLE_READ
                    : TransactionIsolationLevel.READ_COMMITTED;
        }

        @Override
        String insertIfAbsent() {
            return "insert ignore into accounts values (1, 'n1', 100)";
        }

        @Override
        String settings(Handle handle) {
            return handle.createQuery("select concat(@@innodb_lock_wait_timeout, ' ', @@max_statement_time, ' ',"
                            + " @@transaction_isolation, ' ', @@transaction_read_only)")
                    .mapTo(String.class)
                    .one();
        }

        @Test
        void sqlThatEndsTheTransaction_isABug() {
            for (String end : List.of("rollback", "commit", "create table if not exists made (id int)")) {
                assertThatThrownBy(() -> transactions().inTransaction(TxOptions.serializable(), tx -> {
                            tx.handle().execute(end);
                            tx.handle().execute("insert into accounts values (1, 'n1', 1)");
                            return Result.ok(1);
                        }))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("by SQL");
                assertThat(ids()).isEmpty();
            }
        }

        @Test
        void procedureThatRollsBack_isABug() {
            jdbi().useHandle(handle -> handle.execute("create or replace procedure careless() begin"
                    + " declare exit handler for sqlexception begin rollback; end;"
                    + " insert into accounts values (1, 'n1', 1); end"));

            assertThatThrownBy(() -> transactions().inTransaction(tx -> {
                        tx.handle().execute("insert into accounts values (1, 'n1', 1)");
                        tx.handle().execute("call careless()");
                        tx.handle().execute("insert into accounts values (2, 'n2', 1)");
                        return Result.ok(1);
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("by SQL");
            assertThat(ids()).isEmpty();
        }

        @Test
        void driverThatCallsItMySql_isNoDifference() {
            try (HikariDataSource called = pool(url + "?useMysqlMetadata=true", 1)) {
                assertThat(Transactions.named("bank")
                                .build(Jdbi.create(called))
                                .inTransaction(TxOptions.serializable(), tx -> Result.ok(1)))
                        .isEqualTo(Result.ok(1));
            }
        }

        @Test
        void statementNearTheDeadline_getsNoMoreThanIsLeft() {
            var time = new SteppedTime();
            assertThat(Transactions.named("bank").time(time).build(jdbi()).inTransaction(tx -> {
                        time.pass(Duration.ofSeconds(27));
                        return Result.ok(tx.handle()
                                .createQuery("select @@max_statement_time")
                                .mapTo(Double.class)
                                .one());
                    }))
                    .isEqualTo(Result.ok(3.0));
        }
    }
}
