package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import org.jdbi.v3.core.ConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The table of meanings by constructed exceptions. {@code VendorErrorsTest} and {@code VendorErrorsIT} provoke what H2,
 * PostgreSQL and MariaDB can be made to say; what stands under {@link #of_whatNoServerOfTheTestsSays_isItsMeaning} was never
 * heard from a server.
 */
class PersistenceErrorsTest {
    /* ---- the table ---- */

    @ParameterizedTest
    @CsvSource({
        // state, vendor code, code, retry
        "23505, 0, ALREADY_EXISTS, NO",
        "23P01, 0, ALREADY_EXISTS, NO",
        "23000, 1062, ALREADY_EXISTS, NO",
        "23505, 23505, ALREADY_EXISTS, NO",
        "23503, 0, REFERENCE_VIOLATED, NO",
        "23001, 0, REFERENCED, NO",
        "23503, 23503, REFERENCED, NO",
        "23506, 23506, REFERENCE_MISSING, NO",
        "23000, 1452, REFERENCE_MISSING, NO",
        "23000, 1451, REFERENCED, NO",
        "23502, 0, VALUE_REJECTED, NO",
        "23514, 0, VALUE_REJECTED, NO",
        "23513, 23513, VALUE_REJECTED, NO",
        "23000, 1048, VALUE_REJECTED, NO",
        "HY000, 1364, VALUE_REJECTED, NO",
        "23000, 4025, VALUE_REJECTED, NO",
        "22001, 0, VALUE_REJECTED, NO",
        "22003, 0, VALUE_REJECTED, NO",
        "22P02, 0, VALUE_REJECTED, NO",
        "22007, 0, VALUE_REJECTED, NO",
        "22021, 0, VALUE_REJECTED, NO",
        "22P05, 0, VALUE_REJECTED, NO",
        "22001, 1406, VALUE_REJECTED, NO",
        "22003, 1264, VALUE_REJECTED, NO",
        "HY000, 1366, VALUE_REJECTED, NO",
        "22007, 1292, VALUE_REJECTED, NO",
        "40001, 0, SERIALIZATION_FAILED, HIGHER_LEVEL",
        "40P01, 0, SERIALIZATION_FAILED, HIGHER_LEVEL",
        "40001, 40001, SERIALIZATION_FAILED, HIGHER_LEVEL",
        "40001, 1213, SERIALIZATION_FAILED, HIGHER_LEVEL",
        "HY000, 1020, SERIALIZATION_FAILED, HIGHER_LEVEL",
        "55P03, 0, LOCK_TIMEOUT, HIGHER_LEVEL",
        "HYT00, 50200, LOCK_TIMEOUT, HIGHER_LEVEL",
        "HY000, 1205, LOCK_TIMEOUT, HIGHER_LEVEL",
        "57014, 0, STATEMENT_TIMEOUT, IF_IDEMPOTENT",
        "57014, 57014, STATEMENT_TIMEOUT, IF_IDEMPOTENT",
        "70100, 1969, STATEMENT_TIMEOUT, IF_IDEMPOTENT",
        "70100, 1317, STATEMENT_TIMEOUT, IF_IDEMPOTENT",
        "25P02, 0, TRANSACTION_ABORTED, NO",
        "25P03, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "25006, 0, DATABASE_ERROR, NO",
        "HY000, 1290, DATABASE_ERROR, NO",
        "25006, 1792, DATABASE_ERROR, NO",
        "08006, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "57P01, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "57P03, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "53300, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "08004, 1040, DATABASE_UNAVAILABLE, SAME_CALL",
        "90067, 90067, DATABASE_UNAVAILABLE, SAME_CALL",
        "HY000, 1114, DATABASE_UNAVAILABLE, SAME_CALL",
        "42601, 0, DATABASE_ERROR, NO",
        "42S02, 1146, DATABASE_ERROR, NO",
        "42000, 1142, DATABASE_ERROR, NO",
        "57P02, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "57P05, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "25P04, 0, STATEMENT_TIMEOUT, IF_IDEMPOTENT",
        "53400, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "22004, 22004, VALUE_REJECTED, NO",
        "22018, 22018, VALUE_REJECTED, NO",
        "90097, 90097, DATABASE_ERROR, NO",
        "90121, 90121, DATABASE_UNAVAILABLE, SAME_CALL",
        "42000, 1226, DATABASE_UNAVAILABLE, SAME_CALL",
        "01000, 1265, VALUE_REJECTED, NO",
        "70100, 1927, DATABASE_UNAVAILABLE, SAME_CALL"
    })
    void of_stateAndCode_isTheirMeaning(String state, int vendorCode, String code, Retry retry) {
        DomainError error = PersistenceErrors.of(new SQLException("secret values", state, vendorCode));

        assertThat(error.code().name()).isEqualTo(code);
        assertThat(error.retry()).isEqualTo(retry);
        assertThat(error.message()).doesNotContain("secret");
        assertThat(error.args().toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        // MySQL alone, a full disk or memory, and answers that a crash must hit at the very moment
        "23000, 1586, ALREADY_EXISTS, NO",
        "23000, 1216, REFERENCE_MISSING, NO",
        "23000, 1217, REFERENCED, NO",
        "HY000, 3819, VALUE_REJECTED, NO",
        "90131, 90131, SERIALIZATION_FAILED, HIGHER_LEVEL",
        "HY000, 3572, LOCK_TIMEOUT, HIGHER_LEVEL",
        "HY000, 3024, STATEMENT_TIMEOUT, IF_IDEMPOTENT",
        "08001, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "08S01, 1053, DATABASE_UNAVAILABLE, SAME_CALL",
        "HY000, 2006, DATABASE_UNAVAILABLE, SAME_CALL",
        "90098, 90098, DATABASE_UNAVAILABLE, SAME_CALL",
        "53100, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "53200, 0, DATABASE_UNAVAILABLE, SAME_CALL",
        "HY000, 1021, DATABASE_UNAVAILABLE, SAME_CALL",
        "XX000, 0, DATABASE_ERROR, NO",
        "40003, 0, COMMIT_OUTCOME_UNKNOWN, IF_IDEMPOTENT",
        "08007, 0, COMMIT_OUTCOME_UNKNOWN, IF_IDEMPOTENT",
        "HY000, 1180, COMMIT_OUTCOME_UNKNOWN, IF_IDEMPOTENT",
        "HY000, 2013, DATABASE_UNAVAILABLE, SAME_CALL",
        "HY000, 1037, DATABASE_UNAVAILABLE, SAME_CALL",
        "HY000, 1836, DATABASE_ERROR, NO",
        "40002, 0, DATABASE_ERROR, NO"
    })
    void of_whatNoServerOfTheTestsSays_isItsMeaning(String state, int vendorCode, String code, Retry retry) {
        of_stateAndCode_isTheirMeaning(state, vendorCode, code, retry);
    }

    /* ---- where it is found ---- */

    @Test
    void of_causesAndNextExceptions_isWhatSaysMost() {
        var batch = new BatchUpdateException("batch", "HY000", 0, new int[0]);
        batch.setNextException(new SQLException("duplicate", "23505"));
        assertThat(code(new IllegalStateException(batch))).isEqualTo(PersistenceErrors.ALREADY_EXISTS);

        // The deadlock is behind what followed from it.
        var aborted = new SQLException("current transaction is aborted", "25P02");
        aborted.initCause(new SQLException("deadlock detected", "40P01"));
        assertThat(code(aborted)).isEqualTo(PersistenceErrors.SERIALIZATION_FAILED);
    }

    /** A batch repeats the state of what failed in it, which alone names what was violated. */
    @Test
    void of_aBatch_isWhatFailedInIt() {
        var batch = new BatchUpdateException("batch", "23505", 0, new int[0]);
        var duplicate = new SQLException("duplicate", "23505");
        batch.setNextException(duplicate);

        assertThat(SqlFailure.of(batch)).returns(duplicate, SqlFailure::source);
    }

    @Test
    void of_causesInACircle_ends() {
        var one = new SQLException("one", "08006");
        var other = new SQLException("other", "23505");
        one.setNextException(other);
        other.initCause(one);

        assertThat(code(one)).isEqualTo(PersistenceErrors.ALREADY_EXISTS);
    }

    @Test
    void of_aPoolWithoutConnections_isUnavailable() {
        assertThat(code(new ConnectionException(new SQLTransientConnectionException("pool - timed out"))))
                .isEqualTo(PersistenceErrors.DATABASE_UNAVAILABLE);
        assertThat(code(new SQLTimeoutException("too long"))).isEqualTo(PersistenceErrors.STATEMENT_TIMEOUT);
    }

    @Test
    void of_anythingElse_isADatabaseError() {
        var bug = new IllegalArgumentException("secret");
        DomainError error = PersistenceErrors.of(bug);

        assertThat(error.code()).isEqualTo(PersistenceErrors.DATABASE_ERROR);
        assertThat(error.cause()).containsSame(bug);
        assertThat(error.message()).doesNotContain("secret");
    }

    /** At a commit: whether nothing was committed, or that is the question. */
    @ParameterizedTest
    @CsvSource({
        "23503, 0, true",
        "40001, 0, true",
        "57014, 0, true",
        "53100, 0, true",
        "XX000, 0, true",
        "70100, 1969, true",
        "40001, 1213, true",
        "08006, 0, false",
        "57P01, 0, false",
        "25P04, 0, false",
        "40003, 0, false",
        "HY000, 1180, false",
        "70100, 1927, false",
        "08000, -1, false",
        ", 0, false"
    })
    void isAnswer_isForWhatTheServerSaidOfThisTransaction(String state, int vendorCode, boolean answer) {
        assertThat(SqlFailure.of(new SQLException("", state, vendorCode)).isAnswer())
                .isEqualTo(answer);
    }

    /* ---- names ---- */

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            1062  | (conn=4) Duplicate entry 'it''s for key ''x''' for key 'reference'                  | reference
            1062  | Duplicate entry 'a' for key 'orders.reference'                                      | orders.reference
            1452  | Cannot add a child row (`shop`.`o`, CONSTRAINT `o_customer` FOREIGN KEY (`c`) REFERENCES `c` (`id`)) | o_customer
            4025  | CONSTRAINT `o_total` failed for `shop`.`o`                                          | o_total
            23513 | Check constraint violation: "O_TOTAL: "; SQL statement: insert into o values ('secret') | O_TOTAL
            """)
    void of_constraint_isNamed(int vendorCode, String message, String constraint) {
        DomainError error = PersistenceErrors.of(new SQLException(message, "23000", vendorCode));

        assertThat(error.args()).isEqualTo(Map.of("constraint", constraint));
    }

    @Test
    void error_ofARegisteredConstraint_hasItsCode() {
        ErrorCode taken = ErrorCode.of(ErrorKind.CONFLICT, "REFERENCE_TAKEN", "taken");
        var duplicate = new SQLException("Duplicate entry 'a' for key 'orders.Reference'", "23000", 1062);

        assertThat(SqlFailure.of(duplicate).error(Map.of("reference", taken)).code())
                .isEqualTo(taken);
    }

    private static ErrorCode code(Throwable thrown) {
        return PersistenceErrors.of(thrown).code();
    }
}
