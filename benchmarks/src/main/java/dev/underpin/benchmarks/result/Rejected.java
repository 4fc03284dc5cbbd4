package dev.underpin.benchmarks.result;

/** The reason of every failure measured here: 16 bytes, made anew for each failure, as a service does. */
record Rejected(int code) {}
