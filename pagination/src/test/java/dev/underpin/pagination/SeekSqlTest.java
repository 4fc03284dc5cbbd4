package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of the statements, which is what each database was measured with. */
class SeekSqlTest {
    private static final String SELECT = "select o.* from orders o";

    private static SeekSql after(Dialect dialect, String sort, Row row) {
        return query(sort).after(row).sql(dialect, SELECT, "");
    }

    private static PageQuery<Row> query(String sort) {
        return Row.spec().defaultSort(sort).build().first(20);
    }

    private static Row row(@Nullable String deletedAt) {
        return new Row(
                Row.ID,
                Row.CREATED,
                new BigDecimal("12.50"),
                "OPEN",
                deletedAt == null ? null : java.time.Instant.parse(deletedAt));
    }

    /* ---- one direction, no nulls ---- */

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            POSTGRESQL | (o.created_at, o.id) <= (:pgn_v1, :pgn_v2) and (o.created_at, o.id) <> (:pgn_v1, :pgn_v2) | limit :pgn_limit
            SQLITE     | (o.created_at, o.id) < (:pgn_v1, :pgn_v2) | limit :pgn_limit
            MARIADB    | ((o.created_at < :pgn_v1 or (o.created_at = :pgn_v1 and (o.id < :pgn_v2)))) | limit :pgn_limit
            MYSQL      | ((o.created_at < :pgn_v1 or (o.created_at = :pgn_v1 and (o.id < :pgn_v2)))) | limit :pgn_limit
            """)
    void rows_uniform_areOneArm(Dialect dialect, String condition, String limit) {
        assertThat(after(dialect, "-createdAt", Row.ONE).rows())
                .isEqualTo(SELECT + " where " + condition + " order by o.created_at desc, o.id desc " + limit);
    }

    @ParameterizedTest
    @EnumSource
    void rows_first_haveNoCondition(Dialect dialect) {
        SeekSql sql = query("-createdAt").sql(dialect, SELECT, "");

        assertThat(sql.rows())
                .contains(" order by o.created_at desc, o.id desc")
                .doesNotContain(" where ");
        assertThat(sql.previousProbe()).isNull();
        assertThat(sql.binds()).isEqualTo(Map.of("pgn_limit", 21));
    }

    @Test
    void probe_uniform_looksBackFromThePositionItself() {
        SeekSql sql = after(Dialect.POSTGRESQL, "-createdAt", Row.ONE);

        assertThat(sql.previousProbe())
                .isEqualTo(SELECT + " where (o.created_at, o.id) >= (:pgn_v1, :pgn_v2)"
                        + " order by o.created_at, o.id limit :pgn_one");
        assertThat(new TreeMap<>(sql.binds()))
                .isEqualTo(
                        new TreeMap<>(Map.of("pgn_limit", 21, "pgn_one", 1, "pgn_v1", Row.CREATED, "pgn_v2", Row.ID)));
    }

    /* ---- mixed directions ---- */

    @Test
    void rows_mixedOnPostgreSql_areAnArmForEachRun() {
        assertThat(after(Dialect.POSTGRESQL, "status,-createdAt", Row.ONE).rows())
                .isEqualTo(
                        "with pgn_a1 as (select o.status as pgn_1, o.created_at as pgn_2, o.id as pgn_3, o.* from orders o"
                                + " where o.status = :pgn_v1 and (o.created_at, o.id) <= (:pgn_v2, :pgn_v3)"
                                + " and (o.created_at, o.id) <> (:pgn_v2, :pgn_v3)"
                                + " order by o.status, o.created_at desc, o.id desc limit :pgn_limit), "
                                + "pgn_a2 as (select * from ("
                                + "select o.status as pgn_1, o.created_at as pgn_2, o.id as pgn_3, o.* from orders o"
                                + " where o.status > :pgn_v1"
                                + " order by o.status, o.created_at desc, o.id desc limit :pgn_limit"
                                + ") pgn_a limit :pgn_limit - (select count(*) from pgn_a1)) "
                                + "select * from pgn_a1 union all select * from pgn_a2"
                                + " order by pgn_1, pgn_2 desc, pgn_3 desc limit :pgn_limit");
    }

    @Test
    void rows_mixedOnSqlServer_areAnArmForEachKey() {
        assertThat(after(Dialect.SQL_SERVER, "status,-createdAt", Row.ONE).rows())
                .startsWith("select * from (select o.status as pgn_1, o.created_at as pgn_2, o.id as pgn_3, o.*")
                .contains("where o.status = :pgn_v1 and o.created_at = :pgn_v2 and o.id < :pgn_v3")
                .contains(") pgn_a1 union all select * from (")
                .contains("where o.status = :pgn_v1 and o.created_at < :pgn_v2")
                .contains("where o.status > :pgn_v1")
                .endsWith(" order by pgn_1, pgn_2 desc, pgn_3 desc offset 0 rows fetch next :pgn_limit rows only");
    }

    @Test
    void rows_uniformOnH2_areAnArmForEachKey() {
        String order = " order by case when 1 = 1 then o.created_at end desc, case when 1 = 1 then o.id end desc";

        assertThat(after(Dialect.H2, "-createdAt", Row.ONE).rows())
                .isEqualTo("with pgn_a1 as (select o.created_at as pgn_1, o.id as pgn_2, o.* from orders o"
                        + " where o.created_at = :pgn_v1 and o.id < :pgn_v2 and :pgn_call is not null" + order
                        + " fetch first :pgn_limit rows only), "
                        + "pgn_a2 as (select o.created_at as pgn_1, o.id as pgn_2, o.* from orders o"
                        + " where o.created_at <= :pgn_v1_below and (o.created_at < :pgn_v1) is true"
                        + " and :pgn_call is not null" + order
                        + " fetch first :pgn_limit - (select count(*) from pgn_a1 where :pgn_call is not null) rows only)"
                        + " select * from pgn_a1 where :pgn_call is not null"
                        + " union all select * from pgn_a2 where :pgn_call is not null"
                        + " order by pgn_1 desc, pgn_2 desc fetch first :pgn_limit rows only");
    }

    @Test
    void rows_nullableOnH2_areBoundedWhereNullsAre() {
        // Nulls are smallest there: below what is less than a value, and in front of all that has one.
        assertThat(after(Dialect.H2, "-deletedAt", row("2026-02-01T00:00:00Z")).rows())
                .contains("where o.deleted_at <= :pgn_v1_below and (o.deleted_at < :pgn_v1) is true"
                        + " and o.deleted_at >= timestamp with time zone '-1000000000-01-01 000000+18' and :pgn_call");
        assertThat(query("deletedAt,status").sql(Dialect.H2, SELECT, "").rows())
                .contains("where o.deleted_at >= timestamp with time zone '-1000000000-01-01 000000+18'"
                        + " and o.status >= :pgn_empty and :pgn_call")
                .contains("where o.deleted_at is null and o.status >= :pgn_empty and :pgn_call")
                .doesNotContain("o.id >=");
    }

    @Test
    void rows_mixedOnMariaDb_areOneCondition() {
        assertThat(after(Dialect.MARIADB, "status,-createdAt", Row.ONE).rows())
                .isEqualTo(SELECT + " where (o.status = :pgn_v1 and (o.created_at < :pgn_v2 or (o.created_at = :pgn_v2"
                        + " and (o.id < :pgn_v3))) or o.status > :pgn_v1)"
                        + " order by o.status, o.created_at desc, o.id desc limit :pgn_limit");
    }

    @Test
    void rows_mixedBackward_turnEveryDirection() {
        PageQuery<Row> query = SeekSqlQueries.before(query("status,-createdAt"), Row.ONE);

        assertThat(query.sql(Dialect.POSTGRESQL, SELECT, "").rows())
                .contains(
                        "where o.status = :pgn_v1 and (o.created_at, o.id) >= (:pgn_v2, :pgn_v3)"
                                + " and (o.created_at, o.id) <> (:pgn_v2, :pgn_v3) order by o.status desc, o.created_at, o.id limit")
                .contains("where o.status < :pgn_v1 order by")
                .endsWith(" order by pgn_1 desc, pgn_2, pgn_3 limit :pgn_limit");
    }

    /* ---- nulls ---- */

    @Test
    void rows_nativeNullsAfterAValue_addAnArm() {
        String text = after(Dialect.POSTGRESQL, "deletedAt", row("2026-02-01T00:00:00Z"))
                .rows();

        assertThat(text)
                .contains("where o.deleted_at = :pgn_v1 and o.id > :pgn_v2 order by")
                .contains("where o.deleted_at > :pgn_v1 order by")
                .contains("where o.deleted_at is null order by")
                .endsWith(" order by pgn_1, pgn_2 limit :pgn_limit")
                .doesNotContain("nulls last")
                .doesNotContain("pgn_n1");
    }

    @Test
    void rows_nativeNullsAfterNull_areOneArm() {
        assertThat(after(Dialect.POSTGRESQL, "deletedAt", row(null)).rows())
                .isEqualTo("select o.deleted_at as pgn_1, o.id as pgn_2, o.* from orders o"
                        + " where o.deleted_at is null and o.id > :pgn_v2"
                        + " order by o.deleted_at, o.id limit :pgn_limit");
    }

    @Test
    void rows_nullsOnTheOtherSide_areRanked() {
        // PostgreSQL puts nulls first where it descends; this listing has them last.
        String first = query("-deletedAt").sql(Dialect.POSTGRESQL, SELECT, "").rows();

        assertThat(first)
                .isEqualTo("with pgn_a1 as (select o.deleted_at as pgn_1, o.id as pgn_2, 0 as pgn_n1, o.* from orders o"
                        + " where o.deleted_at is not null order by o.deleted_at desc, o.id desc limit :pgn_limit), "
                        + "pgn_a2 as (select * from ("
                        + "select o.deleted_at as pgn_1, o.id as pgn_2, 1 as pgn_n1, o.* from orders o"
                        + " where o.deleted_at is null order by o.deleted_at desc, o.id desc limit :pgn_limit"
                        + ") pgn_a limit :pgn_limit - (select count(*) from pgn_a1)) "
                        + "select * from pgn_a1 union all select * from pgn_a2"
                        + " order by pgn_n1, pgn_1 desc, pgn_2 desc limit :pgn_limit");
    }

    /** Behind a key that varies, rows with and without a value alternate: they are merged, not taken in turn. */
    @Test
    void rows_nullsOnTheOtherSideOfALaterKey_areMerged() {
        assertThat(query("status,-deletedAt")
                        .sql(Dialect.POSTGRESQL, SELECT, "")
                        .rows())
                .startsWith("(select o.status as pgn_1, ")
                .contains(") union all (select ")
                .endsWith(") order by pgn_1, pgn_n2, pgn_2 desc, pgn_3 desc limit :pgn_limit");
    }

    /** Rows with and without a value alternate from group to group: the last group is found by the rows of the first ones. */
    @Test
    void rows_nullsOnTheOtherSideInEachGroup_areReadGroupByGroup() {
        String keys = "select o.status as pgn_1, o.deleted_at as pgn_2, o.id as pgn_3, ";
        String order = " order by o.status, o.deleted_at, o.id limit :pgn_limit";
        String last = "(select pgn_1 from pgn_g1 order by pgn_1 desc limit :pgn_one)";

        SeekSql sql = query("status,deletedAt").sql(Dialect.SQLITE, SELECT, "");

        assertThat(sql.rows())
                .isEqualTo("with pgn_g1 as (" + keys
                        + "case when o.deleted_at is null then 1 else 0 end as pgn_n2, o.* from orders o" + order
                        + ") select * from (select * from pgn_g1 where not (pgn_1 = " + last + ")) pgn_a1"
                        + " union all select * from (" + keys + "0 as pgn_n2, o.* from orders o where o.status = "
                        + last
                        + " and o.deleted_at is not null" + order + ") pgn_a2"
                        + " union all select * from (" + keys + "1 as pgn_n2, o.* from orders o where o.status = "
                        + last
                        + " and o.deleted_at is null" + order + ") pgn_a3"
                        + " order by pgn_1, pgn_n2, pgn_2, pgn_3 limit :pgn_limit");
        assertThat(sql.binds()).isEqualTo(Map.of("pgn_limit", 21, "pgn_one", 1));
        assertThat(after(Dialect.H2, "status,deletedAt", row(null)).rows())
                .contains(", pgn_g1 as (")
                .contains("where o.status = (select pgn_1 from pgn_g1 where :pgn_call is not null order by pgn_1 desc"
                        + " fetch first :pgn_one rows only) and o.deleted_at is null and ");
    }

    @Test
    void binds_onH2_haveWhatIsNextToTheValues() {
        Map<String, Object> binds = query("status,-createdAt")
                .after(Row.ONE)
                .sql(Dialect.H2, SELECT, "")
                .binds();

        assertThat(binds)
                .containsEntry("pgn_v1_above", "OPEN")
                .containsEntry("pgn_v1_below", "OPEN")
                .containsEntry("pgn_v2_above", Row.CREATED.plusNanos(1))
                .containsEntry("pgn_v2_below", Row.CREATED.minusNanos(1))
                .doesNotContainKeys("pgn_v3_above", "pgn_v3_below");
    }

    @Test
    void rows_backwardFromNullsLast_beginWithThem() {
        // Ascending with nulls last, read from its end, is descending with nulls first: what PostgreSQL does by itself.
        PageQuery<Row> query = SeekSqlQueries.before(query("deletedAt"), row(null));

        assertThat(query.sql(Dialect.POSTGRESQL, SELECT, "").rows())
                .contains("where o.deleted_at is null and o.id < :pgn_v2 order by o.deleted_at desc, o.id desc")
                .contains("where o.deleted_at is not null order by o.deleted_at desc, o.id desc");
    }

    @Test
    void rows_nativeNullsOnMariaDb_areInTheCondition() {
        // Nulls are smallest there: last, where it descends.
        assertThat(after(Dialect.MARIADB, "-deletedAt", row("2026-02-01T00:00:00Z"))
                        .rows())
                .isEqualTo(SELECT + " where (o.deleted_at = :pgn_v1 and o.id < :pgn_v2"
                        + " or o.deleted_at < :pgn_v1 or (o.deleted_at is null or o.deleted_at > null))"
                        + " order by o.deleted_at desc, o.id desc limit :pgn_limit");
    }

    /* ---- the service's own part ---- */

    @Test
    void sql_ownCondition_isOnEveryArm() {
        SeekSql sql =
                query("status,-createdAt").after(Row.ONE).sql(Dialect.POSTGRESQL, SELECT, "o.tenant = :t or o.shared");

        assertThat(sql.rows().split("where \\(o.tenant = :t or o.shared\\) and ", -1))
                .hasSize(3);
        assertThat(sql.previousProbe()).contains("where (o.tenant = :t or o.shared) and ");
    }

    @Test
    void sql_slots_areFilled() {
        String select =
                "select c.id{keys}, count(*) from c join orders o on o.c = c.id where {seek} group by c.id, o.status, o.created_at, o.id {order} {limit}";

        assertThat(query("-createdAt")
                        .after(Row.ONE)
                        .sql(Dialect.POSTGRESQL, select, "")
                        .rows())
                .isEqualTo("select c.id, count(*) from c join orders o on o.c = c.id"
                        + " where (o.created_at, o.id) <= (:pgn_v1, :pgn_v2) and (o.created_at, o.id) <> (:pgn_v1, :pgn_v2)"
                        + " group by c.id, o.status, o.created_at, o.id"
                        + " order by o.created_at desc, o.id desc limit :pgn_limit");
        assertThat(query("-createdAt").sql(Dialect.POSTGRESQL, select, "").rows())
                .contains(" where 1 = 1 group by ");
        assertThat(query("status,-createdAt")
                        .after(Row.ONE)
                        .sql(Dialect.POSTGRESQL, select, "")
                        .rows())
                .startsWith(
                        "with pgn_a1 as (select c.id, o.status as pgn_1, o.created_at as pgn_2, o.id as pgn_3, count(*) from c ");
    }

    /** For the default sort, too, which needs no columns: a client may choose another. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "with x as (select 1) select * from x",
                "select distinct o.* from orders o",
                "select  \t distinct o.* from orders o",
                "select all o.* from orders o",
                "select top 3 o.* from orders o",
                "select /*+ hint */ o.* from orders o",
                "values (1)"
            })
    void sql_columnsCannotBeAdded_saysHow(String select) {
        assertThatThrownBy(() -> query("-createdAt").sql(Dialect.POSTGRESQL, select, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("{keys}");
    }

    @Test
    void sql_bareStar_isRefusedWhereItMustComeFirst() {
        assertThatThrownBy(() -> query("").sql(Dialect.MARIADB, "select * from orders o", ""))
                .hasMessageContaining("{keys}");
        assertThat(query("")
                        .sql(Dialect.POSTGRESQL, "select * from orders o", "")
                        .rows())
                .isEqualTo("select * from orders o order by o.id limit :pgn_limit");
    }

    @Test
    void sql_selectInATextBlock_isTaken() {
        String select = """
                select
                  o.*
                from orders o
                """;

        assertThat(query("status,-createdAt")
                        .sql(Dialect.POSTGRESQL, select, "")
                        .rows())
                .startsWith("select\n  o.status as pgn_1, o.created_at as pgn_2, o.id as pgn_3, o.*\nfrom orders o\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"select o.* from orders o {order}", "select o.* from orders o {order} {limit}"})
    void sql_slotsWithoutOneForConditions_areRefused(String select) {
        assertThatThrownBy(() -> query("").sql(Dialect.POSTGRESQL, select, "o.tenant = :t"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("{seek}");
    }

    @Test
    void sql_ownText_isNoSlot() {
        String rows =
                query("").sql(Dialect.POSTGRESQL, SELECT, "o.tags = '{limit}'").rows();

        assertThat(rows).isEqualTo(SELECT + " where (o.tags = '{limit}') order by o.id limit :pgn_limit");
    }

    @Test
    void sql_selectThatEndsInAComment_keepsItsConditions() {
        String rows = query("")
                .sql(Dialect.POSTGRESQL, SELECT + " -- all", "o.tenant = :t")
                .rows();

        assertThat(rows).isEqualTo(SELECT + " -- all\n where (o.tenant = :t) order by o.id limit :pgn_limit");
    }

    @Test
    void sql_parametersOfOurs_areRefused() {
        assertThatThrownBy(() -> query("").sql(Dialect.POSTGRESQL, SELECT, "o.x = :pgn_limit"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pgn_");
    }

    @Test
    void sql_mostKeysAndNullsOnTheWrongSide_staysSmall() {
        var spec = PageSpec.named("r", Row.class).unique("id", "o.id", ColumnType.UUID, Row::id);
        for (int i = 0; i < 4; i++) {
            spec.sortNullsLast("k" + i, "o.k" + i, ColumnType.INSTANT, Row::deletedAt);
        }
        PageQuery<Row> query = spec.defaultSort("-k0,-k1,-k2,-k3").build().first(20);

        for (Dialect dialect : Dialect.values()) {
            assertThat(query.sql(dialect, SELECT, "").rows()).hasSizeLessThan(10_000);
            assertThat(query.after(row("2026-02-01T00:00:00Z"))
                            .sql(dialect, SELECT, "")
                            .rows())
                    .hasSizeLessThan(20_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void sql_anyPageOfOneSort_hasTheSameColumns(Dialect dialect) {
        for (String sort :
                List.of("", "-createdAt", "status,-createdAt", "deletedAt", "-deletedAt", "deletedFirst,-status")) {
            String first = columns(query(sort).sql(dialect, SELECT, "").rows());
            for (Row row : List.of(row(null), row("2026-02-01T00:00:00Z"))) {
                SeekSql sql = query(sort).after(row).sql(dialect, SELECT, "");
                assertThat(columns(sql.rows())).as(sort).isEqualTo(first);
            }
        }
    }

    /** {@return the columns of the first arm, where constants may differ} */
    private static String columns(String statement) {
        return statement
                .replaceFirst("(?s).*?select ((?:(?!select ).)*?) from orders o.*", "$1")
                .replaceAll("[01] as", "n as");
    }

    /** One statement for each sort, direction and set of nulls: a cache of statements fits them all. */
    @ParameterizedTest
    @EnumSource
    void sql_anyValues_hasOneText(Dialect dialect) {
        Row other = new Row(new UUID(1, 2), Row.CREATED.plusNanos(1), BigDecimal.TEN, "' or true --", null);

        for (String sort : List.of("status,-createdAt", "-total", "deletedAt,status")) {
            assertThat(after(dialect, sort, other).rows())
                    .isEqualTo(after(dialect, sort, Row.ONE).rows())
                    .doesNotContain("or true");
        }
    }
}
