package dev.underpin.errors.internal;

/**
 * The names of the fields of our own trees. A writer keeps them encoded, by ordinal, as it does for the fields of a
 * record.
 */
public enum FieldName {
    DATA("data"),
    META("meta"),
    ERROR("error"),
    CODE("code"),
    MESSAGE("message"),
    DETAILS("details"),
    TRUNCATED("truncated"),
    REQUEST_ID("requestId"),
    RETRYABLE("retryable"),
    RETRY_AFTER_SECONDS("retryAfterSeconds"),
    DOC_URL("docUrl"),
    FIELD("field"),
    IN("in"),
    PARAMS("params"),
    TYPE("type"),
    TITLE("title"),
    STATUS("status"),
    DETAIL("detail"),
    INSTANCE("instance"),
    ERRORS("errors"),
    POINTER("pointer"),
    PARAMETER("parameter");

    private final String text;

    FieldName(String text) {
        this.text = text;
    }

    /** {@return the name as it is written} */
    @Override
    public String toString() {
        return text;
    }
}
