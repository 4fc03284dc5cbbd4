/**
 * Calls to what may fail, be slow or be gone.
 *
 * <p>{@link dev.underpin.resilience.Pipeline} puts a deadline, retries with a budget, a circuit breaker, limits and an
 * attempt timeout around a call, in the one order that works, and driven by error values. {@link
 * dev.underpin.resilience.RateLimiter} limits by key, and {@link dev.underpin.resilience.LoadShedder} keeps a server from
 * working for callers that have gone. Nothing here starts a thread of its own: delays are those of the
 * {@link dev.underpin.result.spi.TimeSource}. Everything is thread-safe unless it says otherwise.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.resilience;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
