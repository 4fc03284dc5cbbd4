/**
 * Expected failures as values.
 *
 * <p>An operation that can fail for a reason its caller must deal with returns a {@link dev.underpin.result.Result};
 * the reason is a {@link dev.underpin.result.DomainError} or any narrower type. Exceptions are left to bugs, and an
 * {@link java.lang.Error} is never turned into a value. Every type here is immutable and thread-safe unless it says otherwise,
 * rejects null at its entry points with a {@link java.lang.NullPointerException} that names the culprit, never catches
 * what a callback throws, and logs nothing.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.result;

import org.jspecify.annotations.NullMarked;
