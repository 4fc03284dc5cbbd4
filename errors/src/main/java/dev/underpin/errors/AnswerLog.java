package dev.underpin.errors;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs each error once: what it was, and under which id. What a client or a caller could shape is there only of a
 * server's failure, and of a cause; it can neither end a line nor pass for something else.
 */
final class AnswerLog {
    private static final Logger LOG = LoggerFactory.getLogger(Renderer.class);

    private final @Nullable Function<? super DomainError, Level> levels;

    AnswerLog(@Nullable Function<? super DomainError, Level> levels) {
        this.levels = levels;
    }

    /** The error was answered as {@code shown}, and without the argument {@code leftOut}, if there is one. */
    void answered(DomainError error, @Nullable Throwable thrown, Shown shown, @Nullable String leftOut) {
        try {
            Level level = level(error, shown.serverFault());
            if (LOG.isEnabledForLevel(level)) {
                String args = shown.serverFault() ? LoggableArgs.of(error) : "";
                Throwable cause = hasCause(level, shown.serverFault()) ? causeOf(error, thrown) : null;
                write(level, error.code().name(), shown.status(), shown.requestId(), args, cause);
            }
            if (leftOut != null) {
                LOG.error("Not plain, and left out of the answer: param {} requestId={}", leftOut, shown.requestId());
            }
        } catch (Throwable unloggable) {
            // The client gets its answer, whatever is wrong with the log.
            LoggableThrowable.rethrowIfFatal(unloggable);
        }
    }

    /** The error could not be rendered because of a bug, and the constant answer was sent in its place. */
    void failed(DomainError error, @Nullable Throwable thrown, Exception bug, String requestId) {
        try {
            Throwable cause = causeOf(error, thrown);
            var both = new IllegalStateException("An error could not be rendered", bug);
            if (cause != null) {
                both.addSuppressed(cause);
            }
            write(Level.ERROR, ErrorKind.INTERNAL.code().name(), 500, requestId, "", both);
        } catch (Throwable unloggable) {
            // As above.
            LoggableThrowable.rethrowIfFatal(unloggable);
        }
    }

    private static boolean hasCause(Level level, boolean serverFault) {
        return serverFault || level.toInt() >= Level.WARN.toInt() || LOG.isTraceEnabled();
    }

    private static @Nullable Throwable causeOf(DomainError error, @Nullable Throwable thrown) {
        try {
            return error.cause().orElse(thrown);
        } catch (Throwable hostile) {
            LoggableThrowable.rethrowIfFatal(hostile);
            return thrown;
        }
    }

    private static void write(
            Level level, String code, int status, String requestId, String args, @Nullable Throwable cause) {
        if (cause == null) {
            LOG.atLevel(level).log("{} {} requestId={}{}", code, status, requestId, args);
            return;
        }
        try {
            LOG.atLevel(level)
                    .setCause(LoggableThrowable.of(cause))
                    .log("{} {} requestId={}{}", code, status, requestId, args);
        } catch (Throwable unloggable) {
            LoggableThrowable.rethrowIfFatal(unloggable);
            // It could be read once, and then not again. A failure without any line would be the worse one.
            String names = LoggableThrowable.namesOf(cause);
            LOG.atLevel(level).log("{} {} requestId={}{} thrown: {}", code, status, requestId, args, names);
        }
    }

    private Level level(DomainError error, boolean serverFault) {
        Level standard = serverFault ? Level.ERROR : Level.DEBUG;
        if (levels == null) {
            return standard;
        }
        try {
            Level chosen = levels.apply(error);
            return chosen == null ? standard : chosen;
        } catch (Throwable bug) {
            LoggableThrowable.rethrowIfFatal(bug);
            return standard;
        }
    }
}
