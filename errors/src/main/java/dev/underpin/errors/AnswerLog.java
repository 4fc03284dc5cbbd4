package dev.underpin.errors;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Logs each error once: what it was, and under which id. Never a text that a client or a caller could shape. */
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
                Throwable cause = shown.serverFault() ? causeOf(error, thrown) : null;
                write(level, error.code().name(), shown.status(), shown.requestId(), cause);
            }
            if (leftOut != null) {
                LOG.error("Not plain, and left out of the answer: param {} requestId={}", leftOut, shown.requestId());
            }
        } catch (Exception unloggable) {
            // The client gets its answer, whatever is wrong with the log.
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
            write(Level.ERROR, ErrorKind.INTERNAL.code().name(), 500, requestId, both);
        } catch (Exception unloggable) {
            // As above.
        }
    }

    private static @Nullable Throwable causeOf(DomainError error, @Nullable Throwable thrown) {
        try {
            return error.cause().orElse(thrown);
        } catch (Exception hostile) {
            return thrown;
        }
    }

    private static void write(Level level, String code, int status, String requestId, @Nullable Throwable cause) {
        var event = LOG.atLevel(level);
        if (cause != null) {
            event = event.setCause(LoggableThrowable.of(cause));
        }
        event.log("{} {} requestId={}", code, status, requestId);
    }

    private Level level(DomainError error, boolean serverFault) {
        Level standard = serverFault ? Level.ERROR : Level.DEBUG;
        if (levels == null) {
            return standard;
        }
        try {
            Level chosen = levels.apply(error);
            return chosen == null ? standard : chosen;
        } catch (Exception bug) {
            return standard;
        }
    }
}
