package dev.underpin.benchmarks.idempotency;

import dev.underpin.idempotency.Idempotency;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Replay;
import dev.underpin.persistence.Transactions;
import dev.underpin.persistence.Tx;
import dev.underpin.persistence.idempotency.IdempotentTransactions;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** Ours, as the README of persistence-jdbi has them. */
final class OurForms {
    private final Transactions transactions;
    private final IdempotentTransactions once;
    private final Idempotency leased;

    OurForms(DataSource pool) {
        Jdbi jdbi = Jdbi.create(pool);
        transactions = Transactions.named("benchmark").build(jdbi);
        once = IdempotentTransactions.of(transactions);
        leased = Idempotency.builder(JdbiIdempotencyStore.of(jdbi)).build();
    }

    /** {@return the transaction alone, of a request that has no key} */
    Form bare() {
        return request -> new Replay<>(value(transactions.inTransaction(tx -> effect(tx, request))), false);
    }

    /** {@return key, effect and answer in one transaction} */
    Form sameTransaction() {
        return request -> value(once.execute(Requests.ORDER, request, tx -> effect(tx, request)));
    }

    /** {@return a lease, the effect in a step, the answer} */
    Form leased() {
        return request -> value(leased.execute(
                Requests.ORDER, request, run -> once.step(run, "place", Requests.CODEC, tx -> effect(tx, request))));
    }

    private static Result<String, DomainError> effect(Tx tx, IdempotentRequest request) {
        tx.handle().execute(Form.ORDER, Form.account(request), Form.AMOUNT);
        tx.handle().execute(Form.PAY, Form.AMOUNT, Form.account(request));
        return Result.ok(Requests.ANSWER);
    }

    private static <T> T value(Result<T, DomainError> result) {
        return result.fold(value -> value, error -> {
            throw new IllegalStateException(error.message(), error.cause().orElse(null));
        });
    }
}
