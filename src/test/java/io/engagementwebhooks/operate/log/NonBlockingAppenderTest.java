package io.engagementwebhooks.operate.log;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NonBlockingAppenderTest {

    private static final int LINES = 50;

    private final LoggerContext context = new LoggerContext();
    private final NonBlockingAppender appender = new NonBlockingAppender();
    private final Terminal terminal = new Terminal();
    private final Logger log = context.getLogger("webhooks.delivery");

    /** Writes nothing until it is released. */
    private static final class Terminal extends AppenderBase<ILoggingEvent> {

        private final CountDownLatch released = new CountDownLatch(1);
        private final List<String> lines = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            try {
                released.await();
                lines.add(event.getFormattedMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @BeforeEach
    void start() {
        context.setMDCAdapter(new LogbackMDCAdapter());
        terminal.setContext(context);
        terminal.start();
        appender.setContext(context);
        appender.setQueueSize(8);
        appender.setDiscardingThreshold(2);
        appender.addAppender(terminal);
        appender.start();
        log.addAppender(appender);
    }

    @AfterEach
    void stop() {
        terminal.released.countDown();
        context.stop();
    }

    @Test
    void a_terminal_that_blocks_delays_no_thread_keeps_a_warning_and_is_reported() {
        for (int i = 0; i < LINES; i++) {
            log.info("attempt");
        }
        log.warn("warning");
        terminal.released.countDown();
        await().until(() -> terminal.lines.contains("warning"));
        await().until(() -> appender.getNumberOfElementsInQueue() == 0);

        log.info("last");

        await().until(() -> terminal.lines.contains("last"));
        long written = terminal.lines.stream().filter("attempt"::equals).count();
        assertTrue(written < LINES);
        long dropped = terminal.lines.stream()
                .filter(line -> line.startsWith("log.lines-dropped count="))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
        assertEquals(LINES - written, dropped);
    }
}
