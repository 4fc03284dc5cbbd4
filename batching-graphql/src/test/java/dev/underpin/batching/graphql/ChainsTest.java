package dev.underpin.batching.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.result.Result;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.execution.instrumentation.dataloader.DataLoaderDispatchingContextKeys;
import graphql.incremental.DelayedIncrementalPartialResult;
import graphql.incremental.IncrementalExecutionResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

class ChainsTest {
    private static final String CHAINED = "{ orders(count: 12) { id cityName } }";

    private final Shop shop = new Shop();

    @ParameterizedTest
    @CsvSource({"false,no", "true,no", "false,exhausted", "true,exhausted", "false,chaining", "true,chaining"})
    void execute_chained_resolvesInOneBatchPerLink(boolean executor, String option) {
        try (var opened = Shop.Opened.withExecutor(executor)) {
            ExecutionInput input = Shop.input(shop.registry(opened.scope()), CHAINED);
            if (option.equals("exhausted")) {
                DataLoaderDispatchingContextKeys.setEnableDataLoaderExhaustedDispatching(
                        input.getGraphQLContext(), true);
            } else if (option.equals("chaining")) {
                DataLoaderDispatchingContextKeys.setEnableDataLoaderChaining(input.getGraphQLContext(), true);
            }

            ExecutionResult result = shop.graphQL.execute(input);

            assertThat(result.getErrors()).isEmpty();
            assertThat(result.<Map<String, List<?>>>getData().get("orders"))
                    .hasSize(12)
                    .element(11)
                    .isEqualTo(Map.of("id", 11, "cityName", "city 1"));
            assertThat(shop.batches).containsExactly("orders 12", "customers 12", "cities 10");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_chainedAndNested_makesNoMoreBatchesThanLinks(boolean executor) {
        try (var opened = Shop.Opened.withExecutor(executor)) {
            ExecutionResult result = shop.execute(
                    shop.registry(opened.scope()), "{ orders(count: 12) { cityName customer { city { name } } } }");

            assertThat(result.getErrors()).isEmpty();
            assertThat(shop.batches).containsExactly("orders 12", "customers 12", "cities 10");
        }
    }

    /** Nobody dispatches these: fetchers that ask from threads of their own, after the engine has dispatched. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_fetchersOnOtherThreads_resolve(boolean executor) {
        try (var opened = Shop.Opened.withExecutor(executor)) {
            ExecutionResult result =
                    shop.execute(shop.registry(opened.scope()), "{ orders(count: 12) { lateCity cityName } }");

            assertThat(result.getErrors()).isEmpty();
            assertThat(result.<Map<String, List<?>>>getData().get("orders"))
                    .element(3)
                    .isEqualTo(Map.of("lateCity", "city 3", "cityName", "city 3"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_fetcherThatAsksAfterEverybodyElse_resolves(boolean executor) {
        CompletableFuture<Integer> late = new CompletableFuture<>();
        shop.special = env ->
                late.thenCompose(id -> Shop.loader(env, "cities").load(id)).thenApply(city -> city.get("name"));
        try (var opened = Shop.Opened.withExecutor(executor)) {
            var result = shop.graphQL.executeAsync(
                    Shop.input(shop.registry(opened.scope()), "{ special(id: 1) order(id: 1) { id } }"));
            assertThat(result).isNotDone();
            late.complete(5);

            assertThat(result.join().<Object>getData())
                    .isEqualTo(Map.of("special", "city 5", "order", Map.of("id", 1)));
        }
    }

    /**
     * A list that comes from elsewhere, whose rows are asked for one after the other on a thread that is not ours, with slow
     * fetchers between them.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_listFromElsewhere_isOneBatch(boolean executor) throws Exception {
        CompletableFuture<List<Integer>> rows = new CompletableFuture<>();
        List<String> calls = new ArrayList<>();
        Loader<Integer, String> slowKeys = Loader.named("names").build((List<Integer> keys) -> {
            calls.add("names " + keys.size());
            return Result.ok(keys.stream().collect(Collectors.toMap(key -> key, key -> "name " + key)));
        });
        var schema = new graphql.schema.idl.SchemaGenerator()
                .makeExecutableSchema(
                        new graphql.schema.idl.SchemaParser()
                                .parse("type Query { rows: [Row] } type Row { name: String }"),
                        graphql.schema.idl.RuntimeWiring.newRuntimeWiring()
                                .type("Query", type -> type.dataFetcher("rows", env -> rows))
                                .type(
                                        "Row",
                                        type -> type.dataFetcher("name", env -> {
                                            TimeUnit.MILLISECONDS.sleep(env.<Integer>getSource() % 100 == 0 ? 12 : 0);
                                            return env.<Integer, String>getDataLoader("names")
                                                    .load(env.getSource());
                                        }))
                                .build());
        try (var opened = Shop.Opened.withExecutor(executor)) {
            var result = graphql.GraphQL.newGraphQL(schema)
                    .build()
                    .executeAsync(Shop.input(DataLoaders.registry(opened.scope(), slowKeys), "{ rows { name } }"));
            Thread other = new Thread(
                    () -> rows.complete(IntStream.range(0, 300).boxed().toList()));
            other.start();
            other.join();

            assertThat(result.join().getErrors()).isEmpty();
            assertThat(calls).containsExactly("names 300");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_fetcherThatWaits_resolves(boolean executor) {
        shop.special = env -> Shop.loader(env, "customers")
                .load(1)
                .thenCompose(customer -> Shop.loader(env, "cities").load(Shop.key(customer, "cityId")))
                .join()
                .get("name");
        try (var opened = Shop.Opened.withExecutor(executor)) {
            ExecutionResult result = shop.execute(shop.registry(opened.scope()), "{ special(id: 1) }");

            assertThat(result.<Object>getData()).isEqualTo(Map.of("special", "city 1"));
        }
    }

    /** Not through our future: the engine's thread is stuck, and only time helps. */
    @Test
    void execute_fetcherThatWaitsUnseen_resolves() {
        shop.special = env -> {
            var city = Shop.loader(env, "cities").load(4);
            CompletableFuture.allOf(city).join();
            return city.join().get("name");
        };
        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult result = shop.execute(shop.registry(scope), "{ special(id: 1) }");

            assertThat(result.<Object>getData()).isEqualTo(Map.of("special", "city 4"));
        }
    }

    /** Nobody dispatches, nobody waits where it can be seen, and there are more keys than a batch has. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void load_withoutEngine_leavesByItself(boolean executor) {
        Loader<Integer, String> few = Loader.named("few").maxBatch(2).build((List<Integer> keys) -> {
            shop.batches.add("few " + keys.size());
            return Result.ok(keys.stream().collect(Collectors.toMap(key -> key, key -> "name " + key)));
        });
        try (var opened = Shop.Opened.withExecutor(executor)) {
            DataLoader<Integer, String> loader =
                    DataLoaders.registry(opened.scope(), few).getDataLoader("few");
            CompletableFuture<?>[] all =
                    IntStream.range(0, 5).mapToObj(loader::load).toArray(CompletableFuture<?>[]::new);

            assertThat(CompletableFuture.allOf(all)).succeedsWithin(Duration.ofSeconds(60));
            assertThat(shop.batches).containsExactlyInAnyOrder("few 2", "few 2", "few 1");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void load_longChain_needsNoStack(boolean executor) {
        Loader<Integer, Integer> next =
                Loader.named("next").build((List<Integer> keys) -> Result.ok(Map.of(keys.get(0), keys.get(0) + 1)));
        try (var opened = Shop.Opened.withExecutor(executor)) {
            DataLoader<Integer, Integer> loader =
                    DataLoaders.registry(opened.scope(), next).getDataLoader("next");

            assertThat(follow(loader, 0, 3_000).join()).isEqualTo(3_000);
        }
    }

    private static CompletableFuture<Integer> follow(DataLoader<Integer, Integer> loader, int from, int to) {
        return loader.load(from)
                .thenCompose(next -> next == to ? CompletableFuture.completedFuture(next) : follow(loader, next, to));
    }

    /** The engine dispatches each deferred fragment by itself, and so do we; what is chained in one resolves. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_deferred_givesWhatPlainDataLoadersGive(boolean executor) {
        String query = "{ orders(count: 12) { id ... @defer { customer { city { name } } } } }";
        List<Object> plain = deferred(shop.plain(), query);
        try (var opened = Shop.Opened.withExecutor(executor)) {
            assertThat(deferred(shop.registry(opened.scope()), query))
                    .hasSize(12)
                    .containsExactlyInAnyOrderElementsOf(plain);
            assertThat(deferred(shop.registry(opened.scope()), "{ orders(count: 12) { id ... @defer { cityName } } }"))
                    .hasSize(12)
                    .allSatisfy(part -> assertThat(part.toString()).contains("cityName=city "));
        }
    }

    private List<Object> deferred(DataLoaderRegistry registry, String query) {
        ExecutionInput input = Shop.input(registry, query)
                .transform(builder ->
                        builder.graphQLContext(Map.of(graphql.ExperimentalApi.ENABLE_INCREMENTAL_SUPPORT, true)));
        var result = (IncrementalExecutionResult) shop.graphQL.execute(input);
        List<Object> parts = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        result.getIncrementalItemPublisher().subscribe(new Collector(parts, done));
        QueriesTest.await(done);
        return parts;
    }

    private record Collector(List<Object> parts, CountDownLatch done)
            implements Subscriber<DelayedIncrementalPartialResult> {
        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(DelayedIncrementalPartialResult part) {
            part.getIncremental().forEach(item -> parts.add(item.toSpecification()));
        }

        @Override
        public void onError(Throwable thrown) {
            parts.add(thrown);
            done.countDown();
        }

        @Override
        public void onComplete() {
            done.countDown();
        }
    }

    @Test
    void execute_afterScopeIsClosed_failsFieldsAndDoesNotHang() {
        LoadScope scope = LoadScope.open();
        var registry = shop.registry(scope);
        scope.close();

        ExecutionResult result = shop.execute(registry, CHAINED);

        assertThat(result.getErrors())
                .singleElement()
                .satisfies(error -> assertThat(error.getExtensions()).containsEntry("code", "SCOPE_CLOSED"));
    }

    @Test
    void execute_scopeClosedMeanwhile_failsFieldsAndDoesNotHang() {
        CompletableFuture<Integer> late = new CompletableFuture<>();
        shop.special = env -> late.thenCompose(id -> Shop.loader(env, "cities").load(id));
        LoadScope scope = LoadScope.open();
        var result =
                shop.graphQL.executeAsync(Shop.input(shop.registry(scope), "{ special(id: 1) order(id: 1) { id } }"));
        scope.close();
        late.complete(5);

        assertThat(result.join().<Map<String, Object>>getData().get("order")).isEqualTo(Map.of("id", 1));
        assertThat(result.join().getErrors())
                .singleElement()
                .satisfies(error -> assertThat(error.getExtensions()).containsEntry("code", "SCOPE_CLOSED"));
    }
}
