package dev.underpin.benchmarks.caching;

/** Which keys are asked for. */
public enum Draw {
    /** Always the same. */
    ONE,
    /** Drawn by Zipf's law, beforehand. */
    ZIPF
}
