package dev.underpin.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.underpin.benchmarks.Counts;
import java.util.Map;
import java.util.TreeMap;

/**
 * What JMH found for one method and one set of parameters.
 *
 * @param type the name of the benchmark class
 * @param method the name of the method
 * @param params its parameters by name
 * @param nanos the mean time of one operation
 * @param nanosError half of its 99.9 % confidence interval; NaN if there were too few iterations
 * @param fastest the mean time of one operation in the fastest iteration; NaN if the iterations are not known
 * @param bytes allocated by one operation; NaN if not measured
 * @param bytesError half of its 99.9 % confidence interval; NaN if there were too few iterations
 * @param counts what the benchmark counted of one operation itself, by name
 */
record Measurement(
        String type,
        String method,
        Map<String, String> params,
        double nanos,
        double nanosError,
        double fastest,
        double bytes,
        double bytesError,
        Map<String, Double> counts) {
    Measurement {
        params = Map.copyOf(params);
        counts = Map.copyOf(counts);
    }

    /** {@return what one element of JMH's JSON says} */
    static Measurement of(JsonNode result) {
        String name = result.path("benchmark").asText();
        if (name.lastIndexOf('.') < 0) {
            throw new IllegalArgumentException("an element names no benchmark: \"" + name + "\"");
        }
        JsonNode time = result.path("primaryMetric");
        String unit = time.path("scoreUnit").asText();
        if (!unit.equals("ns/op")) {
            throw new IllegalArgumentException(name + " must be measured in ns/op: " + unit);
        }
        Map<String, String> params = new TreeMap<>();
        result.path("params")
                .properties()
                .forEach(param -> params.put(param.getKey(), param.getValue().asText()));
        JsonNode bytes = result.path("secondaryMetrics").path("gc.alloc.rate.norm");
        return new Measurement(
                name.substring(0, name.lastIndexOf('.')),
                name.substring(name.lastIndexOf('.') + 1),
                params,
                number(time.path("score")),
                number(time.path("scoreError")),
                fastest(time.path("rawData")),
                number(bytes.path("score")),
                number(bytes.path("scoreError")),
                counts(result.path("secondaryMetrics")));
    }

    private static Map<String, Double> counts(JsonNode metrics) {
        Map<String, Double> counts = new TreeMap<>();
        metrics.properties().stream()
                .filter(metric -> metric.getKey().startsWith(Counts.PREFIX))
                .forEach(metric -> counts.put(
                        metric.getKey().substring(Counts.PREFIX.length()),
                        number(metric.getValue().path("score"))));
        return counts;
    }

    /** The iterations of each fork lie in an array of their own. */
    private static double fastest(JsonNode forks) {
        double fastest = Double.NaN;
        for (JsonNode fork : forks) {
            for (JsonNode iteration : fork) {
                double nanos = iteration.asDouble();
                fastest = Double.isNaN(fastest) ? nanos : Math.min(fastest, nanos);
            }
        }
        return fastest;
    }

    /** JMH writes a NaN as a string. */
    private static double number(JsonNode node) {
        return node.isNumber() ? node.doubleValue() : Double.NaN;
    }
}
