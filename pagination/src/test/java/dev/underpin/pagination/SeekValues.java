package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values that make rows vanish or come twice, or a walk go round for ever, where they lose a digit on the way into a
 * cursor and back, or are compared otherwise than the database sorts them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SeekValues {
    /** Beyond what a double can tell apart. */
    private static final long FIRST_ID = 5673028755079817001L;

    private static final int MAX_PAGES = 100;
    private static final Paginator PAGINATOR =
            Paginator.builder(1, new byte[32]).build();

    /** A row with one value of some type. */
    record Valued<T>(long id, @Nullable T value) {}

    /** A column, as SQL declares it, and what is in it. */
    record Column<T>(Dialect dialect, String declared, ColumnType<T> type, Class<T> javaType, List<T> values) {
        @Override
        public String toString() {
            return dialect + " " + declared;
        }
    }

    /** {@return the databases to walk on} */
    abstract List<Dialect> dialects();

    /* ---- every type ---- */

    Stream<Column<?>> columns() {
        return dialects().stream().flatMap(SeekValues::columns);
    }

    private static Stream<Column<?>> columns(Dialect dialect) {
        List<Column<?>> columns = new ArrayList<>();
        columns.add(new Column<>(
                dialect,
                "bigint",
                ColumnType.LONG,
                Long.class,
                List.of(Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE, FIRST_ID, FIRST_ID + 1, 0L)));
        columns.add(
                new Column<>(dialect, declaredInstant(dialect), ColumnType.INSTANT, Instant.class, instants(dialect)));
        columns.add(new Column<>(
                dialect,
                dialect == Dialect.POSTGRESQL
                        ? "timestamp"
                        : dialect == Dialect.H2 ? "timestamp(9)" : dialect == Dialect.MARIADB ? "datetime(6)" : "text",
                ColumnType.DATE_TIME,
                LocalDateTime.class,
                Stream.of("2026-11-01T01:30", "2026-11-01T01:30:00.000001", "2026-03-08T02:30", "2026-03-08T03:30")
                        .map(LocalDateTime::parse)
                        .toList()));
        columns.add(new Column<>(
                dialect,
                "date",
                ColumnType.DATE,
                LocalDate.class,
                List.of(LocalDate.of(2026, 1, 31), LocalDate.of(2026, 2, 1), LocalDate.of(1999, 12, 31))));
        columns.add(new Column<>(dialect, "boolean", ColumnType.BOOLEAN, Boolean.class, List.of(true, false, true)));
        columns.add(new Column<>(
                dialect,
                dialect == Dialect.SQLITE ? "text" : "uuid",
                ColumnType.UUID,
                UUID.class,
                // MariaDB sorts those of version 1 by their time, which is not where they begin.
                Stream.of(
                                "00000000-0000-1000-8000-000000000001",
                                "10000000-0000-1000-8000-000000000000",
                                "00000001-0000-4000-8000-000000000000",
                                "01890000-0000-7000-8000-000000000001",
                                "f0000000-0000-7000-8000-000000000001")
                        .map(UUID::fromString)
                        .toList()));
        columns.add(new Column<>(
                dialect,
                declaredDecimal(dialect),
                ColumnType.DECIMAL,
                BigDecimal.class,
                decimals("1.10", "1.1", "1.100", "1.09", "1.11", "-1.1", "0", "-0.00")));
        if (dialect == Dialect.H2) {
            columns.addAll(narrow());
        }
        columns.add(new Column<>(dialect, "double precision", ColumnType.DOUBLE, Double.class, doubles(dialect)));
        for (String declared : texts(dialect)) {
            columns.add(new Column<>(
                    dialect,
                    declared,
                    ColumnType.TEXT,
                    String.class,
                    List.of("a_z", "ab", "aB", "AB", "a z", "A", "z", "á", "", "' or true --", "50%\\_", "😀", "～")));
        }
        return columns.stream();
    }

    /** What H2 is asked for next to these is more than the column can hold, or finer. */
    private static List<Column<?>> narrow() {
        List<Long> bytes = List.of(127L, 126L, -128L, 0L);
        List<Instant> millis = Stream.of(
                        "2026-11-01T05:30:56.789Z", "2026-11-01T05:30:56.788Z", "2026-11-01T05:30:56.790Z")
                .map(Instant::parse)
                .toList();
        return List.of(
                new Column<>(Dialect.H2, "tinyint", ColumnType.LONG, Long.class, bytes),
                new Column<>(Dialect.H2, "decimal(3)", ColumnType.LONG, Long.class, bytes),
                new Column<>(Dialect.H2, "real", ColumnType.DOUBLE, Double.class, List.of(0.5, 0.25, -0.5, 1e30)),
                new Column<>(Dialect.H2, "timestamp(3) with time zone", ColumnType.INSTANT, Instant.class, millis));
    }

    private static String declaredInstant(Dialect dialect) {
        return switch (dialect) {
            case POSTGRESQL -> "timestamptz";
            case MARIADB -> "datetime(6)";
            case H2 -> "timestamp(9) with time zone";
            default -> "text";
        };
    }

    /** With what comes twice in the zone of New York, and the smallest steps there are. */
    private static List<Instant> instants(Dialect dialect) {
        List<String> texts = new ArrayList<>(List.of(
                "2026-11-01T05:30:56.789123Z",
                "2026-11-01T05:30:56.789123Z",
                "2026-11-01T05:30:56.789123Z",
                "2026-11-01T06:30:56.789123Z",
                "2026-11-01T05:30:56.789122Z",
                "2026-11-01T05:30:56.789124Z",
                "2026-11-01T05:30:56Z",
                "2026-11-01T05:30:57Z"));
        if (dialect == Dialect.H2 || dialect == Dialect.SQLITE) {
            texts.addAll(List.of("2026-01-31T08:00:00.123456789Z", "2026-01-31T08:00:00.123456788Z"));
        }
        return texts.stream().map(Instant::parse).toList();
    }

    private static String declaredDecimal(Dialect dialect) {
        // Only PostgreSQL keeps how many zeros there are; SQLite has no exact decimals.
        return dialect == Dialect.POSTGRESQL || dialect == Dialect.SQLITE ? "numeric" : "decimal(30, 4)";
    }

    private static List<BigDecimal> decimals(String... texts) {
        return Arrays.stream(texts).map(BigDecimal::new).toList();
    }

    private static List<Double> doubles(Dialect dialect) {
        List<Double> values = new ArrayList<>(List.of(
                0.8523489932885906, 0.8523489932885905, 0.8523489932885907, 0.0, -0.0, Double.MIN_VALUE, 1e308));
        if (dialect != Dialect.MARIADB) {
            values.addAll(List.of(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
        }
        if (dialect == Dialect.POSTGRESQL || dialect == Dialect.H2) {
            values.addAll(List.of(Double.NaN, Double.NaN));
        }
        return values;
    }

    private static List<String> texts(Dialect dialect) {
        return switch (dialect) {
            case POSTGRESQL -> List.of("text collate \"C\"", "text collate \"en-x-icu\"");
            case MARIADB ->
                List.of(
                        "varchar(99) character set utf8mb4 collate utf8mb4_bin",
                        "varchar(99) character set utf8mb4 collate utf8mb4_uca1400_ai_ci");
            case SQLITE -> List.of("text", "text collate nocase");
            default -> List.of("varchar(99)", "varchar_ignorecase(99)", "char(20)");
        };
    }

    @ParameterizedTest
    @MethodSource("columns")
    <T> void walk_byAnyColumn_isInTheOrderOfTheDatabase(Column<T> column) throws SQLException {
        List<@Nullable T> values = new ArrayList<>(column.values());
        values.add(1, null);
        values.add(null);
        try (TestDatabase database = filled(column, values)) {
            for (String sort : List.of("first", "-first", "last", "-last")) {
                List<Long> expected = sorted(database, sort);
                for (int size : new int[] {1, 2, 5}) {
                    String what = sort + " by " + size;
                    assertThat(walked(database, column, sort, size)).as(what).isEqualTo(expected);
                }
            }
        }
    }

    private static <T> TestDatabase filled(Column<T> column, List<? extends @Nullable T> values) throws SQLException {
        TestDatabase database = TestDatabase.open(column.dialect());
        database.execute("create table v (id bigint primary key, val " + column.declared() + ')');
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            rows.add(Arrays.asList(FIRST_ID + i, values.get(i)));
        }
        database.insert("v", rows);
        database.execute("create index v_val on v (val, id)");
        return database;
    }

    /** {@return the ids as the database sorts all rows} */
    private static List<Long> sorted(TestDatabase database, String sort) {
        String direction = sort.startsWith("-") ? " desc" : "";
        String nulls = sort.endsWith("first") ? " is not null" : " is null";
        String all = "select v.id from v order by case when v.val" + nulls + " then 1 else 0 end, v.val" + direction
                + ", v.id" + direction;
        return database.rows(all, Map.of(), rs -> rs.getLong("id"));
    }

    private static <T> List<Long> walked(TestDatabase database, Column<T> column, String sort, int size) {
        return pages(database, column, sort, size).stream()
                .flatMap(page -> page.items().stream())
                .map(Valued::id)
                .toList();
    }

    private static <T> List<Page<Valued<T>>> pages(TestDatabase database, Column<T> column, String sort, int size) {
        @SuppressWarnings("unchecked") // there is no class of Valued<T>
        var rows = (Class<Valued<T>>) (Class<?>) Valued.class;
        PageSpec<Valued<T>> spec = PageSpec.named("v", rows)
                .sortNullsFirst("first", "v.val", column.type(), Valued::value)
                .sortNullsLast("last", "v.val", column.type(), Valued::value)
                .unique("id", "v.id", ColumnType.LONG, Valued::id)
                .build();
        return walked(
                database,
                spec,
                "select v.* from v",
                rs -> new Valued<>(rs.getLong("id"), database.read(rs, "val", column.javaType())),
                Map.of("sort", List.of(sort), "size", List.of(String.valueOf(size))));
    }

    /** {@return the pages, by their cursors} */
    private static <R> List<Page<R>> walked(
            TestDatabase database,
            PageSpec<R> spec,
            String select,
            TestDatabase.RowReader<R> reader,
            Map<String, List<String>> params) {
        List<Page<R>> pages = new ArrayList<>();
        Map<String, List<String>> asked = new HashMap<>(params);
        do {
            Page<R> page = database.page(PAGINATOR.parse(spec, asked, "").orElseThrow(), select, reader);
            pages.add(page);
            page.next().ifPresent(cursor -> asked.put("cursor", List.of(cursor)));
        } while (pages.get(pages.size() - 1).hasNext() && pages.size() < MAX_PAGES);
        return pages;
    }

    /* ---- nulls ---- */

    @ParameterizedTest
    @MethodSource("dialects")
    void next_ofTheLastValueOrNull_goesOnWithTheOthers(Dialect dialect) throws SQLException {
        Column<Long> column = new Column<>(dialect, "bigint", ColumnType.LONG, Long.class, List.of());
        try (TestDatabase database = filled(column, Arrays.asList(1L, 2L, null, null))) {
            assertThat(values(pages(database, column, "last", 2)))
                    .containsExactly(Arrays.asList(1L, 2L), Arrays.asList(null, null));
            assertThat(values(pages(database, column, "-first", 2)))
                    .containsExactly(Arrays.asList(null, null), Arrays.asList(2L, 1L));
        }
    }

    private static <T> List<List<@Nullable T>> values(List<Page<Valued<T>>> pages) {
        List<List<@Nullable T>> values = new ArrayList<>();
        for (Page<Valued<T>> page : pages) {
            List<@Nullable T> ofPage = new ArrayList<>();
            page.items().forEach(row -> ofPage.add(row.value()));
            values.add(ofPage);
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void walk_byAColumnWithoutAnyValue_isInTheOrderOfTheTieBreaker(Dialect dialect) throws SQLException {
        Column<Long> column = new Column<>(dialect, "bigint", ColumnType.LONG, Long.class, List.of());
        try (TestDatabase database = filled(column, Arrays.asList(null, null, null, null, null))) {
            for (String sort : List.of("first", "-first", "last", "-last")) {
                assertThat(walked(database, column, sort, 2)).as(sort).isEqualTo(sorted(database, sort));
            }
        }
    }

    /* ---- rows that go ---- */

    @ParameterizedTest
    @MethodSource("dialects")
    void next_ofARowThatWasDeleted_isTheOneBehindIt(Dialect dialect) throws SQLException {
        Column<Long> column = new Column<>(dialect, "bigint", ColumnType.LONG, Long.class, List.of());
        PageSpec<Long> spec = PageSpec.named("v", Long.class)
                .unique("id", "v.id", ColumnType.LONG, id -> id)
                .build();
        Map<String, List<String>> params = new HashMap<>(Map.of("size", List.of("1")));
        try (TestDatabase database = filled(column, Arrays.asList(1L, 2L, 3L))) {
            Page<Long> first = database.page(
                    PAGINATOR.parse(spec, params, "").orElseThrow(), "select v.* from v", rs -> rs.getLong("id"));
            database.execute("delete from v where id = " + first.items().get(0));
            params.put("cursor", List.of(first.next().orElseThrow()));

            Page<Long> next = database.page(
                    PAGINATOR.parse(spec, params, "").orElseThrow(), "select v.* from v", rs -> rs.getLong("id"));

            assertThat(next.items()).containsExactly(FIRST_ID + 1);
            assertThat(next.hasPrevious()).isFalse();
        }
    }

    /* ---- statements that run again ---- */

    /** A pool prepares a statement once: what it gave for one tenant must not be there for the next. */
    @ParameterizedTest
    @MethodSource("dialects")
    void page_ofAnotherTenant_hasNothingOfTheOneBefore(Dialect dialect) throws SQLException {
        PageSpec<List<Long>> spec = PageSpec.<List<Long>>named("owned", rowType())
                .sortNullsFirst("few", "o.few", ColumnType.LONG, row -> row.get(1))
                .sortNullsLast("last", "o.few", ColumnType.LONG, row -> row.get(1))
                .sort("kind", "mod(o.id, 3)", ColumnType.LONG, row -> row.get(0) % 3)
                .unique("id", "o.id", ColumnType.LONG, row -> row.get(0))
                .build();
        try (TestDatabase database = TestDatabase.open(dialect)) {
            database.execute("create table owned (id bigint primary key, few bigint, owner bigint not null)");
            List<List<Long>> rows = new ArrayList<>();
            for (long id = 0; id < 40; id++) {
                rows.add(List.of(id, id % 4 / 2, id % 2));
            }
            database.insert("owned", rows);
            for (String sort : List.of("few", "-few", "last,-id", "-last,id", "kind,last", "kind,-few,id")) {
                PageQuery<List<Long>> first = PAGINATOR
                        .parse(spec, Map.of("sort", List.of(sort), "size", List.of("4")), "")
                        .orElseThrow();
                for (PageQuery<List<Long>> query : List.of(first, first.after(List.of(9L, 0L)))) {
                    for (long owner : List.of(0L, 1L, 0L)) {
                        SeekSql sql = query.sql(dialect, "select o.* from owned o", "o.owner = :owner");
                        Map<String, Object> binds = new HashMap<>(sql.binds());
                        binds.put("owner", owner);
                        assertThat(database.rows(sql.rows(), binds, rs -> rs.getLong("owner")))
                                .as("%s of %s", sort, owner)
                                .isNotEmpty()
                                .containsOnly(owner);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void count_ofAnotherTenant_isItsOwn(Dialect dialect) throws SQLException {
        Column<Long> column = new Column<>(dialect, "bigint", ColumnType.LONG, Long.class, List.of());
        PageQuery<Long> query = PageSpec.named("v", Long.class)
                .unique("id", "o.id", ColumnType.LONG, id -> id)
                .build()
                .first(1);
        try (TestDatabase database = filled(column, Arrays.asList(1L, 2L, 2L, 3L, 3L, 3L))) {
            for (String select : List.of(
                    "select o.* from (select * from v) o", "select o.* from (select * from v where id > 0) o")) {
                for (String where : List.of("o.val = :owner", "o.val in (:owner, :owner)")) {
                    for (long cap : List.of(1L, 4L, Long.MAX_VALUE)) {
                        SeekSql sql = query.countSql(dialect, select, where, cap);
                        for (long owner : List.of(3L, 2L, 1L, 3L)) { // who has as many rows
                            Map<String, Object> binds = new HashMap<>(sql.binds());
                            binds.put("owner", owner);
                            assertThat(database.rows(sql.rows(), binds, rs -> rs.getLong(1)))
                                    .as("%s of %s", sql.rows(), owner)
                                    .containsExactly(
                                            dialect == Dialect.H2 ? owner : cap == 1 ? Math.min(owner, 2) : owner);
                        }
                    }
                }
            }
        }
    }

    /** As {@code countSql} says: elsewhere the columns must have names of their own. */
    @ParameterizedTest
    @MethodSource("dialects")
    void count_ofColumnsWithTheSameName_isRightWhereItMayBe(Dialect dialect) throws SQLException {
        Column<Long> column = new Column<>(dialect, "bigint", ColumnType.LONG, Long.class, List.of());
        PageQuery<Long> query = PageSpec.named("v", Long.class)
                .unique("id", "a.id", ColumnType.LONG, id -> id)
                .build()
                .first(1);
        try (TestDatabase database = filled(column, Arrays.asList(1L, 2L, 3L))) {
            SeekSql sql = query.countSql(dialect, "select a.*, b.* from v a join v b on b.id <= a.id", "", 100);

            if (dialect == Dialect.POSTGRESQL || dialect == Dialect.SQLITE) {
                assertThat(database.rows(sql.rows(), sql.binds(), rs -> rs.getLong(1)))
                        .containsExactly(6L);
            } else {
                assertThatThrownBy(() -> database.rows(sql.rows(), sql.binds(), rs -> rs.getLong(1)))
                        .hasRootCauseInstanceOf(SQLException.class);
            }
        }
    }

    /** Nulls on the wrong side of H2 behind a key that may be null make a union, and H2 reads no {@code (with}. */
    @ParameterizedTest
    @MethodSource("dialects")
    void walk_ofAStatementThatBeginsWithWith_isTheSortedWhole(Dialect dialect) throws SQLException {
        Column<Long> column = new Column<>(dialect, "bigint", ColumnType.LONG, Long.class, List.of());
        PageSpec<Valued<Long>> spec = PageSpec.named("v", valuedType())
                .sortNullsFirst("first", "x.val", ColumnType.LONG, Valued::value)
                .sortNullsLast("last", "x.other", ColumnType.LONG, row -> row.id() % 2 == 0 ? null : row.id())
                .unique("id", "x.id", ColumnType.LONG, Valued::id)
                .build();
        String select = "with x as (select id, val, case when id % 2 = 0 then null else id end as other from v)"
                + " select x.id, x.val{keys} from x where {seek} {order} {limit}";
        try (TestDatabase database = filled(column, Arrays.asList(1L, null, 1L, 1L, null, null, 2L, 2L))) {
            List<Long> walked = walked(
                            database,
                            spec,
                            select,
                            rs -> new Valued<>(rs.getLong("id"), database.read(rs, "val", Long.class)),
                            Map.of("sort", List.of("first,last"), "size", List.of("2")))
                    .stream()
                    .flatMap(page -> page.items().stream())
                    .map(row -> row.id() - FIRST_ID)
                    .toList();

            assertThat(walked).containsExactly(4L, 1L, 5L, 0L, 2L, 3L, 6L, 7L);
        }
    }

    @SuppressWarnings("unchecked") // it is not looked at
    private static Class<Valued<Long>> valuedType() {
        return (Class<Valued<Long>>) (Class<?>) Valued.class;
    }

    @SuppressWarnings("unchecked") // it is not looked at
    private static Class<List<Long>> rowType() {
        return (Class<List<Long>>) (Class<?>) List.class;
    }

    /* ---- joins and expressions ---- */

    /** A person of a firm; both tables have a column {@code id}, and one that is called {@code name}. */
    record Person(long id, String name, String firm) {}

    private static final PageSpec<Person> PEOPLE = PageSpec.named("people", Person.class)
            .sort(
                    "firm",
                    "lower(f.name)",
                    ColumnType.TEXT,
                    person -> person.firm().toLowerCase(Locale.ROOT))
            .sort("name", "p.name", ColumnType.TEXT, Person::name)
            .unique("id", "p.id", ColumnType.LONG, Person::id)
            .build();

    /** {@code acme}, {@code ACME} and {@code Acme} are one value of {@code lower(name)}. */
    @ParameterizedTest
    @MethodSource("dialects")
    void walk_byExpressionsOfTwoTables_isInTheOrderOfTheDatabase(Dialect dialect) throws SQLException {
        try (TestDatabase database = TestDatabase.open(dialect)) {
            database.execute("create table firm (id bigint primary key, name varchar(99))");
            database.execute("create table person (id bigint primary key, name varchar(99), firm bigint)");
            database.insert(
                    "firm",
                    List.of(List.of(1L, "acme"), List.of(2L, "ACME"), List.of(3L, "Acme"), List.of(4L, "Zebra")));
            List<List<Object>> people = new ArrayList<>();
            for (long id = 1; id <= 12; id++) {
                people.add(List.of(id, "n" + id % 3, 4 - id % 4));
            }
            database.insert("person", people);
            String from = " from person p join firm f on f.id = p.firm";
            for (String sort : List.of("firm,-name,id", "-firm,name,-id")) {
                String order = sort.startsWith("-")
                        ? "lower(f.name) desc, p.name, p.id desc"
                        : "lower(f.name), p.name desc, p.id";
                List<Long> expected =
                        database.rows("select p.id" + from + " order by " + order, Map.of(), rs -> rs.getLong("id"));
                List<Page<Person>> pages = walked(
                        database,
                        PEOPLE,
                        "select p.id, p.name, f.name as firm" + from,
                        rs -> new Person(rs.getLong("id"), rs.getString("name"), rs.getString("firm")),
                        Map.of("sort", List.of(sort), "size", List.of("1")));

                assertThat(pages.stream().flatMap(page -> page.items().stream()).map(Person::id))
                        .as(sort)
                        .containsExactlyElementsOf(expected);
            }
        }
    }
}
