package dev.underpin.resilience;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts threads whose attempt has taken too long, and no thread a moment after its attempt has ended.
 *
 * <p>An attempt takes a slot and gives it back, which costs two atomic writes and nothing else: there is one scheduled task
 * for all slots, at the earliest time one of them is due, and it is not cancelled when that one ends in time, but only
 * when an earlier one takes its place.
 */
final class Cutoff {
    private static final int FREE = 0;
    private static final int TAKEN = 1;
    private static final int ARMED = 2;
    private static final int FIRING = 3;
    private static final int FIRED = 4;
    private static final int PHASES = 8;
    private static final int FIRST_SLOTS = 16;
    private static final Wake NONE = new Wake(Long.MAX_VALUE);

    private final TimeSource time;
    private final long originNanos;

    /** Grows and is never replaced in part: a slot that somebody holds stays in every later array. */
    private final AtomicReference<Slot[]> slots = new AtomicReference<>(grown(new Slot[0]));

    /** The scheduled task; {@link #NONE} if there is none. */
    private final AtomicReference<Wake> planned = new AtomicReference<>(NONE);

    /**
     * {@return the one of a time source} All pipelines on the time of the machine share one: where calls are nested, who cuts
     * the inner attempt must know of the outer one.
     */
    static Cutoff of(TimeSource time) {
        return time.equals(TimeSource.system()) ? Shared.CUTOFF : new Cutoff(time);
    }

    Cutoff(TimeSource time) {
        this.time = time;
        originNanos = time.nanoTime();
    }

    /** {@return the slot of an attempt on this thread, to be given to {@link #disarm}} */
    Slot arm(long dueNanos) {
        Thread thread = Thread.currentThread();
        long due = dueNanos - originNanos;
        Slot slot = take(thread);
        slot.thread = thread;
        slot.dueNanos = due;
        slot.state.set(slot.state.get() - TAKEN + ARMED);
        boolean armed = false;
        try {
            wakeAt(due);
            armed = true;
        } finally {
            if (!armed) {
                var unused = disarm(slot); // there will be no attempt to cut
            }
        }
        return slot;
    }

    /**
     * {@return whether the thread was interrupted} Its flag is then down again, unless somebody else interrupts it later: an
     * interrupt from elsewhere that comes before this one cannot be told from it.
     */
    boolean disarm(Slot slot) {
        long state = slot.state.get();
        long armed = state - state % PHASES + ARMED;
        boolean fired = !slot.state.compareAndSet(armed, armed - ARMED + TAKEN);
        if (fired) {
            while (slot.state.get() % PHASES == FIRING) {
                Thread.onSpinWait(); // the interrupt is being delivered: it must not arrive later
            }
            var unused = Thread.interrupted();
        }
        Thread thread = slot.thread;
        slot.thread = null;
        slot.state.set(armed - ARMED + PHASES + FREE); // the next use is another one to whoever still looks at this
        if (fired && thread != null && isCut(thread)) {
            // The attempt around this one was cut too, and what was taken down was its interrupt as well.
            thread.interrupt();
        }
        return fired;
    }

    private boolean isCut(Thread thread) {
        for (Slot slot : all()) {
            if (thread.equals(slot.thread)) {
                while (slot.state.get() % PHASES == FIRING) {
                    Thread.onSpinWait(); // its interrupt may be the one that was taken down
                }
                if (slot.state.get() % PHASES == FIRED) {
                    return true;
                }
            }
        }
        return false;
    }

    private Slot take(Thread thread) {
        while (true) {
            Slot[] all = all();
            int start = (int) ((thread.getId() * 0x9e3779b97f4a7c15L) >>> 40);
            for (int i = 0; i < all.length; i++) {
                Slot slot = all[(start + i) & (all.length - 1)];
                long state = slot.state.get();
                if (state % PHASES == FREE && slot.state.compareAndSet(state, state + TAKEN)) {
                    return slot;
                }
            }
            slots.compareAndSet(all, grown(all));
        }
    }

    private Slot[] all() {
        return Objects.requireNonNull(slots.get());
    }

    private void wakeAt(long due) {
        Wake present = planned();
        while (due < present.due) {
            Wake wake = new Wake(due);
            if (planned.compareAndSet(present, wake)) {
                schedule(wake);
                present.cancel();
                return;
            }
            present = planned();
        }
    }

    private void schedule(Wake wake) {
        long delay = wake.due - (time.nanoTime() - originNanos);
        boolean scheduled = false;
        try {
            wake.task = time.schedule(Duration.ofNanos(Math.max(0, delay)), () -> wake(wake));
            scheduled = true;
        } finally {
            if (!scheduled) {
                planned.compareAndSet(wake, NONE); // the next one who arms tries again
            }
        }
        if (planned() != wake) {
            wake.cancel(); // RACE: an earlier one took its place before there was a task to cancel
        }
    }

    private Wake planned() {
        return Objects.requireNonNull(planned.get());
    }

    /** Interrupts what is due, and plans for the earliest of the rest. */
    private void wake(Wake wake) {
        // RACE: whoever arms from here on sees none, or the plan of somebody else, and plans for itself; whoever armed
        // before is seen below, because a slot is armed before the plan is read.
        planned.compareAndSet(wake, NONE);
        long now = time.nanoTime() - originNanos;
        long next = NONE.due;
        for (Slot slot : all()) {
            long state = slot.state.get();
            if (state % PHASES == ARMED) {
                long due = slot.dueNanos;
                if (due - now > 0) {
                    next = Math.min(next, due);
                } else if (slot.state.compareAndSet(state, state - ARMED + FIRING)) {
                    interrupt(slot, state - ARMED);
                }
            }
        }
        wakeAt(next);
    }

    private static void interrupt(Slot slot, long free) {
        try {
            Thread thread = slot.thread;
            if (thread != null) {
                thread.interrupt();
            }
        } finally {
            slot.state.set(free + FIRED);
        }
    }

    private static Slot[] grown(Slot[] from) {
        Slot[] to = new Slot[Math.max(FIRST_SLOTS, from.length * 2)];
        System.arraycopy(from, 0, to, 0, from.length);
        for (int i = from.length; i < to.length; i++) {
            to[i] = new Slot();
        }
        return to;
    }

    private static final class Shared {
        static final Cutoff CUTOFF = new Cutoff(TimeSource.system());
    }

    /** A scheduled task and its time, since the origin. */
    private static final class Wake {
        private final long due;
        private volatile @Nullable Future<?> task;

        Wake(long due) {
            this.due = due;
        }

        void cancel() {
            Future<?> scheduled = task;
            if (scheduled != null) {
                scheduled.cancel(false);
            }
        }
    }

    /**
     * The place of one attempt. {@code state} is how often it was used, times {@value #PHASES}, plus its phase; so a
     * compareAndSet by who saw an earlier use fails.
     */
    static final class Slot {
        private final AtomicLong state = new AtomicLong();
        private volatile @Nullable Thread thread;
        private volatile long dueNanos;
    }
}
