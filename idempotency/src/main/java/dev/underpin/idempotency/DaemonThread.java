package dev.underpin.idempotency;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** One daemon thread, which ends when it has had nothing to do for a while. */
final class DaemonThread {
    private static final int IDLE_SECONDS = 30;

    private DaemonThread() {}

    static Executor executor() {
        var executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), DaemonThread::create);
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static Thread create(Runnable task) {
        // It outlives whoever begins first, and must not keep that caller's thread-locals and loader.
        Thread thread = new Thread(
                null, task, "underpin-idempotency", /* stackSize= */ 0, /* inheritInheritableThreadLocals= */ false);
        thread.setContextClassLoader(Idempotency.class.getClassLoader());
        thread.setDaemon(true);
        return thread;
    }
}
