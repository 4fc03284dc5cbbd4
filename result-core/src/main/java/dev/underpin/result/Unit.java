package dev.underpin.result;

/** The value of an operation that succeeds without one, in place of null or {@link Void}. */
public enum Unit {
    /** The only value. */
    UNIT
}
