package io.engagementwebhooks.operate.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.function.Supplier;
import org.slf4j.Marker;

/**
 * Drops libraries' log lines below ERROR about a scratch context, or the start of a Kamelet, on its thread: they read as if the product started
 * and stopped. Thread-safe.
 */
public final class ScratchContextFilter extends TurboFilter {

    private static final ThreadLocal<Boolean> MUTED = new ThreadLocal<>();

    private ScratchContextFilter() {}

    /** Runs work on a scratch context without its log lines. */
    public static <T> T without(Supplier<T> work) {
        TurboFilters.add(ScratchContextFilter.class, ScratchContextFilter::new);
        MUTED.set(true);
        try {
            return work.get();
        } finally {
            MUTED.remove();
        }
    }

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String message, Object[] values, Throwable thrown) {
        return MUTED.get() != null && !level.isGreaterOrEqual(Level.ERROR) && !Loggers.isOurs(logger)
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }
}
