package dev.underpin.quickstart;

import dev.underpin.idempotency.Idempotency;
import dev.underpin.idempotency.Reaper;
import dev.underpin.quickstart.application.Catalog;
import dev.underpin.quickstart.application.Orders;
import dev.underpin.quickstart.application.Products;
import dev.underpin.quickstart.application.Store;
import dev.underpin.quickstart.http.Health;
import dev.underpin.quickstart.http.HttpConfig;
import dev.underpin.quickstart.http.HttpServer;
import dev.underpin.quickstart.infrastructure.Database;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.quickstart.infrastructure.HttpCourier;
import dev.underpin.quickstart.infrastructure.HttpPayments;
import dev.underpin.quickstart.infrastructure.IdempotencyLog;
import dev.underpin.resilience.Pipeline;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running service: its parts, put together by hand. */
final class Quickstart implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Quickstart.class);
    /** The server has waited for its requests already; what still runs has been given up by its client. */
    private static final Duration MAX_LEFT = Duration.ofSeconds(1);

    private static final int MAX_LOADS = 4;

    private final Database database;
    private final Idempotency idempotency;
    private final Reaper reaper;
    private final HttpServer server;

    private Quickstart(Database database, Idempotency idempotency, Reaper reaper, HttpServer server) {
        this.database = database;
        this.idempotency = idempotency;
        this.reaper = reaper;
        this.server = server;
    }

    /**
     * {@return a service that answers from now on}
     *
     * @param http what the server is given
     * @param config where the data is
     * @param orders how many sample orders an empty database gets
     * @param downstreams the services of others
     */
    static Quickstart start(HttpConfig http, DatabaseConfig config, int orders, Downstreams downstreams) {
        return start(
                http,
                config,
                orders,
                downstreams,
                store -> new Products(Products.in(store), background(), TimeSource.system()));
    }

    /**
     * {@return a service that answers from now on}
     *
     * @param shown makes the products that are shown, given the store
     */
    static Quickstart start(
            HttpConfig http,
            DatabaseConfig config,
            int orders,
            Downstreams downstreams,
            Function<Store, Products> shown) {
        Pipeline toPayments = downstreams.pipeline(HttpPayments.pipeline());
        Pipeline toCourier = downstreams.pipeline(HttpCourier.pipeline());
        Database database = Database.open(config, orders);
        try {
            var store = database.store();
            var products = shown.apply(store);
            var heard = new IdempotencyLog();
            var idempotency =
                    Idempotency.builder(database.keys()).listener(heard).build();
            var placing = new Orders(
                    store,
                    products,
                    idempotency,
                    new HttpPayments(downstreams.payments(), toPayments),
                    TimeSource.system());
            var catalog = new Catalog(store, products, new HttpCourier(downstreams.courier(), toCourier));
            var health = new Health(database::isReachable, List.of(toPayments, toCourier), products.counters());
            HttpServer server = HttpServer.start(http, placing, catalog, health);
            return new Quickstart(
                    database,
                    idempotency,
                    Reaper.builder(database.keys()).listener(heard).start(),
                    server);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** Loads that nobody waits for. Its threads end by themselves; what would be the fifth at once is not made. */
    static Executor background() {
        return new ThreadPoolExecutor(0, MAX_LOADS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
            var thread = new Thread(work, "loads");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** {@return the port it listens on} */
    int port() {
        return server.port();
    }

    /** Lets running requests finish, and only then takes the database from under them. */
    @Override
    public void close() {
        try (database;
                reaper) {
            server.close();
            if (!idempotency.close(MAX_LEFT)) {
                log.warn("A request is still running; whoever sends it again goes on behind its steps");
            }
        }
    }
}
