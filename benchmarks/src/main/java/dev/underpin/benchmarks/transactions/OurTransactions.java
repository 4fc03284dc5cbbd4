package dev.underpin.benchmarks.transactions;

import dev.underpin.persistence.Transactions;
import dev.underpin.persistence.Tx;
import dev.underpin.persistence.TxOptions;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** {@link Transactions}, as its README has them. */
final class OurTransactions implements Way {
    private final Transactions transactions;

    OurTransactions(DataSource pool) {
        transactions = Transactions.named("benchmark").build(Jdbi.create(pool));
    }

    @Override
    public long insert() {
        return value(transactions.inTransaction(tx -> Result.ok(insert(tx))));
    }

    @Override
    public long serializable() {
        return value(transactions.inTransaction(TxOptions.serializable(), tx -> {
            long read = read(tx);
            insert(tx);
            return Result.ok(read);
        }));
    }

    @Override
    public long readOnly() {
        return value(transactions.inTransaction(TxOptions.reading(), tx -> Result.ok(read(tx))));
    }

    @Override
    public long rolledBack() {
        return value(transactions.inTransaction(tx -> {
            insert(tx);
            return Result.err(ErrorKind.UNPROCESSABLE.code().error());
        }));
    }

    @Override
    public long nested() {
        return value(transactions.inTransaction(tx -> {
            long first = insert(tx);
            return tx.nested(inner -> Result.ok(first + insert(inner)));
        }));
    }

    private static long value(Result<Long, DomainError> result) {
        return result.fold(value -> value, error -> REFUSED);
    }

    private static long insert(Tx tx) {
        return tx.handle().execute(INSERT, ID);
    }

    private static long read(Tx tx) {
        return tx.handle().select(READ, ID).mapTo(Long.class).one();
    }
}
