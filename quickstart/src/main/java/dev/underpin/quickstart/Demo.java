package dev.underpin.quickstart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.quickstart.downstream.FlakyCourier;
import dev.underpin.quickstart.downstream.FlakyPayments;
import dev.underpin.quickstart.http.HttpConfig;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.quickstart.infrastructure.Seed;
import dev.underpin.result.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A walk through every kind of answer, against a service of its own on a database that is thrown away. Prints each
 * request and answer, and checks each status and code.
 */
final class Demo {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_PRINTED = 250;
    private static final int MAX_LOGGED = 500;
    /** Those that are sent at once nearly always meet in the first round. */
    private static final int MAX_ROUNDS = 50;

    private static final List<String> HEADERS_OF_INTEREST = List.of(
            "Content-Type",
            "Location",
            "Link",
            "ETag",
            "Cache-Control",
            "Allow",
            "Retry-After",
            "Idempotent-Replayed",
            "RateLimit-Policy",
            "RateLimit",
            "Vary",
            "X-Request-Id");

    private final PrintStream out;
    private final DemoLog log;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final List<String> surprises = new ArrayList<>();
    private URI service;
    private int steps;
    private int keys;

    private Demo(PrintStream out, DemoLog log, int port) {
        this.out = out;
        this.log = log;
        this.service = at(port);
    }

