package dev.underpin.batching.graphql;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.DataFetcher;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderFactory;
import org.dataloader.DataLoaderRegistry;

/** Orders of customers, which live in cities, and what was called to load them. */
final class Shop {
    static final ErrorCode CUSTOMER_LOCKED =
            ErrorCode.of(ErrorKind.FORBIDDEN, "CUSTOMER_LOCKED", "The customer is locked since {since}");

    static final String SCHEMA = """
            directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
            type Query {
              orders(count: Int!): [Order]
              order(id: Int!): Order
              customer(id: Int!): Customer
              special(id: Int!): String
            }
            type Mutation { move(customer: Int!, city: Int!): Customer }
            type Order { id: Int, customer: Customer, payer: Customer, shop: City, cityName: String, lateCity: String }
            type Customer { id: Int, city: City, needed: City! }
            type City { id: Int, name: String }
            """;

    final List<String> batches = new CopyOnWriteArrayList<>();
    final Map<Integer, Integer> cityOfCustomer = new ConcurrentHashMap<>();
    final Loader<Integer, Map<String, Object>> orders = Loader.named("orders").buildPerKey((keys, scope) -> {
        batches.add("orders " + keys.size());
        return each(keys, this::order);
    });
    final Loader<Integer, Map<String, Object>> customers = Loader.named("customers")
            .buildPerKey((keys, scope) -> {
                batches.add("customers " + keys.size());
                return each(keys, this::customer);
            });
    final Loader<Integer, Map<String, Object>> cities = Loader.named("cities").buildPerKey((keys, scope) -> {
        batches.add("cities " + keys.size());
        return each(keys, Shop::city);
    });

    /** Hears that a customer's city is about to be asked for. */
    Runnable cityAsked = () -> {};

    /** What the field {@code special} does. */
    DataFetcher<?> special = env -> null;

    final GraphQL graphQL = GraphQL.newGraphQL(
                    new SchemaGenerator().makeExecutableSchema(new SchemaParser().parse(SCHEMA), wiring()))
            .build();

    private RuntimeWiring wiring() {
        return RuntimeWiring.newRuntimeWiring()
                .type(
                        "Query",
                        type -> type.dataFetcher(
                                        "orders",
                                        env -> loader(env, "orders")
                                                .loadMany(IntStream.range(0, env.<Integer>getArgument("count"))
                                                        .boxed()
                                                        .toList()))
                                .dataFetcher(
                                        "order", env -> loader(env, "orders").load(env.getArgument("id")))
                                .dataFetcher(
                                        "customer",
                                        env -> loader(env, "customers").load(env.getArgument("id")))
                                .dataFetcher("special", env -> special.get(env)))
                .type(
                        "Mutation",
                        type -> type.dataFetcher("move", env -> {
                            int customer = env.getArgument("customer");
                            cityOfCustomer.put(customer, env.getArgument("city"));
                            return loader(env, "customers").clear(customer).load(customer);
                        }))
                .type(
                        "Order",
                        type -> type.dataFetcher("customer", to("customers", "customerId"))
                                .dataFetcher("payer", to("customers", "payerId"))
                                .dataFetcher("shop", to("cities", "shopId"))
                                .dataFetcher("cityName", this::cityName)
                                .dataFetcher(
                                        "lateCity",
                                        env -> CompletableFuture.supplyAsync(() -> 0)
                                                .thenComposeAsync(unused -> cityName(env))))
                .type(
                        "Customer",
                        type -> type.dataFetcher("city", env -> {
                                    cityAsked.run();
                                    return to("cities", "cityId").get(env);
                                })
                                .dataFetcher("needed", to("cities", "cityId")))
                .build();
    }

    /** One loader, then another: what one level of a query does not dispatch. */
    CompletableFuture<Object> cityName(graphql.schema.DataFetchingEnvironment env) {
        return loader(env, "customers")
                .load(key(env.getSource(), "customerId"))
                .thenCompose(customer -> loader(env, "cities").load(key(customer, "cityId")))
                .thenApply(city -> city.get("name"));
    }

    static DataFetcher<?> to(String loader, String key) {
        return env -> loader(env, loader).load(key(env.getSource(), key));
    }

    static DataLoader<Integer, Map<String, Object>> loader(graphql.schema.DataFetchingEnvironment env, String name) {
        return env.getDataLoader(name);
    }

    static int key(Map<String, Object> row, String name) {
        return (Integer) row.get(name);
    }

    Result<Map<String, Object>, DomainError> order(int id) {
        return Result.ok(Map.of("id", id, "customerId", id % 50, "payerId", 100 + id % 50, "shopId", 1000 + id % 3));
    }

    Result<Map<String, Object>, DomainError> customer(int id) {
        if (id == 13) {
            return Result.err(CUSTOMER_LOCKED.error(Map.of("since", "May")));
        }
        return Result.ok(Map.of("id", id, "cityId", cityOfCustomer.getOrDefault(id, id % 10)));
    }

    static Result<Map<String, Object>, DomainError> city(int id) {
        return Result.ok(Map.of("id", id, "name", "city " + id));
    }

    /** Keys from 900000 on do not exist. */
    static Map<Integer, Result<Map<String, Object>, DomainError>> each(
            List<Integer> keys, java.util.function.Function<Integer, Result<Map<String, Object>, DomainError>> load) {
        Map<Integer, Result<Map<String, Object>, DomainError>> all = new HashMap<>();
        keys.stream().filter(key -> key < 900_000).forEach(key -> all.put(key, load.apply(key)));
        return all;
    }

    DataLoaderRegistry registry(LoadScope scope) {
        return DataLoaders.registry(scope, orders, customers, cities);
    }

    /** The same with java-dataloader alone. */
    DataLoaderRegistry plain() {
        DataLoaderRegistry registry = new DataLoaderRegistry();
        registry.register(plain("orders", this::order));
        registry.register(plain("customers", this::customer));
        registry.register(plain("cities", Shop::city));
        return registry;
    }

    private DataLoader<Integer, Map<String, Object>> plain(
            String name, java.util.function.Function<Integer, Result<Map<String, Object>, DomainError>> load) {
        return DataLoaderFactory.newMappedDataLoader(
                name,
                keys -> {
                    batches.add(name + " " + keys.size());
                    Map<Integer, Map<String, Object>> found = new LinkedHashMap<>();
                    each(List.copyOf(keys), load).forEach((key, result) -> found.put(key, result.orElseThrow()));
                    return CompletableFuture.completedFuture(found);
                },
                null);
    }

    ExecutionResult execute(DataLoaderRegistry registry, String query) {
        return graphQL.execute(input(registry, query));
    }

    static ExecutionInput input(DataLoaderRegistry registry, String query) {
        return ExecutionInput.newExecutionInput(query)
                .dataLoaderRegistry(registry)
                .build();
    }

    /** A scope, and its executor if it has one. */
    record Opened(LoadScope scope, ExecutorService executor) implements AutoCloseable {
        static Opened withExecutor(boolean has) {
            ExecutorService executor = Executors.newCachedThreadPool();
            return new Opened(has ? LoadScope.builder().executor(executor).open() : LoadScope.open(), executor);
        }

        @Override
        public void close() {
            scope.close();
            executor.shutdownNow();
        }
    }
}
