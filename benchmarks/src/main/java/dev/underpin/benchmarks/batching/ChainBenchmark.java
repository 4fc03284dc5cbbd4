package dev.underpin.benchmarks.batching;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderFactory;
import org.dataloader.registries.ScheduledDataLoaderRegistry;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: How long does a request take that loads what it needs in three steps?
 *
 * <p>Dimensions: contestant. Ten items; each loads a key, with its value another, and with that a third. The functions do nothing,
 * so what is left is waiting and waking. Ours runs ten tasks, in which each load waits for its value. java-dataloader has futures
 * that follow each other, functions that run on an executor, as its manual has them, and a registry that dispatches as it does by
 * default where nobody else does: every ten milliseconds.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar batching.ChainBenchmark -prof gc}
 */
@Question("How long does a request take that loads what it needs in three steps?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class ChainBenchmark {
    private static final int STEP = 1000;
    private static final List<Integer> ITEMS = IntStream.range(0, 10).boxed().toList();
    private static final Map<Integer, Integer> NEXT =
            IntStream.range(0, 3 * STEP).boxed().collect(Collectors.toMap(i -> i, i -> i + STEP));

    private final ExecutorService executor = Kind.cheapest().executor();
    private final AtomicInteger batches = new AtomicInteger();
    private final Loader<Integer, Integer> first = ours("first");
    private final Loader<Integer, Integer> second = ours("second");
    private final Loader<Integer, Integer> third = ours("third");

    private Loader<Integer, Integer> ours(String name) {
        return Loader.named(name).build((List<Integer> keys) -> {
            batches.incrementAndGet();
            return Result.ok(NEXT);
        });
    }

    private CompletionStage<List<Integer>> next(List<Integer> keys) {
        batches.incrementAndGet();
        return CompletableFuture.supplyAsync(() -> keys.stream().map(NEXT::get).toList(), executor);
    }

    /** {@return how many batches there have been} */
    int batches() {
        return batches.get();
    }

    /** Ends the threads. */
    @TearDown
    public void close() {
        executor.shutdown();
    }

    /** {@return the values} */
    @Benchmark
    @Contestant(value = "LoadScope.mapAll, load", role = Role.OURS)
    public List<Integer> ours() {
        try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
            ScopedLoader<Integer, Integer> one = scope.loader(first);
            ScopedLoader<Integer, Integer> two = scope.loader(second);
            ScopedLoader<Integer, Integer> three = scope.loader(third);
            return scope.mapAll(
                    ITEMS,
                    item -> one.load(item)
                            .flatMap(two::load)
                            .flatMap(three::load)
                            .orElseThrow());
        }
    }

    /** {@return the values} */
    @Benchmark
    @Contestant(value = "java-dataloader, ScheduledDataLoaderRegistry in ticker mode", role = Role.PEER)
    public List<Integer> ticker() {
        DataLoader<Integer, Integer> one = DataLoaderFactory.newDataLoader(this::next);
        DataLoader<Integer, Integer> two = DataLoaderFactory.newDataLoader(this::next);
        DataLoader<Integer, Integer> three = DataLoaderFactory.newDataLoader(this::next);
        ScheduledDataLoaderRegistry registry = ScheduledDataLoaderRegistry.newScheduledRegistry()
                .register("first", one)
                .register("second", two)
                .register("third", three)
                .tickerMode(true)
                .build();
        List<Integer> values = new ArrayList<>();
        try {
            List<CompletableFuture<Integer>> futures = ITEMS.stream()
                    .map(item -> one.load(item).thenCompose(two::load).thenCompose(three::load))
                    .toList();
            registry.dispatchAll();
            futures.forEach(future -> values.add(future.join()));
        } finally {
            registry.close();
        }
        return values;
    }

    /** {@return the values} */
    @Benchmark
    @Contestant(value = "java-dataloader, dispatched by hand three times", role = Role.REFERENCE)
    public List<Integer> byHand() {
        DataLoader<Integer, Integer> one = DataLoaderFactory.newDataLoader(this::next);
        DataLoader<Integer, Integer> two = DataLoaderFactory.newDataLoader(this::next);
        DataLoader<Integer, Integer> three = DataLoaderFactory.newDataLoader(this::next);
        List<CompletableFuture<Integer>> futures = ITEMS.stream()
                .map(item -> one.load(item).thenCompose(two::load).thenCompose(three::load))
                .toList();
        one.dispatchAndJoin();
        two.dispatchAndJoin();
        three.dispatchAndJoin();
        return futures.stream().map(CompletableFuture::join).toList();
    }
}
