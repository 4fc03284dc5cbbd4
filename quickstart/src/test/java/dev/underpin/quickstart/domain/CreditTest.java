package dev.underpin.quickstart.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class CreditTest {
    private static final Credit CREDIT = new Credit(money("100"), money("60.01"));

    @Test
    void cover_upToTheLimit_isTheOrder() {
        Order order = order("39.99");

        assertThat(CREDIT.cover(order)).isEqualTo(Result.ok(order));
    }

    @Test
    void cover_aCentMore_saysWhatWouldBeOwed() {
        assertThat(CREDIT.cover(order("40.00")))
                .isEqualTo(Result.err(new OrderError.CreditExceeded(money("100"), money("100.01"))));
    }

    private static Order order(String total) {
        return new Order(
                OrderId.random(),
                1,
                new CustomerId(UUID.randomUUID()),
                Optional.empty(),
                OrderStatus.PLACED,
                List.of(),
                money(total),
                Optional.empty(),
                Instant.EPOCH,
                Instant.EPOCH,
                Optional.empty());
    }

    private static Money money(String amount) {
        return new Money(new BigDecimal(amount));
    }
}
