package dev.underpin.testkit;

import dev.underpin.persistence.KeyedQuery;
import dev.underpin.result.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** A service's code, good and bad, whose statements are counted. */
final class Shop {
    private final Jdbi jdbi;

    Shop(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    record Order(int id, int customer) {}

    void create() {
        jdbi.useHandle(handle -> {
            handle.execute("create table customers (id int primary key, name varchar(20))");
            handle.execute("create table orders (id int primary key, customer int not null)");
        });
    }

    void fill(int orders) {
        jdbi.useHandle(handle -> {
            handle.execute("delete from orders");
            handle.execute("delete from customers");
            for (int id = 1; id <= orders; id++) {
                handle.execute("insert into customers values (?, ?)", id, "c" + id);
                handle.execute("insert into orders values (?, ?)", id, id);
            }
        });
    }

    private static List<Order> orders(Handle handle) {
        return handle.createQuery("select id, customer from orders order by id")
                .map((rs, context) -> new Order(rs.getInt("id"), rs.getInt("customer")))
                .list();
    }

    private static String customer(Handle handle, int id) {
        return handle.createQuery("select name from customers where id = :id")
                .bind("id", id)
                .mapTo(String.class)
                .one();
    }

    @CanIgnoreReturnValue
    List<String> oneByOne() {
        return jdbi.withHandle(handle -> {
            List<String> names = new ArrayList<>();
            for (Order order : orders(handle)) {
                names.add(customer(handle, order.customer()));
            }
            return names;
        });
    }

    @CanIgnoreReturnValue
    List<String> joined() {
        return jdbi.withHandle(handle -> handle.createQuery(
                        "select c.name from orders o join customers c on c.id = o.customer order by o.id")
                .mapTo(String.class)
                .list());
    }

    @CanIgnoreReturnValue
    List<String> batched() {
        return jdbi.withHandle(handle -> KeyedQuery.of(handle, "select id, name from customers where id = any(:keys)")
                .fetchOne(
                        orders(handle).stream().map(Order::customer).toList(),
                        (rs, context) -> new String[] {String.valueOf(rs.getInt("id")), rs.getString("name")},
                        row -> Integer.valueOf(row[0]))
                .stream()
                .map(row -> row.orElseThrow()[1])
                .toList());
    }

    void rename(int customer, String name) {
        jdbi.useHandle(handle -> handle.execute("update customers set name = ? where id = ?", name, customer));
    }

    @CanIgnoreReturnValue
    int add(int customer) {
        return jdbi.withHandle(
                handle -> handle.createQuery("select id from final table (insert into customers values (:id, 'new'))")
                        .bind("id", customer)
                        .mapTo(Integer.class)
                        .one());
    }
}
