package dev.underpin.batching;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** Keys that are loaded together. Guarded by the lock of the dispatch, but for who ends it. */
final class Batch<K, V> {
    private static final VarHandle ENDED;

    static {
        try {
            ENDED = MethodHandles.lookup().findVarHandle(Batch.class, "ended", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ScopedLoader<K, V> loader;
    private Slot<K, V>[] slots;

    /** The next one of those that are ready, or of those that are in flight. */
    @Nullable
    Batch<?, ?> next;

    /** Who runs it, or is about to. */
    @Nullable
    Thread runner;

    /** The function has been called. */
    boolean started;

    /** Its runner, where it waits in it: meanwhile it does not count as in flight. */
    @Nullable
    Blocked waits;

    /** Its runner was interrupted by us. */
    boolean interrupted;

    /** It is to be run again, since its thread was interrupted. */
    boolean handedOn;

    /** Some of its keys may not be wanted any more. */
    boolean thinned;

    /** Who has been woken by it, and is to be told: linked. */
    @Nullable
    Blocked told;

    /** Futures are to be completed. */
    boolean hasFutures;

    /** An executor was asked for a thread to run it. */
    boolean offered;

    /** Since when it is ready or in flight; of no meaning before {@link #clocked}. */
    long sinceNanos;

    boolean clocked;

    /** Its results are being written, or have been; whoever sets this writes them. */
    @SuppressWarnings("unused") // by its handle
    private volatile boolean ended;

    Batch(ScopedLoader<K, V> loader, Slot<K, V>[] slots) {
        this.loader = loader;
        this.slots = slots;
    }

    Slot<K, V>[] slots() {
        return slots;
    }

    /** {@return whether the caller is the one who writes the results} */
    boolean end() {
        return ENDED.compareAndSet(this, false, true);
    }

    boolean isEnded() {
        return ended;
    }

    /** {@return whether any of its keys is wanted} Before it has started, those that are not are left out. */
    boolean isWanted() {
        int wanted = 0;
        for (Slot<K, V> slot : slots) {
            if (slot.isWanted()) {
                wanted++;
            }
        }
        if (!started && wanted < slots.length) {
            for (Slot<K, V> slot : slots) {
                if (!slot.isWanted()) {
                    loader.forget(slot);
                }
            }
            slots = Arrays.stream(slots).filter(Slot::isWanted).toArray(n -> Arrays.copyOf(slots, n));
        }
        return wanted > 0;
    }

    /** Nobody will have a result of it. */
    void forget() {
        for (Slot<K, V> slot : slots) {
            loader.forget(slot);
        }
    }

    /** {@return the keys, as the function of the loader gets them} */
    List<K> keys() {
        return new Keys<>(slots);
    }

    /** {@return the first few keys, for an error} */
    List<K> someKeys() {
        List<K> keys = keys();
        return keys.subList(0, Math.min(LoadError.MOST_KEYS, keys.size()));
    }

    /** {@return the names of some threads that wait} */
    List<String> waiting() {
        List<String> names = new ArrayList<>();
        for (Slot<K, V> slot : slots) {
            for (Waiter waiter = slot.waiters; waiter != null; waiter = waiter.next()) {
                if (names.size() < LoadError.MOST_KEYS && waiter instanceof Blocked blocked && blocked.isLive()) {
                    names.add(blocked.thread.getName());
                }
            }
        }
        return names;
    }

    /** The keys of slots. Immutable, since a function that sorted them would mix up the values. */
    private static final class Keys<K> extends AbstractList<K> implements RandomAccess {
        private final Slot<K, ?>[] slots;

        Keys(Slot<K, ?>[] slots) {
            this.slots = slots;
        }

        @Override
        public K get(int index) {
            return slots[Objects.checkIndex(index, slots.length)].key;
        }

        @Override
        public int size() {
            return slots.length;
        }
    }
}
