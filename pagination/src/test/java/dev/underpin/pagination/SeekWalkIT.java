package dev.underpin.pagination;

import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class SeekWalkIT extends SeekWalk {
    @Override
    List<Dialect> dialects() {
        return List.of(Dialect.POSTGRESQL, Dialect.MARIADB);
    }
}
