package dev.underpin.benchmarks.idempotency;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.Question;
import dev.underpin.benchmarks.idempotency.KeyDatabase.Commit;
import dev.underpin.benchmarks.transactions.RoundTrips;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Replay;
import java.io.IOException;
import java.sql.SQLException;
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
 * Question: what does it cost to execute a request once, above its transaction?
 *
 * <p>Dimensions: what a commit waits for; contestant. The transaction inserts a row and updates another one; the answer has
 * 200 bytes; each request is a new one. Each contestant takes the only connection of a pool. PostgreSQL is on the same
 * machine. Where its commits do not wait for the disk there are counted: the {@code round trips}, which are exact; of the
 * server, {@code server µs} on a CPU, the best of ten batches of 500 requests, {@code WAL B} and {@code B/row} of the table of
 * keys with its indexes, of all of these.
 *
 * <p>The transaction alone is the reference: it is not idempotent.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar report --preset idempotency --out <directory>}
 */
@Question("What does it cost to execute a request once, above its transaction?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class ExecuteBenchmark {
    /** What is counted beside time and bytes. */
    public static final String ROUND_TRIPS = "round trips";

    /** Time of the server on a CPU, beside. */
    public static final String SERVER_CPU = ServerCosts.CPU;

    /** What went to the log, beside. */
    public static final String WAL = ServerCosts.WAL;

    /** What a key takes, beside. */
    public static final String ROW = ServerCosts.ROW;

    /** The driver prepares on the server what it has run some times. */
    private static final int UNTIL_PREPARED = 20;

    /** Requests between two looks at the time that the server has had. */
    private static final int BATCH = 500;

    /** What a commit waits for. */
    @Param
    public Commit commit = Commit.UNFLUSHED;

    private final Requests requests = new Requests();
    private HikariDataSource pool;
    private Form form;

    /** Connects, and counts what an execution costs. */
    @Setup(Level.Trial)
    public void prepare(BenchmarkParams params) throws SQLException, IOException {
        String method = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        prepare(method);
        if (commit == Commit.UNFLUSHED) {
            Counts.set(ROUND_TRIPS, roundTrips(method));
            costs(BATCH).tell();
        }
    }

    void prepare(String method) throws SQLException {
        pool = KeyDatabase.pool(KeyDatabase.portOfThisRun(commit), 1);
        KeyDatabase.create(pool);
        form = form(method, pool);
    }

    ServerCosts costs(int batch) throws SQLException, IOException {
        return ServerCosts.of(pool, form, batch);
    }

    /** {@return how often an execution waits for PostgreSQL, from taking the first connection to giving the last back} */
    int roundTrips(String method) throws SQLException, IOException {
        try (var trips = new RoundTrips(KeyDatabase.portOfThisRun(commit));
                HikariDataSource counted = KeyDatabase.pool(trips.port(), 1)) {
            Form through = form(method, counted);
            for (int i = 0; i < UNTIL_PREPARED; i++) {
                through.execute(requests.fresh());
            }
            int before = trips.count();
            through.execute(requests.fresh());
            return trips.count() - before;
        }
    }

    private static Form form(String method, DataSource source) {
        var ours = new OurForms(source);
        var byHand = new FormsByHand(source);
        return switch (method) {
            case "ours" -> ours.sameTransaction();
            case "leased" -> ours.leased();
            case "bare" -> ours.bare();
            case "byHand" -> byHand::sameTransaction;
            case "bareByHand" -> byHand::bare;
            case "claimAndUpdate" -> byHand::claimAndUpdate;
            case "serializable" -> byHand::serializable;
            case "threeCommits" -> byHand::threeCommits;
            default -> throw new IllegalArgumentException("no form of " + method);
        };
    }

    /** Removes what the last iteration wrote, so that no table grows with the speed of who writes. */
    @Setup(Level.Iteration)
    public void empty() throws SQLException {
        KeyDatabase.empty(pool);
    }

    /** Closes the connection. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    HikariDataSource pool() {
        return pool;
    }

    Replay<String> execute(IdempotentRequest request) throws SQLException {
        return form.execute(request);
    }

    private Replay<String> execute() throws SQLException {
        return form.execute(requests.fresh());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "IdempotentTransactions", role = Role.OURS)
    public Replay<String> ours() throws SQLException {
        return execute();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the same in JDBC by hand", role = Role.LIMIT)
    public Replay<String> byHand() throws SQLException {
        return execute();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "no key: Transactions", role = Role.REFERENCE)
    public Replay<String> bare() throws SQLException {
        return execute();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "no key: JDBC by hand", role = Role.REFERENCE)
    public Replay<String> bareByHand() throws SQLException {
        return execute();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "one transaction, claimed at its start and updated at its end", role = Role.REFERENCE)
    public Replay<String> claimAndUpdate() throws SQLException {
        return execute();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "two SERIALIZABLE transactions: select and insert; effect and update", role = Role.REFERENCE)
    public Replay<String> serializable() throws SQLException {
        return execute();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "three commits: select and insert; effect; update", role = Role.REFERENCE)
    public Replay<String> threeCommits() throws SQLException {
        return execute();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Idempotency with one step in a transaction", role = Role.REFERENCE)
    public Replay<String> leased() throws SQLException {
        return execute();
    }
}
