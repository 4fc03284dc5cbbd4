/**
 * Loaders of a {@link dev.underpin.batching.LoadScope} as the DataLoaders of graphql-java.
 *
 * <p>{@link dev.underpin.batching.graphql.DataLoaders} makes the registry of a request. The engine dispatches as it always
 * does, once for each level of a query, and what it does not dispatch leaves by itself. An error of a key is a
 * {@link dev.underpin.batching.graphql.LoadException}, of those fields alone that asked for the key. Nothing here logs or
 * starts a thread.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.batching.graphql;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
