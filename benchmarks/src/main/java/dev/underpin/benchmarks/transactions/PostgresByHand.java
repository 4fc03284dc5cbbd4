package dev.underpin.benchmarks.transactions;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * JDBC on PostgreSQL with as few round trips as it takes: {@code begin}, the settings, what the transaction can be asked
 * for after a commit whose answer was lost, and the first statement go out together. Same limits as ours.
 */
final class PostgresByHand implements Way {
    private static final String LIMITS = "set local statement_timeout = 10000; set local lock_timeout = 5000;"
            + " set local idle_in_transaction_session_timeout = 31000; ";
    private static final String TRACE =
            "select pg_current_xact_id()::text, pg_stat_get_bgwriter_stat_reset_time()::text; ";
    private static final String SERIALIZABLE = "set transaction isolation level serializable; ";
    private static final String READ_ONLY = "set transaction isolation level repeatable read, read only; ";

    private final DataSource pool;

    PostgresByHand(DataSource pool) {
        this.pool = pool;
    }

    private interface Body {
        long run(Connection connection) throws SQLException;
    }

    private long inTransaction(Body body) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try {
                long value = body.run(connection);
                if (value == REFUSED) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
                return value;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    @Override
    public long insert() throws SQLException {
        return inTransaction(connection -> last(connection, LIMITS + TRACE + INSERT));
    }

    @Override
    public long serializable() throws SQLException {
        return inTransaction(connection -> {
            long read = last(connection, SERIALIZABLE + LIMITS + TRACE + READ);
            last(connection, INSERT);
            return read;
        });
    }

    @Override
    public long readOnly() throws SQLException {
        return inTransaction(connection -> last(connection, READ_ONLY + LIMITS + READ));
    }

    @Override
    public long rolledBack() throws SQLException {
        return inTransaction(connection -> {
            last(connection, LIMITS + TRACE + INSERT);
            return REFUSED;
        });
    }

    @Override
    public long nested() throws SQLException {
        return inTransaction(connection -> {
            long first = last(connection, LIMITS + TRACE + INSERT);
            Savepoint savepoint = connection.setSavepoint();
            long second = last(connection, INSERT);
            connection.releaseSavepoint(savepoint);
            return first + second;
        });
    }

    /** {@return what the last of some statements gives: a value, or how many rows it wrote} */
    private static long last(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, ID);
            boolean rows = statement.execute();
            long last = REFUSED;
            while (rows || statement.getUpdateCount() >= 0) {
                last = rows ? value(statement) : statement.getUpdateCount();
                rows = statement.getMoreResults();
            }
            return last;
        }
    }

    private static long value(Statement statement) throws SQLException {
        try (ResultSet rs = statement.getResultSet()) {
            rs.next();
            return rs.getLong(1);
        }
    }
}
