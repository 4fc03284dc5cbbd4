package dev.underpin.quickstart.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TransactionsTest {
    private Handle open;
    private Transactions transactions;

    @BeforeEach
    void start() {
        Jdbi jdbi = Jdbi.create("jdbc:h2:mem:transactions");
        open = jdbi.open(); // the database lives as long as this
        open.execute("create table things (id integer primary key)");
        transactions = new Transactions(jdbi);
    }

    @AfterEach
    void stop() {
        open.close();
    }

    @Test
    void inTransaction_ok_commits() {
        assertThat(transactions.inTransaction(handle -> Result.ok(handle.execute("insert into things values (1)"))))
                .isEqualTo(Result.ok(1));

        assertThat(things()).isEqualTo(1);
    }

    @Test
    void inTransaction_err_rollsBackAndReturnsTheSameError() {
        DomainError error = ErrorKind.UNPROCESSABLE.code().error();

        Result<String, DomainError> result = transactions.inTransaction(handle -> {
            handle.execute("insert into things values (1)");
            return Result.err(error);
        });

        assertThat(result)
                .isInstanceOfSatisfying(
                        Result.Err.class, err -> assertThat(err.error()).isSameAs(error));
        assertThat(things()).isZero();
    }

    @Test
    void inTransaction_exception_rollsBackAndFlies() {
        RuntimeException bug = new IllegalStateException("bug");

        assertThatThrownBy(() -> transactions.inTransaction(handle -> {
                    handle.execute("insert into things values (1)");
                    throw bug;
                }))
                .isSameAs(bug);
        assertThat(things()).isZero();
    }

    @Test
    void inTransaction_unknownViolation_fliesAsTheBugItIs() {
        assertThatThrownBy(() -> transactions.inTransaction(handle -> {
                    handle.execute("insert into things values (1)");
                    return Result.ok(handle.execute("insert into things values (1)"));
                }))
                .hasMessageContaining("things");
        assertThat(things()).isZero();
    }

    @Test
    void inTransaction_databaseAway_isUnavailable() {
        Transactions away = new Transactions(Jdbi.create("jdbc:postgresql://localhost:1/away"));

        Result<Integer, DomainError> result = away.inTransaction(handle -> Result.ok(1));

        assertThat(result)
                .isInstanceOfSatisfying(
                        Result.Err.class,
                        err -> assertThat(((DomainError) err.error()).kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    }

    private int things() {
        return open.createQuery("select count(1) from things")
                .mapTo(Integer.class)
                .one();
    }
}
