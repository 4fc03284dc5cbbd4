package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ValidationTest {
    private static final ErrorCode EMPTY = ErrorCode.of(ErrorKind.VALIDATION, "EMPTY", "must not be empty");
    private static final ErrorCode TOO_LONG =
            ErrorCode.of(ErrorKind.VALIDATION, "TOO_LONG", "must have at most {max} characters");
    private static final ErrorCode OTHER = ErrorCode.of(ErrorKind.VALIDATION, "OTHER", "is wrong");

    private final Validation v = Validation.start();

    @Nested
    class Checks {
        @Test
        void build_everyCheckHolds_isTheValueMadeOfTheHandles() {
            Supplier<String> sku = v.check("sku", text("A-1"));
            Supplier<List<String>> tags = v.checkEach("tags", List.of("x", "y"), ValidationTest::text);
            v.require("quantity", true, OTHER);

            assertThat(v.build(() -> sku.get() + tags.get())).isEqualTo(Result.ok("A-1[x, y]"));
        }

        @Test
        void build_nothingChecked_isTheValue() {
            assertThat(v.build(() -> 1)).isEqualTo(Result.ok(1));
        }

        @Test
        void build_someCheckFails_isEveryFaultInOrderAndRunsNothing() {
            v.check("b", text(""));
            v.check("a", text("fine"));
            v.require("c", false, OTHER);
            v.check("a", text(""));

            assertThat(faults()).containsExactly(Detail.of("b", EMPTY), Detail.of("c", OTHER), Detail.of("a", EMPTY));
        }

        @Test
        void check_errorWithoutDetails_isTheFaultOfTheFieldWithItsTextAndArguments() {
            v.check("name", Result.err(TOO_LONG.error(Map.of("max", 3))));

            assertThat(faults())
                    .containsExactly(
                            new Detail("name", "TOO_LONG", "must have at most 3 characters", Map.of("max", 3), null));
        }

        @Test
        void check_errorWithDetails_putsThemBelowTheField() {
            v.check("address", refused("street", "$", "[0].line"));

            assertThat(fields()).containsExactly("address.street", "address", "address[0].line");
        }

        @Test
        void check_validationInsideValidation_losesNoFault() {
            v.check("outer", nested(3));

            assertThat(fields())
                    .containsExactly(
                            "outer.n3", "outer.inner.n2", "outer.inner.inner.n1", "outer.inner.inner.inner.n0");
        }

        @Test
        void build_fiftyFailing_keepsFifty() {
            List<Integer> numbers = IntStream.range(0, 50).boxed().toList();
            for (int i : numbers) {
                v.check("f" + i, text(""));
            }

            assertThat(fields())
                    .containsExactlyElementsOf(
                            numbers.stream().map(i -> "f" + i).toList());
        }

        @Test
        void build_everyNumberOfChecks_keepsExactlyTheFailingOnesInOrder() {
            for (int n = 2; n <= 20; n++) {
                Validation all = Validation.start();
                List<String> expected = new ArrayList<>();
                for (int i = 0; i < n; i++) {
                    all.check("f" + i, text(""));
                    expected.add("f" + i);
                }

                assertThat(fieldsOf(all)).isEqualTo(expected);
            }
        }

        @Test
        void build_error_isUnaffectedByLaterChecks() {
            v.require("a", false, OTHER);
            Result<Integer, ValidationError> first = v.build(() -> 1);
            v.require("b", false, OTHER);

            assertThat(first).isEqualTo(Result.err(new ValidationError(List.of(Detail.of("a", OTHER)))));
            assertThat(fields()).containsExactly("a", "b");
        }

        private static Result<Integer, ValidationError> nested(int depth) {
            Validation v = Validation.start();
            v.require("n" + depth, false, OTHER);
            if (depth > 0) {
                v.check("inner", nested(depth - 1));
            }
            return v.build(() -> depth);
        }
    }

    @Nested
    class Lists {
        @Test
        void checkEach_someFail_namesThemByIndexAndCallsOnceForEach() {
            List<String> seen = new ArrayList<>();
            v.checkEach("tags", List.of("", "x", ""), tag -> {
                seen.add(tag);
                return text(tag);
            });

            assertThat(fields()).containsExactly("tags[0]", "tags[2]");
            assertThat(seen).containsExactly("", "x", "");
        }

        @Test
        void checkEach_itemsWithDetails_areBelowTheirIndex() {
            v.checkEach("items", List.of(1, 2, 3), n -> n == 3 ? refused("name") : Result.ok(n));

            assertThat(fields()).containsExactly("items[2].name");
        }

        @Test
        void checkEach_inputThatIsTheList_startsWithTheIndex() {
            v.checkEach("$", List.of("x", ""), ValidationTest::text);
            v.checkEach("", List.of(""), ValidationTest::text);
            v.at("items").checkEach("$", List.of(""), ValidationTest::text);

            assertThat(fields()).containsExactly("[1]", "[0]", "items[0]");
        }

        @Test
        void checkEach_listOfLists_namesBothIndexes() {
            v.checkEach("rows", List.of(List.of("x"), List.of("x", "")), row -> {
                Validation each = Validation.start();
                Supplier<List<String>> cells = each.checkEach("$", row, ValidationTest::text);
                return each.build(cells);
            });

            assertThat(fields()).containsExactly("rows[1][1]");
        }

        @Test
        void checkEach_values_areUnmodifiable() {
            List<String> source = new ArrayList<>(List.of("x"));
            Supplier<List<String>> tags = v.checkEach("tags", source, ValidationTest::text);
            source.clear();

            List<String> values = v.build(tags).orElseThrow();

            assertThat(values).containsExactly("x");
            assertThatThrownBy(() -> values.add("y")).isInstanceOf(UnsupportedOperationException.class);
        }

        @Test
        void checkEach_nothing_isAnEmptyList() {
            Supplier<List<String>> tags = v.checkEach("tags", List.<String>of(), ValidationTest::text);

            assertThat(v.build(tags)).isEqualTo(Result.ok(List.of()));
        }
    }

    @Nested
    class Prefixes {
        @Test
        void at_prefix_putsEveryFieldBelowIt() {
            Validation address = v.at("address");
            address.check("street", text(""));
            address.require("city", false, OTHER);
            address.checkEach("lines", List.of(""), ValidationTest::text);
            address.check("", text(""));
            address.require("$", false, OTHER);
            address.require("", false, OTHER);

            assertThat(fields())
                    .containsExactly(
                            "address.street", "address.city", "address.lines[0]", "address", "address", "address");
        }

        @Test
        void at_nested_joinsThePrefixes() {
            v.at("order").at("items[2]").at("product").check("name", text(""));

            assertThat(fields()).containsExactly("order.items[2].product.name");
        }

        @Test
        void at_noPrefix_changesNothing() {
            v.at("").at("$").check("name", text(""));

            assertThat(fields()).containsExactly("name");
        }

        @Test
        void at_view_collectsIntoTheSameValidation() {
            Validation address = v.at("address");
            Supplier<String> street = address.check("street", text("Elm"));

            assertThat(v.build(street)).isEqualTo(Result.ok("Elm"));
            address.require("city", false, OTHER);
            assertThat(v.build(street).isOk()).isFalse();
            assertThat(address.build(street).isOk()).isFalse();
        }

        @Test
        void require_returns_this() {
            assertThat(v.require("a", true, OTHER)).isSameAs(v);
            assertThat(v.require("a", false, OTHER)).isSameAs(v);
        }
    }

    @Nested
    class Handles {
        @Test
        void get_beforeBuild_throwsWhateverTheInput() {
            Supplier<String> good = v.at("order").check("sku", text("A-1"));
            Supplier<String> bad = v.check("name", text(""));
            Supplier<List<String>> each = v.checkEach("tags", List.of("x"), ValidationTest::text);

            for (Supplier<?> handle : List.of(good, bad, each)) {
                assertThatThrownBy(handle::get).isInstanceOf(IllegalStateException.class);
            }
            assertThatThrownBy(good::get)
                    .hasMessage("The value of \"order.sku\" can be read only inside build(...), "
                            + "once every check has held");
        }

        @Test
        void get_afterBuild_throws() {
            Supplier<String> sku = v.check("sku", text("A-1"));
            assertThat(v.build(sku)).isEqualTo(Result.ok("A-1"));

            assertThatThrownBy(sku::get).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void get_afterBuildThrew_throws() {
            Supplier<String> sku = v.check("sku", text("A-1"));
            var bug = new ArithmeticException("bug");
            assertThatThrownBy(() -> v.build(() -> {
                        throw bug;
                    }))
                    .isSameAs(bug);

            assertThatThrownBy(sku::get).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void get_afterBuildInsideBuild_isTheValue() {
            Supplier<String> sku = v.check("sku", text("A-1"));

            assertThat(v.build(() -> v.build(sku).orElseThrow() + sku.get())).isEqualTo(Result.ok("A-1A-1"));
        }

        @Test
        void get_inTheBuildOfAnother_throws() {
            Supplier<String> sku = v.check("sku", text("A-1"));

            assertThatThrownBy(() -> Validation.start().build(sku)).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void check_insideBuild_throwsWhateverTheInput() {
            assertThatThrownBy(() -> v.build(() -> v.check("late", text("A-1"))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("late");
            assertThatThrownBy(() -> v.build(() -> v.checkEach("late", List.of("x"), ValidationTest::text)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("late");
        }

        @Test
        void require_insideBuild_countsLikeAnyOther() {
            Supplier<String> from = v.check("from", text("b"));
            Supplier<String> until = v.check("until", text("a"));

            Result<String, ValidationError> period = v.build(() -> {
                v.at("period").require("until", from.get().compareTo(until.get()) < 0, OTHER);
                return from.get() + until.get();
            });

            assertThat(period).isEqualTo(Result.err(new ValidationError(List.of(Detail.of("period.until", OTHER)))));
        }

        @Test
        void require_insideBuildAndHolding_isTheValue() {
            Supplier<String> from = v.check("from", text("a"));

            assertThat(v.build(() -> {
                        v.require("from", from.get().equals("a"), OTHER);
                        return from.get();
                    }))
                    .isEqualTo(Result.ok("a"));
        }

        @Test
        void require_textWithPlaceholder_isRefusedWhetherItHoldsOrNot() {
            ErrorCode tooLong = ErrorCode.of(ErrorKind.VALIDATION, "TOO_LONG", "at most {max}");

            assertThatThrownBy(() -> v.require("name", true, tooLong)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> v.require("name", false, tooLong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("TOO_LONG");
            String otherBraces = "} {} {0} {Max} { max} {a b} {";
            assertThat(v.require("name", true, ErrorCode.of(ErrorKind.VALIDATION, "ODD", otherBraces)))
                    .isSameAs(v);
        }

        @Test
        void toString_handle_showsTheFieldAndNeverTheValue() {
            assertThat(v.at("login").check("password", text("hunter2"))).hasToString("Handle[login.password]");
        }
    }

    @Nested
    class OtherKinds {
        @ParameterizedTest
        @EnumSource(names = {"MALFORMED", "VALIDATION", "NOT_FOUND", "CONFLICT", "PRECONDITION", "UNPROCESSABLE"})
        void check_faultOfTheInput_becomesADetail(ErrorKind kind) {
            v.check("field", Result.err(kind.code().error()));

            assertThat(faults()).containsExactly(Detail.of("field", kind.code()));
        }

        @ParameterizedTest
        @EnumSource(
                mode = EnumSource.Mode.EXCLUDE,
                names = {"MALFORMED", "VALIDATION", "NOT_FOUND", "CONFLICT", "PRECONDITION", "UNPROCESSABLE"})
        void check_noFaultOfTheInput_isThrown(ErrorKind kind) {
            DomainError error = kind.code().error();

            for (Function<Validation, Object> check : List.<Function<Validation, Object>>of(
                    validation -> validation.check("field", Result.err(error)),
                    validation -> validation.checkEach("field", List.of(1), n -> Result.err(error)))) {
                assertThatThrownBy(() -> check.apply(v))
                        .isInstanceOfSatisfying(
                                DomainErrorException.class,
                                e -> assertThat(e.error()).isSameAs(error));
            }
            assertThat(v.build(() -> 1).isOk()).isTrue();
        }
    }

    private List<Detail> faults() {
        return faultsOf(v);
    }

    private List<String> fields() {
        return fieldsOf(v);
    }

    private static List<String> fieldsOf(Validation validation) {
        return faultsOf(validation).stream().map(Detail::field).toList();
    }

    private static List<Detail> faultsOf(Validation validation) {
        Result<Object, ValidationError> result = validation.build(() -> {
            throw new AssertionError("must not run");
        });
        return result.fold(
                value -> {
                    throw new AssertionError("no faults");
                },
                ValidationError::details);
    }

    private static Result<String, DomainError> text(String text) {
        return text.isEmpty() ? Result.err(EMPTY.error()) : Result.ok(text);
    }

    private static <T> Result<T, DomainError> refused(String... fields) {
        return Result.err(new Refused(List.of(fields)));
    }

    /** A domain error of its own type that knows its faults by field. */
    private record Refused(List<String> fields) implements DomainError {
        @Override
        public ErrorCode code() {
            return ErrorKind.UNPROCESSABLE.code();
        }

        @Override
        public List<Detail> details() {
            return fields.stream().map(field -> Detail.of(field, OTHER)).toList();
        }
    }
}
