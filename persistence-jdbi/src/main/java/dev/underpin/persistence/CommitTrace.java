package dev.underpin.persistence;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * What PostgreSQL can be asked for when the answer to a commit is lost. The number of a transaction alone would not do: a
 * server that crashed gives those again that it had not written down, and then speaks of another transaction. A crash
 * also resets its statistics, as nothing else does that nobody asked for; so does a replica that took over have its own.
 *
 * @param transaction the number of the transaction
 * @param statisticsSince when the statistics of the server begin, in seconds
 */
record CommitTrace(String transaction, String statisticsSince) {
    private static final String SINCE =
            "coalesce(extract(epoch from pg_stat_get_bgwriter_stat_reset_time())::text, '')";

    /** How long one question may take: it reads two words of memory, so who does not answer is not there. */
    private static final int MOST_MILLIS = 1_000;

    /** Both; the transaction has its number from then on. */
    static final String COLUMNS = "pg_current_xact_id()::text as underpin_transaction, " + SINCE + " as underpin_since";

    /** {@return what a row of the columns has} */
    static CommitTrace of(ResultSet row) throws SQLException {
        return new CommitTrace(row.getString("underpin_transaction"), row.getString("underpin_since"));
    }

    /** What became of a transaction. */
    enum Outcome {
        COMMITTED,
        ROLLED_BACK,
        /** It is still open, or nobody answers. */
        NOT_YET,
        /** It cannot be told any more. */
        LOST
    }

    /**
     * {@return what the server says, asked on another connection}
     *
     * @param left how long there is to ask
     */
    Outcome outcome(Jdbi jdbi, Duration left) {
        try (Handle handle = jdbi.open()) {
            int networkTimeout = handle.getConnection().getNetworkTimeout();
            handle.getConnection().setNetworkTimeout(Runnable::run, millis(left));
            try {
                return outcome(handle);
            } finally {
                handle.getConnection().setNetworkTimeout(Runnable::run, networkTimeout);
            }
        } catch (SQLException | RuntimeException e) {
            return Outcome.NOT_YET;
        }
    }

    private static int millis(Duration left) {
        return (int) Math.max(1, Math.min(left.toMillis(), MOST_MILLIS));
    }

    private Outcome outcome(Handle handle) {
        String status = handle.createQuery("select case when " + SINCE + " <> :since then 'lost'"
                        + " else coalesce(pg_xact_status(cast(:transaction as text)::xid8), 'lost') end")
                .bind("since", statisticsSince)
                .bind("transaction", transaction)
                .mapTo(String.class)
                .one();
        return switch (status) {
            case "committed" -> Outcome.COMMITTED;
            case "aborted" -> Outcome.ROLLED_BACK;
            case "in progress" -> Outcome.NOT_YET;
            default -> Outcome.LOST;
        };
    }
}
