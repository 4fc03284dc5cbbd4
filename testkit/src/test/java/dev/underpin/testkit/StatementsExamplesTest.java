package dev.underpin.testkit;

import static dev.underpin.testkit.StatementsExtension.atMost;
import static dev.underpin.testkit.StatementsExtension.insert;
import static dev.underpin.testkit.StatementsExtension.select;
import static dev.underpin.testkit.StatementsExtension.sizes;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of statements, as they stand in STATEMENTS.md. */
class StatementsExamplesTest {
    private static Jdbi jdbi;

    @RegisterExtension
    static final StatementsExtension sql = StatementsExtension.of(() -> jdbi).forEveryTest();

    private Connection database;
    private Shop shop;

    @BeforeEach
    void open() throws SQLException {
        database = DriverManager.getConnection("jdbc:h2:mem:");
        jdbi = Jdbi.create(database);
        shop = new Shop(jdbi);
        shop.create();
        shop.fill(3);
    }

    @AfterEach
    void close() throws SQLException {
        database.close();
    }

    @Test
    @ExpectStatements(select = 2, insert = 0)
    void orders_withTheirCustomers_areTwoReads() {
        assertThat(shop.batched()).hasSize(3);
    }

    @Test
    void orders_howeverMany_takeTheSameStatements() {
        sql.assertConstantStatements(sizes(2, 5), shop::fill, shop::batched);
    }

    @Test
    void orders_joined_areOneRead() {
        sql.pause(() -> shop.fill(4));

        shop.joined();

        sql.assertStatements(select(1), atMost(insert(0)));
        sql.assertNoNPlusOne();
    }

    @Test
    @AllowNPlusOne(reason = "a report that runs at night", match = "from customers")
    void orders_oneByOne_areMeant() {
        assertThat(shop.oneByOne()).hasSize(3);
    }
}
