package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a query does on any database. */
abstract class KeysetQueryContract {
    private static final int ROWS = 25;

    record Bill(
            UUID id,
            String name,
            BigDecimal total,
            boolean paid,
            LocalDate due,
            @Nullable Long points) {}

    static final PageSpec<Bill> BILLS = PageSpec.named("bills", Bill.class)
            .sort("name", "b.name", ColumnType.TEXT, Bill::name)
            .sort("total", "b.total", ColumnType.DECIMAL, Bill::total)
            .sort("paid", "b.paid", ColumnType.BOOLEAN, Bill::paid)
            .sort("due", "b.due", ColumnType.DATE, Bill::due)
            .sortNullsLast("points", "b.points", ColumnType.LONG, Bill::points)
            .unique("id", "b.id", ColumnType.UUID, Bill::id)
            .filter("id", "b.id", ColumnType.UUID)
            .filter("paid", "b.paid", ColumnType.BOOLEAN)
            .filterRange("due", "b.due", ColumnType.DATE)
            .filterRange("total", "b.total", ColumnType.DECIMAL)
            .filterPrefix("name", "b.name")
            .size(10, 50)
            .allowOffset(100)
            .build();

    private static final RowMapper<Bill> BILL = (rs, context) -> new Bill(
            UUID.fromString(rs.getString("id")),
            rs.getString("name"),
            rs.getBigDecimal("total").setScale(2), // SQLite keeps none
            rs.getBoolean("paid"),
            LocalDate.parse(rs.getString("due")),
            rs.getObject("points") == null ? null : rs.getLong("points"));

    private final Paginator paginator = Paginator.builder(1, new byte[32]).build();
    private final AtomicInteger statements = new AtomicInteger();
    private final List<Bill> bills = new ArrayList<>();
    private Handle handle;

    /** {@return the database, with nothing in it} */
    abstract Jdbi jdbi();

    /** {@return the type of a column that holds a UUID} */
    abstract String uuid();

    @BeforeEach
    void open() {
        handle = jdbi().open();
        handle.execute("create table bills (id " + uuid() + " primary key, tenant varchar(10) not null,"
                + " name varchar(20) not null, total decimal(12, 2) not null, paid boolean not null, due date not null,"
                + " points bigint)");
        handle.setSqlLogger(new SqlLogger() {
            @Override
            public void logBeforeExecution(StatementContext context) {
                statements.incrementAndGet();
            }
        });
        bills.clear();
        for (int i = 0; i < ROWS; i++) {
            var bill = new Bill(
                    new UUID(0x10_0000_0000L * (i % 7 + 1) | 0x4000, 0x8000_0000_0000_0000L + i),
                    "n" + i % 5 + (i % 4 == 0 ? "%_!" : ""),
                    new BigDecimal(i % 3 + ".50"),
                    i % 2 == 0,
                    LocalDate.of(2026, 1, 1 + i % 6),
                    i % 3 == 0 ? null : (long) i % 4);
            bills.add(bill);
            insert("ours", bill);
            insert("other", new Bill(UUID.randomUUID(), bill.name, bill.total, bill.paid, bill.due, bill.points));
        }
        statements.set(0);
    }

    private void insert(String tenant, Bill bill) {
        handle.createUpdate("insert into bills values (:id, :tenant, :name, :total, :paid, :due, :points)")
                .bind(
                        "id",
                        (position, statement, context) -> statement.setObject(
                                position, handleIsOf("PostgreSQL", "H2") ? bill.id : bill.id.toString()))
                .bind("tenant", tenant)
                .bind("name", bill.name)
                .bind("total", bill.total)
                .bind("paid", bill.paid)
                .bind(
                        "due",
                        (position, statement, context) ->
                                statement.setObject(position, handleIsOf("SQLite") ? bill.due.toString() : bill.due))
                .bind("points", bill.points)
                .execute();
    }

    private boolean handleIsOf(String... products) throws SQLException {
        return List.of(products).contains(handle.getConnection().getMetaData().getDatabaseProductName());
    }

    @AfterEach
    void close() {
        handle.execute("drop table bills");
        handle.close();
    }

    private PageQuery<Bill> query(Map<String, String> params) {
        Map<String, List<String>> lists = new HashMap<>();
        params.forEach((name, value) -> lists.put(name, List.of(value)));
        return paginator.parse(BILLS, lists, "").orElseThrow();
    }

    private KeysetQuery ours() {
        return KeysetQuery.of(handle, "select b.* from bills b")
                .where("b.tenant = :tenant")
                .bind("tenant", "ours");
    }

