/**
 * Idempotency keys in a database: {@link dev.underpin.persistence.idempotency.IdempotentTransactions} claims a key, has its
 * effect and stores its answer in one transaction; {@link dev.underpin.persistence.idempotency.JdbiIdempotencyStore} keeps
 * keys for effects outside of it. Needs the module idempotency, and the table of {@code V1__idempotency.up.sql}.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.persistence.idempotency;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
