package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;

/** On servers. What these cannot be made to say, {@code PersistenceErrorsTest} has constructed. */
@Isolated("for a while a server is made to let nobody in, or to take no writes")
class VendorErrorsIT {
    @Nested
    class OnPostgres extends VendorErrorsContract {
        private String url;

        @Override
        String url() throws SQLException {
            url = TestServers.postgres().newDatabase();
            return url;
        }

        @Override
        String user() {
            return TestServers.postgres().user();
        }

        @BeforeAll
        void more() {
            direct().useHandle(handle -> {
                handle.execute("create extension if not exists btree_gist");
                handle.execute("create table stays (room integer, during int4range,"
                        + " constraint stays_apart exclude using gist (room with =, during with &&))");
                handle.execute("insert into stays values (1, '[1,5)')");
                handle.execute("create table later (id integer primary key, parent integer constraint later_parent"
                        + " references parents (id) deferrable initially deferred)");
                handle.execute("create table strict (id integer, parent integer constraint strict_parent"
                        + " references roots (id) on delete restrict)".replace("roots", "parents"));
                handle.execute("drop role if exists vendor_errors");
                handle.execute("create role vendor_errors login");
                handle.execute("grant insert, delete, select on marks to vendor_errors");
            });
        }

        @Override
        long session(Handle handle) {
            return handle.createQuery("select pg_backend_pid()")
                    .mapTo(Long.class)
                    .one();
        }

        @Override
        void awaitBlocked(Handle admin, long session) {
            while (isEmpty(
                    admin, "select 1 from pg_stat_activity where pid = ? and wait_event_type = 'Lock'", session)) {
                Thread.onSpinWait();
            }
        }

        private Refusal rejected(String name, String state, String sql) {
            return Refusal.of(name, state, 0, PersistenceErrors.VALUE_REJECTED, sql);
        }

        private Refusal broken(String name, String state, String sql) {
            return Refusal.of(name, state, 0, PersistenceErrors.DATABASE_ERROR, sql);
        }

        @Override
        Stream<Refusal> refusals() {
            return Stream.of(
                    Refusal.of(
                                    "unique",
                                    "23505",
                                    0,
                                    PersistenceErrors.ALREADY_EXISTS,
                                    "insert into things (id, name, needed) values (9, '" + SECRET + "', 'x')")
                            .of("things_name"),
                    Refusal.of(
                                    "exclusion",
                                    "23P01",
                                    0,
                                    PersistenceErrors.ALREADY_EXISTS,
                                    "insert into stays values (1, '[2,3)')")
                            .of("stays_apart"),
                    Refusal.of(
                                    "no parent",
                                    "23503",
                                    0,
                                    PersistenceErrors.REFERENCE_VIOLATED,
                                    "insert into children values (9, 7)")
                            .of("children_parent"),
                    Refusal.of(
                                    "children",
                                    "23503",
                                    0,
                                    PersistenceErrors.REFERENCE_VIOLATED,
                                    "delete from parents where id = 1")
                            .of("children_parent"),
                    Refusal.of(
                                    "children, restricted",
                                    "23001",
                                    0,
                                    PersistenceErrors.REFERENCED,
                                    "insert into strict values (1, 2); delete from parents where id = 2")
                            .of("strict_parent"),
                    rejected("null", "23502", "insert into things (id, needed) values (9, null)"),
                    rejected("check", "23514", "insert into things (id, needed, amount) values (9, 'x', -1)")
                            .of("things_amount"),
                    rejected("too long", "22001", "insert into things (id, needed) values (9, 'sesamesesame')"),
                    rejected("out of range", "22003", "insert into things (id, needed, small) values (9, 'x', 70000)"),
                    rejected("no number", "22P02", "insert into things (id, needed) values ('sesame', 'x')"),
                    rejected("no date", "22007", "insert into things (id, needed, born) values (9, 'x', 'sesame')"),
                    rejected(
                            "no such date",
                            "22008",
                            "insert into things (id, needed, born) values (9, 'x', '2026-02-30')"),
                    broken("division by zero", "22012", "select 1 / 0"),
                    rejected("no such character there", "22P05", "select convert_to('\u20ac sesame', 'LATIN1')"),
                    broken("syntax", "42601", "selekt 'sesame'"),
                    broken("no table", "42P01", "select * from sesame"),
                    broken("no column", "42703", "select sesame from things"),
                    broken("no function", "42883", "select sesame(1)"));
        }

