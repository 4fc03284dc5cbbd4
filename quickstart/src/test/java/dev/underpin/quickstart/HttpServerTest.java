package dev.underpin.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.underpin.caching.CacheCounters;
import dev.underpin.errors.Renderer;
import dev.underpin.idempotency.Execution;
import dev.underpin.idempotency.Idempotency;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.Replay;
import dev.underpin.pagination.PageSpec;
import dev.underpin.quickstart.application.Catalog;
import dev.underpin.quickstart.application.Counted;
import dev.underpin.quickstart.application.Once;
import dev.underpin.quickstart.application.OrderSummary;
import dev.underpin.quickstart.application.Orders;
import dev.underpin.quickstart.application.Products;
import dev.underpin.quickstart.application.Store;
import dev.underpin.quickstart.domain.Category;
import dev.underpin.quickstart.domain.Money;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.domain.Product;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.quickstart.http.Health;
import dev.underpin.quickstart.http.HttpConfig;
import dev.underpin.quickstart.http.HttpServer;
import dev.underpin.resilience.BreakerPolicy;
import dev.underpin.resilience.Call;
import dev.underpin.resilience.Pipeline;
import dev.underpin.resilience.RetryPolicy;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.VirtualTime;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The server alone: what it does with clients that take their time, and about itself. No database is behind it. */
final class HttpServerTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int MORE_THAN_THREADS = 80;
    private static final int ESTIMATES = 2;
    private static final Product PRODUCT =
            new Product(new Sku("INK-0001"), "Ink", new Category("inks"), new Money(BigDecimal.TEN), 5);

    @Test
    void bodies_slowAndMoreThanThreads_leaveRoomForOthers() throws Exception {
        List<Wire> slow = new ArrayList<>();
        try (HttpServer server = start(config(LONG, Duration.ZERO), () -> true);
                Wire other = Wire.to(server.port())) {
            for (int i = 0; i < MORE_THAN_THREADS; i++) {
                Wire wire = Wire.to(server.port());
                slow.add(wire);
                wire.announceOrder(2);
                wire.write("{");
            }

            assertThat(other.get("/health/live")).startsWith("HTTP/1.1 200 ");
            for (Wire wire : slow) {
                wire.write("}");
                assertThat(wire.read()).startsWith("HTTP/1.1 400 ").contains("\"field\":\"customer\"");
            }
        } finally {
            for (Wire wire : slow) {
                wire.close();
            }
        }
    }

    @Test
    void body_incomplete_isRefusedAtItsDeadline() throws Exception {
        try (HttpServer server = start(config(Duration.ofMillis(300), Duration.ZERO), () -> true);
                Wire wire = Wire.to(server.port())) {
            wire.announceOrder(2);
            wire.write("{");

            assertThat(wire.read()).startsWith("HTTP/1.1 408 ").contains("\"code\":\"REQUEST_TIMEOUT\"");
            assertThatThrownBy(wire::read).isInstanceOf(IOException.class).hasMessageStartingWith("Closed");
        }
    }

    @Test
    void readiness_databaseAway_is503AndNoFailure() throws Exception {
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(Renderer.class);
        logged.start();
        logger.addAppender(logged);
        try (HttpServer server = start(config(LONG, Duration.ZERO), () -> false);
                Wire wire = Wire.to(server.port())) {
            assertThat(wire.get("/health/ready"))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\r\nRetry-After: 1\r\n", "\"code\":\"SERVICE_UNAVAILABLE\"");
            assertThat(wire.get("/health/live")).startsWith("HTTP/1.1 200 ");
            assertThat(logged.list).extracting(ILoggingEvent::getLevel).doesNotContain(Level.WARN, Level.ERROR);
        } finally {
            logger.detachAppender(logged);
        }
    }

    @Test
    void route_endsInAnError_isAnsweredWithTheConstantEnvelope() throws Exception {
        try (HttpServer server = start(config(LONG, Duration.ZERO), () -> {
                    throw new LinkageError("hidden");
                });
                Wire wire = Wire.to(server.port())) {
            assertThat(wire.get("/health/ready"))
                    .startsWith("HTTP/1.1 500 ")
                    .contains("\"code\":\"INTERNAL_ERROR\"")
                    .doesNotContain("hidden");
            assertThat(wire.get("/health/live")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void close_untilDrained_servesButIsNotReady() throws Exception {
        HttpServer server = start(config(LONG, LONG), () -> true);
        int port = server.port();
        try (Wire kept = Wire.to(port)) {
            assertThat(kept.get("/health/ready")).startsWith("HTTP/1.1 200 ");
            Thread closing = new Thread(server::close, "closing");
            closing.start();
            String readiness = kept.get("/health/ready");
            while (readiness.startsWith("HTTP/1.1 200 ")) {
                readiness = kept.get("/health/ready");
            }

            assertThat(readiness).startsWith("HTTP/1.1 503 ").contains("\r\nRetry-After: 1\r\n");
            assertThat(kept.get("/health/live")).startsWith("HTTP/1.1 200 ");
            try (Wire late = Wire.to(port)) {
                assertThat(late.get("/health/ready")).startsWith("HTTP/1.1 503 ");
                assertThat(late.get("/health/live")).startsWith("HTTP/1.1 200 ");
            }

            closing.interrupt();
            closing.join();
            assertThatThrownBy(() -> Wire.to(port).close()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void close_whileARouteRuns_waitsForItsAnswer() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        HttpServer server = start(config(LONG, Duration.ZERO), () -> {
            entered.countDown();
            try {
                return leave.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try (Wire wire = Wire.to(server.port())) {
            wire.write("GET /health/ready HTTP/1.1\r\nHost: a\r\n\r\n");
            entered.await();
            Thread closing = new Thread(server::close, "closing");
            closing.start();
            closing.join(2_500); // longer than a stopping server bears silence
            assertThat(closing.isAlive()).isTrue();
            leave.countDown();

            assertThat(wire.read()).startsWith("HTTP/1.1 200 ");
            closing.join();
        }
    }

    @Test
    void readiness_circuitOpen_isShown_andCountsOnlyIfTheDependencyIsCritical() throws Exception {
        Pipeline optional = opened(Pipeline.named("optional"));
        Pipeline critical = opened(Pipeline.named("critical").critical(Duration.ZERO));
        Pipeline well = Pipeline.named("well").build();
        try (HttpServer server = start(
                        config(LONG, Duration.ZERO),
                        new Health(() -> true, List.of(optional, well), new CacheCounters()));
                Wire wire = Wire.to(server.port())) {
            assertThat(wire.get("/health/ready"))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("\"status\":\"DEGRADED\"")
                    .contains("\"optional\":{\"readiness\":\"DEGRADED\",\"breaker\":\"OPEN\"")
                    .contains("\"well\":{\"readiness\":\"UP\",\"breaker\":\"CLOSED\"");
        }
        try (HttpServer server = start(
                        config(LONG, Duration.ZERO),
                        new Health(() -> true, List.of(critical, well), new CacheCounters()));
                Wire wire = Wire.to(server.port())) {
            assertThat(wire.get("/health/ready")).startsWith("HTTP/1.1 503 ");
            assertThat(wire.get("/health/live")).startsWith("HTTP/1.1 200 ");
        }
    }

    private static Pipeline opened(Pipeline.Builder builder) {
        Pipeline pipeline = builder.retry(RetryPolicy.none())
                .breaker(
                        BreakerPolicy.standard().failureRate(1, 1, 1).openFor(Duration.ofHours(1), Duration.ofHours(1)))
                .build();
        assertThat(pipeline.call(
                                Call.once(),
                                attempt ->
                                        Result.err(ErrorKind.UNAVAILABLE.code().error()))
                        .isOk())
                .isFalse();
        return pipeline;
    }

    /** The address is wrong, so that none of these gets as far as the database. */
    @Test
    void estimates_moreThanAllowed_areRefusedWithTheTimeToWait() throws Exception {
        try (HttpServer server = start(config(LONG, Duration.ZERO), () -> true);
                Wire wire = Wire.to(server.port())) {
            String first = wire.get("/products/none/delivery");
            String second = wire.get("/products/none/delivery");
            String third = wire.get("/products/none/delivery");

            assertThat(first).startsWith("HTTP/1.1 400 ").contains("\r\nRateLimit: \"estimates\";r=1;t=");
            assertThat(second).startsWith("HTTP/1.1 400 ").contains("\r\nRateLimit: \"estimates\";r=0;t=");
            assertThat(third)
                    .startsWith("HTTP/1.1 429 ")
                    .contains("\r\nRateLimit-Policy: \"estimates\";q=2;w=60\r\n")
                    .contains("\r\nRateLimit: \"estimates\";r=0;t=")
                    .containsPattern("\r\nRetry-After: ([1-9]|[12][0-9]|30)\r\n")
                    .contains("\"code\":\"RATE_LIMITED\"");
            assertThat(wire.get("/health/live")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void product_loadedOnce_isKeptAndHasATag() throws Exception {
        var found = new AtomicInteger();
        var products = products(new VirtualTime(), sku -> {
            found.incrementAndGet();
            return Result.ok(PRODUCT);
        });
        try (HttpServer server = start(config(LONG, Duration.ZERO), healthy(products), products);
                Wire wire = Wire.to(server.port())) {
            String first = wire.get("/products/INK-0001");
            String tag = first.replaceFirst("(?s).*\r\nETag: (\\S+)\r\n.*", "$1");
            wire.write("GET /products/INK-0001 HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\"\r\nIf-None-Match: " + tag
                    + "\r\n\r\n");
            String second = wire.read();

            assertThat(first)
                    .startsWith("HTTP/1.1 200 ")
                    .containsPattern(
                            "\r\nCache-Control: max-age=(2[7-9]|30), stale-while-revalidate=300, stale-if-error=300\r\n")
                    .doesNotContain("meta");
            assertThat(second)
                    .startsWith("HTTP/1.1 304 ")
                    .contains("\r\nETag: " + tag + "\r\n", "\r\nCache-Control: max-age=")
                    .doesNotContain("Content-Type");
            assertThat(found).hasValue(1);
            assertThat(wire.get("/health/caches"))
                    .contains("\"products\":{\"hits\":1,\"misses\":1,\"coalesced\":0,\"loads\":1,\"failedLoads\":0,");
        }
    }

    @Test
    void product_databaseAway_isShownStaleForAWhile_andSaysSo() throws Exception {
        var time = new VirtualTime();
        var isAway = new AtomicBoolean();
        var products = products(
                time,
                sku -> isAway.get() ? Result.err(ErrorKind.UNAVAILABLE.code().error()) : Result.ok(PRODUCT));
        try (HttpServer server = start(config(LONG, Duration.ZERO), healthy(products), products);
                Wire wire = Wire.to(server.port())) {
            assertThat(wire.get("/products/INK-0001")).startsWith("HTTP/1.1 200 ");
            isAway.set(true);
            time.advance(Duration.ofSeconds(40));
            String stale = wire.get("/products/INK-0001");
            time.advance(Duration.ofMinutes(5));
            String gone = wire.get("/products/INK-0001");
            isAway.set(false);
            String fresh = wire.get("/products/INK-0001");

            assertThat(stale)
                    .startsWith("HTTP/1.1 200 ")
                    .containsPattern("\r\nCache-Control: max-age=0, stale-if-error=(2[0-9]{2})\r\n")
                    .contains("\"meta\":{\"ageSeconds\":40,\"degraded\":true}");
            assertThat(gone).startsWith("HTTP/1.1 503 ").contains("\r\nCache-Control: no-store\r\n");
            assertThat(fresh).startsWith("HTTP/1.1 200 ").doesNotContain("meta");
        }
    }

    private static Products products(TimeSource time, Function<Sku, Result<Product, DomainError>> find) {
        return new Products(find, /* background= */ Runnable::run, time);
    }

    private static Health healthy(Products products) {
        return new Health(() -> true, List.of(), products.counters());
    }

    private static HttpConfig config(Duration bodyTimeout, Duration drainTime) {
        return new HttpConfig(
                "127.0.0.1",
                0,
                200,
                LONG,
                bodyTimeout,
                drainTime,
                Duration.ofSeconds(10),
                ESTIMATES,
                CursorSecrets.random());
    }

    private static HttpServer start(HttpConfig config, BooleanSupplier isReachable) {
        return start(config, new Health(isReachable, List.of(), new CacheCounters()));
    }

    private static HttpServer start(HttpConfig config, Health health) {
        return start(config, health, products(TimeSource.system(), sku -> {
            throw new IllegalStateException("There is no database");
        }));
    }

    private static HttpServer start(HttpConfig config, Health health, Products products) {
        Store none = new Store() {
            @Override
            public <T> Result<Counted<T>, DomainError> counted(String name, Supplier<Result<T, DomainError>> work) {
                throw new IllegalStateException("There is no database");
            }

            @Override
            public PageSpec<OrderSummary> orders() {
                throw new IllegalStateException("There is no database");
            }

            @Override
            public PageSpec<OrderSummary> ordersOfCustomer() {
                throw new IllegalStateException("There is no database");
            }

            @Override
            public Result<OrderId, DomainError> inStep(
                    Execution run,
                    String step,
                    Mode mode,
                    Function<? super Session, ? extends Result<OrderId, ? extends DomainError>> work) {
                throw new IllegalStateException("There is no database");
            }

            @Override
            public <T, A> Result<Replay<A>, DomainError> inTransaction(
                    Once<T, A> once,
                    Function<? super Session, ? extends Result<? extends T, ? extends DomainError>> work) {
                throw new IllegalStateException("There is no database");
            }

            @Override
            public <T> Result<T, DomainError> inTransaction(
                    Mode mode, Function<? super Session, ? extends Result<? extends T, ? extends DomainError>> work) {
                throw new IllegalStateException("There is no database");
            }
        };
        var idempotency = Idempotency.builder(IdempotencyStore.inMemory(1, TimeSource.system()))
                .build();
        var orders = new Orders(
                none, products, idempotency, (key, card, amount, deadline) -> Result.ok(), TimeSource.system());
        return HttpServer.start(config, orders, new Catalog(none, products, (sku, deadline) -> Result.ok(1)), health);
    }
}
