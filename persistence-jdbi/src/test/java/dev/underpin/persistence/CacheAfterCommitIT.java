package dev.underpin.persistence;

import java.sql.SQLException;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
class CacheAfterCommitIT {
    @Nested
    class OnPostgres extends CacheAfterCommitContract {
        @Override
        Jdbi newDatabase() throws SQLException {
            return Jdbi.create(
                    TestServers.postgres().newDatabase(), TestServers.postgres().user(), "");
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends CacheAfterCommitContract {
        @Override
        Jdbi newDatabase() throws SQLException {
            return Jdbi.create(
                    TestServers.mariaDb().newDatabase(), TestServers.mariaDb().user(), "");
        }
    }
}
