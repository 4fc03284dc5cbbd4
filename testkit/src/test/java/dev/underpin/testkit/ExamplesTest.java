package dev.underpin.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.underpin.caching.InMemoryLevel;
import dev.underpin.caching.RemoteLevel.Reply;
import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.persistence.KeysetQuery;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.FaultyLevel.Call;
import dev.underpin.testkit.FaultyLevel.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the README and of the pages beside it, as they stand there. */
class ExamplesTest {
    static Result<String, DomainError> poll(TimeSource time, Supplier<Result<String, DomainError>> remote)
            throws InterruptedException {
        Result<String, DomainError> answer = remote.get();
        for (int retry = 0; retry < 5 && !answer.isOk(); retry++) {
            time.sleep(Duration.ofSeconds(1L << retry));
            answer = remote.get();
        }
        return answer;
    }

    @Test
    void poll_remoteComesUpLater_waitsLongerEachTime() throws InterruptedException {
        var time = new VirtualTime();
        Instant start = time.instant();
        var up = new AtomicBoolean();
        var restart = time.schedule(Duration.ofSeconds(5), () -> up.set(true));

        var answer = poll(
                time,
                () -> up.get()
                        ? Result.ok("up")
                        : Result.err(ErrorKind.UNAVAILABLE.code().error()));

        assertThat(answer).isEqualTo(Result.ok("up"));
        assertThat(restart.isDone()).isTrue();
        assertThat(time.instant()).isEqualTo(start.plusSeconds(1 + 2 + 4));
    }

    @Test
    void charge_oneOfFiftyFails_isReproducible() throws Exception {
        var faults = Faults.seeded(31)
                .errors(0.02, ErrorKind.UNAVAILABLE.code().error())
                .exceptions(0.02, () -> new IOException("connection reset"))
                .latency(0.1, Duration.ofSeconds(2))
                .time(new VirtualTime())
                .build();
        int charged = 0;
        for (int call = 0; call < 1_000; call++) {
            try {
                charged += faults.apply(() -> Result.ok(1)).orElse(0);
            } catch (IOException e) {
                // as from a client whose connection breaks
            }
        }

        assertThat(charged).isEqualTo(959);
    }

    @Test
    void fill_afterAnInvalidationThatOvertookIt_isRefused() {
        var level = new FaultyLevel(new InMemoryLevel());
        var lease = level.begin("users", List.of("7"), Duration.ofSeconds(3));
        String token = ((Reply.Mine) lease.toCompletableFuture().join().get(0)).token();
        level.inject(Call.FILL, Fault.HANG);
        var fill = level.fill("users", "7", token, List.of(), new byte[] {1}, Duration.ofHours(1));
        level.invalidate("users", List.of("7"), List.of()).toCompletableFuture().join();

        level.heal();

        assertThat(fill.toCompletableFuture().join()).isFalse();
    }

    @Test
    void order_whoseAnswerIsLost_isPlaced() throws Exception {
        try (var proxy = TcpProxy.to("localhost", shop.getAddress().getPort())) {
            proxy.inject(TcpProxy.Fault.LOSE_ANSWER, "POST /orders");

            assertThatThrownBy(() -> order(proxy.port())).isInstanceOf(IOException.class);
            assertThat(ORDERS).hasValue(1);
        }
    }

    private static final AtomicInteger ORDERS = new AtomicInteger();
    private static HttpServer shop;

