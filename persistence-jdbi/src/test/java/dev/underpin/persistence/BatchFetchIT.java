package dev.underpin.persistence;

import java.sql.SQLException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
class BatchFetchIT {
    @Nested
    class OnPostgres extends BatchFetchContract {
        @Override
        String url() throws SQLException {
            return TestServers.postgres().newDatabase();
        }

        @Override
        String user() {
            return TestServers.postgres().user();
        }

        @Override
        void stop() {}

        @Override
        boolean refusesStaleSnapshots() {
            return true;
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends BatchFetchContract {
        @Override
        String url() throws SQLException {
            return TestServers.mariaDb().newDatabase();
        }

        @Override
        String user() {
            return TestServers.mariaDb().user();
        }

        @Override
        void stop() {}

        @Override
        boolean refusesStaleSnapshots() {
            return false;
        }
    }
}
