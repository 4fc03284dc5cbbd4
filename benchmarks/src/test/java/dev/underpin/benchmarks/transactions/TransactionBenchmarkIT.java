package dev.underpin.benchmarks.transactions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.transactions.TransactionBenchmark.Kind;
import java.io.IOException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** All contestants do the same in their transactions, and the round trips of each are counted. */
class TransactionBenchmarkIT {
    private static final List<String> METHODS = Arrays.stream(TransactionBenchmark.class.getMethods())
            .filter(method -> method.isAnnotationPresent(Benchmark.class))
            .map(Method::getName)
            .sorted()
            .toList();

    private static TransactionDatabase database;

    @BeforeAll
    static void start() throws IOException {
        database = TransactionDatabase.start();
        System.setProperty(TransactionDatabase.PORT, Integer.toString(database.port()));
    }

    @AfterAll
    static void close() throws IOException {
        System.clearProperty(TransactionDatabase.PORT);
        database.close();
    }

    private static Stream<Arguments> all() {
        return Arrays.stream(Kind.values())
                .flatMap(kind -> Arrays.stream(Work.values())
                        .flatMap(work -> METHODS.stream().map(method -> Arguments.of(kind, work, method))));
    }

    @ParameterizedTest
    @MethodSource("all")
    void run_anyContestant_doesTheSame(Kind kind, Work work, String method) throws Exception {
        TransactionBenchmark benchmark = benchmark(kind, work);
        benchmark.prepare(method);
        try {
            long outcome = (long) TransactionBenchmark.class.getMethod(method).invoke(benchmark);

            assertThat(outcome)
                    .isEqualTo(
                            switch (work) {
                                case INSERT -> 1;
                                case SERIALIZABLE, READ_ONLY -> 700;
                                case ROLLED_BACK -> Way.REFUSED;
                                case NESTED -> 2;
                            });
            assertThat(written(benchmark))
                    .isEqualTo(
                            switch (work) {
                                case INSERT, SERIALIZABLE -> 1;
                                case READ_ONLY, ROLLED_BACK -> 0;
                                case NESTED -> 2;
                            });
        } finally {
            benchmark.close();
        }
    }

    /** Exact: where one of them changes, a library has changed. */
    @ParameterizedTest
    @CsvSource({
        // ours, JDBI, Spring, by hand
        "INSERT, 3, 2, 2, 2",
        "SERIALIZABLE, 4, 7, 6, 3",
        "READ_ONLY, 3, 6, 5, 2",
        "ROLLED_BACK, 3, 2, 2, 2",
        "NESTED, 6, 5, 5, 5"
    })
    void roundTrips_anyWork_areThose(Work work, int ours, int jdbi, int spring, int byHand) throws Exception {
        TransactionBenchmark benchmark = benchmark(Kind.POSTGRESQL, work);

        assertThat(benchmark.roundTrips("ours")).as("ours").isEqualTo(ours);
        assertThat(benchmark.roundTrips("jdbi")).as("jdbi").isEqualTo(jdbi);
        assertThat(benchmark.roundTrips("spring")).as("spring").isEqualTo(spring);
        assertThat(benchmark.roundTrips("springWithJdbi")).as("springWithJdbi").isEqualTo(spring);
        assertThat(benchmark.roundTrips("byHand")).as("byHand").isEqualTo(byHand);
    }

    @Test
    void run_everyMethodOnce_countsRoundTrips() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(TransactionBenchmark.class.getName())
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(10))
                        .param("work", "SERIALIZABLE")
                        .param("database", "POSTGRESQL")
                        .addProfiler(Counts.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();

        assertThat(results)
                .hasSize(METHODS.size())
                .allSatisfy(result -> assertThat(result.getSecondaryResults()
                                .get(Counts.PREFIX + TransactionBenchmark.ROUND_TRIPS)
                                .getScore())
                        .isGreaterThanOrEqualTo(3));
    }

    private static TransactionBenchmark benchmark(Kind kind, Work work) {
        var benchmark = new TransactionBenchmark();
        benchmark.database = kind;
        benchmark.work = work;
        return benchmark;
    }

    private static long written(TransactionBenchmark benchmark) throws SQLException {
        try (Connection connection = benchmark.pool().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rs = statement.executeQuery("select count(*) from written")) {
            rs.next();
            return rs.getLong(1);
        }
    }
}
