package org.example;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.graphql.DataLoaders;
import dev.underpin.result.Result;
import graphql.ExecutionInput;
import graphql.GraphQL;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import java.util.List;
import java.util.Map;

/** Three fields, two keys, one call. */
public final class Main {
    private static final Loader<String, Map<String, Integer>> PRODUCTS =
            Loader.named("products").build((List<String> skus) -> {
                System.out.println("prices of " + skus);
                return Result.ok(Map.of("tea", Map.of("cents", 450), "ink", Map.of("cents", 120)));
            });

    private Main() {}

    public static void main(String[] arguments) {
        GraphQL graphQL = GraphQL.newGraphQL(new SchemaGenerator()
                        .makeExecutableSchema(
                                new SchemaParser()
                                        .parse("type Query { product(sku: String!): Product }"
                                                + " type Product { cents: Int }"),
                                RuntimeWiring.newRuntimeWiring()
                                        .type(
                                                "Query",
                                                type -> type.dataFetcher(
                                                        "product",
                                                        env -> env.getDataLoader("products")
                                                                .load(env.getArgument("sku"))))
                                        .build()))
                .build();
        try (LoadScope scope = LoadScope.open()) {
            Object data = graphQL.execute(ExecutionInput.newExecutionInput(
                                    "{ a: product(sku: \"tea\") { cents } b: product(sku: \"ink\") { cents }"
                                            + " c: product(sku: \"tea\") { cents } }")
                            .dataLoaderRegistry(DataLoaders.registry(scope, PRODUCTS))
                            .build())
                    .getData();
            System.out.println(data);
        }
    }
}
