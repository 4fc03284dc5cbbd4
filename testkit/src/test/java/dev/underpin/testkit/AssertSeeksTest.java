package dev.underpin.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Nested;

/** On the databases that are a library. */
class AssertSeeksTest {
    @Nested
    class OnH2 extends AssertSeeksContract {
        private Connection open;

        @Override
        Jdbi start() throws SQLException {
            open = DriverManager.getConnection("jdbc:h2:mem:");
            return Jdbi.create(open);
        }

        @Override
        void stop() throws SQLException {
            open.close();
        }

        @Override
        String analyze(String table) {
            return "analyze";
        }
    }

    @Nested
    class OnSqlite extends AssertSeeksContract {
        private Connection open;

        @Override
        Jdbi start() throws SQLException {
            open = DriverManager.getConnection("jdbc:sqlite::memory:");
            return Jdbi.create(open);
        }

        @Override
        void stop() throws SQLException {
            open.close();
        }

        /** Nothing: with statistics it may skip through {@code by_both} for an order it does not have, and sort. */
        @Override
        String analyze(String table) {
            return "pragma user_version";
        }

        @Override
        boolean countsRows() {
            return false;
        }
    }
}
