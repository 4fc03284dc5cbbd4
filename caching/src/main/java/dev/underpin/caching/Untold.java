package dev.underpin.caching;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Invalidations that a remote level could not be told yet, each once; too many become one of everything.
 *
 * <p>INVARIANT: what is added while the level is being told what was taken is not told by that, be it the same key: it
 * waits for the next time.
 */
final class Untold {
    private static final int MAX = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Set<String> keys = new LinkedHashSet<>();
    private final Set<String> tags = new LinkedHashSet<>();
    private boolean all;
    private volatile boolean any;

    /** {@return whether there is something that the level may not have been told} */
    boolean any() {
        return any;
    }

    void add(Change change) {
        lock.lock();
        try {
            all |= change.all();
            keys.addAll(change.keys());
            tags.addAll(change.tags());
            if (all || keys.size() + tags.size() > MAX) {
                forget();
                all = true;
            }
            any = true;
        } finally {
            lock.unlock();
        }
    }

    /** {@return what waits} It is to be told now, and added again where that fails; {@link #any} remains true meanwhile. */
    Change take() {
        lock.lock();
        try {
            // What others may fall back to does not matter after so long.
            var taken = new Change(List.copyOf(keys), List.copyOf(tags), all, /* removed= */ true);
            forget();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** What was taken has been told. */
    void told() {
        lock.lock();
        try {
            any = all || !keys.isEmpty() || !tags.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void forget() {
        all = false;
        keys.clear();
        tags.clear();
    }
}
