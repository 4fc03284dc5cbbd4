package dev.underpin.quickstart;

import static dev.underpin.quickstart.TestService.KEY;
import static dev.underpin.quickstart.TestService.line;
import static dev.underpin.quickstart.TestService.order;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.underpin.quickstart.TestService.Answer;
import dev.underpin.quickstart.downstream.Condition;
import dev.underpin.quickstart.downstream.FlakyPayments.Entry;
import dev.underpin.quickstart.downstream.FlakyPayments.Fault;
import dev.underpin.quickstart.infrastructure.Seed;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of requests that are sent again. */
abstract class KeyContract {
    private static final String REPLAYED = "Idempotent-Replayed";

    private final String key = UUID.randomUUID().toString();

    abstract TestService service();

    @AfterEach
    void noFaultIsLeft() {
        assertThat(place(UUID.randomUUID().toString(), byCard(1)).status()).isEqualTo(201);
    }

    @Test
    void place_withoutAKey_isRefused() {
        var request = HttpRequest.newBuilder(
                        service().request("/orders/").build().uri().resolve("/orders"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(byCard(1)))
                .build();

        service().refused(400, "IDEMPOTENCY_KEY_REQUIRED", request);
    }

    @Test
    void place_twoKeys_isRefused() {
        service()
                .refused(
                        400,
                        "IDEMPOTENCY_KEY_INVALID",
                        request("/orders", "a", byCard(1)).header(KEY, "b").build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "a,b", "\"a"})
    void place_keyThatIsNone_isRefused(String none) {
        service()
                .refused(
                        400,
                        "IDEMPOTENCY_KEY_INVALID",
                        request("/orders", none, byCard(1)).build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"card\":\"tok_1\","})
    void place_again_isTheSameAnswerAndNothingElse(String card) {
        Answer first = place(key, order(card, line(70, 2)));
        String before = service().contents();
        int requests = requests();

        Answer again = place(key, order("", line(70, 2)).replaceFirst("\\{", "{ " + card));

        assertThat(first.status()).as(first.response().body()).isEqualTo(201);
        assertThat(first.header(REPLAYED)).isEmpty();
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.header(REPLAYED)).isEqualTo("true");
        assertThat(again.response().body()).isEqualTo(first.response().body());
        assertThat(again.header("Location")).isNotEmpty().isEqualTo(first.header("Location"));
        assertThat(again.header("ETag")).isNotEmpty().isEqualTo(first.header("ETag"));
        assertThat(service().contents()).isEqualTo(before);
        assertThat(requests()).isEqualTo(requests);
    }

    @Test
    void place_againAfterAChange_isWhatWasAnswered() {
        Answer first = place(key, byCard(1));
        assertThat(service().post(first.header("Location") + "/cancel").status())
                .isEqualTo(200);

        assertThat(place(key, byCard(1)).response().body())
                .isEqualTo(first.response().body());
    }

    @Test
    void place_byCard_isPaid() {
        Answer paid = place(key, byCard(2));

        assertThat(paid.data().path("status").asText()).isEqualTo("PAID");
        assertThat(service().get(paid.header("Location")).data()).isEqualTo(paid.data());
        assertThat(lastCharge().amount()).isEqualTo(paid.data().path("total").asText());
    }

    @Test
    void place_sameKeyOtherBody_isRefused() {
        assertThat(place(key, byCard(1)).status()).isEqualTo(201);

        service()
                .refused(
                        422,
                        "IDEMPOTENCY_KEY_REUSED",
                        request("/orders", key, byCard(2)).build());
    }

    @Test
    void place_sameKeyOtherCustomer_isAnotherOrder() {
        String other =
                byCard(1).replace(Seed.customer(1).toString(), Seed.customer(2).toString());

        Answer first = place(key, byCard(1));
        Answer second = place(key, other);

        assertThat(second.header("Location")).startsWith("/orders/").isNotEqualTo(first.header("Location"));
    }

    /** What was refused for its form is no request of the key's. */
    @Test
    void place_sameKeyAfterAFaultOfForm_isPlaced() {
        service()
                .refused(
                        400,
                        "VALIDATION_FAILED",
                        request("/orders", key, order("", line(70, 0))).build());

        assertThat(place(key, byCard(1)).status()).isEqualTo(201);
    }

    /** What only the database knows to be a fault is found out anew, and changes nothing for the key. */
    @Test
    void place_sameRequestAfterAFaultOfContent_isTriedAgain() {
        String body = order("", line(70, 1)).replace(Seed.product(70).value(), "NEW-0070");
        var sent = request("/orders", key, body).build();
        service().refused(400, "VALIDATION_FAILED", sent);
        service()
                .execute("insert into products (sku, name, category, price, stock)"
                        + " select 'NEW-0070', name, category, price, stock from products where sku = 'INK-0071'");

        assertThat(service().send(sent).status()).isEqualTo(201);
    }

    @Test
    void place_whileItsCardIsCharged_isInProgressAndPending() {
        service().payments().next(Fault.HANG);
        var first = CompletableFuture.supplyAsync(() -> place(key, byCard(1)));
        awaitHanging();

        Answer second = service()
                .refused(
                        409,
                        "IDEMPOTENCY_IN_PROGRESS",
                        request("/orders", key, byCard(1)).build());
        JsonNode pending = service().get("/orders?status=PENDING").data();
        var cancel = service().request("/orders/" + pending.path(0).path("id").asText() + "/cancel");
        service()
                .refused(
                        422,
                        "ORDER_NOT_OPEN",
                        cancel.POST(BodyPublishers.noBody()).build());
        service().payments().release();

        assertThat(second.header("Retry-After")).matches("[1-5]");
        assertThat(pending).hasSize(1);
        assertThat(first.join().data().path("status").asText()).isEqualTo("PAID");
        assertThat(place(key, byCard(1)).header(REPLAYED)).isEqualTo("true");
        assertThat(lastCharge().requests()).isEqualTo(1);
    }

