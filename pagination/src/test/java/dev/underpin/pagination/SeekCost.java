package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A page at any depth costs what the first one does, counted by the database: exact, where times are not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SeekCost {
    private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");
    private static final String SELECT = "select r.* from r";

    /** One for each order of {@link #pages_anywhere_costAsTheFirst}, or its reverse. */
    private static final List<String> INDEXES = List.of(
            "few, many desc, id desc",
            "few, many, id",
            "few, holey_many, id",
            "few, holey_many desc, id desc",
            "holey_few, many, id",
            "holey_many, few desc, id desc",
            "few, id",
            "many, id",
            "many, id desc",
            "holey_few, id",
            "holey_many, id");

    /** Three values or many, in each row or in every other one. */
    record R(
            long id,
            long few,
            long many,
            @Nullable Long holeyFew,
            @Nullable Long holeyMany) {}

    private static final PageSpec<R> SPEC = PageSpec.named("r", R.class)
            .sort("few", "r.few", ColumnType.LONG, R::few)
            .sort("many", "r.many", ColumnType.LONG, R::many)
            .sortNullsFirst("fewFirst", "r.holey_few", ColumnType.LONG, R::holeyFew)
            .sortNullsLast("fewLast", "r.holey_few", ColumnType.LONG, R::holeyFew)
            .sortNullsFirst("manyFirst", "r.holey_many", ColumnType.LONG, R::holeyMany)
            .sortNullsLast("manyLast", "r.holey_many", ColumnType.LONG, R::holeyMany)
            .unique("id", "r.id", ColumnType.LONG, R::id)
            .size(50, 100)
            .build();

    private final List<R> rows = new ArrayList<>();
    private Connection database;

    /** Opens an empty database. */
    abstract Connection open() throws Exception;

    abstract Dialect dialect();

    /** {@return how many rows are made} */
    abstract int size();

    /** {@return what gives the numbers from 1 to a number, as a column {@code id}} */
    abstract String numbers(int size);

    /** {@return what has the database look at its tables} */
    abstract String analyze();

    /** {@return what a statement costs} */
    abstract long cost(String sql, Map<String, Object> binds) throws SQLException;

    /** {@return what a page may cost if the first one costs so much} */
    abstract long most(long first);

    /** {@return what the probe for a row before a page may cost} */
    long mostOfProbe() {
        return 10;
    }

    /** {@return the orders in which this database walks a group for each page, the first one and the probe included} */
    List<String> walked() {
        return List.of();
    }

    @BeforeAll
    void fill() throws Exception {
        database = open();
        try (Statement statement = database.createStatement()) {
            statement.execute("create table r (id bigint primary key, few bigint not null, many bigint not null,"
                    + " holey_few bigint, holey_many bigint, filler varchar(150))");
            // In an order that is none of the indexes'.
            statement.execute("insert into r select id, hash % 3, hash % 50021,"
                    + " case when id % 2 = 0 then null else hash % 3 end,"
                    + " case when id % 2 = 0 then null else hash % 50021 end, '" + "x".repeat(150) + "'"
                    + " from (select id, id * 48271 % 2147483647 as hash from " + numbers(size()) + " numbers) n"
                    + " order by id * 7919 % 100003");
            for (int i = 0; i < INDEXES.size(); i++) {
                statement.execute("create index r" + i + " on r (" + INDEXES.get(i) + ")");
            }
            statement.execute(analyze());
            try (ResultSet rs = statement.executeQuery("select * from r")) {
                while (rs.next()) {
                    rows.add(row(rs));
                }
            }
        }
        assertThat(rows).hasSize(size());
    }

    @AfterAll
    void close() throws SQLException {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id",
                "-id",
                "few",
                "-few",
                "many",
                "-many",
                "fewFirst",
                "-fewFirst",
                "fewLast",
                "-fewLast",
                "manyFirst",
                "-manyFirst",
                "manyLast",
                "-manyLast",
                "many,-id",
                "few,-many",
                "-few,many",
                "-few,-many",
                "few,manyFirst",
                "-few,-manyLast",
                "few,manyLast",
                "few,-manyFirst",
                "few,-manyLast",
                "fewLast,many",
                "fewFirst,many",
                "-fewFirst,-many",
                "manyLast,-few",
                "manyFirst,-few"
            })
    void pages_anywhere_costAsTheFirst(String sort) throws SQLException {
        PageQuery<R> query = query(sort);
        long first = cost(query);
        long mostOfProbe = walked().contains(sort) ? most(first) : mostOfProbe();
        List<R> sorted = sorted(sort);
        for (int depth : depths(sorted, sort)) {
            R at = sorted.get(depth);
            for (PageQuery<R> page : List.of(query.after(at), SeekSqlQueries.before(query, at))) {
                SeekSql sql = page.sql(dialect(), SELECT, "");
                long cost = cost(page);
                long probe = cost(sql.previousProbe(), sql.binds());
                assertThat(cost)
                        .as("at %s, the first page takes %s: %s", depth, first, sql)
                        .isLessThanOrEqualTo(most(first));
                assertThat(probe).as("probe at %s: %s", depth, sql).isLessThanOrEqualTo(mostOfProbe);
            }
        }
    }

    /** {@return where pages begin: anywhere, and a few rows before the first key has another of three values, or none} */
    private Set<Integer> depths(List<R> sorted, String sort) {
        Set<Integer> depths = new LinkedHashSet<>();
        for (double depth : new double[] {0.01, 0.3, 0.45, 0.99}) {
            depths.add((int) (depth * size()));
        }
        Function<R, @Nullable Long> key = value(sort.replaceFirst("^-", "").replaceFirst(",.*", ""));
        for (int i = 1; i < sorted.size(); i++) {
            @Nullable Long before = key.apply(sorted.get(i - 1));
            @Nullable Long after = key.apply(sorted.get(i));
            boolean few = sort.matches("-?few.*");
            if (few ? !Objects.equals(before, after) : (before == null) != (after == null)) {
                depths.add(i - 10);
            }
        }
        return depths;
    }

    PageQuery<R> query(String sort) {
        return query(SPEC, sort);
    }

    static <T> PageQuery<T> query(PageSpec<T> spec, String sort) {
        return Paginator.builder(1, new byte[32])
                .build()
                .parse(spec, Map.of("sort", List.of(sort)), "")
                .orElseThrow();
    }

    /** {@return what the rows of a page cost} */
    long cost(PageQuery<?> page) throws SQLException {
        SeekSql sql = page.sql(dialect(), SELECT, "");
        return cost(sql.rows(), sql.binds());
    }

    /** {@return all rows in an order, found without the database} */
    List<R> sorted(String sort) {
        Comparator<R> all = Comparator.comparingInt(row -> 0);
        boolean descending = false;
        for (String part : List.of(sort.split(",", -1))) {
            descending = part.startsWith("-");
            String name = descending ? part.substring(1) : part;
            Comparator<Long> values = descending ? Comparator.reverseOrder() : Comparator.naturalOrder();
            all = all.thenComparing(
                    value(name), name.endsWith("First") ? Comparator.nullsFirst(values) : Comparator.nullsLast(values));
        }
        Comparator<R> ids = Comparator.comparingLong(R::id);
        List<R> sorted = new ArrayList<>(rows);
        sorted.sort(all.thenComparing(descending ? ids.reversed() : ids));
        return sorted;
    }

    private static Function<R, @Nullable Long> value(String name) {
        return switch (name) {
            case "few" -> R::few;
            case "many" -> R::many;
            case "fewFirst", "fewLast" -> R::holeyFew;
            case "manyFirst", "manyLast" -> R::holeyMany;
            default -> R::id;
        };
    }

    /* ---- for what is different on each database ---- */

    Connection database() {
        return database;
    }

    /** {@return a statement with positions in place of names} */
    PreparedStatement prepared(String prefix, String sql, Map<String, Object> binds) throws SQLException {
        List<Object> values = new ArrayList<>();
        Matcher parameters = PARAMETER.matcher(sql);
        while (parameters.find()) {
            values.add(binds.get(parameters.group(1)));
        }
        PreparedStatement statement = database.prepareStatement(prefix + parameters.replaceAll("?"));
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
        return statement;
    }

    /** {@return the plan of a statement that was also run} */
    String plan(String explain, String sql, Map<String, Object> binds) throws SQLException {
        StringBuilder plan = new StringBuilder();
        try (PreparedStatement statement = prepared(explain, sql, binds);
                ResultSet rs = statement.executeQuery()) {
            while (rs.next()) {
                plan.append(rs.getString(1)).append('\n');
            }
        }
        return plan.toString();
    }

    private static R row(ResultSet rs) throws SQLException {
        long few = rs.getLong("holey_few");
        @Nullable Long holeyFew = rs.wasNull() ? null : few;
        long many = rs.getLong("holey_many");
        @Nullable Long holeyMany = rs.wasNull() ? null : many;
        return new R(rs.getLong("id"), rs.getLong("few"), rs.getLong("many"), holeyFew, holeyMany);
    }
}
