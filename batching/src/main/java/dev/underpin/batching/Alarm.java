package dev.underpin.batching;

import dev.underpin.result.spi.TimeSource;
import org.jspecify.annotations.Nullable;

/** When a scope is to be looked at again. Guarded by the lock of the dispatch, but for {@link #now} and {@link #wakeAt}. */
final class Alarm {
    private final Watch watch;

    /** Null while nothing can be due. */
    private Watch.@Nullable Place place;

    /** What to tell the watch when the lock has been given up. */
    private long pending = Long.MAX_VALUE;

    Alarm(TimeSource time) {
        watch = Watch.of(time);
    }

    /** {@return elapsed nanoseconds that do not overflow} */
    long now() {
        return watch.now();
    }

    /** Has the dispatch looked at then, or before. */
    void set(Dispatch dispatch, long due) {
        if (place == null) {
            place = watch.take(dispatch, due);
            pending = Math.min(pending, due);
        } else if (due < place.due()) {
            place.due(due);
            pending = Math.min(pending, due);
        }
    }

    /** It was looked at, and is to be again then. */
    void reset(long due) {
        if (place != null) {
            place.due(due);
        }
    }

    void clear() {
        if (place != null) {
            place.release();
            place = null;
        }
    }

    /** {@return whether the watch is to be told} */
    boolean isPending() {
        return pending != Long.MAX_VALUE;
    }

    /** {@return what to tell {@link #wakeAt} without the lock} */
    long takePending() {
        long due = pending;
        pending = Long.MAX_VALUE;
        return due;
    }

    void wakeAt(long due) {
        if (due != Long.MAX_VALUE) {
            watch.wakeAt(due);
        }
    }
}
