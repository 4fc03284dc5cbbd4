package dev.underpin.benchmarks.caching;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.sun.management.ThreadMXBean;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.Question;
import dev.underpin.caching.CacheAside;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.lang.management.ManagementFactory;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: What does it allocate to wait for the load of another thread?
 *
 * <p>Dimensions: contestant. One thread loads, and ends when the other waits; the count is what the latter allocates. The time is
 * that of two threads that hand over to each other, which the operating system decides.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar caching.WaiterBenchmark -prof gc}
 */
@Question("What does it allocate to wait for the load of another thread?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class WaiterBenchmark {
    /** The count: what the thread that waits allocates. */
    public static final String BYTES = "waiter B";

    private static final String KEY = "product-0";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final Loader loader = new Loader();
    private final CacheAside<String, String> ours = Ours.plain(this::result);
    private final Cache<String, String> caffeine = Peers.caffeine();
    private final AsyncCache<String, String> async = Peers.async();
    private final com.alicp.jetcache.Cache<String, String> jetCache = Peers.jetCache();
    private volatile Thread waiter;
    private volatile boolean loading;
    private long bytes;
    private long waits;

    /** Loads when the other thread waits for it. */
    private String load(String key) {
        loading = true;
        while (waiter.getState() == Thread.State.RUNNABLE) {
            Thread.yield();
        }
        return loader.apply(key);
    }

    private Result<String, DomainError> result(String key) {
        return Result.ok(load(key));
    }

    private <T> T wait(Supplier<T> get) {
        waiter = Thread.currentThread();
        loading = false;
        Future<T> first = executor.submit(get::get);
        while (!loading) {
            Thread.yield();
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();
        T value = get.get();
        bytes += THREADS.getCurrentThreadAllocatedBytes() - before;
        waits++;
        try {
            if (!value.equals(first.get())) {
                throw new AssertionError("the two callers have different values");
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
        return value;
    }

    /** Says how much was allocated for each wait. */
    @TearDown(Level.Iteration)
    public void count() {
        Counts.set(BYTES, (double) bytes / waits);
        bytes = 0;
        waits = 0;
    }

    /** Ends the other thread. */
    @TearDown
    public void close() {
        executor.shutdown();
    }

    int loads() {
        return loader.loads();
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "CacheAside.get", role = Role.OURS)
    public Result<String, DomainError> ours() {
        Result<String, DomainError> value = wait(() -> ours.get(KEY));
        ours.invalidate(KEY);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Caffeine Cache.get", role = Role.PEER)
    public String caffeine() {
        String value = wait(() -> caffeine.get(KEY, this::load));
        caffeine.invalidate(KEY);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "Caffeine AsyncCache.get, join", role = Role.PEER)
    public String async() {
        String value = wait(() -> async.get(KEY, this::load).join());
        async.asMap().remove(KEY);
        return value;
    }

    /** {@return the value} */
    @Benchmark
    @Contestant(value = "JetCache computeIfAbsent, protected", role = Role.PEER)
    public String jetCache() {
        String value = wait(() -> jetCache.computeIfAbsent(KEY, this::load));
        jetCache.remove(KEY);
        return value;
    }
}