    @Test
    void place_cardDeclined_isCancelledAndTheAnswer() {
        String before = "select sum(stock) from products";
        long stock = service().query(before);
        service().payments().next(Fault.DECLINE);

        Answer first = place(key, byCard(3));
        Answer again = service()
                .refused(
                        422, "CARD_DECLINED", request("/orders", key, byCard(3)).build());

        assertThat(first.status()).isEqualTo(422);
        assertThat(again.error().path("message")).isEqualTo(first.error().path("message"));
        assertThat(service().query(before)).isEqualTo(stock);
        assertThat(lastCharge().requests()).isEqualTo(1);
        assertThat(lastCharge().charges()).isZero();
        assertThat(service().get("/orders?size=1").data().at("/0/status").asText())
                .isEqualTo("CANCELLED");
    }

    /** The first attempt charges nothing, the second does and does not hear of it. */
    @Test
    void place_paymentsUnavailableForAMoment_isAskedAgainWithTheSameKey() {
        service().payments().next(Fault.UNAVAILABLE, Fault.DROP);

        Answer paid = place(key, byCard(1));

        assertThat(paid.status()).as(paid.response().body()).isEqualTo(201);
        assertThat(paid.data().path("status").asText()).isEqualTo("PAID");
        assertThat(lastCharge().requests()).isEqualTo(3);
        assertThat(lastCharge().charges()).isEqualTo(1);
    }

    /** It opens the circuit, too, which is no answer to be kept either. */
    @Test
    void place_paymentsAway_goesOnBehindItsSteps() {
        long orders = service().query("select count(1) from orders");
        service().payments().be(Condition.DOWN);

        Answer away = place(key, byCard(1));
        Answer early = place(key, byCard(1));
        endLeases();
        Answer still = place(key, byCard(1));
        endLeases();
        service().payments().be(Condition.WELL);
        Answer done = place(key, byCard(1));

        assertThat(away.status()).isEqualTo(503);
        assertThat(away.code()).isEqualTo("PAYMENTS_UNAVAILABLE");
        assertThat(still.status()).isEqualTo(503);
        assertThat(List.of(away, still))
                .allSatisfy(answer -> assertThat(answer.header("Retry-After")).isEqualTo("5"));
        assertThat(early.code()).isEqualTo("IDEMPOTENCY_IN_PROGRESS");
        assertThat(done.status()).as(done.response().body()).isEqualTo(201);
        assertThat(done.header(REPLAYED)).isEmpty();
        assertThat(service().query("select count(1) from orders")).isEqualTo(orders + 1);
        assertThat(lastCharge().requests()).isEqualTo(1);
        assertThat(lastCharge().charges()).isEqualTo(1);
    }

    @Test
    void restock_again_isHadOnce() {
        long stock = service().query("select stock from products where sku = 'INK-0071'");

        Answer first = restock("INK-0071", 5);
        Answer again = restock("INK-0071", 5);

        assertThat(first.status()).as(first.response().body()).isEqualTo(200);
        assertThat(first.data().path("stock").asLong()).isEqualTo(stock + 5);
        assertThat(again.response().body()).isEqualTo(first.response().body());
        assertThat(again.header(REPLAYED)).isEqualTo("true");
        assertThat(service().query("select stock from products where sku = 'INK-0071'"))
                .isEqualTo(stock + 5);
        assertThat(restock("INK-0071", 6).code()).isEqualTo("IDEMPOTENCY_KEY_REUSED");
    }

    @Test
    void restock_wrong_isRefused() {
        service()
                .refused(
                        404,
                        "PRODUCT_NOT_FOUND",
                        request("/products/ZZZ-0000/restock", key, "{\"quantity\":1}")
                                .build());
        assertThat(service()
                        .refused(400, "VALIDATION_FAILED", "POST", "/products/INK-0071/restock", "{}")
                        .faults())
                .containsExactly("quantity REQUIRED");
        service().refused(400, "IDEMPOTENCY_KEY_REQUIRED", "POST", "/products/INK-0071/restock", "{\"quantity\":1}");
    }

    private Answer restock(String sku, int quantity) {
        return service()
                .send(request("/products/" + sku + "/restock", key, "{\"quantity\":" + quantity + "}")
                        .build());
    }

    private Answer place(String sent, String body) {
        return service().send(request("/orders", sent, body).build());
    }

    private HttpRequest.Builder request(String path, String sent, String body) {
        return service()
                .request(path)
                .setHeader(KEY, sent)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
    }

    private static String byCard(int quantity) {
        return order("\"card\":\"tok_1\",", line(70, quantity));
    }

    private void awaitHanging() {
        try {
            service().payments().awaitHanging();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** As if all that was left of them had gone by. */
    private void endLeases() {
        service().execute("update underpin_idempotency set lease_until = created_at where lease_until is not null");
    }

    private int requests() {
        return service().payments().ledger().stream().mapToInt(Entry::requests).sum();
    }

    private Entry lastCharge() {
        List<Entry> ledger = service().payments().ledger();
        return ledger.get(ledger.size() - 1);
    }
}
