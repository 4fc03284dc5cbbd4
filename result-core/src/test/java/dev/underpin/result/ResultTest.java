package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import nl.jqno.equalsverifier.EqualsVerifier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ResultTest {
    private static final ErrorCode GONE = ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_GONE", "There is no order {id}");

    private final Result<Integer, String> ok = Result.ok(1);
    private final Result<Integer, String> err = Result.err("bad");

    @Nested
    class Making {
        @Test
        void ok_value_isSuccess() {
            assertThat(ok).isEqualTo(new Result.Ok<>(1));
            assertThat(ok.isOk()).isTrue();
        }

        @Test
        void err_reason_isFailure() {
            assertThat(err).isEqualTo(new Result.Err<>("bad"));
            assertThat(err.isOk()).isFalse();
        }

        @Test
        void ok_withoutValue_isUnitAndAlwaysTheSameInstance() {
            Result<Unit, String> one = Result.ok();
            Result<Unit, Integer> other = Result.ok();

            assertThat(one.orElseThrow()).isSameAs(Unit.UNIT);
            assertThat((Object) one).isSameAs(other);
            assertThat(Unit.values()).containsExactly(Unit.UNIT);
        }

        @Test
        void ofOptional_present_isTheValueAndMakesNoReason() {
            Result<Integer, String> result = Result.ofOptional(Optional.of(1), () -> {
                throw new AssertionError("not needed");
            });

            assertThat(result).isEqualTo(ok);
        }

        @Test
        void ofOptional_empty_isTheReason() {
            assertThat(Result.<Integer, String>ofOptional(Optional.empty(), () -> "bad"))
                    .isEqualTo(err);
        }

        @Test
        void widen_anyResult_isTheSameInstance() {
            Result<Number, CharSequence> wideOk = Result.widen(ok);
            Result<Number, CharSequence> wideErr = Result.widen(err);

            assertThat((Object) wideOk).isSameAs(ok);
            assertThat((Object) wideErr).isSameAs(err);
        }

        @Test
        void widen_narrowErrors_meetInOneChain() {
            record Missing(ErrorCode code) implements DomainError {}
            record Refused(ErrorCode code) implements DomainError {}
            Result<String, Missing> find = Result.ok("order");
            Result<Unit, Refused> save = Result.err(new Refused(ErrorKind.CONFLICT.code()));

            Result<Unit, DomainError> chained =
                    Result.<String, DomainError>widen(find).flatMap(found -> save);

            assertThat((Object) chained).isSameAs(save);
        }
    }

    @Nested
    class Chaining {
        @Test
        void map_ok_mapsTheValue() {
            assertThat(ok.map(n -> "n" + n)).isEqualTo(Result.ok("n1"));
        }

        @Test
        void flatMap_ok_isExactlyWhatTheFunctionReturned() {
            Result<String, String> next = Result.ok("next");
            Result<String, String> refused = Result.err("refused");

            assertThat(ok.flatMap(n -> next)).isSameAs(next);
            assertThat(ok.flatMap(n -> refused)).isSameAs(refused);
        }

        @Test
        void chain_err_isTheSameInstanceAndCallsNothing() {
            assertThat((Object) err.map(n -> {
                        throw unexpected();
                    }))
                    .isSameAs(err);
            assertThat((Object) err.flatMap(n -> {
                        throw unexpected();
                    }))
                    .isSameAs(err);
            assertThat(err.filter(
                            n -> {
                                throw unexpected();
                            },
                            n -> {
                                throw unexpected();
                            }))
                    .isSameAs(err);
            assertThat(err.onOk(n -> {
                        throw unexpected();
                    }))
                    .isSameAs(err);
        }

        @Test
        void chain_ok_isTheSameInstanceForEverythingAboutFailures() {
            assertThat((Object) ok.mapError(e -> {
                        throw unexpected();
                    }))
                    .isSameAs(ok);
            assertThat((Object) ok.recoverWith(e -> {
                        throw unexpected();
                    }))
                    .isSameAs(ok);
            assertThat(ok.onErr(e -> {
                        throw unexpected();
                    }))
                    .isSameAs(ok);
            assertThat(ok.filter(n -> true, n -> {
                        throw unexpected();
                    }))
                    .isSameAs(ok);
        }

        @Test
        void mapError_err_mapsTheReason() {
            assertThat(err.mapError(String::length)).isEqualTo(Result.err(3));
        }

        @Test
        void filter_valueThatFails_isTheReasonMadeOfIt() {
            assertThat(ok.filter(n -> n > 1, n -> n + " is too small")).isEqualTo(Result.err("1 is too small"));
        }

        @Test
        void recoverWith_err_isExactlyWhatTheFunctionReturnedWithTheReasonFree() {
            Result<Integer, Long> instead = Result.ok(7);
            Result<Integer, Long> stillFailed = Result.err(7L);

            assertThat((Object) err.recoverWith(e -> instead)).isSameAs(instead);
            assertThat((Object) err.recoverWith(e -> stillFailed)).isSameAs(stillFailed);
        }

        @Test
        void onOk_ok_seesTheValueAndReturnsThis() {
            List<Object> seen = new ArrayList<>();

            assertThat(ok.onOk(seen::add)).isSameAs(ok);
            assertThat(seen).containsExactly(1);
        }

        @Test
        void onErr_err_seesTheReasonAndReturnsThis() {
            List<Object> seen = new ArrayList<>();

            assertThat(err.onErr(seen::add)).isSameAs(err);
            assertThat(seen).containsExactly("bad");
        }

        private static AssertionError unexpected() {
            return new AssertionError("must not be called");
        }
    }

    @Nested
    class Leaving {
        @Test
        void fold_either_callsTheFunctionOfItsOutcomeWithSuccessFirst() {
            assertThat(ok.<String>fold(n -> "ok " + n, e -> "err " + e)).isEqualTo("ok 1");
            assertThat(err.<String>fold(n -> "ok " + n, e -> "err " + e)).isEqualTo("err bad");
        }

        @Test
        void recover_either_isTheValueOrWhatIsMadeOfTheReason() {
            assertThat(ok.recover(String::length)).isEqualTo(1);
            assertThat(err.recover(String::length)).isEqualTo(3);
        }

        @Test
        void orElse_either_isTheValueOrTheOther() {
            assertThat(ok.orElse(7)).isEqualTo(1);
            assertThat(err.orElse(7)).isEqualTo(7);
        }

        @Test
        void toOptionalAndStream_either_holdTheValueOrNothing() {
            assertThat(ok.toOptional()).contains(1);
            assertThat(err.toOptional()).isEmpty();
            assertThat(ok.stream()).containsExactly(1);
            assertThat(err.stream()).isEmpty();
        }

        @Test
        void orElseThrow_ok_isTheValue() throws IOException {
            assertThat(ok.orElseThrow()).isEqualTo(1);
            assertThat(ok.orElseThrow(e -> new IOException(e))).isEqualTo(1);
        }

        @Test
        void orElseThrow_domainError_carriesItAndSaysOnlyTheCode() {
            var cause = new IOException("disk of customer 4711");
            DomainError error =
                    DomainError.builder(GONE).arg("id", "4711").cause(cause).build();

            assertThatThrownBy(() -> Result.err(error).orElseThrow())
                    .isInstanceOfSatisfying(
                            DomainErrorException.class,
                            e -> assertThat(e.error()).isSameAs(error))
                    .hasMessage("ORDER_GONE")
                    .hasCause(cause);
        }

        @Test
        void orElseThrow_throwableReason_isTheCause() {
            var reason = new IOException("disk of customer 4711");

            assertThatThrownBy(() -> Result.err(reason).orElseThrow())
                    .isExactlyInstanceOf(NoSuchElementException.class)
                    .hasMessage("No value: Err[IOException]")
                    .hasCause(reason);
        }

        @Test
        void orElseThrow_anyOtherReason_saysOnlyItsType() {
            assertThatThrownBy(() -> Result.err("customer 4711").orElseThrow())
                    .isExactlyInstanceOf(NoSuchElementException.class)
                    .hasMessage("No value: Err[String]")
                    .hasNoCause();
        }

        @Test
        void orElseThrow_ownException_isThrownAsMadeAndChecked() {
            var made = new IOException("made");

            assertThatThrownBy(() -> err.orElseThrow(e -> made)).isSameAs(made);
        }
    }

    /** What a callback throws is not an outcome: it leaves as it is, even if it was never declared. */
    @Nested
    class CallbacksThatThrow {
        static Stream<Arguments> callbacks() {
            Result<Integer, String> ok = Result.ok(1);
            Result<Integer, String> err = Result.err("bad");
            return Stream.of(
                    callback(
                            "ofOptional",
                            t -> Result.ofOptional(Optional.empty(), () -> {
                                throw sneak(t);
                            })),
                    callback(
                            "map",
                            t -> ok.map(n -> {
                                throw sneak(t);
                            })),
                    callback(
                            "flatMap",
                            t -> ok.flatMap(n -> {
                                throw sneak(t);
                            })),
                    callback(
                            "mapError",
                            t -> err.mapError(e -> {
                                throw sneak(t);
                            })),
                    callback(
                            "filter test",
                            t -> ok.filter(
                                    n -> {
                                        throw sneak(t);
                                    },
                                    n -> "")),
                    callback(
                            "filter otherwise",
                            t -> ok.filter(n -> false, n -> {
                                throw sneak(t);
                            })),
                    callback(
                            "recoverWith",
                            t -> err.recoverWith(e -> {
                                throw sneak(t);
                            })),
                    callback(
                            "onOk",
                            t -> ok.onOk(n -> {
                                throw sneak(t);
                            })),
                    callback(
                            "onErr",
                            t -> err.onErr(e -> {
                                throw sneak(t);
                            })),
                    callback(
                            "fold ok",
                            t -> ok.fold(
                                    n -> {
                                        throw sneak(t);
                                    },
                                    e -> "")),
                    callback(
                            "fold err",
                            t -> err.fold(n -> "", e -> {
                                throw sneak(t);
                            })),
                    callback(
                            "recover",
                            t -> err.recover(e -> {
                                throw sneak(t);
                            })),
                    callback(
                            "orElseThrow",
                            t -> err.orElseThrow(e -> {
                                throw sneak(t);
                            })),
                    callback(
                            "traverse",
                            t -> Result.traverse(List.of(1), n -> {
                                throw sneak(t);
                            })),
                    callback(
                            "traverseAll",
                            t -> Result.traverseAll(List.of(1), n -> {
                                throw sneak(t);
                            })),
                    callback(
                            "zip",
                            t -> Result.zip(ok, ok, (a, b) -> {
                                throw sneak(t);
                            })),
                    callback(
                            "partitioning",
                            t -> Stream.of(ok).collect(Result.partitioning((values, errors) -> {
                                throw sneak(t);
                            }))));
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("callbacks")
        void callback_throws_passesUnchanged(String name, Function<Throwable, Object> call) {
            for (Throwable thrown : List.of(
                    new IOException("checked"),
                    new InterruptedException("checked"),
                    new IllegalStateException("unchecked"),
                    new StackOverflowError("fatal"))) {
                assertThatThrownBy(() -> call.apply(thrown)).isSameAs(thrown);
            }
        }

        private static Arguments callback(String name, Function<Throwable, Object> call) {
            return Arguments.of(name, call);
        }

        /** Throws what it is given, as code compiled from another language would. */
        private static RuntimeException sneak(Throwable thrown) {
            return CallbacksThatThrow.<RuntimeException>sneakAs(thrown);
        }

        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        private static <X extends Throwable> X sneakAs(Throwable thrown) throws X {
            throw (X) thrown;
        }
    }

    /** A callback that returns null is named, so that the stack trace need not be read. */
    @Nested
    class CallbacksThatReturnNull {
        static Stream<Arguments> callbacks() {
            Result<Integer, String> ok = Result.ok(1);
            Result<Integer, String> err = Result.err("bad");
            return Stream.of(
                    callback("absent supplier", () -> Result.ofOptional(Optional.empty(), () -> null)),
                    callback("attempt body", () -> Result.attempt(Exception.class, () -> null)),
                    callback("map function", () -> ok.map(n -> null)),
                    callback("flatMap function", () -> ok.flatMap(n -> null)),
                    callback("mapError function", () -> err.mapError(e -> null)),
                    callback("filter function", () -> ok.filter(n -> false, n -> null)),
                    callback("recoverWith function", () -> err.recoverWith(e -> null)),
                    callback("ok function", () -> ok.fold(n -> null, e -> "")),
                    callback("err function", () -> err.fold(n -> "", e -> null)),
                    callback("recover function", () -> err.recover(e -> null)),
                    callback("orElseThrow function", () -> err.orElseThrow(e -> (RuntimeException) null)),
                    callback("traverse function", () -> Result.traverse(List.of(1), n -> null)),
                    callback("traverse function", () -> Result.traverseAll(List.of(1), n -> null)),
                    callback("zip function", () -> Result.zip(ok, ok, (a, b) -> null)),
                    callback("checkEach function", () -> Validation.start().checkEach("items", List.of(1), n -> null)),
                    callback("whenValid", () -> Validation.start().build(() -> null)));
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("callbacks")
        void callback_returnsNull_isNamed(String name, Supplier<Object> call) {
            assertThatThrownBy(call::get)
                    .isExactlyInstanceOf(NullPointerException.class)
                    .hasMessage(name + " returned null");
        }

        private static Arguments callback(String name, Supplier<Object> call) {
            return Arguments.of(name, call);
        }
    }

    @Nested
    class Identity {
        @Test
        void equals_okAndErr_areByValue() {
            EqualsVerifier.forClass(Result.Ok.class).withNonnullFields("value").verify();
            EqualsVerifier.forClass(Result.Err.class).withNonnullFields("error").verify();
        }

        @Test
        void equals_okAndErrOfTheSame_differ() {
            assertThat(Result.ok("x")).isNotEqualTo(Result.err("x"));
        }

        @Test
        void toString_ok_showsTheTypeAndNeverTheValue() {
            record Password(String clear) {}

            assertThat(Result.ok("hunter2")).hasToString("Ok[String]");
            assertThat(Result.ok(new Password("hunter2"))).hasToString("Ok[Password]");
            assertThat(Result.ok()).hasToString("Ok[Unit]");
        }

        @Test
        void toString_okOfAClassWithoutAName_showsItsPackage() {
            Runnable lambda = () -> {};

            assertThat(Result.ok(lambda)).hasToString("Ok[dev.underpin.result.(unnamed)]");
            assertThat(Result.ok(new Object() {})).hasToString("Ok[dev.underpin.result.(unnamed)]");
        }

        @Test
        void toString_err_showsTheCodeOrTheTypeAndNeverTheContent() {
            assertThat(Result.err(GONE.error(Map.of("id", "hunter2")))).hasToString("Err[ORDER_GONE]");
            assertThat(Result.err("hunter2")).hasToString("Err[String]");
            assertThat(Result.err(new IOException("hunter2"))).hasToString("Err[IOException]");
        }

        @Test
        void javaSerialization_anyOfOurValues_isNotOffered() {
            assertThat(List.of(
                            Result.ok(1),
                            Result.err(1),
                            GONE,
                            GONE.error(),
                            Detail.of("f", GONE),
                            new ValidationError(List.of(Detail.of("f", GONE)))))
                    .noneMatch(Serializable.class::isInstance);
        }
    }

    /** The shapes that the signatures must accept; that this compiles is the test. */
    @Test
    void variance_functionsOfSupertypes_areAccepted() {
        Function<Object, Integer> hash = Object::hashCode;
        Function<CharSequence, Result<Integer, String>> length = s -> Result.ok(s.length());
        UnaryOperator<String> louder = s -> s + "!";
        Result<String, String> name = Result.ok("name");

        Result<Number, Object> wide = Result.widen(name.flatMap(length));
        Result<Object, CharSequence> mapped =
                Result.widen(name.<Object>map(hash).mapError(louder));

        assertThat(wide).isEqualTo(Result.ok(4));
        assertThat(mapped.isOk()).isTrue();
    }
}
