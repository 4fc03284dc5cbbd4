package dev.underpin.pagination;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

/** On databases that run in this process. */
class SeekWalkTest extends SeekWalk {
    @Override
    void open(Map<Dialect, Connection> databases) throws SQLException {
        databases.put(Dialect.H2, DriverManager.getConnection("jdbc:h2:mem:"));
        databases.put(Dialect.SQLITE, DriverManager.getConnection("jdbc:sqlite::memory:"));
    }

    @Override
    void stop() {}
}
