package io.engagementwebhooks.secrets;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** Every logger at TRACE, with the whole chain of each exception; as it was before once it is closed. */
final class LogOfEverything extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Map<Logger, Level> levels = new LinkedHashMap<>();
    private final List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
    private final Map<String, StringBuilder> texts = new LinkedHashMap<>();

    LogOfEverything() {
        for (Iterator<Appender<ILoggingEvent>> all = root.iteratorForAppenders(); all.hasNext(); ) {
            appenders.add(all.next());
        }
        appenders.forEach(root::detachAppender);
        for (Logger logger : context.getLoggerList()) {
            levels.put(logger, logger.getLevel());
            if (logger != root) {
                logger.setLevel(null);
            }
        }
        root.setLevel(Level.TRACE);
        setContext(context);
        start();
        root.addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
        StringBuilder line = new StringBuilder()
                .append(event.getLevel())
                .append(' ')
                .append(event.getThreadName())
                .append(' ')
                .append(event.getFormattedMessage())
                .append(' ')
                .append(event.getMDCPropertyMap())
                .append('\n');
        if (event.getThrowableProxy() instanceof ThrowableProxy proxy) {
            line.append(ThrowableProxyUtil.asString(proxy))
                    .append(proxy.getThrowable())
                    .append('\n');
        }
        synchronized (texts) {
            texts.computeIfAbsent(event.getLoggerName(), name -> new StringBuilder())
                    .append(line);
        }
    }

    void writeTo(Emitted emitted) {
        synchronized (texts) {
            texts.forEach((logger, text) -> emitted.add("log of " + logger, text.toString()));
        }
    }

    @Override
    public void close() {
        root.detachAppender(this);
        for (Logger logger : context.getLoggerList()) {
            logger.setLevel(levels.get(logger));
        }
        root.setLevel(levels.get(root));
        appenders.forEach(root::addAppender);
    }
}
