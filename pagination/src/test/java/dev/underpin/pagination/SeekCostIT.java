package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A page in the middle of 100 000 rows costs PostgreSQL what the first one does, counted in buffers: exact, where times
 * are not.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeekCostIT {
    private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");
    private static final Pattern BUFFERS = Pattern.compile("Buffers: shared hit=(\\d+)(?: read=(\\d+))?");
    private static final String SELECT = "select r.* from r";
    /** 51 rows, and 1.2 of what the first page of the primary key takes. */
    private static final int MOST = 63;

    /** What an order is made of: few values, many values, and one that is null in every other row. */
    private record R(long id, long few, long many, @Nullable Long holey) {}

    private static final PageSpec<R> SPEC = PageSpec.named("r", R.class)
            .sort("few", "r.few", ColumnType.LONG, R::few)
            .sort("many", "r.many", ColumnType.LONG, R::many)
            .sortNullsFirst("holeyFirst", "r.holey", ColumnType.LONG, R::holey)
            .sortNullsLast("holeyLast", "r.holey", ColumnType.LONG, R::holey)
            .unique("id", "r.id", ColumnType.LONG, R::id)
            .size(50, 100)
            .build();

    private EmbeddedPostgres server;
    private Connection database;

    @BeforeAll
    void fill() throws Exception {
        server = EmbeddedPostgres.start();
        database = server.getPostgresDatabase().getConnection();
        try (Statement statement = database.createStatement()) {
            // In an order of the heap that is none of the indexes'.
            statement.execute("create table r as select id, hash % 3 as few, hash / 2 as many,"
                    + " case when id % 2 = 0 then null else hash end as holey, repeat('x', 150) as filler"
                    + " from (select id, abs(hashint8(id)::bigint) as hash from generate_series(1, 100000) id) ids"
                    + " order by hashint8(id + 7)");
            statement.execute("alter table r alter few set not null, alter many set not null, add primary key (id)");
            statement.execute("create index on r (many, id)");
            statement.execute("create index on r (many, id desc)");
            statement.execute("create index on r (few, many desc, id desc)");
            statement.execute("create index on r (few desc, many desc, id desc)");
            statement.execute("create index on r (holey, id)");
            statement.execute("create index on r (holey desc, id)");
            statement.execute("create index on r (few, holey, id)");
            statement.execute("vacuum analyze r");
        }
    }

    @AfterAll
    void stop() throws SQLException, IOException {
        database.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            id                  | id
            -id                 | id desc
            many                | many, id
            -many               | many desc, id desc
            many,-id            | many, id desc
            few,-many           | few, many desc, id desc
            -few,-many          | few desc, many desc, id desc
            holeyLast           | holey nulls last, id
            -holeyLast          | holey desc nulls last, id desc
            holeyFirst          | holey nulls first, id
            -holeyFirst         | holey desc nulls first, id desc
            few,holeyLast       | few, holey nulls last, id
            """)
    void buffers_anywhere_areThoseOfFiftyRows(String sort, String order) throws SQLException {
        PageQuery<R> query = Paginator.builder(1, new byte[32])
                .build()
                .parse(SPEC, Map.of("sort", List.of(sort)), "")
                .orElseThrow();
        SeekSql first = query.sql(Dialect.POSTGRESQL, SELECT, "");
        // One for each row, whose place in the heap is anywhere, and few for the indexes.
        assertThat(buffers(first.rows(), first.binds())).as("first page").isLessThanOrEqualTo(MOST);
        for (int depth : new int[] {1_000, 30_000, 49_999, 50_000, 70_000, 99_000}) {
            PageQuery<R> after = query.after(at(order, depth));
            for (PageQuery<R> deep : List.of(after, SeekSqlQueries.before(query, at(order, depth)))) {
                SeekSql sql = deep.sql(Dialect.POSTGRESQL, SELECT, "");
                assertThat(buffers(sql.rows(), sql.binds())).as("at %s", depth).isLessThanOrEqualTo(MOST);
                assertThat(buffers(sql.previousProbe(), sql.binds()))
                        .as("probe at %s", depth)
                        .isLessThanOrEqualTo(10);
            }
        }
    }

    /** {@return the row at a depth of the listing, found the slow way} */
    private R at(String order, int depth) throws SQLException {
        String all = "select * from r order by " + order + " limit 1 offset " + depth;
        try (Statement statement = database.createStatement();
                ResultSet rs = statement.executeQuery(all)) {
            rs.next();
            return new R(rs.getLong("id"), rs.getLong("few"), rs.getLong("many"), rs.getObject("holey", Long.class));
        }
    }

    private String plan(String sql, Map<String, Object> binds) throws SQLException {
        List<Object> values = new ArrayList<>();
        Matcher parameters = PARAMETER.matcher(sql);
        while (parameters.find()) {
            values.add(binds.get(parameters.group(1)));
        }
        try (PreparedStatement statement =
                database.prepareStatement("explain (analyze, buffers) " + parameters.replaceAll("?"))) {
            for (int i = 0; i < values.size(); i++) {
                statement.setObject(i + 1, values.get(i));
            }
            StringBuilder plan = new StringBuilder();
            try (ResultSet rs = statement.executeQuery()) {
                while (rs.next()) {
                    plan.append(rs.getString(1)).append('\n');
                }
            }
            return plan.toString();
        }
    }

    /** {@return how many buffers a statement touches, in the cache or not} */
    private long buffers(String sql, Map<String, Object> binds) throws SQLException {
        String plan = plan(sql, binds);
        Matcher buffers = BUFFERS.matcher(plan);
        assertThat(buffers.find()).as(plan).isTrue();
        String read = buffers.group(2);
        return Long.parseLong(buffers.group(1)) + (read == null ? 0 : Long.parseLong(read));
    }
}
