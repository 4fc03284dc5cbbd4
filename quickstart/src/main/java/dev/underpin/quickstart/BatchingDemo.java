package dev.underpin.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import dev.underpin.quickstart.infrastructure.Seed;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The part of the demo in which many customers are read with what they ordered, by as many statements as one. */
final class BatchingDemo {
    /** Customers, their orders, the lines of these and the products of those. */
    private static final int LEVELS = 4;

    private final Demo demo;

    BatchingDemo(Demo demo) {
        this.demo = demo;
    }

    void play() throws IOException, InterruptedException {
        demo.chapter("Customers with what they ordered last");
        demo.expect(
                200,
                null,
                "A customer, three orders, and what the products of these are called and cost now. Meta has the number of"
                        + " statements that it took, and what is suspicious about them.",
                demo.get(customers("together", 1)));
        for (int count : List.of(1, 10, 50)) {
            compare(count);
        }
        demo.expect(
                404,
                "CUSTOMER_NOT_FOUND",
                "All of them, or an error.",
                demo.get(customers("together", 1) + "&id=" + new UUID(0x4000L, Long.MIN_VALUE)));
        demo.expect(
                400,
                "VALIDATION_FAILED",
                "Every fault of the query at once.",
                demo.get("/customers?id=me&read=quickly&size=2"));
    }

    /** The same code but for the way in which it reads. */
    private void compare(int count) throws IOException {
        HttpResponse<String> before =
                demo.sendAsync(demo.get(customers("one-by-one", count))).join();
        HttpResponse<String> after =
                demo.sendAsync(demo.get(customers("together", count))).join();
        demo.say(count + (count == 1 ? " customer" : " customers") + ", read in a loop for each level: "
                + statements(before) + " statements, suspected of "
                + Demo.meta(before).path("suspected")
                + "; each level for all at once: " + statements(after) + " statements, suspected of "
                + Demo.meta(after).path("suspected") + '.');
        JsonNode data = Demo.data(before);
        demo.same("how many customers there are", count, data.size());
        demo.same("the customers, read together", data, Demo.data(after));
        int orders = 0;
        int items = 0;
        for (JsonNode customer : data) {
            orders += customer.path("orders").size();
            for (JsonNode order : customer.path("orders")) {
                items += order.path("items").size();
            }
        }
        demo.same("the statements of a loop for each level", 2 * count + orders + items, statements(before));
        demo.same("the statements of all at once", LEVELS, statements(after));
        demo.same(
                "what is suspicious about them",
                0,
                Demo.meta(after).path("suspected").size());
    }

    private static int statements(HttpResponse<String> answer) throws IOException {
        return Demo.meta(answer).path("statements").asInt();
    }

    private static String customers(String read, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> "&id=" + Seed.customer(number))
                .collect(Collectors.joining("", "/customers?read=" + read, ""));
    }
}
