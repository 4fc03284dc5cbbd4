package dev.underpin.resilience;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.result.spi.TimeSource;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Permits per key, such as a user or an address, in bounded memory. All permits of a limit may be used at once; then they
 * come back evenly. Several limits hold together: a permit is taken of all or of none.
 *
 * <p>A key that has all its permits back is forgotten when its place is needed. If there are {@code maxKeys} others in use,
 * a new key shares its permits with others like it, so that a flood of made-up keys gets little; the keys already known
 * keep theirs. A key that is not known and gets a place begins with what those that share like it have used: it may be
 * one of them. So after such a flood new keys wait for permits, for as long as the longest limit takes to give them back;
 * {@code maxKeys} is to be more than the keys in use at a time.
 *
 * <p>Thread-safe; no more permits are given than allowed, however many threads ask. It limits this process alone.
 *
 * @param <K> the type of the key; equal keys share permits
 */
public final class RateLimiter<K> {
    /** An entry that is no longer in the map: all its permits were back. */
    private static final long GONE = Long.MIN_VALUE;

    /** Ten years: no key is kept for longer, and a header can tell it. */
    private static final Duration LONGEST = Duration.ofDays(3_660);

    private static final int SWEPT_AT_ONCE = 32;
    private static final Result<Unit, DomainError> PERMITTED = Result.ok();

    private final String name;
    private final TimeSource time;
    private final long originNanos;
    private final int maxKeys;
    private final List<Bandwidth> limits;
    private final Bandwidth[] bandwidths;
    private final String[] names;
    private final String policy;

    /*
     * The entry of a key holds, for each limit, when all of its permits are back (see Bandwidth). The first of them is
     * taken last, and marks an entry that was swept away: whoever took of the others finds the mark, and begins anew with
     * an entry that counts. A sweep that did not see what was taken of the others does not see the first as it was.
     */
    private final ConcurrentHashMap<K, AtomicLongArray> entries;
    private final AtomicLongArray[] shared;
    private final ReentrantLock sweeping = new ReentrantLock();
    private Iterator<Map.Entry<K, AtomicLongArray>> sweep;

    private RateLimiter(Builder builder) {
        name = builder.name;
        time = builder.time;
        originNanos = time.nanoTime();
        maxKeys = builder.maxKeys;
        limits = List.copyOf(builder.limits);
        bandwidths = limits.toArray(Bandwidth[]::new);
        names = names();
        policy = policy();
        entries = new ConcurrentHashMap<>();
        shared = new AtomicLongArray[Math.max(1, Math.min(1_024, maxKeys / 16))];
        for (int i = 0; i < shared.length; i++) {
            shared[i] = new AtomicLongArray(bandwidths.length);
        }
        sweep = entries.entrySet().iterator();
    }

    /**
     * {@return a builder}
     *
     * @param name of the policy, in errors and headers: letters, digits, {@code -}, {@code _} and {@code .}, at most 64
     */
    public static Builder named(String name) {
        return new Builder(Check.name(name));
    }

    /**
     * {@return the key of a client's address}: an IPv4 address is one, also if it came mapped to IPv6; of an IPv6 address
     * the first 64 bits are, since a client has all of the others.
     *
     * @param address of the client
     */
    public static String addressKey(InetAddress address) {
        byte[] bytes = Objects.requireNonNull(address, "address").getAddress();
        if (bytes.length == 4 || isMapped(bytes)) {
            int first = bytes.length - 4;
            return (bytes[first] & 0xff) + "." + (bytes[first + 1] & 0xff) + "." + (bytes[first + 2] & 0xff) + "."
                    + (bytes[first + 3] & 0xff);
        }
        var prefix = new StringBuilder(24);
        for (int i = 0; i < 8; i += 2) {
            prefix.append(Integer.toHexString(((bytes[i] & 0xff) << 8) | (bytes[i + 1] & 0xff)))
                    .append(':');
        }
        return prefix.append(":/64").toString();
    }

