package dev.underpin.quickstart.domain;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Identifies an order. */
public record OrderId(UUID value) {
    /** {@return the id, if {@code raw} is a UUID in its usual spelling} */
    public static Result<OrderId, DomainError> parse(@Nullable String raw) {
        return Uuids.parse(raw).map(OrderId::new);
    }

    /** {@return a new id} */
    public static OrderId random() {
        return new OrderId(UUID.randomUUID());
    }

    /** {@return the UUID alone} */
    @Override
    public String toString() {
        return value.toString();
    }
}
