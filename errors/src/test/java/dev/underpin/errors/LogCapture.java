package dev.underpin.errors;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What the renderer logged, by the real logging library, while this is open. */
final class LogCapture implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger(Renderer.class);
    private final ListAppender<ILoggingEvent> events = new ListAppender<>() {
        @Override
        protected void append(ILoggingEvent event) {
            // Else the event would look up its MDC when the test asks for it.
            event.prepareForDeferredProcessing();
            super.append(event);
        }
    };

    private LogCapture() {}

    /** Captures all that is on by default in a service that debugs, which is not TRACE. */
    static LogCapture start() {
        return start(Level.DEBUG);
    }

    static LogCapture start(Level level) {
        var capture = new LogCapture();
        capture.logger.setLevel(level);
        capture.logger.setAdditive(false);
        capture.events.start();
        capture.logger.addAppender(capture.events);
        return capture;
    }

    List<ILoggingEvent> events() {
        return events.list;
    }

    ILoggingEvent only() {
        if (events.list.size() != 1) {
            throw new AssertionError("expected one log event, got " + events.list);
        }
        return events.list.get(0);
    }

    List<ILoggingEvent> errors() {
        return events.list.stream()
                .filter(event -> event.getLevel() == Level.ERROR)
                .toList();
    }

    /** {@return the stack trace as the console would show it; empty if there is none} */
    static String trace(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        return thrown == null ? "" : ThrowableProxyUtil.asString(thrown);
    }

    @Override
    public void close() {
        logger.detachAppender(events);
        logger.setAdditive(true);
        logger.setLevel(null);
    }
}
