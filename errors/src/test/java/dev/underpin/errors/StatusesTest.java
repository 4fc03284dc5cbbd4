package dev.underpin.errors;

import static dev.underpin.result.ErrorKind.CONFLICT;
import static dev.underpin.result.ErrorKind.NOT_FOUND;
import static dev.underpin.result.ErrorKind.VALIDATION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusesTest {
    private static final ErrorCode GONE = ErrorCode.of(NOT_FOUND, "ORDER_GONE", "It was there once");

    @ParameterizedTest
    @CsvSource({
        "MALFORMED, 400, 3",
        "VALIDATION, 400, 3",
        "UNAUTHENTICATED, 401, 16",
        "FORBIDDEN, 403, 7",
        "NOT_FOUND, 404, 5",
        "CONFLICT, 409, 6",
        "PRECONDITION, 409, 9",
        "UNPROCESSABLE, 422, 9",
        "RATE_LIMITED, 429, 8",
        "CANCELLED, 499, 1",
        "INTERNAL, 500, 13",
        "NOT_IMPLEMENTED, 501, 12",
        "BAD_GATEWAY, 502, 2",
        "UNAVAILABLE, 503, 14",
        "TIMEOUT, 504, 4"
    })
    void standard_everyKind_hasItsHttpAndGrpcStatus(ErrorKind kind, int http, int grpc) {
        DomainError error = kind.code().error();

        assertThat(Statuses.standard().http(error)).isEqualTo(http);
        assertThat(Statuses.standard().grpc(error)).isEqualTo(grpc);
    }

    @Test
    void grpc_conflictThatNeedsFreshData_isAborted() {
        DomainError error =
                DomainError.builder(CONFLICT.code()).retry(Retry.HIGHER_LEVEL).build();

        assertThat(Statuses.standard().grpc(error)).isEqualTo(10);
    }

    @Test
    void with_kind_changesThatKindOnlyAndACopyOnly() {
        Statuses statuses =
                Statuses.standard().with(VALIDATION, 422).with(VALIDATION, 400).with(VALIDATION, 422);

        assertThat(statuses.http(VALIDATION.code().error())).isEqualTo(422);
        assertThat(statuses.http(NOT_FOUND.code().error())).isEqualTo(404);
        assertThat(Statuses.standard().http(VALIDATION.code().error())).isEqualTo(400);
    }

    @Test
    void with_code_beatsTheKind() {
        Statuses statuses = Statuses.standard().with(GONE, 410).with(NOT_FOUND, 403);

        assertThat(statuses.http(GONE.error())).isEqualTo(410);
        assertThat(statuses.http(NOT_FOUND.code().error())).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 200, 399, 600, 1000})
    void with_statusThatIsNoError_isRejected(int http) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statuses.standard().with(VALIDATION, http))
                .withMessage("http must be the status of an error, 400 to 599: " + http);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statuses.standard().with(GONE, http));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 599})
    void with_statusAtTheBounds_isAccepted(int http) {
        assertThat(Statuses.standard().with(GONE, http).http(GONE.error())).isEqualTo(http);
    }

    @Test
    void with_sameCodeAndOtherStatus_isRejected() {
        Statuses statuses = Statuses.standard().with(GONE, 410);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> statuses.with(ErrorCode.of(NOT_FOUND, "ORDER_GONE", "declared again"), 404))
                .withMessage("a code must have one status: ORDER_GONE has 410 and cannot have 404");
        assertThat(statuses.with(GONE, 410).http(GONE.error())).isEqualTo(410);
    }
}
