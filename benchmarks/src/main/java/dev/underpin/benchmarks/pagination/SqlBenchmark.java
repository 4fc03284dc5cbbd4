package dev.underpin.benchmarks.pagination;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.pagination.SeekSql;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jooq.Record;
import org.jooq.Select;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it cost to write the SQL of a page?
 *
 * <p>Dimensions: the first page or the one behind a cursor (the row); the order; contestant. Ours gives the statement of
 * the page, for the page behind a cursor also the one that says whether there is a page before it, and the values of
 * both. The limit has both texts ready and adds the values. jOOQ gives the text of the page alone; its users make the
 * query for each request, and what it takes to render one that is there already is shown beside it.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar pagination.SqlBenchmark -prof gc}
 */
@Question("What does it cost to write the SQL of a page?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class SqlBenchmark {
    private static final Listing.Row AFTER =
            new Listing.Row(481_516, Keys.ROW.createdAt(), "open", Instant.parse("2026-02-01T00:00:00.000001Z"));

    /** The order. */
    @Param
    public Listing listing = Listing.UNIFORM;

    private Statements first;
    private Statements deep;
    private Select<Record> firstJooq;
    private Select<Record> deepJooq;
    private String firstText;
    private String deepText;
    private String probeText;
    private Listing.Row after = AFTER;

    /** Makes the requests. */
    @Setup(Level.Trial)
    public void prepare() {
        first = new Statements(listing, null);
        deep = new Statements(listing, AFTER);
        firstJooq = first.jooqSelect();
        deepJooq = deep.jooqSelect();
        firstText = first.ours().rows();
        deepText = deep.ours().rows();
        probeText = deep.ours().previousProbe();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "PageQuery.sql", role = Role.OURS, row = "first page")
    public SeekSql firstOurs() {
        return first.ours();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "values beside a constant", role = Role.LIMIT, row = "first page")
    public SeekSql firstByHand() {
        return new SeekSql(firstText, null, Map.of("pgn_limit", Listing.SIZE + 1));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "jOOQ, made and rendered", role = Role.PEER, row = "first page")
    public String firstJooq() {
        return first.jooqSelect().getSQL();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "jOOQ, rendered", role = Role.REFERENCE, row = "first page")
    public String firstJooqRendered() {
        return firstJooq.getSQL();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "PageQuery.sql", role = Role.OURS, row = "behind a cursor")
    public SeekSql deepOurs() {
        return deep.ours();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "values beside constants", role = Role.LIMIT, row = "behind a cursor")
    public SeekSql deepByHand() {
        return new SeekSql(deepText, probeText, binds());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "jOOQ seek, made and rendered", role = Role.PEER, row = "behind a cursor")
    public String deepJooq() {
        return deep.jooqSelect().getSQL();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "jOOQ seek, rendered", role = Role.REFERENCE, row = "behind a cursor")
    public String deepJooqRendered() {
        return deepJooq.getSQL();
    }

    private Map<String, Object> binds() {
        int limit = Listing.SIZE + 1;
        return switch (listing) {
            case UNIFORM, MIXED ->
                Map.of("pgn_v1", after.createdAt(), "pgn_v2", after.id(), "pgn_limit", limit, "pgn_one", 1);
            case FEW ->
                Map.of(
                        "pgn_v1",
                        after.status(),
                        "pgn_v2",
                        after.createdAt(),
                        "pgn_v3",
                        after.id(),
                        "pgn_limit",
                        limit,
                        "pgn_one",
                        1);
            case NULLABLE ->
                Map.of("pgn_v1", after.deletedAt(), "pgn_v2", after.id(), "pgn_limit", limit, "pgn_one", 1);
        };
    }
}
