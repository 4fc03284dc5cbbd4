package dev.underpin.benchmarks.report;

import java.util.List;
import java.util.Locale;
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
            Effort.GLIMPSE,
            List.of(
                    Slice.small(
                            "result.ChainBenchmark",
                            "(ours|vavrEither|byHand)",
                            Map.of("failures", list("0", "10", "100"))),
                    Slice.bytes("result.BuildingBlocksBenchmark", "(okOurs|errOurs|widenOurs)", Map.of()),
                    Slice.large("errors.ViolationsBenchmark", "(ours|byHand)", Map.of()),
                    Slice.large("errors.RenderBenchmark", "error(Ours|ByHand)", Map.of()))),

    /** The rows that goals name, and nothing else: some five minutes on two cores. */
    GOALS(Effort.BRIEF, Effort.SHORT, Effort.MEDIUM, goals()),

    /** What the foundation is judged by, within a quarter of an hour on two cores. */
    FOUNDATION(Effort.BRIEF, Effort.SHORT, Effort.MEDIUM, foundation()),

    /** Every method with every parameter, for a night. */
    FULL(Effort.LONG, Effort.LONG, Effort.LONG, List.of(Slice.small("benchmarks", ".*", Map.of())));

    /** The heap does not grow during a measurement, and the garbage collector is the one a service gets. */
    static final List<String> JVM_FLAGS = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC");

    private final Effort forBytes;
    private final Effort forSmall;
    private final Effort forLarge;
    private final List<Slice> slices;

    Preset(Effort forBytes, Effort forSmall, Effort forLarge, List<Slice> slices) {
        this.forBytes = forBytes;
        this.forSmall = forSmall;
        this.forLarge = forLarge;
        this.slices = slices;
    }

    /** {@return whether a preset of this name is one whose figures mean nothing} */
    static boolean isGlimpse(String name) {
        return QUICK.label().equals(name);
    }

    /** {@return the name as it is typed} */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** {@return what JMH is to run, one after the other} */
    List<Options> options() {
        return slices.stream()
                .map(slice -> slice.options(effortFor(slice.size())))
                .toList();
    }

    private Effort effortFor(Size size) {
        return switch (size) {
            case BYTES -> forBytes;
            case SMALL -> forSmall;
            case LARGE -> forLarge;
        };
    }

    private static List<Slice> goals() {
        return List.of(
                Slice.small(
                        "result.ChainBenchmark",
                        "(ours|oursByPattern|vavrEither|vavrTry|leaky|hubSpot|kotlinResult|byHand|exception)",
                        Map.of("failures", list("0", "10", "100"))),
                Slice.small(
                        "result.DepthBenchmark",
                        "(ours|stackless|sentinel)",
                        Map.of("failures", list("100"), "depth", list("10"))),
                Slice.small(
                        "result.TraverseBenchmark",
                        "(ours|vavrEither|byHand)",
                        Map.of("items", list("1000"), "outcome", list("ALL_SUCCEED"))),
                Slice.bytes("result.BuildingBlocksBenchmark", ".*", Map.of()),
                Slice.large("errors.ViolationsBenchmark", "(ours|byToString|byHand)", Map.of()),
                Slice.large("errors.RenderBenchmark", "(success|error|problem)(Ours|ByHand)", Map.of()),
                Slice.large("errors.TranslateBenchmark", ".*", Map.of("thrown", list("WRAPPED"))));
    }

    private static List<Slice> foundation() {
        String libraries = "(ours|oursByPattern|vavrEither|leaky|kotlinResult|byHand)";
        return List.of(
                Slice.small("result.ChainBenchmark", ".*", Map.of("failures", list("0", "10", "100"))),
                Slice.small(
                        "result.ChainBenchmark",
                        "(ours|oursByPattern|vavrEither|byHand)",
                        Map.of("failures", list("1", "50"))),
                Slice.small("result.InlinedChainBenchmark", libraries, Map.of("failures", list("0", "10", "100"))),
                Slice.small("result.ChainLengthBenchmark", libraries, Map.of("failures", list("0", "100"))),
                Slice.small("result.MegamorphicBenchmark", libraries, Map.of("failures", list("0", "10"))),
                Slice.small(
                        "result.DepthBenchmark",
                        "(ours|exception|stackless|sentinel)",
                        Map.of("failures", list("100"))),
                Slice.small("result.TraverseBenchmark", ".*", Map.of("outcome", list("ALL_SUCCEED"))),
                Slice.small("result.AccumulateBenchmark", ".*", Map.of()),
                Slice.bytes("result.BuildingBlocksBenchmark", ".*", Map.of()),
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
        static final Effort BRIEF = new Effort(1, 3, 3, 100);
        static final Effort SHORT = new Effort(2, 3, 5, 160);
        static final Effort MEDIUM = new Effort(2, 4, 4, 300);
        static final Effort LONG = new Effort(3, 5, 5, 500);
    }

    /** How much is done in one operation: a few instructions of which only the bytes count, a few, or many. */
    private enum Size {
        BYTES,
        SMALL,
        LARGE
    }

    /** Some methods of one class, with some of their parameters. */
    private record Slice(String type, String methods, Map<String, List<String>> params, Size size) {
        static Slice bytes(String type, String methods, Map<String, List<String>> params) {
            return new Slice(type, methods, params, Size.BYTES);
        }

        static Slice small(String type, String methods, Map<String, List<String>> params) {
            return new Slice(type, methods, params, Size.SMALL);
        }

        static Slice large(String type, String methods, Map<String, List<String>> params) {
            return new Slice(type, methods, params, Size.LARGE);
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
