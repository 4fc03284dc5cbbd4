package dev.underpin.persistence.hikari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.persistence.TxOptions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoolSettingsTest {
    private static final String POSTGRES = "jdbc:postgresql://db/shop?socketTimeout=11&tcpKeepAlive=true";
    private static final String MARIADB = "jdbc:mariadb://db/shop?socketTimeout=11000";

    private static HikariConfig sound(String url) {
        var config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setConnectionTimeout(5_000);
        return config;
    }

    private static List<String> problems(HikariConfig config) {
        return PoolSettings.check(config, TxOptions.standard());
    }

    private static String problem(String url, Consumer<HikariConfig> change) {
        HikariConfig config = sound(url);
        change.accept(config);
        List<String> problems = problems(config);
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    /* ---- size ---- */

    @ParameterizedTest
    @CsvSource({"4, 1, 9", "8, 2, 8", "8, 3, 5", "2, 10, 2", "1, 1, 3", "1, 2, 2", "64, 4, 32"})
    void size_coresAndInstances_sharesWhatTheDatabaseWorksAt(int cores, int instances, int size) {
        assertThat(PoolSettings.size(cores, instances)).isEqualTo(size);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 0", "-4, 1", "4, -1"})
    void size_nothing_isRefused(int cores, int instances) {
        assertThatThrownBy(() -> PoolSettings.size(cores, instances))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("databaseCores and instances must be positive: " + cores + ", " + instances);
    }

    /* ---- the pool ---- */

    @ParameterizedTest
    @ValueSource(
            strings = {
                POSTGRES,
                MARIADB,
                "jdbc:mysql://db/shop?socketTimeout=11000",
                "jdbc:mariadb://db/shop?SocketTimeout=11000",
                "jdbc:mariadb://db/shop?password=50%off-secret&socketTimeout=11000",
                "jdbc:h2:mem:pool",
                "jdbc:postgresql://db/shop?tcpKeepAlive=TRUE&user=a&socketTimeout=%31%31"
            })
    void check_soundSettings_haveNoProblem(String url) {
        assertThat(problems(sound(url))).isEmpty();
    }

    @Test
    void check_poolThatRuns_hasNoMoreProblemsThanItsConfig() throws SQLException {
        HikariConfig config = sound("jdbc:h2:mem:pool");
        try (var pool = new HikariDataSource(config);
                Connection connection = pool.getConnection()) {
            assertThat(connection.isValid(1)).isTrue();
            assertThat(problems(pool)).isEmpty();
        }
    }

    @Test
    void check_size_isNoLargerThanADatabaseUses() {
        assertThat(problem(POSTGRES, config -> config.setMaximumPoolSize(50)))
                .startsWith("maximumPoolSize should be at most 49: 50");
        assertThat(problems(sound(POSTGRES))).isEmpty();
    }

    @Test
    void check_minimumIdle_isLeftOutOrTheSize() {
        assertThat(problem(POSTGRES, config -> {
                    config.setMaximumPoolSize(10);
                    config.setMinimumIdle(2);
                }))
                .startsWith("minimumIdle should be left out: 2");
        HikariConfig same = sound(POSTGRES);
        same.setMaximumPoolSize(10);
        same.setMinimumIdle(10);
        assertThat(problems(same)).isEmpty();
    }

    /** What HikariCP has by default is the whole deadline. */
    @ParameterizedTest
    @CsvSource({"30000, 30000", "0, 2147483647"})
    void check_connectionTimeout_leavesTimeToWork(long timeout, long shown) {
        assertThat(problem(POSTGRES, config -> config.setConnectionTimeout(timeout)))
                .startsWith("connectionTimeout must be less than the deadline of transactions, 30000 ms: " + shown);
    }

    @Test
    void check_maxLifetime_isSome() {
        assertThat(problem(POSTGRES, config -> config.setMaxLifetime(0))).startsWith("maxLifetime must not be 0");
    }

    @Test
    void check_autoCommit_isOn() {
        assertThat(problem(POSTGRES, config -> config.setAutoCommit(false))).startsWith("autoCommit must be true");
    }

    @Test
    void check_isolation_isThatOfTransactions() {
        assertThat(problem(POSTGRES, config -> config.setTransactionIsolation("TRANSACTION_SERIALIZABLE")))
                .startsWith("transactionIsolation should be left out: TRANSACTION_SERIALIZABLE");
    }

    @Test
    void check_leakDetection_comesAfterTheDeadline() {
        assertThat(problem(POSTGRES, config -> config.setLeakDetectionThreshold(29_999)))
                .startsWith(
                        "leakDetectionThreshold must not be less than the deadline of transactions, 30000 ms: 29999");
        HikariConfig later = sound(POSTGRES);
        later.setLeakDetectionThreshold(30_000);
        assertThat(problems(later)).isEmpty();
    }

    /* ---- the driver ---- */

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db/shop?tcpKeepAlive=true, 10 s that a statement may take: none, socketTimeout=11",
        "jdbc:postgresql://db/shop?tcpKeepAlive=true&socketTimeout=10, 10 s that a statement may take: 10 s, "
                + "socketTimeout=11",
        "jdbc:postgresql://db/shop?tcpKeepAlive=true&SocketTimeout=11, 10 s that a statement may take: none, "
                + "socketTimeout=11",
        "jdbc:mariadb://db/shop, 10000 ms that a statement may take: none, socketTimeout=11000",
        "jdbc:mariadb://db/shop?socketTimeout=11, 10000 ms that a statement may take: 11 ms, socketTimeout=11000",
        "jdbc:mysql://db/shop?socketTimeout=10000, 10000 ms that a statement may take: 10000 ms, socketTimeout=11000",
        "jdbc:mysql://db/shop?socketTimeout=soon, 10000 ms that a statement may take: none, socketTimeout=11000",
    })
    void check_socketTimeout_isMoreThanThatOfStatements(String url, String reason, String advice) {
        assertThat(problem(url, config -> {}))
                .startsWith("socketTimeout of the driver must be more than the " + reason)
                .endsWith("set " + advice);
    }

    @Test
    void check_noTimeoutOfStatements_isThatOfTheDeadline() {
        TxOptions options = TxOptions.standard().timeouts(Duration.ZERO, Duration.ZERO, Duration.ofMillis(20_500));

        assertThat(PoolSettings.check(sound(POSTGRES), options))
                .singleElement()
                .asString()
                .contains("more than the 21 s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://db/shop?socketTimeout=11", MARIADB + "&tcpKeepAlive=false"})
    void check_tcpKeepAlive_isOn(String url) {
        assertThat(problem(url, config -> {})).startsWith("tcpKeepAlive of the driver must be true");
    }

    @ParameterizedTest
    @ValueSource(strings = {POSTGRES + "&connectTimeout=0", MARIADB + "&connectTimeout=0"})
    void check_connectTimeout_isSome(String url) {
        assertThat(problem(url, config -> {})).startsWith("connectTimeout of the driver must not be 0");
    }

    @Test
    void check_useAffectedRows_isOff() {
        assertThat(problem(MARIADB + "&useAffectedRows=true", config -> {}))
                .startsWith("useAffectedRows of the driver must be false");
    }

    @Test
    void check_propertiesOfTheDataSource_areThoseOfTheDriver() {
        var postgres = new HikariConfig();
        postgres.setDataSourceClassName("org.postgresql.ds.PGSimpleDataSource");
        postgres.setConnectionTimeout(5_000);
        postgres.addDataSourceProperty("socketTimeout", 11);
        assertThat(problems(postgres)).singleElement().asString().startsWith("tcpKeepAlive");
        postgres.addDataSourceProperty("tcpKeepAlive", true);
        assertThat(problems(postgres)).isEmpty();

        var mariaDb = new HikariConfig();
        mariaDb.setDataSourceClassName("org.mariadb.jdbc.MariaDbDataSource");
        mariaDb.setConnectionTimeout(5_000);
        mariaDb.addDataSourceProperty("url", MARIADB + "&useAffectedRows=true");
        mariaDb.addDataSourceProperty("socketTimeout", 11);
        assertThat(problems(mariaDb)).singleElement().asString().startsWith("useAffectedRows");
    }

    @Test
    void check_dataSourceOfTheService_hasSettingsOfItsOwn() {
        var config = new HikariConfig();
        config.setDataSource(new JdbcDataSource());
        config.setConnectionTimeout(5_000);

        assertThat(problems(config)).isEmpty();
    }
}
