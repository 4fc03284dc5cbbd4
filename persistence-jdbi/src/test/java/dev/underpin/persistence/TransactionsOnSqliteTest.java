package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.nio.file.Path;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQLite has one writer, no isolation to choose and no timeouts but the driver's: what is left holds there, too. */
class TransactionsOnSqliteTest {
    private Jdbi jdbi;
    private Transactions transactions;

    @BeforeEach
    void create(@TempDir Path folder) {
        jdbi = Jdbi.create("jdbc:sqlite:" + folder.resolve("bank.db"));
        jdbi.useHandle(handle -> handle.execute("create table accounts (id bigint primary key)"));
        transactions = Transactions.named("bank").build(jdbi);
    }

    private List<Long> ids() {
        return jdbi.withHandle(handle -> handle.createQuery("select id from accounts order by id")
                .mapTo(Long.class)
                .list());
    }

    private static void insert(Tx tx, long id) {
        tx.handle().execute("insert into accounts values (?)", id);
    }

    @Test
    void ok_isCommitted() {
        assertThat(transactions.inTransaction(tx -> {
                    insert(tx, 1);
                    return Result.ok(1);
                }))
                .isEqualTo(Result.ok(1));
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void err_isRolledBack() {
        Result<Integer, DomainError> result = transactions.inTransaction(tx -> {
            insert(tx, 1);
            return Result.err(ErrorKind.CONFLICT.code().error());
        });

        assertThat(result.isOk()).isFalse();
        assertThat(ids()).isEmpty();
    }

    @Test
    void nestedErr_isUndoneAndTheRestRemains() {
        assertThat(transactions.inTransaction(tx -> {
                    insert(tx, 1);
                    Result<Integer, DomainError> inner = tx.nested(part -> {
                        insert(part, 2);
                        insert(part, 1);
                        return Result.ok(2);
                    });
                    return Result.ok(inner.isOk());
                }))
                .isEqualTo(Result.ok(false));
        assertThat(ids()).containsExactly(1L);
    }

    @Test
    void reading_reads() {
        assertThat(transactions.inTransaction(
                        TxOptions.reading(),
                        tx -> Result.ok(tx.handle()
                                .createQuery("select count(*) from accounts")
                                .mapTo(Integer.class)
                                .one())))
                .isEqualTo(Result.ok(0));
        assertThat(transactions.inTransaction(TxOptions.serializable(), tx -> Result.ok(1)))
                .isEqualTo(Result.ok(1));
    }
}
