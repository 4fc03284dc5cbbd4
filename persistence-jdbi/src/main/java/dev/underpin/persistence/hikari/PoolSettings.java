package dev.underpin.persistence.hikari;

import com.zaxxer.hikari.HikariConfig;
import dev.underpin.persistence.TxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The size of a pool, and a check of its settings for a service to run when it starts: what is wrong with a pool is seen
 * when the database is slow or gone, and not before. Thread-safe.
 */
@SuppressWarnings("exports") // optional: see module-info
public final class PoolSettings {
    /** What a database of 24 cores works at. */
    private static final int LARGE = 49;

    private PoolSettings() {}

    /**
     * {@return how many connections an instance of a service should have} A database works at (cores x 2) + 1 statements at
     * a time, by measurements that the authors of HikariCP and PostgreSQL publish; more wait for each other inside of it. All
     * instances share these; each has 2 at least.
     *
     * @param databaseCores the cores of the database's machine, without hyper-threads
     * @param instances how many pools there are, of all services that use the database
     * @throws IllegalArgumentException if one is not positive
     */
    public static int size(int databaseCores, int instances) {
        if (databaseCores < 1 || instances < 1) {
            throw new IllegalArgumentException(
                    "databaseCores and instances must be positive: " + databaseCores + ", " + instances);
        }
        return (int) Math.max(2, (databaseCores * 2L + 1) / instances);
    }

    /**
     * {@return what is wrong with the settings of a pool, each with what to do; empty if nothing is} Settings of PostgreSQL's,
     * MariaDB's and MySQL's drivers are looked for in the URL and among the data source properties; those of a
     * {@code DataSource} object are not seen.
     *
     * @param config the pool
     * @param options how transactions run on it
     */
    public static List<String> check(HikariConfig config, TxOptions options) {
        List<String> problems = new ArrayList<>();
        checkPool(config, options.deadline(), problems);
        DriverSettings driver = DriverSettings.of(config);
        if (driver != null) {
            Duration statement = options.statementTimeout();
            driver.check(statement.isZero() ? options.deadline() : statement, problems);
        }
        return List.copyOf(problems);
    }

    private static void checkPool(HikariConfig config, Duration deadline, List<String> problems) {
        int most = config.getMaximumPoolSize();
        if (most > LARGE) {
            problems.add("maximumPoolSize should be at most " + LARGE + ": " + most
                    + "; a database does no more by more connections, size(...) says how many it needs");
        }
        int idle = config.getMinimumIdle();
        if (idle >= 0 && most > 0 && idle < most) {
            problems.add("minimumIdle should be left out: " + idle
                    + "; below maximumPoolSize, connections are opened when they are needed most");
        }
        if (config.getConnectionTimeout() >= deadline.toMillis()) {
            problems.add("connectionTimeout must be less than the deadline of transactions, " + deadline.toMillis()
                    + " ms: " + config.getConnectionTimeout()
                    + "; who waits for a connection would have no time left to use it");
        }
        if (config.getMaxLifetime() == 0) {
            problems.add("maxLifetime must not be 0; a connection that lives forever is dropped by a firewall or the"
                    + " database sooner or later, and stays with the old server after a failover: leave it out, or set it"
                    + " some seconds below their limit");
        }
        if (!config.isAutoCommit()) {
            problems.add("autoCommit must be true; without, JDBI takes each connection for one with an open transaction"
                    + " (jdbi#1733, jdbi#2663): leave it out");
        }
        if (config.getTransactionIsolation() != null) {
            problems.add("transactionIsolation should be left out: " + config.getTransactionIsolation()
                    + "; set it in TxOptions, where it is seen and checked");
        }
        long leak = config.getLeakDetectionThreshold();
        if (leak > 0 && leak < deadline.toMillis()) {
            problems.add("leakDetectionThreshold must not be less than the deadline of transactions, "
                    + deadline.toMillis() + " ms: " + leak + "; it would report those that are still within it");
        }
    }
}
