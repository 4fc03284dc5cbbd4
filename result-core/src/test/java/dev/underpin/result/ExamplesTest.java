package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The examples of the README, as they stand there. */
class ExamplesTest {
    sealed interface OrderError extends DomainError {
        ErrorCode OUT_OF_STOCK = ErrorCode.of(ErrorKind.UNPROCESSABLE, "OUT_OF_STOCK", "Only {left} of {sku} left");
        ErrorCode SKU_MALFORMED = ErrorCode.of(ErrorKind.VALIDATION, "SKU_MALFORMED", "must look like A-1");
        ErrorCode QUANTITY_POSITIVE = ErrorCode.of(ErrorKind.VALIDATION, "QUANTITY_POSITIVE", "must be positive");

        record OutOfStock(String sku, int left) implements OrderError {
            @Override
            public ErrorCode code() {
                return OUT_OF_STOCK;
            }

            @Override
            public Map<String, Object> args() {
                return Map.of("sku", sku, "left", left);
            }
        }
    }

    record NewOrder(String sku, int quantity) {
        static Result<NewOrder, ValidationError> parse(String sku, int quantity) {
            var v = Validation.start();
            var parsedSku = v.check("sku", parseSku(sku));
            v.require("quantity", quantity > 0, OrderError.QUANTITY_POSITIVE);
            return v.build(() -> new NewOrder(parsedSku.get(), quantity));
        }

        private static Result<String, DomainError> parseSku(String sku) {
            return sku.matches("[A-Z]-[0-9]+") ? Result.ok(sku) : Result.err(OrderError.SKU_MALFORMED.error());
        }
    }

    static Result<String, DomainError> place(String sku, int quantity, int stock) {
        return Result.<NewOrder, DomainError>widen(NewOrder.parse(sku, quantity))
                .filter(order -> order.quantity() <= stock, order -> new OrderError.OutOfStock(order.sku(), stock))
                .map(order -> order.quantity() + " of " + order.sku());
    }

    static String answer(Result<String, DomainError> placed) {
        return placed.fold(
                order -> "placed: " + order, error -> error.code() + ": " + error.message() + " " + error.details());
    }

    static Result<String, DomainError> readConfig(Path file) {
        return Result.attempt(IOException.class, () -> Files.readString(file))
                .mapError(e -> DomainError.builder(ErrorKind.UNAVAILABLE.code())
                        .cause(e)
                        .build());
    }

    static CompletableFuture<Result<String, DomainError>> ask(CompletableFuture<String> remote) {
        return Result.fromFuture(
                remote,
                e -> DomainError.builder(ErrorKind.BAD_GATEWAY.code()).cause(e).build());
    }

    /** Mirrors the documentation of {@link Validation}. */
    record Stay(LocalDate from, LocalDate until) {
        static final ErrorCode DATE_MALFORMED = ErrorCode.of(ErrorKind.VALIDATION, "DATE_MALFORMED", "must be a date");
        static final ErrorCode UNTIL_AFTER_FROM =
                ErrorCode.of(ErrorKind.VALIDATION, "UNTIL_AFTER_FROM", "must be after from");

        static Result<Stay, ValidationError> parse(String fromText, String untilText) {
            var v = Validation.start();
            var from = v.check("from", date(fromText));
            var until = v.check("until", date(untilText));
            return v.build(() -> {
                v.require("until", from.get().isBefore(until.get()), UNTIL_AFTER_FROM);
                return new Stay(from.get(), until.get());
            });
        }

        private static Result<LocalDate, DomainError> date(String text) {
            return Result.attempt(DateTimeParseException.class, () -> LocalDate.parse(text))
                    .mapError(e -> DATE_MALFORMED.error());
        }
    }

    @Nested
    class TheyWork {
        @Test
        void stay_dates_areCheckedAloneAndTogether() {
            assertThat(Stay.parse("2026-01-01", "2026-01-02").isOk()).isTrue();
            assertThat(Stay.parse("2026-01-02", "2026-01-02"))
                    .isEqualTo(Result.err(new ValidationError(List.of(Detail.of("until", Stay.UNTIL_AFTER_FROM)))));
            assertThat(Stay.parse("soon", "2026-01-02"))
                    .isEqualTo(Result.err(new ValidationError(List.of(Detail.of("from", Stay.DATE_MALFORMED)))));
        }

        @Test
        void place_goodOrder_isPlaced() {
            assertThat(answer(place("A-1", 2, 10))).isEqualTo("placed: 2 of A-1");
        }

        @Test
        void place_tooMuch_saysWhatIsLeft() {
            assertThat(answer(place("A-1", 12, 10))).isEqualTo("OUT_OF_STOCK: Only 10 of A-1 left []");
        }

        @Test
        void place_badInput_namesEveryField() {
            Result<String, DomainError> placed = place("?", 0, 10);

            assertThatThrownBy(placed::orElseThrow)
                    .isInstanceOfSatisfying(
                            DomainErrorException.class,
                            e -> assertThat(e.error().details())
                                    .containsExactly(
                                            Detail.of("sku", OrderError.SKU_MALFORMED),
                                            Detail.of("quantity", OrderError.QUANTITY_POSITIVE)));
        }

        @Test
        void readConfig_noFile_isUnavailableWithItsCause() {
            DomainError error = readConfig(Path.of("no such file")).<DomainError>fold(text -> null, e -> e);

            assertThat(error.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(error.cause()).containsInstanceOf(NoSuchFileException.class);
        }

        @Test
        void ask_failedRemote_isAnErrorOfTheRemote() {
            var failed = CompletableFuture.<String>failedFuture(new IOException("reset"));

            assertThat(ask(failed).join()).hasToString("Err[UPSTREAM_FAILED]");
            assertThat(ask(CompletableFuture.completedFuture("yes")).join()).isEqualTo(Result.ok("yes"));
        }
    }

    @Test
    void readme_examples_areTheCodeAbove() throws IOException {
        String source = squeezed(Files.readString(Path.of("src/test/java/dev/underpin/result/ExamplesTest.java")));
        var examples = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("README.md")))
                .results()
                .map(example -> squeezed(example.group(1)))
                .toList();

        assertThat(examples)
                .isNotEmpty()
                .allSatisfy(example -> assertThat(source).contains(example));
    }

    /** {@return the text without white space, which the formatter decides} */
    private static String squeezed(String text) {
        return text.replaceAll("\\s+", "");
    }
}
