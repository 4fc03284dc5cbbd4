package dev.underpin.benchmarks.batching;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.persistence.StatementRecorder;
import dev.underpin.persistence.StatementRecorder.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does it cost to record a statement?
 *
 * <p>Dimensions: whether it runs once or again (the row); contestant. Told to what the recorder has put into JDBI: the statements
 * of a request, a hundred, which ran before the measurement on H2. The figures are those of one of them. In a service there are
 * some ten frames of JDBI more on the stack that is walked from the second time on.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar batching.RecorderBenchmark -prof gc}
 */
@Question("What does it cost to record a statement?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(RecorderBenchmark.STATEMENTS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class RecorderBenchmark {
    static final int STATEMENTS = 100;

    private final List<StatementContext> different = new ArrayList<>();
    private final List<StatementContext> same = new ArrayList<>();
    private final StatementRecorder recorder;
    private final SqlLogger logger;

    /** Runs the statements, and keeps what JDBI tells of them. */
    public RecorderBenchmark() {
        Jdbi jdbi = Jdbi.create("jdbc:h2:mem:");
        List<StatementContext> seen = new ArrayList<>();
        jdbi.getConfig(SqlStatements.class).setSqlLogger(new SqlLogger() {
            @Override
            public void logAfterExecution(StatementContext context) {
                seen.add(context);
            }
        });
        try (Handle handle = jdbi.open()) {
            handle.execute("create table article (id int) as select x from system_range(0, ?)", STATEMENTS);
            seen.clear();
            for (int i = 0; i < STATEMENTS; i++) {
                run(handle, "select id as column" + i + " from article where id = :id", i);
            }
            different.addAll(seen);
            seen.clear();
            for (int i = 0; i < STATEMENTS; i++) {
                run(handle, "select id from article where id = :id", i);
            }
            same.addAll(seen);
        }
        jdbi.getConfig(SqlStatements.class).setSqlLogger(SqlLogger.NOP_SQL_LOGGER);
        recorder = StatementRecorder.install(jdbi);
        logger = jdbi.getConfig(SqlStatements.class).getSqlLogger();
    }

    private static void run(Handle handle, String sql, int id) {
        handle.createQuery(sql).bind("id", id).mapTo(int.class).one();
    }

    private Recording record(List<StatementContext> statements) {
        try (Recording recording = recorder.start("request")) {
            tell(statements);
            return recording;
        }
    }

    private void tell(List<StatementContext> statements) {
        for (StatementContext statement : statements) {
            logger.logAfterExecution(statement);
        }
    }

    /** {@return what was recorded} */
    @Benchmark
    @Contestant(value = "recorded", role = Role.OURS, row = "different statements")
    public Recording once() {
        return record(different);
    }

    /** {@return what was told} */
    @Benchmark
    @Contestant(value = "not recorded", role = Role.REFERENCE, row = "different statements")
    public List<StatementContext> unrecorded() {
        tell(different);
        return different;
    }

    /** {@return what was recorded} */
    @Benchmark
    @Contestant(value = "recorded", role = Role.OURS, row = "one statement again and again")
    public Recording again() {
        return record(same);
    }
}
