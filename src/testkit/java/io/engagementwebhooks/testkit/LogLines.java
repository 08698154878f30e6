package io.engagementwebhooks.testkit;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Collects the lines that a logger and the loggers below it write, until it is closed. Thread-safe. */
public final class LogLines implements AutoCloseable {

    private final Logger logger;
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
        @Override
        protected void append(ILoggingEvent event) {
            // notes the thread, which is otherwise that of the first reader
            event.prepareForDeferredProcessing();
            super.append(event);
        }
    };

    public LogLines(Class<?> logger) {
        this(logger.getName());
    }

    public LogLines(String logger) {
        this.logger = (Logger) LoggerFactory.getLogger(logger);
        appender.list = new CopyOnWriteArrayList<>();
        appender.start();
        this.logger.addAppender(appender);
    }

    /** The lines so far, with level, thread and exception. */
    public List<ILoggingEvent> events() {
        return List.copyOf(appender.list);
    }

    /** The messages so far. */
    public List<String> texts() {
        return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Override
    public void close() {
        logger.detachAppender(appender);
    }
}
