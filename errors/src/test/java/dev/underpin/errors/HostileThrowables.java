package dev.underpin.errors;

import java.util.List;
import java.util.concurrent.CompletionException;

/** Throwables that break what handles them. */
final class HostileThrowables {
    private HostileThrowables() {}

    /** One of them, with a name: whoever prints it must not call it. */
    record Hostile(String name, Throwable thrown) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** {@return one of each kind} */
    static List<Hostile> all() {
        return List.of(
                new Hostile("getMessage throws", new ThrowingMessage()),
                new Hostile("getLocalizedMessage throws", new ThrowingLocalizedMessage()),
                new Hostile("getCause throws", new ThrowingCause()),
                new Hostile("getCause of a wrapper throws", new ThrowingCauseOfWrapper()),
                new Hostile("toString throws", new ThrowingToString()),
                new Hostile("toString never ends", new EndlessToString()),
                new Hostile("getStackTrace throws", new ThrowingStackTrace()),
                new Hostile("getStackTrace returns null", new NullStackTrace()),
                new Hostile("its own cause", new SelfCaused()),
                new Hostile("a wrapper of itself", new SelfCausedWrapper()),
                new Hostile("a new cause each time", new EndlessCauses()),
                new Hostile("a circle of two", circle()),
                new Hostile("10 000 causes", deep(10_000)),
                new Hostile("10 000 suppressed in each other", deepSuppressed(10_000)),
                new Hostile("1 000 suppressed in one", wide(1_000)),
                new Hostile(
                        "getMessage throws, in a wrapper", new CompletionException("wrapper", new ThrowingMessage())),
                new Hostile("10 000 causes, in a wrapper", new CompletionException("wrapper", deep(10_000))));
    }

    static Throwable circle() {
        var a = new IllegalStateException("a");
        var b = new IllegalStateException("b", a);
        a.initCause(b);
        return a;
    }

    static Throwable deep(int depth) {
        Throwable thrown = new IllegalStateException("root");
        for (int i = 0; i < depth; i++) {
            thrown = new IllegalStateException("level", thrown);
        }
        return thrown;
    }

    static Throwable deepSuppressed(int depth) {
        Throwable thrown = new IllegalStateException("root");
        for (int i = 0; i < depth; i++) {
            var outer = new IllegalStateException("level");
            outer.addSuppressed(thrown);
            thrown = outer;
        }
        return thrown;
    }

    static Throwable wide(int width) {
        var thrown = new IllegalStateException("wide");
        for (int i = 0; i < width; i++) {
            thrown.addSuppressed(new IllegalStateException("one of many"));
        }
        return thrown;
    }

    static final class ThrowingMessage extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message for you");
        }
    }

    static final class ThrowingLocalizedMessage extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getLocalizedMessage() {
            throw new IllegalStateException("in no language");
        }
    }

    static final class ThrowingCause extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("no cause for you");
        }
    }

    static final class ThrowingCauseOfWrapper extends CompletionException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("no cause for you");
        }
    }

    @SuppressWarnings("OverrideThrowableToString")
    static final class ThrowingToString extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String toString() {
            throw new IllegalStateException("no text for you");
        }
    }

    static final class ThrowingStackTrace extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new IllegalStateException("no frames for you");
        }
    }

    static final class NullStackTrace extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public StackTraceElement[] getStackTrace() {
            return null;
        }
    }

    @SuppressWarnings("OverrideThrowableToString")
    static final class EndlessToString extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        @SuppressWarnings("InfiniteRecursion")
        public String toString() {
            return toString();
        }
    }

    static final class SelfCaused extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable getCause() {
            return this;
        }
    }

    static final class SelfCausedWrapper extends CompletionException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable getCause() {
            return this;
        }
    }

    static final class EndlessCauses extends CompletionException {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable getCause() {
            return new EndlessCauses();
        }
    }
}
