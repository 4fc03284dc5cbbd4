package dev.underpin.quickstart.downstream;

/** How a service is, until it is told otherwise. */
public enum Condition {
    /** It answers. */
    WELL,
    /** 503 to all, and nothing is done. */
    DOWN,
    /** It does what it is asked for, and answers after {@value FlakyService#SLOW_MILLIS} ms. */
    SLOW,
    /** Down for the first request from now on, well for the second, and so on. */
    FLAKY,
    /** 429 to all, with a {@code Retry-After} of a minute, and nothing is done. */
    BUSY
}
