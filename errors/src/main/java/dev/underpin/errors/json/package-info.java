/**
 * JSON by Jackson, version 2 or 3.
 *
 * <p>{@link dev.underpin.errors.json.Jackson2Json} and {@link dev.underpin.errors.json.Jackson3Json} make a
 * {@link dev.underpin.errors.json.Json} of the service's own mapper: it writes answers, reads requests without telling the
 * client anything of the parser, turns the errors of remote services back into errors, and stores values. Errors
 * are the same bytes under both, whatever the mapper's settings; so are envelopes, but for what the mapper writes at
 * {@code data} and {@code meta}. Jackson 2.18 is the oldest that will do. Thread-safe.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.errors.json;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
