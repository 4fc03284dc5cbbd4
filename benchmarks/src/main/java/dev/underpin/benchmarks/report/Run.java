package dev.underpin.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of the benchmarks, as it lies in a directory.
 *
 * @param environment where it ran
 * @param measurements what it found
 */
record Run(Environment environment, List<Measurement> measurements) {
    /** JMH's own format, so that other tools read it. */
    static final String RESULTS = "results.json";

    static final String ENVIRONMENT = "environment.properties";

    Run {
        measurements = List.copyOf(measurements);
    }

    static Run read(Path directory) throws IOException {
        List<Measurement> measurements = new ArrayList<>();
        for (JsonNode result : JsonMapper.builder().build().readTree(Files.readString(directory.resolve(RESULTS)))) {
            measurements.add(Measurement.of(result));
        }
        return new Run(Environment.read(directory.resolve(ENVIRONMENT)), measurements);
    }

    List<Table> tables() {
        return Table.of(measurements);
    }
}
