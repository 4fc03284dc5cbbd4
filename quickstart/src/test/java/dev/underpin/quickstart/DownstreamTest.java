package dev.underpin.quickstart;

import static dev.underpin.quickstart.TestService.line;
import static dev.underpin.quickstart.TestService.order;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.quickstart.TestService.Answer;
import dev.underpin.quickstart.downstream.Condition;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.resilience.Deadline;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client sees of services of others that fail. A circuit that is open stays so. */
final class DownstreamTest {
    private static TestService service;

    @BeforeAll
    static void start(@TempDir Path directory) {
        service = TestService.start(
                DatabaseConfig.file(directory).orElseThrow(),
                Map.of("res.payments.breaker.open-for", "1h", "res.payments.breaker.max-open-for", "1h"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void place_paymentsDown_isRefusedAtOnce_andAllElseWorks() {
        service.payments().be(Condition.DOWN);
        String body = order("\"card\":\"tok_1\",", line(70, 1));

        Answer down = service.post("/orders", body);
        int asked = service.payments().requests();
        Answer refused = service.post("/orders", body);

        assertThat(down.status()).isEqualTo(503);
        assertThat(down.code()).isEqualTo("PAYMENTS_UNAVAILABLE");
        assertThat(asked).isEqualTo(3);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("CIRCUIT_OPEN");
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(29 * 60, 91 * 60);
        TestService.assertNoInternals(refused.response().body());
        assertThat(service.payments().requests()).isEqualTo(asked);
        assertThat(service.post("/orders", order("", line(70, 1))).status()).isEqualTo(201);
        Answer ready = service.get("/health/ready");
        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.data().path("status").asText()).isEqualTo("DEGRADED");
        assertThat(ready.data().at("/dependencies/payments/breaker").asText()).isEqualTo("OPEN");
        assertThat(ready.data().at("/dependencies/courier/breaker").asText()).isEqualTo("CLOSED");
        assertThat(service.get("/health/live").data().path("status").asText()).isEqualTo("LIVE");
    }

    @Test
    void place_expired_isDroppedBeforeAnythingIsDone() {
        service.refused(
                504,
                "DEADLINE_EXCEEDED",
                service.request("/orders")
                        .header(Deadline.HEADER, "0")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(order("", line(70, 1))))
                        .build());
    }

    @Test
    void place_deadlineThatIsNone_isIgnored() {
        Answer placed = service.send(
                "POST", "/orders", BodyPublishers.ofString(order("", line(70, 1))), Deadline.HEADER, "soon");

        assertThat(placed.status()).isEqualTo(201);
    }

    @Test
    void delivery_courierAway_isAssumedAndSaysSo() {
        Answer told = service.get("/products/INK-0071/delivery");
        service.courier().be(Condition.DOWN);
        Answer assumed = service.get("/products/INK-0071/delivery");
        Answer unknown = service.get("/products/ZZZ-9999/delivery");
        service.courier().be(Condition.WELL);

        assertThat(told.status()).isEqualTo(200);
        assertThat(told.data().path("days").asInt()).isBetween(1, 4);
        assertThat(told.data().path("assumed").asBoolean(true)).isFalse();
        assertThat(told.body().has("meta")).isFalse();
        assertThat(assumed.status()).isEqualTo(200);
        assertThat(assumed.data().path("days").asInt()).isEqualTo(10);
        assertThat(assumed.data().path("assumed").asBoolean()).isTrue();
        assertThat(assumed.body().at("/meta/degraded").asBoolean()).isTrue();
        assertThat(assumed.body().at("/meta/because").asText()).isEqualTo("SERVICE_UNAVAILABLE");
        assertThat(unknown.code()).isEqualTo("PRODUCT_NOT_FOUND");
    }
}
