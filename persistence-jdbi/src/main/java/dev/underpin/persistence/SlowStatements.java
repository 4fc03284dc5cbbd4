package dev.underpin.persistence;

import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs statements that take long, as warnings of a logger with the name of this class: how long until the database answered
 * (rows are read after that), and the SQL as it was given to JDBI, on one line and of up to 1,000 characters. Neither values
 * nor messages of the database are logged, since those hold values; one that fails is logged with its SQLState and vendor
 * code. What the SQL itself has in it is seen: values belong into parameters. Thread-safe.
 */
public final class SlowStatements {
    private static final Logger LOG = LoggerFactory.getLogger(SlowStatements.class);
    private static final int MOST_CHARACTERS = 1_000;
    /** What would begin another line, or look like it, in a log or a terminal. */
    private static final Pattern SPACE = Pattern.compile("[\\s\\p{Cntrl}\\u0085\\u2028\\u2029]+");

    private SlowStatements() {}

    /**
     * Logs the slow statements of a {@code Jdbi}. To be called once, while it is set up, after a logger of its own was set:
     * that goes on.
     *
     * @param jdbi whose statements
     * @param threshold how long a statement takes at least that is logged; zero for each
     * @throws IllegalArgumentException if the threshold is negative
     */
    public static void install(Jdbi jdbi, Duration threshold) {
        if (threshold.isNegative()) {
            throw new IllegalArgumentException("threshold must not be negative: " + threshold);
        }
        SqlStatements statements = jdbi.getConfig(SqlStatements.class);
        statements.setSqlLogger(new Watch(statements.getSqlLogger(), threshold));
    }

    record Watch(SqlLogger other, Duration threshold) implements SqlLogger {
        @Override
        public void logBeforeExecution(StatementContext context) {
            other.logBeforeExecution(context);
        }

        @Override
        public void logAfterExecution(StatementContext context) {
            Duration taken = taken(context);
            if (taken.compareTo(threshold) >= 0) {
                LOG.warn("A statement took {} ms: {}", taken.toMillis(), line(context.getRawSql()));
            }
            other.logAfterExecution(context);
        }

        @Override
        public void logException(StatementContext context, SQLException e) {
            Duration taken = taken(context);
            if (taken.compareTo(threshold) >= 0) {
                LOG.warn(
                        "A statement failed after {} ms (SQLState {}, code {}): {}",
                        taken.toMillis(),
                        e.getSQLState(),
                        e.getErrorCode(),
                        line(context.getRawSql()));
            }
            other.logException(context, e);
        }

        private static Duration taken(StatementContext context) {
            return Duration.of(context.getElapsedTime(ChronoUnit.NANOS), ChronoUnit.NANOS);
        }
    }

    /** {@return a statement as it is logged} */
    static String line(@Nullable String sql) {
        if (sql == null) {
            return "(a batch of several)"; // of Handle.createBatch(), which JDBI does not tell
        }
        boolean cut = sql.length() > MOST_CHARACTERS;
        String start = cut ? sql.substring(0, MOST_CHARACTERS) : sql;
        return SPACE.matcher(start.strip()).replaceAll(" ") + (cut ? " ..." : "");
    }
}
