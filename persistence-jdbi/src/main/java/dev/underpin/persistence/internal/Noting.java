package dev.underpin.persistence.internal;

/**
 * What the {@link org.jdbi.v3.core.statement.StatementBuilder} of a handle is inside a transaction: it hears of failures that
 * become values, and so never reach who ends the transaction.
 */
public interface Noting {
    /**
     * Notes a failure, as if the body had thrown it. One that is none of the database changes nothing.
     *
     * @param thrown what a statement of the handle threw, or the reading of its rows
     */
    void noteThrown(RuntimeException thrown);
}
