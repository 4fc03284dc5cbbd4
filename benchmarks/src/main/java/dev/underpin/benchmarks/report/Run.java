package dev.underpin.benchmarks.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.underpin.benchmarks.idempotency.KeyDatabase.Commit;
import dev.underpin.benchmarks.pagination.PageDatabase;
import dev.underpin.benchmarks.transactions.TransactionDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One run of the benchmarks, as it lies in a directory.
 *
 * @param label tells it from the other runs of a report
 * @param environment where it ran
 * @param measurements what it found
 */
record Run(String label, Environment environment, List<Measurement> measurements) {
    /** JMH's own format, so that other tools read it. */
    static final String RESULTS = "results.json";

    static final String ENVIRONMENT = "environment.properties";

    private static final List<String> PLACES = List.of(
            "-D" + PageDatabase.URL,
            "-D" + TransactionDatabase.PORT,
            "-D" + Commit.FLUSHED.port(),
            "-D" + Commit.UNFLUSHED.port());

    Run {
        measurements = List.copyOf(measurements);
    }

    Run(Environment environment, List<Measurement> measurements) {
        this(environment.label(), environment, measurements);
    }

    /** {@return the runs of some directories} A label that repeats is followed by the name of its directory. */
    static List<Run> read(List<Path> directories) throws IOException {
        List<Run> runs = new ArrayList<>();
        for (Path directory : directories) {
            runs.add(read(directory));
        }
        List<Run> labelled = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Run run = runs.get(i);
            boolean unique =
                    runs.stream().filter(other -> other.label.equals(run.label)).count() == 1;
            String label = unique
                    ? run.label
                    : run.label + ", " + directories.get(i).normalize().getFileName();
            labelled.add(new Run(label, run.environment, run.measurements));
        }
        return labelled;
    }

    static Run read(Path directory) throws IOException {
        Path results = file(directory, RESULTS);
        Environment environment = Environment.read(file(directory, ENVIRONMENT));
        List<Measurement> measurements = new ArrayList<>();
        Set<String> jvms = new LinkedHashSet<>();
        Set<String> flags = new LinkedHashSet<>();
        Set<String> repetitions = new LinkedHashSet<>();
        for (JsonNode result : elements(results)) {
            try {
                measurements.add(Measurement.of(result));
            } catch (IllegalArgumentException e) {
                throw new UsageException(results + ": " + e.getMessage());
            }
            jvms.add(result.path("vmName").asText() + " "
                    + result.path("vmVersion").asText());
            List<String> words = new ArrayList<>();
            for (JsonNode flag : result.path("jvmArgs")) {
                // Where the database was, at a port of that moment, says nothing about the run.
                if (PLACES.stream().noneMatch(flag.asText()::startsWith)) {
                    words.add(flag.asText());
                }
            }
            flags.add(String.join(" ", words));
            repetitions.add(repetitions(result));
        }
        return new Run(
                environment
                        .with(Environment.JVM, only(results, jvms))
                        .with(Environment.JVM_FLAGS, only(results, flags))
                        .with(Environment.REPETITIONS, String.join("; ", repetitions)),
                measurements);
    }

    private static Path file(Path directory, String name) {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new UsageException(directory + " is no directory of a run: it has no " + name);
        }
        return file;
    }

    private static JsonNode elements(Path results) throws IOException {
        try {
            JsonNode root = JsonMapper.builder().build().readTree(Files.readString(results));
            if (root.isArray() && !root.isEmpty()) {
                return root;
            }
        } catch (JsonProcessingException e) {
            throw new UsageException(results + " is no JSON: " + e.getOriginalMessage());
        }
        throw new UsageException(results + " must be an array of at least one result");
    }

    /** Figures of two JVMs in one column would be compared as if they were of one. */
    private static String only(Path results, Set<String> values) {
        if (values.size() > 1) {
            throw new UsageException(results + " mixes JVMs: " + String.join(" | ", values));
        }
        return values.iterator().next();
    }

    private static String repetitions(JsonNode result) {
        return "forks " + result.path("forks").asText() + ", " + iterations(result, "warmup") + ", "
                + iterations(result, "measurement");
    }

    private static String iterations(JsonNode result, String kind) {
        return kind + " " + result.path(kind + "Iterations").asText() + " × "
                + result.path(kind + "Time").asText();
    }

    List<Table> tables() {
        return Table.of(measurements);
    }
}
