package dev.underpin.quickstart;

import dev.underpin.quickstart.Demo.Exchange;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** The part of the demo in which products are shown without asking the database. */
final class CachingDemo {
    private static final int AT_ONCE = 64;
    /** The server runs about sixty at a time; so many have met when this many have. */
    private static final int MET = 32;

    private static final int MAX_POLLS = 500;
    private static final int QUESTIONS = 20;
    /** Past the time that a product is fresh, and within that in which a stale one is better than none. */
    private static final Duration LATER = Duration.ofSeconds(40);

    private static final String PRODUCT = "/products/BAG-0003";

    private final Demo demo;
    private final ProductFaults products;

    CachingDemo(Demo demo, ProductFaults products) {
        this.demo = demo;
        this.products = products;
    }

    void play() throws IOException, InterruptedException {
        demo.chapter("Products that are kept, and forgotten in time");
        atOnce();
        unchanged();
        changed();
        changedTogether();
        stale();
    }

    private void atOnce() throws IOException, InterruptedException {
        Counts before = counts();
        int asked = products.asked();
        products.hold();
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, AT_ONCE)
                .mapToObj(i -> demo.sendAsync(demo.get(PRODUCT)))
                .toList();
        for (int i = 0; i < MAX_POLLS && products.coalesced() < before.coalesced + MET; i++) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        products.release();
        answers.forEach(answer ->
                demo.same("the status of a product", 200, answer.join().statusCode()));
        Counts made = counts().since(before);
        demo.say(AT_ONCE
                + " clients ask for a product that nobody asked for before, at once. Questions to the database: "
                + (products.asked() - asked) + '.');
        demo.say("Clients that waited for the answer to another: " + made.coalesced + "; that came after it: "
                + made.hits + '.');
        demo.same("questions for a product that is asked for at once", 1, products.asked() - asked);
        demo.same("loads", 1L, made.loads);
        demo.same("clients without a load of their own", AT_ONCE - 1L, made.coalesced + made.hits);
    }

    private void unchanged() throws IOException, InterruptedException {
        int asked = products.asked();
        var kept = demo.expect(
                200, null, "It is kept now. The answer says for how long, and has a tag ...", demo.get(PRODUCT));
        demo.expect(
                304,
                null,
                "... by which a client that has it already gets nothing.",
                demo.get(
                        PRODUCT,
                        "If-None-Match",
                        kept.headers().firstValue("ETag").orElse("none")));
        then(asked, 0);
    }

    private void changed() throws IOException, InterruptedException {
        int asked = products.asked();
        demo.expect(
                200,
                null,
                "Another price. Once that is committed the product is forgotten, and so is what others read before ...",
                demo.put(PRODUCT + "/price", "{\"price\": 49.50}"));
        price("... so the next who asks is shown it.", PRODUCT, "49.5");
        then(asked, 1);
    }

    private void changedTogether() throws IOException, InterruptedException {
        demo.expect(200, null, "Another product of the same category.", demo.get("/products/BAG-0008"));
        int asked = products.asked();
        demo.expect(
                200,
                null,
                "One price for a whole category. Its products are forgotten by their tag, however many there are.",
                demo.put("/categories/bags/price", "{\"price\": 25.00}"));
        price("The first of them ...", PRODUCT, "25.0");
        price("... and the other.", "/products/BAG-0008", "25.0");
        then(asked, 2);
    }

    private void stale() throws IOException, InterruptedException {
        products.cut(true);
        products.pass(LATER);
        int asked = products.asked();
        Counts before = counts();
        var stale = demo.expect(
                200,
                null,
                "The database is away, and the product " + LATER.toSeconds()
                        + " s old: longer than it is fresh. It is shown, and the answer says that it is old.",
                demo.get(PRODUCT));
        demo.same("whether it is old", true, Demo.meta(stale).path("degraded").asBoolean(false));
        for (int i = 1; i < QUESTIONS; i++) {
            HttpResponse<String> answer = demo.sendAsync(demo.get(PRODUCT)).join();
            demo.same("the status of a stale product", 200, answer.statusCode());
        }
        Counts made = counts().since(before);
        demo.say(QUESTIONS + " such questions, each answered: stale values " + made.stale
                + ". The database is left alone:");
        demo.same("stale values", (long) QUESTIONS, made.stale);
        then(asked, 1);
        demo.expect(
                503,
                "SERVICE_UNAVAILABLE",
                "Nothing is known of a product that nobody asked for.",
                demo.get("/products/BAG-0013"));
        products.cut(false);
        products.pass(LATER);
        var fresh = demo.expect(200, null, "The database is back, and so is what is fresh.", demo.get(PRODUCT));
        demo.same("whether it is old", false, Demo.meta(fresh).path("degraded").asBoolean(false));
    }

    private void price(String comment, String path, String expected) throws IOException, InterruptedException {
        var answer = demo.expect(200, null, comment, demo.get(path));
        demo.same("the price", expected, Demo.data(answer).path("price").asText());
    }

    /** Checks, and prints, how often the database was asked since. */
    private void then(int before, int expected) {
        int made = products.asked() - before;
        demo.say("Questions to the database: " + made + '.');
        demo.same("questions to the database", expected, made);
    }

    private Counts counts() throws IOException {
        Exchange request = demo.get("/health/caches");
        var products = Demo.data(demo.sendAsync(request).join()).path("products");
        return new Counts(
                products.path("hits").asLong(),
                products.path("coalesced").asLong(),
                products.path("loads").asLong(),
                products.path("stale").asLong());
    }

    /** What {@code GET /health/caches} has. */
    private record Counts(long hits, long coalesced, long loads, long stale) {
        Counts since(Counts before) {
            return new Counts(
                    hits - before.hits, coalesced - before.coalesced, loads - before.loads, stale - before.stale);
        }
    }
}
