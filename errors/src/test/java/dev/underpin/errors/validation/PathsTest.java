package dev.underpin.errors.validation;

import static dev.underpin.errors.validation.Validators.fields;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.underpin.errors.json.Jackson2Json;
import dev.underpin.errors.json.Jackson3Json;
import dev.underpin.errors.json.Json;
import dev.underpin.result.Detail;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Valid;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

class PathsTest {
    private final BeanValidation validation = BeanValidation.of(Validators.standard());

    record Price(@Min(1) long cents) {}

    record Item(@Valid Price price) {}

    record Named(@NotBlank String name) {}

    record Key(@NotBlank String part) {}

    @Nested
    class Beans {
        record Order(@Valid List<Item> items) {}

        @Test
        void check_nestedBeanInList_keepsTheIndex() {
            var order = new Order(List.of(new Item(new Price(1)), new Item(new Price(1)), new Item(new Price(0))));

            assertThat(fields(validation.check(order))).containsExactly("items[2].price.cents");
        }

        record Contact(List<@NotBlank String> emails) {}

        @Test
        void check_elementOfList_isTheIndexAlone() {
            assertThat(fields(validation.check(new Contact(List.of(""))))).containsExactly("emails[0]");
        }

        @SuppressWarnings("ArrayRecordComponent")
        record Shelf(@Valid Named[] arr) {}

        @Test
        void check_elementOfArray_keepsTheIndex() {
            var shelf = new Shelf(new Named[] {new Named("")});

            assertThat(fields(validation.check(shelf))).containsExactly("arr[0].name");
        }

        record Catalogue(Map<String, List<@Valid Named>> byCat) {}

        @Test
        void check_beanInListInMap_keepsKeyAndIndex() {
            assertThat(fields(validation.check(new Catalogue(Map.of("c", List.of(new Named("")))))))
                    .containsExactly("byCat[c][0].name");
        }

        record Tagged(Set<@NotBlank String> tags) {}

        @Test
        void check_elementOfSet_hasNoIndex() {
            assertThat(fields(validation.check(new Tagged(Set.of(""))))).containsExactly("tags[]");
        }

        record Noted(Optional<@NotBlank String> note) {}

        @Test
        void check_valueOfOptional_isTheField() {
            assertThat(fields(validation.check(new Noted(Optional.of(""))))).containsExactly("note");
        }

        record Deep(List<List<Map<String, @Positive Integer>>> deep) {}

        @Test
        void check_containersInContainers_keepEachPosition() {
            assertThat(fields(validation.check(new Deep(List.of(List.of(), List.of(Map.of("k", 0)))))))
                    .containsExactly("deep[1][0][k]");
        }
    }

    @Nested
    class Keys {
        record Stock(Map<@NotEmpty String, @Positive Integer> qty) {}

        @Test
        void check_emptyKey_isVisibleAndToldFromItsValue() {
            var details = Validators.details(validation.check(new Stock(Map.of("", 0))));

            assertThat(details)
                    .extracting(Detail::field, Detail::code)
                    .containsExactlyInAnyOrder(tuple("qty[\"\"]", "KEY_NOT_EMPTY"), tuple("qty[\"\"]", "POSITIVE"));
        }

        @Test
        void check_hostileKey_isQuotedAndEscaped() {
            assertThat(fields(validation.check(new Stock(Map.of("a.b[c]\r\n\u202e\"", 0)))))
                    .containsExactly("qty[\"a.b[c]\\u000d\\u000a\\u202e\\\"\"]");
        }

        @Test
        void check_longKey_isCut() {
            assertThat(fields(validation.check(new Stock(Map.of("k".repeat(10_000), 0)))))
                    .containsExactly("qty[\"" + "k".repeat(64) + "\"]");
        }

        record Sized(Map<@Size(max = 3) String, Integer> qty) {}

        @Test
        void check_longKeyAtFault_hasTheCodeOfAKey() {
            assertThat(Validators.details(validation.check(new Sized(Map.of("long", 0)))))
                    .singleElement()
                    .satisfies(detail -> {
                        assertThat(detail.code()).isEqualTo("KEY_SIZE");
                        assertThat(detail.field()).isEqualTo("qty[long]");
                    });
        }

        record Cascading(Map<@Valid Key, @Valid Named> map) {}

        @Test
        void check_beanAsKey_isMarkedAndNotPrinted() {
            var details = Validators.details(validation.check(new Cascading(Map.of(new Key(""), new Named("")))));

            assertThat(details)
                    .extracting(detail -> detail.field() + " " + detail.code())
                    .containsExactly("map[?].name NOT_BLANK", "map[?].part KEY_NOT_BLANK");
        }

