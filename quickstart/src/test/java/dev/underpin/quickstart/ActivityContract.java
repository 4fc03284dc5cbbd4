package dev.underpin.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.underpin.quickstart.TestService.Answer;
import dev.underpin.quickstart.infrastructure.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Customers with what they ordered last: the same answer however it is read, by few statements or by many. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ActivityContract {
    /** Customers, recent orders, lines, products. */
    private static final int LEVELS = 4;

    abstract TestService service();

    /** Six of them have five orders each, and the last of those a product that is gone since. */
    @BeforeAll
    void order() {
        for (int customer = 950; customer < 956; customer++) {
            for (int i = 0; i < 5; i++) {
                Answer placed = service()
                        .post(
                                "/orders",
                                TestService.order("", TestService.line(450 + i, 1), TestService.line(456 + i, 2))
                                        .replace(
                                                Seed.customer(1).toString(),
                                                Seed.customer(customer).toString()));
                assertThat(placed.status()).isEqualTo(201);
                if (i == 4) {
                    service()
                            .execute("update order_lines set sku = 'OLD-0000' where order_id = '"
                                    + placed.data().path("id").asText() + "' and position = 1");
                }
            }
        }
    }

    private Answer read(String how, int from, int to) {
        String ids = IntStream.range(from, to)
                .mapToObj(customer -> "id=" + Seed.customer(customer))
                .collect(Collectors.joining("&"));
        return service().get("/customers?" + ids + "&read=" + how);
    }

    private static int statements(Answer answer) {
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
        return answer.body().at("/meta/statements").asInt();
    }

    @Test
    void customers_together_areWhatIsReadOneByOne() {
        Answer together = read("together", 940, 960);
        Answer oneByOne = read("one-by-one", 940, 960);

        assertThat(together.data()).hasSize(20).isEqualTo(oneByOne.data());
        JsonNode customer = together.data().path(10);
        assertThat(customer.path("id").asText()).isEqualTo(Seed.customer(950).toString());
        assertThat(customer.path("orders")).hasSize(3);
        List<String> placed = new ArrayList<>();
        customer.path("orders")
                .forEach(order -> placed.add(order.path("placedAt").asText()));
        assertThat(placed)
                .isSortedAccordingTo((a, b) -> java.time.Instant.parse(b).compareTo(java.time.Instant.parse(a)));
        JsonNode items = customer.at("/orders/0/items");
        assertThat(items).hasSize(2);
        assertThat(items.path(0).path("name").asText()).isNotEmpty();
        assertThat(items.path(1).path("sku").asText()).isEqualTo("OLD-0000");
        assertThat(items.path(1).has("name")).as("a product that is gone").isFalse();
    }

    @Test
    void customers_together_takeAsManyStatementsForOneAsForTwenty() {
        Answer one = read("together", 950, 951);
        Answer twenty = read("together", 940, 960);

        assertThat(statements(one)).isEqualTo(LEVELS);
        assertThat(statements(twenty)).isEqualTo(LEVELS);
        assertThat(twenty.body().at("/meta/suspected")).isEmpty();
    }

    /** One for the customer and one for the orders of each, one for each order, one for each line. */
    @Test
    void customers_oneByOne_takeAStatementForEachPart() {
        Answer two = read("one-by-one", 950, 952);
        Answer six = read("one-by-one", 950, 956);

        assertThat(statements(two)).isEqualTo(2 * (1 + 1 + 3 + 6));
        assertThat(statements(six)).isEqualTo(6 * (1 + 1 + 3 + 6));
        assertThat(six.body().at("/meta/suspected").toString()).contains("N_PLUS_ONE");
    }

    @Test
    void customers_namedTwice_areShownOnce_inTheOrderOfTheRequest() {
        String first = Seed.customer(953).toString();
        String second = Seed.customer(952).toString();

        Answer answer = service().get("/customers?id=" + first + "&id=" + second + "&id=" + first);

        assertThat(answer.data().findValuesAsText("id").stream().filter(List.of(first, second)::contains))
                .containsExactly(first, second);
        assertThat(answer.data()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"together", "one-by-one"})
    void customers_oneIsNobody_isNotFound(String how) {
        service()
                .refused(
                        404,
                        "CUSTOMER_NOT_FOUND",
                        "/customers?id=" + Seed.customer(1) + "&id=" + new UUID(0x4000L, Long.MIN_VALUE) + "&read="
                                + how);
    }

    @Test
    void customers_manyFaults_areAllReported() {
        Answer answer = service().refused(400, "VALIDATION_FAILED", "/customers?id=me&read=fast&size=2");

        assertThat(answer.faults())
                .containsExactly("parameters PARAMETER_UNKNOWN", "id[0] ID_MALFORMED", "read READING_UNKNOWN");
        assertThat(answer.error().at("/details/0/in").asText()).isEqualTo("query");
    }

    @Test
    void customers_noneOrTooMany_isRefused() {
        assertThat(service().refused(400, "VALIDATION_FAILED", "/customers").faults())
                .containsExactly("id IDS_OUT_OF_RANGE");
        String many = ("&id=" + Seed.customer(1)).repeat(51).substring(1);
        assertThat(service()
                        .refused(400, "VALIDATION_FAILED", "/customers?" + many)
                        .faults())
                .containsExactly("id IDS_OUT_OF_RANGE");
    }
}
