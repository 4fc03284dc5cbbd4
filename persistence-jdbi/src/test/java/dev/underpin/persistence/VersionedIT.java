package dev.underpin.persistence;

import java.sql.SQLException;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
class VersionedIT {
    @Nested
    class OnPostgres extends VersionedContract {
        @Override
        Jdbi newDatabase() throws SQLException {
            return Jdbi.create(
                    TestServers.postgres().newDatabase(), TestServers.postgres().user(), "");
        }

        @Override
        void stop() {}

        @Override
        String schema(Handle handle) {
            return "public";
        }

        @Override
        Map<String, Object> staleSnapshot() {
            return Map.of("code", "SERIALIZATION_FAILED");
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends VersionedContract {
        @Override
        Jdbi newDatabase() throws SQLException {
            return Jdbi.create(
                    TestServers.mariaDb().newDatabase() + options(),
                    TestServers.mariaDb().user(),
                    "");
        }

        String options() {
            return "";
        }

        @Override
        void stop() {}

        @Override
        String schema(Handle handle) {
            return handle.createQuery("select database()").mapTo(String.class).one();
        }

        @Override
        Map<String, Object> staleSnapshot() {
            return Map.of("code", "VERSION_CONFLICT", "expected", 7L, "current", 8L);
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    class OnMariaDbCountingChanges extends OnMariaDb {
        @Override
        String options() {
            return "?useAffectedRows=true";
        }
    }
}