        @Override
        Failure batch() {
            return new Failure("23505", 0, PersistenceErrors.ALREADY_EXISTS, Retry.NO, "things_name");
        }

        @Override
        Failure conflict() {
            return Failure.of("40001", 0, PersistenceErrors.SERIALIZATION_FAILED, Retry.HIGHER_LEVEL);
        }

        @Override
        Failure deadlock() {
            return Failure.of("40P01", 0, PersistenceErrors.SERIALIZATION_FAILED, Retry.HIGHER_LEVEL);
        }

        @Override
        Failure lockTimeout() {
            return Failure.of("55P03", 0, PersistenceErrors.LOCK_TIMEOUT, Retry.HIGHER_LEVEL);
        }

        @Override
        Failure noWait() {
            return lockTimeout();
        }

        @Override
        String slowStatement() {
            return "select pg_sleep(20)";
        }

        @Override
        Failure statementTimeout() {
            return Failure.of("57014", 0, PersistenceErrors.STATEMENT_TIMEOUT, Retry.IF_IDEMPOTENT);
        }

        @Override
        String cancel(long session) {
            return "select pg_cancel_backend(" + session + ")";
        }

        @Override
        Failure cancelled() {
            return statementTimeout();
        }

        @Override
        String terminate(long session) {
            return "select pg_terminate_backend(" + session + ")";
        }

        @Override
        List<Failure> terminated() {
            return List.of(unavailable("57P01"));
        }

        private static Failure unavailable(String state) {
            return Failure.of(state, 0, PersistenceErrors.DATABASE_UNAVAILABLE, Retry.SAME_CALL);
        }

        @Override
        Failure readOnly() {
            return Failure.of("25006", 0, PersistenceErrors.DATABASE_ERROR, Retry.NO);
        }

        @Test
        void nulCharacter_isAValueRejected() {
            assertIs(
                    failure(ONCE, handle -> handle.execute("insert into things (id, needed) values (9, ?)", "a\0b")),
                    Failure.of("22021", 0, PersistenceErrors.VALUE_REJECTED, Retry.NO));
        }

        @Test
        void deferredConstraint_failsAtTheCommit_asAnAnswer() {
            DomainError error = failure(ONCE, handle -> handle.execute("insert into later values (1, 77)"));

            assertIs(error, new Failure("23503", 0, PersistenceErrors.REFERENCE_VIOLATED, Retry.NO, "later_parent"));
            assertThat(error.args()).containsEntry("table", "later");
        }

        /** By JDBI, which does so as well when a commit fails. */
        @Test
        void commit_thatFailed_isRolledBackOnce() {
            List<String> asked = new ArrayList<>();
            Jdbi counted = Jdbi.create(
                    () -> TransactionsContract.recording(DriverManager.getConnection(url, user(), ""), asked));
            DomainError error = failure(
                    Transactions.named("shop").build(counted),
                    ONCE,
                    handle -> handle.execute("insert into later values (1, 77)"));

            assertThat(error.code()).isEqualTo(PersistenceErrors.REFERENCE_VIOLATED);
            assertThat(asked).containsExactly("commit", "rollback");
        }

        /** The server says 25P02 then, which tells nothing: the driver has the reason behind it. */
        @Test
        void statementAfterAFailedOne_isWhatFailedFirst() {
            DomainError error = failure(ONCE, handle -> {
                try {
                    handle.execute("insert into things (id, needed) values (9, null)");
                } catch (JdbiException e) {
                    // passed over
                }
                handle.execute("select 1");
            });

            assertIs(error, Failure.of("23502", 0, PersistenceErrors.VALUE_REJECTED, Retry.NO));
            assertThat(error.cause().orElseThrow()).hasMessageContaining("current transaction is aborted");
        }

        /** Whether the driver still reads why, or finds the connection closed, is a race. */
        @Test
        void idleTransaction_endedByTheServer_isUnavailable() {
            DomainError error = failure(ONCE, handle -> {
                long session = session(handle);
                handle.execute("set local idle_in_transaction_session_timeout = '20ms'");
                try (Handle admin = direct().open()) {
                    while (!isEmpty(admin, "select 1 from pg_stat_activity where pid = ?", session)) {
                        Thread.onSpinWait();
                    }
                }
                handle.execute("select 1");
            });

            assertIsOneOf(error, List.of(unavailable("25P03"), unavailable("08006")));
        }

