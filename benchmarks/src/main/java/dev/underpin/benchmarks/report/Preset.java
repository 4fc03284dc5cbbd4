package dev.underpin.benchmarks.report;

import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.batching.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** A named selection of the benchmarks, with as many repetitions as its purpose allows. */
enum Preset {
    /** Does everything run? No figure of it is worth reading, and it leaves peers out. */
    QUICK(
            Effort.GLIMPSE,
            Effort.GLIMPSE,
            Goals.FOUNDATION,
            List.of(
                    Slice.times(
                            "result.ChainBenchmark",
                            "(ours|vavrEither|byHand)",
                            Map.of("failures", list("0", "10", "100"))),
                    Slice.bytes("result.BuildingBlocksBenchmark", "(okOurs|errOurs|widenOurs)", Map.of()),
                    Slice.times("errors.ViolationsBenchmark", "(ours|byHand)", Map.of()),
                    Slice.times("errors.RenderBenchmark", "error(Ours|ByHand)", Map.of()),
                    Slice.times("resilience.SuccessBenchmark", "(ours|byHand|baseline)", Map.of()),
                    Slice.times("caching.HitBenchmark", "(ours|byHand|baseline)", Map.of("draw", list("ZIPF"))))),

    /** The rows that goals of result-core and errors name, and nothing else. */
    GOALS(Effort.BYTES, Effort.TIMES, Goals.FOUNDATION, namedByGoals()),

    /** What the foundation is judged by. */
    FOUNDATION(Effort.BYTES, Effort.TIMES, Goals.FOUNDATION, foundation()),

    /** What pagination is judged by, but for what a database does. */
    PAGINATION(Effort.BYTES, Effort.TIMES, Goals.PAGINATION, pagination()),

    /** What pagination's statements cost a database. */
    PAGES(
            Effort.ROUND_TRIPS,
            Effort.ROUND_TRIPS,
            Goals.PAGES,
            List.of(Slice.times("pagination.PageBenchmark", ".*", Map.of()))),

    /** What transactions are judged by, on two databases. */
    TRANSACTIONS(
            Effort.TIMES,
            Effort.TIMES,
            Goals.TRANSACTIONS,
            List.of(Slice.times("transactions.TransactionBenchmark", ".*", Map.of()))),

    /** What idempotency keys are judged by, in Java and on PostgreSQL. */
    IDEMPOTENCY(
            Effort.TIMES,
            Effort.TIMES,
            Goals.IDEMPOTENCY,
            List.of(
                    Slice.times("idempotency.OverheadBenchmark", ".*", Map.of()),
                    Slice.times("idempotency.ExecuteBenchmark", ".*", Map.of()),
                    Slice.times("idempotency.StoreBenchmark", ".*", Map.of()),
                    Slice.times("idempotency.ReapBenchmark", ".*", Map.of()),
                    Slice.times("idempotency.LiveClaimBenchmark", ".*", Map.of()))),

    /** What resilience is judged by. */
    RESILIENCE(
            Effort.BRIEF,
            Effort.BRIEF,
            Goals.RESILIENCE,
            List.of(
                    Slice.times("resilience.SuccessBenchmark", ".*", Map.of()),
                    Slice.times("resilience.FailureBenchmark", ".*", Map.of()),
                    Slice.times("resilience.OpenBenchmark", ".*", Map.of()),
                    Slice.times(
                            "resilience.ThreadsBenchmark", "(ours|resilience4j|failsafe)(Two|Four|Eight)", Map.of()),
                    Slice.times("resilience.ThreadsBenchmark", "timedOurs(Two|Eight)", Map.of()),
                    Slice.times("resilience.AsyncBenchmark", "(baseline|ours|resilience4j|failsafe)", Map.of()),
                    Slice.times("resilience.TimeoutBenchmark", ".*", Map.of()),
                    Slice.times("resilience.KeyedLimitBenchmark", "(ours|byHand|bucket4j)", Map.of()),
                    Slice.times("resilience.BackoffBenchmark", ".*", Map.of()),
                    Slice.times("resilience.ListenerBenchmark", "heard.*", Map.of()))),

    /** What caching is judged by. */
    CACHING(Effort.BRIEF, Effort.BRIEF, Goals.CACHING, caching()),

