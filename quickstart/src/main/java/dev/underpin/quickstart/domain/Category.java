package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What kind of product something is, such as {@code inks}. */
public record Category(String value) {
    /** Not of the form. */
    public static final ErrorCode CATEGORY_MALFORMED =
            ErrorCode.of(ErrorKind.VALIDATION, "CATEGORY_MALFORMED", "must be 1 to 30 letters from a to z");

    private static final Pattern FORM = Pattern.compile("[a-z]{1,30}");

    /** {@return the category, if {@code raw} can be one} */
    public static Result<Category, DomainError> parse(@Nullable String raw) {
        return Required.given(raw)
                .filter(text -> FORM.matcher(text).matches(), text -> CATEGORY_MALFORMED.error())
                .map(Category::new);
    }
}
