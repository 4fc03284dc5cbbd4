package dev.underpin.benchmarks.report;

/** What the person at the command line can put right: the message says how, and no stack trace is needed. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
