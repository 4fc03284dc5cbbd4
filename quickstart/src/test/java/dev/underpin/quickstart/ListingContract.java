package dev.underpin.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.underpin.quickstart.TestService.Answer;
import dev.underpin.quickstart.infrastructure.Seed;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the listings promise; the same on every database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ListingContract {
    private static final String CUSTOMER = "/customers/" + Seed.customer(900) + "/orders";
    private static final String OF_CUSTOMER = "where customer_id = '" + Seed.customer(900) + "' ";
    private static final String SORTS = """
            -placedAt | placed_at desc, id desc
            placedAt | placed_at, id
            total | total, id
            -total | total desc, id desc
            status | status, id
            -status | status desc, id desc
            shippedAt | case when shipped_at is null then 1 else 0 end, shipped_at, id
            -shippedAt | case when shipped_at is null then 1 else 0 end, shipped_at desc, id desc
            id | id
            -id | id desc
            status,-total | status, total desc, id desc
            -shippedAt,total | case when shipped_at is null then 1 else 0 end, shipped_at desc, total, id
            """;

    abstract TestService service();

    /** A sample has an order for each fifth customer; one of them shall have many. */
    @BeforeAll
    void gather() throws SQLException {
        try (Connection connection = service().connect();
                Statement statement = connection.createStatement()) {
            int moved = statement.executeUpdate("update orders set reference = null, customer_id = '"
                    + Seed.customer(900) + "' where total > (select avg(total) from orders) and version > 1");
            assertThat(moved).isGreaterThan(20);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = SORTS)
    void list_inEachSort_isTheSortedWholeForwardAndBack(String sort, String order) {
        assertWalk("/orders?sort=" + sort + "&fields=id&size=37", "order by " + order);
        assertWalk(CUSTOMER + "?sort=" + sort + "&fields=id&size=4", OF_CUSTOMER + "order by " + order);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            status=PAID                                | status = 'PAID'
            status=PAID&status=PLACED                  | status in ('PAID', 'PLACED')
            total[gte]=200&total[lt]=500               | total >= 200 and total < 500
            placedAt[lt]=2025-01-01T12:00:00Z          | placed_at < timestamp with time zone '2025-01-01 12:00:00+00'
            status=SHIPPED&total[gt]=300&sort=total    | status = 'SHIPPED' and total > 300
            customer={}                                | customer_id = '{}'
            """)
    void list_filtered_isWhatMatches(String filter, String condition) {
        String customer = Seed.customer(900).toString();
        String path = "/orders?fields=id&size=7&" + filter.replace("{}", customer);
        List<String> expected = ids("where " + condition.replace("{}", customer));

        List<String> walked = forward(path);

        assertThat(expected).isNotEmpty();
        assertThat(walked).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void list_ofACustomerByReference_isWhatBeginsWithIt() {
        for (String reference : List.of("walk-1", "walk-2", "wa_k-3", "other")) {
            String body = TestService.order("\"reference\":\"" + reference + "\",", TestService.line(41, 1));
            assertThat(service().post("/orders", body).status()).isEqualTo(201);
        }

        Answer answer = service().get("/customers/" + Seed.customer(1) + "/orders?reference=walk&sort=placedAt");

        assertThat(answer.data())
                .extracting(order -> order.path("reference").asText())
                .containsExactly("walk-1", "walk-2");
    }

    @Test
    void list_firstPage_hasTotalAndNothingBeforeIt() {
        Answer answer = service().get("/orders?size=3");

        JsonNode page = answer.body().at("/meta/page");
        assertThat(answer.data()).hasSize(3);
        assertThat(page.path("hasNext").asBoolean()).isTrue();
        assertThat(page.path("hasPrevious").asBoolean(true)).isFalse();
        assertThat(page.path("total").asLong()).isEqualTo(service().query("select count(1) from orders"));
        assertThat(page.has("previous")).isFalse();
        assertThat(link(answer, "next"))
                .isEqualTo("/orders?size=3&cursor=" + page.path("next").asText());
        assertThat(link(answer, "prev")).isNull();
        assertThat(link(answer, "first")).isNull();
    }

    @Test
    void list_secondPage_hasLinksToAllAround() {
        Answer first = service().get("/orders?size=3");
        Answer second = service().get(link(first, "next"));

        assertThat(link(second, "first")).isEqualTo("/orders?size=3");
        assertThat(link(second, "next")).isNotNull();
        assertThat(service().get(link(second, "prev")).data()).isEqualTo(first.data());
    }

    @Test
    void list_ofTheSameOrder_saysTheSameAsTheOrder() {
        JsonNode listed = service().get("/orders?status=SHIPPED&size=1").data().get(0);
        JsonNode order = service().get("/orders/" + listed.path("id").asText()).data();

        assertThat(listed.has("shippedAt")).isTrue();
        assertThat(listed.has("lines")).isFalse();
        listed.properties()
                .forEach(
                        field -> assertThat(field.getValue()).as(field.getKey()).isEqualTo(order.path(field.getKey())));
    }

    @Test
    void list_damagedOrder_isListedWithoutItsStatus() {
        List<JsonNode> first = new ArrayList<>();
        service().get("/orders?sort=placedAt&size=1").data().forEach(first::add);

        assertThat(first).singleElement().satisfies(order -> {
            assertThat(order.path("id").asText()).isEqualTo(Seed.DAMAGED_ORDER.toString());
            assertThat(order.has("status")).isFalse();
        });
    }

    @Test
    void list_fields_areThoseThatWereAskedFor() {
        Answer answer = service().get("/orders?fields=total,id&status=PAID&sort=-placedAt&size=2");

        assertThat(answer.data())
                .hasSize(2)
                .allSatisfy(order -> assertThat(order.fieldNames()).toIterable().containsExactly("id", "total"));
        assertThat(service().get(link(answer, "next")).data())
                .isNotEmpty()
                .allSatisfy(order -> assertThat(order.fieldNames()).toIterable().containsExactly("id", "total"));
    }

    @Test
    void list_tooLargeAPage_isCutToTheMaximum() {
        assertThat(service().get("/orders?size=1000000000").data()).hasSize(100);
        assertThat(service().get("/orders").data()).hasSize(20);
        assertThat(service().get("/orders?size=0").data()).hasSize(20);
    }

    @Test
    void list_customerWithoutOrders_isEmpty() {
        Answer answer = service().get("/customers/" + Seed.customer(999) + "/orders?total[gt]=999999999");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.data().isArray()).isTrue();
        assertThat(answer.data()).isEmpty();
        assertThat(answer.header("Link")).isEmpty();
    }

    @Test
    void list_unknownCustomer_isNotFound() {
        service().refused(404, "CUSTOMER_NOT_FOUND", "/customers/" + new UUID(0x4000L, Long.MIN_VALUE) + "/orders");
        assertThat(service()
                        .refused(400, "VALIDATION_FAILED", "/customers/me/orders")
                        .faults())
                .containsExactly("id ID_MALFORMED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/orders?size=2", "/orders?size=-1"})
    void head_listing_hasTheHeadersOfGetAndNoBody(String path) {
        Answer get = service().get(path);
        Answer head = service()
                .send(service()
                        .request(path)
                        .method("HEAD", BodyPublishers.noBody())
                        .build());

        assertThat(head.status()).isEqualTo(get.status());
        assertThat(head.header("Link")).isEqualTo(get.header("Link"));
        assertThat(head.header("Content-Type")).isEqualTo("application/json");
        assertThat(head.response().body()).isEmpty();
    }

    @Test
    void list_conditions_areIgnoredAsByEveryGet() {
        assertThat(service()
                        .send(service()
                                .request("/orders?size=2")
                                .header("If-None-Match", "*")
                                .header("If-Match", "\"7\"")
                                .build())
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            size=-1                     | size NUMBER_INVALID
            size=two                    | size NUMBER_INVALID
            size=                       | size NUMBER_INVALID
            size=1&size=2               | size PARAMETER_CONFLICT
            sort=password               | sort UNKNOWN_SORT
            sort=total,-total           | sort UNKNOWN_SORT
            sort=total%20desc           | sort UNKNOWN_SORT
            sort=total;drop             | sort UNKNOWN_SORT
            sort=,                      | sort UNKNOWN_SORT
            fields=password             | fields UNKNOWN_FIELD
            fields=id,lines             | fields UNKNOWN_FIELD
            colour=red                  | colour UNKNOWN_FILTER
            page=2                      | page UNKNOWN_FILTER
            status[gt]=PAID             | status[gt] UNKNOWN_FILTER
            status=MISLAID              | status FILTER_INVALID
            status=paid                 | status FILTER_INVALID
            total[gte]=many             | total[gte] FILTER_INVALID
            total=1&total=NaN           | total FILTER_INVALID
            placedAt[lt]=yesterday      | placedAt[lt] FILTER_INVALID
            placedAt[lt]=+999999999-12-31T00:00:00Z | placedAt[lt] FILTER_INVALID
            cursor=a&before=b           | before PARAMETER_CONFLICT
            size=x&sort=y               | sort UNKNOWN_SORT, size NUMBER_INVALID
            """)
    void list_badParameter_isAFaultOfTheQuery(String query, String faults) {
        for (String path : List.of("/orders", CUSTOMER)) {
            Answer answer = service().refused(400, "VALIDATION_FAILED", path + '?' + query);

            assertThat(answer.faults()).containsExactly(faults.split(", "));
            assertThat(answer.error().at("/details/0/in").asText()).isEqualTo("query");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /orders | sort=password   | placedAt, total, status, shippedAt, id
            /orders | fields=password | id, customer, reference, status, total, placedAt, shippedAt
            /orders | password=1      | before, cursor, customer, fields, placedAt, placedAt[gt], placedAt[gte], placedAt[lt], placedAt[lte], size, sort, status, total, total[gt], total[gte], total[lt], total[lte]
            {}      | customer=1      | before, cursor, fields, placedAt, placedAt[gt], placedAt[gte], placedAt[lt], placedAt[lte], reference, size, sort, status, total, total[gt], total[gte], total[lt], total[lte]
            """)
    void list_unknownName_isAnsweredWithWhatIsAllowed(String path, String query, String allowed) {
        Answer answer = service().refused(400, "VALIDATION_FAILED", path.replace("{}", CUSTOMER) + '?' + query);

        assertThat(answer.error().at("/details/0/params/allowed"))
                .extracting(JsonNode::asText)
                .containsExactly(allowed.split(", "));
    }

    @Test
    void list_forgedCursor_isInvalid() {
        String cursor = next("/orders?size=2");
        for (int i = 0; i < cursor.length(); i++) {
            char other = cursor.charAt(i) == 'A' ? 'B' : 'A';
            invalid(cursor.substring(0, i) + other + cursor.substring(i + 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "0", "\uD83D\uDE00", "==", "' or true--", "\u0000", "[]", "../..", "%", "a b"})
    void list_cursorThatIsNone_isInvalid(String cursor) {
        invalid(cursor);
    }

    @Test
    void list_truncatedOrExtendedCursor_isInvalid() {
        String cursor = next("/orders?size=2");

        invalid(cursor.substring(0, cursor.length() - 1));
        invalid(cursor.substring(0, cursor.length() / 2));
        invalid(cursor + "A");
        invalid(cursor + "=");
        invalid(cursor + cursor);
        invalid("A".repeat(6_000));
    }

    @Test
    void list_cursorOfElsewhere_isAMismatch() {
        String cursor = next("/orders?size=2");
        String ofCustomer = next(CUSTOMER + "?size=2");

        for (String elsewhere : List.of(
                "/orders?sort=total&cursor=" + cursor,
                "/orders?sort=placedAt&cursor=" + cursor,
                "/orders?status=PAID&cursor=" + cursor,
                CUSTOMER + "?cursor=" + cursor,
                "/orders?cursor=" + ofCustomer,
                "/orders?customer=" + Seed.customer(900) + "&cursor=" + ofCustomer,
                "/customers/" + Seed.customer(1) + "/orders?cursor=" + ofCustomer)) {
            service().refused(400, "CURSOR_MISMATCH", elsewhere);
        }
        assertThat(service().get("/orders?size=9&fields=id&cursor=" + cursor).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %              | 400
            %zz            | 400
            size=%         | 400
            sort=%ff       | 400
            cursor=%00     | 400
            cursor=😀       | 400
            size           | 400
            =              | 400
            =1             | 400
            ?              | 400
            total[=1       | 400
            status=%c0%ae  | 400
            &&             | 200
            """)
    void list_oddQuery_isNoFailure(String query, int status) throws IOException {
        try (Wire wire = Wire.to(service().port())) {
            assertThat(wire.get("/orders?" + query)).startsWith("HTTP/1.1 " + status + " ");
            assertThat(wire.get("/orders?size=1&" + query)).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    /** Its three links are longer than the headers of an answer may be unless Jetty is told otherwise. */
    @Test
    void list_longQuery_hasAllItsLinks() {
        StringBuilder path = new StringBuilder("/orders?fields=id&size=1");
        for (JsonNode order : service().get("/orders?fields=total&size=35").data()) {
            path.append("&total=").append("0".repeat(190)).append(order.path("total"));
        }
        String next = link(page(path.toString()), "next");

        Answer second = page(next);

        assertThat(second.header("Link")).hasSizeGreaterThan(20_000);
        assertThat(page(link(second, "prev")).data())
                .isEqualTo(page(path.toString()).data());
    }

    @Test
    void list_queryThatIsNoUri_hasLinks() throws IOException {
        for (String reference : List.of("a|1", "a|2")) {
            rename(reference);
        }
        try (Wire wire = Wire.to(service().port())) {
            assertThat(wire.get(CUSTOMER + "?size=1&reference=a|"))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("Link: <" + CUSTOMER + "?size=1&reference=a%7C&cursor=");
        }
    }

    /** No client could place an order of that name. */
    private void rename(String reference) {
        try (Connection connection = service().connect();
                PreparedStatement update = connection.prepareStatement("update orders set reference = ? where id ="
                        + " (select id from orders " + OF_CUSTOMER + "and reference is null order by id limit 1)")) {
            update.setString(1, reference);
            assertThat(update.executeUpdate()).isEqualTo(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /* ---- walking ---- */

    private void assertWalk(String path, String sql) {
        List<String> expected = ids(sql);
        List<String> walked = new ArrayList<>();
        Answer page = page(path);
        collect(page, walked);
        for (String next = link(page, "next"); next != null; next = link(page, "next")) {
            page = page(next);
            collect(page, walked);
        }
        assertThat(walked).as(path).isEqualTo(expected);

        List<List<String>> back = new ArrayList<>();
        for (String previous = path; previous != null; previous = link(page, "prev")) {
            page = previous.equals(path) ? page : page(previous);
            List<String> ids = new ArrayList<>();
            collect(page, ids);
            back.add(ids);
        }
        Collections.reverse(back);
        assertThat(back.stream().flatMap(List::stream))
                .as("back from the end of " + path)
                .isEqualTo(expected);
    }

    private List<String> forward(String path) {
        List<String> walked = new ArrayList<>();
        for (String next = path; next != null; ) {
            Answer page = page(next);
            collect(page, walked);
            next = link(page, "next");
        }
        return walked;
    }

    private Answer page(String path) {
        Answer page = service().get(path);
        assertThat(page.status()).as(page.response().body()).isEqualTo(200);
        return page;
    }

    private static void collect(Answer page, List<String> ids) {
        page.data().forEach(order -> ids.add(order.path("id").asText()));
    }

    private static String link(Answer page, String relation) {
        Matcher link = Pattern.compile("<([^>]*)>; rel=\"" + relation + '"').matcher(page.header("Link"));
        return link.find() ? link.group(1) : null;
    }

    private String next(String path) {
        return page(path).body().at("/meta/page/next").asText();
    }

    private void invalid(String cursor) {
        Answer answer = service().get("/orders?cursor=" + URLEncoder.encode(cursor, UTF_8));

        assertThat(answer.status()).as(cursor).isEqualTo(400);
        assertThat(answer.code()).as(cursor).isEqualTo("CURSOR_INVALID");
        TestService.assertEnvelope(
                answer.response().body(), answer.header("Content-Type"), answer.header("X-Request-Id"));
    }

    private List<String> ids(String sql) {
        try (Connection connection = service().connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id from orders " + sql)) {
            List<String> ids = new ArrayList<>();
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
            return ids;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }
}
