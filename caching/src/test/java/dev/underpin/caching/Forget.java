package dev.underpin.caching;

import dev.underpin.result.Result;
import java.time.Duration;

/** Every public way to make a cache forget a value, each after the store was changed. */
enum Forget {
    INVALIDATE {
        @Override
        void tell(Subject on, int key, long value) {
            on.cache().invalidate(key);
        }
    },
    EXPIRE {
        @Override
        void tell(Subject on, int key, long value) {
            on.cache().expire(key);
        }
    },
    TAG(Subject.ALL) {
        @Override
        void tell(Subject on, int key, long value) {
            on.cache().invalidateTag(Subject.ALL);
        }
    },
    EXPIRE_TAG(Subject.ALL) {
        @Override
        void tell(Subject on, int key, long value) {
            on.cache().expireTag(Subject.ALL);
        }
    },
    ODD(Subject.ODD) {
        @Override
        void tell(Subject on, int key, long value) {
            on.cache().invalidateTag(Subject.ODD);
        }
    },
    CLEAR {
        @Override
        void tell(Subject on, int key, long value) {
            on.cache().clear();
        }
    },
    PUT {
        @Override
        void tell(Subject on, int key, long value) {
            on.cache().put(key, value);
        }
    },
    WRITE {
        @Override
        void make(Subject on, int key, long value, Runnable store) {
            boolean stored = on.cache()
                    .write(key, value, (at, what) -> {
                        store.run();
                        return Result.ok(what);
                    })
                    .isOk();
            if (!stored) {
                throw new AssertionError("not stored");
            }
        }
    },
    AFTER {
        @Override
        void tell(Subject on, int key, long value) {
            on.time().await(() -> on.cache().invalidateAfter(key, Duration.ZERO));
        }
    },
    OTHER_NODE {
        @Override
        void tell(Subject on, int key, long value) {
            on.other().invalidate(key);
        }
    },
    OTHER_NODE_TAG(Subject.ALL) {
        @Override
        void tell(Subject on, int key, long value) {
            on.other().invalidateTag(Subject.ALL);
        }
    };

    /** What of; null: of the key. */
    final String tag;

    Forget() {
        this(null);
    }

    Forget(String tag) {
        this.tag = tag;
    }

    /** {@return whether it is done on the other node} */
    boolean isRemote() {
        return this == OTHER_NODE || this == OTHER_NODE_TAG;
    }

    /** Changes the store, and then tells the cache. */
    void make(Subject on, int key, long value, Runnable store) {
        store.run();
        tell(on, key, value);
    }

    void tell(Subject on, int key, long value) {
        throw new AssertionError(this);
    }
}
