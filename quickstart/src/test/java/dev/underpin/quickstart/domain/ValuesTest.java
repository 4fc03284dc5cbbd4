package dev.underpin.quickstart.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ValuesTest {
    @Test
    void parse_valid_isRead() {
        UUID id = UUID.randomUUID();

        assertThat(OrderId.parse(id.toString())).isEqualTo(Result.ok(new OrderId(id)));
        assertThat(CustomerId.parse(id.toString().toUpperCase(java.util.Locale.ROOT)))
                .isEqualTo(Result.ok(new CustomerId(id)));
        assertThat(Sku.parse("INK-0001")).isEqualTo(Result.ok(new Sku("INK-0001")));
        assertThat(Category.parse("inks")).isEqualTo(Result.ok(new Category("inks")));
        assertThat(Product.parsePrice(new BigDecimal("99999.99"))).isEqualTo(Result.ok(Product.MAX_PRICE));
        assertThat(Quantity.parse(1)).isEqualTo(Result.ok(new Quantity(1)));
        assertThat(Quantity.parse(1000)).isEqualTo(Result.ok(new Quantity(1000)));
        assertThat(Reference.parse("a.b_C-9")).isEqualTo(Result.ok(new Reference("a.b_C-9")));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {"", "1-1-1-1-1", "zzzzzzzz-zzzz-4zzz-8zzz-zzzzzzzzzzzz", "00000000-0000-4000-8000-00000000000"})
    void id_malformed_isRefused(String raw) {
        assertThat(OrderId.parse(raw).isOk()).isFalse();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "ink-0001", "INK-001", "INK-00011", "INK-000\u0661", "INK-0001\n"})
    void sku_malformed_isRefused(String raw) {
        assertThat(Sku.parse(raw).isOk()).isFalse();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "Inks", "ink s", "inks\n", "inks\u0000", "abcdefghijklmnopqrstuvwxyzabcde"})
    void category_malformed_isRefused(String raw) {
        assertThat(Category.parse(raw).isOk()).isFalse();
    }

    @Test
    void price_tooHigh_isRefused() {
        assertThat(Product.parsePrice(new BigDecimal("100000")).isOk()).isFalse();
        assertThat(Product.parsePrice(null).isOk()).isFalse();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1001, Integer.MAX_VALUE})
    void quantity_outOfRange_isRefused(Integer raw) {
        assertThat(Quantity.parse(raw).isOk()).isFalse();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "two words", "caf\u00e9", "a\r\nb"})
    void reference_malformed_isRefused(String raw) {
        assertThat(Reference.parse(raw).isOk()).isFalse();
        assertThat(Reference.parse("x".repeat(65)).isOk()).isFalse();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "4242 4242", "tok&amount=0", "a\r\nb"})
    void card_malformed_isRefused(String raw) {
        assertThat(Card.parse(raw).isOk()).isFalse();
        assertThat(Card.parse("x".repeat(65)).isOk()).isFalse();
    }

    @Test
    void card_shown_hasNoToken() {
        assertThat(Card.parse("tok_4-A").orElseThrow().token()).isEqualTo("tok_4-A");
        assertThat(new Card("tok_4-A").toString()).doesNotContain("tok_4-A");
    }

    @Test
    void lines_repeatedProducts_areEachNamed() {
        NewOrder.Line line = new NewOrder.Line(new Sku("INK-0001"), new Quantity(1));

        Result<NewOrder.Lines, DomainError> result = NewOrder.Lines.of(List.of(line, line, line));

        assertThat(result.fold(lines -> List.<Detail>of(), DomainError::details))
                .extracting(Detail::field)
                .containsExactly("[1].sku", "[2].sku");
    }

    @Test
    void lines_bounds_areOneAndFifty() {
        assertThat(NewOrder.Lines.of(lines(0)).isOk()).isFalse();
        assertThat(NewOrder.Lines.of(lines(1)).isOk()).isTrue();
        assertThat(NewOrder.Lines.of(lines(50)).isOk()).isTrue();
        assertThat(NewOrder.Lines.of(lines(51)).isOk()).isFalse();
    }

    private static List<NewOrder.Line> lines(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new NewOrder.Line(new Sku("INK-" + (1000 + i)), new Quantity(1)))
                .toList();
    }
}
