package dev.underpin.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.benchmarks.idempotency.ExecuteBenchmark;
import dev.underpin.benchmarks.idempotency.LiveClaimBenchmark;
import dev.underpin.benchmarks.idempotency.ReapBenchmark;
import dev.underpin.benchmarks.idempotency.StoreBenchmark;
import dev.underpin.benchmarks.pagination.PageBenchmark;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs, and says what it is compared as; those that need a PostgreSQL run in {@code PagesIT},
 * {@code TransactionBenchmarkIT} and {@code IdempotencyIT}. */
class SmokeTest {
    private static final Set<Class<?>> ON_POSTGRESQL = Set.of(
            PageBenchmark.class,
            ExecuteBenchmark.class,
            StoreBenchmark.class,
            ReapBenchmark.class,
            LiveClaimBenchmark.class);

    /** Each parameter at one value: the others take the same path, or are held against each other elsewhere. */
    private static final Options OPTIONS = new OptionsBuilder()
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(10))
            .param("failures", "50")
            .param("steps", "TEN")
            .param("depth", "10")
            .param("items", "10")
            .param("outcome", "LAST_FAILS")
            .param("faults", "1")
            .param("jackson", "JACKSON_2")
            .param("thrown", "WRAPPED")
            .param("keys", "THREE")
            .param("listing", "FEW")
            .param("work", "NESTED")
            .param("database", "H2")
            .param("clients", "1000")
            .param("draw", "ZIPF")
            .param("most", "1000")
            .param("n", "10")
            .param("threads", "2")
            .param("tasks", "100")
            .param("kind", "PLATFORM")
            .exclude(ON_POSTGRESQL.stream().map(Class::getName).collect(Collectors.joining("|", "(", ")\\.")))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();

    @Test
    void run_everyBenchmarkOnce_succeeds() throws RunnerException {
        Collection<RunResult> results = new Runner(OPTIONS).run();

        assertThat(results.stream().map(result -> result.getParams().getBenchmark()))
                .containsExactlyInAnyOrderElementsOf(benchmarks().stream()
                        .filter(method -> !ON_POSTGRESQL.contains(method.getDeclaringClass()))
                        .map(SmokeTest::name)
                        .collect(Collectors.toSet()));
    }

    @Test
    void contestant_everyBenchmark_isOne() {
        assertThat(benchmarks())
                .isNotEmpty()
                .allSatisfy(method -> assertThat(method.getAnnotation(Contestant.class))
                        .as(name(method))
                        .isNotNull());
    }

    @Test
    void question_everyClass_isAsked() {
        assertThat(classes())
                .isNotEmpty()
                .allSatisfy(type -> assertThat(type.getAnnotation(Question.class))
                        .as(type.getName())
                        .isNotNull());
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getName() + "." + method.getName();
    }

    private static List<Method> benchmarks() {
        return classes().stream()
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .filter(method -> method.isAnnotationPresent(Benchmark.class))
                .toList();
    }

    private static Set<Class<?>> classes() {
        Set<BenchmarkListEntry> entries = BenchmarkList.defaultList()
                .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());
        return entries.stream()
                .map(BenchmarkListEntry::getUserClassQName)
                .map(SmokeTest::load)
                .collect(Collectors.toSet());
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