    private List<Bill> walk(Map<String, String> params) {
        return query(params).stream(next -> ours().fetch(next, BILL)).toList();
    }

    /* ---- pages ---- */

    /** Every type of a column comes back from a cursor as the database has it. */
    @ParameterizedTest
    @ValueSource(
            strings = {"", "-id", "name", "-total,name", "paid,-due", "due", "points", "-points,total", "paid,points"})
    void fetch_throughCursors_isEachRowOfOursOnce(String sort) {
        List<Bill> whole =
                ours().fetch(query(Map.of("sort", sort, "size", "50")), BILL).items();
        List<Bill> forward = new ArrayList<>();
        List<Bill> backward = new ArrayList<>();
        String cursor = null;
        Page<Bill> page;
        do {
            page = ours().fetch(query(params(sort, cursor)), BILL);
            assertThat(page.hasPrevious()).isEqualTo(cursor != null);
            forward.addAll(page.items());
            cursor = page.next().orElse(null);
        } while (cursor != null);
        backward.addAll(reversed(page.items()));
        while (page.hasPrevious()) {
            page = ours().fetch(query(params(sort, page.previous().orElseThrow())), BILL);
            assertThat(page.hasNext()).isTrue();
            backward.addAll(reversed(page.items()));
        }

        assertThat(whole).containsExactlyInAnyOrderElementsOf(bills);
        assertThat(forward).isEqualTo(whole);
        assertThat(reversed(backward)).isEqualTo(whole);
    }

    private static Map<String, String> params(String sort, @Nullable String cursor) {
        return cursor == null ? Map.of("sort", sort, "size", "3") : Map.of("sort", sort, "size", "3", "cursor", cursor);
    }

    private static List<Bill> reversed(List<Bill> bills) {
        List<Bill> reversed = new ArrayList<>(bills);
        Collections.reverse(reversed);
        return reversed;
    }

    @Test
    void fetch_filters_applyWithTheConditionOfOurs() {
        assertThat(walk(Map.of("paid", "true", "size", "4")))
                .containsExactlyInAnyOrderElementsOf(
                        bills.stream().filter(Bill::paid).toList());
        assertThat(walk(Map.of("due[gte]", "2026-01-03", "due[lt]", "2026-01-05")))
                .containsExactlyInAnyOrderElementsOf(bills.stream()
                        .filter(bill ->
                                bill.due().getDayOfMonth() == 3 || bill.due().getDayOfMonth() == 4)
                        .toList());
        assertThat(walk(Map.of("total[gt]", "1.5")))
                .containsExactlyInAnyOrderElementsOf(bills.stream()
                        .filter(bill -> bill.total().compareTo(new BigDecimal("1.5")) > 0)
                        .toList());
        assertThat(walk(Map.of("id", bills.get(3).id().toString()))).containsExactly(bills.get(3));
    }

    @Test
    void fetch_prefixOfSpecialCharacters_isTakenAsItIs() {
        assertThat(walk(Map.of("name", "n0%_!")))
                .containsExactlyInAnyOrderElementsOf(bills.stream()
                        .filter(bill -> bill.name().equals("n0%_!"))
                        .toList())
                .isNotEmpty();
        assertThat(walk(Map.of("name", "_"))).isEmpty();
    }

    @Test
    void fetch_byNumber_isThatPage() {
        List<Bill> whole = ours().fetch(query(Map.of("sort", "points", "size", "50")), BILL)
                .items();

        assertThat(ours().fetch(query(Map.of("sort", "points", "size", "6", "page", "3")), BILL)
                        .items())
                .isEqualTo(whole.subList(12, 18));
    }

    @Test
    void fetch_nothing_isAnEmptyPage() {
        Page<Bill> page = ours().bind("tenant", "nobody").countUpTo(5).fetch(query(Map.of()), BILL);

        assertThat(page.items()).isEmpty();
        assertThat(page.hasNext()).isFalse();
        assertThat(page.hasPrevious()).isFalse();
        assertThat(page.total()).hasValue(0);
        assertThat(page.isTotalExact()).isTrue();
    }

    @Test
    void where_twice_isBoth() {
        Page<Bill> page = ours().where("b.points = 1 or b.points = 2").fetch(query(Map.of()), BILL);

        assertThat(page.items())
                .containsExactlyInAnyOrderElementsOf(bills.stream()
                        .filter(bill -> bill.points() != null && (bill.points() == 1 || bill.points() == 2))
                        .toList());
    }

