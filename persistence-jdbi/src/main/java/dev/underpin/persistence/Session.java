package dev.underpin.persistence;

import dev.underpin.persistence.internal.Database;
import dev.underpin.persistence.internal.Framed;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/**
 * What a connection is set to for a transaction, and set back from. On PostgreSQL everything is local to the transaction,
 * and goes out together with {@code begin}; elsewhere the session is restored.
 */
final class Session {
    /** A server that does not answer is given up a little after it should have given up the statement. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** Of MariaDB: {@code SAVEPOINT underpin does not exist}. */
    private static final int NO_SAVEPOINT = 1305;

    private final @Nullable Database database;
    private final Handle handle;
    private final TxOptions options;
    private final Supplier<Duration> left;
    private final @Nullable Framed framed;
    private final Framed.@Nullable Sql opening;
    private int networkTimeout;
    private int answersWithin = Integer.MAX_VALUE;
    private @Nullable String restore;
    private @Nullable Integer isolation;
    private @Nullable Boolean readOnly;
    /** Of H2, where JDBC's is that of the session. */
    private @Nullable Integer queryTimeout;
    /** What a statement may take as the server knows it. */
    private long statementMillis;

    private long firstStatementMillis;

    /**
     * A session.
     *
     * @param database null if it is none that is known: then only what JDBC has is set
     * @param left how long the transaction may take from now on
     * @param framed what the body has to go out with begin and commit, if it has
     */
    Session(
            @Nullable Database database,
            Handle handle,
            TxOptions options,
            Supplier<Duration> left,
            @Nullable Framed framed) {
        this.database = database;
        this.handle = handle;
        this.options = options;
        this.left = left;
        this.framed = framed;
        this.opening = framed == null || database == null ? null : framed.opening(database);
    }

    /** {@return what the transaction can be asked for after its end; null where it cannot} */
    @Nullable
    CommitTrace begin() throws SQLException {
        Connection connection = handle.getConnection();
        if (database != Database.SQLITE) {
            networkTimeout = connection.getNetworkTimeout();
        }
        beforeStatement();
        if (database == Database.POSTGRESQL) {
            handle.begin();
            return beginPostgres(connection);
        }
        if (database == Database.MARIADB) {
            beginMariaDb(connection);
        } else if (database == Database.MYSQL) {
            beginMySql(connection);
        } else {
            beginByJdbc(connection);
            handle.begin();
        }
        return null;
    }

    /** {@return whether the database itself refuses to write, so that a commit changes nothing} */
    boolean refusesWrites() {
        boolean takesNotice =
                database == Database.POSTGRESQL || database == Database.MARIADB || database == Database.MYSQL;
        return takesNotice && options.readOnly();
    }

    /** {@return whether an opening went out with begin} */
    boolean isOpened() {
        return opening != null;
    }

    void commit() throws SQLException {
        limitEnd();
        Framed.Sql closing = framed == null || database == null ? null : framed.closing(database);
        if (database == Database.MARIADB) {
            endMariaDb((closing == null ? "" : closing.text() + "; ") + "release savepoint underpin; commit");
        } else if (closing != null) {
            closePostgres(closing);
        }
        handle.commit(); // after these it finds nothing open, asks the server for nothing, and runs what waits for it
    }

    /** A commit that comes behind a statement that failed is skipped by the server. */
    private void closePostgres(Framed.Sql closing) throws SQLException {
        try (PreparedStatement statement = handle.getConnection().prepareStatement(closing.text() + "; commit")) {
            bind(statement, 1, closing);
            statement.execute();
        }
    }

    private static void bind(PreparedStatement statement, int first, Framed.Sql sql) throws SQLException {
        int position = first;
        for (Object value : sql.values()) {
            statement.setObject(position++, value);
        }
    }

    /** To a savepoint that JDBI has not set, and so knows nothing of. */
    void rollbackToOpening() {
        try {
            execute(handle.getConnection(), "rollback to savepoint " + Framed.SAVEPOINT);
        } catch (SQLException e) {
            throw new TransactionException("The rollback to a savepoint failed", e);
        }
    }

    /** {@return whether a commit failed since SQL of the body, such as a procedure, had ended the transaction} */
    boolean wasEnded(SqlFailure commit) {
        SQLException source = commit.source();
        return database == Database.MARIADB && source != null && source.getErrorCode() == NO_SAVEPOINT;
    }

    void rollback() throws SQLException {
        limitEnd();
        endMariaDb("rollback");
        handle.rollback();
    }

