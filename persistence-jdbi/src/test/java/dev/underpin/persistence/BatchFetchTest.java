package dev.underpin.persistence;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** On H2. */
class BatchFetchTest extends BatchFetchContract {
    private static final String URL = "jdbc:h2:mem:fetched";
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
    boolean refusesStaleSnapshots() {
        return true;
    }
}
