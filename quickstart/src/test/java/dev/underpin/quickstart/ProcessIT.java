package dev.underpin.quickstart;

import static dev.underpin.quickstart.TestService.line;
import static dev.underpin.quickstart.TestService.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.underpin.quickstart.downstream.FlakyPayments;
import dev.underpin.quickstart.downstream.FlakyPayments.Fault;
import dev.underpin.quickstart.infrastructure.Database;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.quickstart.infrastructure.Seed;
import dev.underpin.quickstart.infrastructure.SeedTest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The program from outside: signals, crashes, restarts, and what it prints. */
@Execution(ExecutionMode.CONCURRENT) // each test has processes and a directory of its own
final class ProcessIT {
    private static final int ORDERS = 50;
    private static final int SIGTERM = 143;

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void sigterm_inTheMiddleOfARequest_answersItAndKeepsTheData() throws Exception {
        String location;
        try (ServiceProcess service = ServiceProcess.serve(directory, ORDERS)) {
            service.await(text -> text.contains("\"level\":\"INFO\"") && text.contains("a random key"));
            int port = service.awaitPort();
            try (Wire slow = Wire.to(port);
                    Wire other = Wire.to(port)) {
                String body = order("", line(5, 1));
                slow.announceOrder(body.length());
                assertThat(other.get("/health/ready")).startsWith("HTTP/1.1 200 ");

                service.terminate();
                service.await(text -> text.contains("Stopping"));
                String readiness = other.get("/health/ready");
                while (readiness.startsWith("HTTP/1.1 200 ")) {
                    readiness = other.get("/health/ready");
                }
                assertThat(readiness).startsWith("HTTP/1.1 503 ").contains("\"code\":\"SERVICE_UNAVAILABLE\"");
                assertThat(other.get("/health/live")).startsWith("HTTP/1.1 200 ");
                // Longer than it drains, and than a server that is stopping bears silence.
                Thread.sleep(5_000);
                assertThatThrownBy(() -> Wire.to(port).close()).isInstanceOf(IOException.class);
                slow.write(body);

                String answer = slow.read();
                assertThat(answer).startsWith("HTTP/1.1 201 ");
                location = answer.replaceFirst("(?s).*\r\nLocation: (\\S+)\r\n.*", "$1");
            }
            assertThat(service.awaitExit()).isIn(0, SIGTERM);
            assertThat(service.output()).last().asString().contains("Stopped");
            for (String text : service.output()) {
                assertThat(TestService.JSON.readTree(text).path("level").asText())
                        .as(text)
                        .isNotEmpty();
            }
        }
        try (ServiceProcess service = ServiceProcess.serve(directory, ORDERS)) {
            assertThat(get(service.awaitPort(), location).statusCode()).isEqualTo(200);
            assertThat(service.output()).noneMatch(text -> text.contains("Seeding"));
        }
    }

    @Test
    void kill_afterAnAnswerAndBeforeAnother_losesNothingAndChargesOnce() throws Exception {
        String location;
        String body = order("\"card\":\"tok_1\",", line(5, 1));
        try (FlakyPayments payments = FlakyPayments.start()) {
            Map<String, String> env = Map.of("PAYMENT_URL", payments.uri().toString());
            String[] args = {"--port=0", "--data=" + directory, "--orders=" + ORDERS};
            try (ServiceProcess service = ServiceProcess.start(env, args)) {
                int port = service.awaitPort();
                HttpResponse<String> placed = client.send(
                        placing(port, "answered", order("\"reference\":\"survivor\",", line(5, 1))),
                        BodyHandlers.ofString());
                assertThat(placed.statusCode()).isEqualTo(201);
                location = placed.headers().firstValue("Location").orElseThrow();
                payments.next(Fault.HANG);
                var unanswered = client.sendAsync(placing(port, "unanswered", body), BodyHandlers.ofString());
                payments.awaitHanging();
                service.kill();
                assertThat(unanswered).failsWithin(Duration.ofSeconds(30));
            }
            try (ServiceProcess service = ServiceProcess.start(env, args)) {
                int port = service.awaitPort();
                HttpResponse<String> found = get(port, location);
                HttpResponse<String> paid = client.send(placing(port, "unanswered", body), BodyHandlers.ofString());
                while (paid.statusCode() == 409) { // until the lease of the killed one has ended
                    Thread.sleep(100);
                    paid = client.send(placing(port, "unanswered", body), BodyHandlers.ofString());
                }

                assertThat(found.statusCode()).isEqualTo(200);
                assertThat(found.body()).contains("survivor");
                assertThat(paid.statusCode()).isEqualTo(201);
                assertThat(paid.body()).contains("\"status\":\"PAID\"");
                assertThat(paid.headers().firstValue("Idempotent-Replayed")).isEmpty();
                assertThat(payments.ledger()).singleElement().satisfies(charge -> {
                    assertThat(charge.requests()).isEqualTo(2);
                    assertThat(charge.charges()).isEqualTo(1);
                });
                assertThat(get(port, "/orders?status=PENDING").body()).contains("\"data\":[]");
            }
        }
    }

