package dev.underpin.persistence;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Retry;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an exception of a database means.
 *
 * @param meaning the meaning
 * @param thrown what was thrown
 * @param source the exception that says so; null if none does
 */
record SqlFailure(
        Meaning meaning, Throwable thrown, @Nullable SQLException source) {
    /** What can happen, from what says least to what says most. */
    enum Meaning {
        /** Anything that is no meaning below. */
        OTHER(PersistenceErrors.DATABASE_ERROR, Retry.NO),
        /** The transaction failed before; whatever failed it says more. */
        ABORTED(PersistenceErrors.TRANSACTION_ABORTED, Retry.NO),
        READ_ONLY(PersistenceErrors.DATABASE_ERROR, Retry.NO),
        UNAVAILABLE(PersistenceErrors.DATABASE_UNAVAILABLE, Retry.SAME_CALL),
        /** The database itself does not know what became of a statement or a transaction. */
        UNKNOWN(PersistenceErrors.OUTCOME_UNKNOWN, Retry.IF_IDEMPOTENT),
        /** No space: trying again at once makes it worse. */
        FULL(PersistenceErrors.DATABASE_UNAVAILABLE, Retry.SAME_CALL),
        STATEMENT_TIMEOUT(PersistenceErrors.STATEMENT_TIMEOUT, Retry.IF_IDEMPOTENT),
        VALUE_REJECTED(PersistenceErrors.VALUE_REJECTED, Retry.NO),
        REFERENCE_VIOLATED(PersistenceErrors.REFERENCE_VIOLATED, Retry.NO),
        REFERENCE_MISSING(PersistenceErrors.REFERENCE_MISSING, Retry.NO),
        REFERENCED(PersistenceErrors.REFERENCED, Retry.NO),
        ALREADY_EXISTS(PersistenceErrors.ALREADY_EXISTS, Retry.NO),
        LOCK_TIMEOUT(PersistenceErrors.LOCK_TIMEOUT, Retry.HIGHER_LEVEL),
        SERIALIZATION(PersistenceErrors.SERIALIZATION_FAILED, Retry.HIGHER_LEVEL);

        private final ErrorCode code;
        private final Retry retry;

        Meaning(ErrorCode code, Retry retry) {
            this.code = code;
            this.retry = retry;
        }
    }

    /** {@return what says most of an exception, its causes and those next to them} */
    static SqlFailure of(Throwable thrown) {
        SqlFailure most = new SqlFailure(Meaning.OTHER, thrown, null);
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Throwable> left = new ArrayDeque<>();
        left.add(thrown);
        while (!left.isEmpty()) {
            Throwable next = left.poll();
            if (!seen.add(next)) {
                continue;
            }
            if (next instanceof SQLException sql) {
                Meaning meaning = meaning(sql);
                if (most.source == null || meaning.compareTo(most.meaning) > 0 || most.isOnlyOfBatch(meaning)) {
                    most = new SqlFailure(meaning, thrown, sql);
                }
                if (sql.getNextException() != null) {
                    left.add(sql.getNextException());
                }
            }
            if (next.getCause() != null) {
                left.add(next.getCause());
            }
        }
        return most;
    }

    /** A batch repeats the state of what failed in it, which alone names what was violated. */
    private boolean isOnlyOfBatch(Meaning next) {
        return next == meaning && source instanceof BatchUpdateException;
    }

    /** {@return whether the server itself said so, and so did not do what it was asked for} */
    boolean isAnswer() {
        if (source == null || meaning == Meaning.UNAVAILABLE || meaning == Meaning.UNKNOWN) {
            return false;
        }
        String state = source.getSQLState();
        return state != null && !state.equals("25P04"); // PostgreSQL ends the session with it, at whatever it is
    }

    /**
     * {@return the error of this failure}
     *
     * @param constraints codes by the names of constraints, which say more than the meaning
     */
    DomainError error(Map<String, ErrorCode> constraints) {
        Violated violated = source == null ? Violated.NOTHING : Violated.of(source);
        ErrorCode own = violated.codeOf(constraints);
        DomainError.Builder error =
                DomainError.builder(own == null ? meaning.code : own).cause(thrown);
        if (own == null) { // else its texts and arguments are the service's own
            error.retry(meaning.retry);
            violated.names().forEach(error::arg);
        }
        return error.build();
    }

    private static Meaning meaning(SQLException e) {
        int code = e.getErrorCode();
        String state = e.getSQLState();
        if ("40001".equals(state)) { // whose number is another database's, such as 1205 of SQL Server
            return Meaning.SERIALIZATION;
        }
        if (code >= 1000 && code < 5000) { // as the family of MySQL numbers, whose states are coarse
            Meaning byCode = byMySqlCode(code);
            if (byCode != null) {
                return byCode;
            }
        }
        if (state != null && state.length() == 5) {
            return byState(state, code);
        }
        // A pool that has no connection to give, and drivers that have no states for it.
        boolean noConnection = e instanceof SQLTransientConnectionException;
        return noConnection
                ? Meaning.UNAVAILABLE
                : e instanceof SQLTimeoutException ? Meaning.STATEMENT_TIMEOUT : Meaning.OTHER;
    }

    private static @Nullable Meaning byMySqlCode(int code) {
        return switch (code) {
            case 1062, 1586, 1169 -> Meaning.ALREADY_EXISTS;
            case 1452, 1216 -> Meaning.REFERENCE_MISSING;
            case 1451, 1217 -> Meaning.REFERENCED;
            case 1048, 1364, 3819, 4025, 1406, 1264, 1366, 1292, 1265 -> Meaning.VALUE_REJECTED;
            case 1020, 1213, 3101 -> Meaning.SERIALIZATION;
            case 1205, 3572 -> Meaning.LOCK_TIMEOUT;
            case 3024, 1317, 1969 -> Meaning.STATEMENT_TIMEOUT;
            case 1290, 1792, 1836 -> Meaning.READ_ONLY;
            case 1040, 1053, 1129, 1158, 1159, 1160, 1161, 1203, 1226, 1927, 2002, 2003, 2006, 2013, 4031 ->
                Meaning.UNAVAILABLE;
            case 1114, 1021, 1037, 1041 -> Meaning.FULL;
            case 1180 -> Meaning.UNKNOWN; // an engine failed at its part of a commit
            default -> null;
        };
    }

    private static Meaning byState(String state, int code) {
        return switch (state) {
            case "23505", "23P01" -> Meaning.ALREADY_EXISTS;
            case "23506" -> Meaning.REFERENCE_MISSING;
            // H2 repeats the state as its code, and means one of the two by it; PostgreSQL means both.
            case "23503" -> code == 23503 ? Meaning.REFERENCED : Meaning.REFERENCE_VIOLATED;
            case "23001" -> Meaning.REFERENCED;
            case "40001", "40P01", "90131" -> Meaning.SERIALIZATION;
            case "55P03", "HYT00" -> Meaning.LOCK_TIMEOUT;
            case "57014", "25P04" -> Meaning.STATEMENT_TIMEOUT;
            case "25P02" -> Meaning.ABORTED;
            case "40003", "08007" -> Meaning.UNKNOWN;
            case "25006", "90097" -> Meaning.READ_ONLY;
            case "25P03", "57P01", "57P02", "57P03", "57P04", "57P05", "90067", "90098", "90121" -> Meaning.UNAVAILABLE;
            case "53300" -> Meaning.UNAVAILABLE;
            // Of class 22 those that speak of a value to be stored; a division by zero is the statement's own.
            case "22000",
                    "22001",
                    "22003",
                    "22004",
                    "22007",
                    "22008",
                    "22018",
                    "22021",
                    "22026",
                    "22032",
                    "22P02",
                    "22P05" -> Meaning.VALUE_REJECTED;
            default -> byClass(state);
        };
    }

    private static Meaning byClass(String state) {
        return switch (state.substring(0, 2)) {
            case "08" -> Meaning.UNAVAILABLE;
            case "53" -> Meaning.FULL;
            case "23" -> Meaning.VALUE_REJECTED;
            default -> Meaning.OTHER;
        };
    }
}