        @Test
        void check_nullKey_isNotPrinted() {
            Map<String, Integer> qty = new HashMap<>();
            qty.put(null, 0);

            assertThat(fields(validation.check(new Sized(qty)))).isEmpty();
            assertThat(fields(validation.check(new Stock(qty)))).containsExactly("qty[]", "qty[]");
        }
    }

    @Nested
    class Parameters {
        record Command(List<@NotBlank String> items) {}

        static class Service {
            void one(@NotNull String arg) {}

            void two(String id, @Valid Command o) {}
        }

        private ConstraintViolationException thrownBy(String method, Class<?>[] types, Object... args)
                throws Exception {
            return Validators.parameters(new Service(), Service.class.getDeclaredMethod(method, types), args);
        }

        @Test
        void toError_parameter_isItsName() throws Exception {
            var thrown = thrownBy("one", new Class<?>[] {String.class}, new Object[] {null});

            assertThat(fields(validation.toError(thrown))).containsExactly(nameOfFirst("one", String.class));
        }

        /** {@code arg} where the tests are compiled with parameter names, {@code arg0} where not. */
        private String nameOfFirst(String method, Class<?>... types) throws Exception {
            return Service.class
                    .getDeclaredMethod(method, types)
                    .getParameters()[0]
                    .getName();
        }

        @Test
        void toError_beanParameter_isBelowItsName() throws Exception {
            var thrown =
                    thrownBy("two", new Class<?>[] {String.class, Command.class}, "7", new Command(List.of("a", "")));

            assertThat(fields(validation.toError(thrown))).containsExactly(nameOfSecond() + ".items[1]");
        }

        private String nameOfSecond() throws Exception {
            return Service.class
                    .getDeclaredMethod("two", String.class, Command.class)
                    .getParameters()[1]
                    .getName();
        }

        @Test
        void toError_bodyParameter_isLeftOut() throws Exception {
            var thrown =
                    thrownBy("two", new Class<?>[] {String.class, Command.class}, "7", new Command(List.of("a", "")));

            assertThat(fields(validation.toError(thrown, 1))).containsExactly("items[1]");
            assertThat(fields(validation.toError(thrown, 0))).containsExactly(nameOfSecond() + ".items[1]");
        }

        @Test
        void toError_bodyParameterItself_isTheWhole() throws Exception {
            var thrown = thrownBy("one", new Class<?>[] {String.class}, new Object[] {null});

            assertThat(fields(validation.toError(thrown, 0))).containsExactly("$");
        }
    }

    @Nested
    class ClientNames {
        record Money(@Min(1) long amountCents) {}

        record Line(@Valid Money price) {}

        record Basket(@Valid @JsonProperty("line_items") List<Line> items) {}

        @SuppressWarnings("UnusedVariable") // read by the validator
        static class Bean {
            @NotBlank
            private String firstName = "";

            @JsonProperty("familyName")
            @NotBlank
            private String lastName = "";

            @NotBlank
            private String neverSent = "";

            public void setFirstName(String firstName) {
                this.firstName = firstName;
            }

            public void setLastName(String lastName) {
                this.lastName = lastName;
            }
        }

        static List<Json> jsons() {
            return List.of(
                    Jackson2Json.of(new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)),
                    Jackson3Json.of(JsonMapper.builder()
                            .propertyNamingStrategy(tools.jackson.databind.PropertyNamingStrategies.SNAKE_CASE)
                            .build()));
        }

        private final Basket basket = new Basket(List.of(new Line(new Money(1)), new Line(new Money(0))));

        @ParameterizedTest
        @MethodSource("jsons")
        void check_withNamesOfTheMapper_readsAsTheClientWroteIt(Json json) {
            Validator validator = Validators.named(json);

            assertThat(fields(BeanValidation.of(validator).check(basket)))
                    .containsExactly("line_items[1].price.amount_cents");
        }

        @ParameterizedTest
        @MethodSource("jsons")
        void check_beanWithNamesOfTheMapper_readsAsTheClientWroteIt(Json json) {
            assertThat(fields(BeanValidation.of(Validators.named(json)).check(new Bean())))
                    .containsExactly("familyName", "first_name", "neverSent");
        }

        @Test
        void check_withoutNames_hasThoseOfJava() {
            assertThat(fields(validation.check(basket))).containsExactly("items[1].price.amountCents");
        }
    }
}
