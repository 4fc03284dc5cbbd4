package dev.underpin.quickstart.application;

import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.domain.OrderStatus;
import dev.underpin.quickstart.domain.Reference;
import java.time.Instant;
import java.util.Optional;

/**
 * An order as a listing shows it, without its lines.
 *
 * @param storedStatus the status as the database has it: one order that nobody can read must not hide its whole page
 */
public record OrderSummary(
        OrderId id,
        CustomerId customer,
        Optional<Reference> reference,
        String storedStatus,
        Money total,
        Instant placedAt,
        Optional<Instant> shippedAt) {
    /** {@return the status, if it is one} */
    public Optional<OrderStatus> status() {
        return OrderStatus.named(storedStatus);
    }
}
