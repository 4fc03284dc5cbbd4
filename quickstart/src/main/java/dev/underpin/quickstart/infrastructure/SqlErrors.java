package dev.underpin.quickstart.infrastructure;

import dev.underpin.quickstart.domain.OrderError;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What a database says, in the words of the domain. Whatever is not here is a bug and stays an exception. */
final class SqlErrors {
    static final ErrorCode CONCURRENT_CHANGE =
            ErrorCode.of(ErrorKind.CONFLICT, "CONCURRENT_CHANGE", "Somebody else is changing the same data");

    private static final Pattern H2_CONSTRAINT = Pattern.compile("[^\"]*\"PUBLIC\\.(\\w+)[ \"]");

    private SqlErrors() {}

    static Optional<DomainError> translate(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return translate(sql);
            }
        }
        return Optional.empty();
    }

    private static Optional<DomainError> translate(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.equals("23505")) {
            return constraint(e).equals("orders_reference_key")
                    ? Optional.of(new OrderError.ReferenceTaken())
                    : Optional.empty();
        }
        if (isLostRace(state)) {
            return Optional.of(DomainError.builder(CONCURRENT_CHANGE)
                    .retry(Retry.HIGHER_LEVEL)
                    .cause(e)
                    .build());
        }
        if (isOutOfReach(state) || e instanceof SQLTransientConnectionException) {
            return Optional.of(
                    DomainError.builder(ErrorKind.UNAVAILABLE.code()).cause(e).build());
        }
        return Optional.empty();
    }

    /** Serialization failure, deadlock, or a lock that was not to be had in time. */
    private static boolean isLostRace(String state) {
        return state.equals("40001") || state.equals("40P01") || state.equals("55P03") || state.equals("HYT00");
    }

    /** No connection, too many of them, or a server (or an H2 file) that is being shut down. */
    private static boolean isOutOfReach(String state) {
        return state.startsWith("08") || state.startsWith("57P0") || state.equals("53300") || state.equals("90121");
    }

    /** {@return the name of the violated constraint, in lower case; empty if the driver does not say} */
    private static String constraint(SQLException e) {
        if (e instanceof PSQLException postgresql) {
            @Nullable ServerErrorMessage server = postgresql.getServerErrorMessage();
            @Nullable String name = server == null ? null : server.getConstraint();
            return name == null ? "" : name;
        }
        // H2 says it in its text alone: violation: "PUBLIC.ORDERS_REFERENCE_KEY INDEX ... ON ... VALUES (...)". The
        // values
        // are the client's, so nothing behind the first name is looked at.
        Matcher violated = H2_CONSTRAINT.matcher(String.valueOf(e.getMessage()));
        return violated.lookingAt() ? violated.group(1).toLowerCase(Locale.ROOT) : "";
    }
}
