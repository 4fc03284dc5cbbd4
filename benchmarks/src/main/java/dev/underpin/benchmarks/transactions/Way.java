package dev.underpin.benchmarks.transactions;

import java.sql.SQLException;

/** One way to run the transactions that are measured. Each takes a connection from a pool and gives it back. */
interface Way {
    String INSERT = "insert into written (v) values (?)";
    String READ = "select v from kept where id = ?";
    /** The row that is read, and what is written. */
    long ID = 7;

    /** What comes back of what was refused. */
    long REFUSED = -1;

    /** {@return how many rows were written, without asking for an isolation} */
    long insert() throws SQLException;

    /** {@return the value that was read before a row was written, {@code SERIALIZABLE}} */
    long serializable() throws SQLException;

    /** {@return the value that was read, of one snapshot, where nothing can be written} */
    long readOnly() throws SQLException;

    /** {@return {@link #REFUSED}, after a row was written of which nothing remains} */
    long rolledBack() throws SQLException;

    /** {@return how many rows were written, one of them behind a savepoint} */
    long nested() throws SQLException;
}
