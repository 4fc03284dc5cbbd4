package dev.underpin.quickstart.infrastructure;

import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.quickstart.domain.Sku;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sample data: the same rows on every machine, every JDK and every database, because each is computed from its number
 * alone. Written in a few transactions, each together with how far it came, so that whoever comes next goes on from there.
 */
public final class Seed {
    /** How many orders there are unless told otherwise. */
    public static final int STANDARD_ORDERS = 100_000;

    /** An order whose stored status no code knows: reading it is an unexpected failure. */
    public static final OrderId DAMAGED_ORDER = new OrderId(UUID.fromString("00000000-0000-4000-8000-00000000dead"));

    static final int CUSTOMERS = 1_000;
    /** How many products there are. */
    public static final int PRODUCTS = 500;

    private static final Logger log = LoggerFactory.getLogger(Seed.class);
    private static final int ORDERS_AT_ONCE = 5_000;
    private static final Instant OPENING = Instant.parse("2025-01-01T08:00:00Z");
    private static final Duration BETWEEN_ORDERS = Duration.ofMinutes(5);
    private static final String[] GIVEN = {
        "Ada", "Björn", "Chloé", "Dmitri", "Elif", "Femi", "Grace", "Hiro", "Inés", "Jan", "Kofi", "Leila"
    };
    private static final String[] FAMILY = {
        "Abbott", "Brandt", "Costa", "Diallo", "Eriksen", "Fontaine", "Garcia", "Haddad", "Ito", "Jensen", "Kowalski"
    };
    private static final String[] PREFIXES = {"PEN", "INK", "PAD", "BAG", "CUP"};
    private static final String[] CATEGORIES = {"pens", "inks", "paper", "bags", "cups"};
    private static final String[] NOUNS = {"Fountain pen", "Ink", "Notebook", "Satchel", "Mug"};
    private static final String[] ADJECTIVES = {"plain", "blue", "heavy", "small", "classic", "refillable", "matte"};

    private Seed() {}

    /** {@return the id of a sample customer, 0 to 999} */
    public static CustomerId customer(int number) {
        return new CustomerId(new UUID(
                (mix(1, number) & ~0xf000L) | 0x4000L, (mix(2, number) & 0x3fffffffffffffffL) | 0x8000000000000000L));
    }

    /** {@return the SKU of a sample product, 0 to 499; of number 0 there are only three} */
    public static Sku product(int number) {
        return new Sku(PREFIXES[number % PREFIXES.length] + '-' + padded(number, 4));
    }

    /**
     * Writes what is still missing of the data.
     *
     * @param jdbi the database, with its schema
     * @param lock runs first in each transaction, so that two instances that start at once take turns
     * @param orders how many orders an empty database gets, at least 1: the first is {@link #DAMAGED_ORDER}
     */
    static void sow(Jdbi jdbi, Consumer<Handle> lock, int orders) throws SQLException {
        long start = System.nanoTime();
        boolean sown = false;
        while (jdbi.<Boolean, SQLException>inTransaction(handle -> {
            lock.accept(handle);
            return sowNext(handle, orders);
        })) {
            sown = true;
        }
        if (sown) {
            log.info(
                    "Seeded in {} ms",
                    Duration.ofNanos(System.nanoTime() - start).toMillis());
        }
    }

    /** {@return whether there was anything to do} How far it came is written with what it wrote. */
    private static boolean sowNext(Handle handle, int orders) throws SQLException {
        Connection connection = handle.getConnection();
        Optional<Progress> before = handle.createQuery("select planned, sown from seeds where id = 1")
                .map((rs, ctx) -> new Progress(rs.getInt("planned"), rs.getInt("sown")))
                .findOne();
        if (before.isEmpty()) {
            log.info("Seeding {} customers, {} products and {} orders", CUSTOMERS, PRODUCTS, orders);
            customers(connection);
            products(connection);
            handle.execute("insert into seeds (id, planned, sown) values (1, ?, 0)", orders);
            return true;
        }
        int planned = before.get().planned;
        int from = before.get().sown;
        if (from == planned) {
            return false;
        }
        int to = Math.min(planned, from + ORDERS_AT_ONCE);
        orders(connection, planned, from, to);
        handle.execute("update seeds set sown = ? where id = 1", to);
        log.debug("Seeding order {} of {}", to, planned);
        return true;
    }

    private record Progress(int planned, int sown) {}

