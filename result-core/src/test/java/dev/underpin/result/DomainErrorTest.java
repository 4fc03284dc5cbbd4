package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import nl.jqno.equalsverifier.EqualsVerifier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DomainErrorTest {
    private static final ErrorCode STOCK =
            ErrorCode.of(ErrorKind.UNPROCESSABLE, "OUT_OF_STOCK", "Only {left} of {sku} left");

    /** The least a service writes. */
    private record OutOfStock(String sku, int left) implements DomainError {
        @Override
        public ErrorCode code() {
            return STOCK;
        }

        @Override
        public Map<String, Object> args() {
            return Map.of("sku", sku, "left", left);
        }
    }

    private record Bare(ErrorCode code) implements DomainError {}

    @Nested
    class Defaults {
        @Test
        void defaults_onlyCodeWritten_followTheCode() {
            DomainError error = new Bare(ErrorKind.UNAVAILABLE.code());

            assertThat(error.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            assertThat(error.retry()).isEqualTo(Retry.SAME_CALL);
            assertThat(error.message()).isEqualTo("The service is temporarily unavailable");
            assertThat(error.args()).isEmpty();
            assertThat(error.details()).isEmpty();
            assertThat(error.retryAfter()).isEmpty();
            assertThat(error.cause()).isEmpty();
        }

        @Test
        void message_ownType_isTheTextWithItsArguments() {
            assertThat(new OutOfStock("A-1", 2).message()).isEqualTo("Only 2 of A-1 left");
        }

        @Test
        void is_code_isByName() {
            DomainError error = new OutOfStock("A-1", 2);

            assertThat(error.is(STOCK)).isTrue();
            assertThat(error.is(ErrorCode.of(ErrorKind.INTERNAL, "OUT_OF_STOCK", "")))
                    .isTrue();
            assertThat(error.is(ErrorKind.UNPROCESSABLE.code())).isFalse();
        }

        @Test
        void widen_error_isTheSame() {
            var error = new OutOfStock("A-1", 2);
            Result<Integer, OutOfStock> narrow = Result.err(error);

            Result<Integer, DomainError> wide = narrow.mapError(DomainError::widen);

            assertThat(DomainError.widen(error)).isSameAs(error);
            assertThat(wide).isEqualTo(Result.err(error));
        }
    }

    @Nested
    class Built {
        private final Detail detail = Detail.of("items", STOCK);

        @Test
        void build_everything_isKept() {
            var cause = new IllegalStateException("db");
            DomainError error = DomainError.builder(STOCK)
                    .arg("sku", "A-1")
                    .args(Map.of("left", 2))
                    .detail(detail)
                    .detail(Detail.of("other", STOCK))
                    .retry(Retry.HIGHER_LEVEL)
                    .retryAfter(Duration.ofSeconds(3))
                    .cause(cause)
                    .build();

            assertThat(error.code()).isSameAs(STOCK);
            assertThat(error.kind()).isEqualTo(ErrorKind.UNPROCESSABLE);
            assertThat(error.args()).isEqualTo(Map.of("sku", "A-1", "left", 2));
            assertThat(error.message()).isEqualTo("Only 2 of A-1 left");
            assertThat(error.details()).containsExactly(detail, Detail.of("other", STOCK));
            assertThat(error.retry()).isEqualTo(Retry.HIGHER_LEVEL);
            assertThat(error.retryAfter()).contains(Duration.ofSeconds(3));
            assertThat(error.cause()).containsSame(cause);
        }

        @ParameterizedTest
        @EnumSource
        void build_onlyCode_takesTheAdviceOfTheKind(ErrorKind kind) {
            assertThat(DomainError.builder(kind.code()).build().retry()).isEqualTo(kind.retry());
        }

        @Test
        void build_negativeRetryAfter_isKeptForTheBoundaryToJudge() {
            Duration past = Duration.ofSeconds(-1);

            assertThat(DomainError.builder(STOCK).retryAfter(past).build().retryAfter())
                    .contains(past);
        }

        @Test
        void build_sameArgumentTwice_keepsTheLast() {
            assertThat(DomainError.builder(STOCK)
                            .arg("left", 1)
                            .args(Map.of("left", 2))
                            .build()
                            .args())
                    .isEqualTo(Map.of("left", 2));
        }

        @Test
        void build_error_isUnaffectedByTheBuilderAndImmutable() {
            var builder = DomainError.builder(STOCK).arg("left", 1).detail(detail);
            DomainError error = builder.build();
            DomainError more = builder.arg("left", 2).detail(detail).build();

            assertThat(error.args()).isEqualTo(Map.of("left", 1));
            assertThat(error.details()).hasSize(1);
            assertThat(more.args()).isEqualTo(Map.of("left", 2));
            assertThat(more.details()).hasSize(2);
            assertThatThrownBy(() -> error.args().clear()).isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> error.details().clear()).isInstanceOf(UnsupportedOperationException.class);
        }

        @Test
        void equals_errors_areEqualByAllButTheCause() {
            EqualsVerifier.forClass(CodedError.class)
                    .withPrefabValues(ErrorCode.class, STOCK, ErrorKind.INTERNAL.code())
                    .withPrefabValues(Detail.class, detail, Detail.of("other", STOCK))
                    .withIgnoredFields("cause")
                    .withNonnullFields("code", "args", "details")
                    .verify();
        }

        @Test
        void toString_error_isKindCodeAndNumberOfDetails() {
            DomainError error = DomainError.builder(STOCK)
                    .arg("sku", "hunter2")
                    .detail(detail)
                    .cause(new IllegalStateException("hunter2"))
                    .build();

            assertThat(error).hasToString("UNPROCESSABLE/OUT_OF_STOCK/1");
        }
    }

    @Nested
    class MostUrgent {
        private final DomainError invalid = new ValidationError(List.of(Detail.of("a", STOCK), Detail.of("b", STOCK)));

        @Test
        void mostUrgent_none_isRejected() {
            assertThatThrownBy(() -> DomainError.mostUrgent(List.of()))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessage("errors must not be empty");
        }

        @ParameterizedTest
        @EnumSource
        void mostUrgent_one_isItself(ErrorKind kind) {
            DomainError one = kind.code().error();

            assertThat(DomainError.mostUrgent(List.of(one))).isSameAs(one);
        }

        @Test
        void mostUrgent_onlyFaultsOfTheInput_isOneErrorWithAllTheirDetails() {
            DomainError whole = ErrorCode.of(ErrorKind.VALIDATION, "DATES_CROSSED", "must not cross")
                    .error();

            assertThat(DomainError.mostUrgent(List.of(invalid, whole)))
                    .isEqualTo(new ValidationError(List.of(
                            Detail.of("a", STOCK),
                            Detail.of("b", STOCK),
                            new Detail("$", "DATES_CROSSED", "must not cross", Map.of(), null))));
        }

        @Test
        void mostUrgent_mixed_ranksServerThenIdentityThenPermissionThenTheRest() {
            List<List<ErrorKind>> ranks = List.of(
                    List.of(
                            ErrorKind.INTERNAL,
                            ErrorKind.NOT_IMPLEMENTED,
                            ErrorKind.BAD_GATEWAY,
                            ErrorKind.UNAVAILABLE,
                            ErrorKind.TIMEOUT),
                    List.of(ErrorKind.UNAUTHENTICATED),
                    List.of(ErrorKind.FORBIDDEN),
                    List.of(
                            ErrorKind.MALFORMED,
                            ErrorKind.VALIDATION,
                            ErrorKind.NOT_FOUND,
                            ErrorKind.CONFLICT,
                            ErrorKind.PRECONDITION,
                            ErrorKind.UNPROCESSABLE,
                            ErrorKind.RATE_LIMITED,
                            ErrorKind.CANCELLED));
            assertThat(ranks.stream().flatMap(List::stream)).containsExactlyInAnyOrder(ErrorKind.values());

            for (ErrorKind first : ErrorKind.values()) {
                for (ErrorKind second : ErrorKind.values()) {
                    if (first != ErrorKind.VALIDATION || second != ErrorKind.VALIDATION) {
                        ErrorKind expected = rank(ranks, second) < rank(ranks, first) ? second : first;
                        DomainError[] errors = {
                            first.code().error(), second.code().error()
                        };

                        assertThat(DomainError.mostUrgent(Arrays.asList(errors)))
                                .as("%s, %s", first, second)
                                .isSameAs(errors[expected == first ? 0 : 1]);
                    }
                }
            }
        }

        @Test
        void mostUrgent_equals_isTheEarliest() {
            DomainError first = ErrorKind.NOT_FOUND.code().error();
            DomainError later = ErrorKind.NOT_FOUND.code().error();

            assertThat(DomainError.mostUrgent(List.of(first, later, invalid))).isSameAs(first);
        }

        private static int rank(List<List<ErrorKind>> ranks, ErrorKind kind) {
            int rank = 0;
            while (!ranks.get(rank).contains(kind)) {
                rank++;
            }
            return rank;
        }
    }

    @Nested
    class Thrown {
        @Test
        void exception_ofAnError_carriesItWithoutStackTraceUnderTheNameOfItsCode() {
            var cause = new IllegalStateException("hunter2");
            DomainError error = DomainError.builder(STOCK).cause(cause).build();
            var exception = new DomainErrorException(error);

            assertThat(exception.error()).isSameAs(error);
            assertThat(exception).hasMessage("OUT_OF_STOCK").hasCause(cause);
            assertThat(exception.getStackTrace()).isEmpty();
        }

        @Test
        void exception_ofAnErrorWithoutCause_hasNone() {
            assertThat(new DomainErrorException(new OutOfStock("A-1", 2))).hasNoCause();
        }

        @Test
        void addSuppressed_exception_isKept() {
            var exception = new DomainErrorException(new OutOfStock("A-1", 2));
            var suppressed = new IllegalStateException("rollback failed");
            exception.addSuppressed(suppressed);

            assertThat(exception.getSuppressed()).containsExactly(suppressed);
        }
    }
}
