package dev.underpin.quickstart.infrastructure;

import dev.underpin.quickstart.TestPostgres;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.testkit.Statements;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each order of the listings has its index, on the database that a service would have. */
class OrderListingsIT {
    private static final int ORDERS = 10_000;
    private static Jdbi jdbi;
    private static CustomerId customer;

    @BeforeAll
    static void fill() {
        DatabaseConfig database = TestPostgres.create("listings");
        Database.open(database, ORDERS).close();
        jdbi = Jdbi.create(database.jdbcUrl(), database.user(), database.password());
        UUID busy = jdbi.withHandle(handle -> {
            UUID id = handle.createQuery("select customer_id from orders limit 1")
                    .mapTo(UUID.class)
                    .one();
            handle.execute("update orders set customer_id = ? where hashtext(id::text) % 2 = 0", id);
            handle.execute("vacuum analyze orders");
            return id;
        });
        customer = new CustomerId(busy);
    }

    @Test
    void all_anyOrder_seeks() {
        Statements.of(jdbi)
                .assertSeeks(OrderListings.ALL, query -> jdbi.withHandle(handle -> OrderListings.all(handle, query)));
    }

    @Test
    void ofACustomer_anyOrder_seeks() {
        Statements.of(jdbi)
                .assertSeeks(
                        OrderListings.OF_CUSTOMER,
                        query -> jdbi.withHandle(handle -> OrderListings.of(customer, handle, query)));
    }
}
