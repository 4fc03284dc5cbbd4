package dev.underpin.quickstart;

import dev.underpin.quickstart.application.Catalog;
import dev.underpin.quickstart.application.Orders;
import dev.underpin.quickstart.http.HttpConfig;
import dev.underpin.quickstart.http.HttpServer;
import dev.underpin.quickstart.infrastructure.Database;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.result.spi.TimeSource;

/** The running service: its parts, put together by hand. */
final class Quickstart implements AutoCloseable {
    private final Database database;
    private final HttpServer server;

    private Quickstart(Database database, HttpServer server) {
        this.database = database;
        this.server = server;
    }

    /**
     * {@return a service that answers from now on}
     *
     * @param http what the server is given
     * @param config where the data is
     * @param orders how many sample orders an empty database gets
     */
    static Quickstart start(HttpConfig http, DatabaseConfig config, int orders) {
        Database database = Database.open(config, orders);
        try {
            var store = database.store();
            return new Quickstart(
                    database,
                    HttpServer.start(
                            http, new Orders(store, TimeSource.system()), new Catalog(store), database::isReachable));
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** {@return the port it listens on} */
    int port() {
        return server.port();
    }

    /** Lets running requests finish, and only then takes the database from under them. */
    @Override
    public void close() {
        try (database) {
            server.close();
        }
    }
}
