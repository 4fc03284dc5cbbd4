package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.AbstractArgumentFactory;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.config.ConfigRegistry;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an update by version does on any database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class VersionedContract {
    record Sku(String text) {}

    private static final class SkuArguments extends AbstractArgumentFactory<Sku> {
        SkuArguments() {
            super(Types.VARCHAR);
        }

        @Override
        protected Argument build(Sku value, ConfigRegistry config) {
            return (position, statement, context) -> statement.setString(position, "sku-" + value.text());
        }
    }

    private static final UUID ID = UUID.fromString("0190a5b0-0000-7000-8000-000000000001");
    private static final UUID OTHER = UUID.fromString("0190a5b0-0000-7000-8000-000000000002");

    private Jdbi jdbi;

    /** {@return an empty database} */
    abstract Jdbi newDatabase() throws Exception;

    abstract void stop() throws Exception;

    /** {@return the schema that tables are made in} */
    abstract String schema(Handle handle);

    /** {@return what an update says whose snapshot has the row as it was before somebody else changed it} */
    abstract Map<String, Object> staleSnapshot();

    @BeforeAll
    void create() throws Exception {
        jdbi = newDatabase();
        jdbi.useHandle(handle -> handle.execute("create table items (id uuid primary key, version bigint not null,"
                + " name varchar(40), price decimal(10, 2))"));
    }

    @AfterAll
    void drop() throws Exception {
        stop();
    }

    @BeforeEach
    void fill() {
        jdbi.useHandle(handle -> {
            handle.execute("delete from items");
            handle.execute("insert into items values ('" + ID + "', 7, 'old', 1)");
            handle.execute("insert into items values ('" + OTHER + "', 7, 'other', 1)");
        });
    }

    private Result<Long, DomainError> update(long version, Map<String, ?> columns) {
        return jdbi.withHandle(handle -> Versioned.update(handle, "items", ID, version, columns));
    }

    private List<Map<String, Object>> items() {
        return jdbi.withHandle(handle -> handle.createQuery("select name, version from items order by id")
                .map((rs, context) -> Map.<String, Object>of(
                        "name", String.valueOf(rs.getString("name")), "version", rs.getLong("version")))
                .list());
    }

    private static ErrorCode code(Result<?, DomainError> result) {
        return result.fold(value -> null, DomainError::code);
    }

    private static Map<String, Object> args(Result<?, DomainError> result) {
        return result.fold(value -> Map.of(), DomainError::args);
    }

    @Test
    void update_expectedVersion_setsColumnsOfThatRowAndCountsUp() {
        assertThat(update(7, Map.of("name", "new", "price", new BigDecimal("2.50"))))
                .isEqualTo(Result.ok(8L));
        assertThat(items())
                .containsExactly(Map.of("name", "new", "version", 8L), Map.of("name", "other", "version", 7L));
    }

    @Test
    void update_null_isStored() {
        Map<String, Object> columns = new HashMap<>();
        columns.put("name", null);

        assertThat(update(7, columns)).isEqualTo(Result.ok(8L));
        assertThat(items().get(0)).containsEntry("name", "null");
    }

    /** MariaDB can count only rows that were changed, and the version always is. */
    @Test
    void update_noColumnsOrTheSameValues_countsUp() {
        assertThat(update(7, Map.of())).isEqualTo(Result.ok(8L));
        assertThat(update(8, Map.of("name", "old"))).isEqualTo(Result.ok(9L));
    }

    @Test
    void update_otherVersion_isConflictWithTheCurrentOne() {
        var result = update(6, Map.of("name", "new"));

        assertThat(code(result)).isEqualTo(PersistenceErrors.VERSION_CONFLICT);
        assertThat(args(result)).containsExactlyInAnyOrderEntriesOf(Map.of("expected", 6L, "current", 7L));
        assertThat(items().get(0)).isEqualTo(Map.of("name", "old", "version", 7L));
    }

    @Test
    void update_noSuchRow_isNotFound() {
        jdbi.useHandle(handle -> handle.execute("delete from items where name = 'old'"));

        assertThat(code(update(7, Map.of("name", "new")))).isEqualTo(ErrorKind.NOT_FOUND.code());
    }

    @Test
    void update_tableWithSchema_isThatOne() {
        assertThat(jdbi.<Result<Long, DomainError>, RuntimeException>withHandle(
                        handle -> Versioned.update(handle, schema(handle) + ".items", ID, 7, Map.of("name", "new"))))
                .isEqualTo(Result.ok(8L));
    }

    @Test
    void update_valueOfTheService_isBoundByItsArgumentFactory() {
        jdbi.useHandle(handle -> {
            handle.registerArgument(new SkuArguments());
            assertThat(Versioned.update(handle, "items", ID, 7, Map.of("name", new Sku("1"))))
                    .isEqualTo(Result.ok(8L));
        });
        assertThat(items().get(0)).containsEntry("name", "sku-1");
    }

    @Test
    void update_columnsInAnyOrder_areOneStatement() {
        List<String> statements = new ArrayList<>();
        jdbi.useHandle(handle -> {
            handle.setSqlLogger(new SqlLogger() {
                @Override
                public void logBeforeExecution(StatementContext context) {
                    statements.add(context.getRenderedSql());
                }
            });
            Map<String, Object> columns = new LinkedHashMap<>();
            columns.put("price", BigDecimal.ONE);
            columns.put("name", "a");
            assertThat(Versioned.update(handle, "items", ID, 7, columns).isOk()).isTrue();
            columns.remove("price");
            columns.put("price", BigDecimal.TEN);
            assertThat(Versioned.update(handle, "items", ID, 8, columns).isOk()).isTrue();
        });

        assertThat(statements).hasSize(2).containsOnly(statements.get(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "name ",
                "name\n",
                "1name",
                "n-m",
                "name = 'x', price",
                "name = 'x' --",
                "\"name\"",
                "`name`",
                "items.name",
                "na/**/me",
                "name;drop table items",
                "n\u0430me",
                "na\u0000me",
                "id",
                "ID",
                "version",
                "Version"
            })
    void update_columnThatIsNoPlainName_isRefusedBeforeAnythingRuns(String column) {
        assertThatThrownBy(() -> update(7, Map.of(column, "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("columns must ");
        assertThat(items().get(0)).isEqualTo(Map.of("name", "old", "version", 7L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".items",
                "items.",
                "a.b.c.items",
                "items set version = 1 --",
                "items i",
                "\"items\"",
                "items;"
            })
    void update_tableThatIsNoPlainName_isRefused(String table) {
        jdbi.useHandle(handle -> assertThatThrownBy(() -> Versioned.update(handle, table, ID, 7, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("table must "));
        assertThat(items()).extracting(item -> item.get("version")).containsOnly(7L);
    }

    @Test
    void update_idOfSeveralRows_saysSo() {
        jdbi.useHandle(handle -> {
            handle.execute("create table twins (id bigint, version bigint)");
            handle.execute("insert into twins values (1, 1), (1, 1)");
            assertThatThrownBy(() -> Versioned.update(handle, "twins", 1, 1, Map.of()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("id must be unique in twins: 2 rows have the same");
            handle.execute("drop table twins");
        });
    }

    /* ---- together with others ---- */

    @Test
    void update_manyFromOneVersion_oneWins() throws Exception {
        int threads = 6;
        int rounds = 20;
        var barrier = new CyclicBarrier(threads);
        List<Integer> wins = Collections.synchronizedList(new ArrayList<>());
        var others = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                running.add(pool.submit(() -> {
                    try (Handle handle = jdbi.open()) {
                        for (int round = 0; round < rounds; round++) {
                            barrier.await();
                            var result = Versioned.update(handle, "items", ID, 7 + round, Map.of("name", "r" + round));
                            if (result.isOk()) {
                                wins.add(round);
                            } else if (args(result).equals(Map.of("expected", 7L + round, "current", 8L + round))) {
                                others.incrementAndGet();
                            }
                            barrier.await();
                        }
                        return null;
                    }
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            pool.shutdownNow();
        }

        assertThat(wins).hasSize(rounds).doesNotHaveDuplicates();
        assertThat(others).hasValue(rounds * (threads - 1));
        assertThat(items().get(0)).isEqualTo(Map.of("name", "r" + (rounds - 1), "version", 7L + rounds));
    }

    /** The version that the transaction itself reads is the one it expects: to report it as the current one were a lie. */
    @Test
    void update_changedSinceTheSnapshot_isHonest() {
        Transactions transactions = Transactions.named("items").build(jdbi);
        TxOptions options = TxOptions.standard()
                .isolation(TransactionIsolationLevel.REPEATABLE_READ)
                .attempts(1);
        Result<Long, DomainError> result = transactions.inTransaction(options, tx -> {
            long seen = tx.handle()
                    .createQuery("select version from items where name = 'old'")
                    .mapTo(Long.class)
                    .one();
            try (Handle other = jdbi.open()) { // not withHandle(), which has the transaction's
                assertThat(Versioned.update(other, "items", ID, seen, Map.of()).isOk())
                        .isTrue();
            }
            return Versioned.update(tx.handle(), "items", ID, seen, Map.of("name", "lost"));
        });

        Map<String, Object> told = new HashMap<>(args(result));
        told.put("code", result.fold(value -> "Ok", error -> error.code().name()));
        assertThat(told).isEqualTo(staleSnapshot());
        assertThat(items().get(0)).isEqualTo(Map.of("name", "old", "version", 8L));
    }

    @Test
    void update_inTransaction_isRolledBackWithIt() {
        Transactions transactions = Transactions.named("items").build(jdbi);
        Result<Long, DomainError> result = transactions.inTransaction(tx -> Versioned.update(
                        tx.handle(), "items", OTHER, 7, Map.of("name", "first"))
                .flatMap(version -> Versioned.update(tx.handle(), "items", ID, 6, Map.of("name", "second"))));

        assertThat(code(result)).isEqualTo(PersistenceErrors.VERSION_CONFLICT);
        assertThat(items()).extracting(item -> item.get("version")).containsOnly(7L);
    }
}
