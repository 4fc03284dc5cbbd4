/**
 * Loads by key that become calls by many keys.
 *
 * <p>A {@link dev.underpin.batching.Loader} says how to get the values of many keys at once. A
 * {@link dev.underpin.batching.LoadScope}, one per request or unit of work, remembers what was loaded, and calls a loader
 * when every task of the scope waits, so that plain blocking code batches: there is no window of time, and nothing to
 * dispatch. What fails is a {@link dev.underpin.result.Result}, for one key as for many. Nothing here logs, and nothing
 * starts a thread but where the documentation of {@link dev.underpin.batching.LoadScope} says so.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.batching;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
