package dev.underpin.caching;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** A call on a thread of its own. */
final class Call<T> extends FutureTask<T> {
    private static final long PATIENCE_SECONDS = 20;

    final Thread thread;

    private Call(Callable<T> what) {
        super(what);
        thread = new Thread(this, "call");
        thread.setDaemon(true);
    }

    static <T> Call<T> of(Callable<T> what) {
        var call = new Call<>(what);
        call.thread.start();
        return call;
    }

    /** Runs a task, as an executor. */
    static void start(Runnable task) {
        var unused = of(() -> {
            task.run();
            return true;
        });
    }

    static <T> List<Call<T>> times(int count, Callable<T> what) {
        return IntStream.range(0, count).mapToObj(i -> of(what)).toList();
    }

    T result() {
        try {
            return get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no end in sight", e);
        } catch (ExecutionException e) {
            throw new AssertionError("threw", e.getCause());
        }
    }

    Throwable thrown() {
        try {
            throw new AssertionError("returned " + get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("no end in sight", e);
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited in vain");
            }
            Thread.onSpinWait();
        }
    }
}
