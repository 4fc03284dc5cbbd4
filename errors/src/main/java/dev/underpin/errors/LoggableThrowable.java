package dev.underpin.errors;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a throwable fit for a logging library. Those recurse over causes and suppressed throwables and call their
 * methods: a chain without end, or a {@code getMessage} that throws, would cost the log line or the answer.
 */
final class LoggableThrowable {
    private static final int MAX_THROWABLES = 50;

    private LoggableThrowable() {}

    /** {@return the throwable itself if nothing is wrong with it, else a bounded replica of what can be read of it} */
    static Throwable of(Throwable thrown) {
        return isSafe(thrown) ? thrown : replicaOf(thrown);
    }

    private static boolean isSafe(Throwable thrown) {
        Set<Throwable> seen = identitySet();
        Deque<Throwable> next = new ArrayDeque<>();
        next.add(thrown);
        try {
            for (Throwable one = next.poll(); one != null; one = next.poll()) {
                if (!seen.add(one) || seen.size() > MAX_THROWABLES || !isReadable(one)) {
                    return false;
                }
                Throwable cause = one.getCause();
                if (cause != null) {
                    next.add(cause);
                }
                Collections.addAll(next, one.getSuppressed());
            }
            return true;
        } catch (Exception | StackOverflowError hostile) {
            return false;
        }
    }

    /** {@return whether all can be read that a logging library reads} Only the message may be null. */
    private static boolean isReadable(Throwable thrown) {
        List<@Nullable Object> read = Arrays.asList(thrown.toString(), thrown.getStackTrace(), thrown.getMessage());
        return read.get(0) != null && read.get(1) != null;
    }

    private static Throwable replicaOf(Throwable thrown) {
        Set<Throwable> seen = identitySet();
        Deque<Pair> next = new ArrayDeque<>();
        var root = new ReplicaException(thrown);
        seen.add(thrown);
        next.add(new Pair(thrown, root));
        for (Pair pair = next.poll(); pair != null; pair = next.poll()) {
            Throwable cause = causeOf(pair.original);
            if (cause != null && seen.size() < MAX_THROWABLES && seen.add(cause)) {
                var copy = new ReplicaException(cause);
                pair.copy.initCause(copy);
                next.add(new Pair(cause, copy));
            }
            for (Throwable suppressed : pair.original.getSuppressed()) {
                if (seen.size() < MAX_THROWABLES && seen.add(suppressed)) {
                    var copy = new ReplicaException(suppressed);
                    pair.copy.addSuppressed(copy);
                    next.add(new Pair(suppressed, copy));
                }
            }
        }
        return root;
    }

    private static @Nullable Throwable causeOf(Throwable thrown) {
        try {
            return thrown.getCause();
        } catch (Exception | StackOverflowError hostile) {
            return null;
        }
    }

    private static Set<Throwable> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    private record Pair(Throwable original, ReplicaException copy) {}

    /** What could be read of a throwable: its class, its message, its stack trace. */
    private static final class ReplicaException extends Exception {
        private static final long serialVersionUID = 1;

        private ReplicaException(Throwable original) {
            super(original.getClass().getName() + ": " + messageOf(original));
            setStackTrace(framesOf(original));
        }

        /** The stack trace is that of the original. */
        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }

        private static String messageOf(Throwable thrown) {
            try {
                String message = thrown.getMessage();
                return message == null ? "(no message)" : Text.bounded(message);
            } catch (Exception | StackOverflowError hostile) {
                return "(its message cannot be read)";
            }
        }

        private static StackTraceElement[] framesOf(Throwable thrown) {
            try {
                StackTraceElement[] frames = thrown.getStackTrace();
                return frames == null ? new StackTraceElement[0] : frames;
            } catch (Exception | StackOverflowError hostile) {
                return new StackTraceElement[0];
            }
        }
    }
}
