package dev.underpin.caching;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.spi.Codec;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Values by key, loaded when they are missing.
 *
 * <p><b>No stale value after an invalidation.</b> What a {@link #get} returns that begins after an invalidation of its key
 * has returned was loaded after that invalidation began; no load that began before it is kept or handed to new callers,
 * whether it was for one key or many, for a caller or a refresh, and whether the invalidation was by key, by tag, by
 * {@link #put}, {@link #write} or {@link #clear}. Invalidations wait for no load. The order is that of the caller: change
 * the store first, then invalidate, or use {@link #write}, or {@link #in} within a transaction.
 *
 * <p><b>One load.</b> Callers that miss the same key at the same time share one load, its value, its error and what it
 * throws. It runs on the thread of the first of them. What hangs is given up after {@link Builder#loadTimeout}: those who
 * wait get an error, the next caller loads anew, and what the hanging load may bring later is dropped; its own thread is
 * not interrupted. A load that waits for itself, through whatever other loads and caches, is an error at once; one that
 * waits for a future of {@link #getAsync}, or for another thread, is given up as one that hangs.
 *
 * <p><b>Errors</b> of the loader pass unchanged. One of kind {@code NOT_FOUND} is an absence, kept for
 * {@link Builder#absentTtl}; others are kept for {@link Builder#errorTtl}; both are not kept unless asked for. Errors that
 * say nothing about the data (of the kinds {@code RATE_LIMITED, INTERNAL, BAD_GATEWAY, UNAVAILABLE, TIMEOUT}) are answered
 * with the value before, where {@link Builder#staleOnError} allows it; then there is no further attempt for the shorter of
 * 30 seconds and the time to live, or for what the error says itself. What a loader throws is a bug: every caller of the
 * load gets it, and nothing is stored.
 *
 * <p>Values are kept as they are and handed to every caller: they should be immutable. Never keep data of one user under a
 * key another user can ask for.
 *
 * <p>Thread-safe; holds no lock while it runs code of the user or waits. Usable from virtual threads. In memory only unless
 * there is a {@link RemoteLevel}.
 *
 * @param <K> the type of the keys: immutable, with {@code equals} and {@code hashCode}
 * @param <V> the type of the values
 */
@SuppressWarnings("FutureReturnValueIgnored") // a slot that is looked at is a future that nobody need wait for
public final class CacheAside<K, V> implements AutoCloseable {
    private final Engine<K, V> engine;
    private final Terms<K, V> terms;
    private final Set<K> later = ConcurrentHashMap.newKeySet();

    private CacheAside(Terms<K, V> terms) {
        this.terms = terms;
        engine = new Engine<>(terms);
    }

    /**
     * Begins the definition of a cache.
     *
     * @param name for metrics, logs, errors and the remote level: 1 to 64 letters, digits, {@code '-'}, {@code '_'} or
     *     {@code '.'}
     * @return a builder with the defaults
     */
    public static Builder<Object, Object> named(String name) {
        return new Builder<>(Check.name(name));
    }

    /**
     * Gets the value of a key, and loads it if it is not there.
     *
     * @param key the key
     * @return the value, the error of the loader, or one of {@link CachingErrors}
     */
    public Result<V, DomainError> get(K key) {
        return engine.get(Objects.requireNonNull(key, "key"));
    }

    /**
     * Gets the value of a key as {@link #get(Object)} does, and waits no longer than that for the load of another caller.
     * Where there is an executor, a load that this call begins is made there, and waited for as long. Where there is none,
     * it is made on this thread, and ends when it ends.
     *
     * @param key the key
     * @param maxWait how long to wait
     * @return the value, a stale one, or an error: {@link CachingErrors#CACHE_LOAD_TIMEOUT} if there was none in time
     */
    public Result<V, DomainError> get(K key, Duration maxWait) {
        Objects.requireNonNull(key, "key");
        return engine.get(key, Clock.nanos(Check.notNegative("maxWait", maxWait)));
    }

    /**
     * Gets the value of a key as {@link #get(Object)} does, with its age.
     *
     * @param key the key
     * @return the value and how fresh it is, or the error
     */
    public Result<Cached<V>, DomainError> getCached(K key) {
        return engine.getCached(Objects.requireNonNull(key, "key"));
    }

    /**
     * Gets the value of a key without waiting for the load of another caller. A load that this call begins runs on the
     * {@link Builder#executor}; where there is none, on the calling thread, before this returns, and with a remote level it may
     * there wait for another process as {@link #get(Object)} does.
     *
     * @param key the key
     * @return completes with what {@link #get(Object)} would return, exceptionally only with what the loader threw. It
     *     belongs to this caller: to cancel or complete it has no effect on others, nor on the load. It may be completed by
     *     the thread of the load, which then also loads anew what was invalidated meanwhile, or by the timer, so what depends on it should be short or go to an executor
     */
    public CompletableFuture<Result<V, DomainError>> getAsync(K key) {
        return engine.getAsync(Objects.requireNonNull(key, "key"));
    }

    /**
     * Gets the values of several keys. Those that are missing and that nobody else loads are loaded together, in calls of at
     * most {@link Builder#maxBatch} keys, where the cache was made by {@link Builder#buildBulk}, otherwise one by one.
     *
     * @param keys the keys; what occurs twice counts once
     * @return for every key its value or error, in the order of the keys; unmodifiable
     * @throws NullPointerException if there is a null among the keys, before anything is loaded
     */
    public Map<K, Result<V, DomainError>> getAll(Collection<? extends K> keys) {
        return engine.getAll(keys);
    }

    /**
     * Gets a value only if it is in memory and fresh. Loads nothing, waits for nothing, counts nothing.
     *
     * @param key the key
     * @return the value
     */
    public Optional<V> getIfPresent(K key) {
        Slot<K, V> slot = engine.fresh(Objects.requireNonNull(key, "key"));
        return slot == null || slot.result == null ? Optional.empty() : slot.result.toOptional();
    }

    /**
     * Writes through: to the store first, and then makes the cache forget what it had. So of two writers at the same time
     * none can leave the value of the other in the cache.
     *
     * <p>An error of the store leaves the cache as it is, unless its {@link DomainError#retry} says that the write may have
     * happened, or the store throws: then what the cache has is loaded anew with the next get, and only served where that
     * fails and {@link Builder#staleOnError} allows it.
     *
     * @param key the key
     * @param value what to write
     * @param store writes it, and returns what is now stored
     * @return what the store returned
     */
    public Result<V, DomainError> write(
            K key,
            V value,
            BiFunction<? super K, ? super V, ? extends Result<? extends V, ? extends DomainError>> store) {
        Objects.requireNonNull(key, "key");
        boolean unknown = true;
        try {
            Result<V, DomainError> stored =
                    Result.widen(Objects.requireNonNull(store.apply(key, value), "the store returned null"));
            unknown = stored instanceof Result.Err<V, DomainError> err
                    && err.error().retry() == Retry.IF_IDEMPOTENT;
            if (stored.isOk()) {
                var unused = invalidate(key);
            }
            return stored;
        } finally {
            if (unknown) {
                var unused = expire(key);
            }
        }
    }

    /**
     * Makes a value the one of a key in the memory of this process, and invalidates it at the remote level. For values that
     * no other writer can have changed meanwhile; otherwise {@link #invalidate}, or {@link #write}.
     *
     * @param key the key
     * @param value the value; not kept if its time to live is not positive
     * @return how far it has come
     */
    @CanIgnoreReturnValue
    public Propagation put(K key, V value) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
        Propagation told = engine.invalidate(key).join();
        engine.put(key, value);
        return told;
    }

    /**
     * Makes the cache forget the value of a key, its absence or its error, and every load of it that is running.
     *
     * @param key the key
     * @return how far it has come
     */
    @CanIgnoreReturnValue
    public Propagation invalidate(K key) {
        return engine.invalidate(Objects.requireNonNull(key, "key")).join();
    }

    /**
     * Invalidates a key later, once for however many calls come meanwhile: for changes that come in bursts, or that are to
     * show at a known time. What is pending when the process ends does not happen.
     *
     * @param key the key
     * @param delay how much later; it counts from the first of the calls
     */
    public void invalidateAfter(K key, Duration delay) {
        Objects.requireNonNull(key, "key");
        Check.notNegative("delay", delay);
        if (!later.add(key)) {
            return;
        }
        try {
            var unused = terms.clock().time().schedule(delay, () -> {
                later.remove(key); // first: who calls while the invalidation runs may have changed something after it
                var unusedPropagation = engine.invalidate(key);
            });
        } catch (RuntimeException e) {
            later.remove(key); // or no later call would do anything
            throw e;
        }
    }

    /**
     * Ends the freshness of the value of a key: as {@link #invalidate}, but where the value cannot be loaded, it may still
     * be served as {@link Builder#staleOnError} allows.
     *
     * @param key the key
     * @return how far it has come
     */
    @CanIgnoreReturnValue
    public Propagation expire(K key) {
        return engine.expireEverywhere(Objects.requireNonNull(key, "key")).join();
    }

    /**
     * Invalidates all values with a tag, and the loads that are running if what they bring has it. Takes the same short time
     * for one value and for a million. Absences and errors have no tags.
     *
     * @param tag the tag
     * @return how far it has come
     */
    @CanIgnoreReturnValue
    public Propagation invalidateTag(String tag) {
        return engine.invalidateTag(Objects.requireNonNull(tag, "tag"), /* removed= */ true)
                .join();
    }

    /**
     * Ends the freshness of all values with a tag: as {@link #invalidateTag}, but where such a value cannot be loaded, it may
     * still be served as {@link Builder#staleOnError} allows.
     *
     * @param tag the tag
     * @return how far it has come
     */
    @CanIgnoreReturnValue
    public Propagation expireTag(String tag) {
        return engine.invalidateTag(Objects.requireNonNull(tag, "tag"), /* removed= */ false)
                .join();
    }

    /**
     * Invalidates everything, and all loads that are running, and lets go of the memory. Takes the same short time for one
     * entry and for a million.
     *
     * @return how far it has come
     */
    @CanIgnoreReturnValue
    public Propagation clear() {
        return engine.clearEverywhere().join();
    }

    /** {@return about how many entries there are in memory, those among them that are no longer valid} */
    public long estimatedSize() {
        return engine.estimatedSize();
    }

    /**
     * Makes a view for one unit of work, which invalidates after the commit, and not at all where it is rolled back. Keep it
     * for the unit of work: it knows what the unit has changed, and its reads go past the cache for that.
     *
     * <pre>{@code
     * tx.inTransaction(tx -> {
     *     var cached = products.in(tx::afterCommit);
     *     cached.invalidate(sku);
     *     ...
     * });
     * }</pre>
     *
     * <p>Where the loader of the cache joins a transaction that is open on its thread, read through the view only: a
     * {@code get} of the cache itself would keep what may be rolled back.
     *
     * <p>Between the commit and the invalidation, which follows at once, others may still see the value before. If the
     * process ends just there, they see it until the end of its time to live.
     *
     * @param afterCommit takes what is to run after the commit, and drops it on rollback
     * @return the view, confined to the thread of the unit of work
     */
    public Transactional<K, V> in(Consumer<Runnable> afterCommit) {
        return new Transactional<>(this, Objects.requireNonNull(afterCommit, "afterCommit"));
    }

    /**
     * Stops hearing the messages of other nodes, and drops what is kept. What is loaded afterwards is not kept, where there is a
     * remote level. A cache without one need not be closed.
     */
    @Override
    public void close() {
        engine.close();
        engine.clear();
    }

    /** A cache in a unit of work. */
    public static final class Transactional<K, V> {
        private final CacheAside<K, V> cache;
        private final Consumer<Runnable> afterCommit;
        private final Set<K> touched = new HashSet<>();
        private boolean tagTouched;

        private Transactional(CacheAside<K, V> cache, Consumer<Runnable> afterCommit) {
            this.cache = cache;
            this.afterCommit = afterCommit;
        }

        /**
         * Gets the value of a key. If this unit of work has invalidated the key or any tag, or the value is not in memory, the
         * loader of the cache is called; its value is not kept, since the unit may see an older state, or one that is rolled
         * back.
         *
         * @param key the key
         * @return as of {@link CacheAside#get(Object)}
         */
        public Result<V, DomainError> get(K key) {
            return get(key, cache.engine::loadPast);
        }

        /**
         * Gets the value of a key as {@link #get(Object)} does, with a loader of this unit of work, which sees its changes.
         *
         * @param key the key
         * @param loader reads within the unit of work
         * @return the value, or the error of the loader
         */
        public Result<V, DomainError> get(
                K key, Function<? super K, ? extends Result<? extends V, ? extends DomainError>> loader) {
            Objects.requireNonNull(key, "key");
            Slot<K, V> held = tagTouched || touched.contains(key) ? null : cache.engine.fresh(key);
            return held != null && held.result != null
                    ? held.result
                    : Result.widen(Objects.requireNonNull(loader.apply(key), "the loader returned null"));
        }

        /**
         * Invalidates a key after the commit.
         *
         * @param key the key
         */
        public void invalidate(K key) {
            touched.add(Objects.requireNonNull(key, "key"));
            later(() -> cache.invalidate(key));
        }

        /**
         * Invalidates a tag after the commit.
         *
         * @param tag the tag
         */
        public void invalidateTag(String tag) {
            Objects.requireNonNull(tag, "tag");
            tagTouched = true;
            later(() -> cache.invalidateTag(tag));
        }

        private void later(Runnable invalidation) {
            afterCommit.accept(invalidation);
        }
    }

    /**
     * Defines a cache. All settings have defaults.
     *
     * @param <K> the type of the keys so far
     * @param <V> the type of the values so far
     */
    public static final class Builder<K, V> {
        private static final long MAXIMUM_SIZE = 10_000;
        private static final long TTL_MINUTES = 10;
        private static final long LOAD_TIMEOUT_SECONDS = 30;
        private static final int MAX_LOADS = 1_000;
        private static final int MAX_BATCH = 500;

        private final String name;
        private long maximumSize = MAXIMUM_SIZE;
        private Duration ttl = Duration.ofMinutes(TTL_MINUTES);
        private @Nullable Function<?, Duration> ttlOf;
        private double refreshShare = 1;
        private Duration staleOnError = Duration.ZERO;
        private Duration absentTtl = Duration.ZERO;
        private @Nullable Function<? super DomainError, Duration> errorTtl;
        private Duration loadTimeout = Duration.ofSeconds(LOAD_TIMEOUT_SECONDS);
        private @Nullable Duration softTimeout;
        private int maxLoads = MAX_LOADS;
        private int maxBatch = MAX_BATCH;
        private Duration holdOff = Duration.ZERO;
        private @Nullable Function<?, ? extends Collection<String>> tags;
        private @Nullable RemoteLevel remote;
        private @Nullable Function<?, String> remoteKey;
        private @Nullable Codec<?> codec;
        private @Nullable Executor executor;
        private @Nullable CacheListener listener;
        private TimeSource time = TimeSource.system();
        private @Nullable RandomGenerator random;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Sets how many entries are kept in memory; those least likely to be asked for again go first. Default
         * {@value #MAXIMUM_SIZE}.
         *
         * @param entries at least 1
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> maximumSize(long entries) {
            if (entries < 1) {
                throw new IllegalArgumentException("maximumSize must be at least 1: " + entries);
            }
            maximumSize = entries;
            return this;
        }

        /**
         * Sets how long a value is fresh, at most: up to a tenth is taken off at random, so that values that were loaded
         * together do not end together. Default {@value #TTL_MINUTES} minutes.
         *
         * @param value positive
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> ttl(Duration value) {
            ttl = Check.positive("ttl", value);
            return this;
        }

        /**
         * Sets how long a value is fresh, at most, by the value. One whose time is not positive is handed to its callers and not
         * kept.
         *
         * @param type of the values, for the compiler
         * @param value asked once for each loaded value
         * @param <W> the type of the values
         * @return this builder
         */
        @CanIgnoreReturnValue
        public <W extends V> Builder<K, W> ttl(Class<W> type, Function<? super W, Duration> value) {
            Objects.requireNonNull(type, "type");
            ttlOf = Objects.requireNonNull(value, "ttl");
            return retyped();
        }

        /**
         * Sets after which share of its time a value that is asked for is loaded anew while it is still served: on the executor,
         * or where there is none, by the one caller that finds it due. Default 1: never.
         *
         * @param shareOfTtl above 0 and at most 1
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> refreshAfter(double shareOfTtl) {
            refreshShare = Check.share("refreshAfter", shareOfTtl);
            return this;
        }

        /**
         * Sets how long after its time a value may be served where loading it fails for a reason that says nothing about the
         * value. Failures never make it longer. Default zero: never.
         *
         * @param extra not negative
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> staleOnError(Duration extra) {
            staleOnError = Check.notNegative("staleOnError", extra);
            return this;
        }

        /**
         * Sets how long it is remembered that there is nothing for a key. What makes something for it must invalidate the key.
         * Default zero: not at all.
         *
         * @param value not negative
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> absentTtl(Duration value) {
            absentTtl = Check.notNegative("absentTtl", value);
            return this;
        }

        /**
         * Sets how long an error that is no absence is remembered. Default: not at all.
         *
         * @param value by the error; zero or negative: not at all
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> errorTtl(Function<? super DomainError, Duration> value) {
            errorTtl = Objects.requireNonNull(value, "errorTtl");
            return this;
        }

        /**
         * Sets after which time a load is given up: who waits for it gets an error or a stale value, and the next caller loads
         * anew. Default {@value #LOAD_TIMEOUT_SECONDS} seconds.
         *
         * @param timeout positive
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> loadTimeout(Duration timeout) {
            loadTimeout = Check.positive("loadTimeout", timeout);
            return this;
        }

        /**
         * Sets how long callers wait for a load while there is a stale value: then they get that, and the load goes on. Needs
         * {@link #staleOnError} and an {@link #executor}. Default: as long as for any load.
         *
         * @param timeout not negative, below {@link #loadTimeout}
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> softTimeout(Duration timeout) {
            softTimeout = Check.notNegative("softTimeout", timeout);
            return this;
        }

        /**
         * Sets how many loads may run at once, those among them that were given up and have not ended: one more is
         * {@link CachingErrors#CACHE_LOADS_SATURATED}. Default {@value #MAX_LOADS}.
         *
         * @param loads at least 1
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> maxConcurrentLoads(int loads) {
            maxLoads = Check.atLeast(1, "maxConcurrentLoads", loads);
            return this;
        }

        /**
         * Sets how many keys a bulk loader is given at once. Default {@value #MAX_BATCH}.
         *
         * @param keys at least 1
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> maxBatch(int keys) {
            maxBatch = Check.atLeast(1, "maxBatch", keys);
            return this;
        }

        /**
         * Sets how long after an invalidation values are loaded but not kept: where loads read from a replica that lags behind.
         * Default zero.
         *
         * @param lag not negative
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> holdOff(Duration lag) {
            holdOff = Check.notNegative("holdOff", lag);
            return this;
        }

        /**
         * Sets the tags of a value, by which it can be invalidated with others.
         *
         * @param value asked once for each loaded value
         * @param <W> the type of the values
         * @return this builder
         */
        @CanIgnoreReturnValue
        public <W extends V> Builder<K, W> tags(Function<? super W, ? extends Collection<String>> value) {
            tags = Objects.requireNonNull(value, "tags");
            return retyped();
        }

        /**
         * Sets a level that is shared with other processes.
         *
         * @param level where the entries are
         * @param key the name of a key there, different for different keys
         * @param value the bytes of a value
         * @param <A> the type of the keys
         * @param <W> the type of the values
         * @return this builder
         */
        @CanIgnoreReturnValue
        public <A extends K, W extends V> Builder<A, W> remote(
                RemoteLevel level, Function<? super A, String> key, Codec<W> value) {
            remote = Objects.requireNonNull(level, "level");
            remoteKey = Objects.requireNonNull(key, "key");
            codec = Objects.requireNonNull(value, "codec");
            return retyped();
        }

        /**
         * Sets what runs loads that no caller's thread makes: refreshes, those of {@link CacheAside#getAsync} and those that are
         * not waited for to the end. Default: they are made on the calling thread.
         *
         * @param background may be bounded: a load that it rejects is not made, and one that it keeps waiting is made by the
         *     next caller that needs it
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> executor(Executor background) {
            executor = Objects.requireNonNull(background, "executor");
            return this;
        }

        /**
         * Sets who hears of what the cache does.
         *
         * @param heard the listener, for instance {@link CacheCounters}
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> listener(CacheListener heard) {
            listener = Objects.requireNonNull(heard, "listener");
            return this;
        }

        /**
         * Sets the time. Default: that of the machine.
         *
         * @param source the time
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> time(TimeSource source) {
            time = Objects.requireNonNull(source, "time");
            return this;
        }

        /**
         * Sets where chance comes from. Default: the thread's own.
         *
         * @param source a thread-safe generator
         * @return this builder
         */
        @CanIgnoreReturnValue
        public Builder<K, V> random(RandomGenerator source) {
            random = Objects.requireNonNull(source, "random");
            return this;
        }

        /**
         * Makes the cache.
         *
         * @param loader loads the value of a key; may be called by any thread that gets
         * @param <A> the type of the keys
         * @param <W> the type of the values
         * @return the cache
         * @throws IllegalStateException if settings contradict each other
         */
        public <A extends K, W extends V> CacheAside<A, W> build(
                Function<? super A, ? extends Result<? extends W, ? extends DomainError>> loader) {
            Objects.requireNonNull(loader, "loader");
            return new CacheAside<>(this.<A, W>terms((key, known) -> loader.apply(key), null));
        }

        /**
         * Makes a cache whose loader is given the value that is held and past its time, or about to be, and may find that it
         * still holds, as with an entity tag: it then returns that very value, which begins a new time.
         *
         * @param loader loads the value of a key, given the value before
         * @param <A> the type of the keys
         * @param <W> the type of the values
         * @return the cache
         * @throws IllegalStateException if settings contradict each other
         */
        public <A extends K, W extends V> CacheAside<A, W> buildConditional(
                BiFunction<? super A, ? super Optional<W>, ? extends Result<? extends W, ? extends DomainError>>
                        loader) {
            Objects.requireNonNull(loader, "loader");
            return new CacheAside<>(
                    this.<A, W>terms((key, known) -> loader.apply(key, Optional.ofNullable(known)), null));
        }

        /**
         * Makes a cache whose loader loads several values at once.
         *
         * @param loader loads the values of keys; a key that is missing in its answer is absent,
         *     {@link CachingErrors#CACHE_KEY_ABSENT}, and one that was not asked for is ignored
         * @param <A> the type of the keys
         * @param <W> the type of the values
         * @return the cache
         * @throws IllegalStateException if settings contradict each other
         */
        public <A extends K, W extends V> CacheAside<A, W> buildBulk(
                Function<? super Set<A>, ? extends Result<? extends Map<A, ? extends W>, ? extends DomainError>>
                        loader) {
            Objects.requireNonNull(loader, "loader");
            DomainError absent = CachingErrors.CACHE_KEY_ABSENT.error(Map.of("name", name));
            return new CacheAside<>(this.<A, W>terms(
                    (key, known) -> {
                        Result<? extends Map<A, ? extends W>, ? extends DomainError> found =
                                Objects.requireNonNull(loader.apply(Set.of(key)), "the loader returned null");
                        return found.fold(
                                values -> Result.<W, DomainError>ofOptional(
                                        Optional.ofNullable(values.get(key)), () -> absent),
                                error -> Result.<W, DomainError>err(error));
                    },
                    loader::apply));
        }

        @SuppressWarnings("unchecked") // the functions took these types when they were given
        private <A extends K, W extends V> Terms<A, W> terms(
                BiFunction<A, @Nullable W, Result<? extends W, ? extends DomainError>> one,
                @Nullable Function<Set<A>, Result<? extends Map<A, ? extends W>, ? extends DomainError>> many) {
            check();
            return new Terms<>(
                    name,
                    maximumSize,
                    Clock.nanos(ttl),
                    (Function<W, Duration>) ttlOf,
                    refreshShare,
                    Clock.nanos(staleOnError),
                    Clock.nanos(absentTtl),
                    errorTtl,
                    Clock.nanos(loadTimeout),
                    softTimeout == null ? Engine.UNBOUNDED : Clock.nanos(softTimeout),
                    maxLoads,
                    maxBatch,
                    Clock.nanos(holdOff),
                    (Function<W, Collection<String>>) tags,
                    remote,
                    (Function<A, String>) remoteKey,
                    (Codec<W>) codec,
                    executor,
                    new Notices(name, listener),
                    new Clock(time),
                    random,
                    one,
                    many);
        }

        private void check() {
            if (softTimeout != null && (executor == null || staleOnError.isZero())) {
                throw new IllegalStateException(
                        name
                                + ": softTimeout needs staleOnError, for something to serve, and an executor, for the load to go on");
            }
            if (softTimeout != null && softTimeout.compareTo(loadTimeout) >= 0) {
                throw new IllegalStateException(
                        name + ": softTimeout " + softTimeout + " must be below loadTimeout " + loadTimeout);
            }
        }

        @SuppressWarnings("unchecked") // the types are those of the functions to come
        private <A, W> Builder<A, W> retyped() {
            return (Builder<A, W>) this;
        }
    }
}