    /** Puts back what was changed. */
    void end() throws SQLException {
        Connection connection = handle.getConnection();
        if (restore != null) {
            execute(connection, restore);
            restore = null;
        }
        if (isolation != null) {
            connection.setTransactionIsolation(isolation);
        }
        if (readOnly != null) {
            connection.setReadOnly(readOnly);
        }
        if (queryTimeout != null) {
            try (Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(queryTimeout);
            }
        }
        if (database != Database.SQLITE) {
            connection.setNetworkTimeout(Runnable::run, networkTimeout);
        }
    }

    /**
     * Lets no statement begin behind the deadline, and waits for no answer far behind it.
     *
     * @throws SQLException if the deadline has passed
     */
    void beforeStatement() throws SQLException {
        Duration now = left.get();
        if (now.isNegative() || now.isZero()) {
            throw new SQLTimeoutException("the deadline of the transaction has passed", "57014");
        }
        limitAnswers();
        long most = millis(now);
        if (most + GRACE.toMillis() < statementMillis) { // near the deadline only, for it is a round trip
            statementMillis = most;
            execute(
                    handle.getConnection(),
                    "set " + (database == Database.POSTGRESQL ? "local " : "") + statementLimit());
        }
    }

    /** A rollback to a savepoint has undone what was set behind it, on PostgreSQL. */
    void afterRollbackToSavepoint() {
        statementMillis = firstStatementMillis;
    }

    /** An end has the grace even behind the deadline. */
    private void limitEnd() {
        try {
            limitAnswers();
        } catch (SQLException e) {
            // the connection is closed, as the end itself will find
        }
    }

    /** Waits for no answer far behind the deadline from now on. */
    private void limitAnswers() throws SQLException {
        int millis = millisToAnswer(left.get());
        if (millis + GRACE.toMillis() < answersWithin
                && database != Database.SQLITE) { // seldom: it is a call of the system
            answersWithin = millis;
            handle.getConnection().setNetworkTimeout(Runnable::run, millis);
        }
    }

    static int millisToAnswer(Duration left) {
        return Math.toIntExact(
                (left.isNegative() ? Duration.ZERO : left).plus(GRACE).toMillis());
    }

    private Duration statementTimeout() {
        Duration wanted = options.statementTimeout();
        Duration most = left.get();
        return wanted.isZero() || wanted.compareTo(most) > 0 ? most : wanted;
    }

    /** {@return the setting that has the server limit statements} */
    private String statementLimit() {
        if (database == Database.POSTGRESQL) {
            return "statement_timeout = " + statementMillis;
        }
        return statementVariable() + " = "
                + (database == Database.MARIADB
                        ? BigDecimal.valueOf(statementMillis, 3).toPlainString()
                        : statementMillis);
    }

