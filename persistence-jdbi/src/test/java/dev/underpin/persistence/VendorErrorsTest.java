package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Retry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** H2. */
class VendorErrorsTest extends VendorErrorsContract {
    private static final String URL = "jdbc:h2:mem:vendor_errors";
    private Connection keeper;

    @Override
    String url() throws SQLException {
        keeper = DriverManager.getConnection(URL, "sa", "");
        return URL;
    }

    @AfterAll
    void close() throws SQLException {
        keeper.close();
    }

    @Override
    String user() {
        return "sa";
    }

    @Override
    long session(Handle handle) {
        return handle.createQuery("select session_id()").mapTo(Long.class).one();
    }

    @Override
    void awaitBlocked(Handle admin, long session) {
        while (isEmpty(
                admin,
                "select 1 from information_schema.sessions where session_id = ? and blocker_id is not null",
                session)) {
            Thread.onSpinWait();
        }
    }

    @Override
    Stream<Refusal> refusals() {
        return Stream.of(
                Refusal.of(
                                "unique",
                                "23505",
                                23505,
                                PersistenceErrors.ALREADY_EXISTS,
                                "insert into things (id, name, needed) values (9, '" + SECRET + "', 'x')")
                        .of("things_name"),
                Refusal.of(
                                "no parent",
                                "23506",
                                23506,
                                PersistenceErrors.REFERENCE_MISSING,
                                "insert into children values (9, 7)")
                        .of("children_parent"),
                Refusal.of("children", "23503", 23503, PersistenceErrors.REFERENCED, "delete from parents where id = 1")
                        .of("children_parent"),
                Refusal.of(
                        "null",
                        "23502",
                        23502,
                        PersistenceErrors.VALUE_REJECTED,
                        "insert into things (id, needed) values (9, null)"),
                Refusal.of(
                                "check",
                                "23513",
                                23513,
                                PersistenceErrors.VALUE_REJECTED,
                                "insert into things (id, needed, amount) values (9, 'x', -1)")
                        .of("things_amount"),
                Refusal.of(
                        "too long",
                        "22001",
                        22001,
                        PersistenceErrors.VALUE_REJECTED,
                        "insert into things (id, needed) values (9, '" + SECRET + SECRET + "')"),
                Refusal.of(
                        "out of range",
                        "22004",
                        22004,
                        PersistenceErrors.VALUE_REJECTED,
                        "insert into things (id, needed, small) values (9, 'x', 70000)"),
                Refusal.of(
                        "no number",
                        "22018",
                        22018,
                        PersistenceErrors.VALUE_REJECTED,
                        "insert into things (id, needed) values ('" + SECRET + "', 'x')"),
                Refusal.of(
                        "no date",
                        "22007",
                        22007,
                        PersistenceErrors.VALUE_REJECTED,
                        "insert into things (id, needed, born) values (9, 'x', '" + SECRET + "')"),
                Refusal.of("syntax", "42001", 42001, PersistenceErrors.DATABASE_ERROR, "selekt '" + SECRET + "'"),
                Refusal.of("no table", "42S02", 42102, PersistenceErrors.DATABASE_ERROR, "select * from " + SECRET),
                Refusal.of("no column", "42S22", 42122, PersistenceErrors.DATABASE_ERROR, "select sesame from things"));
    }

    @Override
    Failure batch() {
        return new Failure("23505", 23505, PersistenceErrors.ALREADY_EXISTS, Retry.NO, "things_name");
    }

    @Override
    Failure conflict() {
        return Failure.of("40001", 40001, PersistenceErrors.SERIALIZATION_FAILED, Retry.HIGHER_LEVEL);
    }

    @Override
    Failure deadlock() {
        return Failure.of("40001", 40001, PersistenceErrors.SERIALIZATION_FAILED, Retry.HIGHER_LEVEL);
    }

    @Override
    Failure lockTimeout() {
        return Failure.of("HYT00", 50200, PersistenceErrors.LOCK_TIMEOUT, Retry.HIGHER_LEVEL);
    }

    @Override
    Failure noWait() {
        return Failure.of("HYT00", 50200, PersistenceErrors.LOCK_TIMEOUT, Retry.HIGHER_LEVEL);
    }

    @Override
    String slowStatement() {
        return "select count(*) from system_range(1, 1000000) a, system_range(1, 1000000) b where a.x + b.x < 0";
    }

    @Override
    Failure statementTimeout() {
        return Failure.of("57014", 57014, PersistenceErrors.STATEMENT_TIMEOUT, Retry.IF_IDEMPOTENT);
    }

    @Override
    String cancel(long session) {
        return "select cancel_session(" + session + ")";
    }

    @Override
    Failure cancelled() {
        return statementTimeout();
    }

    /** While it computes: one that waits for a lock does not notice. */
    @Override
    @Test
    void statement_cancelledByAnother_isAStatementTimeout() throws Exception {
        var sessions = new ArrayBlockingQueue<Long>(1);
        Future<DomainError> failing = executor()
                .submit(() -> failure(ONCE, handle -> {
                    sessions.add(session(handle));
                    handle.execute(slowStatement());
                }));
        String cancel = cancel(sessions.take());
        try (Handle admin = direct().open()) {
            while (!admin.createQuery(cancel).mapTo(Boolean.class).one()) {
                Thread.onSpinWait();
            }
        }

        assertIs(failing.get(), cancelled());
    }

    @Override
    String terminate(long session) {
        return "select abort_session(" + session + ")";
    }

    @Override
    List<Failure> terminated() {
        return List.of(Failure.of("90121", 90121, PersistenceErrors.DATABASE_UNAVAILABLE, Retry.SAME_CALL));
    }

    /** Between statements: one that waits for a lock does not notice. */
    @Override
    @Test
    void connection_endedByAnother_isUnavailable() {
        DomainError error = failure(ONCE, handle -> {
            direct().useHandle(admin -> admin.execute(terminate(session(handle))));
            handle.execute("update things set amount = 6 where id = 1");
        });
        pool().getHikariPoolMXBean().softEvictConnections(); // Connection.abort() does nothing here

        assertIsOneOf(error, terminated());
    }

    @Override
    Failure readOnly() {
        return Failure.of("90097", 90097, PersistenceErrors.DATABASE_ERROR, Retry.NO);
    }

    @Override
    @Test
    @Disabled("H2 takes no notice of a transaction that is said to be read-only")
    void write_inAReadOnlyTransaction_isADatabaseError() {}

    @Test
    void write_toAReadOnlyDatabase_isADatabaseError(@TempDir Path directory) {
        String url = "jdbc:h2:" + directory.resolve("db");
        Jdbi.create(url, "sa", "").useHandle(handle -> handle.execute("create table marks (id integer)"));
        Jdbi readOnly = Jdbi.create(url + ";ACCESS_MODE_DATA=r", "sa", "");
        DomainError error = failure(Transactions.named("shop").build(readOnly), ONCE, handle -> {});

        assertThat(marks()).isZero();
        assertIs(error, readOnly());
    }
}
