package dev.underpin.benchmarks.idempotency;

import dev.underpin.idempotency.IdempotencyListener;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.Reaper;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Deletes full batches in the background: one at least before it is handed out, and then until it is ended. */
final class Deleting implements IdempotencyListener {
    /** Longer than a batch takes, so that the pauses of a reaper are those behind full batches. */
    private static final Duration EVERY = Duration.ofMillis(100);

    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile boolean ended;
    private volatile boolean isDry;
    private volatile RuntimeException failed;
    private Reaper reaper;
    private Thread thread;

    private Deleting() {}

    /** {@return a {@link Reaper}} */
    static Deleting byReaper(IdempotencyStore store) throws InterruptedException {
        var deleting = new Deleting();
        deleting.reaper = Reaper.builder(store)
                .every(EVERY)
                .batch(ReapBenchmark.BATCH)
                .listener(deleting)
                .start();
        deleting.begun.await();
        return deleting;
    }

    /** {@return what makes no pauses} */
    static Deleting withoutPause(IdempotencyStore store) throws InterruptedException {
        var deleting = new Deleting();
        deleting.thread = new Thread(() -> deleting.deleteFrom(store), "deleting");
        deleting.thread.setDaemon(true);
        deleting.thread.start();
        deleting.begun.await();
        return deleting;
    }

    private void deleteFrom(IdempotencyStore store) {
        while (!ended) {
            try {
                onReaped(store.reap(ReapBenchmark.BATCH), null);
            } catch (RuntimeException e) {
                onReaped(0, e);
                return;
            }
        }
    }

    @Override
    public void onReaped(int deleted, RuntimeException failure) {
        isDry |= deleted < ReapBenchmark.BATCH;
        failed = failure == null ? failed : failure;
        begun.countDown();
    }

    /** Ends it; fails if it had nothing to do. */
    void end() throws InterruptedException {
        ended = true;
        if (reaper != null) {
            reaper.close();
        } else {
            thread.join();
        }
        if (isDry) {
            throw new IllegalStateException("a batch was not full: write more rows before", failed);
        }
    }
}
