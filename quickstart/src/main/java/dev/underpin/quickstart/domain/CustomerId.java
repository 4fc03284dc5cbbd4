package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Identifies a customer. */
public record CustomerId(UUID value) {
    /** {@return the id, if {@code raw} is a UUID in its usual spelling} */
    public static Result<CustomerId, DomainError> parse(@Nullable String raw) {
        return Uuids.parse(raw).map(CustomerId::new);
    }

    /** {@return the UUID alone} */
    @Override
    public String toString() {
        return value.toString();
    }
}
