package dev.underpin.testkit;

import org.jdbi.v3.core.Jdbi;

/** On H2. */
class JdbiStoreTest extends JdbiStoreContract {
    @Override
    Jdbi database() {
        return Jdbi.create("jdbc:h2:mem:keys;DB_CLOSE_DELAY=-1");
    }

    @Override
    String folder() {
        return "h2";
    }

    @Override
    String earlier(String column) {
        return "dateadd(microsecond, -:micros, " + column + ")";
    }
}
