package dev.underpin.quickstart.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.validation.BeanValidation;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.json.Jackson2Codec;
import dev.underpin.quickstart.application.Orders;
import dev.underpin.quickstart.domain.Order;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.http.OrderRequests.ChangeOrder;
import dev.underpin.quickstart.http.OrderRequests.PlaceOrder;
import dev.underpin.quickstart.http.Views.OrderView;
import dev.underpin.resilience.Deadline;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** The routes below {@code /orders}. */
final class OrderRoutes {
    /** Shorter than a charge may take: it is renewed meanwhile, and clients of a worker that died do not wait long. */
    private static final Duration LEASE = Duration.ofSeconds(5);

    private final Orders orders;
    private final Gate gate;
    private final Requests requests;
    private final BeanValidation beans;

    private final Operation<OrderView> placing;

    OrderRoutes(Orders orders, Gate gate, Requests requests, BeanValidation beans, ObjectMapper mapper) {
        this.orders = orders;
        this.gate = gate;
        this.requests = requests;
        this.beans = beans;
        this.placing = Operation.named("orders.place").lease(LEASE).build(Jackson2Codec.of(mapper, OrderView.class));
    }

    void register(RoutesConfig routes, Answers answers) {
        routes.post("/orders", answers.to(http -> gate.order(http, deadline -> place(http, deadline))));
        routes.get("/orders/{id}", answers.to(this::get));
        routes.head("/orders/{id}", answers.to(this::get));
        routes.patch("/orders/{id}", answers.to(this::change));
        routes.post("/orders/{id}/cancel", answers.to(this::cancel));
    }

    private Result<Envelope<OrderView>, DomainError> place(Context http, Deadline deadline) {
        return requests.body(http, PlaceOrder.class)
                .flatMap(PlaceOrder::parse)
                // There are no accounts, so a key belongs to the customer that the order is for.
                .flatMap(wish -> Requests.once(http, wish.customer().toString(), placing, OrderView::of)
                        .flatMap(once -> orders.place(once, wish, deadline)))
                .mapError(Requests::inBody)
                .map(replay -> created(replay.value()).headers(replay.headers()));
    }

    private static Envelope<OrderView> created(OrderView order) {
        return Envelope.created(order, "/orders/" + order.id()).headers(Answers.etag(order.version()));
    }

    private Result<Envelope<OrderView>, DomainError> get(Context http) {
        return id(http).flatMap(orders::get).map(OrderRoutes::view);
    }

    private Result<Envelope<OrderView>, DomainError> change(Context http) {
        return id(http).flatMap(id -> requests.body(http, ChangeOrder.class)
                .flatMap(beans::check)
                .mapError(Requests::inBody)
                .flatMap(change -> expected(http, change.version())
                        .flatMap(expected ->
                                orders.deliverTo(id, expected, change.delivery().toDelivery())))
                .map(OrderRoutes::view));
    }

    private Result<Envelope<OrderView>, DomainError> cancel(Context http) {
        return id(http).flatMap(id -> Requests.noBody(http)
                .flatMap(none -> Requests.ifMatch(http))
                .flatMap(expected -> orders.cancel(id, expected.orElse(any -> true)))
                .map(OrderRoutes::view));
    }

    private static Result<OrderId, DomainError> id(Context http) {
        return Requests.path(http, "id", OrderId::parse);
    }

    /** A change without a version would undo somebody else's; who sends both ways means both. */
    private static Result<LongPredicate, DomainError> expected(Context http, @Nullable Long version) {
        Optional<LongPredicate> body = Optional.ofNullable(version).map(sent -> current -> current == sent);
        return Requests.ifMatch(http)
                .flatMap(header -> Result.ofOptional(
                        header.map(tags -> body.map(tags::and).orElse(tags)).or(() -> body),
                        HttpErrors.VERSION_REQUIRED::error));
    }

    private static Envelope<OrderView> view(Order order) {
        return Envelope.of(OrderView.of(order)).headers(Answers.etag(order.version()));
    }
}
