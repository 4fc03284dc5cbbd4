/**
 * Idempotency keys: a request that is sent again is answered again, and not executed again. A request
 * ({@link dev.underpin.idempotency.IdempotentRequest}) is claimed under a lease, runs in steps that survive its worker
 * ({@link dev.underpin.idempotency.Execution}), and its answer is stored
 * ({@link dev.underpin.idempotency.IdempotencyStore}). Knows no HTTP and no database.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.idempotency;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
