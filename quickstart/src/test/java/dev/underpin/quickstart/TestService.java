package dev.underpin.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.pagination.CursorKeys;
import dev.underpin.quickstart.downstream.FlakyCourier;
import dev.underpin.quickstart.downstream.FlakyPayments;
import dev.underpin.quickstart.http.HttpConfig;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.quickstart.infrastructure.Seed;
import dev.underpin.result.CanIgnoreReturnValue;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Pattern;

/** A service in this process, a client of it, and a look behind its back into its database. */
final class TestService implements AutoCloseable {
    static final int ORDERS = 200;
    static final String KEY = "Idempotency-Key";
    /** Nothing ends because this machine is slow, three failures open a circuit, and it stays open for no time. */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("res.payments.deadline", "1m"),
            Map.entry("res.payments.attempt-timeout", "1m"),
            Map.entry("res.payments.retry.base-delay", "1ms"),
            Map.entry("res.payments.breaker.failure-rate", "100%"),
            Map.entry("res.payments.breaker.window", "3"),
            Map.entry("res.payments.breaker.minimum-calls", "3"),
            Map.entry("res.payments.breaker.open-for", "1ms"),
            Map.entry("res.payments.breaker.max-open-for", "1ms"),
            Map.entry("res.payments.breaker.probes", "1"),
            Map.entry("res.courier.deadline", "1m"),
            Map.entry("res.courier.retry.base-delay", "1ms"));

    static final ObjectMapper JSON = new ObjectMapper();
    /** What no answer may show: packages, types, SQL, tables, files, and what parsers and drivers say. */
    private static final Pattern INTERNALS = Pattern.compile(
            "dev\\.underpin|java\\.|jakarta|\\borg\\.|\\bcom\\.|Exception|\\.java\\b|\\bat [a-z]+\\.|select |insert |update "
                    + "|order_lines|orders_|PUBLIC|jdbc|h2|postgres|psql|hikari|jetty|javalin|jackson|hibernate|Unrecognized"
                    + "|Cannot |Unexpected |deserialize|token|Stream|MISLAID|<html|/tmp",
            Pattern.CASE_INSENSITIVE);

    private final DatabaseConfig config;
    private final FlakyPayments payments;
    private final FlakyCourier courier;
    private final Quickstart quickstart;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TestService(DatabaseConfig config, HttpConfig http, Map<String, String> settings) {
        this.config = config;
        this.payments = FlakyPayments.start();
        this.courier = FlakyCourier.start();
        this.quickstart =
                Quickstart.start(http, config, ORDERS, new Downstreams(payments.uri(), courier.uri(), settings));
    }

    static TestService start(DatabaseConfig config) {
        return start(config, http(CursorSecrets.random()));
    }

    static TestService start(DatabaseConfig config, HttpConfig http) {
        return new TestService(config, http, SETTINGS);
    }

    static TestService start(DatabaseConfig config, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(SETTINGS);
        all.putAll(settings);
        return new TestService(config, http(CursorSecrets.random()), all);
    }

    static HttpConfig http(CursorKeys cursorKeys) {
        return new HttpConfig(
                "127.0.0.1",
                0,
                100,
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Duration.ZERO,
                Duration.ofSeconds(10),
                10_000,
                cursorKeys);
    }

    int port() {
        return quickstart.port();
    }

    FlakyPayments payments() {
        return payments;
    }

    FlakyCourier courier() {
        return courier;
    }

    /* ---- client ---- */

    record Answer(int status, HttpResponse<String> response) {
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        JsonNode body() {
            try {
                return JSON.readTree(response.body());
            } catch (IOException e) {
                throw new AssertionError("Not JSON: " + response.body(), e);
            }
        }

        JsonNode data() {
            return body().path("data");
        }

        JsonNode error() {
            return body().path("error");
        }

        String code() {
            return error().path("code").asText();
        }

        /** {@return "field CODE" of each detail} */
        List<String> faults() {
            List<String> faults = new ArrayList<>();
            error().path("details")
                    .forEach(detail -> faults.add(detail.path("field").asText()
                            + ' '
                            + detail.path("code").asText()));
            return faults;
        }
    }

    /** {@return a request, which has a new key if it can place an order} */
    HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(30));
        return path.equals("/orders") ? request.header(KEY, UUID.randomUUID().toString()) : request;
    }

    Answer send(HttpRequest request) {
        try {
            var response = client.send(request, BodyHandlers.ofString());
            return new Answer(response.statusCode(), response);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(request.method() + " " + request.uri() + " was not answered", e);
        }
    }

    Answer get(String path) {
        return send(request(path).build());
    }

    Answer post(String path, String body) {
        return send("POST", path, BodyPublishers.ofString(body));
    }

    Answer post(String path) {
        return send(request(path).POST(BodyPublishers.noBody()).build());
    }

    Answer patch(String path, String body, String... headers) {
        return send("PATCH", path, BodyPublishers.ofString(body), headers);
    }

    Answer send(String method, String path, BodyPublisher body, String... headers) {
        var request = request(path).header("Content-Type", "application/json").method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    /** {@return the id of a newly placed order of one product} */
    @CanIgnoreReturnValue
    String placed(int product, int quantity) {
        Answer answer = post("/orders", order("", line(product, quantity)));
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(201);
        return answer.data().path("id").asText();
    }

    static String order(String more, String... lines) {
        return "{\"customer\":\"" + Seed.customer(1) + "\"," + more + "\"lines\":[" + String.join(",", lines) + "]}";
    }

    static String line(int product, int quantity) {
        return "{\"sku\":\"" + Seed.product(product) + "\",\"quantity\":" + quantity + "}";
    }

    /* ---- what every refusal has in common ---- */

    /** Sends what must be refused, and checks that it was: the envelope, no internals, and nothing lost. */
    @CanIgnoreReturnValue
    Answer refused(int status, String code, HttpRequest request) {
        String before = contents();
        Answer answer = send(request);
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
        assertThat(answer.code()).as(answer.response().body()).isEqualTo(code);
        assertEnvelope(answer.response().body(), answer.header("Content-Type"), answer.header("X-Request-Id"));
        assertThat(contents()).as("the database").isEqualTo(before);
        assertThat(get("/health/ready").status()).as("the service afterwards").isEqualTo(200);
        return answer;
    }

    @CanIgnoreReturnValue
    Answer refused(int status, String code, String method, String path, String body) {
        return refused(
                status,
                code,
                request(path)
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(body))
                        .build());
    }

    @CanIgnoreReturnValue
    Answer refused(int status, String code, String path) {
        return refused(status, code, request(path).build());
    }

    static void assertEnvelope(String body, String contentType, String requestId) {
        JsonNode error;
        try {
            error = JSON.readTree(body).path("error");
        } catch (IOException e) {
            throw new AssertionError("Not JSON: " + body, e);
        }
        assertThat(contentType).isEqualTo("application/json");
        assertThat(error.path("code").asText()).as(body).matches("[A-Z][A-Z0-9_]+");
        assertThat(error.path("message").asText()).as(body).isNotEmpty();
        assertThat(error.path("details").isArray()).as(body).isTrue();
        assertThat(error.path("requestId").asText()).as(body).isNotEmpty().isEqualTo(requestId);
        assertNoInternals(body);
    }

    static void assertNoInternals(String body) {
        assertThat(INTERNALS.matcher(body).results().map(hit -> hit.group()).toList())
                .as(body)
                .isEmpty();
    }

    /* ---- behind its back ---- */

    /** {@return how much there is of everything; equal if nothing was lost, added or changed} */
    String contents() {
        String counts = "select (select count(1) from customers), (select sum(stock) from products),"
                + " (select count(1) from orders), (select sum(version) from orders),"
                + " (select count(1) from order_lines), (select sum(quantity) from order_lines)";
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(counts)) {
            row.next();
            return row.getLong(1) + " customers, " + row.getLong(2) + " in stock, " + row.getLong(3) + " orders, "
                    + row.getLong(4) + " versions, " + row.getLong(5) + " lines, " + row.getLong(6) + " pieces";
        } catch (SQLException e) {
            throw new AssertionError(counts, e);
        }
    }

    void execute(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    long query(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    Connection connect() throws SQLException {
        return connect(config);
    }

    static Connection connect(DatabaseConfig config) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", config.user());
        properties.setProperty("password", config.password());
        return DriverManager.getConnection(config.jdbcUrl(), properties);
    }

    @Override
    public void close() {
        quickstart.close();
        payments.close();
        courier.close();
    }
}
