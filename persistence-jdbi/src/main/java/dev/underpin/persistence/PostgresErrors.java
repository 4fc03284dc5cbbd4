package dev.underpin.persistence;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What only PostgreSQL's own driver tells; to be touched where that is present. */
final class PostgresErrors {
    static final boolean PRESENT = present();

    private PostgresErrors() {}

    private static boolean present() {
        try {
            Class.forName("org.postgresql.util.PSQLException", false, PostgresErrors.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** {@return whether the server would answer a commit with a rollback, which this driver passes over in silence} */
    static boolean isFailed(Connection connection) {
        return PRESENT && State.of(connection) == TransactionState.FAILED;
    }

    /** {@return whether there is no transaction, though one was begun} */
    static boolean isIdle(Connection connection) {
        return PRESENT && State.of(connection) == TransactionState.IDLE;
    }

    /** Apart, so that nothing of the driver is loaded where it is not present. */
    private static final class State {
        static @Nullable TransactionState of(Connection connection) {
            try {
                return connection.isWrapperFor(BaseConnection.class)
                        ? connection.unwrap(BaseConnection.class).getTransactionState()
                        : null;
            } catch (SQLException e) {
                return null; // and the next statement will say why
            }
        }
    }

    static @Nullable Violated violated(SQLException e) {
        if (!(e instanceof PSQLException postgres)) {
            return null;
        }
        ServerErrorMessage message = postgres.getServerErrorMessage();
        return message == null ? null : new Violated(message.getConstraint(), message.getTable(), message.getColumn());
    }
}
