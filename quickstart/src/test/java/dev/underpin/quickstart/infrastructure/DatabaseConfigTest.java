package dev.underpin.quickstart.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.persistence.hikari.PoolSettings;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseConfigTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            emptyValue = "",
            value = {
                "postgres://u:p@h:5433/d, jdbc:postgresql://h:5433/d, u, p",
                "postgresql://u:p@h/d?sslmode=require, jdbc:postgresql://h/d?sslmode=require, u, p",
                "postgres://u:p%40%2F%25+x@h/d, jdbc:postgresql://h/d, u, p@/%+x",
                "postgres://h/d?user=u&password=p&sslmode=require, jdbc:postgresql://h/d?sslmode=require, u, p",
                "jdbc:postgresql://h:1/d?password=p&user=u, jdbc:postgresql://h:1/d, u, p",
                "postgres://my_host/d, jdbc:postgresql://my_host/d, '', ''",
                "postgres://u@[::1]:5432/d, jdbc:postgresql://[::1]:5432/d, u, ''",
                "postgres://u:p@a:1, jdbc:postgresql://a:1/, u, p"
            })
    void parse_valid_keepsCredentialsApart(String url, String jdbcUrl, String user, String password) {
        DatabaseConfig config = DatabaseConfig.parse(url).orElseThrow();

        assertThat(config.jdbcUrl()).isEqualTo(jdbcUrl);
        assertThat(config.user()).isEqualTo(user);
        assertThat(config.password()).isEqualTo(password);
        assertThat(config.file()).isEmpty();
    }

    @Test
    void pool_ofEitherDatabase_suitsTheTransactions() {
        DatabaseConfig postgres = DatabaseConfig.parse("postgres://u:p@h/d").orElseThrow();
        DatabaseConfig h2 = DatabaseConfig.h2(Path.of("shop"));

        assertThat(PoolSettings.check(Database.pool(postgres), JdbiStore.WRITE)).isEmpty();
        assertThat(PoolSettings.check(Database.pool(h2), JdbiStore.WRITE)).isEmpty();
    }

    @Test
    void toString_anything_hasNoSecret() {
        DatabaseConfig config = DatabaseConfig.parse("postgres://u:hunter2@h/d?sslpassword=hunter3")
                .orElseThrow();

        assertThat(config).hasToString("PostgreSQL at h/d");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "mysql://u:hunter2@h/d",
                "jdbc:h2:mem:x;INIT=x",
                "postgres:u:hunter2@h/d",
                "postgres://u:hunter2@/d",
                "postgres://u:hunter2%zz@h/d",
                "postgres://u:hunter2@h:port/d",
                "postgres://u:hunter2@h@h/d",
                "postgres://u:hunter2@h/d\n"
            })
    void parse_other_isRefusedWithoutRepeatingIt(String url) {
        Result<DatabaseConfig, DomainError> result = DatabaseConfig.parse(url);

        assertThat(result).isInstanceOfSatisfying(Result.Err.class, err -> {
            DomainError error = (DomainError) err.error();
            assertThat(error.code()).isEqualTo(DatabaseConfig.DATABASE_URL_INVALID);
            assertThat(error.message()).doesNotContain("hunter2");
        });
    }

    @Test
    void file_directory_isAbsolute() {
        assertThat(DatabaseConfig.file(Path.of("some/../data")).orElseThrow().jdbcUrl())
                .startsWith("jdbc:h2:retry:file:" + Path.of("data").toAbsolutePath());
    }

    @Test
    void file_nameWithSettings_isRefused() {
        assertThat(DatabaseConfig.file(Path.of("data;INIT=x")).isOk()).isFalse();
    }

    /** A lease that is lost, or an attempt that has taken too long, interrupts its thread, wherever that is. */
    @Test
    void file_readByAnInterruptedThread_staysOpen(@TempDir Path directory) throws Exception {
        String url = DatabaseConfig.file(directory).orElseThrow().jdbcUrl() + ";CACHE_SIZE=16";
        try (Connection keep = DriverManager.getConnection(url);
                Statement statement = keep.createStatement()) {
            statement.execute("create table t as select x id, space(2000) v from system_range(1, 2000)");
            statement.execute("checkpoint sync");

            for (int i = 0; i < 20; i++) {
                var reader = new Thread(() -> {
                    Thread.currentThread().interrupt();
                    try (Connection connection = DriverManager.getConnection(url)) {
                        connection.createStatement().executeQuery("select max(v) from t");
                    } catch (SQLException e) {
                        // it may be told so; the others must not
                    }
                });
                reader.start();
                reader.join();
            }

            try (ResultSet rows = statement.executeQuery("select count(v) from t")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(2000);
            }
        }
    }
}
