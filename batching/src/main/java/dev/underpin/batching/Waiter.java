package dev.underpin.batching;

import org.jspecify.annotations.Nullable;

/** Who waits for a slot: an element of the list of its waiters, newest first. Guarded by the lock of the dispatch. */
sealed interface Waiter permits Blocked, LoadFuture, Waiter.Expecting, Waiter.Also {
    /** What {@link ScopedLoader#expect} leaves at a slot: nobody waits, and the key is to be loaded nevertheless. */
    Waiter EXPECTING = new Expecting();

    @Nullable
    Waiter next();

    void next(@Nullable Waiter waiter);

    /** {@return whether it still waits} */
    boolean isLive();

    /** The only one is shared by all slots, and the last of their lists. */
    final class Expecting implements Waiter {
        private Expecting() {}

        @Override
        public @Nullable Waiter next() {
            return null;
        }

        @Override
        public void next(@Nullable Waiter waiter) {
            throw new AssertionError("others come before");
        }

        @Override
        public boolean isLive() {
            return true;
        }
    }

    /**
     * A thread that waits for several slots, at one that others wait for already. At a new slot the thread itself can be the
     * last of the list, and that of many.
     */
    final class Also implements Waiter {
        final Blocked blocked;
        private @Nullable Waiter next;

        Also(Blocked blocked) {
            this.blocked = blocked;
        }

        @Override
        public @Nullable Waiter next() {
            return next;
        }

        @Override
        public void next(@Nullable Waiter waiter) {
            next = waiter;
        }

        @Override
        public boolean isLive() {
            return blocked.isLive();
        }
    }
}
