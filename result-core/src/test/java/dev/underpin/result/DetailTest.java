package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import nl.jqno.equalsverifier.EqualsVerifier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetailTest {
    private static final ErrorCode EMPTY = ErrorCode.of(ErrorKind.VALIDATION, "EMPTY", "must not be empty");

    @Test
    void of_code_hasItsNameAndText() {
        assertThat(Detail.of("name", EMPTY))
                .isEqualTo(new Detail("name", "EMPTY", "must not be empty", Map.of(), null));
    }

    @Test
    void field_empty_isTheWhole() {
        assertThat(Detail.of("", EMPTY).field()).isEqualTo("$");
    }

    @Test
    void args_source_isCopiedAndImmutable() {
        Map<String, Object> args = new HashMap<>(Map.of("max", 3));
        Detail detail = new Detail("name", "EMPTY", "", args, null);
        args.clear();

        assertThat(detail.args()).isEqualTo(Map.of("max", 3));
        assertThatThrownBy(() -> detail.args().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest(name = "{1} at {0} is {2}")
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "address, street, address.street",
                "items, [0].sku, items[0].sku",
                "items[2], name, items[2].name",
                "rows[1], [2], rows[1][2]",
                "items, $, items",
                "items, ``, items",
                "$, name, name",
                "``, name, name",
                "``, [0], [0]",
                "$, $, $",
                "a.b, c.d, a.b.c.d",
                "prices[\"a.b\"], cents, prices[\"a.b\"].cents"
            })
    void at_prefix_joins(String prefix, String field, String expected) {
        Detail detail = new Detail(field, "EMPTY", "must not be empty", Map.of("max", 3), "body");

        assertThat(detail.at(prefix))
                .isEqualTo(new Detail(expected, "EMPTY", "must not be empty", Map.of("max", 3), "body"));
    }

    @Test
    void at_noPrefix_isThis() {
        Detail detail = Detail.of("name", EMPTY);

        assertThat(detail.at("")).isSameAs(detail);
        assertThat(detail.at("$")).isSameAs(detail);
    }

    @Test
    void equals_details_areEqualByAllComponents() {
        EqualsVerifier.forClass(Detail.class)
                .withNonnullFields("field", "code", "message", "args")
                .verify();
    }

    @Nested
    class Together {
        private final Detail name = Detail.of("name", EMPTY);
        private final Detail inQuery = new Detail("size", "EMPTY", "", Map.of(), "query");

        @Test
        void validationError_details_areCopiedInOrderAndImmutable() {
            List<Detail> details = new ArrayList<>(List.of(name, inQuery, name));
            ValidationError error = new ValidationError(details);
            details.clear();

            assertThat(error.details()).containsExactly(name, inQuery, name);
            assertThatThrownBy(() -> error.details().clear()).isInstanceOf(UnsupportedOperationException.class);
        }

        @Test
        void validationError_none_isRejected() {
            assertThatThrownBy(() -> new ValidationError(List.of()))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessage("details must not be empty");
        }

        @Test
        void validationError_code_isThatOfTheKind() {
            ValidationError error = new ValidationError(List.of(name));

            assertThat(error.code()).isSameAs(ValidationError.VALIDATION_FAILED);
            assertThat(error.code()).isSameAs(ErrorKind.VALIDATION.code());
            assertThat(error.kind()).isEqualTo(ErrorKind.VALIDATION);
            assertThat(error.message()).isEqualTo("The request is not valid");
        }

        @Test
        void in_location_isSetWhereNoneIsKnown() {
            assertThat(new ValidationError(List.of(name, inQuery)).in("body").details())
                    .containsExactly(new Detail("name", "EMPTY", name.message(), Map.of(), "body"), inQuery);
        }

        @Test
        void toString_validationError_isKindCodeAndNumberOfDetails() {
            assertThat(new ValidationError(List.of(name, inQuery))).hasToString("VALIDATION/VALIDATION_FAILED/2");
        }

        @Test
        void equals_validationErrors_areEqualByDetails() {
            EqualsVerifier.forClass(ValidationError.class)
                    .withPrefabValuesForField("details", List.of(name), List.of(inQuery))
                    .withNonnullFields("details")
                    .verify();
        }
    }
}