    /** What batching is judged by. */
    BATCHING(Effort.BRIEF, Effort.BRIEF, Goals.BATCHING, batching()),

    /** Every method with every parameter, but those that need a database. */
    FULL(
            Effort.LONG,
            Effort.LONG,
            Goals.all(List.of(Goals.FOUNDATION, Goals.PAGINATION, Goals.RESILIENCE, Goals.CACHING, Goals.BATCHING)),
            full());

    /** The heap does not grow during a measurement, and the garbage collector is the one a service gets. */
    static final List<String> JVM_FLAGS = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");

    /** Until a JVM of JMH measures, and until it has ended: seen on two cores. */
    private static final Duration START = Duration.ofMillis(700);

    private final Effort forBytes;
    private final Effort forTimes;
    private final List<Goal> goals;
    private final List<Slice> slices;

    Preset(Effort forBytes, Effort forTimes, List<Goal> goals, List<Slice> slices) {
        this.forBytes = forBytes;
        this.forTimes = forTimes;
        this.goals = goals;
        this.slices = slices;
    }

    /** {@return whether a preset of this name is one whose figures mean nothing} */
    static boolean isGlimpse(String name) {
        return QUICK.label().equals(name);
    }

    /** {@return the goals of some presets by their names; all of them if one is a preset no more} */
    static List<Goal> goalsOf(Collection<String> names) {
        List<Preset> presets = Arrays.stream(values())
                .filter(preset -> names.contains(preset.label()))
                .toList();
        return presets.size() < Set.copyOf(names).size()
                ? Goals.ALL
                : Goals.all(presets.stream().map(Preset::goals).toList());
    }

    /** {@return what is judged by it} */
    List<Goal> goals() {
        return goals;
    }

