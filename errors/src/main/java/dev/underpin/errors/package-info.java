/**
 * Answers of a service.
 *
 * <p>A {@link dev.underpin.errors.Renderer} turns the {@code Result} of a use case into status, headers and bytes: a
 * success envelope {@code {"data": ..., "meta": ...}}, an error envelope {@code {"error": {...}}}, or problem details
 * (RFC 9457) where the client prefers them. Exceptions are translated, logged once, and never shown. All types are
 * thread-safe unless they say otherwise.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.errors;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
