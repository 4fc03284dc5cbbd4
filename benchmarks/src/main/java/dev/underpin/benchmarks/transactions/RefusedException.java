package dev.underpin.benchmarks.transactions;

/** Says no, where only an exception rolls back. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;
}
