package dev.underpin.persistence;

import java.lang.StackWalker.StackFrame;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the service's own code asked for a statement: its innermost methods, since one that reads a row is called from many places,
 * and the loop is around it. Equal if the frames are at the same instructions.
 */
final class CallSite {
    /** Enough to tell one loop from another, most times, and what a walk costs little for. */
    static final int FEW_METHODS = 3;
    /** What tells two calls from a loop of two. */
    static final int ALL_METHODS = 50;
    /** A stack that is deeper is passed over from here on: it is that of a framework. */
    private static final int MOST_FRAMES = 200;

    private static final int SHOWN = 6;
    private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
    /** Of what is around a service's methods as well: with three, two of a proxy would hide the loop. */
    private static final List<String> OF_OTHERS = List.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "jakarta.",
            "kotlin.",
            "kotlinx.",
            "com.google.inject.",
            "com.zaxxer.",
            "io.dropwizard.",
            "io.javalin.",
            "io.micrometer.",
            "io.micronaut.",
            "io.netty.",
            "io.opentelemetry.",
            "io.quarkus.",
            "net.bytebuddy.",
            "org.aspectj.",
            "org.eclipse.jetty.",
            "org.glassfish.",
            "org.jdbi.",
            "org.jboss.",
            "org.junit.",
            "org.slf4j.",
            "org.springframework.",
            "reactor.");

    private static final List<String> OURS = List.of(
            "batching",
            "caching",
            "errors",
            "idempotency",
            "pagination",
            "persistence",
            "resilience",
            "result",
            "testkit");

    private static final ClassValue<Boolean> OF_SERVICE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            String name = type.getName();
            return OF_OTHERS.stream().noneMatch(name::startsWith)
                    && !name.contains("$$") // a class that was generated around one of the service
                    && !Proxy.isProxyClass(type)
                    && (OURS.stream().noneMatch(area -> name.startsWith("dev.underpin." + area + ".")) || isTest(type));
        }
    };

    private final StackFrame[] frames;
    private final int hash;

    private CallSite(StackFrame[] frames) {
        this.frames = frames;
        int hash = 0;
        for (StackFrame frame : frames) {
            hash = 31 * hash + frame.getDeclaringClass().hashCode();
            hash = 31 * hash + frame.getMethodName().hashCode();
            hash = 31 * hash + frame.getByteCodeIndex();
        }
        this.hash = hash;
    }

    /**
     * {@return the place that the calling thread is at}
     *
     * @param most how many of the innermost methods count
     */
    static CallSite here(int most) {
        return WALKER.walk(stack -> of(stack, most));
    }

    private static CallSite of(Stream<StackFrame> stack, int most) {
        List<StackFrame> found = new ArrayList<>();
        int methods = 0;
        Iterator<StackFrame> frames = stack.iterator();
        for (int i = 0; i < MOST_FRAMES && methods < most && frames.hasNext(); i++) {
            StackFrame frame = frames.next();
            if (OF_SERVICE.get(frame.getDeclaringClass())) {
                found.add(frame);
                methods += frame.getMethodName().startsWith("lambda$") ? 0 : 1; // as withHandle has them
            }
        }
        return new CallSite(found.toArray(StackFrame[]::new));
    }

    /** Our own tests are in the packages of what they test. */
    private static boolean isTest(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        URL location = source == null ? null : source.getLocation();
        return location != null && location.getPath().endsWith("/test-classes/");
    }

    /** {@return whether no code of the service was found, as on a thread that runs what it was handed} */
    boolean isUnknown() {
        return frames.length == 0;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof CallSite site) || hash != site.hash || frames.length != site.frames.length) {
            return false;
        }
        for (int i = 0; i < frames.length; i++) {
            StackFrame mine = frames[i];
            StackFrame its = site.frames[i];
            if (mine.getDeclaringClass() != its.getDeclaringClass()
                    || mine.getByteCodeIndex() != its.getByteCodeIndex()
                    || !mine.getMethodName().equals(its.getMethodName())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** {@return some frames, the innermost first} */
    @Override
    public String toString() {
        return Stream.of(frames)
                .limit(SHOWN)
                .map(frame -> frame.getClassName() + "." + frame.getMethodName() + "(" + frame.getFileName() + ":"
                        + frame.getLineNumber() + ")")
                .collect(Collectors.joining(" < "));
    }
}