    /**
     * By one text for all transactions of a kind, which the driver parses once and the server prepares. Each limit is for the
     * transaction only: so says the true behind it.
     */
    private @Nullable CommitTrace beginPostgres(Connection connection) throws SQLException {
        statementMillis = millis(statementTimeout());
        firstStatementMillis = statementMillis;
        boolean locks = !options.lockTimeout().isZero();
        String sql = characteristics("; ")
                + "select set_config('statement_timeout', ?, true),"
                + " set_config('idle_in_transaction_session_timeout', ?, true)"
                + (locks ? ", set_config('lock_timeout', ?, true)" : "")
                + (options.readOnly() ? "" : ", " + CommitTrace.COLUMNS);
        if (opening != null) {
            sql += "; " + opening.text();
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, Long.toString(statementMillis));
            statement.setString(2, Long.toString(millis(left.get().plus(GRACE))));
            if (locks) {
                statement.setString(3, Long.toString(millis(options.lockTimeout())));
            }
            if (opening != null) {
                bind(statement, locks ? 4 : 3, opening);
            }
            boolean rows = statement.execute();
            while (!rows && statement.getUpdateCount() >= 0) {
                rows = statement.getMoreResults();
            }
            CommitTrace trace;
            try (ResultSet settings = statement.getResultSet()) {
                if (!rows || !settings.next()) {
                    throw new SQLException("the server did not tell what it set");
                }
                trace = options.readOnly() ? null : CommitTrace.of(settings);
            }
            handOver(statement, statement.getMoreResults());
            return trace;
        }
    }

    /** Hands what the opening found to whom it belongs. */
    private void handOver(Statement statement, boolean first) throws SQLException {
        boolean rows = first;
        while (rows || statement.getUpdateCount() >= 0) {
            if (rows && framed != null) {
                try (ResultSet found = statement.getResultSet()) {
                    framed.opened(found);
                }
            }
            rows = statement.getMoreResults();
        }
    }

    /**
     * In one round trip, and in the order that counts: what is said of the next transaction has to be the last thing before
     * it. The savepoint is there at the end if nothing ended the transaction meanwhile.
     */
    private void beginMariaDb(Connection connection) throws SQLException {
        handle.begin();
        try (Statement statement = connection.createStatement()) {
            handOver(
                    statement,
                    statement.execute("begin not atomic " + limits() + "; " + characteristics("; ")
                            + "savepoint underpin; " + (opening == null ? "" : opening.text() + "; ") + "end"));
        }
    }

    /** What could fail but the end itself is before it: an error says that there was no commit. */
    private void endMariaDb(String how) throws SQLException {
        if (database == Database.MARIADB && restore != null) {
            execute(handle.getConnection(), "begin not atomic " + restore + "; " + how + "; set autocommit = 1; end");
            restore = null;
        }
    }

    private void beginMySql(Connection connection) throws SQLException {
        execute(connection, limits());
        handle.begin();
        // For the transaction that the next statement begins; any statement before it would be that.
        String characteristics = characteristics("");
        if (!characteristics.isEmpty()) {
            execute(connection, characteristics);
        }
    }

    /** Sets the limits of the session, and keeps what they were. */
    private String limits() {
        statementMillis = millis(statementTimeout());
        firstStatementMillis = statementMillis;
        StringBuilder all = new StringBuilder("set @underpin_statement = @@").append(statementVariable());
        all.append(", ").append(statementLimit());
        all.append(", @underpin_lock = @@innodb_lock_wait_timeout");
        if (!options.lockTimeout().isZero()) {
            all.append(", innodb_lock_wait_timeout = ").append(seconds(options.lockTimeout()));
        }
        restore = "set " + statementVariable() + " = @underpin_statement, innodb_lock_wait_timeout = @underpin_lock";
        return all.toString();
    }

    /** {@return what is said of the next transaction, as a statement; nothing if there is nothing to say} */
    private String characteristics(String terminator) {
        boolean levelled = options.isolation() != TransactionIsolationLevel.UNKNOWN;
        if (!levelled && !options.readOnly()) {
            return "";
        }
        return "set transaction" + (levelled ? " isolation level " + name(options.isolation()) : "")
                + (levelled && options.readOnly() ? "," : "") + (options.readOnly() ? " read only" : "") + terminator;
    }

    private void beginByJdbc(Connection connection) throws SQLException {
        int wanted = options.isolation().intValue();
        if (options.isolation() != TransactionIsolationLevel.UNKNOWN
                && connection.getTransactionIsolation() != wanted) {
            isolation = connection.getTransactionIsolation();
            connection.setTransactionIsolation(wanted);
        }
        if (options.readOnly() && database != Database.SQLITE) {
            readOnly = connection.isReadOnly();
            connection.setReadOnly(true);
        }
        if (database == Database.H2 && !options.lockTimeout().isZero()) {
            execute(connection, "set @underpin_lock = lock_timeout()");
            execute(connection, "set lock_timeout " + millis(options.lockTimeout()));
            restore = "set lock_timeout @underpin_lock";
        }
        if (database == Database.H2) {
            try (Statement statement = connection.createStatement()) {
                queryTimeout = statement.getQueryTimeout();
            }
        }
    }

    /** Limits a statement by JDBC, which knows whole seconds only, where the server has no limit of its own. */
    void limit(SqlStatements statements) {
        if (statementMillis == 0) {
            int most = (int) seconds(statementTimeout());
            Integer own = statements.getQueryTimeout();
            if (own == null || own == 0 || own > most) {
                statements.setQueryTimeout(most);
            }
        }
    }

    /** MariaDB ends what it is told of the next transaction with a statement that has a limit of its own. */
    private String statementVariable() {
        return database == Database.MARIADB ? "max_statement_time" : "max_execution_time";
    }

    private static long millis(Duration duration) {
        return Math.max(1, duration.toMillis());
    }

    private static long seconds(Duration duration) {
        return Math.max(1, duration.plusMillis(999).toSeconds());
    }

    private static String name(TransactionIsolationLevel level) {
        return level.name().replace('_', ' ').toLowerCase(Locale.ROOT);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
