package dev.underpin.benchmarks.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.pagination.Listing.Row;
import dev.underpin.benchmarks.pagination.PageBenchmark.Depth;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What is measured with PostgreSQL agrees there, on a table that is small enough for a test. */
class PagesIT {
    private static final int ROWS = 20_000;

    private static PageDatabase database;

    @BeforeAll
    static void start() throws Exception {
        database = PageDatabase.start(ROWS);
        System.setProperty(PageDatabase.URL, database.url());
    }

    @AfterAll
    static void close() throws IOException {
        System.clearProperty(PageDatabase.URL);
        database.close();
    }

    private static Stream<Arguments> pages() {
        return Arrays.stream(Listing.values())
                .flatMap(listing -> Arrays.stream(Depth.values()).map(depth -> Arguments.of(listing, depth)));
    }

    private static PageBenchmark benchmark(Listing listing, Depth depth) throws SQLException {
        var benchmark = new PageBenchmark();
        benchmark.listing = listing;
        benchmark.depth = depth;
        benchmark.prepare();
        return benchmark;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void rows_anyContestant_areTheSame(Listing listing, Depth depth) throws SQLException {
        PageBenchmark benchmark = benchmark(listing, depth);
        try {
            List<Row> rows = benchmark.ours();

            assertThat(rows).hasSize(depth == Depth.END ? ROWS / 1000 : Listing.SIZE + 1);
            assertThat(benchmark.offset()).isEqualTo(rows);
            assertThat(benchmark.jooq()).isEqualTo(rows);
            assertThat(benchmark.spring()).isEqualTo(rows);
            assertThat(benchmark.oursWithProbe())
                    .startsWith(rows.toArray(Row[]::new))
                    .hasSize(rows.size() + (depth == Depth.START ? 0 : 1));
        } finally {
            benchmark.close();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void buffers_anyContestant_areCountedOfItsOwnStatements(Listing listing, Depth depth) throws SQLException {
        PageBenchmark benchmark = benchmark(listing, depth);
        try {
            List<String> methods = Arrays.stream(PageBenchmark.class.getMethods())
                    .filter(method -> method.isAnnotationPresent(Benchmark.class))
                    .map(java.lang.reflect.Method::getName)
                    .toList();
            assertThat(methods).hasSize(5);
            for (String method : methods) {
                assertThat(benchmark.buffers(method)).as(method).isPositive();
            }
            assertThat(benchmark.buffers("ours")).isLessThanOrEqualTo(64);
            if (depth == Depth.MIDDLE) {
                assertThat(benchmark.buffers("offset")).isGreaterThan(10 * benchmark.buffers("ours"));
            }
        } finally {
            benchmark.close();
        }
    }

    @Test
    void run_everyMethodOnce_countsBuffers() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(PageBenchmark.class.getName())
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(10))
                        .param("listing", "FEW")
                        .param("depth", "MIDDLE")
                        .addProfiler(Counts.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();

        assertThat(results)
                .hasSize(5)
                .allSatisfy(result -> assertThat(result.getSecondaryResults()
                                .get(Counts.PREFIX + PageBenchmark.BUFFERS)
                                .getScore())
                        .isPositive());
    }

    @Test
    void at_middleOfNullable_hasAValueAndTheEndHasNone() throws SQLException {
        try (var connection = PageDatabase.connect()) {
            assertThat(PageDatabase.at(connection, Listing.NULLABLE, ROWS / 2 - 1)
                            .deletedAt())
                    .isNotNull();
            assertThat(PageDatabase.at(connection, Listing.NULLABLE, ROWS - 2).deletedAt())
                    .isNull();
        }
    }
}
