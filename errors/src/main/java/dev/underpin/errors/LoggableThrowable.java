package dev.underpin.errors;

import dev.underpin.errors.internal.LogText;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Makes a throwable fit for a logging library. Those recurse over causes and suppressed throwables and call their
 * methods: a chain without end, or a {@code getMessage} that throws, would cost the log line or the answer. They also
 * write messages as they are: a line break in one, and a client could write lines of its own.
 */
final class LoggableThrowable {
    private static final int MAX_THROWABLES = 50;
    private static final int MAX_NAMES = 10;

    private LoggableThrowable() {}

    /** {@return the throwable itself if nothing is wrong with it, else a bounded replica of what can be read of it} */
    static Throwable of(Throwable thrown) {
        return isSafe(thrown) ? thrown : replicaOf(thrown);
    }

    /** {@return the names of the classes of a throwable and its causes, the first few} Calls nothing but getCause. */
    static String namesOf(Throwable thrown) {
        Set<Throwable> seen = identitySet();
        var names = new StringJoiner(", caused by ");
        for (Throwable one = thrown; one != null && seen.size() < MAX_NAMES && seen.add(one); one = causeOf(one)) {
            names.add(one.getClass().getName());
        }
        return names.toString();
    }

    /**
     * Throws what means the end of this process, and nothing else. What a method of a throwable throws is its own
     * failure, a class that is missing for its text included; so is a text that never ends.
     */
    static void rethrowIfFatal(Throwable thrown) {
        if (thrown instanceof VirtualMachineError fatal && !(thrown instanceof StackOverflowError)) {
            throw fatal;
        }
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
        } catch (Throwable hostile) {
            rethrowIfFatal(hostile);
            return false;
        }
    }

    /** {@return whether all can be read that a logging library reads, and written} Only the message may be null. */
    private static boolean isReadable(Throwable thrown) {
        String text = thrown.toString();
        String message = thrown.getMessage();
        StackTraceElement[] frames = thrown.getStackTrace();
        return text != null
                && LogText.isPrintable(text)
                && (message == null || LogText.isPrintable(message))
                && frames != null
                && !Arrays.asList(frames).contains(null);
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
        } catch (Throwable hostile) {
            rethrowIfFatal(hostile);
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
                return message == null ? "(no message)" : LogText.of(Text.bounded(message));
            } catch (Throwable hostile) {
                rethrowIfFatal(hostile);
                return "(its message cannot be read)";
            }
        }

        private static StackTraceElement[] framesOf(Throwable thrown) {
            try {
                StackTraceElement[] frames = thrown.getStackTrace();
                boolean complete = frames != null && !Arrays.asList(frames).contains(null);
                return complete ? frames : new StackTraceElement[0];
            } catch (Throwable hostile) {
                rethrowIfFatal(hostile);
                return new StackTraceElement[0];
            }
        }
    }
}
