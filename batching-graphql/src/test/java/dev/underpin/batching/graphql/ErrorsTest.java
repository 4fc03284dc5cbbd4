package dev.underpin.batching.graphql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.batching.BatchingErrors;
import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import graphql.ErrorType;
import graphql.ExceptionWhileDataFetching;
import graphql.ExecutionResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.dataloader.DataLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorsTest {
    private final Shop shop = new Shop();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_oneKeyFails_failsItsFieldAlone(boolean executor) {
        try (var opened = Shop.Opened.withExecutor(executor)) {
            ExecutionResult result =
                    shop.execute(shop.registry(opened.scope()), "{ orders(count: 15) { id customer { id } } }");

            Map<String, List<Map<String, Object>>> data = result.getData();
            assertThat(data.get("orders")).hasSize(15);
            assertThat(data.get("orders").get(12)).isEqualTo(Map.of("id", 12, "customer", Map.of("id", 12)));
            assertThat(data.get("orders").get(13)).containsEntry("customer", null);
            assertThat(result.toSpecification())
                    .extracting("errors", InstanceOfAssertFactories.LIST)
                    .containsExactly(Map.of(
                            "message",
                            "Exception while fetching data (/orders[13]/customer) :"
                                    + " The customer is locked since May",
                            "locations",
                            List.of(Map.of("line", 1, "column", 26)),
                            "path",
                            List.of("orders", 13, "customer"),
                            "extensions",
                            Map.of(
                                    "code",
                                    "CUSTOMER_LOCKED",
                                    "kind",
                                    "FORBIDDEN",
                                    "classification",
                                    "DataFetchingException")));
        }
    }

    @Test
    void execute_twoFieldsOfOneKey_haveAnExceptionEach() {
        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult result = shop.execute(
                    shop.registry(scope),
                    "{ a: customer(id: 13) { id } b: customer(id: 13) { id } c: customer(id: 1) { id } }");

            assertThat(result.getErrors())
                    .hasSize(2)
                    .extracting(error -> ((ExceptionWhileDataFetching) error).getException())
                    .doesNotHaveDuplicates()
                    .allSatisfy(thrown ->
                            assertThat(((LoadException) thrown).error().code()).isEqualTo(Shop.CUSTOMER_LOCKED));
            assertThat(shop.batches).containsExactly("customers 2");
        }
    }

    @Test
    void execute_keyWithoutValue_isNull() {
        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult result = shop.execute(shop.registry(scope), "{ customer(id: 900000) { id } }");

            assertThat(result.getErrors()).isEmpty();
            assertThat(result.<Map<String, Object>>getData()).containsEntry("customer", null);
        }
    }

    @Test
    void execute_keyWithoutValueOfNonNullField_isTheEnginesError() {
        shop.cityOfCustomer.put(1, 900_000);
        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult result = shop.execute(shop.registry(scope), "{ customer(id: 1) { needed { id } } }");

            assertThat(result.getErrors())
                    .singleElement()
                    .satisfies(
                            error -> assertThat(error.getErrorType()).isEqualTo(ErrorType.NullValueInNonNullableField));
        }
    }

    @Test
    void execute_keyWithoutValueOfLoaderThatSaysWhatIsMissing_isThatError() {
        ErrorCode noCity = ErrorCode.of(ErrorKind.NOT_FOUND, "NO_SUCH_CITY", "There is no such city");
        Loader<Integer, String> names =
                Loader.named("names").missing(key -> noCity.error()).build((List<Integer> keys) -> Result.ok(Map.of()));
        shop.special = env -> env.<Integer, String>getDataLoader("names").load(1);
        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult result = shop.execute(DataLoaders.registry(scope, names), "{ special(id: 1) }");

            assertThat(result.getErrors())
                    .singleElement()
                    .satisfies(error -> assertThat(error.getExtensions())
                            .containsEntry("code", "NO_SUCH_CITY")
                            .containsEntry("kind", "NOT_FOUND"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void execute_batchFunctionThrows_failsItsFieldsAndTellsNothing(boolean executor) {
        Loader<String, String> names = Loader.named("names").build((List<String> keys) -> {
            throw new IllegalStateException("password of " + keys);
        });
        shop.special = env -> env.<String, String>getDataLoader("names").load("secret-7");
        try (var opened = Shop.Opened.withExecutor(executor)) {
            var registry = shop.registry(opened.scope()).combine(DataLoaders.registry(opened.scope(), names));
            ExecutionResult result = shop.execute(registry, "{ special(id: 1) customer(id: 1) { id } }");

            assertThat(result.<Map<String, Object>>getData()).containsEntry("customer", Map.of("id", 1));
            assertThat(result.getErrors()).singleElement().satisfies(error -> {
                assertThat(error.getMessage()).endsWith(" : An internal error occurred");
                assertThat(error.toSpecification().toString()).doesNotContain("secret", "password");
                assertThat(error.getExtensions()).containsEntry("code", "BATCH_FAILED");
                assertThat(((ExceptionWhileDataFetching) error).getException())
                        .hasCauseInstanceOf(IllegalStateException.class);
            });
        }
    }

    /** An Error that flew through the engine would leave fields that never complete. */
    @Test
    void execute_batchFunctionThrowsAnError_failsItsFieldsAndLoadsTheOthers() {
        Loader<Integer, Integer> numbers = Loader.named("numbers").build((List<Integer> keys) -> {
            throw new AssertionError("broken");
        });
        shop.special = env -> env.<Integer, Integer>getDataLoader("numbers").load(1);
        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult result = shop.execute(
                    DataLoaders.registry(scope, numbers, shop.customers, shop.cities),
                    "{ special(id: 1) customer(id: 1) { city { id } } }");

            assertThat(result.<Map<String, Object>>getData())
                    .containsEntry("customer", Map.of("city", Map.of("id", 1)));
            assertThat(result.getErrors())
                    .singleElement()
                    .satisfies(error -> assertThat(error.getExtensions()).containsEntry("code", "BATCH_FAILED"));
        }
    }

    @Test
    void execute_fetcherReceivesTheError_canRecover() {
        shop.special = env -> Shop.loader(env, "customers")
                .load(13)
                .<Object>thenApply(customer -> customer)
                .exceptionally(thrown -> ((LoadException) ((CompletionException) thrown).getCause())
                        .error()
                        .code()
                        .name());
        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult result = shop.execute(shop.registry(scope), "{ special(id: 1) }");

            assertThat(result.<Object>getData()).isEqualTo(Map.of("special", "CUSTOMER_LOCKED"));
        }
    }

    @Test
    void execute_keyContext_isRefusedLoudly() {
        shop.special = env -> Shop.loader(env, "customers").load(1, env);
        try (LoadScope scope = LoadScope.open()) {
            ExecutionResult result = shop.execute(shop.registry(scope), "{ special(id: 1) }");

            assertThat(result.getErrors())
                    .singleElement()
                    .satisfies(error ->
                            assertThat(error.getMessage()).contains("DataLoader customers takes no contexts of keys"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void loadException_ofFailureOfServer_hidesTheText(ErrorKind kind) {
        ErrorCode code = ErrorCode.of(kind, "CODE_OF_OURS", "The text");
        LoadException thrown = new LoadException(code.error());

        boolean hidden = switch (kind) {
            case INTERNAL, NOT_IMPLEMENTED, BAD_GATEWAY, UNAVAILABLE, TIMEOUT -> true;
            default -> false;
        };
        assertThat(thrown).hasMessage(hidden ? kind.code().text() : "The text");
        assertThat(thrown.getExtensions()).isEqualTo(Map.of("code", "CODE_OF_OURS", "kind", kind.name()));
        assertThat(thrown.getErrorType()).isEqualTo(ErrorType.DataFetchingException);
        assertThat(thrown.getLocations()).isNull();
        assertThat(thrown.getStackTrace()).isEmpty();
    }

    @Test
    void execute_batchThatWaitsForItself_isAnErrorAtOnce() {
        Loader<Integer, Integer> self = Loader.named("self").build((List<Integer> keys) -> {
            var unused = own.load(keys.get(0)).join();
            return Result.ok(Map.of());
        });
        try (LoadScope scope = LoadScope.open()) {
            own = DataLoaders.registry(scope, self).getDataLoader("self");

            assertThat(own.load(1))
                    .failsWithin(java.time.Duration.ofSeconds(60))
                    .withThrowableOfType(java.util.concurrent.ExecutionException.class)
                    .havingRootCause()
                    .isInstanceOfSatisfying(
                            LoadException.class,
                            thrown -> assertThat(thrown.error().is(BatchingErrors.LOAD_CYCLE))
                                    .isTrue());
        }
    }

    /** Somebody's error that is broken must not keep its group from landing. */
    @Test
    void load_errorThatThrows_failsItsFutureAndNothingElse() {
        DomainError broken = new DomainError() {
            @Override
            public ErrorCode code() {
                throw new IllegalStateException("no code");
            }
        };
        Loader<Integer, Integer> odd = Loader.named("odd").withoutMemo().buildPerKey((keys, opened) -> {
            Map<Integer, Result<Integer, DomainError>> results = new HashMap<>();
            keys.forEach(key -> results.put(key, key == 1 ? Result.err(broken) : Result.ok(key)));
            return results;
        });
        try (LoadScope scope = LoadScope.open()) {
            DataLoader<Integer, Integer> loader =
                    DataLoaders.registry(scope, odd).getDataLoader("odd");
            var first = loader.load(1);
            var second = loader.load(2);

            assertThat(second.join()).isEqualTo(2);
            assertThatThrownBy(first::join).hasCauseInstanceOf(IllegalStateException.class);
            assertThat(loader.load(3).thenCompose(loader::load).join()).isEqualTo(3);
        }
    }

    private DataLoader<Integer, Integer> own;
}
