package dev.underpin.pagination;

/** Bytes that are no values of the expected types. Stackless: whoever sends them decides how often it happens. */
final class MalformedCursorException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedCursorException() {
        super("malformed cursor", null, false, false);
    }
}