    @BeforeAll
    static void open() throws IOException {
        shop = HttpServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 0);
        shop.createContext("/orders", exchange -> {
            ORDERS.incrementAndGet();
            exchange.sendResponseHeaders(201, -1);
            exchange.close();
        });
        shop.start();
    }

    @AfterAll
    static void shut() {
        shop.stop(0);
    }

    private static int order(int port) throws IOException, InterruptedException {
        URI orders = URI.create("http://localhost:" + port + "/orders");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(orders)
                                .POST(BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void counter_killed_goesOnBehindWhatItHadNoted(@TempDir Path directory) throws Exception {
        ProcessBuilder counter =
                ChildProcess.java(Counter.class, directory.resolve("count").toString());
        try (var first = ChildProcess.start(counter)) {
            first.send("count");
            first.await("noted 1"::equals, Duration.ofSeconds(30));
            first.kill();
        }
        try (var second = ChildProcess.start(counter)) {
            second.send("count");
            second.await("noted 2"::equals, Duration.ofSeconds(30));
        }
    }

    /** Counts when it is told to, and ends when its input does. */
    static final class Counter {
        private Counter() {}

        public static void main(String[] arguments) throws IOException {
            Path file = Path.of(arguments[0]);
            var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            while (in.readLine() != null) {
                int next = Files.exists(file) ? Integer.parseInt(Files.readString(file)) + 1 : 1;
                Files.writeString(file, Integer.toString(next));
                System.out.println("noted " + next);
            }
        }
    }

    record Invoice(long id, long total) {}

    private static final PageSpec<Invoice> INVOICES = PageSpec.named("invoices", Invoice.class)
            .sort("total", "i.total", ColumnType.LONG, Invoice::total)
            .unique("id", "i.id", ColumnType.LONG, Invoice::id)
            .build();

    private static Connection database;
    private static Jdbi jdbi;

    @BeforeAll
    static void seed() throws SQLException {
        database = DriverManager.getConnection("jdbc:h2:mem:");
        jdbi = Jdbi.create(database);
        jdbi.useHandle(handle -> {
            handle.execute("create table invoices (id bigint primary key, total bigint not null)");
            handle.execute("create index by_total on invoices (total, id)");
            handle.execute("insert into invoices select x, mod(x * 31, 997) from system_range(1, 3000)");
            handle.execute("analyze");
        });
    }

    @AfterAll
    static void close() throws SQLException {
        database.close();
    }

    private static Page<Invoice> list(PageQuery<Invoice> query) {
        return jdbi.withHandle(handle -> KeysetQuery.of(handle, "select i.* from invoices i")
                .fetch(query, (rs, context) -> new Invoice(rs.getLong("id"), rs.getLong("total"))));
    }

    @Test
    void list_anyOrder_seeks() {
        Statements.of(jdbi).assertSeeks(INVOICES, ExamplesTest::list);
    }

    @CanIgnoreReturnValue
    private static List<Invoice> byTotal(long total) {
        return jdbi.withHandle(handle -> handle.createQuery("select * from invoices where total = :total")
                .bind("total", total)
                .map((rs, context) -> new Invoice(rs.getLong("id"), rs.getLong("total")))
                .list());
    }

    @Test
    void find_byTotal_usesItsIndex() {
        Statements.of(jdbi).assertNoFullScan(() -> byTotal(31));
        Statements.of(jdbi).assertUsesIndex("by_total", () -> byTotal(31));
    }

    @Test
    void pages_examples_areCodeOfTheseTests() throws IOException {
        Path tests = Path.of("src/test/java/dev/underpin/testkit");
        String source = squeezed(Files.readString(tests.resolve("ExamplesTest.java"))
                + Files.readString(tests.resolve("InMemoryLevelTest.java"))
                + Files.readString(tests.resolve("InMemoryStoreTest.java"))
                + Files.readString(tests.resolve("StatementsExamplesTest.java")));
        String pages = "";
        for (String page : List.of("README", "TIME", "FAULTS", "NETWORKS", "STATEMENTS", "CONTRACTS")) {
            pages += Files.readString(Path.of(page + ".md"));
        }
        var examples = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(pages)
                .results()
                .map((MatchResult example) -> squeezed(example.group(1)))
                .collect(Collectors.toList());

        assertThat(examples)
                .isNotEmpty()
                .allSatisfy(example -> assertThat(source).contains(example));
    }

    /** {@return the text without white space, which the formatter decides} */
    private static String squeezed(String text) {
        return text.replaceAll("\\s+", "");
    }
}
