package dev.underpin.quickstart.domain;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import java.util.List;
import java.util.Map;

/** What the orders domain refuses: one constant per published code, one record per case a caller matches on. */
public sealed interface OrderError extends DomainError {
    ErrorCode ORDER_NOT_FOUND = ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_NOT_FOUND", "There is no such order");
    ErrorCode ORDER_STALE =
            ErrorCode.of(ErrorKind.PRECONDITION, "ORDER_STALE", "The order has changed: its version is {version} now");
    ErrorCode ORDER_NOT_OPEN = ErrorCode.of(
            ErrorKind.UNPROCESSABLE, "ORDER_NOT_OPEN", "The order is {status}; only a placed or paid order can change");
    ErrorCode REFERENCE_TAKEN = ErrorCode.of(
            ErrorKind.CONFLICT, "ORDER_REFERENCE_TAKEN", "The reference is already in use for another order");
    ErrorCode CUSTOMER_GONE = ErrorCode.of(ErrorKind.CONFLICT, "CUSTOMER_GONE", "The customer is no longer there");
    ErrorCode CREDIT_EXCEEDED =
            ErrorCode.of(ErrorKind.UNPROCESSABLE, "CREDIT_EXCEEDED", "{owed} would be owed, and the limit is {limit}");
    ErrorCode OUT_OF_STOCK = ErrorCode.of(ErrorKind.UNPROCESSABLE, "OUT_OF_STOCK", "Only {left} of {sku} left");
    ErrorCode TOTAL_CHANGED = ErrorCode.of(
            ErrorKind.UNPROCESSABLE, "ORDER_TOTAL_CHANGED", "The order would cost {total}, not what was agreed");

    /** No order has this id. */
    record NoSuchOrder(OrderId id) implements OrderError {
        @Override
        public ErrorCode code() {
            return ORDER_NOT_FOUND;
        }
    }

    /** Somebody changed the order after the caller read it. */
    record Stale(long version) implements OrderError {
        @Override
        public ErrorCode code() {
            return ORDER_STALE;
        }

        @Override
        public Map<String, Object> args() {
            return Map.of("version", version);
        }
    }

    /** The order is past changing. */
    record NotOpen(OrderStatus status) implements OrderError {
        @Override
        public ErrorCode code() {
            return ORDER_NOT_OPEN;
        }

        @Override
        public Map<String, Object> args() {
            return Map.of("status", status);
        }
    }

    /** The customer has another order of this name. */
    record ReferenceTaken() implements OrderError {
        @Override
        public ErrorCode code() {
            return REFERENCE_TAKEN;
        }

        @Override
        public List<Detail> details() {
            return List.of(Detail.of("reference", REFERENCE_TAKEN));
        }
    }

    /** The customer was there when the order was checked, and is not now. */
    record CustomerGone() implements OrderError {
        @Override
        public ErrorCode code() {
            return CUSTOMER_GONE;
        }

        @Override
        public List<Detail> details() {
            return List.of(Detail.of("customer", CUSTOMER_GONE));
        }
    }

    /** The customer would owe more than may be. */
    record CreditExceeded(Money limit, Money owed) implements OrderError {
        @Override
        public ErrorCode code() {
            return CREDIT_EXCEEDED;
        }

        @Override
        public Map<String, Object> args() {
            return Map.of("limit", limit.amount(), "owed", owed.amount());
        }
    }

    /** The shop has less than was ordered. */
    record OutOfStock(Sku sku, int left) implements OrderError {
        @Override
        public ErrorCode code() {
            return OUT_OF_STOCK;
        }

        @Override
        public Map<String, Object> args() {
            return Map.of("sku", sku.value(), "left", left);
        }
    }

    /** Prices have moved since the customer saw them. */
    record TotalChanged(Money total) implements OrderError {
        @Override
        public ErrorCode code() {
            return TOTAL_CHANGED;
        }

        @Override
        public Map<String, Object> args() {
            return Map.of("total", total.amount());
        }
    }
}
