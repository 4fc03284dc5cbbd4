package dev.underpin.quickstart.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.underpin.quickstart.application.CustomerActivity;
import dev.underpin.quickstart.application.OrderSummary;
import dev.underpin.quickstart.domain.Customer;
import dev.underpin.quickstart.domain.Delivery;
import dev.underpin.quickstart.domain.DeliveryTime;
import dev.underpin.quickstart.domain.Order;
import dev.underpin.quickstart.domain.OrderStatus;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Reference;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What clients see of the domain. Public: a name here is changed only with the clients. */
final class Views {
    private Views() {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record OrderView(
            UUID id,
            long version,
            UUID customer,
            @Nullable String reference,
            OrderStatus status,
            List<LineView> lines,
            BigDecimal total,
            @Nullable DeliveryView delivery,
            String placedAt,
            String changedAt,
            @Nullable String shippedAt) {
        static OrderView of(Order order) {
            return new OrderView(
                    order.id().value(),
                    order.version(),
                    order.customer().value(),
                    order.reference().map(Reference::value).orElse(null),
                    order.status(),
                    order.lines().stream().map(LineView::of).toList(),
                    order.total().amount(),
                    order.delivery().map(DeliveryView::of).orElse(null),
                    order.placedAt().toString(),
                    order.changedAt().toString(),
                    order.shippedAt().map(Instant::toString).orElse(null));
        }
    }

    /** {@return the fields of an order in a listing, as far as it has them; unlike {@link OrderView}, without lines} */
    static Map<String, Object> summary(OrderSummary order, Set<String> fields) {
        Map<String, Object> view = new LinkedHashMap<>();
        for (String field : fields) {
            value(order, field).ifPresent(value -> view.put(field, value));
        }
        return view;
    }

    private static Optional<?> value(OrderSummary order, String field) {
        return switch (field) {
            case "id" -> Optional.of(order.id().value());
            case "customer" -> Optional.of(order.customer().value());
            case "reference" -> order.reference().map(Reference::value);
            case "status" -> order.status();
            case "total" -> Optional.of(order.total().amount());
            case "placedAt" -> Optional.of(order.placedAt().toString());
            case "shippedAt" -> order.shippedAt().map(Instant::toString);
            default -> throw new IllegalArgumentException("An order in a listing has no field " + field);
        };
    }

    record LineView(String sku, int quantity, BigDecimal unitPrice, BigDecimal total) {
        static LineView of(Order.Line line) {
            return new LineView(
                    line.sku().value(),
                    line.quantity().value(),
                    line.unitPrice().amount(),
                    line.total().amount());
        }
    }

    record DeliveryView(
            String recipient,
            String street,
            @JsonProperty("postal_code") String postalCode,
            String city,
            @JsonProperty("country_code") String country) {
        static DeliveryView of(Delivery delivery) {
            return new DeliveryView(
                    delivery.recipient(),
                    delivery.street(),
                    delivery.postalCode(),
                    delivery.city(),
                    delivery.country());
        }
    }

    record CustomerView(UUID id, String name, String email, String createdAt) {
        static CustomerView of(Customer customer) {
            return new CustomerView(
                    customer.id().value(),
                    customer.name(),
                    customer.email(),
                    customer.createdAt().toString());
        }
    }

    /** A customer with the newest orders. */
    record ActivityView(UUID id, String name, List<Map<String, Object>> orders) {
        private static final Set<String> FIELDS = new LinkedHashSet<>(List.of("id", "status", "total", "placedAt"));

        static ActivityView of(CustomerActivity activity) {
            return new ActivityView(
                    activity.customer().id().value(),
                    activity.customer().name(),
                    activity.orders().stream().map(ActivityView::recent).toList());
        }

        private static Map<String, Object> recent(CustomerActivity.Recent recent) {
            Map<String, Object> view = summary(recent.order(), FIELDS);
            view.put("items", recent.items().stream().map(ItemView::of).toList());
            return view;
        }
    }

    /** A line of an order, with what the product is called and costs now; without that if it is gone. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ItemView(
            String sku,
            int quantity,
            BigDecimal unitPrice,
            @Nullable String name,
            @Nullable BigDecimal price) {
        static ItemView of(CustomerActivity.Item item) {
            return new ItemView(
                    item.line().sku().value(),
                    item.line().quantity().value(),
                    item.line().unitPrice().amount(),
                    item.product().map(Product::name).orElse(null),
                    item.product().map(product -> product.price().amount()).orElse(null));
        }
    }

    record DeliveryTimeView(String sku, int days, boolean assumed) {
        static DeliveryTimeView of(DeliveryTime time) {
            return new DeliveryTimeView(
                    time.sku().value(), time.days(), time.assumedBecause().isPresent());
        }
    }

    record ProductView(String sku, String name, String category, BigDecimal price, int stock) {
        static ProductView of(Product product) {
            return new ProductView(
                    product.sku().value(),
                    product.name(),
                    product.category().value(),
                    product.price().amount(),
                    product.stock());
        }
    }

    record CategoryView(String category, BigDecimal price, int products) {}
}