    private static boolean isMapped(byte[] bytes) {
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return bytes[10] == -1 && bytes[11] == -1;
    }

    /**
     * Takes a permit.
     *
     * @param key whose
     * @return nothing if there was one; else {@code RATE_LIMITED} with the time after which there will be
     */
    public Result<Unit, DomainError> tryAcquire(K key) {
        Objects.requireNonNull(key, "key");
        long now = time.nanoTime() - originNanos;
        long wait;
        do {
            wait = take(entry(key, now), now);
        } while (wait == GONE);
        return wait <= 0
                ? PERMITTED
                : Rejection.of(ResilienceErrors.RATE_LIMITED, this, name, Duration.ofNanos(wait))
                        .asResult();
    }

    /**
     * {@return what is left for a key, of the limit with the least left}; nothing is taken.
     *
     * @param key whose
     */
    public RateLimit state(K key) {
        Objects.requireNonNull(key, "key");
        long now = time.nanoTime() - originNanos;
        AtomicLongArray own = entries.get(key);
        AtomicLongArray entry = own == null ? sharedBy(key) : own;
        int least = 0;
        int left = Integer.MAX_VALUE;
        long reset = 0;
        for (int i = 0; i < bandwidths.length; i++) {
            long used = entry.get(i);
            long full = used == GONE ? now : used;
            int remaining = bandwidths[i].remaining(full, now);
            if (remaining < left || (remaining == left && full - now > reset)) {
                least = i;
                left = remaining;
                reset = Math.max(0, full - now);
            }
        }
        return new RateLimit(names[least], bandwidths[least].permits(), left, Duration.ofNanos(reset), policy);
    }

    /** {@return how many keys have an entry of their own} */
    public int keys() {
        return entries.size();
    }

    private AtomicLongArray entry(K key, long now) {
        AtomicLongArray entry = entries.get(key);
        if (entry != null) {
            if (entry.get(0) != GONE) {
                return entry;
            }
            entries.remove(key, entry); // help whoever swept it
        }
        if (entries.mappingCount() >= maxKeys) {
            sweep(now);
            if (entries.mappingCount() >= maxKeys) {
                return sharedBy(key);
            }
        }
        AtomicLongArray added = new AtomicLongArray(bandwidths.length);
        // It may have been one of those that share: what they have used is used. RACE: who takes of the shared permits
        // now takes one that this key is not charged.
        AtomicLongArray before = sharedBy(key);
        for (int i = 0; i < bandwidths.length; i++) {
            added.set(i, before.get(i));
        }
        AtomicLongArray present = entries.putIfAbsent(key, added);
        return present == null ? added : present;
    }

    private AtomicLongArray sharedBy(K key) {
        int hash = key.hashCode();
        return shared[Math.floorMod(hash ^ (hash >>> 16), shared.length)];
    }

    /** {@return how long to wait, at most zero if a permit of each limit was taken; {@link #GONE} if the entry is} */
    private long take(AtomicLongArray entry, long now) {
        long longest = 0;
        for (int i = 0; i < bandwidths.length; i++) {
            long full = entry.get(i);
            if (full == GONE) {
                return GONE;
            }
            longest = Math.max(longest, bandwidths[i].waitNanos(full, now));
        }
        return longest > 0 ? longest : take(entry, bandwidths.length - 1, now);
    }

    /** Takes of a limit, and of those before it; where one of them has none left, nothing is taken. */
    private long take(AtomicLongArray entry, int limit, long now) {
        Bandwidth bandwidth = bandwidths[limit];
        while (true) {
            long full = entry.get(limit);
            if (full == GONE) {
                return GONE;
            }
            long wait = bandwidth.waitNanos(full, now);
            if (wait > 0) {
                return wait;
            }
            long taken = bandwidth.next(full, now);
            if (entry.compareAndSet(limit, full, taken)) {
                long further = limit == 0 ? 0 : take(entry, limit - 1, now);
                if (further > 0) {
                    giveBack(entry, limit, taken); // RACE: another thread took the last one since we looked
                }
                return further;
            }
        }
    }

