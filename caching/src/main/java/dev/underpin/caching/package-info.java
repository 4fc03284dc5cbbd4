/**
 * Values that are kept because they are costly to get.
 *
 * <p>{@link dev.underpin.caching.CacheAside} loads once per key, and keeps no value whose load began before an
 * invalidation of it: by key, by tag or of everything, for single and bulk loads and for refreshes, in this process and,
 * with a {@link dev.underpin.caching.RemoteLevel}, across processes. {@link dev.underpin.caching.WriteBehind} collects
 * writes and makes them later. Nothing here starts a thread of its own: delays are those of the
 * {@link dev.underpin.result.spi.TimeSource}, and work in the background runs on the executor that was given. Everything
 * is thread-safe unless it says otherwise.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.caching;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
