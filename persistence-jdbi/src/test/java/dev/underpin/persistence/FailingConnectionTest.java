package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections of H2 that fail in methods of their own, as no server can be made to. */
class FailingConnectionTest {
    private static final String URL = "jdbc:h2:mem:failing";
    private final SQLException broken = new SQLException("the connection broke", "08006");

    /** What a method throws after it has done its work; the first call of a method only, if its name is followed by "1". */
    private final Map<String, SQLException> failures = new HashMap<>();

    private final List<String> called = new ArrayList<>();
    private final Transactions transactions = Transactions.named("bank").build(Jdbi.create(this::connection));
    private Connection keeper;

    @BeforeEach
    void create() throws SQLException {
        keeper = DriverManager.getConnection(URL);
        keeper.createStatement().execute("create table accounts (id bigint primary key)");
    }

    @AfterEach
    void drop() throws SQLException {
        keeper.close();
    }

    private Connection connection() throws SQLException {
        Connection real = DriverManager.getConnection(URL);
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    String call = method.getName() + (arguments == null ? "" : arguments[0]);
                    Object answer;
                    try {
                        answer = method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    called.add(call.startsWith("abort") ? "abort" : call);
                    SQLException failure = failures.get(call);
                    if (failure == null) {
                        failure = failures.remove(call + "1");
                    }
                    if (failure != null) {
                        throw failure;
                    }
                    return answer;
                });
    }

    private static Result<Integer, DomainError> insert(Tx tx) {
        tx.handle().execute("insert into accounts values (?)", tx.attempt());
        return Result.ok(tx.attempt());
    }

    private static ErrorCode code(Result<?, DomainError> result) {
        return result.fold(value -> null, DomainError::code);
    }

    private List<Long> ids() throws SQLException {
        var ids = new ArrayList<Long>();
        try (var statement = keeper.createStatement();
                var rows = statement.executeQuery("select id from accounts order by id")) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }

    @Test
    void commit_whoseAnswerIsLost_isUnknownAndNotRepeated() throws SQLException {
        failures.put("commit", broken);

        assertThat(code(transactions.inTransaction(FailingConnectionTest::insert)))
                .isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
        assertThat(ids()).containsExactly(1L);
        assertThat(called).contains("abort");
    }

    /** H2 takes read-only as a hint: something may have been written, and may not be written twice. */
    @Test
    void commitOfAReadOnlyOne_whoseAnswerIsLost_isUnknown() throws SQLException {
        failures.put("commit", broken);

        assertThat(code(transactions.inTransaction(TxOptions.reading(), FailingConnectionTest::insert)))
                .isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void commit_thatTheServerRefuses_isItsError() throws SQLException {
        failures.put("commit1", new SQLException("lost", "40001"));

        // H2 has committed here, which a server that says so has not: what counts is that the body ran again.
        assertThat(transactions.inTransaction(FailingConnectionTest::insert)).isEqualTo(Result.ok(2));
        assertThat(ids()).endsWith(2L);
    }

    @Test
    void commit_thatFailsWithoutAState_isUnknown() {
        failures.put("commit", new SQLException("who knows"));

        assertThat(code(transactions.inTransaction(FailingConnectionTest::insert)))
                .isEqualTo(PersistenceErrors.OUTCOME_UNKNOWN);
    }

    @Test
    void autoCommit_thatCannotBeRestored_isCommittedAllTheSame() throws SQLException {
        failures.put("setAutoCommittrue", broken);

        assertThat(transactions.inTransaction(FailingConnectionTest::insert)).isEqualTo(Result.ok(1));
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void close_thatFails_changesNothing() throws SQLException {
        failures.put("close", broken);

        assertThat(transactions.inTransaction(FailingConnectionTest::insert)).isEqualTo(Result.ok(1));
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void rollback_thatFails_hidesNeitherErrorNorBug() {
        failures.put("rollback", broken);

        assertThat(code(transactions.inTransaction(tx -> Result.err(PersistenceErrors.ALREADY_EXISTS.error()))))
                .isEqualTo(PersistenceErrors.ALREADY_EXISTS);
        assertThat(called).contains("abort");

        var bug = new IllegalArgumentException("a bug");
        assertThatThrownBy(() -> transactions.inTransaction(tx -> {
                    throw bug;
                }))
                .isSameAs(bug)
                .satisfies(thrown -> assertThat(thrown.getSuppressed()).isNotEmpty());
    }

    @Test
    void begin_thatAlwaysFails_isGivenUp() {
        failures.put("setAutoCommitfalse", broken);

        assertThat(code(transactions.inTransaction(FailingConnectionTest::insert)))
                .isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
        assertThat(called.stream().filter("setAutoCommitfalse"::equals)).hasSize(10 + 3);
    }

    @Test
    void begin_thatFailsOnce_costsNoAttempt() throws SQLException {
        failures.put("setAutoCommitfalse1", broken);

        assertThat(transactions.inTransaction(TxOptions.standard().attempts(1), FailingConnectionTest::insert))
                .isEqualTo(Result.ok(1));
        assertThat(ids()).containsExactly(1L);
    }
}
