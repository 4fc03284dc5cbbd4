package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every order of up to three keys, walked page by page forward, backward and to and fro, gives what sorting all rows
 * gives: direction, place of nulls, ties and page size are all varied.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SeekWalk {
    private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");
    private static final String SELECT = "select r.* from r";
    private static final int ROWS = 60;

    /** Two columns for each key: one that is never null, one that often is; few values, so there are ties. */
    private record R(long id, List<Long> solid, List<@Nullable Long> holey) {}

    private static final PageSpec<R> SPEC = spec();

    private final Map<Dialect, Connection> databases = new HashMap<>();
    private final List<R> rows = new ArrayList<>();

    private static PageSpec<R> spec() {
        var spec = PageSpec.named("r", R.class)
                .unique("id", "r.id", ColumnType.LONG, R::id)
                .size(20, 100)
                .allowOffset(1000);
        for (int i = 0; i < 3; i++) {
            int key = i;
            spec.sort(
                    "s" + key, "r.s" + key, ColumnType.LONG, row -> row.solid().get(key));
            spec.sortNullsFirst(
                    "f" + key, "r.h" + key, ColumnType.LONG, row -> row.holey().get(key));
            spec.sortNullsLast(
                    "l" + key, "r.h" + key, ColumnType.LONG, row -> row.holey().get(key));
        }
        return spec.build();
    }

    @BeforeAll
    void fill() throws Exception {
        var random = new Random(7);
        for (long id = 0; id < ROWS; id++) {
            List<Long> solid = new ArrayList<>();
            List<@Nullable Long> holey = new ArrayList<>();
            for (int key = 0; key < 3; key++) {
                solid.add((long) random.nextInt(3));
                holey.add(random.nextInt(5) < 2 ? null : (long) random.nextInt(3));
            }
            rows.add(new R(id, solid, holey));
        }
        Collections.shuffle(rows, random);
        open(databases);
        for (Connection database : databases.values()) {
            insert(database);
        }
    }

    private void insert(Connection database) throws SQLException {
        try (Statement statement = database.createStatement()) {
            statement.execute("create table r (id bigint primary key, s0 bigint not null, s1 bigint not null,"
                    + " s2 bigint not null, h0 bigint, h1 bigint, h2 bigint)");
        }
        try (PreparedStatement insert = database.prepareStatement("insert into r values (?, ?, ?, ?, ?, ?, ?)")) {
            for (R row : rows) {
                insert.setLong(1, row.id());
                for (int key = 0; key < 3; key++) {
                    insert.setObject(2 + key, row.solid().get(key));
                    insert.setObject(5 + key, row.holey().get(key));
                }
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    @AfterAll
    void close() throws Exception {
        for (Connection database : databases.values()) {
            database.close();
        }
        stop();
    }

    /** Opens an empty database for each dialect. */
    abstract void open(Map<Dialect, Connection> databases) throws Exception;

    /** Stops what was started. */
    abstract void stop() throws Exception;

    /* ---- all orders ---- */

    /** {@return every order of so many keys, with the tie-breaker in both directions} */
    private static Stream<String> sorts(int keys) {
        List<String> sorts = List.of("");
        for (int key = 0; key < keys; key++) {
            List<String> longer = new ArrayList<>();
            for (String sort : sorts) {
                for (String kind : List.of("s", "-s", "f", "-f", "l", "-l")) {
                    longer.add(sort + kind + key + ',');
                }
            }
            sorts = longer;
        }
        return sorts.stream().flatMap(sort -> Stream.of(sort + "id", sort + "-id"));
    }

    @Test
    void walk_anyOrderOfUpToThreeKeys_isTheSortedWhole() {
        assertThat(Stream.of(0, 1, 2, 3).flatMap(SeekWalk::sorts)).hasSize(2 * (1 + 6 + 36 + 216));
        for (Dialect dialect : databases.keySet()) {
            Stream.of(0, 1, 2, 3).flatMap(SeekWalk::sorts).forEach(sort -> walk(dialect, sort, 20));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 59, 60, 61})
    void walk_anySize_isTheSortedWhole(int size) {
        var random = new Random(size);
        List<String> some = new ArrayList<>(sorts(3).toList());
        Collections.shuffle(some, random);
        for (Dialect dialect : databases.keySet()) {
            some.stream().limit(6).forEach(sort -> walk(dialect, sort, size));
        }
    }

    private void walk(Dialect dialect, String sort, int size) {
        List<R> expected = new ArrayList<>(rows);
        expected.sort(comparator(sort));
        PageQuery<R> query = query(sort, size);

        List<Page<R>> pages = new ArrayList<>();
        pages.add(fetch(dialect, query));
        while (pages.get(pages.size() - 1).hasNext()) {
            Page<R> last = pages.get(pages.size() - 1);
            pages.add(fetch(dialect, query.after(last.items().get(last.items().size() - 1))));
        }
        String what = dialect + " " + sort + " by " + size;
        assertThat(ids(pages)).as(what).isEqualTo(ids(List.of(page(expected))));
        for (int i = 0; i < pages.size(); i++) {
            assertThat(pages.get(i).hasPrevious()).as(what).isEqualTo(i > 0);
        }

        for (int i = pages.size() - 1; i > 0; i--) {
            Page<R> back = fetch(
                    dialect, SeekSqlQueries.before(query, pages.get(i).items().get(0)));
            assertThat(back.items())
                    .as(what + " back")
                    .isEqualTo(pages.get(i - 1).items());
            assertThat(back.hasNext()).as(what + " back").isTrue();
            assertThat(back.hasPrevious()).as(what + " back").isEqualTo(i > 1);
        }
    }

    private static PageQuery<R> query(String sort, int size) {
        return query(Map.of("sort", sort, "size", String.valueOf(size)));
    }

    private static PageQuery<R> query(Map<String, String> params) {
        Map<String, List<String>> lists = new HashMap<>();
        params.forEach((name, value) -> lists.put(name, List.of(value)));
        return Paginator.builder(1, new byte[32]).build().parse(SPEC, lists, "").orElseThrow();
    }

    private static Page<R> page(List<R> all) {
        return SPEC.first(100).page(all, false);
    }

    private static List<Long> ids(List<Page<R>> pages) {
        return pages.stream().flatMap(page -> page.items().stream()).map(R::id).toList();
    }

    private static Comparator<R> comparator(String sort) {
        Comparator<R> all = Comparator.comparingInt(row -> 0);
        for (String part : List.of(sort.split(",", -1))) {
            boolean descending = part.startsWith("-");
            String name = descending ? part.substring(1) : part;
            Comparator<Long> values = descending ? Comparator.reverseOrder() : Comparator.naturalOrder();
            all = all.thenComparing(
                    value(name), name.startsWith("f") ? Comparator.nullsFirst(values) : Comparator.nullsLast(values));
        }
        return all;
    }

    private static Function<R, @Nullable Long> value(String name) {
        int key = name.charAt(1) - '0';
        return name.equals("id")
                ? R::id
                : row -> name.startsWith("s")
                        ? row.solid().get(key)
                        : row.holey().get(key);
    }

    /* ---- what changes meanwhile ---- */

    /** A row that is there all the time is seen once, whatever happens around it. */
    @ParameterizedTest
    @ValueSource(strings = {"s0,-s1,id", "-l0,s1,-id", "f0,-l1,s2,id"})
    void walk_whileRowsComeAndGo_seesTheOthersOnce(String sort) throws SQLException {
        var random = new Random(11);
        Dialect dialect = databases.keySet().iterator().next();
        Connection database = databases.get(dialect);
        database.setAutoCommit(false);
        try (Statement statement = database.createStatement()) {
            List<Long> stays =
                    rows.stream().map(R::id).filter(id -> id % 2 == 0).toList();
            List<Long> seen = new ArrayList<>();
            PageQuery<R> query = query(sort, 3);
            Page<R> page = fetch(dialect, query);
            for (long added = 1000; ; added++) {
                seen.addAll(ids(List.of(page)));
                if (!page.hasNext()) {
                    break;
                }
                R last = page.items().get(page.items().size() - 1);
                // The row at the cursor too, if it is one that goes.
                statement.execute("delete from r where id = " + last.id() + " and mod(id, 2) = 1");
                statement.execute("insert into r values (" + (2 * added + 1) + ", 1, 1, 1, "
                        + (random.nextBoolean() ? "null" : "1") + ", null, 2)");
                statement.execute("update r set s0 = 2 - s0, h0 = null where id = " + (2 * random.nextInt(30) + 1));
                page = fetch(dialect, query.after(last));
            }
            assertThat(seen.stream().filter(id -> id % 2 == 0).sorted())
                    .isEqualTo(stays.stream().sorted().toList());
        } finally {
            database.rollback();
            database.setAutoCommit(true);
        }
    }

    /* ---- by number, and back from nothing ---- */

    @ParameterizedTest
    @ValueSource(strings = {"s0,-s1,id", "-l0,s1,-id", "f0,-l1,s2,id", "l0,f1,id"})
    void page_byNumber_isThatPartOfTheSortedWhole(String sort) {
        List<R> expected = new ArrayList<>(rows);
        expected.sort(comparator(sort));
        for (Dialect dialect : databases.keySet()) {
            PageQuery<R> query = query(Map.of("sort", sort, "size", "7", "page", "3"));
            assertThat(fetch(dialect, query).items()).as("%s", dialect).isEqualTo(expected.subList(14, 21));
        }
    }

    /** All behind the cursor is gone: the way back begins with the row the cursor is of. */
    @ParameterizedTest
    @ValueSource(strings = {"s0,-s1,id", "-l0,s1,-id", "f0,-l1,s2,id"})
    void previous_ofAnEmptyPage_losesNoRow(String sort) {
        List<R> expected = new ArrayList<>(rows);
        expected.sort(comparator(sort));
        PageQuery<R> query = query(sort, 5);
        R last = expected.get(ROWS - 1);
        for (Dialect dialect : databases.keySet()) {
            Page<R> empty = fetch(dialect, query.after(last));
            String back = empty.previous().orElseThrow();

            assertThat(empty.items()).isEmpty();
            assertThat(empty.hasPrevious()).isTrue();
            assertThat(fetch(dialect, query(Map.of("sort", sort, "size", "5", "cursor", back)))
                            .items())
                    .isEqualTo(expected.subList(ROWS - 5, ROWS));
        }
    }

    /* ---- a database without a library ---- */

    private Page<R> fetch(Dialect dialect, PageQuery<R> query) {
        SeekSql sql = query.sql(dialect, SELECT, "");
        Connection database = databases.get(dialect);
        return query.page(
                run(database, sql.rows(), sql.binds()),
                sql.previousProbe() != null
                        && !run(database, sql.previousProbe(), sql.binds()).isEmpty());
    }

    private static List<R> run(Connection database, String sql, Map<String, Object> binds) {
        List<Object> values = new ArrayList<>();
        Matcher parameters = PARAMETER.matcher(sql);
        while (parameters.find()) {
            values.add(binds.get(parameters.group(1)));
        }
        try (PreparedStatement statement = database.prepareStatement(parameters.replaceAll("?"))) {
            for (int i = 0; i < values.size(); i++) {
                statement.setObject(i + 1, values.get(i));
            }
            List<R> found = new ArrayList<>();
            try (ResultSet rs = statement.executeQuery()) {
                while (rs.next()) {
                    found.add(row(rs));
                }
            }
            return found;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private static R row(ResultSet rs) throws SQLException {
        List<Long> solid = new ArrayList<>();
        List<@Nullable Long> holey = new ArrayList<>();
        for (int key = 0; key < 3; key++) {
            solid.add(rs.getLong("s" + key));
            long value = rs.getLong("h" + key);
            holey.add(rs.wasNull() ? null : value);
        }
        return new R(rs.getLong("id"), solid, holey);
    }
}
