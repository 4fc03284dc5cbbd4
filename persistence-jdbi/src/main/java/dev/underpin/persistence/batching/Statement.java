package dev.underpin.persistence.batching;

import dev.underpin.batching.BatchFunction;
import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.batching.ScopedLoader;
import dev.underpin.persistence.KeyedQuery;
import dev.underpin.persistence.PersistenceErrors;
import dev.underpin.persistence.internal.Noting;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.nio.channels.ClosedByInterruptException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** The statement of a loader: finds a connection for it, and says what it failed with. */
final class Statement<K, R> implements BatchFunction<K, R> {
    private final Jdbi jdbi;
    private final String sql;
    private final BiFunction<KeyedQuery, List<K>, Map<K, Result<R, DomainError>>> fetch;

    /** Whose statement this is; set as soon as there is one. */
    private volatile @Nullable Loader<K, R> loader;

    private Statement(Jdbi jdbi, String sql, BiFunction<KeyedQuery, List<K>, Map<K, Result<R, DomainError>>> fetch) {
        this.jdbi = jdbi;
        this.sql = sql;
        this.fetch = fetch;
    }

    static <K, R> Loader<K, R> build(
            Loader.Builder<? super K> builder,
            Jdbi jdbi,
            String sql,
            BiFunction<KeyedQuery, List<K>, Map<K, Result<R, DomainError>>> fetch) {
        Statement<K, R> statement = new Statement<>(jdbi, sql, fetch);
        Loader<K, R> loader = builder.buildPerKey(statement);
        statement.loader = loader;
        return loader;
    }

    @Override
    public Map<K, Result<R, DomainError>> load(List<K> keys, LoadScope scope) {
        Optional<Handle> bound =
                scope.resource(Handle.class).filter(handle -> handle.getJdbi().equals(jdbi));
        try {
            return bound.isPresent() ? load(keys, open(bound.get())) : jdbi.withHandle(handle -> load(keys, handle));
        } catch (JdbiException e) {
            if (isInterrupted(e)) {
                throw e; // by which the scope learns that others who wait may do better
            }
            return failed(keys, scope, PersistenceErrors.of(e));
        }
    }

    private Map<K, Result<R, DomainError>> load(List<K> keys, Handle handle) {
        try {
            return fetch.apply(KeyedQuery.of(handle, sql), keys);
        } catch (JdbiException e) {
            // It goes on as a value, and one that came while rows were read was not seen by who watches statements.
            if (handle.getStatementBuilder() instanceof Noting transaction) {
                transaction.noteThrown(e);
            }
            throw e;
        }
    }

    private static Handle open(Handle handle) {
        if (handle.isClosed()) {
            throw new IllegalStateException(
                    "The handle that is bound to the scope is closed: a scope must be closed before"
                            + " its transaction ends, and be opened anew for the next");
        }
        return handle;
    }

    /** All keys fail alike, and none of them is remembered: what failed is the statement, or the transaction around it. */
    private Map<K, Result<R, DomainError>> failed(List<K> keys, LoadScope scope, DomainError error) {
        ScopedLoader<K, R> scoped = scope.loader(Objects.requireNonNull(loader));
        Map<K, Result<R, DomainError>> results = new HashMap<>();
        for (K key : keys) {
            scoped.clear(key);
            results.put(key, Result.err(error));
        }
        return results;
    }

    private static boolean isInterrupted(JdbiException thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 50; depth++) {
            if (cause instanceof InterruptedException || cause instanceof ClosedByInterruptException) {
                return true;
            }
            cause = cause.getCause();
        }
        return Thread.currentThread().isInterrupted();
    }
}
