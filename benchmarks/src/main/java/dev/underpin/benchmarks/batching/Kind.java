package dev.underpin.benchmarks.batching;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What kind of thread each task has. */
public enum Kind {
    /** One of a pool, which has as many as there are tasks. */
    PLATFORM {
        @Override
        ExecutorService executor() {
            return Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task);
                thread.setDaemon(true);
                return thread;
            });
        }
    },
    /** A virtual one; from JDK 21 on. */
    VIRTUAL {
        @Override
        ExecutorService executor() {
            try {
                return (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("This JVM has no virtual threads", e);
            }
        }
    };

    /** {@return whether this JVM has virtual threads} */
    public static boolean hasVirtual() {
        return Runtime.version().feature() >= 21;
    }

    /** {@return the cheapest kind that this JVM has} */
    static Kind cheapest() {
        return hasVirtual() ? VIRTUAL : PLATFORM;
    }

    abstract ExecutorService executor();
}
