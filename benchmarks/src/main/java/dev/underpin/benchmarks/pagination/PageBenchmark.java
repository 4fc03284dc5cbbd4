package dev.underpin.benchmarks.pagination;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.Question;
import dev.underpin.benchmarks.pagination.Listing.Row;
import dev.underpin.benchmarks.pagination.Statements.Jdbc;
import dev.underpin.pagination.SeekSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Question: what does a page cost, wherever it is, in the service and in PostgreSQL?
 *
 * <p>Dimensions: the order; how deep the page is; contestant. Of a table of a million rows with an index for each order,
 * 50 rows and one more are read with JDBC, from writing the statement to the last row. All contestants but OFFSET know
 * the row before the page. Counted are {@code buffers}, the blocks that PostgreSQL looks at, which are exact where times
 * are not.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar report --preset pages --out <directory>}; JMH alone fills a
 * database for each method and parameter.
 */
@Question("What does a page cost, wherever it is, in the service and in PostgreSQL?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
@State(Scope.Thread)
public class PageBenchmark {
    /** What is counted beside time and bytes. */
    public static final String BUFFERS = "buffers";

    /** The order. */
    @Param
    public Listing listing = Listing.UNIFORM;

    /** How deep. */
    @Param
    public Depth depth = Depth.START;

    private Connection connection;
    private long before;
    private Statements statements;

    /** How many of the rows are before the page. */
    public enum Depth {
        /** None. */
        START(0),
        /** Half of them. */
        MIDDLE(0.5),
        /** All but one of a thousand. */
        END(0.999);

        private final double share;

        Depth(double share) {
            this.share = share;
        }

        private long of(int rows) {
            return (long) (share * rows);
        }
    }

    /** Connects, finds the row before the page, and counts what a statement touches. */
    @Setup(Level.Trial)
    public void prepare(BenchmarkParams params) throws SQLException {
        prepare();
        String method = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        Counts.set(BUFFERS, buffers(method));
    }

    void prepare() throws SQLException {
        connection = PageDatabase.connect();
        before = depth.of(PageDatabase.rows(connection));
        statements = new Statements(listing, before == 0 ? null : PageDatabase.at(connection, listing, before - 1));
    }

    /** {@return how many buffers the statements of a method touch} */
    long buffers(String method) throws SQLException {
        long buffers = 0;
        for (Jdbc statement : statements(method)) {
            buffers += PageDatabase.buffers(connection, statement);
        }
        return buffers;
    }

    private List<Jdbc> statements(String method) {
        return switch (method) {
            case "ours" -> List.of(rowsOf(statements.ours()));
            case "oursWithProbe" -> {
                SeekSql sql = statements.ours();
                yield sql.previousProbe() == null ? List.of(rowsOf(sql)) : List.of(rowsOf(sql), probeOf(sql));
            }
            case "offset" -> List.of(statements.offset(before));
            case "jooq" -> List.of(statements.jooq());
            case "spring" -> List.of(statements.spring());
            default -> throw new IllegalArgumentException("no statements of " + method);
        };
    }

    /** Closes the connection. */
    @TearDown(Level.Trial)
    public void close() throws SQLException {
        connection.close();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "PageQuery.sql", role = Role.OURS)
    public List<Row> ours() throws SQLException {
        return PageDatabase.rows(connection, rowsOf(statements.ours()));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "ours, and whether there is a page before", role = Role.REFERENCE)
    public List<Row> oursWithProbe() throws SQLException {
        SeekSql sql = statements.ours();
        List<Row> read = new ArrayList<>(PageDatabase.rows(connection, rowsOf(sql)));
        if (sql.previousProbe() != null) {
            read.addAll(PageDatabase.rows(connection, probeOf(sql)));
        }
        return read;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "OFFSET", role = Role.REFERENCE)
    public List<Row> offset() throws SQLException {
        return PageDatabase.rows(connection, statements.offset(before));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "jOOQ seek", role = Role.PEER)
    public List<Row> jooq() throws SQLException {
        return PageDatabase.rows(connection, statements.jooq());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "OR, as Spring Data writes it", role = Role.REFERENCE)
    public List<Row> spring() throws SQLException {
        return PageDatabase.rows(connection, statements.spring());
    }

    private Jdbc rowsOf(SeekSql sql) {
        return statements.jdbc(sql.rows(), sql.binds());
    }

    private Jdbc probeOf(SeekSql sql) {
        return statements.jdbc(sql.previousProbe(), sql.binds());
    }
}
