package dev.underpin.quickstart.infrastructure;

import dev.underpin.quickstart.TestPostgres;

final class PostgreSqlStoreIT extends StoreContract {
    @Override
    DatabaseConfig config() {
        return TestPostgres.create("store");
    }
}
