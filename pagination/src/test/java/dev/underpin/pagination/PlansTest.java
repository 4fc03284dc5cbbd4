package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** One text for each form of a page, made once, and the statements that count. */
class PlansTest {
    private static final String SELECT = "select o.* from orders o";
    private static final PageSpec<Row> SPEC = Row.spec()
            .filter("status", "o.status", ColumnType.TEXT)
            .filterRange("total", "o.total", ColumnType.DECIMAL)
            .filterPrefix("name", "o.name")
            .allowOffset(1000)
            .build();

    private final Paginator paginator = Paginator.builder(1, new byte[32]).build();

    private PageQuery<Row> query(String... params) {
        Map<String, List<String>> all = new HashMap<>();
        for (int i = 0; i < params.length; i += 2) {
            all.put(params[i], List.of(params[i + 1].split(";")));
        }
        return paginator.parse(SPEC, all, "").orElseThrow();
    }

    private static Row row(int number, @Nullable Instant deletedAt) {
        return new Row(
                new UUID(number, number), Row.CREATED.plusSeconds(number), new BigDecimal(number), "OPEN", deletedAt);
    }

    private static SeekSql sql(PageQuery<Row> query) {
        return query.sql(Dialect.POSTGRESQL, SELECT, "o.tenant = :t");
    }

    /* ---- one form, one text ---- */

    @Test
    void sql_sameFormOtherValues_isTheSameTextWithItsOwnValues() {
        PageQuery<Row> query = query("sort", "-createdAt", "status", "OPEN", "total[gte]", "1");
        PageQuery<Row> other = query("sort", "-createdAt", "status", "DONE", "total[gte]", "2", "size", "7");

        SeekSql one = sql(query.after(row(1, null)));
        SeekSql two = sql(other.after(row(2, null)));

        assertThat(two.rows()).isSameAs(one.rows());
        assertThat(two.previousProbe()).isSameAs(one.previousProbe());
        assertThat(two.binds())
                .containsEntry("pgn_f1", "DONE")
                .containsEntry("pgn_f2", new BigDecimal("2"))
                .containsEntry("pgn_limit", 8)
                .containsEntry("pgn_v1", Row.CREATED.plusSeconds(2));
    }

    /** Whatever the text depends on tells the forms apart: here each form is asked for when all others are known. */
    @Test
    void sql_otherForm_isAnotherText() {
        List<PageQuery<Row>> forms = Stream.of("createdAt", "-createdAt", "deletedAt", "-deletedAt", "deletedFirst")
                .flatMap(sort ->
                        Stream.of("OPEN", "OPEN;DONE", "A;B;C").map(status -> query("sort", sort, "status", status)))
                .flatMap(query -> Stream.of(
                        query,
                        query.after(row(1, null)),
                        query.after(row(1, Instant.EPOCH)),
                        SeekSqlQueries.before(query, row(1, null)),
                        SeekSqlQueries.before(query, row(1, Instant.EPOCH))))
                .toList();
        for (int round = 0; round < 2; round++) {
            for (PageQuery<Row> form : forms) {
                for (Dialect dialect : List.of(Dialect.POSTGRESQL, Dialect.MARIADB)) {
                    String unaided =
                            form.with(new Plans()).sql(dialect, SELECT, "").rows();
                    assertThat(form.sql(dialect, SELECT, "").rows()).isEqualTo(unaided);
                }
            }
        }
    }

    @Test
    void sql_inclusiveStart_isAnotherText() {
        PageQuery<Row> after = query("sort", "-createdAt").after(row(1, null));
        PageQuery.Start start = after.start();

        PageQuery<Row> with = after.from(new PageQuery.Start(false, true, start.values(), start.encoded()));

        assertThat(sql(after).rows()).contains("(o.created_at, o.id) <> (");
        assertThat(sql(with).rows()).contains("(o.created_at, o.id) <= (").doesNotContain("<>");
    }

    @Test
    void sql_byNumber_isAnotherText() {
        assertThat(sql(query()).rows()).doesNotContain("offset");
        assertThat(sql(query("page", "2")).rows()).endsWith(" offset :pgn_offset");
        assertThat(sql(query("page", "2")).binds()).containsOnlyKeys("pgn_limit", "pgn_offset");
        assertThat(sql(query("page", "2", "sort", "-deletedAt")).binds())
                .containsOnlyKeys("pgn_limit", "pgn_offset", "pgn_reach");
    }

