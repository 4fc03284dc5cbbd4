package dev.underpin.persistence.hikari;

import com.zaxxer.hikari.HikariConfig;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a driver, from its URL and the properties of a pool.
 *
 * @param isPostgres whether it is PostgreSQL's, else MariaDB's or MySQL's
 * @param settings the values that were set, by their names, which MariaDB's takes in any case
 */
record DriverSettings(boolean isPostgres, Map<String, String> settings) {
    /** {@return the settings of a pool's driver; null if it is none that is known here} */
    static @Nullable DriverSettings of(HikariConfig config) {
        if (config.getDataSource() != null || config.getDataSourceJNDI() != null) {
            return null; // it has its own, and the properties are not used
        }
        Properties properties = config.getDataSourceProperties();
        String url = config.getJdbcUrl() == null ? properties.getProperty("url", "") : config.getJdbcUrl();
        String driver = url + ' ' + config.getDataSourceClassName();
        boolean isPostgres = driver.contains("jdbc:postgresql:") || driver.contains("org.postgresql.");
        String lower = driver.toLowerCase(Locale.ROOT);
        if (!isPostgres && !lower.contains("mariadb") && !lower.contains("mysql")) {
            return null;
        }
        Map<String, String> settings = isPostgres ? new TreeMap<>() : new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        properties.forEach((name, value) -> settings.put(name.toString(), value.toString()));
        putAll(settings, url); // which drivers read last
        return new DriverSettings(isPostgres, settings);
    }

    /** {@return a value that may be encoded} A password may look like one that is, which its driver takes as it stands. */
    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }

    private static void putAll(Map<String, String> settings, String url) {
        int query = url.indexOf('?');
        if (query < 0) {
            return;
        }
        for (String parameter : url.substring(query + 1).split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (equals > 0) {
                settings.put(parameter.substring(0, equals), decoded(parameter.substring(equals + 1)));
            }
        }
    }

    /** Adds what is wrong, if a statement may take that long. */
    void check(Duration statement, List<String> problems) {
        checkSocketTimeout(statement, problems);
        if ("0".equals(settings.get("connectTimeout"))) {
            problems.add(
                    "connectTimeout of the driver must not be 0; a server that is gone would be waited for as long as"
                            + " the operating system likes: leave it out");
        }
        String keepAlive = settings.getOrDefault("tcpKeepAlive", Boolean.toString(!isPostgres));
        if (!keepAlive.equalsIgnoreCase("true")) {
            problems.add(
                    "tcpKeepAlive of the driver must be true; else a connection whose other end is gone is found out"
                            + " by a request: set tcpKeepAlive=true");
        }
        if (!isPostgres && settings.getOrDefault("useAffectedRows", "false").equalsIgnoreCase("true")) {
            problems.add(
                    "useAffectedRows of the driver must be false; an update to what a row has already would count as"
                            + " one that found no row: leave it out");
        }
    }

    private void checkSocketTimeout(Duration statement, List<String> problems) {
        String unit = isPostgres ? "s" : "ms";
        long least = isPostgres ? statement.plusMillis(999).toSeconds() : statement.toMillis();
        String set = settings.getOrDefault("socketTimeout", "0");
        if (number(set) <= least) {
            problems.add("socketTimeout of the driver must be more than the " + least + " " + unit
                    + " that a statement may take: " + (number(set) == 0 ? "none" : set + " " + unit)
                    + "; what is not in a transaction would " + (number(set) == 0 ? "wait forever for" : "give up")
                    + " a server that " + (number(set) == 0 ? "is gone" : "is still at it") + ": set socketTimeout="
                    + (isPostgres ? least + 1 : least + 1_000));
        }
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException e) {
            return 0; // and the driver will say so
        }
    }
}
