package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PaginatorTest {
    private enum Status {
        OPEN,
        CLOSED
    }

    private static final byte[] KEY = new byte[32];
    private static final Paginator PAGINATOR = Paginator.builder(1, KEY).build();
    private static final PageSpec<Row> SPEC = Row.spec()
            .defaultSort("-createdAt")
            .filter("status", "o.status", ColumnType.ofEnum(Status.class))
            .filterRange("total", "o.total", ColumnType.DECIMAL)
            .filterRange("createdAt", "o.created_at", ColumnType.INSTANT)
            .filterPrefix("name", "o.name")
            .fields("id", "createdAt", "total", "status", "deletedAt", "deletedFirst")
            .size(20, 100)
            .allowOffset(10_000)
            .build();

    private static Result<PageQuery<Row>, DomainError> parse(Map<String, List<String>> params) {
        return PAGINATOR.parse(SPEC, params, "tenant-1");
    }

    private static Result<PageQuery<Row>, DomainError> parse(String name, String... values) {
        return parse(Map.of(name, List.of(values)));
    }

    private static String text(Result<PageQuery<Row>, DomainError> query) {
        return query.orElseThrow()
                .sql(Dialect.POSTGRESQL, "select o.* from orders o", "")
                .rows();
    }

    private static void assertRefused(Result<?, DomainError> result, String parameter, ErrorCode code) {
        assertThat(result).isInstanceOfSatisfying(Result.Err.class, err -> {
            DomainError error = (DomainError) err.error();
            assertThat(error.kind()).isEqualTo(ErrorKind.VALIDATION);
            assertThat(error.details())
                    .extracting(Detail::field, Detail::code, Detail::in)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(parameter, code.name(), "query"));
        });
    }

    private static ErrorCode refusal(Result<?, DomainError> result) {
        return ((Result.Err<?, DomainError>) result).error().code();
    }

    /* ---- sorts ---- */

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "absent", textBlock = """
            absent            | o.created_at desc, o.id desc
            ''                | o.created_at desc, o.id desc
            createdAt         | o.created_at, o.id
            -total            | o.total desc, o.id desc
            total,-createdAt  | o.total, o.created_at desc, o.id desc
            id                | o.id
            -id,total         | o.id desc
            total,id,status   | o.total, o.id
            """)
    void sort_allowed_endsWithTheTieBreakerOnce(String sort, String order) {
        var query = sort == null ? parse(Map.of()) : parse("sort", sort);

        assertThat(text(query)).contains(" order by " + order + " limit");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password",
                "total;drop table orders",
                "total desc",
                "--total",
                ",",
                "total,",
                ",total",
                "total,-total",
                "Total",
                " total",
                "o.total",
                "-",
                "total,total"
            })
    void sort_other_isRefusedWithTheAllowedOnes(String sort) {
        var refused = parse("sort", sort);

        assertRefused(refused, "sort", PaginationErrors.UNKNOWN_SORT);
        Detail detail = ((Result.Err<?, DomainError>) refused).error().details().get(0);
        assertThat(detail.args().get("allowed"))
                .isEqualTo(List.of("createdAt", "total", "status", "deletedAt", "deletedFirst", "id"));
        assertThat(detail.message()).contains("createdAt").doesNotContain("drop");
    }

    @Test
    void sort_manyOrTwice_isRefused() {
        assertRefused(
                parse("sort", String.join(",", Collections.nCopies(33, "total"))),
                "sort",
                PaginationErrors.UNKNOWN_SORT);
        assertRefused(parse("sort", "x".repeat(100_000)), "sort", PaginationErrors.UNKNOWN_SORT);
        assertRefused(
                parse("sort", "total,status,createdAt,deletedAt,deletedFirst"), "sort", PaginationErrors.UNKNOWN_SORT);
        assertThat(parse("sort", "total,status,createdAt,deletedAt").isOk()).isTrue();
        assertRefused(parse("sort", "total", "id"), "sort", PaginationErrors.PARAMETER_CONFLICT);
    }

    /* ---- filters ---- */

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            status      | OPEN        | o.status = :pgn_f1
            total       | 1.50        | o.total = :pgn_f1
            total[gte]  | 1.50        | o.total >= :pgn_f1
            total[gt]   | -3          | o.total > :pgn_f1
            total[lte]  | 1e3         | o.total <= :pgn_f1
            total[lt]   | 0           | o.total < :pgn_f1
            name        | ab          | o.name like :pgn_f1 escape '!'
            createdAt[gte] | 2026-01-31T08:00:00Z | o.created_at >= :pgn_f1
            createdAt[gte] | 2026-01-31T10:00:00+02:00 | o.created_at >= :pgn_f1
            """)
    void filter_allowed_isACondition(String name, String value, String condition) {
        assertThat(text(parse(name, value))).contains(" where " + condition + " order by ");
    }

    @Test
    void filter_several_areAllConditions() {
        var params = new LinkedHashMap<String, List<String>>();
        params.put("total[lt]", List.of("20"));
        params.put("status", List.of("OPEN", "CLOSED", "OPEN"));
        params.put("total[gte]", List.of("10"));

        SeekSql sql = parse(params).orElseThrow().sql(Dialect.POSTGRESQL, "select o.* from orders o", "");

        assertThat(sql.rows())
                .contains(" where o.status in (:pgn_f1_1, :pgn_f1_2) and o.total >= :pgn_f2 and o.total < :pgn_f3 ");
        assertThat(sql.binds())
                .containsEntry("pgn_f1_1", "OPEN")
                .containsEntry("pgn_f1_2", "CLOSED")
                .containsEntry("pgn_f2", new java.math.BigDecimal("10"));
    }

    @Test
    void filter_prefixWithWildcards_standsForItself() {
        SeekSql sql = parse("name", "50%_[a]!").orElseThrow().sql(Dialect.POSTGRESQL, "select o.* from orders o", "");

        assertThat(sql.binds()).containsEntry("pgn_f1", "50!%!_[a]!!%");
    }

    @ParameterizedTest
    @CsvSource({
        "status, open",
        "status, ''",
        "total, abc",
        "total, 1e99999",
        "total[gte], NaN",
        "createdAt, yesterday",
        "createdAt[lt], +99999-01-01T00:00:00Z",
        "name, a\u0000b",
        "name, \ud800"
    })
    void filter_noValueOfItsType_isRefused(String name, String value) {
        assertRefused(parse(name, value), name, PaginationErrors.FILTER_INVALID);
    }

    @Test
    void filter_tooMuch_isRefused() {
        assertRefused(parse("name", "x".repeat(10_000)), "name", PaginationErrors.FILTER_TOO_LARGE);
        assertRefused(
                parse(Map.of("status", Collections.nCopies(51, "OPEN"))), "status", PaginationErrors.FILTER_TOO_LARGE);
        assertRefused(parse("total[gte]", "1", "2"), "total[gte]", PaginationErrors.FILTER_TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stat", "STATUS", "status[gte]", "total[ne]", "password", "", "pgn_limit"})
    void parameter_unknown_isRefusedWithTheKnownOnes(String name) {
        var refused = parse(name, "1");

        assertRefused(refused, name.isEmpty() ? "$" : name, PaginationErrors.UNKNOWN_FILTER);
        assertThat(((Result.Err<?, DomainError>) refused)
                        .error()
                        .details()
                        .get(0)
                        .message())
                .contains("total[gte]")
                .contains("cursor");
    }

    @Test
    void parameter_faults_areAllReported() {
        var refused = parse(Map.of("sort", List.of("x"), "size", List.of("-1"), "total", List.of("x"), "y", List.of()));

        assertThat(((Result.Err<?, DomainError>) refused).error().details())
                .extracting(Detail::field)
                .containsExactly("sort", "size", "total", "y");
    }

    @Test
    void parameter_manyUnknown_areNotAllRepeated() {
        Map<String, List<String>> params = new LinkedHashMap<>();
        for (int i = 0; i < 1000; i++) {
            params.put("x" + i + "y".repeat(1000), List.of("1"));
        }

        List<Detail> details =
                ((Result.Err<?, DomainError>) parse(params)).error().details();

        assertThat(details).hasSize(20);
        assertThat(details).allSatisfy(detail -> assertThat(detail.field()).hasSize(200));
    }

    /* ---- sizes, fields, pages ---- */

    @ParameterizedTest
    @CsvSource({"1, 1", "0, 20", "100, 100", "101, 100", "1000000000, 100", "99999999999999999999999, 100", "007, 7"})
    void size_number_isBounded(String size, int expected) {
        assertThat(parse("size", size).orElseThrow().size()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "", " 1", "1.5", "+1", "ten", "\u0661"})
    void size_other_isRefused(String size) {
        assertRefused(parse("size", size), "size", PaginationErrors.NUMBER_INVALID);
    }

    @Test
    void size_overMaximumWhereRefused_isRefused() {
        PageSpec<Row> strict = Row.spec().size(20, 100).rejectOversize().build();

        assertRefused(
                PAGINATOR.parse(strict, Map.of("size", List.of("101")), ""), "size", PaginationErrors.PAGE_TOO_LARGE);
        assertThat(PAGINATOR.parse(strict, Map.of("size", List.of("100")), "").isOk())
                .isTrue();
    }

    @Test
    void fields_allowed_areInTheOrderOfTheSpec() {
        assertThat(parse("fields", "total,id").orElseThrow().fields()).containsExactly("id", "total");
        assertThat(parse(Map.of()).orElseThrow().fields()).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"password", ",", "id,", "id,password", "ID"})
    void fields_other_areRefused(String fields) {
        assertRefused(parse("fields", fields), "fields", PaginationErrors.UNKNOWN_FIELD);
    }

    @Test
    void fields_whereThereAreNone_isAnUnknownParameter() {
        assertRefused(
                PAGINATOR.parse(Row.spec().build(), Map.of("fields", List.of("id")), ""),
                "fields",
                PaginationErrors.UNKNOWN_FILTER);
    }

    @Test
    void page_number_isAnOffset() {
        SeekSql sql = parse(Map.of("page", List.of("3"), "size", List.of("50")))
                .orElseThrow()
                .sql(Dialect.POSTGRESQL, "select o.* from orders o", "");

        assertThat(sql.rows()).endsWith(" limit :pgn_limit offset :pgn_offset");
        assertThat(sql.binds()).containsEntry("pgn_offset", 100L).containsEntry("pgn_limit", 51);
    }

    @Test
    void page_offsetOverRankedArms_reachesFarEnoughInEach() {
        SeekSql sql = parse(Map.of("page", List.of("3"), "size", List.of("50"), "sort", List.of("-deletedAt")))
                .orElseThrow()
                .sql(Dialect.POSTGRESQL, "select o.* from orders o", "");

        assertThat(sql.rows())
                .contains(" limit :pgn_reach), pgn_a2 as (")
                .contains(") pgn_a limit :pgn_reach - (select count(*) from pgn_a1)) select ")
                .endsWith(" limit :pgn_limit offset :pgn_offset");
        assertThat(sql.binds()).containsEntry("pgn_reach", 151L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2147483647", "9223372036854775807", "99999999999999999999999999", "502"})
    void page_tooFar_isRefused(String page) {
        assertRefused(parse("page", page), "page", PaginationErrors.PAGE_TOO_LARGE);
    }

    @Test
    void page_lastAllowed_isRead() {
        assertThat(parse("page", "501").isOk()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "x"})
    void page_noNumber_isRefused(String page) {
        assertRefused(parse("page", page), "page", PaginationErrors.NUMBER_INVALID);
    }

    @Test
    void page_whereForbidden_isAnUnknownParameter() {
        assertRefused(
                PAGINATOR.parse(Row.spec().build(), Map.of("page", List.of("2")), ""),
                "page",
                PaginationErrors.UNKNOWN_FILTER);
    }

    /* ---- cursors ---- */

    private static String cursor(Map<String, List<String>> params, String scope) {
        return PAGINATOR
                .parse(SPEC, params, scope)
                .orElseThrow()
                .page(Collections.nCopies(21, Row.ONE), false)
                .next()
                .orElseThrow();
    }

    private static Map<String, List<String>> with(Map<String, List<String>> params, String name, String value) {
        Map<String, List<String>> more = new LinkedHashMap<>(params);
        more.put(name, List.of(value));
        return more;
    }

    @Test
    void cursor_ofThePageBefore_isWhereThisOneBegins() {
        String cursor = cursor(Map.of(), "tenant-1");

        SeekSql sql = parse("cursor", cursor).orElseThrow().sql(Dialect.POSTGRESQL, "select o.* from orders o", "");

        assertThat(sql.rows()).contains(" where (o.created_at, o.id) <= (:pgn_v1, :pgn_v2) and ");
        assertThat(sql.binds()).containsEntry("pgn_v1", Row.CREATED).containsEntry("pgn_v2", Row.ID);
    }

    @Test
    void cursor_ofTimestampAndUuid_hasAtMost66Characters() {
        assertThat(cursor(Map.of(), "tenant-1")).hasSizeLessThanOrEqualTo(66);
    }

    @Test
    void cursor_withAnotherSizeOrFields_isGood() {
        String cursor = cursor(Map.of(), "tenant-1");

        assertThat(parse(Map.of("cursor", List.of(cursor), "size", List.of("7"), "fields", List.of("id")))
                        .isOk())
                .isTrue();
    }

    @Test
    void cursor_ofAnythingElse_isAMismatch() {
        Map<String, List<String>> made =
                Map.of("sort", List.of("total,-createdAt"), "total[gte]", List.of("10"), "status", List.of("OPEN"));
        String cursor = cursor(made, "tenant-1");
        Map<String, List<String>> asked = with(made, "cursor", cursor);

        assertThat(parse(asked).isOk()).isTrue();
        assertThat(refusal(parse(with(asked, "sort", "total,createdAt")))).isEqualTo(PaginationErrors.CURSOR_MISMATCH);
        assertThat(refusal(parse(with(asked, "sort", "-total,-createdAt"))))
                .isEqualTo(PaginationErrors.CURSOR_MISMATCH);
        assertThat(refusal(parse(with(asked, "sort", "total")))).isEqualTo(PaginationErrors.CURSOR_MISMATCH);
        assertThat(refusal(parse(with(asked, "total[gte]", "11")))).isEqualTo(PaginationErrors.CURSOR_MISMATCH);
        assertThat(refusal(parse(with(asked, "status", "CLOSED")))).isEqualTo(PaginationErrors.CURSOR_MISMATCH);
        assertThat(refusal(parse(with(asked, "name", "a")))).isEqualTo(PaginationErrors.CURSOR_MISMATCH);
        assertThat(refusal(PAGINATOR.parse(SPEC, asked, "tenant-2"))).isEqualTo(PaginationErrors.CURSOR_MISMATCH);
        PageSpec<Row> other = PageSpec.named("invoices", Row.class)
                .sort("createdAt", "o.created_at", ColumnType.INSTANT, Row::createdAt)
                .unique("id", "o.id", ColumnType.UUID, Row::id)
                .defaultSort("-createdAt")
                .build();
        assertThat(refusal(PAGINATOR.parse(other, Map.of("cursor", List.of(cursor)), "tenant-1")))
                .isEqualTo(PaginationErrors.CURSOR_MISMATCH);
    }

    @Test
    void cursor_sameNumberInOtherWords_isGood() {
        String cursor = cursor(Map.of("total", List.of("10")), "tenant-1");

        assertThat(parse(Map.of("total", List.of("10.0"), "cursor", List.of(cursor)))
                        .isOk())
                .isTrue();
    }

    @Test
    void before_cursorOfARow_isThePageThatEndsThere() {
        String cursor = cursor(Map.of(), "tenant-1");

        SeekSql sql = parse("before", cursor).orElseThrow().sql(Dialect.POSTGRESQL, "select o.* from orders o", "");

        assertThat(sql.rows())
                .contains(" where (o.created_at, o.id) >= (:pgn_v1, :pgn_v2) and ")
                .contains(" order by o.created_at, o.id limit");
        assertRefused(
                parse(Map.of("cursor", List.of(cursor), "before", List.of(cursor))),
                "before",
                PaginationErrors.PARAMETER_CONFLICT);
        assertRefused(
                parse(Map.of("before", List.of(cursor), "page", List.of("2"))),
                "before",
                PaginationErrors.PARAMETER_CONFLICT);
    }

    /** What frameworks make of a parameter without a value. */
    @Test
    void parameter_withoutValue_isAsEmpty() {
        for (String name : List.of("cursor", "before", "size", "status", "page")) {
            Map<String, List<String>> params = new java.util.HashMap<>();
            params.put(name, Collections.singletonList(null));
            assertThat(parse(params).isOk()).as(name).isFalse();
            assertThat(refusal(parse(params))).isEqualTo(refusal(parse(name, "")));
        }
        Map<String, List<String>> nameless = new java.util.HashMap<>();
        nameless.put(null, List.of("1"));
        assertThat(parse(nameless).isOk()).isFalse();
        Map<String, List<String>> absent = new java.util.HashMap<>();
        absent.put("status", null);
        assertThat(parse(absent).isOk()).isTrue();
    }

    @Test
    void cursor_filtersInAnotherOrder_isGood() {
        var made = new LinkedHashMap<String, List<String>>();
        made.put("status", List.of("OPEN", "CLOSED"));
        made.put("total[gte]", List.of("10"));
        String cursor = cursor(made, "tenant-1");
        var asked = new LinkedHashMap<String, List<String>>();
        asked.put("cursor", List.of(cursor));
        asked.put("total[gte]", List.of("10"));
        asked.put("status", List.of("CLOSED", "OPEN"));

        assertThat(parse(asked).isOk()).isTrue();
    }

    @Test
    void cursor_invalid_isNotRepeated() {
        var refused = parse("cursor", "no-cursor-of-ours");

        DomainError error = ((Result.Err<?, DomainError>) refused).error();
        assertThat(error.code()).isEqualTo(PaginationErrors.CURSOR_INVALID);
        assertThat(error.kind()).isEqualTo(ErrorKind.MALFORMED);
        assertThat(error.message()).doesNotContain("no-cursor-of-ours");
        assertThat(error.args()).isEmpty();
    }

    @Test
    void cursor_twiceOrWithAPage_isRefused() {
        String cursor = cursor(Map.of(), "tenant-1");

        assertRefused(parse("cursor", cursor, cursor), "cursor", PaginationErrors.PARAMETER_CONFLICT);
        assertRefused(
                parse(Map.of("cursor", List.of(cursor), "page", List.of("2"))),
                "cursor",
                PaginationErrors.PARAMETER_CONFLICT);
    }

    /** As one would have it whose values were written by a version of the service with other types. */
    @Test
    void cursor_signedWithOtherTypes_isInvalid() {
        PageSpec<Row> text = PageSpec.named("orders", Row.class)
                .unique("id", "o.id", ColumnType.TEXT, row -> row.id().toString())
                .build();
        PageSpec<Row> uuid = PageSpec.named("orders", Row.class)
                .unique("id", "o.id", ColumnType.UUID, Row::id)
                .build();
        String cursor = PAGINATOR
                .parse(text, Map.of(), "")
                .orElseThrow()
                .page(Collections.nCopies(21, Row.ONE), false)
                .next()
                .orElseThrow();

        assertThat(refusal(PAGINATOR.parse(uuid, Map.of("cursor", List.of(cursor)), "")))
                .isEqualTo(PaginationErrors.CURSOR_INVALID);
    }

    /* ---- configuration ---- */

    @Test
    void parse_hiddenSortInReadableCursors_isRefused() {
        PageSpec<Row> hidden = Row.spec().fields("id", "total").build();

        assertThatThrownBy(() -> PAGINATOR.parse(hidden, Map.of(), ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"createdAt\"")
                .hasMessageContaining("encrypted()");
        Paginator encrypting = Paginator.builder(1, KEY).encrypted().build();
        assertThat(encrypting.parse(hidden, Map.of(), "").isOk()).isTrue();
    }

    @Test
    void build_badConfiguration_isRefused() {
        assertThatThrownBy(() -> Paginator.builder(256, KEY)).hasMessageContaining("keyId");
        assertThatThrownBy(() -> Paginator.builder(1, new byte[31])).hasMessageContaining("at least 32 bytes, not 31");
        assertThatThrownBy(() -> Paginator.builder(1, KEY).ttl(Duration.ofSeconds(59)))
                .hasMessageContaining("ttl");
        CursorKeys keys = CursorKeys.signedWith(1, KEY);
        assertThatThrownBy(() -> keys.accepting(1, KEY)).hasMessageContaining("keyId must differ");
        assertThatThrownBy(() -> keys.retired(1)).hasMessageContaining("keyId must differ");
        assertThat(keys.retired(2).toString()).isEqualTo("CursorKeys[signing=1, ids=[1, 2]]");
    }

    @Test
    void signedWith_secret_isCopied() {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) 9);
        Paginator first = Paginator.builder(1, secret).build();
        Arrays.fill(secret, (byte) 0);
        Paginator second = Paginator.builder(1, secret).build();

        String cursor = first.parse(SPEC, Map.of(), "")
                .orElseThrow()
                .page(Collections.nCopies(21, Row.ONE), false)
                .next()
                .orElseThrow();

        assertThat(first.parse(SPEC, Map.of("cursor", List.of(cursor)), "").isOk())
                .isTrue();
        assertThat(second.parse(SPEC, Map.of("cursor", List.of(cursor)), "").isOk())
                .isFalse();
    }
}
