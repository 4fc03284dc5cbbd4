package dev.underpin.batching;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A loader in an open scope: what it loaded is remembered until the scope closes. {@link #load} in tasks of
 * {@link LoadScope#fork} batches across them; {@link #loadAll} and {@link #mapAll} batch on the calling thread.
 *
 * <p>All that can fail fails as a {@link Result}: what the batch function says of a key, or of all of them, and what
 * {@link BatchingErrors} lists. A key is loaded at most once at a time in a scope, unless it is cleared while
 * its batch runs. Thread-safe.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
@SuppressWarnings("ReferenceEquality") // threads, slots and batches are what they are
public final class ScopedLoader<K, V> {
    private static final int FIRST_TABLE = 8;
    private static final int MOST_TABLE = 1 << 30;
    private static final VarHandle BUCKET = MethodHandles.arrayElementVarHandle(Slot[].class);

    final Loader<K, V> loader;
    final Dispatch dispatch;

    /** The next one of the scope. */
    @Nullable
    ScopedLoader<?, ?> next;

    /** Batches that were given to somebody and have not ended, without those whose runner waits in them. */
    int inFlight;

    /** Since when a key is waited for and queued; of no meaning unless {@link #clocked}. */
    long firstNanos;

    boolean clocked;

    /** How many batches had one key. */
    int singles;

    /*
     * A hash table of chains, whose nodes are the slots. Written with the lock. Read with it, or without by who looks for a
     * result: it finds one that there was, or nothing, and then looks again with the lock.
     */
    private volatile Slot<K, V>[] table;
    private int size;

    /* The queue: linked by the slots. Some of it may no longer be wanted, and is not counted. */
    private @Nullable Slot<K, V> first;
    private @Nullable Slot<K, V> last;
    private int queued;

    ScopedLoader(Loader<K, V> loader, Dispatch dispatch) {
        this.loader = loader;
        this.dispatch = dispatch;
        table = table(FIRST_TABLE);
    }

    /**
     * {@return the value of a key} Waits until it is loaded, which it is when every task of the scope waits.
     *
     * @param key the key
     */
    public Result<V, DomainError> load(K key) {
        Object identity = loader.identity(key);
        int hash = hash(identity);
        Result<V, DomainError> present = peek(identity, hash);
        return present != null ? hit(present) : dispatch.load(this, key, identity, hash, null);
    }

    /**
     * {@return the value of a key} Waits until it is loaded, for a limited time; the load goes on for others. If it is this
     * thread that runs the batch, it is interrupted when the time is over, and another one runs the batch if it is wanted.
     *
     * @param key the key
     * @param maxWait how long to wait at most; {@link BatchingErrors#LOAD_TIMEOUT} afterwards
     * @throws IllegalArgumentException if the time is negative
     */
    public Result<V, DomainError> load(K key, Duration maxWait) {
        if (Objects.requireNonNull(maxWait, "maxWait").isNegative()) {
            throw new IllegalArgumentException("maxWait must not be negative: " + maxWait);
        }
        Object identity = loader.identity(key);
        int hash = hash(identity);
        Result<V, DomainError> present = peek(identity, hash);
        return present != null ? hit(present) : dispatch.load(this, key, identity, hash, maxWait);
    }

    /**
     * {@return the value of a key, when it is loaded} The future is the caller's own: cancelling or completing it touches no
     * other caller; a key that nobody waits for any more is not loaded. {@code join} and {@code get}, of the future and of
     * those that come from it by {@code thenApply} and the like, count as waiting in the scope. A wait that the scope
     * cannot see, such as that for {@link CompletableFuture#allOf}, is ended by {@link Loader.Builder#maxWait}, or begun with
     * {@link LoadScope#flush}. What was registered on the future runs on the thread that ran the batch, or on the scope's
     * executor if it has one.
     *
     * @param key the key
     */
    public CompletableFuture<Result<V, DomainError>> loadAsync(K key) {
        Object identity = loader.identity(key);
        int hash = hash(identity);
        Result<V, DomainError> present = peek(identity, hash);
        if (present != null) {
            return LoadFuture.completed(dispatch, hit(present));
        }
        return dispatch.loadAsync(this, key, identity, hash);
    }

    /**
     * {@return the values of keys, in the order in which they come first} Waits until all are loaded.
     *
     * @param keys the keys; none of them loads nothing
     */
    public Map<K, Result<V, DomainError>> loadAll(Collection<? extends K> keys) {
        List<K> asked = new ArrayList<>(keys);
        List<Result<V, DomainError>> results = dispatch.loadAll(this, asked);
        Map<K, Result<V, DomainError>> all = new LinkedHashMap<>((int) (asked.size() / 0.75) + 1);
        for (int i = 0; i < asked.size(); i++) {
            all.putIfAbsent(asked.get(i), results.get(i));
        }
        return all;
    }

    /**
     * {@return items with what was loaded for them, in their order} Waits until all is loaded.
     *
     * @param items the items
     * @param key the key of an item
     * @param f puts an item and its value together
     * @param <A> the type of the items
     * @param <B> the type of what comes out
     */
    public <A, B> List<B> mapAll(
            Collection<? extends A> items,
            Function<? super A, ? extends K> key,
            BiFunction<? super A, ? super Result<V, DomainError>, ? extends B> f) {
        List<A> all = new ArrayList<>(items);
        List<K> keys = new ArrayList<>(all.size());
        for (A item : all) {
            keys.add(key.apply(item));
        }
        List<Result<V, DomainError>> results = dispatch.loadAll(this, keys);
        List<B> mapped = new ArrayList<>(all.size());
        for (int i = 0; i < all.size(); i++) {
            mapped.add(f.apply(all.get(i), results.get(i)));
        }
        return mapped;
    }

    /**
     * Says which keys will be asked for, so that the first one who waits has all of them loaded: a loop of {@link #load} is
     * then one batch.
     *
     * @param keys the keys
     * @return this
     */
    @CanIgnoreReturnValue
    public ScopedLoader<K, V> expect(Collection<? extends K> keys) {
        for (K key : keys) {
            Object identity = loader.identity(key);
            int hash = hash(identity);
            if (peek(identity, hash) == null) {
                dispatch.expect(this, key, identity, hash);
            }
        }
        return this;
    }

    /**
     * Remembers a value that is known from elsewhere. Does nothing if the key has a result, or is being loaded: who waits
     * gets what is loaded.
     *
     * @param key the key
     * @param value its value
     * @return whether it is remembered
     */
    @CanIgnoreReturnValue
    public boolean prime(K key, V value) {
        Object identity = loader.identity(key);
        return dispatch.prime(this, key, identity, hash(identity), Result.ok(value));
    }

    /**
     * {@return what is remembered of a key: loaded or primed; empty if there is nothing, or not yet} Loads nothing.
     *
     * @param key the key
     */
    public Optional<Result<V, DomainError>> peek(K key) {
        Object identity = loader.identity(key);
        return Optional.ofNullable(peek(identity, hash(identity)));
    }

    /**
     * Forgets what was loaded for a key, so that it is loaded again. Who waits for a batch that runs gets what that loads, and it
     * is not remembered; a key whose batch does not run yet is loaded once.
     *
     * @param key the key
     */
    public void clear(K key) {
        Object identity = loader.identity(key);
        dispatch.clear(this, identity, hash(identity));
    }

    /** Forgets all keys, as {@link #clear} does one. */
    public void clearAll() {
        dispatch.clearAll(this);
    }

    @Override
    public String toString() {
        return loader + " in a scope";
    }

    Result<V, DomainError> error(ErrorCode code, K key) {
        return Result.err(new LoadError(code, loader.name, key));
    }

    Result<V, DomainError> hit(Result<V, DomainError> result) {
        BatchListener listener = loader.listener;
        if (listener != null) {
            try {
                listener.onHit(loader.name);
            } catch (Throwable e) {
                // a listener of metrics must not fail a load
            }
        }
        return result;
    }

    /* ---- the table and the queue ---- */

    static int hash(Object identity) {
        int hash = identity.hashCode();
        return hash ^ (hash >>> 16);
    }

    /** {@return the result that a key has, if any} Without the lock. */
    @Nullable
    Result<V, DomainError> peek(Object identity, int hash) {
        Slot<K, V> slot = find(identity, hash);
        return slot == null ? null : slot.result();
    }

    @SuppressWarnings("unchecked")
    @Nullable
    Slot<K, V> find(Object identity, int hash) {
        Slot<K, V>[] now = table;
        Slot<K, V> slot = (Slot<K, V>) BUCKET.getAcquire(now, hash & (now.length - 1));
        while (slot != null) {
            if (slot.hash == hash && (slot.identity() == identity || identity.equals(slot.identity()))) {
                return slot;
            }
            slot = slot.next();
        }
        return null;
    }

    /** Puts a slot into the table, and into the queue. {@return whether that was full and has become a batch} */
    boolean enqueue(Slot<K, V> slot) {
        insert(slot);
        if (last == null) {
            first = slot;
        } else {
            last.behind(slot);
        }
        last = slot;
        queued++;
        if (queued < loader.maxBatch) {
            return false;
        }
        takeAll();
        return true;
    }

    Slot<K, V> slot(K key, Object identity, int hash) {
        return loader.isCanonical() ? new Slot.Canonical<>(key, identity, hash) : new Slot<>(key, hash);
    }

    void insert(Slot<K, V> slot) {
        Slot<K, V>[] now = table;
        if (size >= now.length && now.length < MOST_TABLE) {
            now = resize(now);
        }
        int bucket = slot.hash & (now.length - 1);
        slot.next(now[bucket]);
        BUCKET.setRelease(now, bucket, slot);
        size++;
    }

    /**
     * Chains are linked anew while others may read them: they may then miss a slot, and never find a wrong one; and every chain
     * they may walk along ends, since each slot is linked once, in front of slots that are linked already.
     */
    private Slot<K, V>[] resize(Slot<K, V>[] old) {
        Slot<K, V>[] grown = table(old.length * 2);
        for (Slot<K, V> chain : old) {
            Slot<K, V> slot = chain;
            while (slot != null) {
                Slot<K, V> rest = slot.next();
                int bucket = slot.hash & (grown.length - 1);
                slot.next(grown[bucket]);
                grown[bucket] = slot;
                slot = rest;
            }
        }
        table = grown;
        return grown;
    }

    /** Takes a slot out of the table; who holds it keeps it. {@return whether it was there} */
    @CanIgnoreReturnValue
    boolean forget(Slot<K, V> slot) {
        Slot<K, V>[] now = table;
        int bucket = slot.hash & (now.length - 1);
        Slot<K, V> before = null;
        for (Slot<K, V> one = now[bucket]; one != null; one = one.next()) {
            if (one == slot) {
                if (before == null) {
                    BUCKET.setRelease(now, bucket, one.next());
                } else {
                    before.next(one.next());
                }
                size--;
                return true;
            }
            before = one;
        }
        return false;
    }

    /** A slot of the queue is not wanted any more. */
    void drop(Slot<K, V> slot) {
        if (!forget(slot)) {
            return; // it has been dropped before
        }
        queued--;
        if (queued == 0) {
            first = null;
            last = null;
            unclock();
        }
    }

    boolean hasPlace() {
        return inFlight < loader.maxInFlight;
    }

    boolean hasQueued() {
        return queued > 0;
    }

    /** Makes a batch of the queue, or several. */
    void takeAll() {
        Slot<K, V> slot = first;
        while (queued > 0) {
            Slot<K, V>[] slots = table(Math.min(queued, loader.maxBatch));
            Batch<K, V> batch = new Batch<>(this, slots);
            batch.clocked = clocked;
            batch.sinceNanos = firstNanos;
            for (int i = 0; i < slots.length; ) {
                Slot<K, V> one = Objects.requireNonNull(slot);
                slot = one.behind();
                if (one.isWanted()) {
                    one.take(batch);
                    slots[i] = one;
                    i++;
                }
            }
            queued -= slots.length;
            dispatch.ready(batch);
        }
        first = null;
        last = null;
        unclock();
    }

    private void unclock() {
        if (clocked) {
            clocked = false;
            dispatch.unclocked();
        }
    }

    /** Forgets everything that is not being waited for in the queue or in a batch that has not started. */
    void forgetLoaded() {
        Slot<K, V>[] old = table;
        List<Slot<K, V>> kept = new ArrayList<>();
        for (Slot<K, V> chain : old) {
            for (Slot<K, V> slot = chain; slot != null; slot = slot.next()) {
                if (!isForgettable(slot)) {
                    kept.add(slot);
                }
            }
        }
        table = table(FIRST_TABLE);
        size = 0;
        kept.forEach(this::insert);
    }

    /** A key that has not begun to be loaded will be loaded as it then is. */
    boolean isForgettable(Slot<K, V> slot) {
        Batch<?, ?> batch = slot.batch();
        return batch != null ? batch.started : !slot.isQueued();
    }

    /** Forgets everything, for good. */
    void close() {
        table = table(1);
        size = 0;
    }

    /** Remembers what nobody has asked for. */
    void extra(K key, Result<V, DomainError> result) {
        Object identity = loader.identity(key);
        var unused = dispatch.prime(this, key, identity, hash(identity), result);
    }

    void sequential() {
        BatchListener listener = loader.listener;
        if (listener != null) {
            try {
                listener.onSequentialLoads(loader.name, singles);
            } catch (Throwable e) {
                // a listener of metrics must not fail a scope
            }
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // arrays have no type arguments
    static <K, V> Slot<K, V>[] table(int length) {
        return new Slot[length];
    }
}
