package dev.underpin.batching;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the scopes in which somebody waits or a batch runs: tells each when a time of its own is over.
 *
 * <p>A scope takes a place and gives it back, which costs two atomic writes; there is one scheduled task for all places, at
 * the earliest time that one of them is due. It is not cancelled when that one is done in time, but only when an
 * earlier one takes its turn, so that batches, which nearly all end in time, do not each schedule and cancel a task.
 */
@SuppressWarnings("ReferenceEquality") // threads, slots and batches are what they are
final class Watch {
    private static final int FIRST_PLACES = 16;
    private static final long AGAIN_NANOS = 10_000_000; // 10 ms
    private static final Wake NONE = new Wake(Long.MAX_VALUE);

    private final TimeSource time;
    private final long originNanos;

    /** Grows and is never replaced in part: a place that somebody holds stays in every later array. */
    private final AtomicReference<Place[]> places = new AtomicReference<>(grown(new Place[0]));

    /** The scheduled task; {@link #NONE} if there is none. */
    private final AtomicReference<Wake> planned = new AtomicReference<>(NONE);

    /** {@return the one of a time source} All scopes on the time of the machine share one. */
    static Watch of(TimeSource time) {
        return time == TimeSource.system() ? Shared.WATCH : new Watch(time);
    }

    Watch(TimeSource time) {
        this.time = time;
        originNanos = time.nanoTime();
    }

    /** {@return elapsed nanoseconds that may be compared and do not overflow} */
    long now() {
        return time.nanoTime() - originNanos;
    }

    /** {@return a place in which a scope is looked after, from a time on, once {@link #wakeAt} was told} */
    Place take(Dispatch dispatch, long due) {
        int start = (int) ((Thread.currentThread().getId() * 0x9e3779b97f4a7c15L) >>> 40);
        while (true) {
            Place[] all = all();
            for (int i = 0; i < all.length; i++) {
                Place place = all[(start + i) & (all.length - 1)];
                if (place.dispatch.get() == null && place.dispatch.compareAndSet(null, dispatch)) {
                    place.due = due;
                    return place;
                }
            }
            places.compareAndSet(all, grown(all));
        }
    }

    private Place[] all() {
        return Objects.requireNonNull(places.get());
    }

    /** Makes sure that places are looked at then. To be called after the place was told, and without a lock. */
    void wakeAt(long due) {
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
        boolean scheduled = false;
        try {
            wake.task = time.schedule(Duration.ofNanos(Math.max(0, wake.due - now())), () -> wake(wake));
            scheduled = true;
        } finally {
            if (!scheduled) {
                planned.compareAndSet(wake, NONE); // the next one who comes tries again
            }
        }
        if (planned() != wake) {
            wake.cancel(); // RACE: an earlier one took its turn before there was a task to cancel
        }
    }

    private Wake planned() {
        return Objects.requireNonNull(planned.get());
    }

    private void wake(Wake wake) {
        // RACE: who comes from here on sees none, or the plan of somebody else, and plans for itself; who came
        // before is seen below, because a place is told before the plan is read.
        planned.compareAndSet(wake, NONE);
        long next = NONE.due;
        for (Place place : all()) {
            Dispatch dispatch = place.dispatch.get();
            if (dispatch != null) {
                long due = place.due;
                next = Math.min(next, due - now() > 0 ? due : tick(dispatch));
            }
        }
        wakeAt(next);
    }

    /** One scope in which something breaks, such as the start of a thread, must not cost the others their times. */
    private long tick(Dispatch dispatch) {
        try {
            return dispatch.tick();
        } catch (Throwable e) {
            return now() + AGAIN_NANOS;
        }
    }

    private static Place[] grown(Place[] from) {
        Place[] to = new Place[Math.max(FIRST_PLACES, from.length * 2)];
        System.arraycopy(from, 0, to, 0, from.length);
        for (int i = from.length; i < to.length; i++) {
            to[i] = new Place();
        }
        return to;
    }

    private static final class Shared {
        static final Watch WATCH = new Watch(TimeSource.system());
    }

    /** A scheduled task and its time. */
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

    /** Where a scope is looked after. Written by its holder only. */
    static final class Place {
        private final AtomicReference<@Nullable Dispatch> dispatch = new AtomicReference<>();
        private volatile long due;

        long due() {
            return due;
        }

        void due(long nanos) {
            due = nanos;
        }

        void release() {
            dispatch.set(null);
        }
    }
}
