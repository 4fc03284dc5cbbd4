package dev.underpin.benchmarks.transactions;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import javax.sql.DataSource;

/** JDBC on H2 with no more than it takes: no limits, since they are statements there. */
final class H2ByHand implements Way {
    private final DataSource pool;

    H2ByHand(DataSource pool) {
        this.pool = pool;
    }

    private interface Body {
        long run(Connection connection) throws SQLException;
    }

    /** The pool sets back the isolation. */
    private long inTransaction(int isolation, Body body) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            if (isolation != Connection.TRANSACTION_NONE) {
                connection.setTransactionIsolation(isolation);
            }
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
        return inTransaction(Connection.TRANSACTION_NONE, H2ByHand::insert);
    }

    @Override
    public long serializable() throws SQLException {
        return inTransaction(Connection.TRANSACTION_SERIALIZABLE, connection -> {
            long read = read(connection);
            insert(connection);
            return read;
        });
    }

    @Override
    public long readOnly() throws SQLException {
        return inTransaction(Connection.TRANSACTION_REPEATABLE_READ, H2ByHand::read);
    }

    @Override
    public long rolledBack() throws SQLException {
        return inTransaction(Connection.TRANSACTION_NONE, connection -> {
            insert(connection);
            return REFUSED;
        });
    }

    @Override
    public long nested() throws SQLException {
        return inTransaction(Connection.TRANSACTION_NONE, connection -> {
            long first = insert(connection);
            Savepoint savepoint = connection.setSavepoint();
            long second = insert(connection);
            connection.releaseSavepoint(savepoint);
            return first + second;
        });
    }

    private static long insert(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            statement.setLong(1, ID);
            return statement.executeUpdate();
        }
    }

    private static long read(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setLong(1, ID);
            try (ResultSet rs = statement.executeQuery()) {
                rs.next();
                return rs.getLong(1);
            }
        }
    }
}
