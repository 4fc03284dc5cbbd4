package dev.underpin.batching.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The example of README.md. */
class ExamplesTest {
    record Order(int id, int customerId) {}

    record Customer(int id, String name) {}

    static final class Customers {
        final List<List<Integer>> calls = new ArrayList<>();

        Result<Map<Integer, Customer>, DomainError> byId(List<Integer> ids) {
            calls.add(ids);
            return Result.ok(ids.stream()
                    .collect(Collectors.toMap(id -> id, id -> new Customer(id, "customer " + id))));
        }
    }

    static final class Service {
        final Customers customers = new Customers();
        final Executor executor;
        final GraphQL graphQL = GraphQL.newGraphQL(new SchemaGenerator()
                        .makeExecutableSchema(
                                new SchemaParser().parse("""
                                                type Query { orders: [Order] }
                                                type Order { id: Int customer: Customer }
                                                type Customer { name: String }
                                                """),
                                RuntimeWiring.newRuntimeWiring()
                                        .type(
                                                "Query",
                                                type -> type.dataFetcher(
                                                        "orders",
                                                        env -> List.of(
                                                                new Order(1, 7), new Order(2, 8), new Order(3, 7))))
                                        .type("Order", type -> type.dataFetcher("customer", this::customer))
                                        .build()))
                .build();

        Service(Executor executor) {
            this.executor = executor;
        }

        final Loader<Integer, Customer> byId = Loader.named("customers").build(this::load);

        Result<Map<Integer, Customer>, DomainError> load(List<Integer> ids) {
            return customers.byId(ids);
        }

        ExecutionResult execute(String query) {
            try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
                return graphQL.execute(ExecutionInput.newExecutionInput(query)
                        .dataLoaderRegistry(DataLoaders.registry(scope, byId))
                        .build());
            }
        }

        CompletableFuture<Customer> customer(DataFetchingEnvironment env) {
            Order order = env.getSource();
            return env.<Integer, Customer>getDataLoader("customers").load(order.customerId());
        }
    }

    @Test
    void service_swapped_loadsInOneBatch() {
        Service service = new Service(Runnable::run);

        ExecutionResult result = service.execute("{ orders { customer { name } } }");

        assertThat(result.getErrors()).isEmpty();
        assertThat(result.<Map<String, List<Object>>>getData().get("orders"))
                .containsExactly(
                        Map.of("customer", Map.of("name", "customer 7")),
                        Map.of("customer", Map.of("name", "customer 8")),
                        Map.of("customer", Map.of("name", "customer 7")));
        assertThat(service.customers.calls).containsExactly(List.of(7, 8));
    }
}
