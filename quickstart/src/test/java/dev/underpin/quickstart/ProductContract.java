package dev.underpin.quickstart;

import static dev.underpin.quickstart.TestService.KEY;
import static dev.underpin.quickstart.TestService.line;
import static dev.underpin.quickstart.TestService.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.quickstart.TestService.Answer;
import dev.underpin.quickstart.downstream.Condition;
import dev.underpin.quickstart.downstream.FlakyPayments.Fault;
import dev.underpin.quickstart.infrastructure.Seed;
import dev.underpin.result.CanIgnoreReturnValue;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is shown of products: kept in memory, and never older than a change that was answered. */
abstract class ProductContract {
    abstract TestService service();

    @Test
    void price_changed_isShownAtOnce_andHasAnotherTag() {
        Answer before = shown(496);
        Answer same = shown(496, "If-None-Match", before.header("ETag"));

        Answer changed = price("/products/INK-0496", "1234.5");

        Answer after = shown(496, "If-None-Match", before.header("ETag"));
        assertThat(before.header("ETag")).startsWith("W/\"");
        assertThat(before.header("Cache-Control"))
                .matches("max-age=[0-9]+, stale-while-revalidate=300, stale-if-error=300");
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.response().body()).isEmpty();
        assertThat(same.header("ETag")).isEqualTo(before.header("ETag"));
        assertThat(same.header("Cache-Control")).contains("max-age=");
        assertThat(changed.response().body()).contains("\"price\":1234.50,");
        assertThat(after.status()).isEqualTo(200);
        assertThat(after.data()).isEqualTo(changed.data());
        assertThat(after.header("ETag")).isNotEqualTo(before.header("ETag"));
    }

    @Test
    void price_ofACategory_isShownAtOnceByAllOfIt() {
        shown(494);
        shown(499);
        shown(497);
        service().execute("update products set name = 'Renamed' where sku in ('CUP-0494', 'PAD-0497')");

        Answer changed = price("/categories/cups", "7.25");

        assertThat(changed.data().path("products").asInt()).isEqualTo(Seed.PRODUCTS / 5);
        assertThat(shown(494).response().body()).contains("\"price\":7.25,", "Renamed");
        assertThat(shown(499).response().body()).contains("\"price\":7.25,");
        assertThat(shown(497).response().body()).as("another category").doesNotContain("Renamed");
    }

    @Test
    void stock_takenAndGivenBack_isShownAtOnce() {
        int stock = stock(491);
        String id = service().placed(491, 2);
        int taken = stock(491);

        Answer cancelled = service().post("/orders/" + id + "/cancel");

        assertThat(taken).isEqualTo(stock - 2);
        assertThat(cancelled.status()).isEqualTo(200);
        assertThat(stock(491)).isEqualTo(stock);
    }

    @Test
    void stock_givenBackByADeclinedCard_isShownAtOnce() {
        int stock = stock(491);
        var request = service()
                .request("/orders")
                .setHeader(KEY, UUID.randomUUID().toString())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(order("\"card\":\"tok_1\",", line(491, 2))))
                .build();
        service().payments().be(Condition.DOWN);
        Answer pending = service().send(request);
        int taken = stock(491);
        service().execute("update underpin_idempotency set lease_until = created_at where lease_until is not null");
        service().payments().be(Condition.WELL);
        service().payments().next(Fault.DECLINE);

        Answer declined = service().send(request);

        assertThat(pending.code()).isEqualTo("PAYMENTS_UNAVAILABLE");
        assertThat(taken).isEqualTo(stock - 2);
        assertThat(declined.code()).isEqualTo("CARD_DECLINED");
        assertThat(stock(491)).isEqualTo(stock);
    }

    @Test
    void stock_arrived_isShownAtOnce() {
        int stock = stock(491);

        Answer restocked = service()
                .send(
                        "POST",
                        "/products/INK-0491/restock",
                        BodyPublishers.ofString("{\"quantity\":5}"),
                        KEY,
                        UUID.randomUUID().toString());

        assertThat(restocked.status()).isEqualTo(200);
        assertThat(stock(491)).isEqualTo(stock + 5);
    }

    @Test
    void order_priceThatIsShownIsOld_costsWhatTheDatabaseSays() {
        price("/products/INK-0486", "10.00");
        shown(486);
        service().execute("update products set price = 11.00 where sku = 'INK-0486'");
        assertThat(shown(486).data().path("price").decimalValue()).isEqualByComparingTo("10");

        Answer refused = service().post("/orders", order("\"agreedTotal\":10.00,", line(486, 1)));
        Answer placed = service().post("/orders", order("", line(486, 1)));

        assertThat(refused.code()).isEqualTo("ORDER_TOTAL_CHANGED");
        assertThat(placed.data().path("total").decimalValue()).isEqualByComparingTo("11");
        assertThat(shown(486).data().path("price").decimalValue()).isEqualByComparingTo("11");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {}                    | VALIDATION_FAILED | price REQUIRED
                    {"price": -0.01}      | VALIDATION_FAILED | price AMOUNT_INVALID
                    {"price": 1.999}      | VALIDATION_FAILED | price AMOUNT_INVALID
                    {"price": 100000}     | VALIDATION_FAILED | price PRICE_TOO_HIGH
                    {"price": 1E999999999}| VALIDATION_FAILED | price AMOUNT_INVALID
                    {"price": "5"}        | MALFORMED_REQUEST | price TYPE_MISMATCH
                    """)
    void price_thatIsNone_isRefused(String body, String code, String fault) {
        Answer one = service().refused(400, code, "PUT", "/products/INK-0481/price", body);
        Answer all = service().refused(400, code, "PUT", "/categories/inks/price", body);

        assertThat(one.faults()).containsExactly(fault);
        assertThat(all.faults()).containsExactly(fault);
    }

    @ParameterizedTest
    @CsvSource({
        "/products/ZZZ-0000, 404, PRODUCT_NOT_FOUND",
        "/products/ink, 400, VALIDATION_FAILED",
        "/categories/none, 404, CATEGORY_NOT_FOUND",
        "/categories/Inks, 400, VALIDATION_FAILED",
        "/categories/%00, 400, MALFORMED_REQUEST"
    })
    void price_ofNothing_isRefused(String path, int status, String code) {
        service().refused(status, code, "PUT", path + "/price", "{\"price\":1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tag", "\"other\"", "W/\"other\", \"another\""})
    void product_otherTag_isShown(String tag) {
        assertThat(shown(481, "If-None-Match", tag).status()).isEqualTo(200);
    }

    @Test
    void caches_productShownAgain_isAHit() {
        shown(481);
        long hits = hits();

        shown(481);

        assertThat(hits()).isEqualTo(hits + 1);
    }

    private long hits() {
        return service()
                .get("/health/caches")
                .data()
                .path("products")
                .path("hits")
                .asLong();
    }

    private int stock(int product) {
        return shown(product).data().path("stock").asInt();
    }

    @CanIgnoreReturnValue
    private Answer shown(int product, String... headers) {
        var request = service().request("/products/" + Seed.product(product));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return service().send(request.build());
    }

    @CanIgnoreReturnValue
    private Answer price(String path, String price) {
        Answer answer = service().send("PUT", path + "/price", BodyPublishers.ofString("{\"price\":" + price + "}"));
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
        return answer;
    }
}
