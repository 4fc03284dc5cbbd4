package dev.underpin.caching;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The remote level as one cache sees it: slow is down, down is a miss, and what it could not be told it is told later.
 *
 * <p>INVARIANT: while an invalidation waits to be told, the level is not read. So nothing that was invalidated here comes
 * back from there, however long it was away.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a slot that is looked at is a future that nobody need wait for
final class Remote<K, V> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CacheAside.class);

    /** How long it is left alone before it is told again what waits. */
    private static final Duration REPLAY_PAUSE = Duration.ofSeconds(1);

    /** How long a value is kept while messages of other nodes may not arrive. */
    private static final long OUTAGE_TTL_NANOS = Duration.ofSeconds(10).toNanos();

    /** The lease where loads have no timeout. */
    private static final long MAX_LEASE_NANOS = Duration.ofSeconds(30).toNanos();

    private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(5).toNanos();
    private static final long LAST_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private final Terms<K, V> terms;
    private final RemoteLevel level;
    private final Function<K, String> key;
    private final Codec<V> codec;
    private final Clock clock;
    private final Notices notices;
    private final Engine<K, V> engine;
    private final UUID self = UUID.randomUUID();
    private final Backplane backplane;
    private final Backplane.Subscription subscription;

    private final RemoteCalls calls;
    private final Untold untold = new Untold();

    /** Whether the timer is set, or the level is being told. */
    private final AtomicBoolean replaying = new AtomicBoolean();

    private volatile @Nullable Future<?> timer;
    private volatile boolean closed;

    Remote(Terms<K, V> terms, Engine<K, V> engine) {
        this.terms = terms;
        this.engine = engine;
        level = Objects.requireNonNull(terms.remote());
        key = Objects.requireNonNull(terms.remoteKey());
        codec = Objects.requireNonNull(terms.codec());
        clock = terms.clock();
        notices = terms.notices();
        calls = new RemoteCalls(terms.name(), clock, notices);
        backplane = Objects.requireNonNull(level.backplane(), "the remote level has no backplane");
        subscription = backplane.subscribe(this::heard, this::gap);
    }

    /** The tag of all entries of a key: what a message names is a string, and only tags are found by that. */
    String keyTag(K of) {
        return "\0" + name(of);
    }

    private String name(K of) {
        return Objects.requireNonNull(key.apply(of), "the name of a key must not be null");
    }

    private void heard(byte[] message) {
        try {
            Change.parse(message, self, terms.name()).ifPresent(change -> {
                if (change.all()) {
                    engine.clear();
                }
                change.keys().forEach(name -> mark("\0" + name, change.removed()));
                change.tags().forEach(tag -> mark(tag, change.removed()));
            });
        } catch (IOException e) { // it may have been an invalidation
            LOG.debug("{}: a message of {} bytes cannot be read", terms.name(), message.length, e);
            gap();
        }
    }

    private void mark(String tag, boolean removed) {
        if (removed) {
            engine.removeTag(tag);
        } else {
            engine.expireTag(tag);
        }
    }

    private void gap() {
        engine.clear();
        notices.gap();
    }

    /** From now on nothing is read or kept, since messages are no longer heard. What waits is told once more. */
    @Override
    public void close() {
        closed = true;
        subscription.close();
        Future<?> set = timer;
        if (set != null && set.cancel(/* mayInterruptIfRunning= */ false)) {
            replay();
        }
    }

    /* ---- Invalidations ---- */

    Change key(K of, boolean removed) {
        return Change.key(name(of), removed);
    }

    /** Tells the level and then the other nodes; completes with how far it has come, never exceptionally. */
    CompletableFuture<Propagation> tell(Change change) {
        if (!mayAsk()) {
            enqueue(change);
            return CompletableFuture.completedFuture(Propagation.QUEUED);
        }
        return calls.make(() -> send(change)).handle((done, failure) -> {
            if (failure == null) {
                return Propagation.DONE;
            }
            enqueue(change);
            return Propagation.QUEUED;
        });
    }

    private CompletionStage<Void> send(Change change) {
        CompletionStage<Void> told =
                change.all() ? level.clear(terms.name()) : level.invalidate(terms.name(), change.keys(), change.tags());
        return told.thenCompose(done -> backplane.publish(change.message(self, terms.name())));
    }

    /** {@return whether the level is to be called}: if not, that is noted. */
    private boolean mayAsk() {
        boolean may = !untold.any() && calls.allowed();
        if (!may) {
            notices.remote(0, CachingErrors.CACHE_REMOTE_FAILED);
        }
        return may;
    }

    private void enqueue(Change change) {
        untold.add(change);
        replayLater();
    }

    private void replayLater() {
        if (!closed && replaying.compareAndSet(false, true)) {
            try {
                timer = clock.time().schedule(REPLAY_PAUSE, this::replay);
            } catch (RuntimeException e) { // the next that is queued tries again
                LOG.warn("{}: no timer for what the remote level is to be told later", terms.name(), e);
                replaying.set(false);
            }
        }
    }

    /** On the timer: begins to tell what waits, and waits for nothing. */
    private void replay() {
        Change due = untold.take();
        var unused = calls.make(() -> send(due)).whenComplete((done, failure) -> {
            if (failure == null) {
                untold.told();
            } else {
                untold.add(due);
            }
            replaying.set(false);
            if (untold.any()) {
                replayLater();
            }
        });
    }

    /* ---- Reads and fills ---- */

    /** How long a caller waits for the load of another process before it makes its own. */
    long patienceNanos() {
        return leaseNanos() / 4;
    }

    private long leaseNanos() {
        return Math.min(terms.loadNanos(), MAX_LEASE_NANOS);
    }

    /** Waits before it looks again whether another process has loaded. */
    void pause(int round) {
        long nanos = Math.min(LAST_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(round, 10));
        try {
            clock.time().sleep(Duration.ofNanos(nanos));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return what may be kept of what is put} */
    Outcome<V> put(Result<V, DomainError> value) {
        Outcome<V> outcome = Outcome.of(value, 0);
        return closed ? outcome.atMost(0) : untold.any() ? outcome.atMost(OUTAGE_TTL_NANOS) : outcome;
    }

    /** Looks up what loads are for. Whatever fails is a miss without a lease. */
    Round begin(Collection<Slot<K, V>> loads) {
        Round round = new Round(loads);
        if (!closed && mayAsk()) {
            List<K> useless = round.look(loads.stream().map(load -> load.key).toList());
            if (!useless.isEmpty() && forget(useless)) {
                var unused = round.look(useless);
            }
        }
        return round;
    }

    /** Nobody can read them, they are tagged by other code, or they are to be refreshed: with the lease they are replaced. */
    private boolean forget(List<K> keys) {
        List<String> names = keys.stream().map(this::name).toList();
        return calls.await(calls.make(
                        () -> level.invalidate(terms.name(), names, List.of()).thenApply(done -> true)))
                != null;
    }

    /** What the level said of some keys. */
    final class Round {
        private final Map<K, Slot<K, V>> loads = new HashMap<>();
        private final Map<K, Outcome<V>> hits = new HashMap<>();
        private final Map<K, String> tokens = new HashMap<>();
        private final Set<K> loading = new LinkedHashSet<>();

        private Round(Collection<Slot<K, V>> loads) {
            loads.forEach(load -> this.loads.put(load.key, load));
        }

        @Nullable
        Outcome<V> hit(K of) {
            return hits.get(of);
        }

        boolean loading(K of) {
            return loading.contains(of);
        }

        /** {@return those that are there and of no use} */
        private List<K> look(List<K> keys) {
            List<String> names = keys.stream().map(Remote.this::name).toList();
            // A lease that nobody fills would keep the other processes waiting.
            Consumer<List<RemoteLevel.Reply>> late = replies -> giveBack(names, replies);
            List<RemoteLevel.Reply> replies = calls.await(
                    calls.make(
                            () -> level.begin(terms.name(), names, Duration.ofNanos(leaseNanos()))
                                    .thenApply(answer -> checked(answer, keys.size())),
                            late),
                    late);
            List<K> useless = new ArrayList<>();
            for (int i = 0; replies != null && i < replies.size(); i++) {
                K of = keys.get(i);
                RemoteLevel.Reply reply = replies.get(i);
                if (reply instanceof RemoteLevel.Reply.Mine mine) {
                    tokens.put(of, mine.token());
                } else if (reply instanceof RemoteLevel.Reply.Loading) {
                    loading.add(of);
                } else if (reply instanceof RemoteLevel.Reply.Hit hit && !read(of, hit)) {
                    useless.add(of);
                }
            }
            return useless;
        }

        private void giveBack(List<String> names, List<RemoteLevel.Reply> replies) {
            for (int i = 0; i < replies.size(); i++) {
                if (replies.get(i) instanceof RemoteLevel.Reply.Mine mine) {
                    release(names.get(i), mine.token());
                }
            }
        }

        private boolean read(K of, RemoteLevel.Reply.Hit hit) {
            try {
                RemoteEntry entry = RemoteEntry.decode(hit.entry());
                long left = Math.min(Clock.nanos(hit.ttl()), entry.ttlNanos());
                if (isHeldAlready(of, entry, left)) {
                    return false;
                }
                V value = Objects.requireNonNull(codec.decode(entry.valueBytes()), "the codec decoded null");
                if (entry.tags() != RemoteEntry.hash(terms.tags(value))) {
                    return false;
                }
                hits.put(of, new Outcome<>(Result.ok(value), null, entry.loadNanos(), left, entry.ttlNanos() - left));
                return true;
            } catch (IOException | RuntimeException | StackOverflowError e) { // of the codec
                LOG.debug("{}: an entry of {} bytes cannot be read", terms.name(), hit.entry().length, e);
                notices.remote(0, CachingErrors.CACHE_REMOTE_FAILED);
                return false;
            }
        }

        /**
         * {@return whether an entry is the one that is to be refreshed}, not what another process has loaded since: that lives
         * longer, by more than what chance has taken from the times of the two.
         */
        private boolean isHeldAlready(K of, RemoteEntry entry, long leftNanos) {
            Slot<K, V> load = loads.get(of);
            Slot<K, V> old = load instanceof Slot.Refresh ? load.previous() : null;
            return old != null && leftNanos - entry.ttlNanos() / 8 <= old.freshNanos - clock.now();
        }

        /** Stores what was loaded. {@return what may be kept of it here}: nothing if it was invalidated meanwhile. */
        Outcome<V> fill(K of, Outcome<V> loaded) {
            Outcome<V> outcome = closed ? loaded.atMost(0) : loaded;
            String token = tokens.get(of);
            if (token == null) {
                return outcome.atMost(OUTAGE_TTL_NANOS);
            }
            boolean filled = false;
            try {
                if (outcome.maxNanos() <= 0 || !(outcome.result() instanceof Result.Ok<V, DomainError> ok)) {
                    return outcome;
                }
                Collection<String> tags = terms.tags(ok.value());
                long ttl = terms.ttlNanos(ok.value());
                byte[] bytes = ttl <= 0 ? null : encode(ok.value());
                if (bytes == null) {
                    return outcome;
                }
                byte[] entry = RemoteEntry.encode(ttl, outcome.loadNanos(), tags, bytes);
                filled = true;
                Boolean stored = calls.await(
                        calls.make(() -> level.fill(terms.name(), name(of), token, tags, entry, Duration.ofNanos(ttl))
                                .thenApply(done -> Objects.requireNonNull(done, "the level answered null"))));
                // Without an answer, another process may have invalidated it.
                return outcome.atMost(stored == null ? OUTAGE_TTL_NANOS : stored ? ttl : 0L);
            } finally {
                if (!filled) {
                    release(name(of), token);
                }
            }
        }

        private void release(String name, String token) {
            var unused = calls.make(() -> level.release(terms.name(), name, token));
        }

        private byte @Nullable [] encode(V value) {
            try {
                return Objects.requireNonNull(codec.encode(value), "the codec encoded null");
            } catch (IOException | RuntimeException | StackOverflowError e) {
                LOG.warn("{}: a value cannot be encoded, so it is kept in this process only", terms.name(), e);
                notices.remote(0, CachingErrors.CACHE_REMOTE_FAILED);
                return null;
            }
        }
    }

    private static List<RemoteLevel.Reply> checked(List<RemoteLevel.Reply> replies, int keys) {
        if (replies.size() != keys) {
            throw new IllegalStateException(replies.size() + " replies for " + keys + " keys");
        }
        return List.copyOf(replies);
    }
}
