package dev.underpin.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.quickstart.TestService.Answer;
import dev.underpin.quickstart.infrastructure.Database;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.quickstart.infrastructure.Seed;
import dev.underpin.quickstart.infrastructure.SeedTest;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.http.HttpRequest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PostgreSqlServiceIT extends ServiceContract {
    @Override
    DatabaseConfig database() {
        return TestPostgres.create("service");
    }

    @Override
    String waiting() {
        return "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = 'service'";
    }

    @Test
    void open_twoAtOnce_takeTurnsAndSowTheSameDataAsAnywhere() throws Exception {
        DatabaseConfig database = TestPostgres.create("twice");
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            for (var start : executor.invokeAll(Collections.nCopies(
                    2,
                    Executors.callable(
                            () -> Database.open(database, SeedTest.ORDERS).close())))) {
                start.get();
            }
        } finally {
            executor.shutdownNow();
        }

        assertThat(SeedTest.fingerprint(database)).isEqualTo(SeedTest.FINGERPRINT);
    }

    /** Waits twice the two seconds of the service's own setting: without it, the request would never be answered. */
    @Test
    void cancel_lockedByAnother_isAConflictInTheEnd() throws Exception {
        TestService service = service();
        String id = service.placed(40, 1);
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select 1 from orders where id = '" + id + "' for update");

            var cancel = service.request("/orders/" + id + "/cancel")
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();

            service.refused(409, "LOCK_TIMEOUT", cancel);
        }
    }

    /** A request gives up within the ten seconds of the service's own setting. */
    @Test
    void request_databaseStopped_isUnavailable() throws Exception {
        EmbeddedPostgres doomed = EmbeddedPostgres.start();
        try (var service = TestService.start(TestPostgres.database(doomed, "postgres"))) {
            String id = service.placed(40, 1);
            doomed.close();

            var place = CompletableFuture.supplyAsync(
                    () -> service.post("/orders", TestService.order("", TestService.line(40, 1))));
            var read = CompletableFuture.supplyAsync(() -> service.get("/orders/" + id));

            assertThat(place.join().code()).isEqualTo("IDEMPOTENCY_STORE_FAILED");
            assertThat(read.join().code()).isEqualTo("DATABASE_UNAVAILABLE");
            for (Answer answer : List.of(place.join(), read.join())) {
                assertThat(answer.status()).as(answer.response().body()).isEqualTo(503);
                TestService.assertEnvelope(
                        answer.response().body(), answer.header("Content-Type"), answer.header("X-Request-Id"));
            }
            assertThat(service.get("/health/ready").status()).isEqualTo(503);
        }
    }

    /** As a planner that must neither sort nor read the table sees it: it still does where no index has the order. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            true                         | placed_at, id
            true                         | total, id
            true                         | status, id
            shipped_at is not null       | shipped_at, id
            shipped_at is null           | shipped_at, id
            true                         | id
            status = 'PAID'              | placed_at, id
            customer_id = '{}'           | placed_at, id
            customer_id = '{}'           | total, id
            customer_id = '{}'           | status, id
            customer_id = '{}' and shipped_at is not null | shipped_at, id
            customer_id = '{}'           | id
            """)
    void sort_each_hasAnIndexForBothDirections(String condition, String order) throws Exception {
        for (String direction : List.of("", " desc")) {
            String sql = "select * from orders where "
                    + condition.replace("{}", Seed.customer(1).toString()) + " order by "
                    + order.replace(",", direction + ',') + direction + " limit 3";

            assertThat(plan(sql)).as(sql).contains("Index").doesNotContain("Sort", "Seq Scan", "Filter");
        }
    }

    private String plan(String sql) throws Exception {
        try (Connection connection = service().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set enable_sort = off");
            statement.execute("set enable_incremental_sort = off");
            statement.execute("set enable_seqscan = off");
            StringBuilder plan = new StringBuilder();
            try (ResultSet lines = statement.executeQuery("explain " + sql)) {
                while (lines.next()) {
                    plan.append(lines.getString(1)).append('\n');
                }
            }
            return plan.toString();
        }
    }
}
