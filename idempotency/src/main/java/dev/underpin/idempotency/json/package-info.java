/**
 * Codecs that store answers as JSON, by the mapper of the service: Jackson 2 or Jackson 3, both optional. Thread-safe.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.idempotency.json;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
