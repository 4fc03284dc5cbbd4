package dev.underpin.quickstart;

import dev.underpin.quickstart.Demo.Exchange;
import dev.underpin.quickstart.downstream.FlakyPayments;
import dev.underpin.quickstart.downstream.FlakyPayments.Fault;
import dev.underpin.quickstart.infrastructure.Seed;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The part of the demo in which requests are sent again, and charged once. */
final class PaymentDemo {
    private static final String REPLAYED = "Idempotent-Replayed";

    private final Demo demo;
    private final FlakyPayments payments;

    PaymentDemo(Demo demo, FlakyPayments payments) {
        this.demo = demo;
        this.payments = payments;
    }

    void play() throws IOException, InterruptedException {
        demo.chapter("Sent again, and done once");
        again();
        atOnce();
        failing();
        restocked();
    }

    private void again() throws IOException, InterruptedException {
        String body = byCard("again", 2);
        var first = demo.expect(201, null, "An order that is paid at once, by card.", placing("key-1", body));
        var second = demo.expect(
                201, null, "The same request again: the same answer, with a marker.", placing("key-1", body));
        demo.same("the order of the second answer", Demo.data(first), Demo.data(second));
        demo.same(
                "the Location",
                first.headers().firstValue("Location"),
                second.headers().firstValue("Location"));
        demo.same("the marker", "true", second.headers().firstValue(REPLAYED).orElse("none"));
        demo.expect(
                422,
                "IDEMPOTENCY_KEY_REUSED",
                "The same key for another request.",
                placing("key-1", byCard("again", 3)));
        demo.expect(400, "IDEMPOTENCY_KEY_REQUIRED", "No key.", demo.post("/orders", byCard("none", 1), new String[0]));
        charged(1, 1);
    }

    private void atOnce() throws IOException, InterruptedException {
        Exchange order = placing("key-2", byCard("race", 1));
        List<HttpResponse<String>> answers = Stream.of(demo.sendAsync(order), demo.sendAsync(order))
                .map(CompletableFuture::join)
                .toList();
        demo.say(
                "Two that were sent at once, with one key. One is executed; the other is told to wait, or its answer:");
        for (HttpResponse<String> answer : answers) {
            String pause = answer.headers()
                    .firstValue("Retry-After")
                    .map(seconds -> ", again in " + seconds + " s")
                    .orElse("");
            demo.say(("-> " + answer.statusCode() + ' ' + Demo.code(answer.body())).strip() + pause);
        }
        demo.same(
                "how many of two were executed",
                1L,
                answers.stream()
                        .filter(answer -> answer.statusCode() == 201)
                        .filter(answer -> answer.headers().firstValue(REPLAYED).isEmpty())
                        .count());
        demo.expectInTheEnd(201, "The same once more.", order);
        charged(1, 1);
    }

    private void failing() throws IOException, InterruptedException {
        payments.next(Fault.DECLINE);
        Exchange refused = placing("key-3", byCard("declined", 1));
        demo.expect(422, "CARD_DECLINED", "A card that is declined: the order is cancelled.", refused);
        demo.expect(422, "CARD_DECLINED", "That is an answer too, and kept: nobody asks the card again.", refused);
        charged(1, 0);
        payments.next(Fault.DROP);
        Exchange lost = placing("key-4", byCard("dropped", 1));
        demo.expect(
                201,
                null,
                "The card is charged, and the connection lost before we hear of it. So it is asked again, at once and with"
                        + " the same key.",
                lost);
        charged(2, 1);
    }

    private void restocked() throws IOException, InterruptedException {
        Exchange arrived = demo.post("/products/INK-0001/restock", "{\"quantity\": 5}", "Idempotency-Key", "key-5");
        var first = demo.expect(
                200, null, "What only touches our database is one transaction with its key: more ink ...", arrived);
        var second = demo.expect(200, null, "... of which none comes twice.", arrived);
        demo.same("the stock", Demo.data(first), Demo.data(second));
    }

    /**
     * Kills a service while its payment hangs, and starts it again.
     *
     * @param directory the database, which no other service has open
     * @return whether every answer of the demo was as expected
     */
    boolean killed(Path directory) throws IOException, InterruptedException {
        demo.chapter("Killed in the middle of a payment");
        try (var service = ChildService.start(directory, payments.uri())) {
            demo.moveTo(service.port());
            payments.next(Fault.HANG);
            var unanswered = demo.sendAsync(placing("key-6", byCard("killed", 1)));
            payments.awaitHanging();
            service.kill();
            demo.same(
                    "whether the request was answered",
                    true,
                    unanswered.handle((answer, e) -> e != null).join());
            demo.say(
                    "A service of its own was killed (SIGKILL) after the card was charged, and before it heard of it.");
        }
        try (var service = ChildService.start(directory, payments.uri())) {
            demo.moveTo(service.port());
            demo.expectInTheEnd(
                    201,
                    "The same request, to the service that was started again: it goes on.",
                    placing("key-6", byCard("killed", 1)));
            charged(2, 1);
            var paid = demo.expect(
                    200,
                    null,
                    "All orders that were paid by card ...",
                    demo.get(
                            "/customers/" + Seed.customer(7) + "/orders?status=PAID&reference=card-&fields=reference"));
            var charges = payments.ledger();
            demo.say("... and what the payment service has in its ledger:");
            charges.forEach(charge -> demo.say(charge.toString()));
            demo.same(
                    "the number of charges",
                    Demo.data(paid).size(),
                    charges.stream().mapToInt(FlakyPayments.Entry::charges).sum());
        }
        return demo.isAsExpected();
    }

    private Exchange placing(String key, String body) {
        return demo.post("/orders", body, "Idempotency-Key", key);
    }

    private static String byCard(String name, int quantity) {
        return Demo.order(
                "\"reference\": \"card-" + name + "\", \"card\": \"tok_demo\"", Demo.line("INK-0001", quantity));
    }

    /** Checks what the ledger has of the last charge. */
    private void charged(int requests, int charges) {
        var ledger = payments.ledger();
        var last = ledger.get(ledger.size() - 1);
        demo.say("Requests to the payment service: " + last.requests() + ". Charges of the card: " + last.charges()
                + '.');
        demo.same("requests for the charge", requests, last.requests());
        demo.same("how often the card was charged", charges, last.charges());
    }
}
