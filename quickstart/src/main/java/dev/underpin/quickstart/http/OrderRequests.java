package dev.underpin.quickstart.http;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.underpin.quickstart.domain.Card;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Delivery;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.NewOrder;
import dev.underpin.quickstart.domain.Quantity;
import dev.underpin.quickstart.domain.Reference;
import dev.underpin.quickstart.domain.Required;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of requests about orders, as clients write them. Nothing in them is trusted: any field can be missing.
 *
 * <p>There are two ways to a value that can be trusted, and the service shows both. A placed order is parsed, field by
 * field, into types that cannot hold anything wrong. A delivery is checked by the constraints of Bean Validation.
 */
final class OrderRequests {
    private OrderRequests() {}

    /** The body of {@code POST /orders}. */
    record PlaceOrder(
            @Nullable String customer,
            @Nullable List<@Nullable PlaceLine> lines,
            @Nullable String reference,
            @Nullable BigDecimal agreedTotal,
            @Nullable String card) {
        /** {@return the order wished for, or every fault there is in the body} */
        Result<NewOrder, DomainError> parse() {
            var v = Validation.start();
            var orderer = v.check("customer", CustomerId.parse(customer));
            var basket = v.check("lines", Required.given(lines).flatMap(PlaceOrder::parse));
            var name = v.check("reference", optional(reference, Reference::parse));
            var total = v.check("agreedTotal", optional(agreedTotal, Money::parse));
            var payer = v.check("card", optional(card, Card::parse));
            return v.build(() -> new NewOrder(orderer.get(), basket.get(), name.get(), total.get(), payer.get()))
                    .mapError(DomainError::widen);
        }

        private static Result<NewOrder.Lines, DomainError> parse(List<@Nullable PlaceLine> lines) {
            var v = Validation.start();
            var parsed = v.checkEach("", lines, PlaceLine::parse);
            return v.build(parsed).mapError(DomainError::widen).flatMap(NewOrder.Lines::of);
        }

        private static <A, T> Result<Optional<T>, DomainError> optional(
                @Nullable A raw, Function<A, Result<T, DomainError>> parse) {
            return raw == null ? Result.ok(Optional.empty()) : parse.apply(raw).map(Optional::of);
        }
    }

    /** One line of a {@link PlaceOrder}. */
    record PlaceLine(@Nullable String sku, @Nullable Integer quantity) {
        static Result<NewOrder.Line, DomainError> parse(@Nullable PlaceLine raw) {
            return Required.given(raw).flatMap(line -> {
                var v = Validation.start();
                var product = v.check("sku", Sku.parse(line.sku));
                var number = v.check("quantity", Quantity.parse(line.quantity));
                return v.build(() -> new NewOrder.Line(product.get(), number.get()));
            });
        }
    }

    /** The body of {@code PATCH /orders/{id}}. */
    record ChangeOrder(
            @Nullable @Positive Long version,
            @NotNull @Valid ChangeDelivery delivery) {}

    /** Where an order is to go. The names of the components are ours, those in JSON are the client's. */
    record ChangeDelivery(
            @NotBlank @Size(max = 100) @Pattern(regexp = TEXT, message = TEXT_TEXT)
            String recipient,

            @NotBlank @Size(max = 200) @Pattern(regexp = TEXT, message = TEXT_TEXT)
            String street,

            @JsonProperty("postal_code") @NotNull @Pattern(regexp = POSTAL_CODE, message = POSTAL_CODE_TEXT)
            String postalCode,

            @NotBlank @Size(max = 100) @Pattern(regexp = TEXT, message = TEXT_TEXT)
            String city,

            @JsonProperty("country_code") @NotNull @Pattern(regexp = COUNTRY, message = COUNTRY_TEXT)
            String country) {
        /** Neither a NUL nor half a surrogate pair can be stored everywhere, and the others belong on no parcel. */
        private static final String TEXT = "[^\\p{Cc}\\p{Cs}]*";

        private static final String TEXT_TEXT = "must be one line of text";
        private static final String POSTAL_CODE = "[A-Z0-9 -]{3,12}";
        private static final String POSTAL_CODE_TEXT = "must be 3 to 12 capital letters, digits, spaces or dashes";
        private static final String COUNTRY = "[A-Z]{2}";
        private static final String COUNTRY_TEXT = "must be a code of two capital letters";

        Delivery toDelivery() {
            return new Delivery(recipient, street, postalCode, city, country);
        }
    }
}