        /** As long as the transaction takes, whatever it does: not what a retry would better. */
        @Test
        void longTransaction_endedByTheServer_isAStatementTimeout() {
            assertIs(
                    failure(ONCE, handle -> {
                        handle.execute("set local transaction_timeout = '50ms'");
                        handle.execute(slowStatement());
                    }),
                    Failure.of("25P04", 0, PersistenceErrors.STATEMENT_TIMEOUT, Retry.IF_IDEMPOTENT));
        }

        @Test
        void readOnlyDatabase_isADatabaseError() throws SQLException {
            String only = TestServers.postgres().newDatabase();
            Jdbi admin = Jdbi.create(only, user(), "");
            admin.useHandle(handle -> {
                handle.execute("create table marks (id integer)");
                handle.execute("do $$ begin execute 'alter database ' || current_database()"
                        + " || ' set default_transaction_read_only = on'; end $$");
            });
            assertIs(failure(Transactions.named("shop").build(admin), ONCE, handle -> {}), readOnly());
        }

        @Test
        void missingRight_isADatabaseError() {
            Transactions limited = Transactions.named("shop").build(Jdbi.create(url, "vendor_errors", ""));

            assertIs(
                    failure(limited, ONCE, handle -> handle.execute("delete from things")),
                    Failure.of("42501", 0, PersistenceErrors.DATABASE_ERROR, Retry.NO));
        }

        @Test
        void tooManyConnections_isUnavailable() throws SQLException {
            direct().useHandle(handle -> handle.execute("alter role vendor_errors connection limit 1"));
            try (Connection one = DriverManager.getConnection(url, "vendor_errors", "")) {
                assertThat(one.isValid(5)).isTrue();
                Transactions limited = Transactions.named("shop").build(Jdbi.create(url, "vendor_errors", ""));

                assertIs(failure(limited, ONCE, handle -> {}), unavailable("53300"));
            } finally {
                direct().useHandle(handle -> handle.execute("alter role vendor_errors connection limit -1"));
            }
        }

        /** A limit stands for a disk here; whether there is room again is not known a moment later. */
        @Test
        void tooMuchTemporarySpace_isUnavailable_andNotTriedAgain() {
            var runs = new ArrayList<Integer>();
            Result<Integer, DomainError> result = transactions().inTransaction(ONCE.attempts(3), tx -> {
                runs.add(tx.attempt());
                tx.handle()
                        .execute("set local temp_file_limit = '1MB'; set local work_mem = '64kB';"
                                + " select x from generate_series(1, 300000) x order by md5(x::text)");
                return Result.ok(1);
            });

            assertIs(result.fold(value -> null, error -> error), unavailable("53400"));
            assertThat(runs).containsExactly(1);
        }

        @Test
        void serializationFailure_atTheCommit_isOne() {
            try (Handle other = direct().open()) {
                DomainError error = failure(TxOptions.serializable().attempts(1), handle -> {
                    other.execute("begin isolation level serializable");
                    sum(handle);
                    sum(other);
                    other.execute("update things set amount = amount + 1 where id = 2");
                    handle.execute("update things set amount = amount + 1 where id = 1");
                    other.execute("commit");
                });

                assertIs(error, conflict());
            }
        }

