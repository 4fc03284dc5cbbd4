package dev.underpin.benchmarks.transactions;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.Question;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
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
 * Question: what does a transaction cost around its statements?
 *
 * <p>Dimensions: what is done; the database; contestant. Each takes the only connection of a pool and gives it back.
 * PostgreSQL is on the same machine and does not wait for its disk, which is as near as a database can be: counted are
 * the {@code round trips}, which are exact, and of which each takes as long as the network to another machine. H2 is in
 * the memory of the JVM, and shows what Java does alone.
 *
 * <p>All limit how long they may take, but by hand on H2. Only ours and by hand on PostgreSQL ask for what tells later
 * whether a commit was done.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar report --preset transactions --out <directory>}
 */
@Question("What does a transaction cost around its statements?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class TransactionBenchmark {
    /** What is counted beside time and bytes. */
    public static final String ROUND_TRIPS = "round trips";

    /** The driver prepares on the server what it has run some times. */
    private static final int UNTIL_PREPARED = 20;

    /** What is done. */
    @Param
    public Work work = Work.INSERT;

    /** Where. */
    @Param
    public Kind database = Kind.H2;

    private HikariDataSource pool;
    private Way way;

    /** Which database. */
    public enum Kind {
        /** In a process of its own. */
        POSTGRESQL,
        /** In the memory of the JVM. */
        H2
    }

    /** Connects, and counts the round trips of one transaction. */
    @Setup(Level.Trial)
    public void prepare(BenchmarkParams params) throws SQLException, IOException {
        String method = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        if (database == Kind.POSTGRESQL) {
            Counts.set(ROUND_TRIPS, roundTrips(method));
        }
        prepare(method);
    }

    void prepare(String method) throws SQLException {
        pool = database == Kind.H2
                ? TransactionDatabase.h2()
                : TransactionDatabase.postgres(TransactionDatabase.portOfThisRun());
        way = way(method, pool);
    }

    /** {@return how often a transaction waits for PostgreSQL, from taking the connection to giving it back} */
    int roundTrips(String method) throws SQLException, IOException {
        try (var trips = new RoundTrips(TransactionDatabase.portOfThisRun());
                HikariDataSource counted = TransactionDatabase.postgres(trips.port())) {
            Way through = way(method, counted);
            for (int i = 0; i < UNTIL_PREPARED; i++) {
                work.by(through);
            }
            int before = trips.count();
            work.by(through);
            return trips.count() - before;
        }
    }

    private Way way(String method, DataSource source) {
        return switch (method) {
            case "ours" -> new OurTransactions(source);
            case "jdbi" -> new JdbiTransactions(source);
            case "spring" -> SpringTransactions.withJdbcTemplate(source);
            case "springWithJdbi" -> SpringTransactions.withJdbi(source);
            case "byHand" -> database == Kind.H2 ? new H2ByHand(source) : new PostgresByHand(source);
            default -> throw new IllegalArgumentException("no way of " + method);
        };
    }

    /** Removes what the last iteration wrote, so that no table grows with the speed of who writes. */
    @Setup(Level.Iteration)
    public void empty() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("truncate table written");
        }
    }

    /** Closes the connection. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    DataSource pool() {
        return pool;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Transactions", role = Role.OURS)
    public long ours() throws SQLException {
        return work.by(way);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "JDBI inTransaction", role = Role.PEER)
    public long jdbi() throws SQLException {
        return work.by(way);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Spring TransactionTemplate and JdbcTemplate", role = Role.PEER)
    public long spring() throws SQLException {
        return work.by(way);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Spring TransactionTemplate, JDBI on its connection", role = Role.REFERENCE)
    public long springWithJdbi() throws SQLException {
        return work.by(way);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "JDBC by hand", role = Role.LIMIT)
    public long byHand() throws SQLException {
        return work.by(way);
    }
}