    @Test
    void where_endsWithAComment_swallowsNothing() {
        Page<Bill> page = ours().where("b.points = 1 -- one")
                .where("b.points = 1 -- and one")
                .countUpTo(100)
                .fetch(query(Map.of("size", "2", "sort", "-due")), BILL);

        long expected = bills.stream()
                .filter(bill -> bill.points() != null && bill.points() == 1)
                .count();
        assertThat(page.items()).hasSize(2);
        assertThat(page.total()).hasValue(expected);
    }

    @Test
    void fetch_noCondition_isOfAll() {
        assertThat(query(Map.of("size", "50")).stream(next ->
                        KeysetQuery.of(handle, "select b.* from bills b").fetch(next, BILL)))
                .hasSize(2 * ROWS);
    }

    @Test
    void fetch_slots_areFilled() {
        Page<Bill> page = KeysetQuery.of(
                        handle, "select b.*{keys} from bills b where b.tenant = :tenant and {seek} {order} {limit}")
                .bind("tenant", "ours")
                .fetch(query(Map.of("sort", "paid,-points", "size", "50")), BILL);

        assertThat(page.items()).hasSize(ROWS);
    }

    /* ---- totals ---- */

    @Test
    void countUpTo_moreThanTheCap_isTheCap() {
        Page<Bill> page = ours().countUpTo(20).fetch(query(Map.of("size", "4")), BILL);

        assertThat(page.total()).hasValue(20);
        assertThat(page.isTotalExact()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {ROWS, ROWS + 1, Long.MAX_VALUE - 1, Long.MAX_VALUE})
    void countUpTo_noMoreThanTheCap_isExact(long cap) {
        Page<Bill> page = ours().countUpTo(cap).fetch(query(Map.of("size", "4")), BILL);

        assertThat(page.total()).hasValue(ROWS);
        assertThat(page.isTotalExact()).isTrue();
    }

    @Test
    void countUpTo_filters_countWhatPasses() {
        Page<Bill> page = ours().countUpTo(100).fetch(query(Map.of("size", "4", "paid", "false")), BILL);

        assertThat(page.total()).hasValue(ROWS / 2);
    }

    @Test
    void countUpTo_deepPage_countsTheWholeListing() {
        Page<Bill> first = ours().fetch(query(Map.of("size", "20")), BILL);
        PageQuery<Bill> second =
                query(Map.of("size", "20", "cursor", first.next().orElseThrow()));

        assertThat(ours().countUpTo(100).fetch(second, BILL).total()).hasValue(ROWS);
    }

    @Test
    void countUpTo_negative_isRefused() {
        assertThatThrownBy(() -> ours().countUpTo(-1)).hasMessage("cap must not be negative: -1");
    }

    /* ---- statements ---- */

    @Test
    void fetch_statements_areNoMoreThanNeeded() {
        Page<Bill> first = ours().fetch(query(Map.of("size", "20")), BILL);
        assertThat(statements).as("a first page").hasValue(1);

        assertThat(ours().fetch(
                                query(Map.of(
                                        "size", "20", "cursor", first.next().orElseThrow())),
                                BILL)
                        .items())
                .hasSize(ROWS - 20);
        assertThat(statements).as("a second page").hasValue(3);

        assertThat(ours().countUpTo(10).fetch(query(Map.of("size", "50")), BILL).total())
                .hasValue(10);
        assertThat(statements).as("all on one page: the total is at hand").hasValue(4);

        assertThat(ours().countUpTo(10).fetch(query(Map.of("size", "5")), BILL).total())
                .hasValue(10);
        assertThat(statements).as("a total").hasValue(6);
    }

    /** A template engine of the service's own would take comparisons for its syntax. */
    @Test
    void fetch_otherTemplateEngine_doesNotSeeTheStatement() {
        handle.getConfig(SqlStatements.class).setTemplateEngine((template, context) -> template.replace("<", "broken"));
        PageQuery<Bill> query = query(Map.of("sort", "-name", "size", "3"));

        assertThat(query.stream(next -> ours().fetch(next, BILL))).hasSize(ROWS);
        handle.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
    }

    @Test
    void bind_reservedName_isRefused() {
        assertThatThrownBy(() -> ours().bind("pgn_v1", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("name must not begin with pgn_: pgn_v1");
    }

    @Test
    void bind_null_isNull() {
        assertThat(ours().where("b.points = :points")
                        .bind("points", null)
                        .fetch(query(Map.of()), BILL)
                        .items())
                .isEmpty();
    }

    @Test
    void where_blank_isRefused() {
        assertThatThrownBy(() -> ours().where(" ")).isInstanceOf(IllegalArgumentException.class);
    }
}
