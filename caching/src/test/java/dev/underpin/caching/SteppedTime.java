package dev.underpin.caching;

import dev.underpin.result.spi.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Time that moves when it is told to, or by whoever sleeps, and runs what falls due on the way. The one of testkit, which
 * is to stand above this module, is not to be had.
 */
final class SteppedTime implements TimeSource {
    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.comparingLong((Task task) -> task.due).thenComparingLong(task -> task.number));
    private long now;
    private long number;
    private Duration wallOffset = Duration.ZERO;

    /** Runs what is due until then, each at its time. */
    void advance(Duration by) {
        long target = nowNanos() + by.toNanos();
        for (Task task = next(target); task != null; task = next(target)) {
            task.run();
        }
    }

    /** Moves the wall clock and nothing else. */
    void jumpWallClock(Duration by) {
        wallOffset = wallOffset.plus(by);
    }

    int pending() {
        lock.lock();
        try {
            tasks.removeIf(Future::isDone);
            return tasks.size();
        } finally {
            lock.unlock();
        }
    }

    private Task next(long target) {
        lock.lock();
        try {
            while (!tasks.isEmpty() && tasks.peek().isDone()) {
                tasks.remove();
            }
            if (tasks.isEmpty() || tasks.peek().due > target) {
                now = Math.max(now, target);
                return null;
            }
            Task task = tasks.remove();
            now = Math.max(now, task.due);
            return task;
        } finally {
            lock.unlock();
        }
    }

    private long nowNanos() {
        lock.lock();
        try {
            return now;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(nowNanos()).plus(wallOffset);
    }

    /** Overflows after fifteen seconds, in the middle of a test, so that a comparison without a difference fails. */
    @Override
    public long nanoTime() {
        return Long.MAX_VALUE - 15_000_000_000L + nowNanos();
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
        endIfInterrupted();
        long target = nowNanos() + duration.toNanos();
        for (Task task = next(target); task != null; task = next(target)) {
            task.run();
            endIfInterrupted(); // at the time it came
        }
    }

    private static void endIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    @Override
    public Future<?> schedule(Duration delay, Runnable task) {
        lock.lock();
        try {
            Task added = new Task(task, now + Math.max(0, delay.toNanos()), number++);
            tasks.add(added);
            return added;
        } finally {
            lock.unlock();
        }
    }

    private static final class Task extends FutureTask<Void> {
        final long due;
        final long number;

        Task(Runnable task, long due, long number) {
            super(task, null);
            this.due = due;
            this.number = number;
        }
    }
}
