/**
 * Loads that become one statement for many keys: {@link dev.underpin.persistence.batching.BatchFetch} makes loaders of
 * statements, and scopes that load inside a transaction. Needs the module batching.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.persistence.batching;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
