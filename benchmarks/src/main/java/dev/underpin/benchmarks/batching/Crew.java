package dev.underpin.benchmarks.batching;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.function.IntConsumer;

/** Threads that do their share of some work at the same time, over and over, and know how long they had a CPU for it. */
final class Crew implements AutoCloseable {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final CyclicBarrier start;
    private final CyclicBarrier end;
    private final long[] cpuNanos;
    private volatile IntConsumer work;

    Crew(int size) {
        start = new CyclicBarrier(size + 1);
        end = new CyclicBarrier(size + 1);
        cpuNanos = new long[size];
        for (int i = 0; i < size; i++) {
            int member = i;
            Thread thread = new Thread(() -> work(member), "crew-" + i);
            thread.setDaemon(true);
            thread.start();
        }
    }

    int size() {
        return cpuNanos.length;
    }

    /** Has each do its share, which it tells by a number from zero. {@return the CPU time of all of them in ns} */
    long run(IntConsumer share) {
        work = share;
        await(start);
        await(end);
        long sum = 0;
        for (long nanos : cpuNanos) {
            sum += nanos;
        }
        return sum;
    }

    private void work(int member) {
        await(start);
        while (work != null) {
            long before = THREADS.getCurrentThreadCpuTime();
            work.accept(member);
            cpuNanos[member] = THREADS.getCurrentThreadCpuTime() - before;
            await(end);
            await(start);
        }
    }

    /** Ends the threads. */
    @Override
    public void close() {
        work = null;
        await(start);
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }
}
