package dev.underpin.quickstart.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.quickstart.application.Store;
import dev.underpin.quickstart.application.Store.Mode;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.Order;
import dev.underpin.quickstart.domain.OrderError;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.domain.OrderStatus;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Quantity;
import dev.underpin.quickstart.domain.Reference;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the store does that no request can bring about, or not at will; the same on every database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StoreContract {
    private static final int ORDERS = 10;

    private Database database;
    private Store store;

    abstract DatabaseConfig config() throws Exception;

    @BeforeAll
    void open() throws Exception {
        database = Database.open(config(), ORDERS);
        store = database.store();
    }

    @AfterAll
    void close() {
        database.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"WRITE", "WRITE_IN_TURN"})
    void inTransaction_errAfterWrites_leavesNothing(Mode mode) {
        Order order = order(Seed.customer(1), "rolled-back");
        DomainError error = new OrderError.NotOpen(OrderStatus.PAID);
        int stock = product().stock();

        Result<Order, DomainError> result = store.inTransaction(
                mode,
                session -> session.takeStock(order.lines())
                        .mapError(DomainError::widen)
                        .flatMap(taken -> session.insert(order))
                        .filter(placed -> false, placed -> error));

        assertThat(result).isEqualTo(Result.err(error));
        assertThat(product().stock()).isEqualTo(stock);
        assertThat(store.inTransaction(Mode.READ, session -> session.order(order.id())))
                .isEqualTo(Result.err(new OrderError.NoSuchOrder(order.id())));
    }

    @ParameterizedTest
    @EnumSource(names = {"WRITE", "WRITE_IN_TURN"})
    void insert_referenceTaken_namesTheField(Mode mode) {
        String reference = "taken-" + mode;
        assertThat(insert(mode, order(Seed.customer(1), reference)).isOk()).isTrue();

        Result<Order, DomainError> again = insert(mode, order(Seed.customer(1), reference));

        assertThat(again).isEqualTo(Result.err(new OrderError.ReferenceTaken()));
    }

    @ParameterizedTest
    @EnumSource(names = {"WRITE", "WRITE_IN_TURN"})
    void insert_customerUnknown_namesTheField(Mode mode) {
        Result<Order, DomainError> result = insert(mode, order(new CustomerId(UUID.randomUUID()), "nobody's"));

        assertThat(result).isEqualTo(Result.err(new OrderError.CustomerGone()));
    }

    private Result<Order, DomainError> insert(Mode mode, Order order) {
        return store.inTransaction(mode, session -> session.insert(order));
    }

    private Product product() {
        return store.inTransaction(Mode.READ, session -> session.product(Seed.product(1)))
                .orElseThrow();
    }

    private static Order order(CustomerId customer, String reference) {
        Money price = new Money(BigDecimal.TEN);
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        return new Order(
                OrderId.random(),
                1,
                customer,
                Optional.of(new Reference(reference)),
                OrderStatus.PLACED,
                List.of(new Order.Line(Seed.product(1), new Quantity(1), price)),
                price,
                Optional.empty(),
                now,
                now,
                Optional.empty());
    }
}
