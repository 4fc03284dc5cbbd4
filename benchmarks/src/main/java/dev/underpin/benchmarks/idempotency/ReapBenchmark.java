package dev.underpin.benchmarks.idempotency;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.benchmarks.idempotency.KeyDatabase.Commit;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
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

/**
 * Question: how fast are keys deleted that have expired?
 *
 * <p>Dimensions: how many rows have expired; contestant. A batch has 1000 of the rows that have expired. PostgreSQL is on the same machine,
 * and its commits do not wait for the disk.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar report --preset idempotency --out <directory>}
 */
@Question("How fast are keys deleted that have expired?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class ReapBenchmark {
    /** What a batch has. */
    static final int BATCH = 1000;

    private static final String BY_KEY =
            "delete from underpin_idempotency where k in (select k from underpin_idempotency"
                    + " where expires_at < now() order by expires_at limit ?)";

    /** How many rows have expired. */
    @Param("100000")
    public int expired = 100_000;

    private HikariDataSource pool;
    private IdempotencyStore store;

    /** Connects. */
    @Setup(Level.Trial)
    public void prepare() throws SQLException {
        pool = KeyDatabase.pool(KeyDatabase.portOfThisRun(Commit.UNFLUSHED), 1);
        KeyDatabase.create(pool);
        store = JdbiIdempotencyStore.of(Jdbi.create(pool));
    }

    /** Removes what is left, and writes rows that have expired. */
    @Setup(Level.Iteration)
    public void fill() throws SQLException {
        KeyDatabase.empty(pool);
        KeyDatabase.expired(pool, expired);
    }

    /** Closes the connection. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    HikariDataSource pool() {
        return pool;
    }

    /** {@return how many were deleted} */
    @Benchmark
    @Contestant(value = "IdempotencyStore.reap", role = Role.OURS)
    public int ours() {
        return batch(store.reap(BATCH));
    }

    /** {@return how many were deleted} */
    @Benchmark
    @Contestant(value = "delete where k in (select ... limit 1000)", role = Role.REFERENCE)
    public int byKey() throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(BY_KEY)) {
            statement.setInt(1, BATCH);
            return batch(statement.executeUpdate());
        }
    }

    private static int batch(int deleted) {
        if (deleted != BATCH) {
            throw new IllegalStateException("only " + deleted + " rows were left: write more of them before");
        }
        return deleted;
    }
}