    @Test
    void sql_otherStatementOrCondition_isAnotherText() {
        PageQuery<Row> query = query();

        assertThat(query.sql(Dialect.POSTGRESQL, "select o.id from orders o", "")
                        .rows())
                .startsWith("select o.id ");
        assertThat(query.sql(Dialect.POSTGRESQL, SELECT, "").rows()).doesNotContain("where");
        assertThat(query.sql(Dialect.POSTGRESQL, SELECT, "o.a = 1").rows()).contains("(o.a = 1)");
        assertThat(query.sql(Dialect.POSTGRESQL, SELECT, "o.a = 2").rows()).contains("(o.a = 2)");
    }

    /** Two for each choice of nulls in the position: one forward, one backward. */
    @Test
    void sql_allPositions_haveFewTexts() {
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Row row = row(i, i % 3 == 0 ? null : Instant.ofEpochSecond(i));
            PageQuery<Row> query = query("sort", "deletedAt,-createdAt");
            texts.add(sql(query.after(row)).rows());
            texts.add(sql(SeekSqlQueries.before(query, row)).rows());
        }
        assertThat(texts).hasSize(4);
    }

    /* ---- bounds ---- */

    @Test
    void plans_manyForms_areForgotten() {
        var plans = new Plans();
        for (int i = 0; i < 3 * Plans.MOST; i++) {
            String select = "select " + i;
            var form = new Plans.Form(Dialect.H2, select, "", List.of(), List.of(), 0);
            assertThat(plans.get(form, () -> new Plans.Plan(select, null)).rows())
                    .isEqualTo(select);
            assertThat(plans.size()).isLessThanOrEqualTo(Plans.MOST);
        }
        assertThat(plans.size()).isPositive();
    }

    @Test
    void sql_badStatement_isRefusedEachTime() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> query().sql(Dialect.POSTGRESQL, "select :pgn_x", ""))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /* ---- counting ---- */

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            POSTGRESQL | ~ limit :pgn_cap~
            MARIADB    | ~ limit :pgn_cap~
            SQLITE     | ~ limit :pgn_cap~
            ORACLE     | ~ fetch first :pgn_cap rows only~
            SQL_SERVER | ~ order by (select null) offset 0 rows fetch next :pgn_cap rows only~
            """)
    void countSql_capped_stopsBehindTheCap(Dialect dialect, String limit) {
        SeekSql sql = query("status", "OPEN;DONE", "sort", "-total").countSql(dialect, SELECT, "o.tenant = :t", 100);

        assertThat(sql.rows())
                .isEqualTo("select count(*) from (" + SELECT + " where (o.tenant = :t) and"
                        + " o.status in (:pgn_f1_1, :pgn_f1_2)" + limit + ") pgn_c");
        assertThat(sql.previousProbe()).isNull();
        assertThat(sql.binds()).isEqualTo(Map.of("pgn_f1_1", "DONE", "pgn_f1_2", "OPEN", "pgn_cap", 101L));
    }

    @ParameterizedTest
    @EnumSource
    void countSql_uncapped_countsAll(Dialect dialect) {
        SeekSql sql = query().countSql(dialect, SELECT, "", Long.MAX_VALUE);

        assertThat(sql.rows()).isEqualTo("select count(*) from (" + SELECT + ") pgn_c");
        assertThat(sql.binds()).isEmpty();
    }

    /** With a limit it counts rows of the last count of the same statement, as {@code countSql} says. */
    @Test
    void countSql_cappedOnH2_countsAll() {
        SeekSql sql = query().countSql(Dialect.H2, SELECT, "", 100);

        assertThat(sql.rows()).isEqualTo("select count(*) from (" + SELECT + ") pgn_c");
        assertThat(sql.binds()).isEmpty();
    }

    @Test
    void countSql_commentAtTheEnd_doesNotSwallowWhatFollows() {
        assertThat(query().countSql(Dialect.POSTGRESQL, SELECT, "o.a = 1 -- one", 5)
                        .rows())
                .contains("-- one\n)")
                .endsWith("\n) pgn_c");
    }

    @Test
    void countSql_slots_areFilled() {
        String select = "select o.*{keys} from orders o where {seek} and o.x = 1 {order} {limit}";

        assertThat(query("name", "a")
                        .countSql(Dialect.POSTGRESQL, select, "", 5)
                        .rows())
                .isEqualTo("select count(*) from (select o.* from orders o where o.name like :pgn_f1 escape '!'"
                        + " and o.x = 1  limit :pgn_cap) pgn_c");
    }

    @Test
    void countSql_negativeCap_isRefused() {
        assertThatThrownBy(() -> query().countSql(Dialect.H2, SELECT, "", -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cap must not be negative: -1");
    }
}
