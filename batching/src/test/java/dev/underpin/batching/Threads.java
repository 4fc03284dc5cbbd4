package dev.underpin.batching;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A thread for each task, which ends with the test; and how tests steer threads. */
final class Threads implements Executor, AutoCloseable {
    final List<Thread> started = new CopyOnWriteArrayList<>();
    final List<Throwable> thrown = new CopyOnWriteArrayList<>();

    @Override
    public void execute(Runnable task) {
        Thread thread = new Thread(task, "task-" + started.size());
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((one, e) -> thrown.add(e));
        started.add(thread);
        thread.start();
    }

    /** {@return what comes of something that runs on a thread which no scope knows} */
    <T> FutureTask<T> start(Callable<T> work) {
        var task = new FutureTask<>(work);
        execute(task);
        return task;
    }

    Thread last() {
        return started.get(started.size() - 1);
    }

    /** Waits until a thread waits in a scope, with no batch to run. */
    static void awaitBlocked(Thread thread) {
        until(() -> LockSupport.getBlocker(thread) instanceof Blocked);
    }

    /** Waits until a thread waits in a scope, with no batch to run, or has ended. */
    static void awaitBlockedOrEnded(Thread thread) {
        until(() -> LockSupport.getBlocker(thread) instanceof Blocked || !thread.isAlive());
    }

    static void until(BooleanSupplier condition) {
        until(condition, false);
    }

    static void until(BooleanSupplier condition, boolean interruptible) {
        while (!condition.getAsBoolean()) {
            if (!interruptible && Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("The time of the test is over");
            }
            LockSupport.parkNanos(20_000);
        }
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        for (Thread thread : started) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (thread.isAlive()) {
                throw new IllegalStateException(
                        thread.getName() + " has not ended: " + List.of(thread.getStackTrace()));
            }
        }
    }
}
