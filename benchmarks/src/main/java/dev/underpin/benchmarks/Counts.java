package dev.underpin.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;

/**
 * What a benchmark counts of one operation beside time and bytes, once before it is measured or in each iteration. A
 * profiler of JMH, so that its results hold it.
 */
public final class Counts implements InternalProfiler {
    /** Tells a count from what other profilers add to the results. */
    public static final String PREFIX = "count.";

    private static final Map<String, Double> COUNTED = new ConcurrentSkipListMap<>();

    /** Says what was counted. */
    public static void set(String name, double count) {
        COUNTED.put(name, count);
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        // Counted in the benchmark's own preparation.
    }

    @Override
    public List<ScalarResult> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        List<ScalarResult> results = new ArrayList<>();
        COUNTED.forEach(
                (name, count) -> results.add(new ScalarResult(PREFIX + name, count, "#", AggregationPolicy.AVG)));
        return results;
    }

    @Override
    public String getDescription() {
        return "What benchmarks count themselves";
    }
}
