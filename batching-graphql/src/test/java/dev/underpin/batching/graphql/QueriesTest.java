package dev.underpin.batching.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.execution.instrumentation.dataloader.DataLoaderDispatchingContextKeys;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueriesTest {
    private static final String THREE_LEVELS = "{ orders(count: 700) { id customer { id city { id name } } } }";
    private static final String SIBLINGS =
            "{ orders(count: 300) { customer { city { name } } payer { city { name } } shop { name } } }";

    private final Shop shop = new Shop();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_threeLevels_makesThreeBatches(boolean executor) {
        for (int i = 0; i < 10; i++) {
            shop.batches.clear();
            try (var opened = Shop.Opened.withExecutor(executor)) {
                ExecutionResult result = shop.execute(shop.registry(opened.scope()), without13(THREE_LEVELS));

                assertThat(result.getErrors()).isEmpty();
                assertThat(shop.batches).containsExactly("orders 13", "customers 13", "cities 10");
            }
        }
    }

    private static String without13(String query) {
        return query.replaceAll("count: \\d+", "count: 13");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_manyRows_makesThreeBatchesAndGivesAllRows(boolean executor) {
        try (var opened = Shop.Opened.withExecutor(executor)) {
            ExecutionResult result = shop.execute(shop.registry(opened.scope()), THREE_LEVELS);

            assertThat(shop.batches).containsExactly("orders 700", "customers 50", "cities 10");
            Map<String, List<Map<String, Object>>> data = result.getData();
            assertThat(data.get("orders")).hasSize(700);
            assertThat(data.get("orders").get(699))
                    .isEqualTo(
                            Map.of("id", 699, "customer", Map.of("id", 49, "city", Map.of("id", 9, "name", "city 9"))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {THREE_LEVELS, SIBLINGS})
    void execute_asWithPlainDataLoaders_givesTheSame(String query) {
        shop.cityOfCustomer.put(13, 1);
        ExecutionResult plain = shop.execute(shop.plain(), without13(query));

        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult ours = shop.execute(shop.registry(scope), without13(query));

            // not the batches: plain DataLoaders make one more or less, as their stages happen to end
            assertThat(ours.toSpecification()).isEqualTo(plain.toSpecification());
        }
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void execute_siblingsOfTwoLoaders_areAlignedByLevel(boolean executor, boolean exhausted) {
        try (var opened = Shop.Opened.withExecutor(executor)) {
            ExecutionInput input = Shop.input(shop.registry(opened.scope()), SIBLINGS);
            DataLoaderDispatchingContextKeys.setEnableDataLoaderExhaustedDispatching(
                    input.getGraphQLContext(), exhausted);
            ExecutionResult result = shop.graphQL.execute(input);

            assertThat(result.getErrors()).hasSize(6); // of customer 13
            assertThat(shop.batches).containsExactlyInAnyOrder("orders 300", "customers 100", "cities 3", "cities 10");
        }
    }

    @Test
    void execute_withExecutor_runsBatchesOfOneLevelSideBySide() {
        CountDownLatch both = new CountDownLatch(2);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        var first = Loader.named("first").buildPerKey((List<Integer> keys, LoadScope scope) -> {
            threads.add(Thread.currentThread());
            both.countDown();
            await(both);
            return Shop.each(keys, Shop::city);
        });
        var second = Loader.named("second").buildPerKey((List<Integer> keys, LoadScope scope) -> {
            threads.add(Thread.currentThread());
            both.countDown();
            await(both);
            return Shop.each(keys, Shop::city);
        });
        shop.special = env -> Shop.loader(env, env.<Integer>getArgument("id") == 1 ? "first" : "second")
                .load(7)
                .thenApply(city -> city.get("name"));
        try (var opened = Shop.Opened.withExecutor(true)) {
            ExecutionResult result = shop.execute(
                    DataLoaders.registry(opened.scope(), first, second), "{ a: special(id: 1) b: special(id: 2) }");

            assertThat(result.<Map<String, Object>>getData()).isEqualTo(Map.of("a", "city 7", "b", "city 7"));
            assertThat(threads).hasSize(2).doesNotContain(Thread.currentThread());
        }
    }

    @Test
    void execute_oneLoaderSlow_nextLevelIsOneBatchNevertheless() {
        CountDownLatch asked = new CountDownLatch(1);
        shop.cityAsked = asked::countDown;
        var slow = Loader.named("orders").buildPerKey((List<Integer> keys, LoadScope scope) -> {
            await(asked);
            return Shop.each(keys, shop::order);
        });
        try (var opened = Shop.Opened.withExecutor(true)) {
            ExecutionResult result = shop.execute(
                    DataLoaders.registry(opened.scope(), slow, shop.customers, shop.cities),
                    "{ customer(id: 1) { city { id } } order(id: 4) { shop { id } } }");

            assertThat(result.<Object>getData())
                    .isEqualTo(Map.of(
                            "customer", Map.of("city", Map.of("id", 1)), "order", Map.of("shop", Map.of("id", 1001))));
            assertThat(shop.batches).containsExactly("customers 1", "cities 2");
        }
    }

    @Test
    void execute_withoutExecutor_runsBatchesOnTheCallingThread() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        var cities = Loader.named("cities").buildPerKey((List<Integer> keys, LoadScope scope) -> {
            threads.add(Thread.currentThread());
            return Shop.each(keys, Shop::city);
        });
        shop.special = env -> Shop.loader(env, "cities").load(7).thenApply(city -> city.get("name"));
        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult result = shop.execute(DataLoaders.registry(scope, cities), "{ special(id: 1) }");

            assertThat(result.<Map<String, Object>>getData()).isEqualTo(Map.of("special", "city 7"));
            assertThat(threads).containsExactly(Thread.currentThread());
        }
    }

    @Test
    void execute_inScopeWithSomethingBound_staysOnItsThread() {
        try (LoadScope scope =
                LoadScope.builder().bind(String.class, "connection").open()) {
            ExecutionResult result = shop.execute(shop.registry(scope), without13(THREE_LEVELS));

            assertThat(result.getErrors()).isEmpty();
            assertThat(shop.batches).hasSize(3);
        }
    }

    @Test
    void execute_mutations_seeWhatTheyChanged() {
        try (LoadScope scope = LoadScope.open()) {
            var registry = shop.registry(scope);
            assertThat(shop.execute(registry, "{ customer(id: 1) { city { id } } }")
                            .<Object>getData())
                    .isEqualTo(Map.of("customer", Map.of("city", Map.of("id", 1))));

            ExecutionResult moved = shop.execute(
                    registry,
                    "mutation { a: move(customer: 1, city: 5) { city { id } }"
                            + " b: move(customer: 1, city: 6) { city { id } } }");

            assertThat(moved.<Object>getData())
                    .isEqualTo(Map.of("a", Map.of("city", Map.of("id", 5)), "b", Map.of("city", Map.of("id", 6))));
            assertThat(shop.execute(registry, "{ customer(id: 1) { city { id } } }")
                            .<Object>getData())
                    .isEqualTo(Map.of("customer", Map.of("city", Map.of("id", 6))));
            assertThat(shop.batches)
                    .containsExactly("customers 1", "cities 1", "customers 1", "cities 1", "customers 1", "cities 1");
        }
    }

    @Test
    void execute_twoScopes_shareNothing() {
        try (LoadScope one = LoadScope.open();
                LoadScope two = LoadScope.open()) {
            String query = "{ customer(id: 1) { city { id } } }";
            ExecutionResult first = shop.execute(shop.registry(one), query);
            shop.cityOfCustomer.put(1, 9);
            ExecutionResult again = shop.execute(shop.registry(one), query);
            ExecutionResult other = shop.execute(shop.registry(two), query);

            assertThat(again.<Object>getData()).isEqualTo(first.getData());
            assertThat(other.<Object>getData()).isEqualTo(Map.of("customer", Map.of("city", Map.of("id", 9))));
            assertThat(shop.batches).hasSize(4);
        }
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
