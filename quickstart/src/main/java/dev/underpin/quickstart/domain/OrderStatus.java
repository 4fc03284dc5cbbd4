package dev.underpin.quickstart.domain;

import java.util.Arrays;
import java.util.Optional;

/** How far an order has come. */
public enum OrderStatus {
    /** Its card is being charged; until that has come to an end nobody changes it. */
    PENDING,
    /** Accepted; not yet paid. */
    PLACED,
    /** Paid; not yet on its way. */
    PAID,
    /** On its way, or delivered. */
    SHIPPED,
    /** Taken back by the customer, or not paid since the card was declined. */
    CANCELLED;

    /** {@return the status of this name, if there is one} */
    public static Optional<OrderStatus> named(String name) {
        return Arrays.stream(values())
                .filter(status -> status.name().equals(name))
                .findAny();
    }

    /** {@return whether the goods are still in the house and meant to leave it} */
    public boolean isOpen() {
        return this == PLACED || this == PAID;
    }
}
