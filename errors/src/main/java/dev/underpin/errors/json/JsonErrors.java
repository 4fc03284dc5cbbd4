package dev.underpin.errors.json;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;

/** What can be wrong with a JSON body: the codes of the details that {@link Json#read} gives. */
public final class JsonErrors {
    /** There is no body, or it is {@code null}. */
    public static final ErrorCode BODY_MISSING =
            ErrorCode.of(ErrorKind.MALFORMED, "BODY_MISSING", "a JSON body is required");

    /** The body is not well-formed, or exceeds a limit of the parser; with its {@code line} if known. */
    public static final ErrorCode JSON_MALFORMED =
            ErrorCode.of(ErrorKind.MALFORMED, "JSON_MALFORMED", "is not well-formed JSON");

    /** The value cannot be what the field is: a word for a number, a list for an object, an unknown constant. */
    public static final ErrorCode TYPE_MISMATCH =
            ErrorCode.of(ErrorKind.MALFORMED, "TYPE_MISMATCH", "has the wrong type or format");

    /** The field is missing or null, and the mapper insists on it. */
    public static final ErrorCode FIELD_MISSING = ErrorCode.of(ErrorKind.MALFORMED, "FIELD_MISSING", "is required");

    /** There is no such field, and the mapper forbids unknown ones. */
    public static final ErrorCode UNKNOWN_FIELD =
            ErrorCode.of(ErrorKind.MALFORMED, "UNKNOWN_FIELD", "is not a known field");

    /** The field is given twice, and the mapper forbids that. */
    public static final ErrorCode DUPLICATE_FIELD =
            ErrorCode.of(ErrorKind.MALFORMED, "DUPLICATE_FIELD", "is given more than once");

    /** The constructor or factory of the value did not accept it. */
    public static final ErrorCode VALUE_INVALID = ErrorCode.of(ErrorKind.VALIDATION, "VALUE_INVALID", "is not valid");

    private JsonErrors() {}
}
