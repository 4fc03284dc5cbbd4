package dev.underpin.persistence.batching;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.persistence.KeyedQuery;
import dev.underpin.persistence.Tx;
import dev.underpin.persistence.internal.KeyPlace;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * Makes loaders of statements, which a {@link KeyedQuery} runs for all keys of a batch, and opens scopes that load inside a
 * transaction.
 *
 * <p><b>On which connection.</b> On the handle that is bound to the scope, if it is of the loader's {@code Jdbi}; else on that
 * of {@link Jdbi#withHandle}, which inside a transaction is its handle, on the thread of its body. In a scope of
 * {@link #open}, batches run on that thread alone, see what the transaction has written, and take no second connection,
 * whatever the tasks of the scope are that ask. Tasks ask for nothing but keys then: a task that takes a connection of its
 * own, from a pool whose last one the transaction has, waits for it while the transaction waits for the task. So does a
 * scope without a transaction whose tasks hold connections while they wait in a load: the batch needs one more.
 *
 * <p><b>What fails.</b> A failure of the database is what
 * {@link dev.underpin.persistence.PersistenceErrors#of} makes of it, for each key of the batch, and is never remembered. Inside a
 * transaction it is that of a statement of its body: the transaction is not committed, whatever becomes of the error, and
 * runs again where that helps, unless {@link Tx#nested} contains it. All else that is thrown, as for two rows of one key, a row
 * whose key was not asked for or keys of a class that {@link KeyedQuery} does not take, is a bug, and
 * {@link dev.underpin.batching.BatchingErrors#BATCH_FAILED}, as is a statement that an interrupt of its thread cut off
 * and that nobody else waits for.
 *
 * <p>Loaders are thread-safe, as are those functions that do not use what others do: mapper and key function may run on
 * several threads at once.
 */
@SuppressWarnings("exports") // who uses this has the module batching
public final class BatchFetch {
    private BatchFetch() {}

    /**
     * {@return a scope that loads inside a transaction, without an executor} To be closed before the body ends: what is loaded
     * after it is an error, and what a {@link Tx#nested} block has loaded is remembered even if it is undone, unless the scope
     * was opened in it. With an executor for {@link LoadScope#fork}:
     * {@code LoadScope.builder().executor(threads).bind(Handle.class, tx.handle()).open()}.
     *
     * @param tx the transaction
     * @throws IllegalStateException if it has ended
     */
    public static LoadScope open(Tx tx) {
        return LoadScope.builder().bind(Handle.class, tx.handle()).open();
    }

    /**
     * {@return a loader of the row of a key} A key without a row is {@link Loader.Builder#missing}.
     *
     * @param loader how it batches; a batch of more than 1,000 keys takes several statements
     * @param jdbi where the rows are
     * @param sql the statement, as {@link KeyedQuery#of} takes it: {@code select c.* from customers c where c.id = any(:keys)}
     * @param mapper reads a row
     * @param key the key of a row, of the class of the keys that are asked for
     * @param <K> the type of the keys: what {@link KeyedQuery} takes
     * @param <V> the type of the rows
     * @throws IllegalArgumentException if the statement does not say {@code column = any(:keys)}
     */
    public static <K, V> Loader<K, V> byKey(
            Loader.Builder<? super K> loader,
            Jdbi jdbi,
            String sql,
            RowMapper<? extends V> mapper,
            Function<? super V, K> key) {
        require(jdbi, sql, mapper, key);
        return Statement.build(loader, jdbi, sql, (query, keys) -> {
            List<Optional<V>> rows = query.fetchOne(keys, mapper, key);
            Map<K, Result<V, DomainError>> found = new HashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                K asked = keys.get(i);
                rows.get(i).ifPresent(row -> found.put(asked, Result.ok(row)));
            }
            return found;
        });
    }

    /**
     * {@return a loader of the rows of a key, in the order of the statement} A key without rows has an empty list. All rows of a
     * batch are read: where a key can have many, let the statement number them, such as by {@code row_number() over (partition by
     * o.customer order by o.placed_at desc)}, and take the first few of each.
     *
     * @param loader how it batches; a batch of more than 1,000 keys takes several statements
     * @param jdbi where the rows are
     * @param sql the statement, as {@link KeyedQuery#of} takes it: {@code select o.* from orders o where o.customer = any(:keys)}
     * @param mapper reads a row
     * @param key the key of a row, of the class of the keys that are asked for
     * @param <K> the type of the keys: what {@link KeyedQuery} takes
     * @param <V> the type of the rows
     * @throws IllegalArgumentException if the statement does not say {@code column = any(:keys)}
     */
    public static <K, V> Loader<K, List<V>> manyByKey(
            Loader.Builder<? super K> loader,
            Jdbi jdbi,
            String sql,
            RowMapper<? extends V> mapper,
            Function<? super V, K> key) {
        require(jdbi, sql, mapper, key);
        return Statement.build(loader, jdbi, sql, (query, keys) -> {
            List<List<V>> rows = query.fetchMany(keys, mapper, key);
            Map<K, Result<List<V>, DomainError>> found = new HashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                found.put(keys.get(i), Result.ok(rows.get(i)));
            }
            return found;
        });
    }

    private static void require(Jdbi jdbi, String sql, RowMapper<?> mapper, Function<?, ?> key) {
        Objects.requireNonNull(jdbi, "jdbi");
        Objects.requireNonNull(mapper, "mapper");
        Objects.requireNonNull(key, "key");
        String unused = KeyPlace.column(sql);
    }
}
