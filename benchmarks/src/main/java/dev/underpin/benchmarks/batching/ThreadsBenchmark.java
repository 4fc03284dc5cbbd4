package dev.underpin.benchmarks.batching;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.Question;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.dataloader.DataLoader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does it cost when threads load different keys by one loader?
 *
 * <p>Dimensions: how many threads; contestant. Each operation makes a loader, has the threads load 20000 keys in all, each its
 * own part, and dispatches. The time is that of one key with all of it; the count is the time that the threads were on a CPU for
 * one load, without the dispatch. Nothing of ours is split, as with the peer, and nothing leaves early.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar batching.ThreadsBenchmark -prof gc}
 */
@Question("What does it cost when threads load different keys by one loader?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(ThreadsBenchmark.KEYS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class ThreadsBenchmark {
    /** The count: ns on a CPU for one load. */
    public static final String CPU = "CPU ns/load";

    static final int KEYS = 20_000;

    /** How many threads there are. */
    @Param({"1", "2", "4"})
    public int threads;

    private final Articles articles = new Articles(KEYS);
    private final Loader<Integer, String> ours = Loader.named("articles")
            .maxBatch(KEYS)
            .maxWait(Duration.ofMinutes(1))
            .batchTimeout(Duration.ofMinutes(2))
            .build((List<Integer> keys) -> articles.whole());
    private Crew crew;
    private long cpuNanos;
    private long loads;

    /** Starts the threads. */
    @Setup
    public void start() {
        crew = new Crew(threads);
    }

    /** Ends the threads. */
    @TearDown
    public void end() {
        crew.close();
    }

    /** Says how long a load took. */
    @TearDown(Level.Iteration)
    public void count() {
        Counts.set(CPU, cpuNanosOfALoad());
        cpuNanos = 0;
        loads = 0;
    }

    double cpuNanosOfALoad() {
        return (double) cpuNanos / loads;
    }

    private void load(Consumer<Integer> load) {
        int share = KEYS / crew.size();
        cpuNanos += crew.run(member -> {
            for (int i = member * share; i < (member + 1) * share; i++) {
                load.accept(articles.keys[i]);
            }
        });
        loads += KEYS;
    }

    /** {@return the last result} */
    @Benchmark
    @Contestant(value = "ScopedLoader.loadAsync", role = Role.OURS)
    public Object ours() {
        try (LoadScope scope = LoadScope.open()) {
            ScopedLoader<Integer, String> loader = scope.loader(ours);
            load(loader::loadAsync);
            scope.flush();
            return loader.load(articles.keys[KEYS - 1]);
        }
    }

    /** {@return the last value} */
    @Benchmark
    @Contestant(value = "java-dataloader load", role = Role.PEER)
    public Object dataLoader() {
        DataLoader<Integer, String> loader = articles.mappedDataLoader();
        load(loader::load);
        loader.dispatchAndJoin();
        return loader.load(articles.keys[KEYS - 1]).join();
    }

    /** {@return the last result} */
    @Benchmark
    @Contestant(value = "one object per key by hand", role = Role.LIMIT)
    public Object fused() {
        FusedFloor<Integer, String> loader = new FusedFloor<>(articles::byHand);
        load(loader::load);
        loader.dispatch();
        CompletableFuture<?> last = loader.load(articles.keys[KEYS - 1]);
        return last.join();
    }
}
