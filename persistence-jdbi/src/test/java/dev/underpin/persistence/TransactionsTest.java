package dev.underpin.persistence;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** On H2. */
class TransactionsTest extends TransactionsContract {
    private static final String URL = "jdbc:h2:mem:transactions";
    private Connection keeper;

    @Override
    String url() throws SQLException {
        keeper = DriverManager.getConnection(URL, "sa", "");
        return URL;
    }

    @Override
    String user() {
        return "sa";
    }

    @Override
    void stop() throws SQLException {
        keeper.close();
    }

    @Override
    TransactionIsolationLevel isolation(Handle handle) {
        return TransactionIsolationLevel.valueOf(handle.createQuery(
                        "select isolation_level from information_schema.sessions where session_id = session_id()")
                .mapTo(String.class)
                .one()
                .replace(' ', '_'));
    }

    @Override
    boolean enforcesReadOnly() {
        return false;
    }

    @Override
    String insertIfAbsent() {
        return "merge into accounts (id, name, balance) key (id) values (1, 'n1', 100)";
    }

    @Override
    boolean isSerializable() {
        return false;
    }

    @Override
    String settings(Handle handle) {
        return isolation(handle) + " "
                + handle.createQuery("select lock_timeout() || ' ' || coalesce((select setting_value"
                                + " from information_schema.settings where setting_name = 'QUERY_TIMEOUT'), '')")
                        .mapTo(String.class)
                        .one();
    }
}
