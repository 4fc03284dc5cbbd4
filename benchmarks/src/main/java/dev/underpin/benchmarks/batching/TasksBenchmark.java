package dev.underpin.benchmarks.batching;

import com.sun.management.OperatingSystemMXBean;
import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.Question;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.dataloader.DataLoader;
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
 * Question: What does it cost when each of many tasks waits for a key of its own?
 *
 * <p>Dimensions: how many tasks; what kind of thread each has; contestant. All keys are loaded together, when the last task has
 * come to wait: ours sees that by itself, the others are told. The count is the time that the JVM was on CPUs for a task, with all its threads.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar batching.TasksBenchmark -prof gc}
 */
@Question("What does it cost when each of many tasks waits for a key of its own?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class TasksBenchmark {
    /** The count: ns on CPUs for one task. */
    public static final String CPU = "CPU ns/task";

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** How many tasks there are. */
    @Param({"100", "1000"})
    public int tasks;

    /** What kind of thread each task has. */
    @Param("PLATFORM")
    public Kind kind;

    private ExecutorService executor;
    private Articles articles;
    private Loader<Integer, String> ours;
    private long cpuNanos;
    private long operations;

    /** Makes the keys. */
    @Setup
    public void prepare() {
        executor = kind.executor();
        articles = new Articles(tasks);
        ours = articles.ours(tasks);
    }

    /** Remembers when it began. */
    @Setup(Level.Iteration)
    public void begin() {
        cpuNanos = SYSTEM.getProcessCpuTime();
        operations = 0;
    }

    /** Says how long a task took. */
    @TearDown(Level.Iteration)
    public void count() {
        Counts.set(CPU, cpuNanosOfATask());
    }

    double cpuNanosOfATask() {
        return (double) (SYSTEM.getProcessCpuTime() - cpuNanos) / operations / tasks;
    }

    /** Ends the threads. */
    @TearDown
    public void close() {
        executor.shutdown();
    }

    private <T> List<Future<T>> start(Function<Integer, T> task) {
        operations++;
        List<Future<T>> futures = new ArrayList<>(tasks);
        for (Integer key : articles.keys) {
            futures.add(executor.submit(() -> task.apply(key)));
        }
        return futures;
    }

    private static <T> List<T> results(List<Future<T>> futures) {
        List<T> results = new ArrayList<>(futures.size());
        try {
            for (Future<T> future : futures) {
                results.add(future.get());
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
        return results;
    }

    /** {@return the results} */
    @Benchmark
    @Contestant(value = "LoadScope.mapAll, load", role = Role.OURS)
    public List<?> ours() {
        operations++;
        try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
            ScopedLoader<Integer, String> loader = scope.loader(ours);
            return scope.mapAll(articles.list, loader::load);
        }
    }

    /** {@return the keys} */
    @Benchmark
    @Contestant(value = "tasks that do nothing", role = Role.REFERENCE)
    public List<Integer> started() {
        return results(start(key -> key));
    }

    /** {@return the keys} */
    @Benchmark
    @Contestant(value = "tasks that wait until all have come", role = Role.LIMIT)
    public List<Integer> parked() {
        AtomicInteger missing = new AtomicInteger(tasks);
        CountDownLatch gate = new CountDownLatch(1);
        return results(start(key -> {
            if (missing.decrementAndGet() == 0) {
                gate.countDown();
            }
            await(gate);
            return key;
        }));
    }

    /** {@return the values} */
    @Benchmark
    @Contestant(value = "java-dataloader load, join, dispatched by the last", role = Role.PEER)
    public List<?> dataLoader() {
        DataLoader<Integer, String> loader = articles.mappedDataLoader();
        AtomicInteger missing = new AtomicInteger(tasks);
        CountDownLatch gate = new CountDownLatch(1);
        List<Future<String>> futures = start(key -> {
            var value = loader.load(key);
            if (missing.decrementAndGet() == 0) {
                gate.countDown();
            }
            return value.join();
        });
        await(gate);
        loader.dispatchAndJoin();
        return results(futures);
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
