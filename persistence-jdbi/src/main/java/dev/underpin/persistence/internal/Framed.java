package dev.underpin.persistence.internal;

import dev.underpin.result.DomainError;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the body of a transaction can be besides: one with SQL of its own that goes out with begin and with commit, in the
 * same round trips, and with a row that tells whether it was committed. Used by one transaction at a time; each attempt
 * begins anew.
 */
public interface Framed {
    /** The savepoint that the opening ends with, before anything that the body does. */
    String SAVEPOINT = "underpin_opened";

    /**
     * {@return what goes out behind begin, ending with {@link #SAVEPOINT}; null where it does not, and the body does it} Asked
     * for once by each attempt, as the first thing of it.
     *
     * @param database where
     */
    @Nullable
    Sql opening(Database database);

    /**
     * Takes what a query of the opening returned; called for one after the other.
     *
     * @param rows the rows
     */
    void opened(ResultSet rows) throws SQLException;

    /**
     * {@return what goes out before commit, asked for when the body has returned; null if nothing does} It fails where the
     * transaction must not be committed.
     *
     * @param database where
     */
    @Nullable
    Sql closing(Database database);

    /**
     * {@return the error of a transaction whose closing refused to let it be committed; empty if it failed for another reason}
     *
     * @param failure what the closing failed with
     */
    Optional<DomainError> refusal(SQLException failure);

    /**
     * {@return whether a transaction was committed whose commit had no answer; empty if that cannot be told yet}
     *
     * @param left how long there is to ask
     */
    Optional<Boolean> outcome(Duration left);

    /**
     * One or more statements.
     *
     * @param text with question marks for values
     * @param values in their order
     */
    record Sql(String text, List<Object> values) {}
}
