package dev.underpin.quickstart.application;

import dev.underpin.idempotency.Execution;
import dev.underpin.idempotency.Idempotency;
import dev.underpin.idempotency.Replay;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.quickstart.application.Store.Mode;
import dev.underpin.quickstart.domain.Card;
import dev.underpin.quickstart.domain.CatalogError;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Delivery;
import dev.underpin.quickstart.domain.NewOrder;
import dev.underpin.quickstart.domain.Order;
import dev.underpin.quickstart.domain.OrderError;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.resilience.Deadline;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import dev.underpin.result.ValidationError;
import dev.underpin.result.spi.TimeSource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;

/** Placing, reading and changing orders. Thread-safe. */
public final class Orders {
    private final Store store;
    private final Products products;
    private final Idempotency idempotency;
    private final Payments payments;
    private final TimeSource time;

    public Orders(Store store, Products products, Idempotency idempotency, Payments payments, TimeSource time) {
        this.store = store;
        this.products = products;
        this.idempotency = idempotency;
        this.payments = payments;
        this.time = time;
    }

    /**
     * {@return what the client is shown of the placed order} Whoever dies on the way, the same request goes on behind the
     * steps that are done. No transaction is open while the card is charged.
     *
     * @param deadline when nobody waits for the answer any more: until then the card may be charged
     */
    public <A> Result<Replay<A>, DomainError> place(Once<Order, A> once, NewOrder wish, Deadline deadline) {
        return idempotency.execute(
                once.operation(),
                once.request(),
                run -> store.inStep(run, "place", Mode.WRITE_IN_TURN, session -> placed(wish, session))
                        .flatMap(this::get)
                        .flatMap(order -> settled(run, wish.card(), order, deadline))
                        .map(once.answer()));
    }

    /**
     * Stock is taken in the same transaction, so nothing is sold twice. What a customer owes is the sum of rows, to which
     * another order adds one: so orders are placed in turn.
     */
    private Result<OrderId, DomainError> placed(NewOrder wish, Store.Session session) {
        return priced(wish, session)
                .mapError(DomainError::widen)
                .flatMap(lines -> Order.place(OrderId.random(), wish, lines, now()))
                .flatMap(order -> wish.card().isPresent() ? Result.ok(order) : onCredit(order, session))
                .flatMap(order -> session.takeStock(order.lines()).map(taken -> order))
                .onOk(order -> products.changed(order.skus(), session))
                .flatMap(session::insert)
                .map(Order::id);
    }

    private Result<Order, DomainError> settled(Execution run, Optional<Card> card, Order order, Deadline deadline) {
        return card.map(token -> charged(run, token, order, deadline)).orElseGet(() -> Result.ok(order));
    }

    /** A declined card is an answer, with the order cancelled. Any other failure ends the run here, and not the order. */
    private Result<Order, DomainError> charged(Execution run, Card card, Order order, Deadline deadline) {
        return run.step(
                        "charge",
                        OrderIdCodec.ORDER_ID,
                        key -> payments.charge(key, card, order.total(), deadline)
                                .map(done -> order.id()))
                .flatMap(id -> store.inStep(run, "paid", Mode.WRITE, session -> settled(id, true, session)))
                .recoverWith(error -> error.is(Payments.CARD_DECLINED)
                        ? store.inStep(run, "unpaid", Mode.WRITE, session -> settled(order.id(), false, session))
                                .flatMap(id -> Result.err(error))
                        : Result.err(error))
                .flatMap(this::get);
    }

    private Result<OrderId, DomainError> settled(OrderId id, boolean paid, Store.Session session) {
        return session.orderForUpdate(id)
                .map(order -> order.settle(paid, now()))
                .onOk(order -> {
                    if (!paid) {
                        returnStock(order, session);
                    }
                })
                .mapError(DomainError::widen)
                .flatMap(session::update)
                .map(Order::id);
    }

    /** {@return the order} */
    public Result<Order, DomainError> get(OrderId id) {
        return store.inTransaction(Mode.READ, session -> session.order(id));
    }

    /** {@return what {@link #list} can be asked for} */
    public PageSpec<OrderSummary> listing() {
        return store.orders();
    }

    /** {@return a page of all orders} */
    public Result<Page<OrderSummary>, DomainError> list(PageQuery<OrderSummary> query) {
        return store.inTransaction(Mode.READ, session -> Result.ok(session.orders(query)));
    }

    /** {@return what {@link #listOf} can be asked for} */
    public PageSpec<OrderSummary> listingOfCustomer() {
        return store.ordersOfCustomer();
    }

    /** {@return a page of the orders of a customer, if there is one} */
    public Result<Page<OrderSummary>, DomainError> listOf(CustomerId customer, PageQuery<OrderSummary> query) {
        return store.inTransaction(
                Mode.READ, session -> session.customer(customer).map(known -> session.ordersOf(known.id(), query)));
    }

    /** {@return the order, on its way to another place} */
    public Result<Order, DomainError> deliverTo(OrderId id, LongPredicate expected, Delivery place) {
        return store.inTransaction(
                Mode.WRITE,
                session -> session.orderForUpdate(id)
                        .flatMap(order -> order.at(expected))
                        .flatMap(order -> order.deliverTo(place, now()))
                        .mapError(DomainError::widen)
                        .flatMap(session::update));
    }

    /**
     * {@return the cancelled order} Its stock is given back in the same transaction. What the customer owes becomes less,
     * which no order that is placed meanwhile has to know.
     */
    public Result<Order, DomainError> cancel(OrderId id, LongPredicate expected) {
        return store.inTransaction(
                Mode.WRITE,
                session -> session.orderForUpdate(id)
                        .flatMap(order -> order.at(expected))
                        .flatMap(order -> order.cancel(now()))
                        .onOk(order -> returnStock(order, session))
                        .mapError(DomainError::widen)
                        .flatMap(session::update));
    }

    private void returnStock(Order order, Store.Session session) {
        session.returnStock(order.lines());
        products.changed(order.skus(), session);
    }

    private static Result<Order, OrderError> onCredit(Order order, Store.Session session) {
        return session.credit(order.customer())
                .map(credit -> credit.cover(order))
                .orElseGet(() -> Result.ok(order));
    }

    /** A customer or product that does not exist is a fault of the field that names it, and all are reported at once. */
    private static Result<List<Order.Line>, ValidationError> priced(NewOrder wish, Store.Session session) {
        Map<Sku, Product> products = session.products(wish.lines().skus());
        var v = Validation.start();
        v.check("customer", session.customer(wish.customer()));
        var lines = v.checkEach("lines", wish.lines().all(), line -> priced(line, products));
        return v.build(lines);
    }

    private static Result<Order.Line, ValidationError> priced(NewOrder.Line line, Map<Sku, Product> products) {
        var v = Validation.start();
        var product = v.check(
                "sku",
                Result.ofOptional(
                        Optional.ofNullable(products.get(line.sku())), CatalogError.PRODUCT_NOT_FOUND::error));
        return v.build(
                () -> new Order.Line(line.sku(), line.quantity(), product.get().price()));
    }

    /** What a database keeps of an instant; more would be gone when the order is read again. */
    private Instant now() {
        return time.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