        private static void sum(Handle handle) {
            assertThat(handle.createQuery("select sum(amount) from things")
                            .mapTo(Long.class)
                            .one())
                    .isNotNull();
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends VendorErrorsContract {
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

        @BeforeAll
        void more() {
            direct().useHandle(handle -> {
                handle.execute("create or replace user vendor_errors@localhost");
                handle.execute("grant select, insert, delete on marks to vendor_errors@localhost");
            });
        }

        @Override
        long session(Handle handle) {
            return handle.createQuery("select connection_id()")
                    .mapTo(Long.class)
                    .one();
        }

        @Override
        void awaitBlocked(Handle admin, long session) {
            while (isEmpty(
                    admin,
                    "select 1 from information_schema.innodb_trx"
                            + " where trx_mysql_thread_id = ? and trx_state = 'LOCK WAIT'",
                    session)) {
                admin.execute("select sleep(0.11)"); // the table is as old as a tenth of a second
            }
        }

        private Refusal rejected(String name, String state, int code, String sql) {
            return Refusal.of(name, state, code, PersistenceErrors.VALUE_REJECTED, sql);
        }

        private Refusal broken(String name, String state, int code, String sql) {
            return Refusal.of(name, state, code, PersistenceErrors.DATABASE_ERROR, sql);
        }

        @Override
        Stream<Refusal> refusals() {
            return Stream.of(
                    Refusal.of(
                                    "unique",
                                    "23000",
                                    1062,
                                    PersistenceErrors.ALREADY_EXISTS,
                                    "insert into things (id, name, needed) values (9, '" + SECRET + "', 'x')")
                            .of("things_name"),
                    Refusal.of(
                                    "no parent",
                                    "23000",
                                    1452,
                                    PersistenceErrors.REFERENCE_MISSING,
                                    "insert into children values (9, 7)")
                            .of("children_parent"),
                    Refusal.of(
                                    "children",
                                    "23000",
                                    1451,
                                    PersistenceErrors.REFERENCED,
                                    "delete from parents where id = 1")
                            .of("children_parent"),
                    rejected("null", "23000", 1048, "insert into things (id, needed) values (9, null)"),
                    rejected("no default", "HY000", 1364, "insert into things (id) values (9)"),
                    rejected("check", "23000", 4025, "insert into things (id, needed, amount) values (9, 'x', -1)")
                            .of("things_amount"),
                    rejected("too long", "22001", 1406, "insert into things (id, needed) values (9, 'sesamesesame')"),
                    rejected(
                            "out of range",
                            "22003",
                            1264,
                            "insert into things (id, needed, small) values (9, 'x', 70000)"),
                    rejected("no number", "22007", 1366, "insert into things (id, needed) values ('sesame', 'x')"),
                    rejected(
                            "no date",
                            "22007",
                            1292,
                            "insert into things (id, needed, born) values (9, 'x', 'sesame')"),
                    rejected(
                            "cut", "01000", 1265, "insert into things (id, needed, small) values (9, 'x', '1 sesame')"),
                    broken("syntax", "42000", 1064, "selekt 'sesame'"),
                    broken("no table", "42S02", 1146, "select * from sesame"),
                    broken("no column", "42S22", 1054, "select sesame from things"),
                    broken("no function", "42000", 1305, "select sesame(1)"));
        }

        @Override
        Failure batch() {
            return new Failure("23000", 1062, PersistenceErrors.ALREADY_EXISTS, Retry.NO, "things_name");
        }

        @Override
        Failure conflict() {
            return Failure.of("HY000", 1020, PersistenceErrors.SERIALIZATION_FAILED, Retry.HIGHER_LEVEL);
        }

        @Override
        void letItConflict(Handle handle, boolean on) {
            handle.execute("set innodb_snapshot_isolation = " + (on ? "on" : "off"));
        }

        @Override
        Failure deadlock() {
            return Failure.of("40001", 1213, PersistenceErrors.SERIALIZATION_FAILED, Retry.HIGHER_LEVEL);
        }

        @Override
        Failure lockTimeout() {
            return Failure.of("HY000", 1205, PersistenceErrors.LOCK_TIMEOUT, Retry.HIGHER_LEVEL);
        }

        @Override
        Failure noWait() {
            return lockTimeout();
        }

        @Override
        String slowStatement() {
            return "select count(*) from seq_1_to_1000000 a, seq_1_to_1000000 b where a.seq + b.seq < 0";
        }

        @Override
        Failure statementTimeout() {
            return Failure.of("70100", 1969, PersistenceErrors.STATEMENT_TIMEOUT, Retry.IF_IDEMPOTENT);
        }

        @Override
        String cancel(long session) {
            return "kill query " + session;
        }

        @Override
        Failure cancelled() {
            return Failure.of("70100", 1317, PersistenceErrors.STATEMENT_TIMEOUT, Retry.IF_IDEMPOTENT);
        }

        @Override
        String terminate(long session) {
            return "kill connection " + session;
        }

        @Override
        List<Failure> terminated() {
            return List.of(unavailable("08000", -1), unavailable("70100", 1927));
        }

        private static Failure unavailable(String state, int code) {
            return Failure.of(state, code, PersistenceErrors.DATABASE_UNAVAILABLE, Retry.SAME_CALL);
        }

        @Override
        Failure readOnly() {
            return Failure.of("25006", 1792, PersistenceErrors.DATABASE_ERROR, Retry.NO);
        }

        @Test
        void idleTransaction_endedByTheServer_isUnavailable() {
            DomainError error = failure(ONCE, handle -> {
                long session = session(handle);
                handle.execute("set idle_transaction_timeout = 1");
                try (Handle admin = direct().open()) {
                    while (!isEmpty(admin, "select 1 from information_schema.processlist where id = ?", session)) {
                        admin.execute("select sleep(0.05)");
                    }
                }
                handle.execute("select 1");
            });

            assertIsOneOf(error, terminated());
        }

        @Test
        void readOnlyServer_isADatabaseError() {
            Transactions limited = Transactions.named("shop").build(Jdbi.create(url, "vendor_errors", ""));
            direct().useHandle(handle -> handle.execute("set global read_only = on"));
            try {
                assertIs(
                        failure(limited, ONCE, handle -> {}),
                        Failure.of("HY000", 1290, PersistenceErrors.DATABASE_ERROR, Retry.NO));
            } finally {
                direct().useHandle(handle -> handle.execute("set global read_only = off"));
            }
        }

        @Test
        void missingRight_isADatabaseError() {
            Transactions limited = Transactions.named("shop").build(Jdbi.create(url, "vendor_errors", ""));

            assertIs(
                    failure(limited, ONCE, handle -> handle.execute("delete from things")),
                    Failure.of("42000", 1142, PersistenceErrors.DATABASE_ERROR, Retry.NO));
        }

        @Test
        void tooManyConnections_isUnavailable() throws SQLException {
            List<Connection> many = new ArrayList<>();
            direct().useHandle(handle -> handle.execute("set global max_connections = 10"));
            Jdbi limited = Jdbi.create(url, "vendor_errors", "");
            try {
                for (int i = 0; i < 20; i++) {
                    many.add(DriverManager.getConnection(url, "vendor_errors", ""));
                }
            } catch (SQLException e) {
                // One place more is an administrator's: who gets it is told once it has signed in, others before.
                assertIsOneOf(
                        failure(Transactions.named("shop").build(limited), ONCE, handle -> {}),
                        List.of(unavailable("08004", 1040), unavailable("HY000", 1040)));
            } finally {
                for (Connection one : many) {
                    one.close();
                }
                direct().useHandle(handle -> handle.execute("set global max_connections = 151"));
            }
        }

        @Test
        void tooManyConnectionsOfAUser_isUnavailable() throws SQLException {
            Jdbi limited = Jdbi.create(url, "vendor_errors", "");
            limitVendorErrors(1);
            try (Connection one = DriverManager.getConnection(url, "vendor_errors", "")) {
                assertThat(one.isValid(5)).isTrue();
                assertIs(
                        failure(Transactions.named("shop").build(limited), ONCE, handle -> {}),
                        unavailable("42000", 1226));
            } finally {
                limitVendorErrors(0);
            }
        }

        private void limitVendorErrors(int connections) {
            direct().useHandle(handle ->
                    handle.execute("alter user vendor_errors@localhost with max_user_connections " + connections));
        }

        /** Its rows stay even if the transaction does not: that is what such tables are. */
        @Test
        void fullTable_isUnavailable_andNotTriedAgain() {
            direct().useHandle(handle -> {
                handle.execute("set max_heap_table_size = 16384");
                handle.execute("create or replace table heap (filler char(200)) engine = memory");
            });
            var runs = new ArrayList<Integer>();
            Result<Integer, DomainError> result = transactions().inTransaction(ONCE.attempts(3), tx -> {
                runs.add(tx.attempt());
                tx.handle().execute("insert into heap select 'sesame' from seq_1_to_10000");
                return Result.ok(1);
            });

            assertIs(result.fold(value -> null, error -> error), unavailable("HY000", 1114));
            assertThat(runs).containsExactly(1);
        }
    }
}
