package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Passes lines to its appender by a thread. It never blocks: a line may come from the store's writer or from an event loop,
 * which serve all accounts. Where standard output is slower than the log, lines up to INFO are dropped once fewer than
 * {@code discardingThreshold} fit in the queue, others once it is full; then the number of dropped lines is logged.
 * Thread-safe.
 */
public final class NonBlockingAppender extends AsyncAppender {

    private final AtomicLong dropped = new AtomicLong();

    public NonBlockingAppender() {
        setNeverBlock(true);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (dropped.get() > 0 && getRemainingCapacity() > getQueueSize() / 2) {
            reportDropped();
        }
        super.append(event);
    }

    private void reportDropped() {
        long count = dropped.getAndSet(0);
        if (count > 0) {
            super.append(new LoggingEvent(
                    NonBlockingAppender.class.getName(),
                    ((LoggerContext) getContext()).getLogger(NonBlockingAppender.class),
                    Level.WARN,
                    "log.lines-dropped count={}: standard output is slower than the log",
                    null,
                    new Object[] {count}));
        }
    }

    /** Is called only where fewer lines than the threshold fit. */
    @Override
    protected boolean isDiscardable(ILoggingEvent event) {
        boolean isDropped = super.isDiscardable(event) || getRemainingCapacity() == 0;
        if (isDropped) {
            dropped.incrementAndGet();
        }
        return isDropped;
    }
}
