package dev.underpin.caching;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A level in the memory of this process: for several caches that share their entries, and for tests of what stands on a
 * {@link RemoteLevel}, as the plainest one there is.
 *
 * <p>Stages are complete when they are returned. Entries are as many as are filled within their ttl: there is no other bound.
 * The backplane delivers on the thread that publishes, before {@code publish} returns; a subscriber that throws is told of
 * a gap, and the others hear the message. Thread-safe.
 */
public final class InMemoryLevel implements RemoteLevel {
    private static final long FOREVER = Long.MAX_VALUE / 2; // 146 years: now and that do not overflow
    private static final int SMALL = 1024;

    private final TimeSource time;
    private final long startNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Namespace> namespaces = new HashMap<>();
    private final Backplane backplane = new LocalBackplane();
    // INVARIANT: a lease that was given and an invalidation by tag have numbers of their own, in the order they came.
    private long numbers;

    /** A level on the time of this machine. */
    public InMemoryLevel() {
        this(TimeSource.system());
    }

    /**
     * A level on that time.
     *
     * @param time what leases and entries end by
     */
    public InMemoryLevel(TimeSource time) {
        this.time = Objects.requireNonNull(time, "time");
        startNanos = time.nanoTime();
    }

    @Override
    public CompletionStage<List<Reply>> begin(String namespace, List<String> keys, Duration lease) {
        Objects.requireNonNull(namespace, "namespace");
        List<String> asked = List.copyOf(keys);
        long nanos = nanos("lease", lease);
        return locked(() -> {
            long now = now();
            Namespace in = namespaces.computeIfAbsent(namespace, absent -> new Namespace());
            List<Reply> replies = new ArrayList<>(asked.size());
            for (String key : asked) {
                replies.add(begin(in, key, now, nanos));
            }
            in.sweep(now);
            return replies;
        });
    }

    private Reply begin(Namespace in, String key, long now, long leaseNanos) {
        Slot slot = in.live(key, now);
        if (slot == null) {
            slot = new Slot(++numbers, now + leaseNanos, null, List.of());
            in.slots.put(key, slot);
            return new Reply.Mine(slot.token());
        }
        return slot.entry == null ? new Reply.Loading() : new Reply.Hit(slot.entry, Duration.ofNanos(slot.until - now));
    }

    @Override
    public CompletionStage<Boolean> fill(
            String namespace, String key, String token, Collection<String> tags, byte[] entry, Duration ttl) {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(token, "token");
        List<String> tagged = List.copyOf(tags);
        byte[] kept = entry.clone();
        long nanos = nanos("ttl", ttl);
        return locked(() -> {
            long now = now();
            Namespace in = namespaces.get(namespace);
            Slot lease = in == null ? null : in.endLease(key, token, now);
            if (in == null || lease == null || in.isMarked(tagged, lease.number)) {
                return false;
            }
            in.slots.put(key, new Slot(lease.number, now + nanos, kept, tagged));
            return true;
        });
    }

    @Override
    public CompletionStage<Void> release(String namespace, String key, String token) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(token, "token");
        return run(namespace, in -> in.endLease(key, token, now()));
    }

    @Override
    public CompletionStage<Void> invalidate(String namespace, List<String> keys, List<String> tags) {
        List<String> gone = List.copyOf(keys);
        List<String> marked = List.copyOf(tags);
        return run(namespace, in -> {
            gone.forEach(in.slots::remove);
            marked.forEach(tag -> in.marks.put(tag, ++numbers));
            in.sweep(now());
        });
    }

    @Override
    public CompletionStage<Void> clear(String namespace) {
        return run(namespace, in -> namespaces.remove(namespace));
    }

    @Override
    public Backplane backplane() {
        return backplane;
    }

    /** {@return how many entries, leases and invalidations by tag are kept} */
    int size() {
        lock.lock();
        try {
            return namespaces.values().stream().mapToInt(Namespace::size).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Runs that, if there is anything in the namespace. */
    private CompletionStage<Void> run(String namespace, Consumer<Namespace> action) {
        Objects.requireNonNull(namespace, "namespace");
        lock.lock();
        try {
            Namespace in = namespaces.get(namespace);
            if (in != null) {
                action.accept(in);
            }
        } finally {
            lock.unlock();
        }
        return CompletableFuture.completedFuture(null);
    }

    private <T> CompletionStage<T> locked(Supplier<T> action) {
        lock.lock();
        try {
            return CompletableFuture.completedFuture(action.get());
        } finally {
            lock.unlock();
        }
    }

    private long now() {
        return time.nanoTime() - startNanos;
    }

    private static long nanos(String name, Duration duration) {
        Check.notNegative(name, duration);
        return duration.compareTo(Duration.ofNanos(FOREVER)) < 0 ? duration.toNanos() : FOREVER;
    }

    /** What is known of the keys and tags of a namespace; a new one knows of no lease, so clearing is to forget it. */
    private static final class Namespace {
        final Map<String, Slot> slots = new HashMap<>();
        final Map<String, Long> marks = new HashMap<>(); // the number of the last invalidation of a tag
        private int limit = SMALL;

        @Nullable
        Slot live(String key, long now) {
            Slot slot = slots.get(key);
            return slot != null && isLive(slot, now) ? slot : null;
        }

        private boolean isLive(Slot slot, long now) {
            return now < slot.until && !isMarked(slot.tags, slot.number);
        }

        /** {@return whether one of the tags was invalidated after that number} */
        boolean isMarked(List<String> tags, long number) {
            for (String tag : tags) {
                if (marks.getOrDefault(tag, 0L) > number) {
                    return true;
                }
            }
            return false;
        }

        /** {@return the lease of that token, which ends here, or null if it no longer held} */
        @CanIgnoreReturnValue
        @Nullable
        Slot endLease(String key, String token, long now) {
            Slot slot = live(key, now);
            if (slot == null || slot.entry != null || !slot.token().equals(token)) {
                return null;
            }
            slots.remove(key);
            return slot;
        }

        /** Drops what is of no use any more, once there is twice as much as the last time left. */
        void sweep(long now) {
            if (size() <= limit) {
                return;
            }
            slots.values().removeIf(slot -> !isLive(slot, now));
            // The entries that are left are younger than all invalidations of their tags. Leases have no tags yet.
            long oldestLease = slots.values().stream()
                    .filter(slot -> slot.entry == null)
                    .mapToLong(slot -> slot.number)
                    .min()
                    .orElse(Long.MAX_VALUE);
            marks.values().removeIf(mark -> mark < oldestLease);
            limit = Math.max(SMALL, 2 * size());
        }

        int size() {
            return slots.size() + marks.size();
        }
    }

    /** A lease, or the entry it was filled with, which keeps its number. */
    private static final class Slot {
        final long number;
        final long until;
        final byte @Nullable [] entry; // null: a lease
        final List<String> tags;

        Slot(long number, long until, byte @Nullable [] entry, List<String> tags) {
            this.number = number;
            this.until = until;
            this.entry = entry;
            this.tags = tags;
        }

        String token() {
            return Long.toString(number);
        }
    }
}
