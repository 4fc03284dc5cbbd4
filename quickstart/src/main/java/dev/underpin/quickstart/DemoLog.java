package dev.underpin.quickstart;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Keeps the log of the demo, which would otherwise be printed in the middle of it. */
final class DemoLog implements AutoCloseable {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final ConsoleAppender<ILoggingEvent> console;
    private final OutputStreamAppender<ILoggingEvent> memory = new OutputStreamAppender<>();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    private DemoLog(ConsoleAppender<ILoggingEvent> console) {
        this.console = console;
    }

    /** {@return a log that is kept, instead of the one on the console, until it is closed} */
    static DemoLog instead() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        var log = new DemoLog((ConsoleAppender<ILoggingEvent>) root.getAppender("json"));
        log.memory.setContext(root.getLoggerContext());
        log.memory.setEncoder(log.console.getEncoder());
        log.memory.setOutputStream(log.lines);
        log.memory.start();
        root.addAppender(log.memory);
        root.detachAppender(log.console);
        return log;
    }

    /** {@return the first line that has all of these} */
    Optional<String> find(String... parts) {
        return lines.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> Arrays.stream(parts).allMatch(line::contains))
                .findFirst();
    }

    @Override
    public void close() {
        root.addAppender(console);
        root.detachAppender(memory);
    }
}