    /**
     * {@return whether every answer was as expected}
     *
     * @param out where the walk is printed
     * @param orders how many sample orders there are, at least 5000 for pages enough
     */
    static boolean play(PrintStream out, int orders) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("underpin-quickstart");
        out.println("Starting the service on a new database with " + orders + " orders ...");
        DatabaseConfig database = DatabaseConfig.file(directory).orElseThrow();
        HttpConfig http = HttpConfig.standard("127.0.0.1", 0, CursorSecrets.random());
        try (DemoLog log = DemoLog.instead();
                FlakyPayments payments = FlakyPayments.start();
                FlakyCourier courier = FlakyCourier.start()) {
            var downstreams = new Downstreams(payments.uri(), courier.uri(), DownstreamDemo.SETTINGS);
            var products = new ProductFaults();
            PaymentDemo paying;
            try (Quickstart quickstart = Quickstart.start(http, database, orders, downstreams, products::over)) {
                var demo = new Demo(out, log, quickstart.port());
                paying = new PaymentDemo(demo, payments);
                demo.walk(paying, new DownstreamDemo(demo, payments, courier), new CachingDemo(demo, products));
            }
            return paying.killed(directory);
        } finally {
            delete(directory);
        }
    }

    private void walk(PaymentDemo paying, DownstreamDemo calling, CachingDemo showing)
            throws IOException, InterruptedException {
        String order = success();
        pages();
        faultsOfAPage();
        faultsOfTheBody();
        faultsOfTheRequest();
        rulesOfTheDomain();
        transactions(order);
        ordersAtOnce();
        paying.play();
        calling.play();
        showing.play();
        new BatchingDemo(this).play();
        versions(order);
        otherForms(order);
        unexpected();
    }

    /** {@return whether every answer was as expected} */
    boolean isAsExpected() {
        out.println();
        out.println("=".repeat(80));
        if (surprises.isEmpty()) {
            out.println(steps + " answers, each as expected.");
        } else {
            out.println(surprises.size() + " of " + steps + " answers were not as expected:");
            surprises.forEach(surprise -> out.println("  " + surprise));
        }
        return surprises.isEmpty();
    }

    /** {@return the path of the order it places} */
    private String success() throws IOException, InterruptedException {
        chapter("What works");
        expect(200, null, "Ready: the server is up and its database answers.", get("/health/ready"));
        expect(200, null, "A product, with the money as an exact number.", get("/products/INK-0001"));
        expect(200, null, "A customer.", get("/customers/" + Seed.customer(7)));
        var placed = expect(
                201,
                null,
                "An order. Location says where it is, ETag which version it is.",
                post("/orders", order("\"reference\": \"demo-1\"", line("INK-0001", 2), line("PAD-0002", 1))));
        String path = placed.headers().firstValue("Location").orElse("/orders/nowhere");
        expect(200, null, "The order again.", get(path));
        return path;
    }

    private void pages() throws IOException, InterruptedException {
        chapter("A listing, page by page");
        var first = expect(
                200,
                null,
                "The newest orders. Link and meta lead to the next page; the total stops counting at 1000.",
                get("/orders?size=2&fields=id,total,placedAt"));
        var second = expect(200, null, "The next page, by its link.", get(link(first, "next")));
        var back = expect(200, null, "And back again.", get(link(second, "prev")));
        same("the page before the second", data(first), data(back));
        var dearest = expect(
                200,
                null,
                "Some of them, in another order: paid, from 1000 up, the dearest first.",
                get("/orders?status=PAID&total[gte]=1000&sort=-total&size=2&fields=status,total"));
        var cheaper = expect(200, null, "Sort and filter go with the link.", get(link(dearest, "next")));
        JsonNode least = data(dearest).path(1);
        JsonNode most = data(cheaper).path(0);
        same("the status behind the first page", least.path("status"), most.path("status"));
        if (least.path("total").decimalValue().compareTo(most.path("total").decimalValue()) < 0) {
            surprises.add("the second page has a larger total than the first");
        }
        expect(
                200,
                null,
                "The orders of one customer, those that were shipped last first, and those that were not at the end.",
                get("/customers/" + Seed.customer(7) + "/orders?sort=-shippedAt&size=2"));
    }

    private void faultsOfAPage() throws IOException, InterruptedException {
        chapter("What is wrong with a page");
        expect(
                400,
                "VALIDATION_FAILED",
                "Every fault at once, with what is allowed. Nothing that a client sends becomes SQL.",
                get("/orders?sort=password&size=-1&colour=red"));
        String next = link(expect(200, null, "A page with a cursor ...", get("/orders?size=1&fields=id")), "next");
        String cursor = next.substring(next.indexOf("cursor="));
        int middle = cursor.length() / 2;
        char other = cursor.charAt(middle) == 'x' ? 'y' : 'x';
        expect(
                400,
                "CURSOR_INVALID",
                "... of which one character was changed ...",
                get("/orders?size=1&" + cursor.substring(0, middle) + other + cursor.substring(middle + 1)));
        expect(
                400,
                "CURSOR_MISMATCH",
                "... or that is sent with another sort ...",
                get("/orders?sort=total&" + cursor));
        expect(
                400,
                "CURSOR_MISMATCH",
                "... or to another listing.",
                get("/customers/" + Seed.customer(7) + "/orders?" + cursor));
        expect(
                404,
                "CUSTOMER_NOT_FOUND",
                "The orders of nobody.",
                get("/customers/" + new UUID(0x4000L, Long.MIN_VALUE) + "/orders"));
    }

    private void faultsOfTheBody() throws IOException, InterruptedException {
        chapter("What is wrong with a body");
        expect(
                400,
                "VALIDATION_FAILED",
                "Every fault at once, each with its path, its code and the limits it broke.",
                post("/orders", """
                        {"customer": "me", "reference": "two words", "agreedTotal": 9.999,
                         "lines": [{"sku": "ink", "quantity": 0}, {"quantity": 1001}]}"""));
        expect(
                400,
                "VALIDATION_FAILED",
                "What only the database knows is a fault of its field just the same.",
                post(
                        "/orders",
                        order("\"reference\": \"demo-2\"", line("INK-9999", 1), line("INK-0001", 1))
                                .replace(
                                        Seed.customer(7).toString(),
                                        UUID.nameUUIDFromBytes(new byte[1]).toString())));
        expect(400, "MALFORMED_REQUEST", "Broken JSON: no word of the parser's.", post("/orders", "{\"customer\": "));
        expect(
                400,
                "MALFORMED_REQUEST",
                "A wrong type: the field, but not the value.",
                post("/orders", order("\"reference\": 12", "{\"sku\": \"INK-0001\", \"quantity\": \"two\"}")));
        expect(
                400,
                "MALFORMED_REQUEST",
                "A field that does not exist is refused: it may be a misspelt one.",
                post("/orders", order("\"refrence\": \"demo-3\"", line("INK-0001", 1))));
        expect(400, "MALFORMED_REQUEST", "No body at all.", post("/orders", ""));
    }

    private void faultsOfTheRequest() throws IOException, InterruptedException {
        chapter("What is wrong with a request");
        expect(
                415,
                "MEDIA_TYPE_UNSUPPORTED",
                "Another media type.",
                request("/orders")
                        .header("Content-Type", "text/plain")
                        .POST(BodyPublishers.ofString("two bottles of ink, please"))
                        .build(),
                "two bottles of ink, please");
        expect(
                413,
                "BODY_TOO_LARGE",
                "A body that is too large, refused before it is read.",
                post("/orders", "[" + "0,".repeat(40_000) + "0]"));
        expect(404, "ROUTE_NOT_FOUND", "An address that does not exist.", get("/ordres"));
        expect(
                405,
                "METHOD_NOT_ALLOWED",
                "A method that the address does not have; Allow says which it has.",
                request("/products/INK-0001").DELETE().build());
        expect(400, "VALIDATION_FAILED", "An id that is none.", get("/orders/4711"));
        expect(404, "ORDER_NOT_FOUND", "An id that nothing has.", get("/orders/" + new UUID(0x4000L, Long.MIN_VALUE)));
        expect(
                431,
                "HEADERS_TOO_LARGE",
                "Headers so large that no route ever sees the request: the server itself answers, in the same form.",
                request("/orders/1").header("X-Large", "x".repeat(10_000)).build());
    }

    private void rulesOfTheDomain() throws IOException, InterruptedException {
        chapter("What the domain refuses");
        expect(
                422,
                "ORDER_TOTAL_CHANGED",
                "Another price than the customer agreed to.",
                post("/orders", order("\"agreedTotal\": 0.01", line("INK-0001", 1))));
        expect(
                422,
                "CREDIT_EXCEEDED",
                "An order that this customer may not owe.",
                post("/orders", onCredit(line("CUP-0169", 200))));
    }

    private void transactions(String order) throws IOException, InterruptedException {
        chapter("All or nothing");
        var before = expect(200, null, "So much ink is in stock ...", get("/products/INK-0001"));
        expect(
                422,
                "OUT_OF_STOCK",
                "... and some of it was taken already when there were too few pens: the error rolls that back.",
                post("/orders", order("\"reference\": \"demo-4\"", line("INK-0001", 1), line("PEN-0000", 4))));
        var after = expect(200, null, "As much as before.", get("/products/INK-0001"));
        same("the stock after an error", data(before).path("stock"), data(after).path("stock"));
        var taken = expect(
                409,
                "ORDER_REFERENCE_TAKEN",
                "A reference used twice. A constraint of the database found it; it has a code, and names the field.",
                post("/orders", order("\"reference\": \"demo-1\"", line("INK-0001", 1))));
        same(
                "the field that is to blame",
                JSON.valueToTree("reference"),
                JSON.readTree(taken.body()).at("/error/details/0/field"));
        expect(200, null, "The first order is untouched by all that.", get(order));
    }

    /** Each reads what the customer owes, and finds that it can be owed as well: together they could not. */
    private void ordersAtOnce() throws IOException, InterruptedException {
        chapter("Orders at once, of which the customer may owe one");
        List<String> orders = Stream.of("CUP-0169", "CUP-0194", "PEN-0055", "PAD-0057", "BAG-0458", "INK-0161")
                .map(sku -> onCredit(line(sku, 100)))
                .toList();
        List<String> answers = List.of();
        Optional<String> rerun = Optional.empty();
        for (int round = 1; rerun.isEmpty() && round <= MAX_ROUNDS; round++) {
            answers = placedAndCancelled(orders);
            rerun = log.find("runs again", "SERIALIZATION_FAILED");
        }
        steps++;
        out.println();
        out.println(steps + ". One is placed, and the others are refused, in every round.");
        out.println();
        for (int i = 0; i < orders.size(); i++) {
            out.println("    POST /orders " + orders.get(i));
            out.println("    -> " + answers.get(i));
        }
        out.println();
        out.println("    Some read what another changed meanwhile. The log has the transactions that ran again:");
        out.println("    " + bounded(rerun.orElse("none"), MAX_LOGGED));
        if (rerun.isEmpty()) {
            surprises.add("orders that were sent at once never met");
        }
    }

    /** {@return the statuses and codes} What is placed is cancelled, and so not owed any more. */
    private List<String> placedAndCancelled(List<String> orders) throws IOException, InterruptedException {
        var running =
                orders.stream().map(order -> sendAsync(post("/orders", order))).toList();
        List<String> answers = new ArrayList<>();
        List<String> placed = new ArrayList<>();
        for (var request : running) {
            HttpResponse<String> answer = request.join();
            answers.add((answer.statusCode() + " " + code(answer.body())).strip());
            answer.headers().firstValue("Location").ifPresent(placed::add);
        }
        for (String path : placed) {
            int status = client.send(post(path + "/cancel", null).request, BodyHandlers.ofString())
                    .statusCode();
            same("the status of a cancelled order", JSON.valueToTree(200), JSON.valueToTree(status));
        }
        List<String> expected = new ArrayList<>(Collections.nCopies(orders.size() - 1, "422 CREDIT_EXCEEDED"));
        expected.add(0, "201");
        if (!answers.stream().sorted().toList().equals(expected)) {
            surprises.add("orders at once: " + answers + " instead of " + expected);
        }
        return answers;
    }

    private void versions(String order) throws IOException, InterruptedException {
        chapter("Changes, and who comes too late");
        String address = """
                {"delivery": {"recipient": "A. Writer", "street": "1 Mill Lane", "postal_code": "CB1 2AB",
                 "city": "Cambridge", "country_code": "GB"}}""";
        expect(
                400,
                "VALIDATION_FAILED",
                "Bean Validation speaks the same language, with the names of the JSON.",
                patch(
                        order,
                        "{\"delivery\": {\"recipient\": \" \", \"postal_code\": \"?\", \"city\": \"Cambridge\"}}"));
        expect(428, "VERSION_REQUIRED", "A change must say which version it means.", patch(order, address));
        expect(200, null, "It does, and makes version 2.", patch(order, address, "If-Match", "\"1\""));
        expect(
                412,
                "ORDER_STALE",
                "The same again: version 1 is gone. The condition was in a header, so 412.",
                patch(order, address, "If-Match", "\"1\""));
        expect(
                409,
                "ORDER_STALE",
                "The same, with the version in the body: 409.",
                patch(order, address.replaceFirst("\\{", "{\"version\": 1, ")));
        expect(200, null, "Cancelled, and the stock given back.", post(order + "/cancel", null));
        expect(422, "ORDER_NOT_OPEN", "It cannot be cancelled twice.", post(order + "/cancel", null));
    }

    private void otherForms(String order) throws IOException, InterruptedException {
        chapter("The same in other forms");
        expect(
                400,
                "VALIDATION_FAILED",
                "Problem details (RFC 9457), for a client that prefers them.",
                request("/orders/4711")
                        .header("Accept", "application/problem+json")
                        .build());
        expect(
                200,
                null,
                "The client's own request id, in the answer and in every log line.",
                request(order).header("X-Request-Id", "demo-42").build());
    }

    private void unexpected() throws IOException, InterruptedException {
        chapter("What nobody expected");
        var failure = expect(
                500,
                "INTERNAL_ERROR",
                "An order whose stored status no code knows. The client learns nothing but an id ...",
                get("/orders/" + Seed.DAMAGED_ORDER));
        String requestId = failure.headers().firstValue("X-Request-Id").orElse("-");
        Optional<String> logged = log.find("\"level\":\"ERROR\"", requestId);
        out.println();
        out.println("    ... by which the log has the rest:");
        out.println("    " + bounded(logged.orElse("nothing"), MAX_LOGGED));
        if (logged.isEmpty() || !logged.get().contains("unknown status")) {
            surprises.add("the log has no line about the request " + requestId);
        }
        expect(200, null, "And the service is as well as before.", get("/health/ready"));
    }

    /* ---- pages ---- */

    /** {@return where a page leads to; to nothing, if it does not} */
    private static String link(HttpResponse<String> page, String relation) {
        String links = page.headers().firstValue("Link").orElse("");
        Matcher link = Pattern.compile("<([^>]*)>; rel=\"" + relation + '"').matcher(links);
        return link.find() ? link.group(1) : "/no-link-to-" + relation;
    }

    static JsonNode data(HttpResponse<String> page) throws JsonProcessingException {
        return JSON.readTree(page.body()).path("data");
    }

    static JsonNode meta(HttpResponse<String> answer) throws JsonProcessingException {
        return JSON.readTree(answer.body()).path("meta");
    }

    void same(String what, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            surprises.add(what + " is " + bounded(actual.toString()) + " instead of " + bounded(expected.toString()));
        }
    }

    /* ---- requests ---- */

    static String order(String more, String... lines) {
        return "{\"customer\": \"" + Seed.customer(7) + "\", " + more + ", \"lines\": [" + String.join(", ", lines)
                + "]}";
    }

    private static String onCredit(String line) {
        return "{\"customer\": \"" + Seed.customer(9) + "\", \"lines\": [" + line + "]}";
    }

    static String line(String sku, int quantity) {
        return "{\"sku\": \"" + sku + "\", \"quantity\": " + quantity + "}";
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(service.resolve(path)).timeout(Duration.ofSeconds(30));
    }

    /** From now on, requests go to another process. */
    void moveTo(int port) {
        service = at(port);
    }

    private static URI at(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    Exchange get(String path, String... headers) {
        var request = request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return new Exchange(request.build(), null);
    }

    /** {@return a request, which has a new key if it places an order} */
    private Exchange post(String path, @Nullable String body) {
        return path.equals("/orders") ? post(path, body, "Idempotency-Key", "demo-" + ++keys) : sent(path, body);
    }

    Exchange post(String path, @Nullable String body, String... headers) {
        return sent(path, body, headers);
    }

    private Exchange sent(String path, @Nullable String body, String... headers) {
        var request = request(path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return body == null
                ? new Exchange(request.POST(BodyPublishers.noBody()).build(), null)
                : new Exchange(
                        request.header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        body);
    }

    Exchange put(String path, String body) {
        return changing("PUT", path, body);
    }

    private Exchange patch(String path, String body, String... headers) {
        return changing("PATCH", path, body, headers);
    }

    private Exchange changing(String method, String path, String body, String... headers) {
        var request = request(path).header("Content-Type", "application/json");
        if (headers.length > 0) {
            request.headers(headers);
        }
        return new Exchange(
                request.method(method, BodyPublishers.ofString(body)).build(), body);
    }

    CompletableFuture<HttpResponse<String>> sendAsync(Exchange exchange) {
        return client.sendAsync(exchange.request, BodyHandlers.ofString());
    }

    record Exchange(HttpRequest request, @Nullable String body) {}

    /* ---- printing and checking ---- */

    void say(String text) {
        out.println();
        out.println("    " + text);
    }

    void chapter(String title) {
        out.println();
        out.println("=".repeat(80));
        out.println(title);
        out.println("=".repeat(80));
    }

    @CanIgnoreReturnValue
    private HttpResponse<String> expect(int status, @Nullable String code, String comment, HttpRequest request)
            throws IOException, InterruptedException {
        return expect(status, code, comment, new Exchange(request, null));
    }

    @CanIgnoreReturnValue
    private HttpResponse<String> expect(
            int status, @Nullable String code, String comment, HttpRequest request, String body)
            throws IOException, InterruptedException {
        return expect(status, code, comment, new Exchange(request, body));
    }

    @CanIgnoreReturnValue
    HttpResponse<String> expect(int status, @Nullable String code, String comment, Exchange exchange)
            throws IOException, InterruptedException {
        announce(comment, exchange);
        return checked(status, code, exchange.request, client.send(exchange.request, BodyHandlers.ofString()));
    }

    /** As a patient client: a 409 or 503 says when to come again. */
    @CanIgnoreReturnValue
    HttpResponse<String> expectInTheEnd(int status, String comment, Exchange exchange)
            throws IOException, InterruptedException {
        announce(comment, exchange);
        HttpResponse<String> answer = client.send(exchange.request, BodyHandlers.ofString());
        for (int i = 0; i < MAX_ROUNDS && (answer.statusCode() == 409 || answer.statusCode() == 503); i++) {
            String pause = answer.headers().firstValue("Retry-After").orElse("1");
            say("-> " + answer.statusCode() + ' ' + code(answer.body()) + ", again in " + pause + " s");
            TimeUnit.SECONDS.sleep(Long.parseLong(pause));
            answer = client.send(exchange.request, BodyHandlers.ofString());
        }
        return checked(status, null, exchange.request, answer);
    }

    private void announce(String comment, Exchange exchange) {
        steps++;
        HttpRequest request = exchange.request;
        out.println();
        out.println(steps + ". " + comment);
        out.println();
        out.println("    " + request.method() + ' ' + target(request));
        request.headers().map().forEach((name, values) -> out.println("    " + name + ": " + bounded(values.get(0))));
        if (exchange.body != null) {
            out.println("    " + bounded(exchange.body).replace("\n", "\n    "));
        }
    }

    private HttpResponse<String> checked(
            int status, @Nullable String code, HttpRequest request, HttpResponse<String> answer) {
        out.println();
        out.println("    -> " + answer.statusCode());
        for (String name : HEADERS_OF_INTEREST) {
            answer.headers().firstValue(name).ifPresent(value -> out.println("    " + name + ": " + value));
        }
        out.println("    " + pretty(answer.body()).replace("\n", "\n    "));
        check(status, code, request, answer);
        return answer;
    }

    private void check(int status, @Nullable String code, HttpRequest request, HttpResponse<String> answer) {
        String step = steps + ". " + request.method() + ' ' + target(request);
        if (answer.statusCode() != status) {
            surprises.add(step + ": " + answer.statusCode() + " instead of " + status);
        }
        String found = code(answer.body());
        if (code != null && !code.equals(found)) {
            surprises.add(step + ": code \"" + found + "\" instead of " + code);
        }
        if (code == null && !found.isEmpty()) {
            surprises.add(step + ": unexpected code " + found);
        }
    }

    private static String target(HttpRequest request) {
        URI uri = request.uri();
        return uri.getQuery() == null ? uri.getPath() : uri.getPath() + '?' + uri.getQuery();
    }

    /** {@return the code of an envelope or of problem details; empty if the body has none} */
    static String code(String body) {
        try {
            JsonNode tree = JSON.readTree(body);
            return tree.path("error").path("code").asText(tree.path("code").asText(""));
        } catch (JsonProcessingException e) {
            return "(no JSON)";
        }
    }

    private static String pretty(String body) {
        try {
            return JSON.readTree(body).toPrettyString();
        } catch (JsonProcessingException e) {
            return body;
        }
    }

    private static String bounded(String text) {
        return bounded(text, MAX_PRINTED);
    }

    private static String bounded(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max) + "... (" + text.length() + " characters)";
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
