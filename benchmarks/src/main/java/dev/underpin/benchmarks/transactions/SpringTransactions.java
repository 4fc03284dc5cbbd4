package dev.underpin.benchmarks.transactions;

import java.sql.Connection;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Jdbi;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring's templates, with a limit for the time and with its translation of exceptions. */
final class SpringTransactions implements Way {
    private final TransactionTemplate standard;
    private final TransactionTemplate serializable;
    private final TransactionTemplate readOnly;
    private final TransactionTemplate nested;
    private final LongSupplier insert;
    private final LongSupplier read;

    private SpringTransactions(DataSource pool, LongSupplier insert, LongSupplier read) {
        var manager = new JdbcTransactionManager(pool);
        standard = template(manager);
        serializable = template(manager);
        serializable.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
        readOnly = template(manager);
        readOnly.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        readOnly.setReadOnly(true);
        nested = template(manager);
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        this.insert = insert;
        this.read = read;
    }

    private static TransactionTemplate template(JdbcTransactionManager manager) {
        var template = new TransactionTemplate(manager);
        template.setTimeout(TransactionDatabase.SECONDS);
        return template;
    }

    /** {@return with Spring's own statements} */
    static Way withJdbcTemplate(DataSource pool) {
        var jdbc = new JdbcTemplate(pool);
        return new SpringTransactions(
                pool, () -> jdbc.update(INSERT, ID), () -> jdbc.queryForObject(READ, Long.class, ID));
    }

    /** {@return with the same statements as ours, on the connection of Spring's transaction} */
    static Way withJdbi(DataSource pool) {
        Jdbi jdbi = Jdbi.create(new OfTransaction(pool));
        return new SpringTransactions(
                pool, () -> jdbi.withHandle(JdbiTransactions::insert), () -> jdbi.withHandle(JdbiTransactions::read));
    }

    private record OfTransaction(DataSource pool) implements ConnectionFactory {
        @Override
        public Connection openConnection() {
            return DataSourceUtils.getConnection(pool);
        }

        @Override
        public void closeConnection(Connection connection) {
            DataSourceUtils.releaseConnection(connection, pool);
        }
    }

    @Override
    public long insert() {
        return standard.execute(status -> insert.getAsLong());
    }

    @Override
    public long serializable() {
        return serializable.execute(status -> {
            long value = read.getAsLong();
            insert.getAsLong();
            return value;
        });
    }

    @Override
    public long readOnly() {
        return readOnly.execute(status -> read.getAsLong());
    }

    @Override
    public long rolledBack() {
        try {
            return standard.execute(status -> {
                insert.getAsLong();
                throw new RefusedException();
            });
        } catch (RefusedException e) {
            return REFUSED;
        }
    }

    @Override
    public long nested() {
        return standard.execute(outer -> {
            long first = insert.getAsLong();
            return first + nested.execute(inner -> insert.getAsLong());
        });
    }
}
