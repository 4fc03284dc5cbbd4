package dev.underpin.quickstart.infrastructure;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class H2StoreTest extends StoreContract {
    @TempDir
    static Path directory;

    @Override
    DatabaseConfig config() {
        return DatabaseConfig.file(directory).orElseThrow();
    }
}
