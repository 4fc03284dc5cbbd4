package dev.underpin.benchmarks.report;

import dev.underpin.benchmarks.Contestant.Role;

/**
 * One contestant in a row.
 *
 * @param name the name a reader sees
 * @param role what it is compared as
 * @param measurement what JMH found
 */
record Entry(String name, Role role, Measurement measurement) {
    Interval time() {
        return Interval.of(measurement.nanos(), measurement.nanosError());
    }

    /** {@return the same, with the time of the fastest iteration} */
    Entry fastest() {
        Measurement m = measurement;
        return new Entry(
                name,
                role,
                new Measurement(
                        m.type(),
                        m.method(),
                        m.params(),
                        m.fastest(),
                        Double.NaN,
                        m.fastest(),
                        m.bytes(),
                        m.bytesError(),
                        m.counts()));
    }

    /** {@return what the benchmark counted itself; NaN if it did not} */
    double count(String name) {
        return measurement.counts().getOrDefault(name, Double.NaN);
    }

    double bytes() {
        return measurement.bytes();
    }
}
