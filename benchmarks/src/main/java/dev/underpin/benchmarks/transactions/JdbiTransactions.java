package dev.underpin.benchmarks.transactions;

import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** JDBI's own transactions, with a limit for each statement. What a failure means is left to the caller. */
final class JdbiTransactions implements Way {
    private final Jdbi jdbi;

    JdbiTransactions(DataSource pool) {
        jdbi = Jdbi.create(pool);
        jdbi.getConfig(SqlStatements.class).setQueryTimeout(TransactionDatabase.SECONDS);
    }

    @Override
    public long insert() {
        return jdbi.inTransaction(JdbiTransactions::insert);
    }

    @Override
    public long serializable() {
        return jdbi.inTransaction(TransactionIsolationLevel.SERIALIZABLE, handle -> {
            long read = read(handle);
            insert(handle);
            return read;
        });
    }

    @Override
    public long readOnly() {
        return jdbi.withHandle(handle -> {
            handle.setReadOnly(true);
            return handle.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, JdbiTransactions::read);
        });
    }

    @Override
    public long rolledBack() {
        try {
            return jdbi.inTransaction(handle -> {
                insert(handle);
                throw new RefusedException();
            });
        } catch (RefusedException e) {
            return REFUSED;
        }
    }

    @Override
    public long nested() {
        return jdbi.inTransaction(handle -> {
            long first = insert(handle);
            handle.savepoint("inner");
            long second = insert(handle);
            handle.releaseSavepoint("inner");
            return first + second;
        });
    }

    static long insert(Handle handle) {
        return handle.execute(INSERT, ID);
    }

    static long read(Handle handle) {
        return handle.select(READ, ID).mapTo(Long.class).one();
    }
}
