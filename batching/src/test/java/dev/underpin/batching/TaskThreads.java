package dev.underpin.batching;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What runs the tasks of a test: a thread for each. */
enum TaskThreads {
    PLATFORM {
        @Override
        ExecutorService open() {
            return Executors.newCachedThreadPool(work -> {
                Thread thread = new Thread(work);
                thread.setDaemon(true);
                return thread;
            });
        }
    },
    /** By reflection, since tests are compiled for 17 too. */
    VIRTUAL {
        @Override
        ExecutorService open() throws ReflectiveOperationException {
            assumeThat(Runtime.version().feature())
                    .as("virtual threads come with Java 21")
                    .isGreaterThanOrEqualTo(21);
            try {
                return (ExecutorService) Executors.class
                        .getMethod("newVirtualThreadPerTaskExecutor")
                        .invoke(null);
            } catch (InvocationTargetException e) {
                throw new AssertionError(e.getCause());
            }
        }
    };

    abstract ExecutorService open() throws ReflectiveOperationException;
}
