package dev.underpin.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.ErrorKind;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutcomeTest {
    private static final String TABLE = """
            MALFORMED SUCCESS
            VALIDATION SUCCESS
            UNAUTHENTICATED SUCCESS
            FORBIDDEN SUCCESS
            NOT_FOUND SUCCESS
            CONFLICT SUCCESS
            PRECONDITION SUCCESS
            UNPROCESSABLE SUCCESS
            RATE_LIMITED IGNORE
            CANCELLED IGNORE
            INTERNAL FAILURE
            NOT_IMPLEMENTED SUCCESS
            BAD_GATEWAY FAILURE
            UNAVAILABLE FAILURE
            TIMEOUT FAILURE
            """;

    @Test
    void of_everyKind_isAsInTheTable() {
        String table = Arrays.stream(ErrorKind.values())
                .map(kind -> kind + " " + Outcome.of(kind.code().error()) + "\n")
                .collect(Collectors.joining());

        assertThat(table).isEqualTo(TABLE);
    }

    @Test
    void of_ownRefusals_isNothing() {
        assertThat(Outcome.of(Rejection.of(ResilienceErrors.BULKHEAD_FULL, this, "risk")))
                .isEqualTo(Outcome.IGNORE);
        assertThat(Outcome.of(Rejection.of(ResilienceErrors.DEADLINE_EXCEEDED, this, "risk")))
                .isEqualTo(Outcome.IGNORE);
        assertThat(Outcome.of(Rejection.of(ResilienceErrors.RATE_LIMITED, this, "risk", Duration.ZERO)))
                .isEqualTo(Outcome.IGNORE);
        assertThat(Outcome.of(Rejection.circuitOpen(this, "risk", ErrorKind.INTERNAL.code(), null)))
                .isEqualTo(Outcome.IGNORE);
    }

    /** The same codes in the answer of another service are failures of that service. */
    @Test
    void of_remoteRefusals_isAFailure() {
        assertThat(Outcome.of(ResilienceErrors.CIRCUIT_OPEN.error())).isEqualTo(Outcome.FAILURE);
        assertThat(Outcome.of(ResilienceErrors.LOAD_SHED.error())).isEqualTo(Outcome.FAILURE);
    }

    @ParameterizedTest
    @CsvSource({"ATTEMPT_TIMEOUT, FAILURE", "CALL_FAILED, FAILURE", "CALL_CANCELLED, IGNORE"})
    void of_whatAnAttemptEndsWith_isAsItsKind(String code, Outcome outcome) {
        var error = code.equals("ATTEMPT_TIMEOUT")
                ? ResilienceErrors.ATTEMPT_TIMEOUT
                : code.equals("CALL_FAILED") ? ResilienceErrors.CALL_FAILED : ResilienceErrors.CALL_CANCELLED;

        assertThat(Outcome.of(error.error())).isEqualTo(outcome);
    }
}
