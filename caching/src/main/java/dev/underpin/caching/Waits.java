package dev.underpin.caching;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for which load, in all caches of this process, since a cycle may lead through several.
 *
 * <p>A thread enters before it waits and looks afterwards, so of the threads that close a cycle at the same time at least
 * one finds it. Threads that wait are here and no others; a load costs nothing.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a slot that is looked at is a future that nobody need wait for
final class Waits {
    private static final ConcurrentHashMap<Thread, Slot<?, ?>> WAITING = new ConcurrentHashMap<>();

    private Waits() {}

    /**
     * Says that the calling thread waits.
     *
     * @return what it waited for already: a thread of a pool that helps out while it waits may run what waits again
     */
    static @Nullable Slot<?, ?> begin(Slot<?, ?> slot) {
        return WAITING.put(Thread.currentThread(), slot);
    }

    static void end(@Nullable Slot<?, ?> outer) {
        if (outer == null) {
            WAITING.remove(Thread.currentThread());
        } else {
            WAITING.put(Thread.currentThread(), outer);
        }
    }

    /** {@return whether the calling thread would wait for itself} To be asked after {@link #begin}. */
    static boolean isCycle(Slot<?, ?> slot) {
        Thread thread = Thread.currentThread();
        // Each step is true when it is taken. A cycle that is found twice with the same slots was there in between: a
        // slot never becomes one that loads again, and a thread that still waits for the same slot has waited all the
        // time.
        List<Slot<?, ?>> cycle = cycle(thread, slot);
        return !cycle.isEmpty() && cycle.equals(cycle(thread, slot));
    }

    /** {@return the slots that lead back to the thread, or none} */
    @SuppressWarnings("ReferenceEquality") // threads and slots are what they are
    private static List<Slot<?, ?>> cycle(Thread thread, Slot<?, ?> first) {
        List<Slot<?, ?>> path = new ArrayList<>();
        @Nullable Slot<?, ?> next = first;
        while (next != null && !path.contains(next)) {
            path.add(next);
            Thread owner = next.owner();
            if (Objects.equals(owner, thread)) {
                return path;
            }
            next = owner == null ? null : WAITING.get(owner);
        }
        return List.of();
    }
}
