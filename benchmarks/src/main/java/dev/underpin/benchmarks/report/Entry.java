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

    double bytes() {
        return measurement.bytes();
    }
}
