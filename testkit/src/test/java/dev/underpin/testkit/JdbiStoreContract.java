package dev.underpin.testkit;

import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.persistence.Transactions;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import dev.underpin.testkit.contract.IdempotencyStoreContract;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** What a store in a database promises. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JdbiStoreContract extends IdempotencyStoreContract {
    private Jdbi jdbi;

    /** {@return an empty database} */
    abstract Jdbi database() throws Exception;

    /** {@return the folder of its scripts} */
    abstract String folder();

    /** {@return the text of a time some microseconds before that of a column} */
    abstract String earlier(String column);

    @BeforeAll
    void create() throws Exception {
        jdbi = database();
        String name = "migrations/" + folder() + "/V1__idempotency.up.sql";
        try (InputStream script = Objects.requireNonNull(Transactions.class.getResourceAsStream(name), name)) {
            String sql = new String(script.readAllBytes(), StandardCharsets.UTF_8);
            jdbi.useHandle(handle -> handle.createScript(sql).execute());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected IdempotencyStore store() {
        jdbi.useHandle(handle -> handle.execute("delete from underpin_idempotency"));
        return JdbiIdempotencyStore.of(jdbi);
    }

    @Override
    protected void pass(Duration time) {
        jdbi.useHandle(handle -> handle.createUpdate("update underpin_idempotency set lease_until = "
                        + earlier("lease_until") + ", expires_at = " + earlier("expires_at"))
                .bind("micros", time.toNanos() / 1_000)
                .execute());
    }

    @Override
    protected int sequences() {
        return 30;
    }
}
