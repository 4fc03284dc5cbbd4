package dev.underpin.persistence;

import dev.underpin.persistence.internal.Noting;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementBuilder;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/**
 * Sees every statement of a transaction's handle, those of objects and statements with a configuration of their own as
 * well, which a logger of the handle would not see: lets none begin that may not, and notes what fails, be it when it is
 * prepared or when it runs.
 */
final class WatchedStatements implements StatementBuilder, Noting {
    private final StatementBuilder other;
    private final Session session;
    private final Tx tx;

    WatchedStatements(StatementBuilder other, Session session, Tx tx) {
        this.other = other;
        this.session = session;
        this.tx = tx;
    }

    @Override
    public Statement create(Connection connection, StatementContext context) throws SQLException {
        watch(context);
        try {
            return other.create(connection, context);
        } catch (SQLException e) {
            tx.note(e);
            throw e;
        }
    }

    @Override
    public PreparedStatement create(Connection connection, String sql, StatementContext context) throws SQLException {
        watch(context);
        try {
            return other.create(connection, sql, context);
        } catch (SQLException e) {
            tx.note(e);
            throw e;
        }
    }

    @Override
    public CallableStatement createCall(Connection connection, String sql, StatementContext context)
            throws SQLException {
        watch(context);
        try {
            return other.createCall(connection, sql, context);
        } catch (SQLException e) {
            tx.note(e);
            throw e;
        }
    }

    @Override
    public void close(Connection connection, String sql, Statement statement) throws SQLException {
        other.close(connection, sql, statement);
    }

    @Override
    public void close(Connection connection) {
        other.close(connection);
    }

    @Override
    public void noteThrown(RuntimeException thrown) {
        tx.noteThrown(SqlFailure.of(thrown));
    }

    /** {@return in which attempt of a transaction a statement with this logger runs; 1 outside} */
    static int attempt(SqlLogger logger) {
        return logger instanceof Watch watch ? watch.of().tx.attempt() : 1;
    }

    private void watch(StatementContext context) {
        SqlStatements statements = context.getConfig(SqlStatements.class);
        session.limit(statements);
        if (!(statements.getSqlLogger() instanceof Watch watch && watch.of() == this)) {
            statements.setSqlLogger(new Watch(this, statements.getSqlLogger()));
        }
    }

    private void before(StatementContext context) {
        tx.requireNotEnded();
        try {
            session.beforeStatement();
        } catch (SQLException e) {
            tx.note(e);
            throw new UnableToExecuteStatementException(e, context);
        }
    }

    private record Watch(WatchedStatements of, SqlLogger other) implements SqlLogger {
        @Override
        public void logBeforeExecution(StatementContext context) {
            of.before(context);
            other.logBeforeExecution(context);
        }

        @Override
        public void logAfterExecution(StatementContext context) {
            other.logAfterExecution(context);
        }

        @Override
        public void logException(StatementContext context, SQLException e) {
            of.tx.note(e);
            other.logException(context, e);
        }
    }
}
