package dev.underpin.quickstart.infrastructure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public final class SeedTest {
    /** How many orders {@link #FINGERPRINT} is of. */
    public static final int ORDERS = 300;

    /** The sample data, whatever the machine, the JDK and the database. Changes only together with the seed. */
    public static final String FINGERPRINT = "279d5beab91e6911986ea85a79971210da705feef76c33a1551fd9e593b4420e";

    private static final Map<String, String> TABLES = Map.of(
            "customers", "id, name, email, created_at",
            "products", "sku, name, category, price, stock",
            "orders", "id, version, customer_id, reference, status, total, placed_at, changed_at, shipped_at",
            "order_lines", "order_id, position, sku, quantity, unit_price");

    @TempDir
    Path directory;

    @Test
    void sow_anywhere_isTheSameData() throws Exception {
        DatabaseConfig config = DatabaseConfig.file(directory).orElseThrow();

        Database.open(config, ORDERS).close();

        assertThat(fingerprint(config)).isEqualTo(FINGERPRINT);
    }

    @Test
    void sow_again_changesNothing() throws Exception {
        DatabaseConfig config = DatabaseConfig.file(directory).orElseThrow();
        Database.open(config, ORDERS).close();
        String first = fingerprint(config);

        Database.open(config, ORDERS * 2).close();

        assertThat(fingerprint(config)).isEqualTo(first);
    }

    @Test
    void sow_total_isTheSumOfTheLines() throws Exception {
        DatabaseConfig config = DatabaseConfig.file(directory).orElseThrow();
        Database.open(config, ORDERS).close();

        assertThat(
                        query(
                                config,
                                "select count(1) from orders o where o.total <>"
                                        + " (select sum(l.quantity * l.unit_price) from order_lines l where l.order_id = o.id)"))
                .isZero();
        assertThat(query(config, "select count(distinct status) from orders")).isEqualTo(5);
        assertThat(query(config, "select count(1) from orders")).isEqualTo(ORDERS);
    }

    /** {@return a hash of every row of every table} */
    public static String fingerprint(DatabaseConfig config) throws Exception {
        TreeSet<String> rows = new TreeSet<>();
        try (Connection connection = connect(config)) {
            for (Map.Entry<String, String> table : TABLES.entrySet()) {
                try (Statement statement = connection.createStatement();
                        ResultSet row =
                                statement.executeQuery("select " + table.getValue() + " from " + table.getKey())) {
                    while (row.next()) {
                        rows.add(table.getKey() + text(row));
                    }
                }
            }
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        return HexFormat.of().formatHex(digest.digest(String.join("\n", rows).getBytes(UTF_8)));
    }

    private static String text(ResultSet row) throws SQLException {
        StringBuilder text = new StringBuilder();
        for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
            text.append('|');
            // Databases agree on values, not on how they write a point in time.
            text.append(
                    switch (row.getMetaData().getColumnType(column)) {
                        case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE ->
                            Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
                                    .map(time -> time.toInstant().toString())
                                    .orElse("");
                        default -> row.getString(column);
                    });
        }
        return text.toString();
    }

    static long query(DatabaseConfig config, String sql) throws SQLException {
        try (Connection connection = connect(config);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static Connection connect(DatabaseConfig config) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", config.user());
        properties.setProperty("password", config.password());
        return DriverManager.getConnection(config.jdbcUrl(), properties);
    }
}
