package dev.underpin.quickstart;

import static dev.underpin.quickstart.TestService.line;
import static dev.underpin.quickstart.TestService.order;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import dev.underpin.quickstart.TestService.Answer;
import dev.underpin.quickstart.domain.NewOrder;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.quickstart.infrastructure.Seed;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What the service promises, from the socket to the database; the same on every database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServiceContract {
    private static final String ADDRESS = """
            "delivery": {"recipient": "A. Writer", "street": "1 Mill Lane", "postal_code": "CB1 2AB",
                         "city": "Cambridge", "country_code": "GB"}}""";
    private static final String UNKNOWN_ID = new UUID(0x4000L, Long.MIN_VALUE).toString();

    private TestService service;

    abstract DatabaseConfig database() throws Exception;

    /** {@return a query for how many transactions wait for others} */
    abstract String waiting();

    @BeforeAll
    void start() throws Exception {
        service = TestService.start(database());
    }

    @AfterAll
    void stop() {
        service.close();
    }

    TestService service() {
        return service;
    }

    @Nested
    class Place {
        @Test
        void place_valid_isCreatedAndStored() {
            long stock = service.query("select stock from products where sku = 'INK-0011'");

            Answer answer = service.post("/orders", order("\"reference\":\"place-1\",", line(11, 2), line(12, 1)));

            assertThat(answer.status()).isEqualTo(201);
            JsonNode order = answer.data();
            assertThat(answer.header("Location"))
                    .isEqualTo("/orders/" + order.path("id").asText());
            assertThat(answer.header("ETag")).isEqualTo("\"1\"");
            assertThat(order.path("status").asText()).isEqualTo("PLACED");
            assertThat(order.path("total").decimalValue())
                    .isEqualTo(order.at("/lines/0/total")
                            .decimalValue()
                            .add(order.at("/lines/1/total").decimalValue()));
            assertThat(service.get(answer.header("Location")).data()).isEqualTo(order);
            assertThat(service.query("select stock from products where sku = 'INK-0011'"))
                    .isEqualTo(stock - 2);
        }

        @Test
        void place_manyFaults_areAllReportedWithTheirPaths() {
            Answer answer = service.refused(400, "VALIDATION_FAILED", "POST", "/orders", """
                    {"customer": "me", "reference": "two words", "agreedTotal": 9.999,
                     "lines": [{"sku": "ink", "quantity": 0}, {"quantity": 1001}, null]}""");

            assertThat(answer.faults())
                    .containsExactly(
                            "customer ID_MALFORMED",
                            "lines[0].sku SKU_MALFORMED",
                            "lines[0].quantity QUANTITY_OUT_OF_RANGE",
                            "lines[1].sku REQUIRED",
                            "lines[1].quantity QUANTITY_OUT_OF_RANGE",
                            "lines[2] REQUIRED",
                            "reference REFERENCE_MALFORMED",
                            "agreedTotal AMOUNT_INVALID");
            assertThat(answer.error().at("/details/0/in").asText()).isEqualTo("body");
            assertThat(answer.error().at("/details/2/params/max").asInt()).isEqualTo(1000);
        }

        @Test
        void place_emptyObject_namesWhatIsRequired() {
            assertThat(service.refused(400, "VALIDATION_FAILED", "POST", "/orders", "{}")
                            .faults())
                    .containsExactly("customer REQUIRED", "lines REQUIRED");
        }

        @Test
        void place_noLinesOrTooMany_isRefused() {
            String[] tooMany = IntStream.rangeClosed(0, NewOrder.Lines.MAX)
                    .mapToObj(i -> line(20 + i, 1))
                    .toArray(String[]::new);

            assertThat(service.refused(400, "VALIDATION_FAILED", "POST", "/orders", order(""))
                            .faults())
                    .containsExactly("lines LINES_OUT_OF_RANGE");
            assertThat(service.refused(400, "VALIDATION_FAILED", "POST", "/orders", order("", tooMany))
                            .faults())
                    .containsExactly("lines LINES_OUT_OF_RANGE");
        }

        @Test
        void place_productTwice_namesTheSecondLine() {
            assertThat(service.refused(400, "VALIDATION_FAILED", "POST", "/orders", order("", line(5, 1), line(5, 2)))
                            .faults())
                    .containsExactly("lines[1].sku SKU_REPEATED");
        }

        @Test
        void place_unknownCustomerAndProduct_areFaultsOfTheirFields() {
            String body = order("", "{\"sku\":\"ZZZ-0000\",\"quantity\":1}", line(5, 1))
                    .replace(Seed.customer(1).toString(), UNKNOWN_ID);

            Answer answer = service.refused(400, "VALIDATION_FAILED", "POST", "/orders", body);

            assertThat(answer.faults())
                    .containsExactly("customer CUSTOMER_NOT_FOUND", "lines[0].sku PRODUCT_NOT_FOUND");
            assertThat(answer.error().at("/details/1/in").asText()).isEqualTo("body");
        }

        @Test
        void place_referenceTaken_isConflictThatNamesTheField() {
            String body = order("\"reference\":\"twice\",", line(30, 1));
            assertThat(service.post("/orders", body).status()).isEqualTo(201);

            Answer again = service.refused(409, "ORDER_REFERENCE_TAKEN", "POST", "/orders", body);

            assertThat(again.faults()).containsExactly("reference ORDER_REFERENCE_TAKEN");
        }

        @Test
        void place_referenceOfAnotherCustomer_isFree() {
            assertThat(service.post("/orders", order("\"reference\":\"shared\",", line(30, 1)))
                            .status())
                    .isEqualTo(201);
            String other = order("\"reference\":\"shared\",", line(30, 1))
                    .replace(Seed.customer(1).toString(), Seed.customer(2).toString());

            assertThat(service.post("/orders", other).status()).isEqualTo(201);
        }

        @Test
        void place_moreThanInStock_takesNothingOfAnyLine() {
            Answer answer = service.refused(422, "OUT_OF_STOCK", "POST", "/orders", order("", line(1, 1), line(0, 4)));

            assertThat(answer.error().path("message").asText()).isEqualTo("Only 3 of PEN-0000 left");
        }

        @Test
        void place_agreedTotal_mustBeTheTotal() {
            Answer refused = service.refused(
                    422, "ORDER_TOTAL_CHANGED", "POST", "/orders", order("\"agreedTotal\":0.01,", line(33, 2)));
            String total = refused.error().path("message").asText().replaceAll("[^0-9.]", "");

            assertThat(service.post("/orders", order("\"agreedTotal\":" + total + ",", line(33, 2)))
                            .status())
                    .isEqualTo(201);
        }

        @ParameterizedTest
        @ValueSource(strings = {"1E999999999", "1E-999999999", "-0.01", "0.001", "1000000000", "1e400"})
        void place_amountThatIsNone_isRefusedWithoutComputingIt(String amount) {
            assertThat(service.refused(
                                    400,
                                    "VALIDATION_FAILED",
                                    "POST",
                                    "/orders",
                                    order("\"agreedTotal\":" + amount + ",", line(5, 1)))
                            .faults())
                    .containsExactly("agreedTotal AMOUNT_INVALID");
        }
    }

    @Nested
    class Bodies {
        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                        unfinished         | {"customer": "
                        not JSON           | hello
                        two documents      | {} {}
                        a comment          | /* x */ {}
                        single quotes      | {'customer': 1}
                        a trailing comma   | {"customer": "x",}
                        NaN                | {"agreedTotal": NaN}
                        """)
        void body_brokenJson_isMalformed(String name, String body) {
            service.refused(400, "MALFORMED_REQUEST", "POST", "/orders", body);
        }

        @Test
        void body_deeplyNested_isMalformed() {
            service.refused(400, "MALFORMED_REQUEST", "POST", "/orders", "[".repeat(30_000));
            service.refused(400, "MALFORMED_REQUEST", "POST", "/orders", "{\"lines\":" + "[".repeat(30_000));
        }

        @Test
        void body_notUtf8_isMalformed() {
            byte[] latin1 = {'{', '"', 'r', 'e', 'f', 'e', 'r', 'e', 'n', 'c', 'e', '"', ':', '"', (byte) 0xe9, '"', '}'
            };
            service.refused(
                    400,
                    "MALFORMED_REQUEST",
                    service.request("/orders")
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofByteArray(latin1))
                            .build());
        }

        @ParameterizedTest
        @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32", "UTF-32BE", "UTF-32LE"})
        void body_otherUnicode_isMalformed(String charset) {
            service.refused(
                    400,
                    "MALFORMED_REQUEST",
                    service.request("/orders")
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(order("", line(5, 1)), Charset.forName(charset)))
                            .build());
        }

        @Test
        void body_overlongUtf8_isMalformed() {
            String text = order("\"reference\":\"\u00c1\u0081\",", line(5, 1)); // a letter A of two bytes
            service.refused(
                    400,
                    "MALFORMED_REQUEST",
                    service.request("/orders")
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(text, StandardCharsets.ISO_8859_1))
                            .build());
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                        customer           | {"customer": 12, "lines": []}
                        customer           | {"customer": {"id": 1}, "lines": []}
                        lines              | {"lines": "none"}
                        lines[0]           | {"lines": ["none"]}
                        lines[0].quantity  | {"lines": [{"quantity": "3"}]}
                        lines[0].quantity  | {"lines": [{"quantity": 3.7}]}
                        lines[0].quantity  | {"lines": [{"quantity": 99999999999}]}
                        lines[0].quantity  | {"lines": [{"quantity": true}]}
                        agreedTotal        | {"agreedTotal": "12.50"}
                        $                  | []
                        $                  | "order"
                        $                  | 7
                        """)
        void body_wrongType_namesTheField(String field, String body) {
            assertThat(service.refused(400, "MALFORMED_REQUEST", "POST", "/orders", body)
                            .faults())
                    .containsExactly(field + " TYPE_MISMATCH");
        }

        @Test
        void body_unknownField_isRefused() {
            assertThat(service.refused(
                                    400,
                                    "MALFORMED_REQUEST",
                                    "POST",
                                    "/orders",
                                    order("\"refrence\":\"x\",", line(5, 1)))
                            .faults())
                    .containsExactly("refrence UNKNOWN_FIELD");
        }

        @Test
        void body_fieldTwice_isRefused() {
            assertThat(service.refused(
                                    400,
                                    "MALFORMED_REQUEST",
                                    "POST",
                                    "/orders",
                                    order("\"reference\":\"a\",\"reference\":\"b\",", line(5, 1)))
                            .code())
                    .isEqualTo("MALFORMED_REQUEST");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "null", "   "})
        void body_missing_isMalformed(String body) {
            assertThat(service.refused(400, "MALFORMED_REQUEST", "POST", "/orders", body)
                            .faults())
                    .containsExactly("$ BODY_MISSING");
        }

        @Test
        void body_tooLarge_isRefused() {
            service.refused(413, "BODY_TOO_LARGE", "POST", "/orders", "{\"a\":\"" + "x".repeat(70_000) + "\"}");
        }

        @Test
        void body_justNotTooLarge_isRead() {
            service.refused(400, "MALFORMED_REQUEST", "POST", "/orders", " ".repeat(64 * 1024));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "text/plain",
                    "application/xml",
                    "application/x-www-form-urlencoded",
                    "application/json; charset=iso-8859-1",
                    "application/json;charset=utf-16",
                    "application/json; x=y; Charset=\"utf-16\"",
                    "application/json; charset=utf-8x",
                    "application/json; charset=",
                    "application/json, text/plain",
                    ";",
                    "application/jsonx",
                    "nonsense"
                })
        void mediaType_other_isUnsupported(String type) {
            service.refused(
                    415,
                    "MEDIA_TYPE_UNSUPPORTED",
                    service.request("/orders")
                            .header("Content-Type", type)
                            .POST(BodyPublishers.ofString(order("", line(5, 1))))
                            .build());
        }

        @Test
        void mediaType_twice_isUnsupported() {
            service.refused(
                    415,
                    "MEDIA_TYPE_UNSUPPORTED",
                    service.request("/orders")
                            .header("Content-Type", "application/json")
                            .header("Content-Type", "text/plain")
                            .POST(BodyPublishers.ofString(order("", line(5, 1))))
                            .build());
        }

        @Test
        void mediaType_none_isUnsupported() {
            service.refused(
                    415,
                    "MEDIA_TYPE_UNSUPPORTED",
                    service.request("/orders")
                            .POST(BodyPublishers.ofString(order("", line(5, 1))))
                            .build());
        }

        @Test
        void encoding_compressed_isUnsupported() {
            service.refused(
                    415,
                    "MEDIA_TYPE_UNSUPPORTED",
                    service.request("/orders")
                            .header("Content-Type", "application/json")
                            .header("Content-Encoding", "gzip")
                            .POST(BodyPublishers.ofString("x"))
                            .build());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Application/JSON; charset=\"UTF-8\"",
                    "application/json;charset=utf-8",
                    "application/json;",
                    "application/json; profile=x; charset=utf-8;"
                })
        void mediaType_jsonInUtf8_isRead(String type) {
            Answer answer = service.send(service.request("/orders")
                    .header("Content-Type", type)
                    .POST(BodyPublishers.ofString(order("", line(5, 1))))
                    .build());

            assertThat(answer.status()).isEqualTo(201);
        }
    }

    @Nested
    class Listings extends ListingContract {
        @Override
        TestService service() {
            return service;
        }
    }

    @Nested
    class Activities extends ActivityContract {
        @Override
        TestService service() {
            return service;
        }
    }

    @Nested
    class Keys extends KeyContract {
        @Override
        TestService service() {
            return service;
        }
    }

    @Nested
    class Products extends ProductContract {
        @Override
        TestService service() {
            return service;
        }
    }

    @Nested
    class Routes {
        @Test
        void customer_known_isFound() {
            Answer answer = service.get("/customers/" + Seed.customer(5));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.data().path("email").asText()).isEqualTo("customer.5@example.com");
        }

        @Test
        void product_known_isFoundWithExactMoney() {
            Answer answer = service.get("/products/PEN-0000");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.response().body()).contains("\"price\":13.43,", "\"stock\":3");
        }

        @Test
        void order_seeded_isFound() {
            assertThat(service.query("select count(1) from orders")).isGreaterThanOrEqualTo(TestService.ORDERS);
        }

        @Test
        void head_known_hasTheHeadersOfGetAndNoBody() {
            Answer answer = service.send(service.request("/products/PEN-0000")
                    .method("HEAD", BodyPublishers.noBody())
                    .build());

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
            assertThat(answer.response().body()).isEmpty();
        }

        @ParameterizedTest
        @CsvSource({
            "/orders/{}, ORDER_NOT_FOUND",
            "/customers/{}, CUSTOMER_NOT_FOUND",
            "/products/ZZZ-9999, PRODUCT_NOT_FOUND",
            "/, ROUTE_NOT_FOUND",
            "/ordres, ROUTE_NOT_FOUND",
            "/orders/{}/lines, ROUTE_NOT_FOUND",
            "/WEB-INF/web.xml, ROUTE_NOT_FOUND",
            "/.env, ROUTE_NOT_FOUND"
        })
        void get_unknown_isNotFound(String path, String code) {
            service.refused(404, code, path.replace("{}", UNKNOWN_ID));
        }

        @ParameterizedTest
        @CsvSource({
            "/orders/4711, id ID_MALFORMED",
            "/orders/1-1-1-1-1, id ID_MALFORMED",
            "/orders/zzzzzzzz-zzzz-4zzz-8zzz-zzzzzzzzzzzz, id ID_MALFORMED",
            "/orders/%27%20or%201%3D1, id ID_MALFORMED",
            "/customers/me, id ID_MALFORMED",
            "/products/ink, sku SKU_MALFORMED"
        })
        void path_malformed_isAFaultOfThePath(String path, String fault) {
            Answer answer = service.refused(400, "VALIDATION_FAILED", path);

            assertThat(answer.faults()).containsExactly(fault);
            assertThat(answer.error().at("/details/0/in").asText()).isEqualTo("path");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                        DELETE | /orders/{}        | GET, HEAD, PATCH
                        PUT    | /orders/{}        | GET, HEAD, PATCH
                        DELETE | /orders           | GET, HEAD, POST
                        GET    | /orders/{}/cancel | POST
                        POST   | /products/x       | GET, HEAD
                        GET    | /products/x/price | PUT
                        OPTIONS| /health/live      | GET, HEAD
                        BREW   | /health/live      | GET, HEAD
                        """)
        void method_wrong_isRefusedWithAllow(String method, String path, String allow) {
            Answer answer = service.refused(405, "METHOD_NOT_ALLOWED", method, path.replace("{}", UNKNOWN_ID), "");

            assertThat(answer.header("Allow").split(", ")).containsExactlyInAnyOrder(allow.split(", "));
        }

        @ParameterizedTest
        @ValueSource(strings = {"GET", "POST", "HEAD", "PATCH", "BREW", ""})
        void method_overridden_isRefused(String override) {
            service.refused(
                    400,
                    "MALFORMED_REQUEST",
                    service.request("/orders/" + service.placed(40, 1) + "/cancel")
                            .header("X-HTTP-Method-Override", override)
                            .build());
        }

        @Test
        void order_damaged_isAnInternalErrorThatShowsNothing() {
            Answer answer = service.refused(500, "INTERNAL_ERROR", "/orders/" + Seed.DAMAGED_ORDER);

            assertThat(answer.error().path("message").asText()).isEqualTo("An internal error occurred");
            assertThat(answer.faults()).isEmpty();
        }

        @Test
        void error_problemPreferred_isProblemDetails() {
            Answer answer = service.send(service.request("/orders/4711")
                    .header("Accept", "application/problem+json")
                    .build());

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(answer.body().path("status").asInt()).isEqualTo(400);
            assertThat(answer.body().at("/errors/0/parameter").asText()).isEqualTo("id");
        }

        @Test
        void requestId_valid_isKept_andInvalid_isReplaced() {
            assertThat(service.send(service.request("/health/live")
                                    .header("X-Request-Id", "abc-123")
                                    .build())
                            .header("X-Request-Id"))
                    .isEqualTo("abc-123");
            assertThat(service.send(service.request("/health/live")
                                    .header("X-Request-Id", "a=1 b=2")
                                    .build())
                            .header("X-Request-Id"))
                    .isNotEmpty()
                    .isNotEqualTo("a=1 b=2");
        }

        @Test
        void health_running_isLiveAndReady() {
            assertThat(service.get("/health/live").data().path("status").asText())
                    .isEqualTo("LIVE");
            assertThat(service.get("/health/ready").data().path("status").asText())
                    .isEqualTo("READY");
        }
    }

    @Nested
    class Change {
        @Test
        void change_currentVersionInHeader_makesTheNext() {
            String path = "/orders/" + service.placed(40, 1);

            Answer changed = service.patch(path, "{" + ADDRESS, "If-Match", "\"1\"");

            assertThat(changed.status()).isEqualTo(200);
            assertThat(changed.header("ETag")).isEqualTo("\"2\"");
            assertThat(changed.data().at("/delivery/postal_code").asText()).isEqualTo("CB1 2AB");
            assertThat(service.get(path).data()).isEqualTo(changed.data());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"*", "\"7\", \"1\"", "\"1\",\"2\"", ",\"1\"", "\"1\",", "\"1\"\t,\"2\"", "W/\"1\" , ,\"1\""})
        void change_anyOfTheTags_isEnough(String tags) {
            String path = "/orders/" + service.placed(40, 1);

            assertThat(service.patch(path, "{" + ADDRESS, "If-Match", tags).status())
                    .isEqualTo(200);
        }

        @Test
        void change_currentVersionInBody_makesTheNext() {
            String path = "/orders/" + service.placed(40, 1);

            assertThat(service.patch(path, "{\"version\": 1, " + ADDRESS).status())
                    .isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(strings = {"\"2\"", "W/\"1\"", "\"\"", "\"11\"", "\"x\"", "\"1 \"", "\" 1\"", "\",1,\""})
        void change_otherTag_is412(String tag) {
            String path = "/orders/" + service.placed(40, 1);

            Answer answer = service.refused(
                    412,
                    "ORDER_STALE",
                    service.request(path)
                            .headers("Content-Type", "application/json", "If-Match", tag)
                            .method("PATCH", BodyPublishers.ofString("{" + ADDRESS))
                            .build());

            assertThat(answer.error().path("message").asText()).endsWith("1 now");
        }

        @Test
        void change_staleVersionInBody_is409() {
            String path = "/orders/" + service.placed(40, 1);

            service.refused(409, "ORDER_STALE", "PATCH", path, "{\"version\": 9, " + ADDRESS);
        }

        @Test
        void change_headerAndBodyDisagree_is412() {
            String path = "/orders/" + service.placed(40, 1);

            assertThat(service.patch(path, "{\"version\": 2, " + ADDRESS, "If-Match", "\"1\"")
                            .status())
                    .isEqualTo(412);
        }

        @Test
        void change_noVersion_is428() {
            service.refused(428, "VERSION_REQUIRED", "PATCH", "/orders/" + service.placed(40, 1), "{" + ADDRESS);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", ",", "1", "\"1", "\"1\" \"2\"", "*,\"1\"", "\"1\",x"})
        void change_malformedTag_isAFaultOfTheHeader(String tag) {
            Answer answer = service.refused(
                    400,
                    "VALIDATION_FAILED",
                    service.request("/orders/" + UNKNOWN_ID)
                            .headers("Content-Type", "application/json", "If-Match", tag)
                            .method("PATCH", BodyPublishers.ofString("{" + ADDRESS))
                            .build());

            assertThat(answer.faults()).containsExactly("If-Match ETAG_MALFORMED");
            assertThat(answer.error().at("/details/0/in").asText()).isEqualTo("header");
        }

        @Test
        void change_brokenConstraints_haveTheNamesOfTheJson() {
            Answer answer = service.refused(
                    400,
                    "VALIDATION_FAILED",
                    "PATCH",
                    "/orders/" + service.placed(40, 1),
                    "{\"version\": 0, \"delivery\": {\"recipient\": \" \", \"postal_code\": \"?\", \"city\": \""
                            + "x".repeat(101) + "\"}}");

            assertThat(answer.faults())
                    .containsExactly(
                            "delivery.city SIZE",
                            "delivery.country_code NOT_NULL",
                            "delivery.postal_code PATTERN",
                            "delivery.recipient NOT_BLANK",
                            "delivery.street NOT_BLANK",
                            "version POSITIVE");
        }

        @ParameterizedTest
        @ValueSource(strings = {"a\\u0000b", "a\\nb", "a\\ud800b", "\\udc00"})
        void change_textThatIsNone_isAFault(String text) {
            var answer = service.refused(
                    400,
                    "VALIDATION_FAILED",
                    "PATCH",
                    "/orders/" + service.placed(40, 1),
                    "{\"version\": 1, "
                            + ADDRESS.replace("A. Writer", text)
                                    .replace("1 Mill Lane", text)
                                    .replace("Cambridge", text));

            assertThat(answer.faults())
                    .containsExactly("delivery.city PATTERN", "delivery.recipient PATTERN", "delivery.street PATTERN");
        }

        @Test
        void change_textBeyondTheBasicPlane_isStoredAsSent() {
            String path = "/orders/" + service.placed(40, 1);

            assertThat(service.patch(path, "{\"version\": 1, " + ADDRESS.replace("A. Writer", "\ud83d\ude00 \u00d8re"))
                            .status())
                    .isEqualTo(200);

            assertThat(service.get(path).data().at("/delivery/recipient").asText())
                    .isEqualTo("\ud83d\ude00 \u00d8re");
        }

        @Test
        void change_noDelivery_isAFault() {
            assertThat(service.refused(
                                    400,
                                    "VALIDATION_FAILED",
                                    "PATCH",
                                    "/orders/" + service.placed(40, 1),
                                    "{\"version\": 1}")
                            .faults())
                    .containsExactly("delivery NOT_NULL");
        }

        @Test
        void change_unknownOrder_isNotFound() {
            service.refused(404, "ORDER_NOT_FOUND", "PATCH", "/orders/" + UNKNOWN_ID, "{\"version\": 1, " + ADDRESS);
        }

        @Test
        void cancel_open_givesTheStockBack() {
            long stock = service.query("select stock from products where sku = 'INK-0041'");
            String path = "/orders/" + service.placed(41, 3);

            Answer answer = service.post(path + "/cancel");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.data().path("status").asText()).isEqualTo("CANCELLED");
            assertThat(service.query("select stock from products where sku = 'INK-0041'"))
                    .isEqualTo(stock);
        }

        @Test
        void cancel_twice_isRefusedTheSecondTime() {
            String path = "/orders/" + service.placed(41, 3);
            assertThat(service.post(path + "/cancel").status()).isEqualTo(200);

            Answer again = service.refused(
                    422,
                    "ORDER_NOT_OPEN",
                    service.request(path + "/cancel")
                            .POST(BodyPublishers.noBody())
                            .build());

            assertThat(again.error().path("message").asText()).contains("CANCELLED");
        }

        @Test
        void cancel_staleTag_is412() {
            String path = "/orders/" + service.placed(41, 1);

            service.refused(
                    412,
                    "ORDER_STALE",
                    service.request(path + "/cancel")
                            .header("If-Match", "\"9\"")
                            .POST(BodyPublishers.noBody())
                            .build());
        }

        @Test
        void cancel_emptyTag_isAFaultOfTheHeader() {
            String path = "/orders/" + service.placed(41, 1);

            Answer answer = service.refused(
                    400,
                    "VALIDATION_FAILED",
                    service.request(path + "/cancel")
                            .header("If-Match", "")
                            .POST(BodyPublishers.noBody())
                            .build());

            assertThat(answer.faults()).containsExactly("If-Match ETAG_MALFORMED");
        }

        @ParameterizedTest
        @ValueSource(strings = {"{\"version\": 99}", "{\"version\": 1}", "{", "<version>99</version>", " "})
        void cancel_withABody_isRefused(String body) {
            service.refused(400, "BODY_UNEXPECTED", "POST", "/orders/" + service.placed(41, 1) + "/cancel", body);
        }

        @Test
        void cancel_withALargeBody_isRefused() {
            String path = "/orders/" + service.placed(41, 1) + "/cancel";

            service.refused(413, "BODY_TOO_LARGE", "POST", path, " ".repeat(200_000));
        }

        @Test
        void change_cancelledOrder_isRefused() {
            String path = "/orders/" + service.placed(41, 1);
            assertThat(service.post(path + "/cancel").status()).isEqualTo(200);

            service.refused(422, "ORDER_NOT_OPEN", "PATCH", path, "{\"version\": 2, " + ADDRESS);
        }
    }

    @Nested
    class Credits {
        @Test
        void place_beyondTheCredit_isRefusedUntilSomethingIsCancelled() {
            String body = ofCustomer(withCredit(60), "\"reference\":\"first\",", line(60, 1));
            Answer first = service.post("/orders", body);
            assertThat(first.status()).as(first.response().body()).isEqualTo(201);

            Answer refused = service.refused(422, "CREDIT_EXCEEDED", "POST", "/orders", body);
            assertThat(service.post(first.header("Location") + "/cancel").status())
                    .isEqualTo(200);
            Answer again = service.post("/orders", body.replace("first", "second"));

            String price = first.data().path("total").decimalValue().toPlainString();
            assertThat(refused.error().path("message").asText()).endsWith("and the limit is " + price);
            assertThat(again.status()).isEqualTo(201);
        }

        /** Both have read what is owed before either is placed; none of the rows that orders are made of is the same. */
        @Test
        void place_twoThatReadTheSameSum_oneRunsAgainAndIsRefused() throws Exception {
            UUID customer = withCredit(61, 62);
            service.execute("update customers set credit_limit = credit_limit - 0.01 where id = '" + customer + "'");
            String orders = " from orders where customer_id = '" + customer + "'";
            List<Answer> answers;
            List<String> log;

            try (var reruns = new Reruns()) {
                answers = whileStockIsLocked(
                        ofCustomer(customer, "", line(61, 1)), ofCustomer(customer, "", line(62, 1)));
                log = reruns.lines();
            }

            assertThat(answers).extracting(Answer::status).containsExactlyInAnyOrder(201, 422);
            assertThat(log).anyMatch(line -> line.endsWith("attempt 2: SERIALIZATION_FAILED"));
            assertThat(service.query("select count(1)" + orders)).isEqualTo(1);
            assertThat(service.query("select count(1) from customers where id = '" + customer
                            + "' and credit_limit < (select sum(total)" + orders + ")"))
                    .isZero();
        }

        /** {@return a new customer who may owe what one piece of each of these costs} */
        private UUID withCredit(Integer... products) {
            UUID id = UUID.randomUUID();
            String skus = Arrays.stream(products)
                    .map(product -> "'" + Seed.product(product) + "'")
                    .collect(Collectors.joining(", "));
            service.execute("insert into customers (id, name, email, created_at, credit_limit) select '" + id
                    + "', 'Credit', '" + id
                    + "@example.com', current_timestamp, sum(price) from products where sku in ("
                    + skus + ")");
            return id;
        }

        private String ofCustomer(UUID customer, String more, String line) {
            return order(more, line).replace(Seed.customer(1).toString(), customer.toString());
        }

        /** {@return the answers to orders, each of which has come as far as the stock before any of them goes on} */
        private List<Answer> whileStockIsLocked(String... bodies) throws Exception {
            ExecutorService executor = Executors.newFixedThreadPool(bodies.length);
            try (Connection connection = service.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("update products set stock = stock");
                List<Future<Answer>> running = Arrays.stream(bodies)
                        .map(body -> executor.submit(() -> service.post("/orders", body)))
                        .toList();
                while (service.query(waiting()) < bodies.length
                        && running.stream().noneMatch(Future::isDone)) {
                    Thread.onSpinWait();
                }
                connection.rollback();
                List<Answer> answers = new ArrayList<>();
                for (Future<Answer> answer : running) {
                    answers.add(answer.get());
                }
                return answers;
            } finally {
                executor.shutdownNow();
            }
        }
    }

    /** What the log says of transactions that run again. */
    private static final class Reruns implements AutoCloseable {
        private static final Logger LOGGER =
                (Logger) LoggerFactory.getLogger("dev.underpin.quickstart.infrastructure.TransactionLog");
        private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

        Reruns() {
            LOGGER.setLevel(Level.INFO);
            appender.start();
            LOGGER.addAppender(appender);
        }

        List<String> lines() {
            return List.copyOf(appender.list).stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .toList();
        }

        @Override
        public void close() {
            LOGGER.detachAppender(appender);
            LOGGER.setLevel(null);
        }
    }

    @Nested
    class Races {
        @Test
        void change_sameVersionTwiceAtOnce_exactlyOneWins() throws Exception {
            for (int round = 0; round < 10; round++) {
                String path = "/orders/" + service.placed(50, 1);

                List<Integer> statuses = atOnce(
                        2,
                        i -> service.patch(path, "{" + ADDRESS, "If-Match", "\"1\"")
                                .status());

                assertThat(statuses).containsExactlyInAnyOrder(200, 412);
                assertThat(service.get(path).data().path("version").asInt()).isEqualTo(2);
            }
        }

        @Test
        void cancel_twiceAtOnce_givesTheStockBackOnce() throws Exception {
            String path = "/orders/" + service.placed(51, 5);
            long stock = service.query("select stock from products where sku = 'INK-0051'");

            List<Integer> statuses =
                    atOnce(4, i -> service.post(path + "/cancel").status());

            assertThat(statuses).containsExactlyInAnyOrder(200, 422, 422, 422);
            assertThat(service.query("select stock from products where sku = 'INK-0051'"))
                    .isEqualTo(stock + 5);
        }

        @Test
        void place_lastPieces_areNotSoldTwice() throws Exception {
            String sku = Seed.product(52).value();
            long stock = service.query("select stock from products where sku = '" + sku + "'");
            assertThat(service.post("/orders", order("", line(52, (int) Math.min(1000, stock - 3))))
                            .status())
                    .isEqualTo(201);
            while (service.query("select stock from products where sku = '" + sku + "'") > 3) {
                long left = service.query("select stock from products where sku = '" + sku + "'");
                service.placed(52, (int) Math.min(1000, left - 3));
            }

            List<Integer> statuses = atOnce(
                    8, i -> service.post("/orders", order("", line(52, 1))).status());

            assertThat(statuses).containsExactlyInAnyOrder(201, 201, 201, 422, 422, 422, 422, 422);
            assertThat(service.query("select stock from products where sku = '" + sku + "'"))
                    .isZero();
        }

        @Test
        void place_sameReferenceAtOnce_exactlyOneWins() throws Exception {
            String body = order("\"reference\":\"race\",", line(53, 1));

            List<Integer> statuses =
                    atOnce(6, i -> service.post("/orders", body).status());

            assertThat(statuses).containsExactlyInAnyOrder(201, 409, 409, 409, 409, 409);
        }

        @Test
        void place_sameProductsInOppositeOrder_doNotLockEachOtherOut() throws Exception {
            String forth = order("", line(54, 1), line(55, 1), line(56, 1));
            String back = order("", line(56, 1), line(55, 1), line(54, 1));

            List<Integer> statuses = atOnce(
                    8, i -> service.post("/orders", i % 2 == 0 ? forth : back).status());

            assertThat(statuses).containsOnly(201);
        }

        private List<Integer> atOnce(int threads, java.util.function.IntFunction<Integer> action) throws Exception {
            CyclicBarrier barrier = new CyclicBarrier(threads);
            ExecutorService executor = Executors.newFixedThreadPool(threads);
            try {
                List<Callable<Integer>> tasks = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    int number = i;
                    tasks.add(() -> {
                        barrier.await();
                        return action.apply(number);
                    });
                }
                List<Integer> results = new ArrayList<>();
                for (Future<Integer> future : executor.invokeAll(tasks)) {
                    results.add(future.get());
                }
                return results;
            } finally {
                executor.shutdownNow();
            }
        }
    }
}
