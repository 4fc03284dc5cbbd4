package dev.underpin.quickstart.domain;

/** How far an order has come. */
public enum OrderStatus {
    /** Accepted; not yet paid. */
    PLACED,
    /** Paid; not yet on its way. */
    PAID,
    /** On its way, or delivered. */
    SHIPPED,
    /** Taken back by the customer. */
    CANCELLED;

    /** {@return whether the goods are still in the house and meant to leave it} */
    public boolean isOpen() {
        return this == PLACED || this == PAID;
    }
}
