package dev.underpin.benchmarks.report;

import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** A named selection of the benchmarks, with as many repetitions as its purpose allows. */
enum Preset {
    /** Does everything run? Under two minutes; no figure of it is worth reading. */
    QUICK(
            Effort.GLIMPSE,
            Effort.GLIMPSE,
            List.of(
                    Slice.micro(
                            "result.ChainBenchmark",
                            "(ours|vavrEither|byHand)",
                            Map.of("failures", list("0", "10", "100"))),
                    Slice.micro("result.BuildingBlocksBenchmark", "(okOurs|errOurs|widenOurs)", Map.of()),
                    Slice.large("errors.ViolationsBenchmark", "(ours|byHand)", Map.of()),
                    Slice.large("errors.RenderBenchmark", "error(Ours|ByHand)", Map.of()))),

    /** What the foundation is judged by, within a quarter of an hour on two cores. */
    FOUNDATION(Effort.SHORT, Effort.SHORT_LARGE, foundation()),

    /** Every method with every parameter, for a night. */
    FULL(Effort.LONG, Effort.LONG, List.of(Slice.micro("benchmarks", ".*", Map.of())));

    /** The heap does not grow during a measurement, and the garbage collector is the one a service gets. */
    static final List<String> JVM_FLAGS = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");

    private final Effort micro;
    private final Effort large;
    private final List<Slice> slices;

    Preset(Effort micro, Effort large, List<Slice> slices) {
        this.micro = micro;
        this.large = large;
        this.slices = slices;
    }

    /** {@return what JMH is to run, one after the other} */
    List<Options> options() {
        return slices.stream()
                .map(slice -> slice.options(slice.large() ? large : micro))
                .toList();
    }

    private static List<Slice> foundation() {
        String libraries = "(ours|oursByPattern|vavrEither|leaky|kotlinResult|byHand)";
        return List.of(
                Slice.micro("result.ChainBenchmark", ".*", Map.of("failures", list("0", "10", "100"))),
                Slice.micro("result.ChainBenchmark", libraries, Map.of("failures", list("1", "50"))),
                Slice.micro("result.InlinedChainBenchmark", libraries, Map.of("failures", list("0", "10", "100"))),
                Slice.micro("result.ChainLengthBenchmark", libraries, Map.of("failures", list("0", "100"))),
                Slice.micro("result.SharedProfileBenchmark", libraries, Map.of("failures", list("0", "100"))),
                Slice.micro("result.MegamorphicBenchmark", libraries, Map.of("failures", list("0", "10"))),
                Slice.micro(
                        "result.DepthBenchmark",
                        "(ours|exception|stackless|sentinel)",
                        Map.of("failures", list("100"))),
                Slice.micro("result.TraverseBenchmark", ".*", Map.of("outcome", list("ALL_SUCCEED"))),
                Slice.micro("result.AccumulateBenchmark", ".*", Map.of()),
                Slice.micro("result.BuildingBlocksBenchmark", ".*", Map.of()),
                Slice.large("errors.ViolationsBenchmark", ".*", Map.of()),
                Slice.large("errors.RenderBenchmark", ".*", Map.of()),
                Slice.large("errors.TranslateBenchmark", ".*", Map.of()),
                Slice.large("errors.RequestIdBenchmark", ".*", Map.of()),
                Slice.large("errors.RequestContextBenchmark", ".*", Map.of()));
    }

    private static List<String> list(String... values) {
        return List.of(values);
    }

    /** How often and how long. */
    private record Effort(int forks, int warmups, int measurements, int millis) {
        static final Effort GLIMPSE = new Effort(1, 1, 2, 100);
        static final Effort SHORT = new Effort(2, 4, 5, 180);
        static final Effort SHORT_LARGE = new Effort(2, 5, 5, 350);
        static final Effort LONG = new Effort(3, 5, 5, 500);
    }

    /** Some methods of one class, with some of their parameters; {@code large} if they need longer to warm up. */
    private record Slice(String type, String methods, Map<String, List<String>> params, boolean large) {
        static Slice micro(String type, String methods, Map<String, List<String>> params) {
            return new Slice(type, methods, params, /* large= */ false);
        }

        static Slice large(String type, String methods, Map<String, List<String>> params) {
            return new Slice(type, methods, params, /* large= */ true);
        }

        Options options(Effort effort) {
            TimeValue time = TimeValue.milliseconds(effort.millis());
            ChainedOptionsBuilder options = new OptionsBuilder()
                    .include("\\." + type.replace(".", "\\.") + "\\..*\\b" + methods + "$")
                    .forks(effort.forks())
                    .warmupIterations(effort.warmups())
                    .warmupTime(time)
                    .measurementIterations(effort.measurements())
                    .measurementTime(time)
                    .addProfiler(GCProfiler.class)
                    .jvmArgs(JVM_FLAGS.toArray(String[]::new))
                    .shouldFailOnError(true);
            params.forEach((name, values) -> options.param(name, values.toArray(String[]::new)));
            return options.build();
        }
    }
}
