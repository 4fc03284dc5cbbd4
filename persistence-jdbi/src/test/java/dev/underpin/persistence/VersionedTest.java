package dev.underpin.persistence;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** On H2. */
class VersionedTest extends VersionedContract {
    private static final String URL = "jdbc:h2:mem:versioned";
    private Connection keeper;

    @Override
    Jdbi newDatabase() throws SQLException {
        keeper = DriverManager.getConnection(URL);
        return Jdbi.create(URL);
    }

    @Override
    void stop() throws SQLException {
        keeper.close();
    }

    @Override
    String schema(Handle handle) {
        return "public";
    }

    @Override
    Map<String, Object> staleSnapshot() {
        return Map.of("code", "SERIALIZATION_FAILED");
    }
}
