package dev.underpin.testkit;

import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
class JdbiStoreIT {
    @Nested
    class OnPostgres extends JdbiStoreContract {
        @Override
        Jdbi database() {
            return Servers.postgres();
        }

        @Override
        String folder() {
            return "postgresql";
        }

        @Override
        String earlier(String column) {
            return column + " - :micros * interval '1 microsecond'";
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends JdbiStoreContract {
        @Override
        Jdbi database() {
            return Servers.mariaDb();
        }

        @Override
        String folder() {
            return "mariadb";
        }

        @Override
        String earlier(String column) {
            return column + " - interval :micros microsecond";
        }
    }
}
