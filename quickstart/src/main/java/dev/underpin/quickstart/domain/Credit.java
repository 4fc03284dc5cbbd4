package dev.underpin.quickstart.domain;

import dev.underpin.result.Result;

/**
 * How much a customer may owe, and owes. An order without a card is owed from when it is placed until it is paid or
 * cancelled.
 *
 * @param limit how much all that is owed may come to
 * @param owed what is owed so far
 */
public record Credit(Money limit, Money owed) {
    /** {@return the order, if it can be owed as well} */
    public Result<Order, OrderError> cover(Order order) {
        Money after = owed.plus(order.total());
        return after.isMoreThan(limit) ? Result.err(new OrderError.CreditExceeded(limit, after)) : Result.ok(order);
    }
}
