package dev.underpin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.Dialect;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.persistence.KeyedQuery;
import dev.underpin.persistence.KeysetQuery;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.StatementBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Tells listings that seek from such that do not, on any database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AssertSeeksContract {
    private static final int ROWS = 4_000;

    record Item(long id, long few, long many, @Nullable Long holey) {}

    static final RowMapper<Item> ITEM = (rs, context) -> new Item(
            rs.getLong("id"),
            rs.getLong("few"),
            rs.getLong("many"),
            rs.getObject("holey") == null ? null : rs.getLong("holey"));

    private Jdbi jdbi;

    /** {@return an empty database} */
    abstract Jdbi start() throws Exception;

    abstract void stop() throws Exception;

    /** {@return what refreshes the statistics} */
    abstract String analyze(String table);

    static PageSpec.Builder<Item> spec() {
        return PageSpec.named("items", Item.class)
                .unique("id", "i.id", ColumnType.LONG, Item::id)
                .size(20, 500);
    }

    private static PageSpec.Builder<Item> seeking() {
        return spec().sort("many", "i.many", ColumnType.LONG, Item::many)
                .sort("few", "i.few", ColumnType.LONG, Item::few)
                .sortNullsLast("holey", "i.holey", ColumnType.LONG, Item::holey)
                .defaultSort("few,-many");
    }

    @BeforeAll
    void fill() throws Exception {
        jdbi = start();
        jdbi.useHandle(handle -> {
            create(handle, "items");
            handle.execute("create index by_many on items (many, id)");
            handle.execute("create index by_few on items (few, id)");
            handle.execute("create index by_both on items (few, many desc, id desc)");
            handle.execute("create index by_holey on items (holey, id)");
            insert(handle, "items", ROWS);
            create(handle, "other");
            handle.execute("create index by_bare on other (few, bare)");
            insert(handle, "other", ROWS);
            create(handle, "short");
            insert(handle, "short", 503);
        });
    }

    private static void create(Handle handle, String table) {
        handle.execute("create table " + table + " (id bigint primary key, few bigint not null, many bigint not null,"
                + " holey bigint, bare bigint not null)");
    }

    private void insert(Handle handle, String table, int rows) {
        List<Integer> ids = new ArrayList<>(IntStream.range(0, rows).boxed().toList());
        Collections.shuffle(ids, new Random(7)); // another order than any index has
        handle.useTransaction(transaction -> {
            try (PreparedBatch batch = transaction.prepareBatch("insert into " + table + " values (?, ?, ?, ?, ?)")) {
                ids.forEach(id -> batch.add(
                        (long) id, (long) id % 3, id * 7L % 1000, id % 5 < 2 ? null : (Long) (id % 400L), bare(id)));
                assertThat(batch.execute()).hasSize(rows);
            }
        });
        handle.execute(analyze(table));
    }

    private static long bare(long id) {
        return id * 31 % 997;
    }

    @AfterAll
    void end() throws Exception {
        stop();
    }

    private Page<Item> list(PageQuery<Item> query) {
        return list("items", query);
    }

    private Page<Item> list(String table, PageQuery<Item> query) {
        return jdbi.withHandle(handle ->
                KeysetQuery.of(handle, "select i.* from " + table + " i").fetch(query, ITEM));
    }

    private void assertSeeks(PageSpec<Item> spec) {
        Statements.of(jdbi).assertSeeks(spec, this::list);
    }

    /* ---- listings that seek ---- */

    @Test
    void assertSeeks_indexForEachOrder_passes() {
        assertSeeks(seeking().build());
    }

    @Test
    void assertSeeks_conditionsAndTotals_areTheServicesOwn() {
        Statements.of(jdbi)
                .assertSeeks(
                        spec().build(),
                        query -> jdbi.withHandle(handle -> KeysetQuery.of(handle, "select i.* from items i")
                                .where("i.bare >= :least")
                                .bind("least", 0)
                                .countUpTo(Long.MAX_VALUE)
                                .fetch(query, ITEM)));
    }

    @Test
    void assertSeeks_sortedByWhatIsHidden_isNoMatter() {
        assertSeeks(seeking().fields("id").build());
    }

    @Test
    void assertSeeks_oversizeRefused_walksByTheDefault() {
        assertSeeks(spec().size(40, 500).rejectOversize().build());
    }

    /* ---- listings that do not ---- */

    @Test
    void assertSeeks_noIndex_failsWithStatementAndPlan() {
        PageSpec<Item> spec = seeking()
                .sort("bare", "i.bare", ColumnType.LONG, item -> bare(item.id()))
                .build();

        assertThatThrownBy(() -> assertSeeks(spec))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("The listing \"items\" does not seek: sorted by bare, the first page")
                .hasMessageContaining("order by i.bare, i.id")
                .hasMessageContaining("index");
    }

    @Test
    void assertSeeks_otherIndex_fails() {
        PageSpec<Item> spec =
                spec().sort("few", "i.few", ColumnType.LONG, Item::few).build();

        assertThatThrownBy(() -> Statements.of(jdbi).assertSeeks(spec, query -> list("other", query)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("sorted by few");
    }

    /** What many write: correct, and a walk on nearly any database. */
    @Test
    void assertSeeks_offset_fails() {
        assumeTrue(countsRows(), "a plan alone does not show it");
        var shown = new AtomicInteger();
        PageSpec<Item> spec = spec().build();

        assertThatThrownBy(() -> Statements.of(jdbi).assertSeeks(spec, query -> {
                    var sql = query.sql(Dialect.SQLITE, "select i.* from items i", "");
                    List<Item> rows = jdbi.withHandle(handle -> handle.createQuery(
                                    "select i.* from items i order by i.id limit :pgn_limit offset :offset")
                            .bind("pgn_limit", sql.binds().get("pgn_limit"))
                            .bind("offset", sql.previousProbe() == null ? 0 : shown.get())
                            .map(ITEM)
                            .list());
                    Page<Item> page = query.page(rows, sql.previousProbe() != null);
                    shown.addAndGet(page.items().size());
                    return page;
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("in its default order, 1 quarters deep");
    }

    /* ---- statements of their own ---- */

    private void read(String condition) {
        jdbi.useHandle(handle -> assertThat(handle.createQuery("select * from items where " + condition)
                        .bind("value", 3)
                        .map(ITEM)
                        .list())
                .isNotNull());
    }

    @Test
    void plan_conditionOfAnIndex_usesIt() {
        Statements statements = Statements.of(jdbi);

        assertThatCode(() -> statements.assertNoFullScan(() -> read("many = :value")))
                .doesNotThrowAnyException();
        assertThatCode(() -> statements.assertUsesIndex("By_Many", () -> read("many = :value")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> statements.assertUsesIndex("by_few", () -> read("many = :value")))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("No statement uses the index by_few.")
                .hasMessageContaining("select * from items where many = ?");
    }

    @Test
    void plan_conditionOfNoIndex_isAFullScan() {
        assertThatThrownBy(() -> Statements.of(jdbi).assertNoFullScan(() -> {
                    read("many = :value");
                    read("bare = :value");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("A statement reads from end to end items.")
                .hasMessageContaining("\nselect * from items where bare = ?\n");
    }

    @Test
    void plan_updateAndDelete_areLookedAtAndRunOnce() {
        Statements statements = Statements.of(jdbi);

        assertThatThrownBy(() -> statements.assertNoFullScan(() -> jdbi.useHandle(
                        handle -> handle.execute("update short set few = few + 1 where bare = ?", bare(7)))))
                .hasMessageStartingWith("A statement reads from end to end short.");
        assertThatCode(() -> statements.assertNoFullScan(
                        () -> jdbi.useHandle(handle -> handle.execute("delete from short where id = ?", 502))))
                .doesNotThrowAnyException();
        jdbi.useHandle(handle -> {
            assertThat(handle.createQuery("select few from short where id = 7")
                            .mapTo(Long.class)
                            .one())
                    .isEqualTo(7 % 3 + 1);
            handle.execute("insert into short values (502, 502 % 3, 502 * 7 % 1000, null, 502 * 31 % 997)");
            handle.execute("update short set few = few - 1 where id = 7");
        });
    }

    @Test
    void plan_keysOfABatch_areNoTable() {
        assertThatCode(() -> Statements.of(jdbi)
                        .assertNoFullScan(() -> jdbi.useHandle(handle -> assertThat(
                                        KeyedQuery.of(handle, "select i.* from items i where i.id = any(:keys)")
                                                .fetchMany(List.of(1L, 7L), ITEM, Item::id))
                                .hasSize(2))))
                .doesNotThrowAnyException();
    }

    @Test
    void plan_noStatementWithOne_saysSo() {
        assertThatThrownBy(() -> Statements.of(jdbi).assertNoFullScan(() -> {}))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("No statement with a plan was seen");
    }

    /* ---- what cannot be told ---- */

    @Test
    void assertSeeks_fewRows_saysHowManyAreNeeded() {
        assertThatThrownBy(() -> Statements.of(jdbi).assertSeeks(spec().build(), query -> list("short", query)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("can be told from 504 on");
    }

    @Test
    void assertSeeks_statementsOfAnotherJdbi_saysThatNoneWereSeen() {
        assertThatThrownBy(() -> Statements.of(Jdbi.create("jdbc:h2:mem:")).assertSeeks(spec().build(), this::list))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("No statement of a page was seen");
    }

    @Test
    void assertSeeks_afterwards_leavesTheJdbiAsItWas() {
        StatementBuilderFactory before = jdbi.getStatementBuilderFactory();

        assertThatCode(() -> assertSeeks(spec().build())).doesNotThrowAnyException();
        assertThat(jdbi.getStatementBuilderFactory()).isSameAs(before);
    }

    Jdbi jdbi() {
        return jdbi;
    }

    /** {@return whether the database says how many rows it read} */
    boolean countsRows() {
        return true;
    }
}
