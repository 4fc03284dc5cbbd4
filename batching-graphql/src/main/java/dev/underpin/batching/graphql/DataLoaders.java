package dev.underpin.batching.graphql;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import java.util.Objects;
import org.dataloader.DataLoaderRegistry;

/**
 * Loaders of a scope as DataLoaders of graphql-java.
 *
 * <p><b>When a batch leaves.</b> When the engine dispatches: once for each level of a query, all loaders together. Keys that
 * are asked for while batches run, as by {@code load(a).thenCompose(x -> other.load(b))}, leave when all of these have ended
 * and everything that depends on them has run, unless the engine dispatches before. {@code join} and {@code get} of a future
 * dispatch, too. Keys that are asked for otherwise, as by a fetcher on a thread of its own, leave when none came for five
 * milliseconds and the threads that asked have left the engine, or have been in it for more than a second without asking
 * again; and then as they do in the scope, by {@link Loader.Builder#maxWait}. Nothing needs to be enabled.
 *
 * <p><b>Who runs it.</b> The executor of the scope, if it has one: batches of several loaders run side by side, and fields
 * below those that were loaded are fetched on its threads, as with any asynchronous batch function. Else the thread that
 * dispatches. If something is bound to the scope, batches run on the thread that opened it, which must be the one
 * that executes the query, with fetchers that do not change the thread.
 *
 * <p><b>What a field gets.</b> The value. For a key that has none, null, as a GraphQL service expects it of a DataLoader; a
 * loader with {@link Loader.Builder#missing} fails with that error instead. For an error, a {@link LoadException}. An
 * {@code Error} that a batch function throws is the cause of such a failure, and does not fly through the engine.
 *
 * <p><b>What differs from other DataLoaders.</b> A key that was asked for twice is loaded once, and each caller has a future of
 * its own: what one does with it touches nobody else. Contexts of keys are refused with an
 * {@link UnsupportedOperationException}, since two values of one key would share what is remembered: what a value depends on
 * belongs to the key. {@code loadMany} fails if one of its keys does. {@code prime} with a future remembers its value when there
 * is one, and with an error nothing. {@code getIfPresent} knows what has been loaded. A dispatch of one loader is one of all
 * those of its registry, and gives the values that were loaded, without those of keys that failed or have none. Statistics
 * are empty; a {@link dev.underpin.batching.BatchListener} counts. A {@code transform}, and with it an instrumentation
 * of a registry, gives a DataLoader of java-dataloader, with its rules, that loads through the scope.
 */
public final class DataLoaders {
    private DataLoaders() {}

    /**
     * {@return a registry with a DataLoader of the name of each loader} For one {@link graphql.ExecutionInput}; it is used as
     * long as the scope is open, and fields that are fetched later fail with
     * {@link dev.underpin.batching.BatchingErrors#SCOPE_CLOSED}. Others may be registered in it as well. Thread-safe, as are the
     * DataLoaders.
     *
     * @param scope the scope of the request
     * @param loaders the loaders
     * @throws IllegalArgumentException if two of them have the same name
     */
    public static DataLoaderRegistry registry(LoadScope scope, Loader<?, ?>... loaders) {
        Rounds rounds = new Rounds(Objects.requireNonNull(scope, "scope"));
        DataLoaderRegistry registry = new DataLoaderRegistry();
        for (Loader<?, ?> loader : loaders) {
            if (registry.getDataLoader(loader.name()) != null) {
                throw new IllegalArgumentException("names of loaders must differ: " + loader.name());
            }
            registry.register(rounds.dataLoader(loader));
        }
        return registry;
    }
}
