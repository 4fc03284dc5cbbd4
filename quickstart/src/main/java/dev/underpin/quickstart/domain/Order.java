package dev.underpin.quickstart.domain;

import dev.underpin.result.Result;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;

/**
 * An order, at one of its versions. Every change makes the next version; who changes says which version is meant.
 *
 * @param version counts the changes, from 1
 * @param total the sum of the lines, at the prices of the day it was placed
 * @param shippedAt when it left the house, which the warehouse says and nobody here
 */
public record Order(
        OrderId id,
        long version,
        CustomerId customer,
        Optional<Reference> reference,
        OrderStatus status,
        List<Line> lines,
        Money total,
        Optional<Delivery> delivery,
        Instant placedAt,
        Instant changedAt,
        Optional<Instant> shippedAt) {
    /** One product, how many of it, and what one of them cost when it was ordered. */
    public record Line(Sku sku, Quantity quantity, Money unitPrice) {
        /** {@return what the line costs} */
        public Money total() {
            return unitPrice.times(quantity);
        }
    }

    /** Copies the lines. */
    public Order {
        lines = List.copyOf(lines);
    }

    /** {@return the products, each once} */
    public Set<Sku> skus() {
        return lines.stream().map(Line::sku).collect(Collectors.toUnmodifiableSet());
    }

    /** {@return a new order for a wish, unless it costs something else than was agreed} */
    public static Result<Order, OrderError> place(OrderId id, NewOrder wish, List<Line> lines, Instant now) {
        Money total = lines.stream().map(Line::total).reduce(Money.ZERO, Money::plus);
        if (wish.agreedTotal().isPresent() && !wish.agreedTotal().get().equals(total)) {
            return Result.err(new OrderError.TotalChanged(total));
        }
        return Result.ok(new Order(
                id,
                1,
                wish.customer(),
                wish.reference(),
                wish.card().isPresent() ? OrderStatus.PENDING : OrderStatus.PLACED,
                lines,
                total,
                Optional.empty(),
                now,
                now,
                Optional.empty()));
    }

    /** {@return this order, if its version is one that the caller means} */
    public Result<Order, OrderError> at(LongPredicate expected) {
        return expected.test(version) ? Result.ok(this) : Result.err(new OrderError.Stale(version));
    }

    /**
     * {@return the order, once its payment has come to an end}
     *
     * @param paid whether the card was charged; else the order is cancelled
     * @throws IllegalStateException if it is not being paid: nobody else changes an order that is
     */
    public Order settle(boolean paid, Instant now) {
        if (status != OrderStatus.PENDING) {
            throw new IllegalStateException("Order " + id + " must be PENDING: " + status);
        }
        return next(paid ? OrderStatus.PAID : OrderStatus.CANCELLED, delivery, now);
    }

    /** {@return the cancelled order, if it is still open} */
    public Result<Order, OrderError> cancel(Instant now) {
        return status.isOpen()
                ? Result.ok(next(OrderStatus.CANCELLED, delivery, now))
                : Result.err(new OrderError.NotOpen(status));
    }

    /** {@return the order with another place to go to, if it is still open} */
    public Result<Order, OrderError> deliverTo(Delivery place, Instant now) {
        return status.isOpen()
                ? Result.ok(next(status, Optional.of(place), now))
                : Result.err(new OrderError.NotOpen(status));
    }

    private Order next(OrderStatus status, Optional<Delivery> delivery, Instant now) {
        return new Order(
                id, version + 1, customer, reference, status, lines, total, delivery, placedAt, now, shippedAt);
    }
}
