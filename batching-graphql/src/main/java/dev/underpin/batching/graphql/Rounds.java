package dev.underpin.batching.graphql;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.dataloader.DispatchResult;

/**
 * What was asked for in a registry and has not left, and what is on its way.
 *
 * <p>Keys are kept from the scope until they leave: it would load them when they have waited for a while, and the engine may
 * take longer to ask for all of a level.
 *
 * <p>INVARIANT: {@code flying} is the number of groups that have left and whose futures have not all been completed. A key that
 * is asked for while it is positive leaves at the latest when it becomes zero: who makes it so looks for keys afterwards. A
 * key that is asked for while it is zero is looked after, since nobody may come to dispatch it.
 *
 * <p>The user's code runs without the lock.
 */
final class Rounds {
    /** How long to wait for further keys, at first; doubled while an engine is at work. */
    private static final int FIRST_LOOK_MILLIS = 5;

    /** Then they leave whatever the engine does: 5 + 10 + ... + 640 ms. */
    private static final int MOST_LOOKS = 8;

    private static final String ENGINE = "graphql.execution.";

    private final LoadScope scope;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<ScopedDataLoader<?, ?>> loaders = new ArrayList<>();
    private int flying;

    /** Who asked while nothing was flying. */
    private final Set<Thread> askers = new HashSet<>();

    /** How often somebody asked, and had asked at the last look. */
    private long asked;

    private long seen;

    /** How often it was looked in vain; negative if nobody looks. */
    private int looks = -1;

    Rounds(LoadScope scope) {
        this.scope = scope;
    }

    /** {@return a DataLoader of one more loader} Before the first key is asked for. */
    <K, V> ScopedDataLoader<K, V> dataLoader(Loader<K, V> loader) {
        ScopedDataLoader<K, V> dataLoader = new ScopedDataLoader<>(loader.name(), scope, scope.loader(loader), this);
        loaders.add(dataLoader);
        return dataLoader;
    }

    <K, V> void add(ScopedDataLoader<K, V> loader, Wanted<K, V> wanted) {
        boolean looking = true;
        lock.lock();
        try {
            loader.waiting.add(wanted);
            asked++;
            if (flying == 0) {
                askers.add(Thread.currentThread());
                looking = looks >= 0;
                looks = Math.max(looks, 0);
            }
        } finally {
            lock.unlock();
        }
        if (!looking) {
            lookIn(FIRST_LOOK_MILLIS);
        }
    }

    /** Has everything loaded that was asked for, and what is asked for in consequence. */
    void dispatch() {
        fly(take(true), true);
        goOn();
    }

    /** Has loaded what was asked for while groups were flying, if none is any more. */
    void goOn() {
        for (List<Group<?, ?>> next = take(false); !next.isEmpty(); next = take(false)) {
            fly(next, true);
        }
    }

    private List<Group<?, ?>> take(boolean anyway) {
        lock.lock();
        try {
            return anyway || flying == 0 ? taken() : List.of();
        } finally {
            lock.unlock();
        }
    }

    private List<Group<?, ?>> taken() {
        List<Group<?, ?>> groups = new ArrayList<>(loaders.size());
        for (ScopedDataLoader<?, ?> loader : loaders) {
            if (!loader.waiting.isEmpty()) {
                groups.add(loader.take());
            }
        }
        flying += groups.size();
        askers.clear();
        return groups;
    }

    private void fly(List<Group<?, ?>> groups, boolean now) {
        groups.forEach(group -> group.leave(now));
        if (now && !groups.isEmpty()) {
            try {
                scope.flush();
            } catch (RuntimeException | Error e) {
                // Of a batch function, it is the cause of the failure of its keys; the engine would lose fields by it.
            }
        }
        groups.forEach(group -> group.land(0));
    }

    /** All futures of a group are complete, and what depends on them has run. */
    void landed() {
        lock.lock();
        try {
            flying--;
        } finally {
            lock.unlock();
        }
    }

    /** {@return what has left of a loader since this was asked last} */
    <K, V> DispatchResult<V> report(ScopedDataLoader<K, V> loader) {
        lock.lock();
        try {
            return loader.report();
        } finally {
            lock.unlock();
        }
    }

    int waiting(ScopedDataLoader<?, ?> loader) {
        lock.lock();
        try {
            return loader.waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /* ---- keys that nobody may come to dispatch ---- */

    private void lookIn(long millis) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(this::look);
    }

    /** Loads nothing on this thread, which is not ours: the scope finds one. */
    private void look() {
        Set<Thread> threads = Set.of();
        int again;
        lock.lock();
        try {
            if (askers.isEmpty()) {
                looks = -1; // dispatched
                return;
            }
            if (asked != seen) {
                seen = asked;
                looks = 0;
            } else {
                looks++;
                threads = Set.copyOf(askers);
            }
            again = looks;
        } finally {
            lock.unlock();
        }
        if (again == 0 || (again < MOST_LOOKS && threads.stream().anyMatch(Rounds::isInEngine))) {
            lookIn((long) FIRST_LOOK_MILLIS << again);
            return;
        }
        fly(takeUnlessAsked(), false);
        goOn();
    }

    /** {@return what has waited, unless more was asked for while it was looked} */
    private List<Group<?, ?>> takeUnlessAsked() {
        lock.lock();
        try {
            if (asked == seen) {
                looks = -1;
                return taken();
            }
            looks = 0;
            seen = asked;
        } finally {
            lock.unlock();
        }
        lookIn(FIRST_LOOK_MILLIS);
        return List.of();
    }

    /** {@return whether a thread is in the engine, which then dispatches when it has asked for all of a level} */
    private static boolean isInEngine(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().startsWith(ENGINE)) {
                return true;
            }
        }
        return false;
    }
}