    private static void customers(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into customers (id, name, email, created_at) values (?, ?, ?, ?)")) {
            for (int i = 0; i < CUSTOMERS; i++) {
                String given = GIVEN[pick(3, i, GIVEN.length)];
                String family = FAMILY[pick(4, i, FAMILY.length)];
                insert.setObject(1, customer(i).value());
                insert.setString(2, given + ' ' + family);
                insert.setString(3, "customer." + i + "@example.com");
                insert.setObject(4, OPENING.minus(Duration.ofHours(i)).atOffset(ZoneOffset.UTC));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void products(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into products (sku, name, category, price, stock) values (?, ?, ?, ?, ?)")) {
            for (int i = 0; i < PRODUCTS; i++) {
                int kind = i % PREFIXES.length;
                insert.setString(1, product(i).value());
                insert.setString(2, NOUNS[kind] + ", " + ADJECTIVES[pick(5, i, ADJECTIVES.length)] + ", no. " + i);
                insert.setString(3, CATEGORIES[kind]);
                insert.setBigDecimal(4, price(i));
                insert.setInt(5, i == 0 ? 3 : 50 + pick(6, i, 5_000));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void orders(Connection connection, int planned, int from, int to) throws SQLException {
        try (PreparedStatement order = connection.prepareStatement(
                        "insert into orders (id, version, customer_id,"
                                + " reference, status, total, placed_at, changed_at, shipped_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
                PreparedStatement line = connection.prepareStatement("insert into order_lines (order_id, position,"
                        + " sku, quantity, unit_price) values (?, ?, ?, ?, ?)")) {
            for (int i = from; i < to; i++) {
                add(i, i >= planned - planned / 10, order, line);
            }
            order.executeBatch();
            line.executeBatch();
        }
    }

    private static void add(int number, boolean recent, PreparedStatement order, PreparedStatement line)
            throws SQLException {
        Instant placed = OPENING.plus(BETWEEN_ORDERS.multipliedBy(number)).plusMillis(pick(7, number, 240_000));
        UUID id = number == 0 ? DAMAGED_ORDER.value() : timeOrdered(number, placed);
        // Old orders are through; of the newest tenth, some wait for money and some for the truck.
        int version = recent ? 1 + pick(20, number, 2) : 2 + pick(21, number, 2);
        order.setObject(1, id);
        order.setLong(2, version);
        order.setObject(3, customer(pick(8, number, CUSTOMERS)).value());
        if (number % 10 == 3) {
            order.setString(4, "R-" + padded(number, 8));
        } else {
            order.setNull(4, Types.VARCHAR);
        }
        String status = number == 0 ? "MISLAID" : status(version, recent);
        OffsetDateTime changed = placed.plus(Duration.ofHours(version - 1L)).atOffset(ZoneOffset.UTC);
        order.setString(5, status);
        order.setBigDecimal(6, addLines(number, id, line));
        order.setObject(7, placed.atOffset(ZoneOffset.UTC));
        order.setObject(8, changed);
        if (status.equals("SHIPPED")) {
            order.setObject(9, changed);
        } else {
            order.setNull(9, Types.TIMESTAMP_WITH_TIMEZONE);
        }
        order.addBatch();
    }

    private static BigDecimal addLines(int number, UUID id, PreparedStatement line) throws SQLException {
        BigDecimal total = BigDecimal.ZERO;
        int first = pick(9, number, PRODUCTS);
        int step = 1 + pick(10, number, PRODUCTS / 4);
        for (int position = 0; position <= pick(11, number, 3); position++) {
            int product = (first + position * step) % PRODUCTS;
            int quantity = 1 + pick(12 + position, number, 5);
            line.setObject(1, id);
            line.setInt(2, position);
            line.setString(3, product(product).value());
            line.setInt(4, quantity);
            line.setBigDecimal(5, price(product));
            line.addBatch();
            total = total.add(price(product).multiply(BigDecimal.valueOf(quantity)));
        }
        return total;
    }

    private static String status(int version, boolean recent) {
        return switch (version) {
            case 1 -> "PLACED";
            case 2 -> recent ? "PAID" : "CANCELLED";
            default -> "SHIPPED";
        };
    }

    private static BigDecimal price(int product) {
        return BigDecimal.valueOf(100 + pick(22, product, 19_900), 2);
    }

    /** A UUID of version 7: ids grow with time, so the index is filled from left to right. */
    private static UUID timeOrdered(int number, Instant placed) {
        return new UUID(
                (placed.toEpochMilli() << 16) | 0x7000L | (mix(23, number) & 0xfffL),
                (mix(24, number) & 0x3fffffffffffffffL) | 0x8000000000000000L);
    }

    private static String padded(int number, int width) {
        String digits = Integer.toString(number);
        return "0".repeat(Math.max(0, width - digits.length())) + digits;
    }

    private static int pick(int stream, int number, int bound) {
        return (int) Long.remainderUnsigned(mix(stream, number), bound);
    }

    /** The finalizer of SplitMix64: a fixed function, unlike the random generators of a JDK. */
    private static long mix(int stream, int number) {
        long z = (((long) stream << 32) + number + 1) * 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