    /** {@return the name as it is typed} */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return what JMH is to run, one after the other} */
    List<Options> options() {
        return slices.stream()
                .map(slice -> slice.options(slice.onlyBytes() ? forBytes : forTimes))
                .toList();
    }

    /** {@return how long it takes, computed from what it runs} */
    Duration expected() {
        Duration sum = Duration.ZERO;
        for (Slice slice : slices) {
            Effort effort = slice.onlyBytes() ? forBytes : forTimes;
            for (BenchmarkListEntry benchmark : selected(slice.options(effort))) {
                sum = sum.plus(effort.expected().multipliedBy(combinations(benchmark, slice.params())));
            }
        }
        return sum;
    }

    /** {@return the benchmarks that JMH finds for some options} */
    static Set<BenchmarkListEntry> selected(Options options) {
        return BenchmarkList.defaultList()
                .find(
                        OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                        options.getIncludes(),
                        options.getExcludes());
    }

    private static int combinations(BenchmarkListEntry benchmark, Map<String, List<String>> chosen) {
        int combinations = 1;
        for (Map.Entry<String, String[]> param :
                benchmark.getParams().orElse(Map.of()).entrySet()) {
            List<String> values = chosen.getOrDefault(param.getKey(), List.of(param.getValue()));
            combinations *= values.size();
        }
        return combinations;
    }

    private static List<Slice> namedByGoals() {
        return List.of(
                Slice.times(
                        "result.ChainBenchmark",
                        "(ours|byHand|vavrEither|vavrTry|leaky|hubSpot|kotlinResult)",
                        Map.of("failures", list("0", "10", "100"))),
                Slice.times("result.ChainBenchmark", "oursByPattern", Map.of("failures", list("10"))),
                Slice.times("result.ChainBenchmark", "exception", Map.of("failures", list("100"))),
                Slice.times(
                        "result.DepthBenchmark",
                        "(ours|byHand|stackless)",
                        Map.of("failures", list("100"), "depth", list("10"))),
                Slice.times(
                        "result.TraverseBenchmark",
                        "(ours|byHand|vavrEither|kotlinResult)",
                        Map.of("items", list("1000"), "outcome", list("ALL_SUCCEED"))),
                Slice.bytes("result.AccumulateBenchmark", "(ours|byHand|vavr)", Map.of("faults", list("0"))),
                Slice.bytes("result.BuildingBlocksBenchmark", ".*", Map.of()),
                Slice.times("errors.ViolationsBenchmark", "(ours|byHand)", Map.of()),
                Slice.times("errors.RenderBenchmark", "(success|error|problem)(Ours|ByHand)", Map.of()),
                Slice.times("errors.TranslateBenchmark", ".*", Map.of("thrown", list("WRAPPED"))),
                Slice.bytes("errors.RequestIdBenchmark", "(check|make)(Ours|ByHand)", Map.of()));
    }

    private static List<Slice> foundation() {
        return List.of(
                Slice.times("result.ChainBenchmark", ".*", Map.of("failures", list("0", "10", "100"))),
                Slice.times(
                        "result.ChainBenchmark",
                        "(ours|byHand|vavrEither|vavrTry|leaky|hubSpot|kotlinResult)",
                        Map.of("failures", list("1", "50"))),
                Slice.times(
                        "result.InlinedChainBenchmark",
                        "(ours|byHand|vavrEither|vavrTry|leaky|hubSpot|kotlinResult)",
                        Map.of("failures", list("0", "10", "100"))),
                Slice.times(
                        "result.ChainLengthBenchmark",
                        "(ours|byHand|vavrEither|leaky|kotlinResult)",
                        Map.of("failures", list("0", "100"))),
                Slice.times(
                        "result.MegamorphicBenchmark",
                        "(ours|byHand|vavrEither|leaky|kotlinResult)",
                        Map.of("failures", list("0", "10"))),
                Slice.times(
                        "result.DepthBenchmark", "(ours|byHand|exception|stackless)", Map.of("failures", list("100"))),
                Slice.times(
                        "result.TraverseBenchmark",
                        "(ours|oursCollected|byHand|vavrEither|kotlinResult)",
                        Map.of("outcome", list("ALL_SUCCEED"))),
                Slice.times("result.AccumulateBenchmark", "(ours|byHand|vavr)", Map.of()),
                Slice.bytes("result.BuildingBlocksBenchmark", ".*", Map.of()),
                Slice.times("errors.ViolationsBenchmark", ".*", Map.of()),
                Slice.times("errors.RenderBenchmark", ".*", Map.of()),
                Slice.times("errors.TranslateBenchmark", ".*", Map.of()),
                Slice.times("errors.RequestIdBenchmark", ".*", Map.of()),
                Slice.times("errors.RequestContextBenchmark", ".*", Map.of()));
    }

    private static List<Slice> pagination() {
        Map<String, List<String>> three = Map.of("keys", list("THREE"));
        Map<String, List<String>> fewer = Map.of("keys", list("ONE", "TWO"));
        return List.of(
                Slice.times("pagination.CursorBenchmark", ".*", three),
                Slice.times("pagination.CursorBenchmark", "encode(Ours|ByHand|JsonSigned|Blaze|Spring)", fewer),
                Slice.times("pagination.CursorBenchmark", "decode(Ours|ByHand|JsonSigned|Blaze|Spring)", fewer),
                Slice.times("pagination.CursorThreadsBenchmark", ".*", Map.of()),
                Slice.times("pagination.SqlBenchmark", "deep(Ours|ByHand|Jooq)", Map.of()),
                Slice.times("pagination.SqlBenchmark", "deepJooqRendered", Map.of("listing", list("UNIFORM", "FEW"))),
                Slice.times("pagination.SqlBenchmark", "first.*", Map.of("listing", list("UNIFORM"))),
                Slice.times("pagination.RequestBenchmark", ".*", Map.of()),
                Slice.times("pagination.LinkBenchmark", ".*", Map.of()));
    }

    private static List<Slice> caching() {
        return List.of(
                Slice.times("caching.HitBenchmark", ".*", Map.of("draw", list("ZIPF"))),
                Slice.times(
                        "caching.HitBenchmark",
                        "(baseline|nanoTime|ours|byHand|caffeine|async|spring|jetCache|guava|cache2k)",
                        Map.of("draw", list("ONE"))),
                Slice.times("caching.HitThreadsBenchmark", "(ours|byHand|caffeine|spring|jetCache)Two", Map.of()),
                Slice.times("caching.AbsentBenchmark", ".*", Map.of()),
                Slice.times("caching.TurnsBenchmark", ".*", Map.of()),
                Slice.times("caching.MissBenchmark", ".*", Map.of()),
                Slice.times("caching.ErrorBenchmark", ".*", Map.of()),
                Slice.times("caching.WaiterBenchmark", ".*", Map.of()),
                Slice.times("caching.BulkBenchmark", ".*", Map.of()),
                Slice.times("caching.InvalidateBenchmark", ".*", Map.of()),
                Slice.times("caching.EnqueueBenchmark", ".*", Map.of()));
    }

    private static List<Slice> batching() {
        List<Slice> slices = new ArrayList<>(List.of(
                Slice.times("batching.DistinctBenchmark", "each.*", Map.of("n", list("10", "100", "1000", "10000"))),
                Slice.times("batching.DistinctBenchmark", "(all|map).*", Map.of("n", list("100", "1000", "10000"))),
                Slice.times("batching.OneKeyBenchmark", ".*", Map.of()),
                Slice.times("batching.HitBenchmark", ".*", Map.of()),
                Slice.times("batching.PendingHitBenchmark", ".*", Map.of()),
                Slice.times("batching.ThreadsBenchmark", ".*", Map.of()),
                Slice.times("batching.TasksBenchmark", ".*", Map.of("tasks", list("100"))),
                Slice.times("batching.ChainBenchmark", ".*", Map.of()),
                Slice.times("batching.RecorderBenchmark", ".*", Map.of())));
        slices.addAll(virtualThreads());
        return List.copyOf(slices);
    }

    private static List<Slice> virtualThreads() {
        return Kind.hasVirtual()
                ? List.of(Slice.times(
                        "batching.TasksBenchmark",
                        ".*",
                        Map.of("tasks", list("100", "1000", "10000"), "kind", list("VIRTUAL"))))
                : List.of();
    }

    private static List<Slice> full() {
        List<Slice> slices = new ArrayList<>(virtualThreads());
        slices.add(Slice.times(
                "benchmarks.\\w+.(?!(Page|Transaction|Execute|Store|Reap|LiveClaim)Benchmark)\\w+", ".*", Map.of()));
        return List.copyOf(slices);
    }

    private static List<String> list(String... values) {
        return List.of(values);
    }

    /** How often and how long. A JIT compiler that is not done after the warm-up shows as a slow contestant. */
    private record Effort(int forks, int warmups, int warmupMillis, int measurements, int millis) {
        static final Effort GLIMPSE = new Effort(1, 1, 100, 2, 100);
        static final Effort BYTES = new Effort(3, 3, 400, 2, 200);
        static final Effort TIMES = new Effort(3, 3, 400, 5, 200);
        static final Effort BRIEF = new Effort(3, 3, 400, 3, 200);

        /** One statement may take longer than an iteration. */
        static final Effort ROUND_TRIPS = new Effort(1, 2, 300, 3, 400);

        static final Effort LONG = new Effort(3, 5, 500, 5, 500);

        /** {@return how long one method takes with one set of parameters} */
        Duration expected() {
            return START.plusMillis((long) warmups * warmupMillis + (long) measurements * millis)
                    .multipliedBy(forks);
        }
    }

    /** Some methods of one class, with some of their parameters. */
    private record Slice(String type, String methods, Map<String, List<String>> params, boolean onlyBytes) {
        /** Of which only the bytes count. */
        static Slice bytes(String type, String methods, Map<String, List<String>> params) {
            return new Slice(type, methods, params, /* onlyBytes= */ true);
        }

        static Slice times(String type, String methods, Map<String, List<String>> params) {
            return new Slice(type, methods, params, /* onlyBytes= */ false);
        }

        Options options(Effort effort) {
            ChainedOptionsBuilder options = new OptionsBuilder()
                    .include("\\." + type.replace(".", "\\.") + "\\..*\\b" + methods + "$")
                    .forks(effort.forks())
                    .warmupIterations(effort.warmups())
                    .warmupTime(TimeValue.milliseconds(effort.warmupMillis()))
                    .measurementIterations(effort.measurements())
                    .measurementTime(TimeValue.milliseconds(effort.millis()))
                    .addProfiler(GCProfiler.class)
                    .addProfiler(Counts.class)
                    .jvmArgs(JVM_FLAGS.toArray(String[]::new))
                    .shouldFailOnError(true);
            params.forEach((name, values) -> options.param(name, values.toArray(String[]::new)));
            return options.build();
        }
    }
}
