package dev.underpin.quickstart.application;

import dev.underpin.quickstart.domain.Customer;
import dev.underpin.quickstart.domain.Order;
import dev.underpin.quickstart.domain.Product;
import java.util.List;
import java.util.Optional;

/**
 * A customer, with what was ordered last.
 *
 * @param orders the newest first, at most {@value #ORDERS}
 */
public record CustomerActivity(Customer customer, List<Recent> orders) {
    /** How many orders are shown of each customer. */
    public static final int ORDERS = 3;

    /** An order, with what is in it. */
    public record Recent(OrderSummary order, List<Item> items) {}

    /**
     * A line of an order.
     *
     * @param product the product as it is now, if it is still there
     */
    public record Item(Order.Line line, Optional<Product> product) {}

    /** How customers are read together with what belongs to them. */
    public enum Reading {
        /** Each level for all of them at once: as many statements as there are levels. */
        TOGETHER,
        /** One customer, order and line after the other, with a statement for each: there to be compared with. */
        ONE_BY_ONE
    }
}
