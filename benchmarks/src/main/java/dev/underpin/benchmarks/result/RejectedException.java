package dev.underpin.benchmarks.result;

/** The reason of a failure as an exception, with or without a stack trace. */
final class RejectedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;

    private RejectedException(int code, boolean withStack) {
        super(null, null, /* enableSuppression= */ withStack, /* writableStackTrace= */ withStack);
        this.code = code;
    }

    static RejectedException withStack(int code) {
        return new RejectedException(code, /* withStack= */ true);
    }

    static RejectedException stackless(int code) {
        return new RejectedException(code, /* withStack= */ false);
    }

    int code() {
        return code;
    }
}
