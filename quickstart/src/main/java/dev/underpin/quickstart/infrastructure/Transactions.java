package dev.underpin.quickstart.infrastructure;

import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.Result;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/** Transactions that roll back when their work returns a failure. */
final class Transactions {
    private final Jdbi jdbi;

    Transactions(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    <T> Result<T, DomainError> inTransaction(
            Function<? super Handle, ? extends Result<? extends T, ? extends DomainError>> work) {
        try {
            // The failure leaves as an exception, for that is what makes Jdbi roll back.
            return Result.ok(jdbi.inTransaction(
                    handle -> Result.<T, DomainError>widen(work.apply(handle)).orElseThrow()));
        } catch (DomainErrorException failure) {
            return Result.err(failure.error());
        } catch (JdbiException e) {
            return Result.err(SqlErrors.translate(e).orElseThrow(() -> e));
        }
    }
}