    /**
     * Gives back a permit, unless it has come back by itself: then others may have taken it on top of a full bucket, and to
     * take off a step would give one too many.
     *
     * @param taken what was written when it was taken
     */
    private void giveBack(AtomicLongArray entry, int limit, long taken) {
        long full;
        do {
            full = entry.get(limit); // read before the clock, so that whoever wrote it read an earlier time
        } while (taken - (time.nanoTime() - originNanos) > 0
                && !entry.compareAndSet(limit, full, full - bandwidths[limit].stepNanos()));
    }

    /** Forgets some of the keys that have all permits back; where the last sweep ended, and one thread at a time. */
    private void sweep(long now) {
        if (!sweeping.tryLock()) {
            return;
        }
        try {
            for (int i = 0; i < SWEPT_AT_ONCE; i++) {
                if (!sweep.hasNext()) {
                    sweep = entries.entrySet().iterator();
                    if (!sweep.hasNext()) {
                        return;
                    }
                }
                Map.Entry<K, AtomicLongArray> next = sweep.next();
                AtomicLongArray entry = next.getValue();
                long first = entry.get(0);
                if (isFull(entry, now) && entry.compareAndSet(0, first, GONE)) {
                    entries.remove(next.getKey(), entry);
                }
            }
        } finally {
            sweeping.unlock();
        }
    }

    private static boolean isFull(AtomicLongArray entry, long now) {
        for (int i = 0; i < entry.length(); i++) {
            if (entry.get(i) > now) {
                return false;
            }
        }
        return true;
    }

    private String policy() {
        List<String> items = new ArrayList<>();
        for (int i = 0; i < bandwidths.length; i++) {
            Duration period = bandwidths[i].period();
            // A window is a whole number of seconds; one that is not cannot be told.
            String window = period.equals(Duration.ofSeconds(period.toSeconds())) ? ";w=" + period.toSeconds() : "";
            items.add("\"" + names[i] + "\";q=" + bandwidths[i].permits() + window);
        }
        return String.join(", ", items);
    }

    /** {@return a name for each limit: that of the limiter, and, if there are several, the period} */
    private String[] names() {
        List<String> made = new ArrayList<>();
        for (Bandwidth limit : limits) {
            String one = limits.size() == 1 ? name : name + "-" + shown(limit.period());
            made.add(made.contains(one) ? one + "-" + made.size() : one);
        }
        return made.toArray(String[]::new);
    }

    private static String shown(Duration period) {
        boolean whole = period.equals(Duration.ofSeconds(period.toSeconds()));
        return whole ? period.toSeconds() + "s" : period.toMillis() + "ms";
    }

    /** Builds a {@link RateLimiter}. Confined to one thread. */
    public static final class Builder {
        private final String name;
        private final List<Bandwidth> limits = new ArrayList<>();
        private int maxKeys = 100_000;
        private TimeSource time = TimeSource.system();

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Adds a limit; at least one is needed, and all hold together. A long one needs a short one beside it, or all of its
         * permits may be used in one second.
         *
         * @param permits how many
         * @param per in which time
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder limit(int permits, Duration per) {
            if (per.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("per must be at most " + LONGEST + ": " + per);
            }
            limits.add(Bandwidth.of(permits, per));
            return this;
        }

        /**
         * Sets for how many keys permits are counted at once; 100 000 by default, at some 100 bytes and the key itself.
         *
         * @param keys how many
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder maxKeys(int keys) {
            maxKeys = Check.atLeast(1, "keys", keys);
            return this;
        }

        /**
         * Sets the time; that of the machine by default.
         *
         * @param time measures
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * {@return the limiter}
         *
         * @param <K> the type of the key
         * @throws IllegalStateException if no limit was given
         */
        public <K> RateLimiter<K> build() {
            if (limits.isEmpty()) {
                throw new IllegalStateException("a rate limiter needs at least one limit");
            }
            return new RateLimiter<>(this);
        }
    }
}
