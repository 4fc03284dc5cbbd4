package dev.underpin.quickstart.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class OrderTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final OrderId ID = OrderId.random();
    private static final List<Order.Line> LINES = List.of(
            new Order.Line(new Sku("INK-0001"), new Quantity(2), money("10.05")),
            new Order.Line(new Sku("PEN-0001"), new Quantity(1), money("0.90")));
    private static final Delivery PLACE = new Delivery("A. Writer", "1 Mill Lane", "CB1 2AB", "Cambridge", "GB");

    @Test
    void place_wish_isVersionOneAndCostsTheSum() {
        Order order = Order.place(ID, wish(Optional.empty()), LINES, NOW).orElseThrow();

        assertThat(order.version()).isEqualTo(1);
        assertThat(order.status()).isEqualTo(OrderStatus.PLACED);
        assertThat(order.total()).isEqualTo(money("21.00"));
        assertThat(order.placedAt()).isEqualTo(NOW);
    }

    @Test
    void place_agreedTotal_mustBeTheSum() {
        assertThat(Order.place(ID, wish(Optional.of(money("21"))), LINES, NOW).isOk())
                .isTrue();
        assertThat(Order.place(ID, wish(Optional.of(money("20.99"))), LINES, NOW))
                .isEqualTo(Result.err(new OrderError.TotalChanged(money("21.00"))));
    }

    @Test
    void at_otherVersion_isStale() {
        Order order = order(OrderStatus.PAID);

        assertThat(order.at(version -> version == 7)).isEqualTo(Result.ok(order));
        assertThat(order.at(version -> version == 6)).isEqualTo(Result.err(new OrderError.Stale(7)));
    }

    @ParameterizedTest
    @EnumSource(
            value = OrderStatus.class,
            names = {"PLACED", "PAID"})
    void change_open_makesTheNextVersion(OrderStatus status) {
        Instant later = NOW.plusSeconds(60);

        Order cancelled = order(status).cancel(later).orElseThrow();
        Order moved = order(status).deliverTo(PLACE, later).orElseThrow();

        assertThat(cancelled.status()).isEqualTo(OrderStatus.CANCELLED);
        assertThat(cancelled.version()).isEqualTo(8);
        assertThat(cancelled.changedAt()).isEqualTo(later);
        assertThat(moved.status()).isEqualTo(status);
        assertThat(moved.version()).isEqualTo(8);
        assertThat(moved.delivery()).contains(PLACE);
    }

    @Test
    void settle_pending_isPaidOrCancelled() {
        Instant later = NOW.plusSeconds(60);

        Order paid = order(OrderStatus.PENDING).settle(true, later);
        Order unpaid = order(OrderStatus.PENDING).settle(false, later);

        assertThat(paid.status()).isEqualTo(OrderStatus.PAID);
        assertThat(paid.version()).isEqualTo(8);
        assertThat(unpaid.status()).isEqualTo(OrderStatus.CANCELLED);
    }

    @ParameterizedTest
    @EnumSource(value = OrderStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "PENDING")
    void settle_anyOther_isABug(OrderStatus status) {
        assertThatThrownBy(() -> order(status).settle(true, NOW))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Order " + ID + " must be PENDING: " + status);
    }

    @ParameterizedTest
    @EnumSource(
            value = OrderStatus.class,
            names = {"PENDING", "SHIPPED", "CANCELLED"})
    void change_closed_isRefused(OrderStatus status) {
        assertThat(order(status).cancel(NOW)).isEqualTo(Result.err(new OrderError.NotOpen(status)));
        assertThat(order(status).deliverTo(PLACE, NOW)).isEqualTo(Result.err(new OrderError.NotOpen(status)));
    }

    private static Order order(OrderStatus status) {
        return new Order(
                ID,
                7,
                new CustomerId(UUID.randomUUID()),
                Optional.empty(),
                status,
                LINES,
                money("21.00"),
                Optional.empty(),
                NOW,
                NOW,
                Optional.empty());
    }

    private static NewOrder wish(Optional<Money> agreedTotal) {
        var lines = LINES.stream()
                .map(line -> new NewOrder.Line(line.sku(), line.quantity()))
                .toList();
        return new NewOrder(
                new CustomerId(UUID.randomUUID()),
                new NewOrder.Lines(lines),
                Optional.empty(),
                agreedTotal,
                Optional.empty());
    }

    private static Money money(String amount) {
        return new Money(new BigDecimal(amount));
    }
}
