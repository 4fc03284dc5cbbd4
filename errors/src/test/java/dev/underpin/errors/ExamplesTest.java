package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.errors.json.Jackson2Json;
import dev.underpin.errors.json.Json;
import dev.underpin.errors.validation.BeanValidation;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.hibernate.validator.HibernateValidator;
import org.hibernate.validator.spi.nodenameprovider.JavaBeanProperty;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.MDC;

/** The examples of the README, as they stand there. */
class ExamplesTest {
    record NewOrder(
            @NotBlank String sku,
            @JsonProperty("item_count") @Min(1) int quantity) {}

    static final class OrderRoutes {
        static final ErrorCode OUT_OF_STOCK =
                ErrorCode.of(ErrorKind.CONFLICT, "OUT_OF_STOCK", "Only {left} of {sku} left");

        final Json json = Jackson2Json.of(new ObjectMapper());
        final BeanValidation validation = BeanValidation.of(validator(json));
        final Renderer renderer = Renderer.builder(json)
                .translator(Translator.builder()
                        .on(UncheckedIOException.class, OrderRoutes::storeIsDown)
                        .build())
                .build();

        Rendered post(Function<String, @Nullable String> headers, byte[] body) {
            return renderer.answer(
                    headers,
                    context -> json.read(body, NewOrder.class)
                            .flatMap(order -> validation.check(order))
                            .flatMap(order -> place(order))
                            .map(id -> Envelope.created(id, "/orders/" + id)));
        }

        static Result<String, DomainError> place(NewOrder order) {
            return switch (order.sku()) {
                case "B-1" -> Result.err(OUT_OF_STOCK.error(Map.of("left", 2, "sku", order.sku())));
                case "C-1" -> throw new UncheckedIOException(new IOException("db.internal: connection refused"));
                default -> Result.ok("o-7");
            };
        }

        static DomainError storeIsDown(UncheckedIOException e) {
            return DomainError.builder(ErrorKind.UNAVAILABLE.code()).cause(e).build();
        }

        /** With Hibernate Validator: names as the client wrote them in the paths of violations, and one language. */
        static Validator validator(Json json) {
            return Validation.byProvider(HibernateValidator.class)
                    .configure()
                    .defaultLocale(Locale.ENGLISH)
                    .propertyNodeNameProvider(property -> property instanceof JavaBeanProperty p
                            ? json.propertyName(p.getDeclaringClass(), p.getName())
                            : property.getName())
                    .buildValidatorFactory()
                    .getValidator();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"sku\":\"A-1\",\"item_count\":1} | 201 | {\"data\":\"o-7\"}",
                "{\"sku\":\"A-1\",                  | 400 | MALFORMED_REQUEST",
                "{\"sku\":\"\",\"item_count\":1}    | 400 | \"field\":\"sku\"",
                "{\"sku\":\"A-1\",\"item_count\":0} | 400 | \"field\":\"item_count\"",
                "{\"sku\":\"B-1\",\"item_count\":3} | 409 | Only 2 of B-1 left",
                "{\"sku\":\"C-1\",\"item_count\":1} | 503 | The service is temporarily unavailable"
            })
    void post_orders_areAnsweredByKind(String body, int status, String part) {
        Rendered answer = new OrderRoutes().post(name -> null, body.getBytes(UTF_8));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(new String(answer.body(), UTF_8)).contains(part).doesNotContain("internal:");
    }

    @Test
    void send_toAFramework_takesThreeMethodReferences() {
        List<Object> response = new ArrayList<>();
        byte[] body = "{\"sku\":\"A-1\",\"item_count\":1}".getBytes(UTF_8);

        new OrderRoutes()
                .post(Map.of("X-Request-Id", "r-1")::get, body)
                .send(
                        response::add,
                        (name, value) -> response.add(name + ": " + value),
                        bytes -> response.add(bytes.length));

        assertThat(response)
                .startsWith(201)
                .contains("Location: /orders/o-7", "X-Request-Id: r-1")
                .endsWith(14);
    }

    @Test
    void wrap_executor_carriesTheMdc() {
        Renderer renderer = Renderer.builder(new PlainJson()).build();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Rendered answer = renderer.answer(Map.of("X-Request-Id", "r-1")::get, context -> {
                context.put("tenant", "t-1");
                return Result.ok(CompletableFuture.supplyAsync(
                                () -> MDC.get("requestId") + '/' + MDC.get("tenant"), context.wrap(executor))
                        .join());
            });

            assertThat(new String(answer.body(), UTF_8)).isEqualTo("{\"data\":\"r-1/t-1\"}");
        } finally {
            executor.shutdownNow();
        }
    }
}
