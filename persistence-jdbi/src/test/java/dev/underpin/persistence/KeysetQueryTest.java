package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import dev.underpin.persistence.internal.Database;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On the databases that are a library. */
class KeysetQueryTest {
    private static final AtomicInteger NAMES = new AtomicInteger();

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OnH2 extends KeysetQueryContract {
        private Connection open;

        @BeforeAll
        void connect() throws SQLException {
            open = DriverManager.getConnection("jdbc:h2:mem:keyset" + NAMES.incrementAndGet());
        }

        @AfterAll
        void disconnect() throws SQLException {
            open.close();
        }

        @Override
        Jdbi jdbi() {
            return Jdbi.create(open);
        }

        @Override
        String uuid() {
            return "uuid";
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OnSqlite extends KeysetQueryContract {
        private Connection open;

        @BeforeAll
        void connect() throws SQLException {
            open = DriverManager.getConnection("jdbc:sqlite::memory:");
        }

        @AfterAll
        void disconnect() throws SQLException {
            open.close();
        }

        @Override
        Jdbi jdbi() {
            return Jdbi.create(open);
        }

        @Override
        String uuid() {
            return "text";
        }
    }

    /* ---- times ---- */

    record Event(Instant at, LocalDateTime local, long id) {}

    private static final PageSpec<Event> EVENTS = PageSpec.named("events", Event.class)
            .sort("at", "e.at", ColumnType.INSTANT, Event::at)
            .sort("local", "e.local", ColumnType.DATE_TIME, Event::local)
            .unique("id", "e.id", ColumnType.LONG, Event::id)
            .defaultSort("at,-local")
            .build();

    @Test
    void fetch_times_keepTheirNanoseconds() {
        try (Handle handle = Jdbi.create("jdbc:h2:mem:events").open()) {
            handle.execute("create table events (at timestamp(9) with time zone, local timestamp(9), id bigint)");
            for (int id = 0; id < 9; id++) {
                handle.execute(
                        "insert into events values (?, ?, ?)",
                        Instant.parse("2026-01-31T08:00:00.12345678" + id + "Z").atOffset(ZoneOffset.UTC),
                        LocalDateTime.parse("2026-03-29T02:30:00.00000000" + id),
                        id);
            }
            PageQuery<Event> query = EVENTS.first(1);

            List<Long> ids = query.stream(next -> KeysetQuery.of(handle, "select e.* from events e")
                            .fetch(
                                    next,
                                    (rs, context) -> new Event(
                                            rs.getObject("at", Instant.class),
                                            rs.getObject("local", LocalDateTime.class),
                                            rs.getLong("id"))))
                    .map(Event::id)
                    .toList();

            assertThat(ids).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        }
    }

    @ParameterizedTest
    @CsvSource({"at", "local"})
    void fetch_timeOnSqlite_isRefusedWithAWayOut(String sort) throws SQLException {
        try (Handle handle = Jdbi.create("jdbc:sqlite::memory:").open()) {
            handle.execute("create table events (at text, local text, id bigint)");
            handle.execute("insert into events values ('2026', '2026', 1), ('2027', '2027', 2)");
            PageSpec<Event> spec = PageSpec.named("events", Event.class)
                    .sort("at", "e.at", ColumnType.INSTANT, Event::at)
                    .sort("local", "e.local", ColumnType.DATE_TIME, Event::local)
                    .unique("id", "e.id", ColumnType.LONG, Event::id)
                    .defaultSort(sort)
                    .build();

            assertThatThrownBy(() -> spec.first(1).stream(next -> KeysetQuery.of(handle, "select e.* from events e")
                                    .fetch(
                                            next,
                                            (rs, context) -> new Event(
                                                    Instant.EPOCH, LocalDateTime.MIN.withYear(2026), rs.getLong("id"))))
                            .toList())
                    .hasStackTraceContaining("SQLite has no type for a time");
        }
    }

    /* ---- numbers on SQLite ---- */

    record Part(long id, BigDecimal value) {}

    /** A column makes a number of a text, an expression does not. */
    @ParameterizedTest
    @ValueSource(strings = {"p.price", "p.price * p.count", "round(p.price, 2)", "coalesce(p.price, 0)"})
    void fetch_decimalOfAnExpressionOnSqlite_losesNoRow(String expression) {
        PageSpec<Part> spec = PageSpec.named("parts", Part.class)
                .sort("value", expression, ColumnType.DECIMAL, Part::value)
                .unique("id", "p.id", ColumnType.LONG, Part::id)
                .filterRange("value", expression, ColumnType.DECIMAL)
                .build();
        Paginator paginator = Paginator.builder(1, new byte[32]).build();
        try (Handle handle = Jdbi.create("jdbc:sqlite::memory:").open()) {
            handle.execute("create table parts (id bigint primary key, price numeric not null, count bigint not null)");
            for (int id = 0; id < 10; id++) {
                handle.execute("insert into parts values (?, ?, 2)", id, id % 2 == 0 ? id : id + 0.25);
            }
            RowMapper<Part> mapper = (rs, context) -> new Part(rs.getLong("id"), rs.getBigDecimal("value"));
            String select = "select p.id, " + expression + " as value from parts p";
            for (String sort : List.of("value", "-value")) {
                assertThat(
                                paginator
                                        .parse(spec, Map.of("sort", List.of(sort), "size", List.of("3")), "")
                                        .orElseThrow()
                                        .stream(next ->
                                        KeysetQuery.of(handle, select).fetch(next, mapper)))
                        .as(sort)
                        .hasSize(10);
            }
            assertThat(KeysetQuery.of(handle, select)
                            .fetch(
                                    paginator
                                            .parse(spec, Map.of("value[gte]", List.of("5.25")), "")
                                            .orElseThrow(),
                                    mapper)
                            .items())
                    .hasSizeGreaterThan(4);
        }
    }

    /* ---- databases ---- */

    @ParameterizedTest
    @CsvSource({
        "PostgreSQL, 18.0, POSTGRESQL",
        "MariaDB, 11.4.5-MariaDB, MARIADB",
        "MySQL, 8.4.0, MYSQL",
        "MySQL, 11.4.5-MariaDB, MARIADB",
        "H2, 2.5.252, H2",
        "SQLite, 3.51.0, SQLITE",
        "Microsoft SQL Server, 16.00, SQL_SERVER",
        "Oracle, 23.0, ORACLE"
    })
    void database_productName_isKnown(String product, String version, Database database) throws SQLException {
        assertThat(Database.of(connection(product, version))).isEqualTo(database);
        assertThat(database.dialect().name()).isEqualTo(database.name());
    }

    @Test
    void fetch_unknownDatabase_saysSo() {
        Handle handle = Jdbi.create(connection("Apache Derby", "10.17")).open();

        assertThatThrownBy(() -> KeysetQuery.of(handle, "select e.* from events e")
                        .fetch(EVENTS.first(1), (rs, context) -> new Event(Instant.EPOCH, LocalDateTime.MIN, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Apache Derby")
                .hasMessageContaining("PageQuery.sql");
    }

    /** A connection that says what it is of, and no more: most of these databases cannot be run here. */
    private static Connection connection(String product, String version) {
        DatabaseMetaData metaData = (DatabaseMetaData) Proxy.newProxyInstance(
                KeysetQueryTest.class.getClassLoader(),
                new Class<?>[] {DatabaseMetaData.class},
                (self, method, args) -> switch (method.getName()) {
                    case "getDatabaseProductName" -> product;
                    case "getDatabaseProductVersion" -> version;
                    default -> null;
                });
        return (Connection) Proxy.newProxyInstance(
                KeysetQueryTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (self, method, args) -> switch (method.getName()) {
                    case "getMetaData" -> metaData;
                    case "getAutoCommit", "isClosed", "isReadOnly" -> false;
                    default -> null;
                });
    }
}
