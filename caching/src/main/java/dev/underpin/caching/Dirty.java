package dev.underpin.caching;

import dev.underpin.caching.WriteBehind.Write;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A key that waits to be written or is being written, and what it is to become.
 *
 * <p>The change is replaced without a lock, by a compareAndSet from whatever was there. Whoever writes it first puts an
 * object of its own in its place: finding that again afterwards means that nothing newer came, even if the same value,
 * changed in the meantime, was put once more.
 */
final class Dirty<K, V> {
    /** What stands where else there is a value. */
    enum Mark {
        DELETION,
        /** A caller is writing the key itself: others wait until that is over. */
        HELD,
        /** Nothing is left to be written, and nothing can be added. */
        GONE
    }

    final K key;

    /** A value, or a {@link Mark}, or a {@link Taken}. */
    private final AtomicReference<Object> state;

    /** Where it stands in the queue, and since when. */
    long number;

    long since;

    /** The same for a change that comes while it is being written. */
    long nextNumber;

    long nextSince;

    /** When it is tried again, if it has failed. */
    long due;

    /** Failures in a row, of this key alone. */
    int failures;

    /** How many of its changes have been written. */
    int written;

    boolean inHand;
    boolean givenUp;

    /**
     * What is being written, for whoever has it in hand. RACE: who flushes may see an older one, and then waits for one
     * write more.
     */
    private @Nullable Taken<K, V> taken;

    private Dirty(K key, Object state) {
        this.key = key;
        this.state = new AtomicReference<>(state);
    }

    static <K, V> Dirty<K, V> of(K key, Object change) {
        return new Dirty<>(key, change);
    }

    static <K, V> Dirty<K, V> held(K key) {
        return new Dirty<>(key, Mark.HELD);
    }

    /** {@return whether the change now stands for all before it}; if not, the key is written by another or no longer here. */
    boolean replace(Object change) {
        while (true) {
            Object now = now();
            if (now == Mark.HELD || now == Mark.GONE) {
                return false;
            }
            if (state.compareAndSet(now, change)) {
                return true;
            }
        }
    }

    /** {@return what the key is to become} Nothing of a write that may yet fail before the eyes of its caller. */
    Optional<Write<K, V>> read() {
        Object now = now();
        if (now == Mark.HELD || now == Mark.GONE) {
            return Optional.empty();
        }
        return Optional.of(now instanceof Taken ? mine(now).write : write(key, now));
    }

    /** {@return the newest change}, which from now on is in the hands of the caller. */
    Taken<K, V> take() {
        while (true) {
            Object now = now();
            if (now instanceof Taken) {
                taken = mine(now);
                return taken;
            }
            var next = new Taken<K, V>(write(key, now));
            if (state.compareAndSet(now, next)) {
                taken = next;
                return next;
            }
        }
    }

    /** {@return what was taken last} */
    Taken<K, V> taken() {
        return Objects.requireNonNull(taken);
    }

    /** {@return whether no change came since it was taken} */
    boolean isNewest() {
        return state.get() == taken;
    }

    /** {@return whether that is the end of it}: not if a change came since it was taken. */
    boolean retire() {
        return state.compareAndSet(taken(), Mark.GONE);
    }

    /** Ends a write of a caller. */
    void release() {
        state.set(Mark.GONE);
    }

    boolean isHeld() {
        return state.get() == Mark.HELD;
    }

    boolean isGone() {
        return state.get() == Mark.GONE;
    }

    private Object now() {
        return Objects.requireNonNull(state.get());
    }

    @SuppressWarnings("unchecked") // this class alone makes one
    private Taken<K, V> mine(Object state) {
        return (Taken<K, V>) state;
    }

    @SuppressWarnings("unchecked") // what is no deletion is a value
    static <K, V> Write<K, V> write(K key, Object change) {
        return new Write<>(key, change == Mark.DELETION ? Optional.empty() : Optional.of((V) change));
    }

    /** A change that is being written, and how often it has failed alone. */
    static final class Taken<K, V> {
        final Write<K, V> write;
        int attempts;

        private Taken(Write<K, V> write) {
            this.write = write;
        }
    }
}