    @Test
    void kill_whileSeeding_isMadeGoodByTheNextStart() throws Exception {
        int orders = 6_000;
        Path other = directory.resolve("other");
        try (ServiceProcess service = ServiceProcess.start(
                Map.of("LOG_LEVEL", "DEBUG"), "--port=0", "--data", directory.toString(), "--orders=" + orders)) {
            service.await(text -> text.contains("Seeding order 5000 of 6000"));
            service.kill();
            assertThat(service.output()).noneMatch(text -> text.contains("Listening"));
        }
        List<DatabaseConfig> databases = Stream.of(directory, other)
                .map(data -> DatabaseConfig.file(data).orElseThrow())
                .toList();
        for (DatabaseConfig database : databases) {
            Database.open(database, orders).close();
        }

        assertThat(SeedTest.fingerprint(databases.get(0))).isEqualTo(SeedTest.fingerprint(databases.get(1)));
    }

    @Test
    void log_eachRequest_isOneLineWithItsId_andAFailureOneMoreWithItsCause_andNoSecretIsInIt() throws Exception {
        String secret = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
        try (ServiceProcess service = ServiceProcess.start(
                Map.of("CURSOR_KEYS", "1:" + secret, "LOG_LEVEL", "DEBUG"),
                "--port=0",
                "--data=" + directory,
                "--orders=" + ORDERS)) {
            int port = service.awaitPort();
            client.send(
                    HttpRequest.newBuilder(uri(port, "/orders/" + Seed.DAMAGED_ORDER + "?secret=hunter2"))
                            .header("X-Request-Id", "find-me")
                            .header("Authorization", "Bearer hunter2")
                            .build(),
                    BodyHandlers.ofString());
            JsonNode failure = TestService.JSON.readTree(service.await(text -> text.contains("find-me")));
            JsonNode access = TestService.JSON.readTree(service.await(text -> text.contains("find-me")));

            assertThat(failure.path("level").asText()).isEqualTo("ERROR");
            assertThat(failure.at("/mdc/requestId").asText()).isEqualTo("find-me");
            assertThat(failure.at("/throwable/message").asText()).contains("MISLAID");
            assertThat(access.path("loggerName").asText()).isEqualTo("access");
            assertThat(access.at("/mdc/requestId").asText()).isEqualTo("find-me");
            assertThat(access.path("kvpList").findValue("status").asInt()).isEqualTo(500);
            assertThat(String.join("\n", service.output())).doesNotContain("hunter2", secret, "a random key");
        }
    }

    @Test
    void start_portTaken_saysSoAndExits() throws Exception {
        try (ServerSocket taken = new ServerSocket(0);
                ServiceProcess service = ServiceProcess.start(
                        Map.of(),
                        "--host=0.0.0.0",
                        "--port=" + taken.getLocalPort(),
                        "--data=" + directory,
                        "--orders=1")) {
            assertThat(service.awaitExit()).isEqualTo(1);
            assertThat(service.output()).last().asString().contains("could not start");
        }
    }

    @Test
    void start_badOptions_namesThemWithoutSecrets() throws Exception {
        try (ServiceProcess service = ServiceProcess.start(
                Map.of(
                        "DATABASE_URL", "mysql://u:hunter2@h/d",
                        "RES_PAYMENTS_DEADLINE", "soon",
                        "RES_COURIER_DEADLIN", "1s"),
                "--port=http")) {
            assertThat(service.awaitExit()).isEqualTo(2);
            assertThat(String.join("\n", service.output()))
                    .contains(
                            "port: must be a number from 0 to 65535",
                            "DATABASE_URL: must look like",
                            "RES_PAYMENTS_DEADLINE: ",
                            "RES_COURIER_DEADLIN: ")
                    .doesNotContain("hunter2");
        }
    }

    @Test
    void start_databaseAway_exitsWithoutSecrets() throws Exception {
        try (ServiceProcess service =
                ServiceProcess.start(Map.of("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:1/d"), "--port=0")) {
            assertThat(service.awaitExit()).isEqualTo(1);
            assertThat(String.join("\n", service.output()))
                    .contains("PostgreSQL at 127.0.0.1:1")
                    .doesNotContain("hunter2");
        }
    }

    @Test
    void demo_plays_asExpected() throws Exception {
        try (ServiceProcess demo = ServiceProcess.start(Map.of(), "--demo", "--orders=5000")) {
            int exit = demo.awaitExit();

            assertThat(exit).as(String.join("\n", demo.output())).isZero();
            assertThat(demo.output()).last().asString().matches("[0-9]+ answers, each as expected\\.");
        }
    }

    private static HttpRequest placing(int port, String key, String body) {
        return HttpRequest.newBuilder(uri(port, "/orders"))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(port, path)).build(), BodyHandlers.ofString());
    }
}
