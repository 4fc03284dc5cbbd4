package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Identifies a product, in the form {@code ABC-1234}. */
public record Sku(String value) implements Comparable<Sku> {
    /** Not of the form. */
    public static final ErrorCode SKU_MALFORMED =
            ErrorCode.of(ErrorKind.VALIDATION, "SKU_MALFORMED", "must look like ABC-1234");

    private static final Pattern FORM = Pattern.compile("[A-Z]{3}-[0-9]{4}");

    /** {@return the SKU, if {@code raw} is one} */
    public static Result<Sku, DomainError> parse(@Nullable String raw) {
        return Required.given(raw)
                .filter(text -> FORM.matcher(text).matches(), text -> SKU_MALFORMED.error())
                .map(Sku::new);
    }

    @Override
    public int compareTo(Sku other) {
        return value.compareTo(other.value);
    }

    /** {@return the SKU alone} */
    @Override
    public String toString() {
        return value;
    }
}
