package dev.underpin.persistence;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What a class logs, by a real logging library, while this is open. */
final class LogCapture implements AutoCloseable {
    private final Logger logger;
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();

    private LogCapture(Logger logger) {
        this.logger = logger;
    }

    static LogCapture of(Class<?> type) {
        var capture = new LogCapture((Logger) LoggerFactory.getLogger(type));
        capture.logger.setLevel(Level.TRACE);
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

    @Override
    public void close() {
        logger.detachAppender(events);
        logger.setAdditive(true);
        logger.setLevel(null);
    }
}
