package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The examples of README.md. */
class ExamplesTest {
    record Order(long id, long customer) {}

    record Customer(long id, String name, String region) {}

    record Region(String code, String name) {}

    /** A remote service that takes many ids, and counts its calls. */
    static final class Crm {
        final List<Integer> calls = new CopyOnWriteArrayList<>();

        Result<Map<Long, Customer>, DomainError> customers(List<Long> ids) {
            calls.add(ids.size());
            return Result.ok(ids.stream()
                    .filter(id -> id < 10_000)
                    .map(id -> new Customer(id, "Customer " + id, "R" + id % 3))
                    .collect(Collectors.toMap(Customer::id, Function.identity())));
        }

        Result<Map<String, Region>, DomainError> regions(List<String> codes) {
            calls.add(codes.size());
            return Result.ok(codes.stream()
                    .map(code -> new Region(code, "Region " + code))
                    .collect(Collectors.toMap(Region::code, Function.identity())));
        }
    }

    static final class Reports {
        private final Crm crm;
        private final Executor threads;

        Reports(Crm crm, Executor threads) {
            this.crm = crm;
            this.threads = threads;
        }

        final Loader<Long, Customer> customers =
                Loader.named("customers").maxBatch(500).build((List<Long> ids) -> crm().customers(ids));
        final Loader<String, Region> regions =
                Loader.named("regions").build((List<String> codes) -> crm().regions(codes));

        private Crm crm() {
            return crm;
        }

        List<String> lines(List<Order> orders) {
            try (LoadScope scope = LoadScope.open()) {
                return scope.loader(customers)
                        .mapAll(orders, Order::customer, (order, customer) -> line(order, customer));
            }
        }

        private static String line(Order order, Result<Customer, DomainError> customer) {
            return order.id() + " " + customer.map(Customer::name).orElse("(unknown)");
        }

        List<String> reports(List<Long> ids) {
            try (LoadScope scope = LoadScope.builder().executor(threads).open()) {
                ScopedLoader<Long, Customer> byId = scope.loader(customers);
                ScopedLoader<String, Region> byCode = scope.loader(regions);
                return scope.mapAll(
                        ids,
                        id -> byId.load(id)
                                .flatMap(customer -> byCode.load(customer.region()))
                                .map(Region::name)
                                .orElse("(unknown)"));
            }
        }
    }

    @Test
    void lines_ordersOfManyCustomers_areOneCall() {
        var crm = new Crm();

        List<String> lines = new Reports(crm, Runnable::run)
                .lines(List.of(new Order(1, 7), new Order(2, 8), new Order(3, 7), new Order(4, 10_000)));

        assertThat(lines).containsExactly("1 Customer 7", "2 Customer 8", "3 Customer 7", "4 (unknown)");
        assertThat(crm.calls).containsExactly(3);
    }

    @Test
    void reports_manyTasks_areACallPerLevel() {
        var crm = new Crm();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Long> ids = new ArrayList<>(LongStream.range(0, 100).boxed().toList());

            List<String> reports = new Reports(crm, threads).reports(ids);

            assertThat(reports).hasSize(100).startsWith("Region R0", "Region R1", "Region R2");
            assertThat(crm.calls).containsExactly(100, 3);
        } finally {
            threads.shutdown();
        }
    }
}
