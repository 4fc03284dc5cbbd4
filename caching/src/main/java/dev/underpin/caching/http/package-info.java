/**
 * What HTTP caches are told: {@link dev.underpin.caching.http.CacheControl} and
 * {@link dev.underpin.caching.http.ETag}, as values that print and parse the header fields of RFC 9110, RFC 9111, RFC 5861
 * and RFC 8246. Knows no framework. All types are immutable.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.caching.http;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
