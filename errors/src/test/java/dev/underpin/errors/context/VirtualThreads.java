package dev.underpin.errors.context;

import java.lang.reflect.Method;

/** Virtual threads, by reflection: the tests are compiled for a JDK that has none. */
final class VirtualThreads {
    static final int SINCE = 21;

    private VirtualThreads() {}

    static boolean available() {
        return Runtime.version().feature() >= SINCE;
    }

    static Thread unstarted(Runnable task) throws ReflectiveOperationException {
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        Method unstarted = Class.forName("java.lang.Thread$Builder").getMethod("unstarted", Runnable.class);
        return (Thread) unstarted.invoke(builder, task);
    }
}
