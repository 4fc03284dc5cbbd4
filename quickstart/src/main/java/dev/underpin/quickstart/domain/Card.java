package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A card, by the token that the payment service knows it by; its number never comes here. */
public record Card(String token) {
    /** Not of the form. */
    public static final ErrorCode CARD_MALFORMED = ErrorCode.of(
            ErrorKind.VALIDATION, "CARD_MALFORMED", "must be 1 to 64 letters, digits, dashes or underscores");

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** {@return the card, if {@code raw} is the token of one} */
    public static Result<Card, DomainError> parse(@Nullable String raw) {
        return Required.given(raw)
                .filter(text -> FORM.matcher(text).matches(), text -> CARD_MALFORMED.error())
                .map(Card::new);
    }

    /** {@return no word of the token} */
    @Override
    public String toString() {
        return "Card[...]";
    }
}
