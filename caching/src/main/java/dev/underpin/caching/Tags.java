package dev.underpin.caching;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Which tags were invalidated when, counted, not by a clock.
 *
 * <p>Every invalidation takes the next number of a sequence and leaves it in the cell of its tag. A load notes the sequence
 * before it begins; what it loaded is good as long as no cell of its tags holds a higher number. So an invalidation costs
 * the same for one entry and for a million, and a load that was running is met by it although its tags were not known yet.
 *
 * <p>Cells live as long as an entry holds them. What is lost with a cell that nobody held is kept, per hash of the tag, in
 * {@link #forgotten}: a new cell starts with it, and so rejects the load of an entry that began before an invalidation
 * which no cell remembers. Two tags of one hash may reject a load too many, never one too few.
 */
final class Tags {
    static final Cell[] NONE = {};

    private static final int HASHES = 1 << 10;

    private final AtomicLong sequence = new AtomicLong();
    private final AtomicLongArray forgotten = new AtomicLongArray(HASHES);
    private final AtomicLongArray forgottenNanos = new AtomicLongArray(HASHES);
    private final Cache<String, Cell> cells =
            Caffeine.newBuilder().weakValues().executor(Runnable::run).build();

    Tags() {
        for (int i = 0; i < HASHES; i++) {
            forgottenNanos.set(i, -Clock.NEVER);
        }
    }

    /** {@return the number of the latest invalidation}: read before a load begins. */
    long sequence() {
        return sequence.get();
    }

    /** {@return the cells of the tags, and of one more}: the caller holds them from now on. */
    Cell[] cells(@Nullable Collection<String> tags, @Nullable String more) {
        Objects.requireNonNull(tags, "the tags of a value must not be null");
        if (tags.isEmpty() && more == null) {
            return NONE;
        }
        var names = new LinkedHashSet<>(tags);
        if (more != null) {
            names.add(more);
        }
        var found = new Cell[names.size()];
        int i = 0;
        for (String tag : names) {
            found[i++] = cells.get(Objects.requireNonNull(tag, "a tag must not be null"), this::cell);
        }
        return found;
    }

    void remove(String tag, long nowNanos) {
        mark(tag, nowNanos, /* removed= */ true);
    }

    void expire(String tag, long nowNanos) {
        mark(tag, nowNanos, /* removed= */ false);
    }

    /** {@return how many cells there are, after those nobody holds are gone}: for tests. */
    long size() {
        cells.cleanUp();
        return cells.estimatedSize();
    }

    private void mark(String tag, long nowNanos, boolean removed) {
        long number = sequence.incrementAndGet();
        Cell held = cells.getIfPresent(tag);
        if (held != null) {
            forget(tag, number, nowNanos);
            held.mark(number, nowNanos, removed);
            return;
        }
        // RACE: a load may make the cell right now. One of the two comes first at the table, and the other sees it.
        cells.asMap().compute(tag, (name, cell) -> {
            forget(name, number, nowNanos);
            if (cell != null) {
                cell.mark(number, nowNanos, removed);
            }
            return cell;
        });
    }

    private void forget(String tag, long number, long nowNanos) {
        int hash = hash(tag);
        forgotten.accumulateAndGet(hash, number, Math::max);
        forgottenNanos.accumulateAndGet(hash, nowNanos, Math::max);
    }

    private Cell cell(String tag) {
        int hash = hash(tag);
        return new Cell(tag, forgotten.get(hash), forgottenNanos.get(hash));
    }

    private static int hash(String tag) {
        int hash = tag.hashCode();
        return (hash ^ hash >>> 10 ^ hash >>> 20) & HASHES - 1;
    }

    /** The latest invalidations of one tag. */
    static final class Cell {
        final String tag;
        private final AtomicLong touched;
        private final AtomicLong removed;
        private final AtomicLong nanos;

        Cell(String tag, long number, long nanos) {
            this.tag = tag;
            touched = new AtomicLong(number);
            removed = new AtomicLong(number);
            this.nanos = new AtomicLong(nanos);
        }

        /** {@return the number of the latest invalidation, of whatever kind} */
        long touched() {
            return touched.get();
        }

        /** {@return the number of the latest invalidation that leaves nothing to fall back to} */
        long removed() {
            return removed.get();
        }

        /** {@return when the latest invalidation was} */
        long nanos() {
            return nanos.get();
        }

        private void mark(long number, long nowNanos, boolean remove) {
            nanos.accumulateAndGet(nowNanos, Math::max);
            if (remove) {
                removed.accumulateAndGet(number, Math::max);
            }
            touched.accumulateAndGet(number, Math::max);
        }
    }
}
