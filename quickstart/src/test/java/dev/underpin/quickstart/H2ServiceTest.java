package dev.underpin.quickstart;

import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class H2ServiceTest extends ServiceContract {
    @TempDir
    static Path directory;

    @Override
    DatabaseConfig database() {
        return DatabaseConfig.file(directory).orElseThrow();
    }

    @Override
    String waiting() {
        return "select count(*) from information_schema.sessions where blocker_id is not null";
    }
}
