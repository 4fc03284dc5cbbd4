package dev.underpin.idempotency;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Entries in a map under one lock, which is never held while code of others runs, but for the clock. */
final class InMemoryStore implements IdempotencyStore {
    private final int maxKeys;
    private final TimeSource time;
    private final long startNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Row> rows = new HashMap<>();
    // INVARIANT: holds each row once, under the time it expires at and its number.
    private final TreeMap<Turn, Key> byExpiry = new TreeMap<>();
    private long numbers;

    InMemoryStore(int maxKeys, TimeSource time) {
        if (maxKeys < 1) {
            throw new IllegalArgumentException("maxKeys must be at least 1: " + maxKeys);
        }
        this.maxKeys = maxKeys;
        this.time = Objects.requireNonNull(time, "time");
        this.startNanos = time.nanoTime();
    }

    @Override
    public Entry claim(Key key, Fingerprint fingerprint, UUID owner, Duration lease, Duration ttl) {
        Objects.requireNonNull(owner, "owner");
        long leaseNanos = lease.toNanos();
        long ttlNanos = ttl.toNanos();
        Objects.requireNonNull(fingerprint, "fingerprint");
        lock.lock();
        try {
            long now = now();
            Row row = live(key, now);
            if (row != null && !(row.isFree(now) && fingerprint.matches(row.fingerprint))) {
                return row.entry(now);
            }
            if (row == null) {
                makeRoom(now);
                row = new Row(numbers++, owner, fingerprint);
                rows.put(key, row);
            }
            row.state = State.RUNNING;
            row.owner = owner;
            row.fingerprint = fingerprint;
            row.leaseUntil = now + leaseNanos;
            expire(key, row, now + Math.max(ttlNanos, leaseNanos));
            return row.entry(now);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean complete(Key key, UUID owner, byte[] outcome, Duration ttl) {
        byte[] kept = outcome.clone();
        long ttlNanos = ttl.toNanos();
        return write(key, owner, row -> {
            row.complete(kept);
            expire(key, row, now() + ttlNanos);
        });
    }

    @Override
    public boolean advance(Key key, UUID owner, String step, byte[] data) {
        Objects.requireNonNull(step, "step");
        byte[] kept = data.clone();
        return write(key, owner, row -> row.steps.put(step, kept));
    }

    @Override
    public Set<Key> renew(Map<Key, UUID> held, Duration lease) {
        long leaseNanos = lease.toNanos();
        Set<Key> renewed = new HashSet<>();
        held.forEach((key, owner) -> {
            boolean isOwners = write(key, owner, row -> {
                row.leaseUntil = now() + leaseNanos;
                expire(key, row, Math.max(row.expiresAt, row.leaseUntil));
            });
            if (isOwners) {
                renewed.add(key);
            }
        });
        return renewed;
    }

    @Override
    public boolean release(Key key, UUID owner) {
        return write(key, owner, row -> row.state = State.RELEASED);
    }

    @Override
    public boolean suspend(Key key, UUID owner) {
        return write(key, owner, row -> row.state = State.INDETERMINATE);
    }

    @Override
    public Optional<Entry> find(Key key) {
        lock.lock();
        try {
            long now = now();
            Row row = live(key, now);
            return row == null ? Optional.empty() : Optional.of(row.entry(now));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean settle(Key key, byte @Nullable [] outcome, Duration ttl) {
        byte[] kept = outcome == null ? null : outcome.clone();
        long ttlNanos = ttl.toNanos();
        lock.lock();
        try {
            long now = now();
            Row row = live(key, now);
            if (row == null || row.state != State.INDETERMINATE) {
                return false;
            }
            if (kept == null) {
                row.state = State.RELEASED;
                row.steps.values().removeIf(data -> data.length == 0);
            } else {
                row.complete(kept);
            }
            expire(key, row, now + ttlNanos);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int reap(int limit) {
        lock.lock();
        try {
            return reap(limit, now());
        } finally {
            lock.unlock();
        }
    }

    /** Does what a worker wants if the entry is the worker's. */
    private boolean write(Key key, UUID owner, Consumer<Row> change) {
        lock.lock();
        try {
            Row row = live(key, now());
            if (row == null || row.state != State.RUNNING || !owner.equals(row.owner)) {
                return false;
            }
            change.accept(row);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /* ---- under the lock ---- */

    private @Nullable Row live(Key key, long now) {
        Row row = rows.get(key);
        if (row != null && row.expiresAt <= now) {
            rows.remove(key);
            byExpiry.remove(row.turn());
            return null;
        }
        return row;
    }

    private void makeRoom(long now) {
        if (rows.size() >= maxKeys && reap(rows.size(), now) == 0) {
            throw new IllegalStateException("The store in memory is full: " + maxKeys + " keys, none of them expired");
        }
    }

    private int reap(int limit, long now) {
        int reaped = 0;
        Iterator<Map.Entry<Turn, Key>> turns = byExpiry.entrySet().iterator();
        while (reaped < limit && turns.hasNext()) {
            Map.Entry<Turn, Key> next = turns.next();
            if (next.getKey().expiresAt > now) {
                break;
            }
            turns.remove();
            rows.remove(next.getValue());
            reaped++;
        }
        return reaped;
    }

    private void expire(Key key, Row row, long expiresAt) {
        byExpiry.remove(row.turn());
        row.expiresAt = expiresAt;
        byExpiry.put(row.turn(), key);
    }

    /** {@return nanoseconds since the store was made: never negative, so they compare as numbers} */
    private long now() {
        return time.nanoTime() - startNanos;
    }

    private record Turn(long expiresAt, long number) implements Comparable<Turn> {
        @Override
        public int compareTo(Turn other) {
            int byTime = Long.compare(expiresAt, other.expiresAt);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /** One entry; guarded by the lock. */
    private static final class Row {
        final long number;
        final Map<String, byte[]> steps = new LinkedHashMap<>();
        State state = State.RUNNING;
        UUID owner;
        Fingerprint fingerprint;
        byte @Nullable [] outcome;
        long leaseUntil;
        long expiresAt;

        Row(long number, UUID owner, Fingerprint fingerprint) {
            this.number = number;
            this.owner = owner;
            this.fingerprint = fingerprint;
        }

        boolean isFree(long now) {
            return state == State.RELEASED || (state == State.RUNNING && leaseUntil <= now);
        }

        void complete(byte[] answer) {
            state = State.COMPLETED;
            outcome = answer;
            steps.clear();
        }

        Turn turn() {
            return new Turn(expiresAt, number);
        }

        Entry entry(long now) {
            return new Entry(
                    state,
                    owner,
                    fingerprint,
                    Duration.ofNanos(state == State.RUNNING ? Math.max(0, leaseUntil - now) : 0),
                    steps,
                    Optional.ofNullable(outcome));
        }
    }
}
