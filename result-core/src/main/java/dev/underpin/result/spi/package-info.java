/**
 * What most modules take from their user: time, and the bytes of a value. Implementations must be thread-safe.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.result.spi;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
