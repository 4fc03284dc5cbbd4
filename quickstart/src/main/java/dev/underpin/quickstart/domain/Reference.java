package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The customer's own name for an order; unique for that customer. */
public record Reference(String value) {
    /** Not of the form. */
    public static final ErrorCode REFERENCE_MALFORMED = ErrorCode.of(
            ErrorKind.VALIDATION,
            "REFERENCE_MALFORMED",
            "must be 1 to 64 letters, digits, dots, dashes or underscores");

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** {@return the reference, if {@code raw} is one} */
    public static Result<Reference, DomainError> parse(@Nullable String raw) {
        return Required.given(raw)
                .filter(text -> FORM.matcher(text).matches(), text -> REFERENCE_MALFORMED.error())
                .map(Reference::new);
    }
}
