package dev.underpin.quickstart;

import dev.underpin.quickstart.Demo.Exchange;
import dev.underpin.quickstart.downstream.Condition;
import dev.underpin.quickstart.downstream.FlakyCourier;
import dev.underpin.quickstart.downstream.FlakyPayments;
import dev.underpin.quickstart.downstream.FlakyPayments.Entry;
import dev.underpin.quickstart.downstream.FlakyPayments.Fault;
import dev.underpin.quickstart.downstream.FlakyService;
import dev.underpin.resilience.Deadline;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The part of the demo in which services of others fail. */
final class DownstreamDemo {
    /** So that three failures open the circuit, for two seconds more or less; and three repeats use up a budget. */
    static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("res.payments.retry.base-delay", "10ms"),
            Map.entry("res.payments.breaker.window", "3"),
            Map.entry("res.payments.breaker.minimum-calls", "3"),
            Map.entry("res.payments.breaker.failure-rate", "100%"),
            Map.entry("res.payments.breaker.open-for", "2s"),
            Map.entry("res.payments.breaker.max-open-for", "2s"),
            Map.entry("res.payments.breaker.probes", "2"),
            Map.entry("res.courier.deadline", "10s"),
            Map.entry("res.courier.retry.base-delay", "1ms"),
            Map.entry("res.courier.breaker.enabled", "false"),
            Map.entry("res.courier.budget.capacity", "42"),
            Map.entry("res.courier.budget.cost", "14"));

    private static final int REPEATS_PAID_FOR = 3;
    private static final int ATTEMPTS = 3;
    private static final int CALLS = 12;
    private static final int MORE_THAN_A_MINUTE_ALLOWS = 40;
    private static final long LONGEST_OPEN_MILLIS = 3_000;
    private static final String DELIVERY = "/products/INK-0001/delivery";

    private final Demo demo;
    private final FlakyPayments payments;
    private final FlakyCourier courier;

    DownstreamDemo(Demo demo, FlakyPayments payments, FlakyCourier courier) {
        this.demo = demo;
        this.payments = payments;
        this.courier = courier;
    }

    void play() throws IOException, InterruptedException {
        demo.chapter("Services of others that fail");
        Entry hung = outOfTime();
        long opened = opening();
        refused();
        recovering(opened);
        patience();
        inTheEnd(hung);
        fallback();
        tooOften();
    }

    /** {@return the charge whose answer nobody waited for} */
    private Entry outOfTime() throws IOException, InterruptedException {
        var before = new Count(payments);
        demo.expect(
                504,
                "DEADLINE_EXCEEDED",
                "A request that comes too late for its own client: it is dropped before anything is done.",
                placing("late", Deadline.HEADER, "0"));
        before.then(0, 0);
        payments.next(Fault.HANG);
        demo.expect(
                504,
                "ATTEMPT_TIMEOUT",
                "A client that waits for a second, and a payment that hangs. The charge is cut off when the second is over,"
                        + " and nobody knows whether it was made.",
                placing("hung", Deadline.HEADER, "1000"));
        payments.awaitHanging();
        payments.release();
        before.then(1, 0);
        return last();
    }

    /** {@return when the circuit was open} */
    private long opening() throws IOException, InterruptedException {
        payments.be(Condition.DOWN);
        var before = new Count(payments);
        demo.expect(
                503,
                "PAYMENTS_UNAVAILABLE",
                "The payment service is down. It is asked three times, which here is enough to open the circuit.",
                placing("down"));
        before.then(ATTEMPTS, ATTEMPTS - 1);
        return System.nanoTime();
    }

    private void refused() throws IOException, InterruptedException {
        var before = new Count(payments);
        demo.expect(503, "CIRCUIT_OPEN", "The next order is refused, and nobody asked.", placing("refused"));
        before.then(0, 0);
        var ready = demo.expect(
                200,
                null,
                "The service is ready all the same: all else works. It only shows what does not.",
                demo.get("/health/ready"));
        breaker(ready, "DEGRADED", "OPEN");
    }

    private void recovering(long opened) throws IOException, InterruptedException {
        payments.be(Condition.WELL);
        demo.say(
                "The payment service is well again. The circuit stays open for its time, and then lets two calls through.");
        TimeUnit.NANOSECONDS.sleep(TimeUnit.MILLISECONDS.toNanos(LONGEST_OPEN_MILLIS) - (System.nanoTime() - opened));
        demo.expect(201, null, "The first of them ...", placing("probe"));
        breaker(
                demo.expect(200, null, "... after which the circuit is half open ...", demo.get("/health/ready")),
                "DEGRADED",
                "HALF_OPEN");
        demo.expect(201, null, "... the second ...", placing("well"));
        breaker(demo.expect(200, null, "... and it is closed.", demo.get("/health/ready")), "READY", "CLOSED");
    }

    private void patience() throws IOException, InterruptedException {
        payments.be(Condition.BUSY);
        var before = new Count(payments);
        var busy = demo.expect(
                503,
                "PAYMENTS_UNAVAILABLE",
                "The payment service asks to be left alone for a minute. That is longer than a call may take, so it is not"
                        + " asked again, and the client is told.",
                placing("busy"));
        demo.same("the wait", "60", busy.headers().firstValue("Retry-After").orElse("none"));
        before.then(1, 0);
        payments.be(Condition.WELL);
    }

    private void inTheEnd(Entry hung) throws IOException, InterruptedException {
        demo.expectInTheEnd(
                201,
                "The request whose payment hung, once more: the same key for the card, so it is charged once.",
                placing("hung"));
        Entry charged = payments.ledger().stream()
                .filter(entry -> entry.key().equals(hung.key()))
                .findFirst()
                .orElseThrow();
        demo.say("Requests to the payment service for it: " + charged.requests() + ". Charges of the card: "
                + charged.charges() + '.');
        demo.same("requests for the charge", 2, charged.requests());
        demo.same("how often the card was charged", 1, charged.charges());
    }

    private void fallback() throws IOException, InterruptedException {
        var told = demo.expect(200, null, "What a courier says: so many days.", demo.get(DELIVERY));
        demo.same(
                "whether it is assumed", false, Demo.data(told).path("assumed").asBoolean(true));
        courier.be(Condition.DOWN);
        var before = new Count(courier);
        var assumed = demo.expect(
                200,
                null,
                "The courier is away. A product can be sold without it: the answer is what the slowest one takes, and says"
                        + " that it is assumed.",
                demo.get(DELIVERY));
        demo.same(
                "whether it is assumed",
                true,
                Demo.data(assumed).path("assumed").asBoolean(false));
        for (int i = 1; i < CALLS; i++) {
            HttpResponse<String> answer = demo.sendAsync(demo.get(DELIVERY)).join();
            demo.same("the status of an assumed answer", 200, answer.statusCode());
        }
        demo.say(CALLS + " such calls, of " + ATTEMPTS + " attempts each, would be " + CALLS * ATTEMPTS
                + " requests to a courier that has enough to do.");
        demo.say(
                "The budget of repeats pays for " + REPEATS_PAID_FOR + ", and then there is none until calls succeed:");
        before.then(CALLS + REPEATS_PAID_FOR, REPEATS_PAID_FOR);
        courier.be(Condition.WELL);
    }

    private void tooOften() throws IOException, InterruptedException {
        int calls = 0;
        while (calls < MORE_THAN_A_MINUTE_ALLOWS
                && demo.sendAsync(demo.get(DELIVERY)).join().statusCode() == 200) {
            calls++;
        }
        demo.say("A client may ask for so many estimates a minute. After " + calls + " more there is none left:");
        demo.expect(429, "RATE_LIMITED", "Not before the time in Retry-After.", demo.get(DELIVERY));
    }

    private Exchange placing(String name, String... headers) {
        String body =
                Demo.order("\"reference\": \"card-" + name + "\", \"card\": \"tok_demo\"", Demo.line("INK-0001", 1));
        String[] all = new String[headers.length + 2];
        all[0] = "Idempotency-Key";
        all[1] = "other-" + name;
        System.arraycopy(headers, 0, all, 2, headers.length);
        return demo.post("/orders", body, all);
    }

    private Entry last() {
        var ledger = payments.ledger();
        return ledger.get(ledger.size() - 1);
    }

    private void breaker(HttpResponse<String> ready, String status, String breaker) throws IOException {
        demo.same("the readiness", status, Demo.data(ready).path("status").asText());
        demo.same(
                "the breaker",
                breaker,
                Demo.data(ready).at("/dependencies/payments/breaker").asText());
    }

    /** How often a service was asked before. */
    private final class Count {
        private final FlakyService service;
        private final int requests;
        private final int repeats;

        Count(FlakyService service) {
            this.service = service;
            requests = service.requests();
            repeats = service.repeats();
        }

        /** Checks, and prints, how often it was asked since. */
        void then(int expected, int expectedRepeats) {
            int made = service.requests() - requests;
            int again = service.repeats() - repeats;
            demo.say("Requests to the service behind: " + made + ", of which repeats: " + again + '.');
            demo.same("requests to the service behind", expected, made);
            demo.same("repeats", expectedRepeats, again);
        }
    }
}
