package dev.underpin.pagination;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;

/** What can be wrong with a request for a page. All are answered with 400, and none repeats the cursor. */
public final class PaginationErrors {
    /** The cursor is none of ours, or was changed. */
    public static final ErrorCode CURSOR_INVALID =
            ErrorCode.of(ErrorKind.MALFORMED, "CURSOR_INVALID", "The cursor is not valid; start without one");

    /** The cursor was ours, and is too old, or was signed with a key that has been retired. */
    public static final ErrorCode CURSOR_EXPIRED =
            ErrorCode.of(ErrorKind.MALFORMED, "CURSOR_EXPIRED", "The cursor has expired; start without one");

    /** The cursor is of another listing, sort, filter or user. */
    public static final ErrorCode CURSOR_MISMATCH = ErrorCode.of(
            ErrorKind.MALFORMED,
            "CURSOR_MISMATCH",
            "The cursor belongs to another listing, sort, filter or user; start without one");

    /** Not something the listing can be sorted by; {@code allowed} lists what it can. */
    public static final ErrorCode UNKNOWN_SORT = ErrorCode.of(
            ErrorKind.VALIDATION, "UNKNOWN_SORT", "must be a list of at most {max} of {allowed}, each once");

    /** Not something the listing can be filtered by; {@code allowed} lists what it can. */
    public static final ErrorCode UNKNOWN_FILTER =
            ErrorCode.of(ErrorKind.VALIDATION, "UNKNOWN_FILTER", "is not a parameter; those are {allowed}");

    /** The value of a filter is not of the type {@code type}. */
    public static final ErrorCode FILTER_INVALID =
            ErrorCode.of(ErrorKind.VALIDATION, "FILTER_INVALID", "must be {type}");

    /** More values, or a longer one, than a filter takes. */
    public static final ErrorCode FILTER_TOO_LARGE = ErrorCode.of(
            ErrorKind.VALIDATION,
            "FILTER_TOO_LARGE",
            "must have at most {maxValues} values of at most {maxLength} characters");

    /** Not a field that the listing has; {@code allowed} lists those it has. */
    public static final ErrorCode UNKNOWN_FIELD =
            ErrorCode.of(ErrorKind.VALIDATION, "UNKNOWN_FIELD", "must be a list of {allowed}");

    /** The size or the number of a page is no whole number. */
    public static final ErrorCode NUMBER_INVALID =
            ErrorCode.of(ErrorKind.VALIDATION, "NUMBER_INVALID", "must be a whole number from 1 to {max}");

    /** The page is larger, or further from the start, than the listing allows: at most {@code max}. */
    public static final ErrorCode PAGE_TOO_LARGE =
            ErrorCode.of(ErrorKind.VALIDATION, "PAGE_TOO_LARGE", "must be at most {max}");

    /** A parameter was sent more than once, or with another one that says something else. */
    public static final ErrorCode PARAMETER_CONFLICT = ErrorCode.of(
            ErrorKind.VALIDATION, "PARAMETER_CONFLICT", "must be sent once, and not together with {other}");

    private PaginationErrors() {}
}
