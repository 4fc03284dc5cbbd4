package dev.underpin.caching;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leases of one cache.
 *
 * <pre>
 * A key maps to a Slot: first the lease of the load that is to fill it, then, the same object, the value.
 *
 *   nothing or past its time --claim--> loading --publish--> value, absence or kept error
 *                                          |
 *                                          +--remove, replace, clear or the end of its time--> detached
 * </pre>
 *
 * INVARIANT: what a load brings answers for a key only while its slot is what the key maps to. So whatever takes the slot
 * out, be it an invalidation, a put, a clear or a timeout, needs to know nothing of running loads, and they find out by
 * themselves. A refresh runs beside the value and is put in its place only if the same value is still there.
 *
 * INVARIANT: a load reads the sequence of tag invalidations before it begins, so that an invalidation of a tag it does not
 * know yet meets it as well.
 *
 * INVARIANT: no code of the user runs under a lock, be it one of ours or of a bin of the map.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a slot that is looked at is a future that nobody need wait for
final class Engine<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(CacheAside.class);
    private static final DomainError NOT_YET = ErrorKind.INTERNAL.code().error();

    /** How long to wait where the load itself is all that bounds it. */
    static final long UNBOUNDED = Long.MAX_VALUE;

    /** The longest pause after a failure before a value that can still be served is loaded anew. */
    private static final long MAX_THROTTLE_NANOS = Duration.ofSeconds(30).toNanos();

    /** The same after a load that found no thread, or too many others. */
    private static final long SATURATED_NANOS = Duration.ofSeconds(1).toNanos();

    private static final CompletableFuture<Propagation> DONE = CompletableFuture.completedFuture(Propagation.DONE);

    private final Terms<K, V> terms;
    private final String name;
    private final Clock clock;
    private final Notices notices;
    private final Tags tags = new Tags();
    private final AtomicInteger loads = new AtomicInteger();
    private final @Nullable Executor executor;
    private final @Nullable HoldOff<K> holdOff;
    private final @Nullable Remote<K, V> remote;

    /*
     * Clear replaces the whole map: that detaches every load, drops every value with its memory, and costs the same for a
     * million entries as for one. Who still works on the old map began before the clear was over.
     */
    private volatile AsyncCache<K, Slot<K, V>> cache;

    Engine(Terms<K, V> terms) {
        this.terms = terms;
        name = terms.name();
        clock = terms.clock();
        notices = terms.notices();
        executor = terms.executor();
        holdOff = terms.holdOffNanos() == 0 ? null : new HoldOff<>(terms.holdOffNanos(), clock);
        cache = empty();
        remote = terms.remote() == null ? null : new Remote<>(terms, this);
    }

    /* ---- Reads ---- */

    Result<V, DomainError> get(K key) {
        Slot<K, V> slot = peek(key);
        if (slot != null) {
            long now = clock.now();
            Slot<K, V> value = slot.value();
            if (value != null && now < value.refreshNanos && fresh(value, now)) {
                notices.hit();
                return held(value.result);
            }
        }
        return answer(resolve(key, UNBOUNDED));
    }

    Result<V, DomainError> get(K key, long maxWaitNanos) {
        return answer(resolve(key, maxWaitNanos));
    }

    Result<Cached<V>, DomainError> getCached(K key) {
        Slot<K, V> value = resolve(key, UNBOUNDED);
        return answer(value).map(loaded -> cached(value, loaded));
    }

    CompletableFuture<Result<V, DomainError>> getAsync(K key) {
        CompletableFuture<Result<V, DomainError>> answer = new CompletableFuture<>();
        new AsyncRead(key, answer).go();
        return answer;
    }

    /** Calls the loader past the cache. */
    Result<V, DomainError> loadPast(K key) {
        return Result.widen(Objects.requireNonNull(terms.one().apply(key, null), "the loader returned null"));
    }

    /** {@return the slot of a fresh value, absence or kept error, if there is one} Loads nothing and counts nothing. */
    @Nullable
    Slot<K, V> fresh(K key) {
        Slot<K, V> slot = peek(key);
        Slot<K, V> value = slot == null ? null : slot.value();
        return value != null && fresh(value, clock.now()) ? value : null;
    }

    Map<K, Result<V, DomainError>> getAll(Collection<? extends K> keys) {
        return new BulkRead(keys).go();
    }

    /* ---- Writes ---- */

    /** Makes a value the one of a key. */
    void put(K key, V value) {
        ConcurrentMap<K, CompletableFuture<Slot<K, V>>> map = map();
        Slot<K, V> slot = new Slot<>(map, key, clock.now(), tags.sequence());
        boolean keep = false;
        try {
            Result<V, DomainError> result = Result.ok(value);
            keep = fill(slot, result, /* old= */ null, slot.startNanos);
            if (remote != null) {
                keep &= limit(slot, remote.put(result), slot.startNanos);
            }
        } finally {
            if (!keep) { // also where a function of the user threw: what is there now is no longer right
                map.remove(key);
            }
        }
        if (keep) {
            slot.complete(slot);
            map.put(key, slot);
        }
    }

    void remove(K key) {
        if (holdOff != null) {
            holdOff.touch(key);
        }
        map().remove(key);
    }

    /** Ends the freshness of a value, which can still be served if loading it fails; loads that run are detached. */
    void expire(K key) {
        if (holdOff != null) {
            holdOff.touch(key);
        }
        ConcurrentMap<K, CompletableFuture<Slot<K, V>>> map = map();
        boolean done = false;
        while (!done) {
            Slot<K, V> slot = peek(map, key);
            if (slot == null) {
                return;
            }
            Slot<K, V> value = slot.value();
            Slot<K, V> old = value == null ? slot.previous() : value;
            long now = clock.now();
            done = (old != null && servable(old, now))
                    ? map.replace(key, slot, old.stale(now, now, /* reason= */ null))
                    : map.remove(key, slot);
        }
    }

    /** Does it here, at the remote level, and here again: what was read there meanwhile may be from before. */
    CompletableFuture<Propagation> invalidate(K key) {
        remove(key);
        return remote == null ? DONE : told(remote, remote.key(key, /* removed= */ true), () -> remove(key));
    }

    CompletableFuture<Propagation> expireEverywhere(K key) {
        expire(key);
        return remote == null ? DONE : told(remote, remote.key(key, /* removed= */ false), () -> expire(key));
    }

    CompletableFuture<Propagation> invalidateTag(String tag, boolean removed) {
        mark(tag, removed);
        return remote == null ? DONE : told(remote, Change.tag(tag, removed), () -> mark(tag, removed));
    }

    CompletableFuture<Propagation> clearEverywhere() {
        clear();
        return remote == null ? DONE : told(remote, Change.everything(), this::clear);
    }

    private CompletableFuture<Propagation> told(Remote<K, V> level, Change change, Runnable again) {
        return level.tell(change).thenApply(how -> {
            again.run();
            return how;
        });
    }

    private void mark(String tag, boolean removed) {
        if (removed) {
            removeTag(tag);
        } else {
            expireTag(tag);
        }
    }

    void removeTag(String tag) {
        tags.remove(tag, clock.now());
    }

    void expireTag(String tag) {
        tags.expire(tag, clock.now());
    }

    void clear() {
        if (holdOff != null) {
            holdOff.touchAll();
        }
        cache = empty();
    }

    long estimatedSize() {
        return cache.synchronous().estimatedSize();
    }

    /** Does what Caffeine would do some time later: for tests. */
    void cleanUp() {
        cache.synchronous().cleanUp();
    }

    Tags tags() {
        return tags;
    }

    void close() {
        if (remote != null) {
            remote.close();
        }
    }

    /* ---- What a slot is worth ---- */

    private boolean fresh(Slot<K, V> value, long now) {
        return now < value.freshNanos && untouched(value);
    }

    private static boolean untouched(Slot<?, ?> value) {
        return untouched(value, value.sequence);
    }

    private static boolean untouched(Slot<?, ?> value, long sequence) {
        for (Tags.Cell tag : value.tags) {
            if (tag.touched() > sequence) {
                return false;
            }
        }
        return true;
    }

    /** {@return whether it may be served where loading fails} */
    private boolean servable(Slot<K, V> value, long now) {
        if (!(value.result instanceof Result.Ok) || now >= value.freshNanos + terms.staleNanos()) {
            return false;
        }
        for (Tags.Cell tag : value.tags) {
            if (tag.removed() > value.sequence) {
                return false;
            }
        }
        return true;
    }

    private Result<V, DomainError> answer(Slot<K, V> value) {
        if (value.result == null) {
            throw Engine.<RuntimeException>sneak((Throwable) held(value.state));
        }
        return value.result;
    }

    private Cached<V> cached(Slot<K, V> value, V loaded) {
        long now = clock.now();
        boolean fresh = fresh(value, now);
        // The load that this caller made or waited for may have been too late to be kept: it is as fresh as can be.
        boolean stale = !fresh && value.state instanceof Slot.Failure;
        Cached.Freshness freshness = stale
                ? Cached.Freshness.STALE_ON_ERROR
                : value.refreshing() != null ? Cached.Freshness.REFRESHING : Cached.Freshness.FRESH;
        long freshFor = fresh ? value.freshNanos - now : 0;
        long until = value.freshNanos + terms.staleNanos() - now - freshFor;
        return new Cached<>(
                loaded,
                freshness,
                Duration.ofNanos(Math.max(0, now - value.startNanos)),
                Duration.ofNanos(freshFor),
                Duration.ofNanos(Math.max(0, until)));
    }

    /* ---- The life of a slot ---- */

    private ConcurrentMap<K, CompletableFuture<Slot<K, V>>> map() {
        return cache.asMap();
    }

    private @Nullable Slot<K, V> peek(K key) {
        return peek(map(), key);
    }

    private @Nullable Slot<K, V> peek(ConcurrentMap<K, CompletableFuture<Slot<K, V>>> map, K key) {
        return (Slot<K, V>) map.get(key);
    }

    /**
     * {@return the value that answers for a key, finished, or the slot that will} The caller starts or joins the latter,
     * or it was handed to the executor.
     *
     * @param background whether a load is to be made on the executor
     * @param due takes what is to be loaded while there is something to serve; if null, that is begun at once
     */
    private Slot<K, V> find(
            ConcurrentMap<K, CompletableFuture<Slot<K, V>>> map,
            K key,
            boolean background,
            @Nullable List<Slot<K, V>> due) {
        boolean refreshed = false;
        while (true) {
            long now = clock.now();
            Slot<K, V> slot = peek(map, key);
            Slot<K, V> value = slot == null ? null : slot.value();
            if (slot == null) {
                var lease = new Slot<K, V>(map, key, now, tags.sequence());
                if (map.putIfAbsent(key, lease) == null) {
                    return claimed(lease, background, due);
                }
            } else if (value == null) {
                if (now - slot.startNanos < terms.loadNanos()) {
                    return slot;
                }
                revoke(slot);
            } else if (now < value.refreshNanos && answers(value, now)) {
                return value;
            } else if (fresh(value, now)) {
                if (refreshed || !refresh(slot, value, now, due)) {
                    return value;
                }
                refreshed = true; // Not again: what takes longer to load than it lives is due from the begin.
            } else if (!promote(slot, value, now)) {
                var lease = new Slot<K, V>(map, key, now, tags.sequence());
                if (servable(value, now)) {
                    lease.previous(value);
                }
                if (map.replace(key, slot, lease)) {
                    return claimed(lease, background, due);
                }
            }
        }
    }

    /** {@return whether a value is served before the next attempt to load} */
    private boolean answers(Slot<K, V> value, long now) {
        return fresh(value, now)
                || (value.state instanceof Slot.Failure failure
                        && passing(failure.code().kind())
                        && untouched(value, failure.sequence())
                        && servable(value, now));
    }

    private Slot<K, V> claimed(Slot<K, V> lease, boolean background, @Nullable List<Slot<K, V>> due) {
        if (executor != null && (background || softly(lease))) {
            if (due != null) {
                due.add(lease);
            } else {
                submit(executor, List.of(lease));
            }
        }
        return lease;
    }

    /** {@return whether callers wait only so long for this load, since they have something else to return} */
    private boolean softly(Slot<K, V> lease) {
        Slot<K, V> old = terms.softNanos() == UNBOUNDED ? null : lease.previous();
        return old != null && servable(old, clock.now());
    }

    /** A value that has passed its time while it is refreshed: who waits from now on waits for that. */
    private boolean promote(Slot<K, V> slot, Slot<K, V> value, long now) {
        Slot<K, V> refresh = value.refreshing();
        return refresh != null
                && now - refresh.startNanos < terms.loadNanos()
                && untouched(value)
                && slot.map.replace(slot.key, slot, refresh);
    }

    /** {@return whether to look again}, since a refresh that was made on this thread has changed what is there. */
    private boolean refresh(Slot<K, V> slot, Slot<K, V> value, long now, @Nullable List<Slot<K, V>> due) {
        Slot<K, V> running = value.refreshing();
        if (running != null) {
            if (now - running.startNanos >= terms.loadNanos() && value.refreshBy(running, null)) {
                retryLater(value, running, now, error(CachingErrors.CACHE_LOAD_TIMEOUT));
                // Whatever it brings later is not wanted.
                running.finish(failed(running, CachingErrors.CACHE_LOAD_TIMEOUT));
            }
            return false;
        }
        var lease = new Slot.Refresh<>(slot, value, now, tags.sequence());
        if (!value.refreshBy(null, lease)) {
            return false;
        }
        notices.refresh();
        if (due != null) {
            due.add(lease);
        } else if (executor != null) {
            submit(executor, List.of(lease));
        } else if (lease.start()) {
            surface(load(lease));
            // Not after a failure, though the error may say that it need not wait: it would, again and again.
            return !(slot.equals(peek(slot.map, slot.key)) && fresh(value, clock.now()));
        }
        return false;
    }

    private void submit(Executor background, List<Slot<K, V>> leases) {
        try {
            background.execute(() -> {
                List<Slot<K, V>> mine = new ArrayList<>(leases);
                mine.removeIf(lease -> !lease.start());
                if (mine.size() == 1) {
                    surface(load(mine.get(0)));
                } else if (!mine.isEmpty()) {
                    loadAll(mine).forEach(this::surface);
                }
            });
        } catch (Throwable thrown) { // also where there is no memory for a thread
            for (Slot<K, V> lease : leases) {
                if (!lease.start()) { // somebody who waits has begun it meanwhile
                    continue;
                }
                if (thrown instanceof RejectedExecutionException) {
                    publish(lease, Result.err(error(CachingErrors.CACHE_LOADS_SATURATED)), null);
                } else {
                    warnIfThrown(threw(lease, thrown));
                }
            }
        }
    }

    /** What a load threw that nobody waits for is logged; an {@code Error} flies on the thread that made the load, too. */
    private void surface(Slot<K, V> value) {
        warnIfThrown(value);
        if (value.result == null && value.state instanceof Error error) {
            throw error;
        }
    }

    private void warnIfThrown(Slot<K, V> value) {
        if (value.result == null) {
            LOG.warn("{}: a loader threw in the background", name, (Throwable) value.state);
        }
    }

    /** Takes the lease from a load that is out of time, and answers for it. */
    private void revoke(Slot<K, V> lease) {
        long now = clock.now();
        Slot<K, V> old = lease.previous();
        boolean stale = old != null && servable(old, now);
        Slot<K, V> content = stale
                ? held(old).stale(now, now + throttle(null), failure(lease, CachingErrors.CACHE_LOAD_TIMEOUT))
                : failed(lease, CachingErrors.CACHE_LOAD_TIMEOUT);
        // First: a load that ends in this moment may be the one that answers, and then its value stays.
        if (!lease.finish(content)) {
            return;
        }
        if (stale) {
            lease.map.replace(lease.key, lease, content);
        } else {
            lease.map.remove(lease.key, lease);
        }
    }

    /** Sees to it that who waits for a lease gets an answer in time. The load of a caller that is alone needs no timer. */
    private void arm(Slot<K, V> lease) {
        if (terms.loadNanos() >= Clock.NEVER || !lease.arm()) {
            return;
        }
        long left = lease.startNanos + terms.loadNanos() - clock.now();
        Future<?> timer;
        try {
            timer = clock.time().schedule(Duration.ofNanos(left), () -> revoke(lease));
        } catch (RuntimeException e) {
            lease.disarm(); // the next one who waits tries again
            throw e;
        }
        var unused = lease.thenRun(() -> timer.cancel(/* mayInterruptIfRunning= */ false));
    }

    /* ---- Waiting ---- */

    private Slot<K, V> resolve(K key, long maxWaitNanos) {
        long began = tags.sequence();
        long end = maxWaitNanos == UNBOUNDED ? UNBOUNDED : clock.now() + maxWaitNanos;
        for (boolean missed = false; ; missed = true) {
            Slot<K, V> slot = find(map(), key, maxWaitNanos < UNBOUNDED, null);
            Slot<K, V> value = slot.value();
            if (value != null && isRecent(value, began)) { // it may have ended just now: see join
                noteServed(value, missed);
                return value;
            }
            if (!missed) {
                notices.miss();
            }
            boolean here = runsHere(slot, maxWaitNanos);
            if (here && slot.start()) {
                Slot<K, V> loaded = load(slot);
                noteServed(loaded, /* missed= */ true);
                return loaded;
            }
            Slot<K, V> joined = join(slot, end == UNBOUNDED ? UNBOUNDED : Math.max(0, end - clock.now()));
            if (acceptable(joined, began, /* last= */ missed && !here)) {
                noteServed(joined, /* missed= */ true);
                return joined;
            }
        }
    }

    /** {@return whether the calling thread may make this load} Where it may not wait for long, another thread makes it. */
    private boolean runsHere(Slot<K, V> lease, long maxWaitNanos) {
        return executor == null || (maxWaitNanos == UNBOUNDED && !softly(lease));
    }

    /**
     * {@return whether a caller that began then may have what another's load came to} Not if a tag of it was invalidated
     * between the begin of the load and that of the call, unless it is what is served where loading fails; nor if the load
     * was cancelled, which was no wish of this caller.
     *
     * @param last whether a load in the background, of no caller in particular, was cancelled before as well
     */
    private boolean acceptable(Slot<K, V> value, long began, boolean last) {
        if (value.result instanceof Result.Err<V, DomainError> err
                && err.error().kind() == ErrorKind.CANCELLED
                && value.sequence != Slot.NO_LOAD) {
            return last;
        }
        return isRecent(value, began);
    }

    private boolean isRecent(Slot<K, V> value, long began) {
        return value.sequence >= began
                || untouched(value)
                || (value.state instanceof Slot.Failure && servable(value, clock.now()));
    }

    private void noteServed(Slot<K, V> value, boolean missed) {
        if (!notices.heard()) {
            return;
        }
        if (value.result instanceof Result.Ok
                && value.state instanceof Slot.Failure failure
                && !fresh(value, clock.now())) {
            notices.stale(failure.code());
        } else if (!missed) {
            notices.hit();
        }
    }

    private Slot<K, V> join(Slot<K, V> lease, long maxWaitNanos) {
        notices.coalesced();
        Slot<?, ?> outer = Waits.begin(lease);
        try {
            if (Waits.isCycle(lease)) {
                return failed(lease, CachingErrors.CACHE_LOAD_CYCLE);
            }
            arm(lease);
            long boundNanos = Math.min(maxWaitNanos, softLeft(lease));
            return boundNanos == UNBOUNDED ? lease.get() : joinFor(lease, boundNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(lease, CachingErrors.CACHE_INTERRUPTED);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a slot never completes exceptionally", e);
        } finally {
            Waits.end(outer);
        }
    }

    private Slot<K, V> joinFor(Slot<K, V> lease, long boundNanos) throws InterruptedException, ExecutionException {
        Slot<K, V> old = lease.previous();
        if (boundNanos == 0) {
            Slot<K, V> value = lease.value();
            return value == null ? late(lease, old) : value;
        }
        CompletableFuture<Slot<K, V>> view = lease.copy();
        Future<?> timer = clock.time().schedule(Duration.ofNanos(boundNanos), () -> view.complete(late(lease, old)));
        try {
            return view.get();
        } finally {
            timer.cancel(/* mayInterruptIfRunning= */ false);
        }
    }

    private long softLeft(Slot<K, V> lease) {
        return executor == null || !softly(lease)
                ? UNBOUNDED
                : Math.max(0, lease.startNanos + terms.softNanos() - clock.now());
    }

    /** {@return what a caller gets that waits no longer} */
    private Slot<K, V> late(Slot<K, V> lease, @Nullable Slot<K, V> old) {
        long now = clock.now();
        return old != null && servable(old, now)
                ? old.stale(now, now, failure(lease, CachingErrors.CACHE_LOAD_TIMEOUT))
                : failed(lease, CachingErrors.CACHE_LOAD_TIMEOUT);
    }

    /* ---- Loading ---- */

    /** {@return what the load of this thread came to}, whether or not it was still wanted. */
    private Slot<K, V> load(Slot<K, V> lease) {
        try {
            return remote == null ? loadOne(lease) : loadAll(List.of(lease)).get(0);
        } catch (Throwable thrown) { // by the loader, or by a listener an error of the machine
            return threw(lease, thrown);
        }
    }

    private Slot<K, V> loadOne(Slot<K, V> lease) {
        if (!enter()) {
            return publish(lease, Result.err(error(CachingErrors.CACHE_LOADS_SATURATED)), null);
        }
        Result<V, DomainError> result;
        try {
            result = call(lease);
        } catch (Throwable thrown) {
            noteLoad(lease.startNanos, CachingErrors.CACHE_LOAD_FAILED);
            throw thrown;
        } finally {
            loads.decrementAndGet();
        }
        if (notices.heard()) {
            noteLoad(lease.startNanos, Outcome.code(result));
        }
        return publish(lease, result, null);
    }

    private Result<V, DomainError> call(Slot<K, V> lease) {
        lease.sequence = tags.sequence();
        Slot<K, V> old = lease.previous();
        V known = old != null && old.result instanceof Result.Ok<V, DomainError> ok ? ok.value() : null;
        return Result.widen(Objects.requireNonNull(terms.one().apply(lease.key, known), "the loader returned null"));
    }

    /** {@return what the load of each lease came to, in their order} All of them are finished. */
    @CanIgnoreReturnValue
    private List<Slot<K, V>> loadAll(List<Slot<K, V>> leases) {
        Map<K, Slot<K, V>> done = new HashMap<>();
        List<Slot<K, V>> open = leases;
        try {
            for (int round = 0; !open.isEmpty(); round++) {
                open = loadRound(open, round, done);
            }
        } catch (Throwable thrown) { // by a function of the user that is asked for the name of a key
            for (Slot<K, V> lease : leases) {
                done.computeIfAbsent(lease.key, key -> threw(lease, thrown));
            }
        }
        return leases.stream().map(lease -> held(done.get(lease.key))).toList();
    }

    /** {@return those that another process loads}: they are looked up again a little later. */
    private List<Slot<K, V>> loadRound(List<Slot<K, V>> open, int number, Map<K, Slot<K, V>> done) {
        if (remote == null) {
            Map<K, Outcome<V>> outcomes = callAll(open);
            open.forEach(lease -> done.put(lease.key, publish(lease, held(outcomes.get(lease.key)))));
            return List.of();
        }
        if (number > 0) {
            remote.pause(number);
        }
        boolean patient = !Thread.currentThread().isInterrupted()
                && clock.now() - open.get(0).startNanos < remote.patienceNanos();
        List<Slot<K, V>> elsewhere = new ArrayList<>();
        List<Slot<K, V>> here = new ArrayList<>();
        open.forEach(lease -> lease.sequence = tags.sequence());
        Remote<K, V>.Round round = remote.begin(open);
        for (Slot<K, V> lease : open) {
            Outcome<V> hit = round.hit(lease.key);
            if (hit != null) {
                done.put(lease.key, publish(lease, hit));
            } else {
                (patient && round.loading(lease.key) ? elsewhere : here).add(lease);
            }
        }
        if (!here.isEmpty()) {
            Map<K, Outcome<V>> outcomes = callAll(here);
            here.forEach(lease ->
                    done.put(lease.key, publish(lease, filled(round, lease, held(outcomes.get(lease.key))))));
        }
        return elsewhere;
    }

    private Outcome<V> filled(Remote<K, V>.Round round, Slot<K, V> lease, Outcome<V> outcome) {
        try {
            return round.fill(lease.key, isTooEarly(lease, outcome) ? outcome.atMost(0) : outcome);
        } catch (RuntimeException e) { // of a function of the user that is asked for the tags or the time of a value
            return round.fill(lease.key, Outcome.thrown(e)); // which gives the lease back
        }
    }

    /** {@return whether it may come from a replica that lags behind}: then nobody is to keep it. */
    private boolean isTooEarly(Slot<K, V> lease, Outcome<V> outcome) {
        return holdOff != null
                && outcome.result() instanceof Result.Ok<V, DomainError> ok
                && holdOff.holds(lease.key, tags.cells(terms.tags(ok.value()), keyTag(lease.key)), lease.startNanos);
    }

    private Map<K, Outcome<V>> callAll(List<Slot<K, V>> leases) {
        Map<K, Outcome<V>> outcomes = new LinkedHashMap<>();
        if (!enter()) {
            Outcome<V> saturated = Outcome.of(Result.err(error(CachingErrors.CACHE_LOADS_SATURATED)), 0);
            leases.forEach(lease -> outcomes.put(lease.key, saturated));
            return outcomes;
        }
        try {
            if (terms.many() == null) {
                leases.forEach(lease -> outcomes.put(lease.key, outcome(lease)));
            } else {
                leases.forEach(lease -> lease.sequence = tags.sequence());
                callMany(keys(leases), outcomes);
            }
        } finally {
            loads.decrementAndGet();
        }
        return outcomes;
    }

    private Outcome<V> outcome(Slot<K, V> lease) {
        long began = clock.now();
        Outcome<V> outcome;
        try {
            outcome = Outcome.of(call(lease), clock.now() - began);
        } catch (Throwable thrown) {
            outcome = Outcome.thrown(thrown);
        }
        noteLoad(began, outcome.code());
        return outcome;
    }

    private void callMany(Set<K> keys, Map<K, Outcome<V>> outcomes) {
        long began = clock.now();
        try {
            var result = Objects.requireNonNull(
                    Objects.requireNonNull(terms.many()).apply(keys), "the loader returned null");
            long nanos = clock.now() - began;
            Function<K, Outcome<V>> outcomeOf = result.fold(
                    found -> key -> outcome(found.get(key), nanos),
                    error -> key -> Outcome.of(Result.err(error), nanos));
            keys.forEach(key -> outcomes.put(key, outcomeOf.apply(key)));
            noteLoad(began, Outcome.code(result));
        } catch (Throwable thrown) {
            Outcome<V> outcome = Outcome.thrown(thrown);
            keys.forEach(key -> outcomes.put(key, outcome));
            noteLoad(began, CachingErrors.CACHE_LOAD_FAILED);
        }
    }

    private Outcome<V> outcome(@Nullable V value, long nanos) {
        return Outcome.of(value == null ? Result.err(error(CachingErrors.CACHE_KEY_ABSENT)) : Result.ok(value), nanos);
    }

    private void noteLoad(long beganNanos, @Nullable ErrorCode error) {
        if (notices.heard()) {
            notices.load(clock.now() - beganNanos, error);
        }
    }

    private boolean enter() {
        if (loads.incrementAndGet() <= terms.maxLoads()) {
            return true;
        }
        loads.decrementAndGet();
        return false;
    }

    /* ---- Publishing: the one place where what was loaded becomes what is served ---- */

    @CanIgnoreReturnValue
    private Slot<K, V> publish(Slot<K, V> lease, Outcome<V> outcome) {
        return outcome.result() == null
                ? threw(lease, held(outcome.thrown()))
                : publish(lease, outcome.result(), outcome);
    }

    /** {@return what answers to who made the load} */
    @CanIgnoreReturnValue
    private Slot<K, V> publish(Slot<K, V> lease, Result<V, DomainError> result, @Nullable Outcome<V> remotely) {
        try {
            return result instanceof Result.Err<V, DomainError> err
                    ? failed(lease, result, err.error(), remotely)
                    : loaded(lease, result, remotely);
        } catch (Throwable thrown) { // by a function of the user that is asked for tags or times
            return threw(lease, thrown);
        }
    }

    private Slot<K, V> loaded(Slot<K, V> lease, Result<V, DomainError> result, @Nullable Outcome<V> remotely) {
        long now = clock.now();
        boolean keep = fill(lease, result, lease.previous(), now);
        if (remote != null && remotely != null) {
            keep &= limit(lease, remotely, now);
        }
        boolean held = holdOff != null && holdOff.holds(lease.key, lease.tags, lease.startNanos);
        Slot<K, V> old = lease.previous();
        if (held && old != null && lease instanceof Slot.Refresh) { // or every get would refresh in vain
            old.refreshNanos = now + Math.min(terms.holdOffNanos(), throttle(null));
        }
        boolean wanted = keep && !held && untouched(lease);
        if (!wanted) {
            lease.freshNanos = -Clock.NEVER;
        }
        settle(lease, wanted, /* unseat= */ !keep);
        if (remotely != null) {
            lease.startNanos -= remotely.ageNanos();
        }
        return lease;
    }

    /** {@return whether it may be kept at all} Writes what a slot holds. */
    private boolean fill(Slot<K, V> slot, Result<V, DomainError> result, @Nullable Slot<K, V> old, long now) {
        V value = ((Result.Ok<V, DomainError>) result).value();
        slot.result = old != null && holds(old, value) ? old.result : result;
        slot.tags = tags.cells(terms.tags(value), keyTag(slot.key));
        long ttl = terms.ttlNanos(value);
        slot.freshNanos = now + ttl;
        slot.refreshNanos = now + (long) (ttl * terms.refreshShare());
        return ttl > 0;
    }

    /** {@return whether it may be kept at all} Takes from a slot what the remote level does not allow. */
    private boolean limit(Slot<K, V> slot, Outcome<V> outcome, long now) {
        slot.freshNanos = Math.min(slot.freshNanos, now + outcome.maxNanos());
        long early = terms.earlyNanos(outcome.loadNanos());
        slot.refreshNanos = Math.min(slot.refreshNanos, slot.freshNanos - early);
        return slot.freshNanos > now;
    }

    @SuppressWarnings("ReferenceEquality") // the very value says that it still holds
    private boolean holds(Slot<K, V> slot, V value) {
        return slot.result instanceof Result.Ok<V, DomainError> ok && ok.value() == value;
    }

    private Slot<K, V> failed(
            Slot<K, V> lease, Result<V, DomainError> result, DomainError error, @Nullable Outcome<V> remotely) {
        long now = clock.now();
        Slot<K, V> old = lease.previous();
        boolean absent = error.kind() == ErrorKind.NOT_FOUND;
        boolean refresh = lease instanceof Slot.Refresh;
        if (refresh && !absent && old != null) {
            retryLater(old, lease, now, error);
        }
        if (passing(error.kind()) && old != null && servable(old, now) && seated(lease)) {
            Slot<K, V> content = old.stale(now, now + throttle(error), failure(lease, error.code()));
            finish(lease, content);
            return content;
        }
        long keepNanos = absent ? terms.absentNanos() : refresh ? 0 : terms.errorNanos(error);
        keepNanos = remotely == null ? keepNanos : Math.min(keepNanos, remotely.maxNanos());
        lease.result = result;
        lease.tags = tags.cells(Set.of(), keyTag(lease.key));
        lease.freshNanos = keepNanos > 0 ? now + keepNanos : -Clock.NEVER;
        lease.refreshNanos = lease.freshNanos;
        if (error.kind() == ErrorKind.CANCELLED) {
            restore(lease, old, now);
        }
        settle(lease, keepNanos > 0 && untouched(lease), /* unseat= */ absent);
        return lease;
    }

    /** Nothing is stored; a value that could be served before still can. */
    @CanIgnoreReturnValue
    private Slot<K, V> threw(Slot<K, V> lease, Throwable thrown) {
        long now = clock.now();
        Slot<K, V> old = lease.previous();
        if (lease instanceof Slot.Refresh && old != null) {
            retryLater(old, lease, now, error(CachingErrors.CACHE_LOAD_FAILED));
        }
        Slot<K, V> content = lease.thrown(thrown);
        try {
            restore(lease, old, now);
        } finally { // whatever a key throws that is looked up
            finish(lease, content);
        }
        return content;
    }

    /** Puts the value before back in the place of a lease, or takes the lease out: before its waiters look again. */
    private void restore(Slot<K, V> lease, @Nullable Slot<K, V> old, long now) {
        if (old != null && servable(old, now)) {
            lease.map.replace(lease.key, lease, old.stale(now, -Clock.NEVER, /* reason= */ null));
        } else {
            lease.map.remove(lease.key, lease);
        }
    }

    /**
     * Finishes a slot with its own content.
     *
     * @param keep whether it stays, or comes, into the map
     * @param unseat whether the value it refreshes goes, if it does not come in its place
     */
    private void settle(Slot<K, V> lease, boolean keep, boolean unseat) {
        if (!keep) {
            lease.map.remove(lease.key, lease); // first: who tries again at once must not find it
        }
        Slot<K, V> base = lease instanceof Slot.Refresh<K, V> refresh ? refresh.base : null;
        // First: who comes between, when the value has passed its time, would find no load to wait for.
        boolean placed = keep && base != null && !lease.isDone() && lease.map.replace(lease.key, base, lease);
        boolean wanted = finish(lease, lease);
        if (placed && !wanted && base != null) { // it was given up just then
            lease.map.replace(lease.key, lease, base);
        }
        if (wanted && unseat && base != null) {
            lease.map.remove(lease.key, base);
        }
        if (notices.heard() && lease.result instanceof Result.Ok && !(wanted && keep && seated(lease))) {
            notices.discarded();
        }
    }

    @CanIgnoreReturnValue
    private boolean finish(Slot<K, V> lease, Slot<K, V> content) {
        Slot<K, V> old = lease.previous();
        boolean first = lease.finish(content);
        if (old != null && lease instanceof Slot.Refresh) {
            old.refreshBy(lease, null);
        }
        return first;
    }

    /** {@return whether the load still has its place} */
    private boolean seated(Slot<K, V> lease) {
        Slot<K, V> seat = peek(map(), lease.key);
        return seat != null
                && (seat.equals(lease) || (lease instanceof Slot.Refresh<K, V> refresh && seat.equals(refresh.base)));
    }

    /** {@return whether a failure says nothing about the data, so that what was there is the better answer} */
    private static boolean passing(ErrorKind kind) {
        return switch (kind) {
            case RATE_LIMITED, INTERNAL, BAD_GATEWAY, UNAVAILABLE, TIMEOUT -> true;
            case MALFORMED,
                    VALIDATION,
                    UNAUTHENTICATED,
                    FORBIDDEN,
                    NOT_FOUND,
                    CONFLICT,
                    PRECONDITION,
                    UNPROCESSABLE,
                    CANCELLED,
                    NOT_IMPLEMENTED -> false;
        };
    }

    private @Nullable String keyTag(K key) {
        return remote == null ? null : remote.keyTag(key);
    }

    private void retryLater(Slot<K, V> value, Slot<K, V> lease, long now, DomainError error) {
        value.state = failure(lease, error.code());
        value.refreshNanos = now + throttle(error);
    }

    /** RACE: who is not the one that loads may read an earlier number of it; that costs an attempt, no more. */
    private static Slot.Failure failure(Slot<?, ?> lease, ErrorCode code) {
        return new Slot.Failure(code, lease.sequence);
    }

    /** {@return how long after a failure the next attempt is made, while there is something to serve} */
    private long throttle(@Nullable DomainError error) {
        boolean saturated = error != null && error.is(CachingErrors.CACHE_LOADS_SATURATED);
        long own = Math.min(terms.ttlNanos(), saturated ? SATURATED_NANOS : MAX_THROTTLE_NANOS);
        return error == null
                ? own
                : error.retryAfter()
                        .map(after -> after.isNegative() ? 0 : Clock.nanos(after))
                        .orElse(own);
    }

    private Slot<K, V> failed(Slot<K, V> lease, ErrorCode code) {
        return lease.failed(Result.err(error(code)));
    }

    private DomainError error(ErrorCode code) {
        return code.error(Map.of("name", name));
    }

    private static <T> T held(@Nullable T value) {
        return Objects.requireNonNull(value);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // what a loader throws reaches the caller as it is
    private static <X extends Throwable> X sneak(Throwable thrown) throws X {
        throw (X) thrown;
    }

    private AsyncCache<K, Slot<K, V>> empty() {
        Caffeine<Object, Object> caffeine =
                Caffeine.newBuilder().maximumSize(terms.maximumSize()).ticker(clock);
        boolean alike = terms.ttlOf() == null && terms.errorTtl() == null;
        if (alike) {
            long nanos = Math.max(terms.ttlNanos() + afterNanos(), terms.absentNanos());
            return caffeine.expireAfterWrite(Duration.ofNanos(nanos)).buildAsync();
        }
        return caffeine.expireAfter(Expiry.writing((K key, Slot<K, V> value) -> left(value)))
                .buildAsync();
    }

    private Duration left(Slot<K, V> value) {
        long after = value.result instanceof Result.Ok ? afterNanos() : 0;
        return Duration.ofNanos(Math.max(0, value.freshNanos + after - clock.now()));
    }

    /** {@return how long a value keeps its place after its time}: to be served, or for a refresh that takes it over. */
    private long afterNanos() {
        boolean refreshed = terms.refreshShare() < 1 || terms.remote() != null;
        return refreshed ? Math.max(terms.staleNanos(), terms.loadNanos()) : terms.staleNanos();
    }

    private Set<K> keys(List<Slot<K, V>> claims) {
        Set<K> keys = new LinkedHashSet<>();
        claims.forEach(lease -> keys.add(lease.key));
        return Collections.unmodifiableSet(keys);
    }

    /** A get that holds no thread while another's load runs. */
    private final class AsyncRead {
        private final K key;
        private final CompletableFuture<Result<V, DomainError>> answer;
        private final long began = tags.sequence();
        private boolean missed;

        AsyncRead(K key, CompletableFuture<Result<V, DomainError>> answer) {
            this.key = key;
            this.answer = answer;
        }

        void go() {
            Slot<K, V> slot = find(map(), key, /* background= */ true, null);
            Slot<K, V> value = slot.value();
            if (value != null && isRecent(value, began)) {
                complete(value);
                return;
            }
            boolean again = missed;
            if (!missed) {
                missed = true;
                notices.miss();
            }
            if (executor == null && slot.start()) {
                complete(load(slot));
            } else {
                join(slot, again);
            }
        }

        private void join(Slot<K, V> slot, boolean again) {
            if (Thread.currentThread().equals(slot.owner())) {
                complete(failed(slot, CachingErrors.CACHE_LOAD_CYCLE));
                return;
            }
            notices.coalesced();
            arm(slot);
            Slot<K, V> old = slot.previous();
            long soft = softLeft(slot);
            if (soft == 0 && old != null) {
                complete(late(slot, old));
                return;
            }
            if (soft < UNBOUNDED) {
                Future<?> timer = clock.time().schedule(Duration.ofNanos(soft), () -> complete(late(slot, old)));
                var unused = answer.whenComplete((value, thrown) -> timer.cancel(/* mayInterruptIfRunning= */ false));
            }
            var unused = slot.thenAccept(loaded -> {
                if (acceptable(loaded, began, /* last= */ again && executor != null)) {
                    complete(loaded);
                } else if (isGivenUp(loaded)) { // by the timer, whose thread is not for loads
                    complete(failed(slot, CachingErrors.CACHE_LOAD_TIMEOUT));
                } else if (!answer.isDone()) {
                    goAgain();
                }
            });
        }

        private boolean isGivenUp(Slot<K, V> loaded) {
            return loaded.state instanceof Slot.Failure failure
                    && failure.code().equals(CachingErrors.CACHE_LOAD_TIMEOUT);
        }

        /** Who ends another's load is not the one to hear that looking again failed. */
        private void goAgain() {
            try {
                go();
            } catch (Throwable thrown) {
                answer.completeExceptionally(thrown);
            }
        }

        private void complete(Slot<K, V> value) {
            if (answer.isDone()) { // it has a stale one, or the caller has gone
                return;
            }
            noteServed(value, missed);
            if (value.result == null) {
                answer.completeExceptionally((Throwable) held(value.state));
            } else {
                answer.complete(value.result);
            }
        }
    }

    /** Several keys at once: their misses are loaded together, those that others load are waited for. */
    private final class BulkRead {
        private final Collection<? extends K> wanted;
        private final Map<K, Result<V, DomainError>> answers;
        private final long began = tags.sequence();

        BulkRead(Collection<? extends K> wanted) {
            this.wanted = wanted;
            answers = new LinkedHashMap<>(wanted.size() * 4 / 3 + 1);
        }

        Map<K, Result<V, DomainError>> go() {
            Set<K> missing = hits();
            boolean missed = false;
            while (!missing.isEmpty()) {
                missing = round(missing, missed);
                missed = true;
            }
            return Collections.unmodifiableMap(answers);
        }

        /** {@return the keys that are not there} All have their place among the answers from now on. */
        private Set<K> hits() {
            ConcurrentMap<K, CompletableFuture<Slot<K, V>>> map = map();
            Set<K> missing = Set.of();
            long now = clock.now();
            for (K key : wanted) {
                Slot<K, V> slot = peek(map, Objects.requireNonNull(key, "key"));
                Slot<K, V> value = slot == null ? null : slot.value();
                boolean hit = value != null && now < value.refreshNanos && fresh(value, now);
                // What is not there keeps its place in the order.
                boolean first = answers.put(key, hit ? held(held(value).result) : Result.err(NOT_YET)) == null;
                if (!hit) {
                    missing = missing.isEmpty() ? new LinkedHashSet<>() : missing;
                    missing.add(key);
                } else if (first) {
                    notices.hit();
                }
            }
            return missing;
        }

        /** {@return the keys to look at again}, since what was loaded for them is not for who began as late as this. */
        private Set<K> round(Set<K> missing, boolean again) {
            List<Slot<K, V>> mine = new ArrayList<>();
            List<Slot<K, V>> others = new ArrayList<>();
            List<Slot<K, V>> due = new ArrayList<>();
            try {
                for (K key : missing) {
                    claim(key, again, mine, others, due);
                }
                // Own loads before waiting: two callers that each have what the other wants do not wait for each other.
                loadMine(mine);
            } catch (Throwable thrown) {
                // Nobody else makes what this thread has started.
                mine.stream().filter(lease -> !lease.isDone()).forEach(lease -> threw(lease, thrown));
                throw thrown;
            } finally {
                begin(due);
            }
            return join(others, again);
        }

        private void claim(K key, boolean again, List<Slot<K, V>> mine, List<Slot<K, V>> others, List<Slot<K, V>> due) {
            Slot<K, V> slot = find(map(), key, /* background= */ false, due);
            Slot<K, V> value = slot.value();
            // What has ended just now, and threw or is too old, is for join.
            if (value != null && value.result != null && isRecent(value, began)) {
                take(key, value, again);
                return;
            }
            if (!again) {
                notices.miss();
            }
            boolean here = runsHere(slot, UNBOUNDED) && slot.start();
            (here ? mine : others).add(slot);
        }

        private void loadMine(List<Slot<K, V>> mine) {
            Slot<K, V> thrown = null;
            for (List<Slot<K, V>> chunk : chunks(mine)) {
                if (thrown != null) {
                    Throwable cause = (Throwable) held(thrown.state);
                    chunk.forEach(lease -> threw(lease, cause));
                    continue;
                }
                List<Slot<K, V>> loaded = chunk.size() == 1 ? List.of(load(chunk.get(0))) : loadAll(chunk);
                for (int i = 0; i < loaded.size(); i++) {
                    if (loaded.get(i).result == null) {
                        thrown = loaded.get(i);
                    } else {
                        take(chunk.get(i).key, loaded.get(i), /* missed= */ true);
                    }
                }
            }
            if (thrown != null) {
                var unused = answer(thrown);
            }
        }

        private void begin(List<Slot<K, V>> due) {
            for (List<Slot<K, V>> chunk : chunks(due)) {
                if (executor != null) {
                    submit(executor, chunk);
                } else {
                    chunk.removeIf(lease -> !lease.start());
                    loadAll(chunk).forEach(Engine.this::surface);
                }
            }
        }

        private Set<K> join(List<Slot<K, V>> others, boolean again) {
            Set<K> open = new LinkedHashSet<>();
            for (Slot<K, V> lease : others) {
                boolean last = again && !runsHere(lease, UNBOUNDED);
                Slot<K, V> value = Engine.this.join(lease, UNBOUNDED);
                if (acceptable(value, began, last)) {
                    take(lease.key, value, /* missed= */ true);
                } else {
                    open.add(lease.key);
                }
            }
            return open;
        }

        private void take(K key, Slot<K, V> value, boolean missed) {
            noteServed(value, missed);
            answers.put(key, answer(value));
        }

        private List<List<Slot<K, V>>> chunks(List<Slot<K, V>> claims) {
            int size = terms.many() == null && remote == null ? 1 : terms.maxBatch();
            List<List<Slot<K, V>>> chunks = new ArrayList<>();
            for (int from = 0; from < claims.size(); from += size) {
                chunks.add(new ArrayList<>(claims.subList(from, Math.min(claims.size(), from + size))));
            }
            return chunks;
        }
    }
}
